/*
 * The signed promise that goes with every acknowledgement: "this tip was
 * received at that time and is on disk".
 *
 * The tips of one group commit are the leaves of a Merkle tree, so that one
 * Ed25519 signature serves them all. A promise carries what one tip needs to
 * be checked alone: its commitment, the time, the path and the signature.
 *
 *   leaf      = SHA-256(0x00 commitment received), received = Unix ms, 8 bytes big-endian
 *   signed    = "tipline promise v1\n" count "\n" root in hex "\n"
 *
 * It names neither tip nor text, so it may be shown to anyone.
 */
#ifndef TIPLINE_CORE_PROMISE_H
#define TIPLINE_CORE_PROMISE_H

#include "daemon/base/buf.h"
#include "daemon/core/tip/merkle.h"

#define PROMISE_VERSION 1
#define PROMISE_SIGNATURE_BYTES 64
#define PROMISE_KEY_BYTES 32
#define PROMISE_COMMITMENT_BYTES 32
#define PROMISE_TEXT_MAX 128

struct promise_leaf {
	unsigned char commitment[PROMISE_COMMITMENT_BYTES];  /* seal_commitment() */
	int64_t received_ms;
};

/* The tips of one commit. Borrows leaves and arena. */
struct promise_batch {
	const struct promise_leaf *leaves;
	struct merkle_tree tree;
	unsigned char signature[PROMISE_SIGNATURE_BYTES];   /* set by the caller, over promise_signed_text() */
	unsigned char key[PROMISE_KEY_BYTES];               /* the public key to it, likewise */
};

/* Builds the tree of at least one leaf. */
void promise_batch_make(const struct promise_leaf *leaves, size_t n, struct arena *arena,
			struct promise_batch *batch);

/* The bytes to be signed, into `text`. */
struct span promise_batch_text(const struct promise_batch *batch, char text[PROMISE_TEXT_MAX]);
struct span promise_signed_text(const struct merkle_hash *root, uint64_t count, char text[PROMISE_TEXT_MAX]);

/*
 * The promise of one tip of the signed batch as a JSON value, appended:
 * {"v":1,"leaf":COMMITMENT,"received":MS,"index":N,"count":N,"path":[HASH...],"signature":S,"key":K}
 * with bytes in base64 (RFC 4648, padded).
 */
void promise_write(const struct promise_batch *batch, size_t index, struct buf *out);

/* A promise as it was read. */
struct promise {
	struct promise_leaf leaf;
	uint64_t index, count;
	struct merkle_hash path[MERKLE_PATH_MAX];
	size_t npath;
	unsigned char signature[PROMISE_SIGNATURE_BYTES];
	unsigned char key[PROMISE_KEY_BYTES];    /* who it says signed it */
};

enum promise_verdict {
	PROMISE_HOLDS,
	PROMISE_OTHER_KEY,   /* made with another key than the one it is held against */
	PROMISE_PATH,        /* the path does not belong to that place in the tree */
	PROMISE_SIGNATURE,   /* the signature does not fit: changed, or never made */
};

/* Holds the promise against a public key that the verifier has from elsewhere. */
enum promise_verdict promise_verify(const struct promise *promise,
				    const unsigned char public_key[PROMISE_KEY_BYTES])
	__attribute__((warn_unused_result));

#endif
