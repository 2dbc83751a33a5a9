/*
 * What a witness decides (C2SP tlog-witness, add-checkpoint): may this
 * checkpoint be cosigned, given the newest one that was cosigned before?
 *
 *   old SIZE
 *   base64(HASH)           consistency proof from SIZE, a line each
 *   (empty line)
 *   the signed checkpoint
 *
 * Who asks saves the new head before the cosignature leaves the house, and
 * asks for one log after the other; then no two trees of one size are ever
 * cosigned.
 */
#ifndef TIPLINE_TLOG_COSIGN_H
#define TIPLINE_TLOG_COSIGN_H

#include "daemon/tlog/quorum.h"

#define COSIGN_PROOF_MAX 63
#define COSIGN_BYTES_MAX (NOTE_BYTES_MAX + 4096)

struct cosign_request {
	uint64_t old;
	struct tree_proof proof;
	struct note note;                 /* borrows from the request */
	struct checkpoint checkpoint;
};

/* The form alone. */
bool cosign_parse(struct span bytes, struct cosign_request *request);

enum cosign_verdict {
	COSIGN_MALFORMED,     /* 400: no request, or the old size is above the new one */
	COSIGN_UNKNOWN,       /* 404: a log that this witness does not know */
	COSIGN_UNSIGNED,      /* 403: no known key of the log has signed, or a signature is forged */
	COSIGN_OTHER_SIZE,    /* 409: the newest cosigned size is another one */
	COSIGN_OTHER_ROOT,    /* 409: the same size with another root: the log has forked */
	COSIGN_PROOF,         /* 422: the proof does not show that the log only grew */
	COSIGN_SIGN,          /* save, then sign */
};

/* True when a key of the quorum file's logs has that name. */
bool cosign_knows(const struct quorum *known, struct span origin);

/* `head` is the newest one cosigned for that origin; with size 0, whatever its root, there is none. */
enum cosign_verdict cosign_judge(const struct cosign_request *request, const struct quorum *known,
				 const struct tree_head *head) __attribute__((warn_unused_result));

#endif
