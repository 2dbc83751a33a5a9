/*
 * POST /add-checkpoint: from the request to the answer (C2SP tlog-witness).
 * All work of one request is done in one turn of the loop, save included, so
 * requests for a log come one after the other.
 */
#ifndef TIPLINE_WITNESS_ADD_CHECKPOINT_H
#define TIPLINE_WITNESS_ADD_CHECKPOINT_H

#include "daemon/http/server.h"
#include "daemon/witness/heads.h"

struct witness {
	const struct quorum *known;
	struct heads *heads;
	struct note_signer signer;
};

/* The handler of a listener; the witness is borrowed. */
struct http_handler witness_handler(struct witness *witness);

#endif
