/*
 * Claims that led to nothing, by the code that was tried: the first few are
 * free, then each has to wait twice as long, and after a hundred within thirty
 * days only a person at the counter helps.
 *
 * A right code is never asked for here: who knows it cannot be locked out by
 * those who do not. Codes are known by their marks, in memory, in a table of
 * fixed size: the one whose last failure is longest ago gives way.
 */
#ifndef TIPLINE_HANDLERS_REWARD_TRIES_H
#define TIPLINE_HANDLERS_REWARD_TRIES_H

#include <stdbool.h>
#include <stdint.h>

#define TRIES_FREE 5
#define TRIES_MAX 100                    /* in TRIES_PERIOD_MS */
#define TRIES_PERIOD_MS UINT64_C(2592000000)
#define TRIES_WAIT_MAX_S 3600u
#define TRIES_MARK_BYTES 16

struct tries;

/* `seed` should be random: marks come from outside. */
struct tries *tries_new(uint64_t seed);
void tries_free(struct tries *tries);

enum tries_verdict {
	TRIES_GO,
	TRIES_WAIT,          /* *wait_s */
	TRIES_IN_PERSON,
};

/* May this code be tried now (monotonic milliseconds)? Go counts as a failure. */
enum tries_verdict tries_fail(struct tries *tries, const unsigned char mark[TRIES_MARK_BYTES], uint64_t now_ms,
			      unsigned *wait_s);

#endif
