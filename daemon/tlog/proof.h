/*
 * Proofs that an entry stands in the log (C2SP tlog-proof): one text with all
 * that is needed to check it offline, but the keys.
 *
 *   c2sp.org/tlog-proof@v1
 *   extra base64(...)             what the application adds; proves nothing itself. May be missing
 *   index N
 *   base64(HASH)                  one line each, the leaf's sibling first
 *   (empty line)
 *   the checkpoint with its signatures and cosignatures
 */
#ifndef TIPLINE_TLOG_PROOF_H
#define TIPLINE_TLOG_PROOF_H

#include "daemon/tlog/quorum.h"

#define PROOF_EXTRA_MAX 16384      /* bytes behind the base 64 */
#define PROOF_BYTES_MAX (NOTE_BYTES_MAX + ((size_t)1 << 16))

struct proof {
	struct span extra;         /* the bytes; empty: none */
	uint64_t index;
	struct tree_proof path;
	struct span checkpoint;    /* the signed note */
};

/* Appends the text. */
void proof_write(const struct proof *proof, struct buf *out);

/* The form alone. `extra` lies in the arena, the checkpoint is borrowed. */
bool proof_parse(struct span text, struct arena *arena, struct proof *proof);

enum proof_verdict {
	PROOF_HOLDS,
	PROOF_PATH,          /* checkpoint believed, but the entry is not at that place of it */
	PROOF_QUORUM,        /* as PROOF_HOLDS, but too few witnesses have cosigned */
	PROOF_CHECKPOINT,    /* the checkpoint is not to be believed: finding->verdict tells why */
};

/* Holds proof and entry (merkle_leaf() of its bytes) against what the quorum file believes. */
enum proof_verdict proof_verify(const struct proof *proof, const struct merkle_hash *leaf, const struct quorum *quorum,
				struct quorum_finding *finding) __attribute__((warn_unused_result));

#endif
