/*
 * A store on a loop, asked from straight-line test code.
 */
#ifndef TIPLINE_TESTS_STORE_RIG_H
#define TIPLINE_TESTS_STORE_RIG_H

#include "daemon/base/buf.h"
#include "daemon/store/store.h"
#include "tests/support/private_redis.h"

struct loop;

struct store_rig {
	struct loop *loop;
	struct store *store;
	struct arena arena; /* of the last reply */
	struct store_reply reply;
	bool answered;
	bool memory;
	struct private_redis redis;
};

/* A store in memory, or a private redis-server with an empty store. */
void store_rig_open(struct store_rig *rig, bool memory);
void store_rig_close(struct store_rig *rig);

/* Runs the loop until the store is up or not; aborts after ten seconds. */
void store_rig_await(struct store_rig *rig, bool up);

/* Submits and runs the loop until the answer is there; it lives until the next call. */
const struct store_reply *store_rig_ask(struct store_rig *rig, const struct store_request *request);

/* Lets the store's clock go on by at least so much. */
void store_rig_advance(struct store_rig *rig, unsigned ms);

/* A reply as text, without what depends on the clock: for comparing two stores. */
void store_reply_text(const struct store_reply *reply, struct buf *out);

/* JSON of an event with the numbers behind "at" and "until" as 0. */
void store_event_text(struct span json, struct buf *out);

#endif
