/*
 * What must hold of every result of the calculator, whatever the policy and
 * the facts; for unit tests and fuzzing.
 */
#ifndef TESTS_POLICY_CHECK_H
#define TESTS_POLICY_CHECK_H

#include "daemon/base/json_in.h"
#include "daemon/money/policy.h"

/* What the tip's members get together. */
static inline int64_t policy_check_tip(const struct policy_result *result, struct span tip)
{
	int64_t fen = 0;

	for (size_t i = 0; i < result->nshares; i++)
		if (span_eq(result->shares[i].tip, tip))
			fen += result->shares[i].fen;
	return fen;
}

/* The trace is JSON: an array of objects of three members, text or an object of texts. */
static inline bool policy_check_trace(struct span trace)
{
	struct arena arena = { 0 };
	struct json_member whole = { .kind = JSON_TREE, .text = trace }, element;
	struct json_object step;
	struct json_array array;
	bool fine = json_array_within(trace, &whole, &array);

	while (fine && json_array_next(&array, &arena, &element))
		fine = json_object_within(trace, &element, &arena, &step, NULL) && step.n == 3 &&
		       span_is(step.members[0].name, "step") && step.members[0].kind == JSON_TEXT &&
		       span_is(step.members[1].name, "in") && step.members[1].kind == JSON_TREE &&
		       span_is(step.members[2].name, "out") && step.members[2].kind == JSON_TEXT;
	arena_release(&arena);
	return fine;
}

/* NULL, or the rule that is broken. */
static inline const char *policy_check(const struct policy *policy, const struct policy_case *facts,
				       const struct policy_result *result)
{
	int64_t sum = 0;

	if (!policy_check_trace(result->trace))
		return "the trace is JSON";
	if (result->refused != NULL)
		return result->total == 0 && result->nshares == 0 ? NULL : "a refusal shares nothing";
	for (size_t i = 0; i < result->nshares; i++) {
		if (result->shares[i].fen < 0 || result->shares[i].reason == NULL)
			return "a share is not negative and has a reason";
		sum += result->shares[i].fen;
	}
	if (sum != result->total || sum <= 0)
		return "shares sum to the total, which is something";
	if (sum > policy_case_cap(policy) - facts->paid_in_case)
		return "the total is within what is left of the case cap";
	if (facts->override_fen > 0)
		return sum == facts->override_fen ? NULL : "an override is the total";
	for (size_t i = 0; i < facts->ntips; i++)
		if (policy_check_tip(result, facts->tips[i].tip) > policy_max(policy))
			return "no share is above the maximum";
	return NULL;
}

/* Whether two results are equal, bytes of the trace included. */
static inline bool policy_check_same(const struct policy_result *a, const struct policy_result *b)
{
	if ((a->refused == NULL) != (b->refused == NULL) || a->total != b->total || a->nshares != b->nshares ||
	    !span_eq(a->trace, b->trace))
		return false;
	for (size_t i = 0; i < a->nshares; i++)
		if (!span_eq(a->shares[i].tip, b->shares[i].tip) || a->shares[i].member != b->shares[i].member ||
		    a->shares[i].fen != b->shares[i].fen || strcmp(a->shares[i].reason, b->shares[i].reason) != 0)
			return false;
	return a->refused == NULL || strcmp(a->refused, b->refused) == 0;
}

#endif
