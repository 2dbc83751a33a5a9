/*
 * Puts the digest of each channel into the outbox when its time has come: once a
 * day, whoever restarts and however many processes there are.
 *
 * The outbox takes one intent under the mark of channel and day (STORE_OUTBOX_PUT),
 * so two that count at the same time put one. That it was put is remembered
 * (STORE_MEMO_PUT), so that nobody counts for nothing. A process that was down then
 * does it when it comes back, up to twelve hours later.
 *
 * What happened is counted from the journals, from the day before at that time on;
 * what is open is counted as it is now.
 */
#ifndef TIPLINE_HANDLERS_NOTIFY_DIGESTER_H
#define TIPLINE_HANDLERS_NOTIFY_DIGESTER_H

#include "daemon/core/tip/seal.h"
#include "daemon/store/store.h"
#include "handlers/notify/notice.h"

#define DIGESTER_ROWS_MAX 1000u   /* tips of one shard that nobody opened, or that are overdue: more are not counted */

struct digester;

struct digester_env {
	struct loop *loop;
	struct store *store;
	const struct seal_key *key;       /* the courier's */
	const struct clock_limits *limits;
	const struct notice_channel *channels;
	size_t nchannels;
	const char (*shards)[3];
	size_t nshards;
	void (*written)(void *ctx, struct span shard);   /* one was put; may be NULL */
	void *ctx;
	unsigned period_ms;               /* 0: five seconds */
	int64_t (*wall_ms)(void);         /* NULL: clock_wall_ms */
};

/* All that `env` points at outlives it. */
struct digester *digester_new(const struct digester_env *env);
void digester_free(struct digester *digester);

struct digester_figures {
	uint64_t put;        /* digests put since the start */
	uint64_t there;      /* ...that another process or an earlier one had put */
};

const struct digester_figures *digester_figures(const struct digester *digester);

/* New settings after a reload. */
void digester_set_channels(struct digester *digester, const struct notice_channel *channels, size_t n);

#endif
