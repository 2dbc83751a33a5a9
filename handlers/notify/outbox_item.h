/*
 * What waits in the outbox: an SMS to be sent, a tip on its way to another
 * shard, a tip in another shard to be told of a child that it gets or loses, a
 * verified tip that the money journal is to know, or what became of a message, or
 * a notice to a bureau.
 * Written in one transaction with its cause, carried out by the courier.
 *
 * Numbers and texts stand in it, so the whole item is sealed under the
 * courier's key before the store sees it.
 */
#ifndef TIPLINE_HANDLERS_NOTIFY_OUTBOX_ITEM_H
#define TIPLINE_HANDLERS_NOTIFY_OUTBOX_ITEM_H

#include "daemon/core/tip/seal.h"
#include "daemon/store/store.h"
#include "handlers/notify/notice.h"

enum outbox_kind {
	OUTBOX_SMS = 1,
	OUTBOX_TRANSFER = 2,
	OUTBOX_CHILD = 3,
	OUTBOX_VERIFIED = 4,
	OUTBOX_REPORT = 5,
	OUTBOX_NOTICE = 6,
};

struct outbox_sms {
	struct tip_id tip;       /* what it is about; its event goes into that tip's journal. Text empty: no tip, no event */
	struct span gateway;     /* name of the configured gateway */
	struct span to;          /* "+8613800138000" */
	struct span text;        /* UTF-8; long ones go in parts */
	int64_t expires_ms;      /* Unix time after which it is not sent any more */
	int64_t not_before_ms;   /* ...and before which it is not sent yet (quiet hours); 0: at once */
};

/* What became of a message that was sent about a tip: an event of its journal, and nothing else. */
struct outbox_report {
	struct tip_id tip;
	struct span connector;
	bool delivered;          /* else: undelivered */
};

/*
 * The second half of a transfer between shards. `tip` is what STORE_RECEIVE
 * gets: id in the new shard, receipt mark, region, points, received_ms, event,
 * fingerprint, commitment, seed (masked for the new id), sealed, identity, data
 * key, parent and context. Its
 * request mark, answer and outbox are not carried.
 */
struct outbox_transfer {
	struct tip_id from;
	struct store_tip tip;
	const struct span *messages;
	size_t nmessages;
};

/*
 * A tip of this shard hangs under one of another shard, or no longer does. When
 * it is carried out the tip's own shard is asked again how it is by then.
 */
struct outbox_child {
	struct tip_id child;
	int64_t received_ms;     /* of the child */
	struct tip_id parent;
	bool joined;
	int64_t at_ms;           /* of the link, for the parent's event */
	struct span by;          /* actor, or "linker" */
};

/* A tip was closed as verified: a fact of its case for rewards. */
struct outbox_verified {
	struct tip_id tip;
	uint64_t rev;            /* of the tip before the event; names it together with the id */
	int64_t received_ms;     /* the decisive time */
	char region[7];
	struct span case_id;
	struct span bands;       /* what it led to, "a+b", as policies name it; may be empty */
	struct span by;          /* who verified, by account */
};

/* A notice to one channel of a bureau. */
struct outbox_notice {
	struct span channel;
	struct notice notice;
	int64_t expires_ms;      /* Unix time after which it is not sent any more */
};

/* How telling the money journal ended. */
enum verified_end {
	VERIFIED_ASKED,          /* not yet */
	VERIFIED_RECORDED,
	VERIFIED_LATER,          /* it cannot be written now, or who verified is not registered yet */
	VERIFIED_REFUSED,
};

struct outbox_item {
	enum outbox_kind kind;
	union {
		struct outbox_sms sms;
		struct outbox_transfer transfer;
		struct outbox_child child;
		struct outbox_verified verified;
		struct outbox_report report;
		struct outbox_notice notice;
	};
};

/* Appends the encoded item, padded so that its length tells little. */
void outbox_item_encode(const struct outbox_item *item, struct buf *out);

/* False: not such an item. Spans lie in the arena. */
bool outbox_item_decode(struct span encoded, struct arena *arena, struct outbox_item *item);

/* The same, sealed: what goes into store_tip.outbox and store_change.outbox. */
void outbox_item_seal(const struct seal_key *key, const struct outbox_item *item, struct buf *out);
bool outbox_item_open(const struct seal_key *key, struct span sealed, struct arena *arena,
		      struct outbox_item *item);

/*
 * The sealed item for store_link.outbox of a SET or UNSET to another shard.
 * `child` is the STORE_LINK_CHILD or STORE_LINK_NO_CHILD that the parent is to
 * be told: `id` the parent, `other` the child, `received_ms` of the child; "at"
 * and "by" are taken from its event, which may be that of the link itself.
 */
struct span child_intent(const struct seal_key *courier_key, const struct store_link *child, struct arena *arena);

#endif
