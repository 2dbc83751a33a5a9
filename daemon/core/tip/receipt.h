/*
 * The receipt code: 24 digits in six groups of four (DESIGN 5).
 *
 *   shard (2)  random (20)  check (2, ISO/IEC 7064 MOD 97-10)
 *
 * Number and secret in one. Nothing stored leads back to it: the tip's id is
 * the first 50 bits of a keyed BLAKE2b of the code in Crockford base 32, and
 * the mark that proves the code is 16 further bytes of the same hash.
 */
#ifndef TIPLINE_CORE_RECEIPT_H
#define TIPLINE_CORE_RECEIPT_H

#include "daemon/core/tip/tip.h"

#define RECEIPT_DIGITS 24
#define RECEIPT_KEY_BYTES 32
#define RECEIPT_MARK_BYTES 16

struct receipt_code {
	char digits[RECEIPT_DIGITS + 1];
};

/* The code made of a shard and 16 uniformly random bytes (taken modulo 10^20; bias below 2^-61). */
void receipt_make(const char shard[2], const unsigned char random[16], struct receipt_code *code);

enum receipt_fault {
	RECEIPT_FINE,
	RECEIPT_NOT_DIGITS,   /* something else than digits, blanks and dashes */
	RECEIPT_LENGTH,       /* not 24 digits */
	RECEIPT_CHECK,        /* the check digits do not fit: a slip of the pen */
};

/* Reads a code as people write it: blanks, dashes and full-width digits are fine. */
enum receipt_fault receipt_parse(struct span text, struct receipt_code *code);

/* "1512 3456 ...": what is shown. `out` holds 30 bytes. */
void receipt_show(const struct receipt_code *code, char out[30]);

/* What the house knows of a code. */
struct receipt_trace {
	struct tip_id id;
	unsigned char mark[RECEIPT_MARK_BYTES];
};

void receipt_trace(const unsigned char key[RECEIPT_KEY_BYTES], const struct receipt_code *code,
		   struct receipt_trace *trace);

/* True when the text holds 24 digits in a row (blanks and dashes between) that pass the check. */
bool receipt_hidden_in(struct span text);

#endif
