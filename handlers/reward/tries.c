/*
 * Failures by code; see tries.h.
 */
#include "handlers/reward/tries.h"

#include "daemon/base/memory.h"

#include <stdlib.h>
#include <string.h>

#define SETS ((size_t)8192)   /* a power of two; with WAYS: 32,768 codes, 1.5 MiB */
#define WAYS 4

struct failures {
	unsigned char mark[TRIES_MARK_BYTES];
	uint64_t first_ms;      /* since when they are counted */
	uint64_t last_ms;       /* 0: nobody's */
	unsigned n;
};

struct tries {
	uint64_t seed;
	struct failures *at;
};

struct tries *tries_new(uint64_t seed)
{
	struct tries *tries = memory_zeroes(1, sizeof(*tries));

	tries->seed = seed;
	tries->at = memory_zeroes(SETS * WAYS, sizeof(*tries->at));
	return tries;
}

void tries_free(struct tries *tries)
{
	if (tries == NULL)
		return;
	free(tries->at);
	free(tries);
}

/* Its own, or the one of its set that failed longest ago, emptied for it. */
static struct failures *failures_of(struct tries *tries, const unsigned char mark[TRIES_MARK_BYTES], uint64_t now_ms)
{
	uint64_t hash;
	struct failures *set, *oldest;

	memcpy(&hash, mark, sizeof(hash));
	hash = (hash ^ tries->seed) * UINT64_C(0x9e3779b97f4a7c15);
	set = &tries->at[(hash >> 40 & (SETS - 1)) * WAYS];
	oldest = set;
	for (int i = 0; i < WAYS; i++) {
		if (set[i].last_ms > 0 && memcmp(set[i].mark, mark, TRIES_MARK_BYTES) == 0)
			return &set[i];
		if (set[i].last_ms < oldest->last_ms)
			oldest = &set[i];
	}
	*oldest = (struct failures){ .first_ms = now_ms };
	memcpy(oldest->mark, mark, TRIES_MARK_BYTES);
	return oldest;
}

/* After the free ones 2, 4, 8 ... seconds since the last. */
static uint64_t wait_ms(const struct failures *failures)
{
	unsigned more = failures->n < TRIES_FREE ? 0 : failures->n - TRIES_FREE + 1;
	uint64_t seconds = more == 0 ? 0 : more < 12 ? UINT64_C(1) << more : TRIES_WAIT_MAX_S;

	return 1000 * (seconds < TRIES_WAIT_MAX_S ? seconds : TRIES_WAIT_MAX_S);
}

enum tries_verdict tries_fail(struct tries *tries, const unsigned char mark[TRIES_MARK_BYTES], uint64_t now_ms,
			      unsigned *wait_s)
{
	struct failures *failures = failures_of(tries, mark, now_ms);
	uint64_t free_ms;

	if (now_ms - failures->first_ms >= TRIES_PERIOD_MS)
		*failures = (struct failures){ .first_ms = now_ms };
	memcpy(failures->mark, mark, TRIES_MARK_BYTES);
	if (failures->n >= TRIES_MAX)
		return TRIES_IN_PERSON;
	free_ms = failures->last_ms + wait_ms(failures);
	if (failures->last_ms > 0 && now_ms < free_ms) {
		*wait_s = (unsigned)((free_ms - now_ms + 999) / 1000);
		return TRIES_WAIT;
	}
	failures->n++;
	failures->last_ms = now_ms > 0 ? now_ms : 1;
	return TRIES_GO;
}
