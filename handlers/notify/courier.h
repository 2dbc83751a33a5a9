/*
 * The courier: carries out what waits in the outbox of each shard.
 *
 * Under the shard's job lease it takes items whose time has come, opens them,
 * sends the message, delivers the tip to its new shard, tells a parent there of
 * its child (child_errand.h) or the money journal of a verified tip, and tells the store how it ended. Whatever
 * happens in between, an item ends in one of four ways:
 *
 *   sent         {"e":"sent"}         the connector took it
 *   maybe sent   {"e":"sent_maybe"}   nobody knows; it is not sent a second time
 *   given up     {"e":"send_failed","why":"refused" | "expired" | "no_template" | "too_long"}
 *   later        back-off with jitter, from 5 s to 10 min, until it expires
 *
 * A message goes through the connector it names, and when that one surely did
 * not take it, through the others of the route in their order: never after
 * "maybe", and never when a part of it has gone another way. Each connector has
 * a rate and a circuit breaker (connector_gate.h).
 *
 * A transfer is tried for ever: the tip is in no queue until it arrives. A
 * parent that is nowhere is looked for during some hours, for it may be on its
 * way; then {"e":"join_failed","why":"absent"} is what remains.
 * A verified tip is tried for a week, then given up and logged: a verifier can
 * record it by hand.
 * What is known of a message is written before each of its parts leaves
 * (sending.h). When the daemon dies between sending a part and writing its
 * answer, nobody can tell whether it left: it counts as maybe sent, the parts
 * before it are not sent again, and those behind it go on.
 */
#ifndef TIPLINE_HANDLERS_NOTIFY_COURIER_H
#define TIPLINE_HANDLERS_NOTIFY_COURIER_H

#include "daemon/core/tip/seal.h"
#include "handlers/notify/connector_gate.h"
#include "handlers/notify/outbox_item.h"
#include "handlers/notify/sending.h"

struct courier;
struct gateway_config;
struct http_client;
struct smtp_client;
struct smtp_server;
struct links;
struct loop;
struct store;

/* All pointers outlive the courier; gateways are looked up by name when an item is sent. */
struct courier_env {
	struct loop *loop;
	struct store *store;
	struct http_client *http;
	const struct seal_key *key;
	const struct gateway_config *gateways;
	size_t ngateways;
	struct links *links;         /* to carriers; NULL: none */
	const char *route;           /* "kannel, carrier": the order in which connectors stand in for one another; NULL or "": none does */
	const struct notice_channel *channels;   /* of notices to bureaus */
	size_t nchannels;
	struct smtp_client *smtp;
	const struct smtp_server *mail;          /* where mail goes out; NULL, or its address "": nowhere */
	const char (*shards)[3];     /* whose outboxes are looked after */
	size_t nshards;
	struct span holder;          /* names this process in job leases; never empty */
	/*
	 * Tells the money journal of a verified tip, as verified_carry() does; NULL:
	 * nobody keeps it here, and the item waits.
	 */
	enum verified_end (*verified)(void *ctx, const struct outbox_verified *verified,
				      void (*done)(void *errand, enum verified_end end), void *errand);
	void *ctx;
	unsigned period_ms;          /* 0: one second */
	int64_t (*wall_ms)(void);    /* NULL: clock_wall_ms */
};

struct courier_figures {
	uint64_t sent;
	uint64_t maybe;
	uint64_t refused;
	uint64_t expired;
	uint64_t later;
	uint64_t transferred;
	uint64_t joined;             /* parents told of a child that they got or lost */
	uint64_t orphaned;           /* ...that were nowhere */
	uint64_t noticed;            /* notices that a bureau took */
	uint64_t unnoticed;          /* ...that were given up */
	uint64_t mail[4];            /* calls to the mail server by enum smtp_outcome */
	uint64_t reported;           /* events of delivery reports */
	uint64_t recorded;           /* verified tips that the money journal knows */
	uint64_t unrecorded;         /* ...that it refused */
	uint64_t unreadable;         /* items that this key does not open: kept, and logged */
	size_t open;                 /* being worked on now */
};

struct courier *courier_new(const struct courier_env *env);

/* Stops; what is open is left to the next courier. Memory goes with the last answer that is outstanding. */
void courier_free(struct courier *courier);

/* Something was written to the outbox of that shard: looks now. Cheap, may be called for every tip. */
void courier_kick(struct courier *courier, struct span shard);

/* New settings after a reload; the old ones are not used any more when this returns. */
void courier_set_gateways(struct courier *courier, const struct gateway_config *gateways, size_t n);
void courier_set_route(struct courier *courier, const char *route);
void courier_set_channels(struct courier *courier, const struct notice_channel *channels, size_t n);

/* Of one connector, since the start. */
struct connector_figures {
	const char *name;
	enum gate_state gate;
	uint64_t ends[SENDING_STATES];   /* parts by how they ended: queued stands for "not taken, later" */
	uint64_t shut;                   /* times that the breaker held a message back */
};

/* Fills up to `max`; returns how many connectors were used or asked for. */
size_t courier_connectors(const struct courier *courier, struct connector_figures *figures, size_t max);

const struct courier_figures *courier_figures(const struct courier *courier);

#endif
