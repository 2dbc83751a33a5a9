/*
 * The private Redis: started, watched, mended and ended by the daemon.
 *
 * It lives in STATE/redis, listens on a Unix socket only, and runs with the
 * settings of config/redis.conf. When it dies it is started again with
 * growing pauses; when its file has a torn end (power cut, disk full), that end
 * is kept aside, cut off with redis-check-aof, and told in the log.
 *
 * A Redis that a killed daemon left behind holds the lock STATE/redis/lock; it
 * is told to end and waited for, so that two never write one file.
 * Nothing here blocks the loop except embedded_stop().
 */
#ifndef TIPLINE_STORE_EMBEDDED_H
#define TIPLINE_STORE_EMBEDDED_H

#include "daemon/base/complaint.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct loop;
struct embedded;

struct embedded_plan {
	const char *state_dir;   /* is there, private, and locked by this process (files_open_state()) */
	/* From the loop: it answers (again), or it is gone. */
	void (*changed)(void *ctx, bool up);
	void *ctx;
};

/* Begins to start it and returns. NULL and `why` when that cannot work (directory, socket, settings). */
struct embedded *embedded_start(struct loop *loop, const struct embedded_plan *plan, struct complaint *why);

/* "unix:/PATH", for store_redis_new(); fixed from the start on. */
const char *embedded_address(const struct embedded *embedded);

/* 0 while there is no process. */
pid_t embedded_pid(const struct embedded *embedded);
bool embedded_up(const struct embedded *embedded);

/* How often it was started, and how often its file was mended. */
uint64_t embedded_starts(const struct embedded *embedded);
uint64_t embedded_mends(const struct embedded *embedded);

/* Ends it (SIGTERM, up to ten seconds, SIGKILL: what was acknowledged is on disk) and frees. Blocks. */
void embedded_stop(struct embedded *embedded);

#endif
