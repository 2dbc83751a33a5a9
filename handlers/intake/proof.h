/*
 * Proof of work for the web form, as values: a challenge, and what answers it.
 *
 * A challenge says when it was made and how much work it asks, and is bound to
 * the network of whom it was made for; the house keeps nothing of it. It is
 * answered by a number under whose hash so many leading bits are zero, or by
 * nothing but time: when it is old enough it is as good. So nobody without
 * scripts stands before a wall.
 *
 *   challenge   "1-<seconds, 16 hex>-<bits, 2 hex>-<random, 16 hex>-<mac, 32 hex>"
 *   solution    decimal digits: SHA-256("<mac>:<digits>") begins with that many zero bits
 */
#ifndef TIPLINE_HANDLERS_INTAKE_PROOF_H
#define TIPLINE_HANDLERS_INTAKE_PROOF_H

#include "daemon/base/span.h"

#include <stdbool.h>
#include <stdint.h>

#define PROOF_KEY_BYTES 32
#define PROOF_NAME_BYTES 16
#define PROOF_TEXT_BYTES 71          /* without a terminator */
#define PROOF_SOLUTION_MAX 12
#define PROOF_BITS_MAX 32

struct proof_challenge {
	uint64_t at_s;                       /* steady seconds */
	unsigned bits;
	unsigned char salt[8];
	unsigned char name[PROOF_NAME_BYTES];   /* the mac: names it once and for all */
};

struct proof_rule {
	unsigned wait_s;     /* so old it needs no solution */
	unsigned keep_s;     /* so old it is good no more */
};

enum proof_verdict {
	PROOF_DONE,          /* the work was done, or the wait is over */
	PROOF_YOUNG,         /* it is ours, without a solution, and *left_s are to wait */
	PROOF_NONE,          /* no challenge, not ours, another network's, too old */
};

/* `network` is what it is bound to. The salt tells challenges of one second apart. */
void proof_make(const unsigned char key[PROOF_KEY_BYTES], uint64_t network, uint64_t at_s, unsigned bits,
		const unsigned char salt[8], char text[PROOF_TEXT_BYTES + 1]);

/* Reads the form; says nothing of whose it is. */
bool proof_read(struct span text, struct proof_challenge *out);

/* Whether a solution fits, by itself. */
bool proof_solves(const struct proof_challenge *challenge, struct span solution);

/* All of it. `out` is the challenge where there is one. */
enum proof_verdict proof_check(const unsigned char key[PROOF_KEY_BYTES], const struct proof_rule *rule,
			       uint64_t network, uint64_t now_s, struct span text, struct span solution,
			       struct proof_challenge *out, unsigned *left_s);

#endif
