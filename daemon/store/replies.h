/*
 * From Redis' replies to a struct store_reply.
 *
 * Every reply is checked for its shape; what comes from a server that is not
 * ours must not break the process (tests/fuzz/fuzz_redis_reply.c).
 */
#ifndef TIPLINE_STORE_REPLIES_H
#define TIPLINE_STORE_REPLIES_H

#include "daemon/store/store.h"

struct redisReply;

/* What a decoder must still know of the request when the answer comes. */
struct reply_expected {
	enum store_op op;
	size_t ntips;                                      /* ACCEPT, RECEIVE */
	struct tip_id id;                                  /* LINK */
	unsigned char (*key_ids)[STORE_DATA_KEY_ID_BYTES]; /* DATA_KEYS */
	size_t nkey_ids;
};

/* Takes what is needed of a request; copies into the arena. */
void reply_expect(const struct store_request *request, struct arena *arena, struct reply_expected *out);

/*
 * Decodes reply number `part` (from 0; HEALTH has two) into *out, whose parts
 * live in the arena. False: not the shape that this operation answers with.
 */
bool reply_decode(const struct reply_expected *expected, size_t part, const struct redisReply *reply,
		  struct arena *arena, struct store_reply *out);

/* A deep copy of a reply into another arena. */
void reply_copy(const struct store_reply *reply, struct arena *arena, struct store_reply *out);

#endif
