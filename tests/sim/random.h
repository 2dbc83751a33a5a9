/*
 * The one source of chance of a simulated world: splitmix64. The same seed
 * gives the same numbers on every machine.
 */
#ifndef TIPLINE_TESTS_SIM_RANDOM_H
#define TIPLINE_TESTS_SIM_RANDOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct random {
	uint64_t state;
};

static inline uint64_t random_next(struct random *random)
{
	uint64_t z = random->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* 0 to n - 1; n > 0. What is left of evenness is of no matter here. */
static inline size_t random_below(struct random *random, size_t n)
{
	return (size_t)(random_next(random) % n);
}

static inline int64_t random_between(struct random *random, int64_t low, int64_t high)
{
	return low + (int64_t)random_below(random, (size_t)(high - low + 1));
}

static inline bool random_one_in(struct random *random, size_t n)
{
	return n > 0 && random_below(random, n) == 0;
}

#define RANDOM_PICK(random, array) ((array)[random_below((random), sizeof(array) / sizeof((array)[0]))])

#endif
