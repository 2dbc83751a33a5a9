/*
 * Token buckets; see limits.h.
 */
#include "handlers/limits.h"

#include <assert.h>
#include <stdlib.h>

#define SETS ((size_t)16384)   /* a power of two; with WAYS: 65,536 visitors, 1.5 MiB a kind */
#define WAYS 4
#define WAIT_MAX_S 3600   /* what a rule of zero a second tells to wait */

struct bucket {
	uint64_t visitor;
	uint64_t at_ms;     /* when `left` was true; 0: never used */
	float left;
};

struct limits {
	struct limit_rule rules[LIMIT_KINDS];
	uint64_t refused[LIMIT_KINDS];
	struct bucket *buckets[LIMIT_KINDS];
	bool enabled;
};

struct limits *limits_new(const struct limit_rule rules[LIMIT_KINDS], bool enabled)
{
	struct limits *limits = calloc(1, sizeof(*limits));

	assert(limits != NULL);
	limits->enabled = enabled;
	for (int kind = 0; kind < LIMIT_KINDS; kind++) {
		limits->rules[kind] = rules[kind];
		limits->buckets[kind] = calloc(SETS * WAYS, sizeof(struct bucket));
		assert(limits->buckets[kind] != NULL);
	}
	return limits;
}

void limits_free(struct limits *limits)
{
	if (limits == NULL)
		return;
	for (int kind = 0; kind < LIMIT_KINDS; kind++)
		free(limits->buckets[kind]);
	free(limits);
}

/* The visitor's bucket, or the one of its set that was touched longest ago, emptied for it. */
static struct bucket *bucket_of(struct limits *limits, enum limit_kind kind, uint64_t visitor)
{
	struct bucket *set = &limits->buckets[kind][(visitor & (SETS - 1)) * WAYS];
	struct bucket *oldest = set;

	for (int i = 0; i < WAYS; i++) {
		if (set[i].at_ms > 0 && set[i].visitor == visitor)
			return &set[i];
		if (set[i].at_ms < oldest->at_ms)
			oldest = &set[i];
	}
	*oldest = (struct bucket){ .visitor = visitor };
	return oldest;
}

static void refill(struct bucket *bucket, const struct limit_rule *rule, uint64_t now_ms)
{
	double left = rule->burst;

	if (bucket->at_ms > 0 && now_ms >= bucket->at_ms)
		left = bucket->left + (double)(now_ms - bucket->at_ms) * rule->per_second / 1000;
	bucket->left = (float)(left < rule->burst ? left : rule->burst);
	bucket->at_ms = now_ms > 0 ? now_ms : 1;
}

bool limits_take(struct limits *limits, enum limit_kind kind, uint64_t visitor, uint64_t now_ms,
		 unsigned *wait_s)
{
	const struct limit_rule *rule = &limits->rules[kind];
	struct bucket *bucket;

	if (!limits->enabled)
		return true;
	bucket = bucket_of(limits, kind, visitor);
	refill(bucket, rule, now_ms);
	if (bucket->left >= 1) {
		bucket->left -= 1;
		return true;
	}
	*wait_s = WAIT_MAX_S;
	if ((1 - (double)bucket->left) < rule->per_second * WAIT_MAX_S)
		*wait_s = (unsigned)((1 - (double)bucket->left) / rule->per_second) + 1;
	limits->refused[kind]++;
	return false;
}

uint64_t limits_refused(const struct limits *limits, enum limit_kind kind)
{
	return limits->refused[kind];
}
