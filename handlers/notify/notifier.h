/*
 * Follows the journals, counts for each channel what it is to hear of
 * (notice_tally.h), and puts a notice into the outbox when the channel's pause is
 * over: the first at once, what follows within the pause as one. The courier
 * sends it (notice.h).
 *
 * One process does it for a shard: it has the shard's job lease and notes how
 * far it has come. Whoever does the same work again counts nothing twice. What
 * is older than an hour when it is read is not told: the desk has it, and a
 * first start has years.
 */
#ifndef TIPLINE_HANDLERS_NOTIFY_NOTIFIER_H
#define TIPLINE_HANDLERS_NOTIFY_NOTIFIER_H

#include "daemon/core/tip/seal.h"
#include "daemon/store/store.h"
#include "handlers/notify/notice.h"

#define NOTIFIER_LATE_MS INT64_C(3600000)

struct notifier;

struct notifier_env {
	struct loop *loop;
	struct store *store;
	const struct seal_key *key;       /* the courier's */
	const struct notice_channel *channels;
	size_t nchannels;
	const char (*shards)[3];
	size_t nshards;
	struct span holder;               /* names this process in job leases; never empty */
	void (*written)(void *ctx, struct span shard);   /* a notice was put; may be NULL */
	void *ctx;
	unsigned period_ms;               /* 0: one second */
	int64_t (*wall_ms)(void);         /* NULL: clock_wall_ms */
};

struct notifier *notifier_new(const struct notifier_env *env);
void notifier_free(struct notifier *notifier);

/* New settings after a reload. */
void notifier_set_channels(struct notifier *notifier, const struct notice_channel *channels, size_t n);

/* The channel of that number, from 0; NULL: there are no more, or no notifier. */
const struct notice_channel *notifier_channel(const struct notifier *notifier, size_t i);

/* The intent of one notice to one channel, once for each `cause`; in the arena. */
void notifier_intent(const struct seal_key *key, const struct notice_channel *channel, const struct notice *notice, struct span cause,
		     struct arena *arena, struct store_outbox_put *put);

/* Notices put since the start. */
uint64_t notifier_put(const struct notifier *notifier);

#endif
