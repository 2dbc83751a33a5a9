/*
 * What the files of the courier share; nobody else includes it.
 *
 *   courier.c            rounds and errands
 *   courier_end.c        how an errand ends, or waits
 *   courier_sms.c        a message to a telephone: its course, part by part
 *   courier_record.c     what is known of it, written before and after each part
 *   courier_way.c        connectors, and which one is next
 *   courier_submit.c     one part to a gateway or link, and its answer
 *   courier_report.c     word of a message to the journal of its tip
 *   courier_notice.c     a notice to a bureau: when, by its webhook, how it ends
 *   courier_mail.c       ...by mail
 *   courier_transfer.c   a tip to its new shard
 *   courier_child.c      a child to its parent's shard
 *   courier_verified.c   a verified tip to the money journal
 */
#ifndef TIPLINE_HANDLERS_NOTIFY_COURIER_INSIDE_H
#define TIPLINE_HANDLERS_NOTIFY_COURIER_INSIDE_H

#include "daemon/store/store.h"
#include "handlers/notify/child_errand.h"
#include "handlers/intake/gateway.h"
#include "handlers/notify/courier.h"

#define ITEM_ID_MAX 64
#define COURIER_BACKOFF_LAST_MS 600000u
#define CONNECTORS_MAX 48       /* gateways and links, and those that were */

struct errand;

enum errand_stage {
	ERRAND_WAITING,  /* behind the first eight */
	ERRAND_CARRIED,  /* on the wire */
	ERRAND_TELLING,  /* the store is being told */
	ERRAND_UNTOLD,   /* the store could not be told: again on the next tick, without sending */
	ERRAND_UNWRITTEN, /* a record of it could not be written: again on the next tick */
};

/* One connector, as long as the courier lives: its rate and breaker outlast a reload. */
struct connector {
	char name[SENDING_CONNECTOR_MAX + 1];
	struct connector_gate gate;
	uint64_t ends[SENDING_STATES];
	uint64_t shut;
};

/* A connector that can send now, as configured. */
struct way {
	struct connector *connector;
	const struct gateway_config *config;   /* of a gateway, else it is a link */
	const struct gateway *gateway;
};

/* A message that is being sent; in the errand's arena. */
struct parcel {
	struct sending sending;         /* as it is to be */
	struct sending known;           /* as the store has it */
	unsigned char mark[16];         /* of the record in the store */
	struct span was;                /* its bytes there; empty: none */
	struct span bytes;              /* to be written */
	struct span normal;             /* the connector's id of the part just sent; empty: none */
	struct span alias_was;
	struct sms_split split;
	unsigned part;                  /* that is on its way */
	struct span our_id;             /* of that */
	struct sms_request request;     /* of a gateway */
	bool tried[CONNECTORS_MAX];     /* connectors that did not take it, this time */
	bool early;                     /* its delivery report came before its answer */
	const char *why;                /* it is given up */
	void (*then)(struct errand *errand);   /* when the bytes are written */
	void (*again)(struct errand *errand);  /* ERRAND_UNWRITTEN */
};

struct errand {
	struct errand *next;
	struct courier *courier;
	struct arena arena;
	enum errand_stage stage;
	char shard[3];
	char id[ITEM_ID_MAX];
	unsigned attempts;
	struct outbox_item item;
	struct parcel *parcel;           /* of an SMS; NULL: not looked at yet */
	uint64_t wait_until_ms;          /* ERRAND_WAITING: not before, on the loop's clock */
	struct child_errand child;
	enum outbox_end end;
	unsigned delay_ms;
	struct span event;
	struct span why;                 /* of what is given up; it becomes a dead letter */
};

/* Of a channel that was told something of late. */
struct channel_pause {
	char channel[33];
	uint64_t until_ms;      /* on the loop's clock */
};

struct courier {
	struct courier_env env;
	struct loop_timer *timer;
	struct round *rounds;
	struct errand *errands;  /* in order of arrival */
	size_t turn;             /* the shard that is asked first next time */
	size_t outstanding;      /* answers still to come */
	bool kicked;
	bool leaving;
	struct loop_timer *wake;     /* the rate of a connector allows the next message; NULL: none */
	uint64_t wake_ms;
	struct connector connectors[CONNECTORS_MAX];
	size_t nconnectors;
	struct channel_pause pauses[NOTICE_CHANNELS_MAX];
	struct courier_figures figures;
};

/* --- courier.c ----------------------------------------------------------------------- */

/* First in every answer; false: the courier is gone or going, touch nothing. */
bool courier_answered(struct courier *courier);
int64_t courier_wall_ms(const struct courier *courier);
/* Starts what waits, as far as there is room. Nothing ends an errand within this call. */
void courier_carry_on(struct courier *courier);
/* The errand is over; its memory goes. */
void courier_drop(struct courier *courier, struct errand *errand);

/* --- courier_end.c --------------------------------------------------------------------- */

/* The errand ends as errand->end and errand->event say. */
void courier_tell(struct errand *errand);
/* It is tried again after a while. */
void courier_later(struct errand *errand);
/* The same after so long, and no failure: it does not count. */
void courier_after(struct errand *errand, uint64_t delay_ms);
/* Taken up again by courier_carry_sms() when that time has come. */
void courier_wait(struct errand *errand, uint64_t wait_ms);

/* --- courier_way.c -------------------------------------------------------------------- */

/* False: no such connector, or it sends nothing. */
bool courier_way(struct courier *courier, struct span name, struct way *way);

enum way_next {
	WAY_GO,        /* *way; counted at its gate */
	WAY_WAIT,      /* too fast: after *wait_ms */
	WAY_NONE,      /* nobody takes it now */
	WAY_UNFIT,     /* there are some, and the text fits none of them */
};

/* The next connector for the message; fit() says whether the text can go there, and makes it ready. */
enum way_next courier_way_next(struct errand *errand, bool (*fit)(struct errand *errand, const struct way *way),
			       struct way *way, uint64_t *wait_ms);

void courier_way_ended(struct errand *errand, enum sending_state end, bool answered);

/* --- courier_submit.c ----------------------------------------------------------------- */

/* The text as parts for that connector, if it can take it. */
bool courier_fit(struct errand *errand, const struct way *way);
/* Sends parcel->part; courier_submitted() follows, not within this call. */
void courier_submit(struct errand *errand);

/* --- courier_sms.c --------------------------------------------------------------------- */

/* How that part ended; `id` is the connector's, or empty. */
void courier_submitted(struct errand *errand, enum sms_outcome outcome, struct span id);

/* --- courier_record.c -------------------------------------------------------------------- */

/* Reads the record, or begins one; then goes on. */
void courier_record_read(struct errand *errand, void (*then)(struct errand *errand));
/* Writes it; what reports said meanwhile is kept. */
void courier_record_write(struct errand *errand, void (*then)(struct errand *errand));
/* The connector's id leads to the part from now on; takes in a report that came first. */
void courier_record_alias(struct errand *errand, struct span id, void (*then)(struct errand *errand));
/* Tells the tip's journal what an early report said; needs no answer but for the memory of it. */
void courier_record_told(struct errand *errand, void (*then)(struct errand *errand));

/* --- courier_notice.c ---------------------------------------------------------------------- */

void courier_notice_taken(struct errand *errand);
/* A dead letter; `why` is one word. */
void courier_notice_given_up(struct errand *errand, const char *why);
/* Nobody got it: its channel needs no pause. The errand goes on. */
void courier_notice_not_sent(struct errand *errand);

/* --- courier_mail.c ------------------------------------------------------------------------ */

/* `id`: the notice's, the same each time. */
void courier_carry_mail(struct errand *errand, const struct notice_channel *channel, struct span id);

/* --- one file each: begins the errand, which does not end within this call -------------- */

void courier_carry_sms(struct errand *errand);
void courier_carry_transfer(struct errand *errand);
void courier_carry_child(struct errand *errand);
void courier_carry_verified(struct errand *errand);
void courier_carry_report(struct errand *errand);
void courier_carry_notice(struct errand *errand);

#endif
