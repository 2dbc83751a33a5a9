/*
 * What changes in the queues: one look for all who wait.
 *
 * Flows that wait for a change name the shards they care for. While there are
 * any, the watch looks at those shards, at most once a second: at the number of
 * the last event first, and at the figures of the queues only where that moved.
 * While nobody waits it does nothing. It sees what every process does, as it
 * looks at the store alone.
 *
 * Each change of a region's figures gets the next number. Numbers say nothing
 * to another watch: `life` tells them apart.
 */
#ifndef TIPLINE_HANDLERS_BUREAU_WATCH_H
#define TIPLINE_HANDLERS_BUREAU_WATCH_H

#include "daemon/loop/flow.h"
#include "handlers/bureau/rights.h"

#define WATCH_PERIOD_MS 1000
#define WATCHERS_MAX 4096

struct watch;

/* The store outlives it. */
struct watch *watch_new(struct loop *loop, struct store *store);

/* Flows that wait are not resumed any more. */
void watch_free(struct watch *watch);

/* Drawn at random. */
uint64_t watch_life(const struct watch *watch);

/* The number of the last change. */
uint64_t watch_number(const struct watch *watch);

/* All of these shards were looked at before: from now on no change of them is missed. */
bool watch_knows(const struct watch *watch, const struct shard_list *shards);

/* The flow is resumed, once, after the next look at these shards. False: too many wait. */
bool watch_wait(struct watch *watch, const struct shard_list *shards, struct flow_ref flow);

/*
 * Tells the regions within `region` that changed behind number `after`, in no order, a region of
 * several shards for each of them. Returns how many.
 */
size_t watch_changed(const struct watch *watch, struct span region, uint64_t after,
		     void (*tell)(void *ctx, const char region[7]), void *ctx);

/* The same of all regions that ever had a tip, changed or not. */
size_t watch_all(const struct watch *watch, struct span region, void (*tell)(void *ctx, const char region[7]), void *ctx);

/* Looks so far, for tests and figures. */
uint64_t watch_looks(const struct watch *watch);

#endif
