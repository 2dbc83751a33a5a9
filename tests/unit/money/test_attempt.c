/*
 * Attempts: unknown frees nothing, and weaker reports move nothing back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/money/attempt.h"

#define EACH(name, n) for (unsigned name = 0; name < (n); name++)

static bool may(unsigned from, unsigned known, unsigned to, unsigned by)
{
	return attempt_may((enum attempt_state)from, (enum evidence)known, (enum attempt_state)to, (enum evidence)by);
}

static void unknown_is_live(void **state)
{
	(void)state;
	assert_true(attempt_live(ATTEMPT_UNKNOWN));
	assert_true(attempt_live(ATTEMPT_CANCELLING));
	assert_false(attempt_live(ATTEMPT_FAILED));
	assert_false(attempt_live(ATTEMPT_SUCCEEDED));
}

/* A surer report may always do what a weaker one may. */
static void surer_is_never_worse(void **state)
{
	(void)state;
	EACH(from, ATTEMPT_STATES)
		EACH(to, ATTEMPT_STATES)
			EACH(known, EVIDENCES)
				EACH(by, EVIDENCES - 1)
					assert_true(!may(from, known, to, by) || may(from, known, to, by + 1));
}

/* From an end only money itself leads on, and never on the word of the call that sent it. */
static void ends_are_left_by_money_alone(void **state)
{
	(void)state;
	EACH(from, ATTEMPT_STATES)
		EACH(to, ATTEMPT_STATES)
			EACH(known, EVIDENCES) {
				if (attempt_live((enum attempt_state)from))
					continue;
				assert_false(may(from, known, to, EVIDENCE_ANSWER));
				if (may(from, known, to, EVIDENCE_STATEMENT))
					assert_true(to == ATTEMPT_SUCCEEDED || to == ATTEMPT_RETURNED);
			}
	assert_true(may(ATTEMPT_FAILED, EVIDENCE_QUERY, ATTEMPT_SUCCEEDED, EVIDENCE_STATEMENT));
	assert_false(may(ATTEMPT_FAILED, EVIDENCE_STATEMENT, ATTEMPT_SUCCEEDED, EVIDENCE_WEBHOOK));
}

static void nothing_is_sent_before_it_is_written(void **state)
{
	(void)state;
	EACH(to, ATTEMPT_STATES)
		assert_true(may(ATTEMPT_CREATED, EVIDENCE_ANSWER, to, EVIDENCE_STATEMENT) == (to == ATTEMPT_SENDING));
}

static void names_come_back(void **state)
{
	enum attempt_state back;
	enum evidence evidence;

	(void)state;
	EACH(i, ATTEMPT_STATES) {
		assert_true(attempt_state_parse(span_of(attempt_state_name((enum attempt_state)i)), &back));
		assert_int_equal(back, i);
	}
	EACH(i, EVIDENCES) {
		assert_true(evidence_parse(span_of(evidence_name((enum evidence)i)), &evidence));
		assert_int_equal(evidence, i);
	}
	assert_false(attempt_state_parse(SPAN("DONE"), &back));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unknown_is_live),
		cmocka_unit_test(surer_is_never_worse),
		cmocka_unit_test(ends_are_left_by_money_alone),
		cmocka_unit_test(nothing_is_sent_before_it_is_written),
		cmocka_unit_test(names_come_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
