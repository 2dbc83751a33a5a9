/*
 * What one channel is still to hear of: counts, so that a flood of tips is one
 * notice and not a flood of notices.
 *
 * Kept sealed in the store under a mark of the channel (STORE_MEMO_PUT), and
 * written by compare-and-set, so that all processes share it. It knows how far
 * each journal is counted: an event counts once, whoever reads it again. What
 * goes out is frozen under a number first and put into the outbox under that
 * number: whoever comes after a crash puts the same, once. Pure.
 */
#ifndef TIPLINE_HANDLERS_NOTIFY_NOTICE_TALLY_H
#define TIPLINE_HANDLERS_NOTIFY_NOTICE_TALLY_H

#include "daemon/core/tip/seal.h"
#include "handlers/notify/notice.h"

#define TALLY_KEEP_S (30 * 86400u)
#define TALLY_SHARDS_MAX 64

struct notice_tally {
	uint64_t number;               /* of what was frozen last */
	int64_t frozen_ms;             /* ...and when */
	struct notice outgoing;        /* region empty: nothing */
	struct notice pending;         /* likewise */
	struct {
		char shard[3];
		uint64_t upto;         /* its events are counted as far */
	} journals[TALLY_SHARDS_MAX];
	size_t njournals;
};

/* Counts a notice of that event; false: it was counted before. */
bool notice_tally_add(struct notice_tally *tally, const char shard[3], uint64_t event, const struct notice *notice);

/* What is pending becomes outgoing, when nothing is and the pause is over; false: it does not. */
bool notice_tally_freeze(struct notice_tally *tally, int64_t now_ms, int64_t pause_ms);

void notice_tally_seal(const struct seal_key *key, const struct notice_tally *tally, struct buf *out);
/* Empty bytes are an empty tally; false: not such bytes, or another key's. */
bool notice_tally_open(const struct seal_key *key, struct span sealed, struct notice_tally *out);

#endif
