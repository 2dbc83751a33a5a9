/*
 * How often: token buckets by visitor and for all together, in memory.
 *
 * A visitor is the keyed hash of an address that the HTTP front gives; no
 * address is kept. The table is of fixed size: when it is full the bucket that
 * has been full longest is given away, so a flood of addresses costs no memory.
 */
#ifndef TIPLINE_HANDLERS_LIMITS_H
#define TIPLINE_HANDLERS_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

struct limits;

enum limit_kind {
	LIMIT_TIPS,           /* tips of one visitor */
	LIMIT_RECEIPTS,       /* tries of receipt codes of one visitor */
	LIMIT_RECEIPTS_ALL,   /* of all visitors */
	LIMIT_CLAIMS,         /* claims of one visitor that led to nothing */
	LIMIT_CLAIMS_ALL,     /* of all visitors */
	LIMIT_CLAIM_ACTS,     /* what is done with one receipt; by its mark */
	LIMIT_KINDS,
};

struct limit_rule {
	double per_second;
	double burst;
};

struct limits *limits_new(const struct limit_rule rules[LIMIT_KINDS], bool enabled);
void limits_free(struct limits *limits);

/*
 * Takes one from the visitor's bucket at that time (monotonic milliseconds).
 * True: go on. False: *wait_s says after how many seconds one will be there.
 */
bool limits_take(struct limits *limits, enum limit_kind kind, uint64_t visitor, uint64_t now_ms,
		 unsigned *wait_s);

/* Requests refused so far. */
uint64_t limits_refused(const struct limits *limits, enum limit_kind kind);

#endif
