/*
 * Any bytes as a policy file, a NUL, and a case: read or refused with words;
 * and what is calculated keeps its promises, whatever the numbers.
 */
#include "daemon/money/policy_case.h"
#include "tests/support/policy_check.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "broken: %s\n", what);
	abort();
}

static void approve(const struct policy *policy, int64_t fen)
{
	const char *titles[POLICY_STEPS_MAX];
	size_t n = policy_approvals(policy, fen, false, titles);

	must(n >= 1 && n < POLICY_STEPS_MAX, "an amount has approvers");
	must(policy_approvals(policy, fen, true, titles) >= n, "an override has no fewer");
	must(policy_approval_limit(policy, fen) >= fen, "an amount is within its limit");
}

/* Twice, and with the tips in reverse order: equal. */
static void calculate(const struct policy *policy, struct policy_case *facts, struct arena *arena)
{
	struct policy_result result, again;
	struct policy_tip *reverse = arena_array(arena, struct policy_tip, facts->ntips + 1);
	const char *broken;

	policy_calculate(policy, facts, arena, &result);
	broken = policy_check(policy, facts, &result);
	must(broken == NULL, broken);
	policy_calculate(policy, facts, arena, &again);
	must(policy_check_same(&result, &again), "the same facts give the same bytes");
	for (size_t i = 0; i < facts->ntips; i++)
		reverse[i] = facts->tips[facts->ntips - 1 - i];
	facts->tips = reverse;
	policy_calculate(policy, facts, arena, &again);
	must(result.refused != NULL || policy_check_same(&result, &again), "the order of tips changes nothing");
	approve(policy, result.total);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span all = span_from(data, size), id;
	size_t nul = span_find(all, span_from("", 1));
	struct span rest = span_from_offset(all, nul + 1);
	struct arena arena = { 0 };
	struct complaint why = { .text = "" };
	struct policy_case facts;
	struct policy *policy = policy_load("x.json", span_from(data, nul), &why);

	must(policy != NULL || strncmp(why.text, "x.json:", 7) == 0, "a complaint names the file");
	if (policy != NULL && policy_case_read(rest, &arena, &id, &facts, &why))
		calculate(policy, &facts, &arena);
	policy_free(policy);
	arena_release(&arena);
	return 0;
}
