/*
 * SMS in, from gateways over HTTP (/sms/<gateway>, /sms/<gateway>/mo and
 * /sms/<gateway>/dlr; with gateways that sign nothing the last two and the
 * secret behind them) and from links to carriers (sms_link.h).
 *
 * verify, decode, then all through one door, sms_deliver(), each message its
 * own way: a text is heard (what it is and what follows is sms_hear.h's), a
 * part goes into the store, a delivery report to what it is about. The gateway
 * gets its answer when all of it is durable; the worst end of a batch decides.
 *
 *   404  no such gateway            403  wrong secret, wrong address (or as the driver says)
 *   400  malformed (logged)         503  cannot be stored now, or too many: the gateway sends it again
 *   200  taken; what stands in it is for the driver: Kannel would text any body to the sender
 */
#ifndef TIPLINE_HANDLERS_INTAKE_SMS_H
#define TIPLINE_HANDLERS_INTAKE_SMS_H

#include "daemon/http/server.h"
#include "handlers/intake/gateway.h"
#include "handlers/intake/sms_hear.h"
#include "handlers/intake/sms_parts.h"

struct sms;

/* Where delivery reports go: `take` as deliveries_take() does, with the same `done`. NULL: they are counted alone. */
struct sms_report_door {
	void (*take)(void *ctx, struct span connector, const struct sms_message *report,
		     void (*done)(void *who, bool kept), void *who);
	void *ctx;
};

struct sms_env {
	struct loop *loop;
	struct store *store;
	struct intake *intake;
	struct week_keys *weeks;
	const struct seal_key *courier_key;  /* parts in the store */
	const struct seal_key *requests_key; /* marks of senders and messages */
	const struct gateway_config *gateways;
	size_t ngateways;
	struct sms_desk desk;        /* ask NULL: every text is a tip */
	struct sms_report_door reports;
	struct sms_policy policy;    /* of answers and memory */
	void (*outbox_written)(void *ctx, struct span shard);    /* these two as in sms_hear.h */
	void *ctx;
	unsigned parts_timeout_s;    /* 0: ten minutes */
	const char *repeats_file;    /* see sms_repeats.h; NULL: none */
	const char *wishes_file;     /* see sms_wishes.h; NULL: none */
	struct limits *limits;       /* of telephones and gateways; NULL: none */
	int64_t (*wall_ms)(void);    /* NULL: clock_wall_ms */
};

struct sms_figures {
	uint64_t heard[SMS_AS_NOTHING + 1];  /* whole texts that were taken, by what they were */
	uint64_t parts;
	uint64_t receipts[SMS_FATES];
	uint64_t ignored;            /* data, silent messages, empty texts */
	uint64_t forbidden;          /* wrong secret */
	uint64_t malformed;
	uint64_t again;              /* could not be stored, or too many at once */
};

struct sms *sms_new(const struct sms_env *env);

/* Deliveries that are open go on; memory goes with the last of them. */
void sms_free(struct sms *sms);

/* New settings after a reload; the old ones must live until the open deliveries are answered. */
void sms_set_gateways(struct sms *sms, const struct gateway_config *gateways, size_t n);

/* Who brought a batch, and takes answers to it. Texts stay valid until the batch has its end. */
struct sms_connector {
	const char *name;            /* of the gateway or link */
	const char *sender;          /* our number; may be NULL or "" */
	bool sends;                  /* answers can go out through it */
};

/* One result a message of the batch, in its order; borrowed. */
typedef void sms_delivered(void *ctx, const enum sms_result *results, size_t n);

/*
 * Takes decoded messages, whoever brought them. `done` is called once, when all
 * of it is durable or refused, perhaps within this call; batch, texts and
 * connector stay valid until then.
 */
void sms_deliver(struct sms *sms, const struct sms_connector *connector, struct sms_batch *batch,
		 sms_delivered *done, void *ctx);

/* A whole request under /sms/; leads to one reply. */
void sms_serve(struct sms *sms, struct http_exchange *exchange);

/*
 * The same without a connection, for tests and other transports. `done` is
 * called once, perhaps within this call; the request's bytes stay valid until
 * then. The reply is borrowed.
 */
void sms_take(struct sms *sms, const struct http_request *request,
	      void (*done)(void *ctx, const struct http_reply *reply), void *ctx);

const struct sms_figures *sms_figures(const struct sms *sms);
const struct sms_parts_figures *sms_parts_figures_of(const struct sms *sms);

/* What was seen of the gateway or link of that name; NULL: nothing since the start. */
struct sms_seen;
const struct sms_seen *sms_seen_of(const struct sms *sms, const char *name);

#endif
