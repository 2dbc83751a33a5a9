/*
 * Token buckets; see limits.h.
 */
#include "handlers/limits.h"

#include "daemon/base/memory.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define SETS ((size_t)16384)   /* a power of two; with WAYS: 65,536 visitors, 1.5 MiB a kind */
#define WAYS 4
#define WAIT_MAX_S 3600   /* what a rule of zero a second tells to wait */
#define LOW_PART 3        /* less than a third of the burst is low */

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

const char *limit_name(enum limit_kind kind)
{
	static const char *const names[LIMIT_KINDS] = {
		[LIMIT_CALLS] = "calls",
		[LIMIT_MACHINES] = "machines",
		[LIMIT_TIPS] = "tips",
		[LIMIT_TIPS_NEAR] = "tips_near",
		[LIMIT_TIPS_WIDE] = "tips_wide",
		[LIMIT_PROOFS] = "proofs",
		[LIMIT_RECEIPTS] = "receipts",
		[LIMIT_RECEIPTS_NEAR] = "receipts_near",
		[LIMIT_RECEIPTS_WIDE] = "receipts_wide",
		[LIMIT_RECEIPTS_ALL] = "receipts_all",
		[LIMIT_CLAIMS] = "claims",
		[LIMIT_CLAIMS_ALL] = "claims_all",
		[LIMIT_CLAIM_ACTS] = "claim_acts",
		[LIMIT_SENDER] = "sender",
		[LIMIT_GATEWAY] = "gateway",
	};

	return names[kind];
}

struct limits *limits_new(const struct limit_rule rules[LIMIT_KINDS], bool enabled)
{
	struct limits *limits = memory_zeroes(1, sizeof(*limits));

	limits_set(limits, rules, enabled);
	/* Pages of a table that nobody came to are never touched. */
	for (int kind = 0; kind < LIMIT_KINDS; kind++)
		limits->buckets[kind] = memory_zeroes(SETS * WAYS, sizeof(struct bucket));
	return limits;
}

void limits_set(struct limits *limits, const struct limit_rule rules[LIMIT_KINDS], bool enabled)
{
	memcpy(limits->rules, rules, sizeof(limits->rules));
	limits->enabled = enabled;
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

/* The bucket as it is now; NULL: nothing is limited. */
static struct bucket *bucket_now(struct limits *limits, const struct limit_want *want, uint64_t now_ms)
{
	const struct limit_rule *rule = &limits->rules[want->kind];
	struct bucket *bucket;

	if (!limits->enabled || rule->burst <= 0)
		return NULL;
	bucket = bucket_of(limits, want->kind, want->who);
	refill(bucket, rule, now_ms);
	return bucket;
}

/* Seconds until so much has come, rounded up. */
static unsigned seconds_for(double tokens, const struct limit_rule *rule)
{
	return tokens < rule->per_second * WAIT_MAX_S ? (unsigned)(tokens / rule->per_second) + 1 : WAIT_MAX_S;
}

unsigned limits_window_s(const struct limit_rule *rule)
{
	return rule->per_second > 0 ? (unsigned)(rule->burst / rule->per_second + 0.999) : WAIT_MAX_S;
}

static void note_refusal(const struct limits *limits, enum limit_kind kind, const struct bucket *bucket,
			 struct limit_refusal *refusal)
{
	const struct limit_rule *rule = &limits->rules[kind];
	unsigned wait_s = seconds_for(1 - (double)bucket->left, rule);

	if (wait_s <= refusal->wait_s)
		return;
	*refusal = (struct limit_refusal){ .kind = kind,
					   .wait_s = wait_s,
					   .burst = (unsigned)rule->burst,
					   .window_s = limits_window_s(rule) };
}

bool limits_take_all(struct limits *limits, const struct limit_want *wants, size_t n, uint64_t now_ms,
		     struct limit_refusal *refusal)
{
	*refusal = (struct limit_refusal){ .wait_s = 0 };
	for (size_t i = 0; i < n; i++) {
		const struct bucket *bucket = bucket_now(limits, &wants[i], now_ms);

		if (bucket != NULL && bucket->left < 1)
			note_refusal(limits, wants[i].kind, bucket, refusal);
	}
	if (refusal->wait_s > 0) {
		limits->refused[refusal->kind]++;
		return false;
	}
	for (size_t i = 0; i < n; i++) {
		struct bucket *bucket = bucket_now(limits, &wants[i], now_ms);

		if (bucket != NULL)
			bucket->left -= 1;
	}
	return true;
}

bool limits_take(struct limits *limits, enum limit_kind kind, uint64_t visitor, uint64_t now_ms,
		 unsigned *wait_s)
{
	struct limit_refusal refusal;

	if (limits_take_all(limits, &(struct limit_want){ .kind = kind, .who = visitor }, 1, now_ms, &refusal))
		return true;
	*wait_s = refusal.wait_s;
	return false;
}

bool limits_low(struct limits *limits, const struct limit_want *wants, size_t n, uint64_t now_ms)
{
	for (size_t i = 0; i < n; i++) {
		const struct bucket *bucket = bucket_now(limits, &wants[i], now_ms);

		if (bucket != NULL && (double)bucket->left * LOW_PART < limits->rules[wants[i].kind].burst)
			return true;
	}
	return false;
}

uint64_t limits_refused(const struct limits *limits, enum limit_kind kind)
{
	return limits->refused[kind];
}

void limits_refuse(struct limits *limits, enum limit_kind kind)
{
	limits->refused[kind]++;
}

bool limits_enabled(const struct limits *limits)
{
	return limits->enabled;
}

const struct limit_rule *limits_rule(const struct limits *limits, enum limit_kind kind)
{
	return &limits->rules[kind];
}
