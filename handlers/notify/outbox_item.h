/*
 * What waits in the outbox: an SMS to be sent, or a tip on its way to another
 * shard. Written in one transaction with its cause, carried out by the courier.
 *
 * Numbers and texts stand in it, so the whole item is sealed under the
 * courier's key before the store sees it.
 */
#ifndef TIPLINE_HANDLERS_NOTIFY_OUTBOX_ITEM_H
#define TIPLINE_HANDLERS_NOTIFY_OUTBOX_ITEM_H

#include "daemon/core/seal.h"
#include "daemon/store/store.h"

enum outbox_kind {
	OUTBOX_SMS = 1,
	OUTBOX_TRANSFER = 2,
};

struct outbox_sms {
	struct tip_id tip;       /* what it is about; its event goes into that tip's journal */
	struct span gateway;     /* name of the configured gateway */
	struct span to;          /* "+8613800138000" */
	struct span text;        /* UTF-8, one part */
	int64_t expires_ms;      /* Unix time after which it is not sent any more */
};

/*
 * The second half of a transfer between shards. `tip` is what STORE_RECEIVE
 * gets: id in the new shard, receipt mark, region, points, received_ms, event,
 * fingerprint, commitment, sealed, identity and data key. Its request mark,
 * answer and outbox are not carried.
 */
struct outbox_transfer {
	struct tip_id from;
	struct store_tip tip;
	const struct span *messages;
	size_t nmessages;
};

struct outbox_item {
	enum outbox_kind kind;
	union {
		struct outbox_sms sms;
		struct outbox_transfer transfer;
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

#endif
