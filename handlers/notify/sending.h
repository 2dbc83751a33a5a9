/*
 * What is known of one text on its way to a telephone, part by part.
 *
 * It is written before a part leaves and when its answer is there, so that
 * whoever comes after a crash knows what may have gone out; delivery reports
 * find it. States only go forward: queued, sent, accepted, then delivered or
 * failed; a late "delivered" beats "failed", and nothing beats "delivered". A
 * part whose answer never came is perhaps sent, and never sent again.
 *
 * Kept sealed in the store under a keyed mark of our id for the message
 * (STORE_MEMO_PUT), for SENDING_KEEP_S. Pure.
 */
#ifndef TIPLINE_HANDLERS_NOTIFY_SENDING_H
#define TIPLINE_HANDLERS_NOTIFY_SENDING_H

#include "daemon/core/sms/message.h"
#include "daemon/core/sms/split.h"
#include "daemon/core/tip/seal.h"

#define SENDING_KEEP_S (8 * 86400u)
#define SENDING_UNKNOWN_MS INT64_C(259200000)   /* 72 h without a report: nobody knows any more */
#define SENDING_CONNECTOR_MAX 64
#define SENDING_OUR_ID_LEN 34                   /* 32 of the message, 2 of the part */

enum sending_state {
	SENDING_QUEUED,     /* surely not sent */
	SENDING_SENT,       /* handed over, no answer yet */
	SENDING_MAYBE,      /* ...and there will be none */
	SENDING_ACCEPTED,   /* the connector took it */
	SENDING_FAILED,     /* refused, or told as not delivered */
	SENDING_DELIVERED,
	SENDING_UNKNOWN,    /* of a whole text: taken long ago, and no report came */
	SENDING_STATES,
};

const char *sending_state_name(enum sending_state state);

struct sending {
	struct tip_id tip;                            /* text empty: about no tip */
	char shard[3];                                /* whose outbox it came from */
	char connector[SENDING_CONNECTOR_MAX + 1];    /* "": none yet */
	int64_t begun_ms;
	unsigned nparts;                              /* 1..SMS_PARTS_MAX */
	unsigned char part[SMS_PARTS_MAX];            /* enum sending_state */
};

/* The state after word of another one: what only goes back stays as it is. */
enum sending_state sending_forward(enum sending_state from, enum sending_state to);

/* What a delivery report makes of a part; SENDING_QUEUED: nothing. */
enum sending_state sending_of_fate(enum sms_fate fate);

/* Of all its parts: failed when one is, delivered when all are, else the least that is known. */
enum sending_state sending_whole(const struct sending *sending, int64_t now_ms);

/* Some part has left, or may have: all the others go the same way. */
bool sending_begun(const struct sending *sending);

/* The first part that is still queued; nparts: none. */
unsigned sending_next(const struct sending *sending);

/* After a crash: what was handed over without an answer is perhaps sent. */
void sending_settle(struct sending *sending);

/* Sealed bytes; equal records give equal bytes. */
void sending_seal(const struct seal_key *key, const struct sending *sending, struct buf *out);
/* False: not such a record, or another key's. */
bool sending_open(const struct seal_key *key, struct span sealed, struct sending *out);

/* --- names -------------------------------------------------------------------------- */

/* Our id of a part, in delivery reports: a mark, so that a gateway's log does not join number and tip. */
struct span sending_our_id(const struct seal_key *key, struct span shard, struct span item, unsigned part, struct arena *arena);

/* The record's mark and the part (from 0) that our id names; false: it is none. */
bool sending_mark_of_ours(const struct seal_key *key, struct span our_id, unsigned char mark[16], unsigned *part);

/* The mark under which the carrier's id, in normal form (core/sms/report_id.h), leads to the record. */
void sending_mark_of_theirs(const struct seal_key *key, struct span connector, struct span normal, unsigned char mark[16]);

/*
 * What stands under that mark: the part that it names, or, when its report
 * came first, what the report said.
 */
struct sending_alias {
	bool early;                     /* a report that came first */
	enum sending_state state;       /* early: what it said */
	char our_id[SENDING_OUR_ID_LEN + 1];  /* else */
};

void sending_alias_seal(const struct seal_key *key, const struct sending_alias *alias, struct buf *out);
bool sending_alias_open(const struct seal_key *key, struct span sealed, struct sending_alias *out);

#endif
