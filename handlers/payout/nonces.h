/*
 * Nonces of signed callbacks, for as long as their signature would pass.
 *
 * Of one process; a repetition that another process takes is caught by the id
 * of the event in the journal. When the table is full of nonces that still
 * count, nothing more is let in: the sender tries again.
 */
#ifndef TIPLINE_HANDLERS_PAYOUT_NONCES_H
#define TIPLINE_HANDLERS_PAYOUT_NONCES_H

#include "daemon/base/span.h"

#define NONCES_KEEP_MS 600000   /* twice the skew that a signature may have */

struct nonces;

/* Room for `size` nonces within ten minutes. `key` makes the places unguessable; copied. */
struct nonces *nonces_new(size_t size, const unsigned char key[16]);
void nonces_free(struct nonces *nonces);

enum nonces_answer {
	NONCES_NEW,    /* noted */
	NONCES_SEEN,   /* a repetition */
	NONCES_FULL,   /* cannot tell; refuse */
};

/* `who` (the rail) has nonces of its own. */
enum nonces_answer nonces_take(struct nonces *nonces, struct span who, struct span nonce, int64_t now_ms);

/* Gives one back whose event the journal could not take: the provider sends the very same again. */
void nonces_drop(struct nonces *nonces, struct span who, struct span nonce);

#endif
