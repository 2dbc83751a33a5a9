/*
 * The chain of the money journal, held against its own bytes, record by record.
 *
 * Each record has to be canonical, to have the hash that its bytes have, to
 * name the hash of the one before, to follow it in number and not to be older.
 * The first that does not ends the check: what comes behind proves nothing.
 */
#ifndef TIPLINE_MONEY_AUDIT_CHAIN_H
#define TIPLINE_MONEY_AUDIT_CHAIN_H

#include "daemon/money/record.h"

/* Zeroes are the beginning of a journal. */
struct audit_chain {
	uint64_t seq;                            /* records that fit */
	unsigned char head[RECORD_HASH_BYTES];   /* hash of the last of them */
	int64_t at_ms;
	uint64_t bad;                            /* the first that does not; 0: none */
	struct complaint why;
};

/* The next one; false when it does not follow, and for all behind it. */
bool audit_chain_take(struct audit_chain *chain, struct span json);

#endif
