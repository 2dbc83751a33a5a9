/*
 * Tips and their outcomes out of journals: joined over shards, taken back by
 * reopening, bounded by days.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/core/score/score_report_gather.h"

#include "daemon/base/table.h"

#define A "15-0000000001"
#define B "44-0000000002"
#define C "11-0000000003"
#define ACCEPTED(id, at, points, rules)                                                                      \
	"{\"e\":\"accepted\",\"id\":\"" id "\",\"at\":" #at ",\"region\":\"150602\",\"points\":" #points     \
	",\"via\":\"web\",\"rules\":[" rules "],\"rules_version\":\"0a1b2c3d\"}"
#define CLOSED(id, at, outcome)                                                                              \
	"{\"e\":\"closed\",\"id\":\"" id "\",\"at\":" #at ",\"by\":\"officer\",\"region\":\"150602\","       \
	"\"points\":5,\"outcome\":\"" outcome "\"}"
#define REOPENED(id, at) "{\"e\":\"reopened\",\"id\":\"" id "\",\"at\":" #at "}"
#define RECEIVED(id, at, from)                                                                               \
	"{\"e\":\"received\",\"id\":\"" id "\",\"at\":" #at ",\"from\":\"" from "\",\"points\":7,\"hops\":"  \
	"1}"
#define RESCORED(id, at, points, rules)                                                                      \
	"{\"e\":\"rescored\",\"id\":\"" id "\",\"at\":" #at ",\"by\":\"linker\",\"points\":" #points         \
	",\"rules\":[" rules "],\"context\":\"3 0 0 0 0\"}"

static void gather_all(const char *const *events, size_t n, int64_t since, int64_t until,
		       struct outcomes *out)
{
	struct gather *gather = gather_new(5);
	struct complaint why = { .text = "" };

	for (size_t i = 0; i < n; i++)
		if (!gather_event(gather, span_of(events[i]), &why))
			fail_msg("%s", why.text);
	gather_finish(gather, since, until, out);
	gather_free(gather);
}

#define GATHER(events, out) gather_all(events, COUNT_OF(events), 0, 0, out)

static bool has(const struct outcomes *outcomes, size_t row, const char *name)
{
	for (size_t i = 0; i < outcomes->nnames; i++)
		if (span_is(outcomes->names[i], name))
			return (outcomes->at[row].rules[i / 64] >> (i % 64) & 1) != 0;
	return false;
}

static void acceptance_meets_outcome(void **state)
{
	static const char *const events[] = {
		ACCEPTED(A, 1000, 62, "\"minor\",\"plate\""),
		ACCEPTED(B, 1500, 30, ""),
		ACCEPTED(C, 1600, 20, "\"plate\""),
		"{\"e\":\"claimed\",\"id\":\"" A "\",\"at\":1700,\"by\":\"x\",\"until\":9}",
		CLOSED(A, 4600, "verified"),
		CLOSED(C, 2600, "prank"),
	};
	struct outcomes out;

	(void)state;
	GATHER(events, &out);
	assert_int_equal(out.tips, 3);
	assert_int_equal(out.n, 2);
	assert_true(out.at[0].good && out.at[0].points == 62 && out.at[0].delay_ms == 3600);
	assert_true(has(&out, 0, "minor") && has(&out, 0, "plate"));
	assert_string_equal(out.at[0].region, "150602");
	assert_true(!out.at[1].good && out.at[1].points == 20 && !has(&out, 1, "minor") &&
		    has(&out, 1, "plate"));
	assert_int_equal(out.versions, 1);
	outcomes_release(&out);
}

static void other_ends_are_left_out(void **state)
{
	static const char *const events[] = {
		ACCEPTED(A, 1, 62, ""),   CLOSED(A, 2, "duplicate"), ACCEPTED(B, 1, 62, ""),
		CLOSED(B, 2, "referred"), ACCEPTED(C, 1, 62, ""),    CLOSED(C, 2, "insufficient"),
	};
	struct outcomes out;

	(void)state;
	GATHER(events, &out);
	assert_true(out.tips == 3 && out.n == 0 && out.left_out == 3);
	outcomes_release(&out);
}

static void reopening_takes_it_back(void **state)
{
	static const char *const once[] = { ACCEPTED(A, 1, 62, ""), CLOSED(A, 2, "prank"), REOPENED(A, 3) };
	static const char *const again[] = { ACCEPTED(A, 1, 62, ""), CLOSED(A, 2, "prank"), REOPENED(A, 3),
					     CLOSED(A, 7, "verified") };
	struct outcomes out;

	(void)state;
	GATHER(once, &out);
	assert_int_equal(out.n, 0);
	outcomes_release(&out);
	GATHER(again, &out);
	assert_true(out.n == 1 && out.at[0].good && out.at[0].delay_ms == 6);
	outcomes_release(&out);
}

/* Shards are read one after the other, so what came last may be seen first. */
static void a_tip_that_moved_is_one_tip(void **state)
{
	static const char *const events[][4] = {
		{ RECEIVED(C, 30, B), CLOSED(C, 50, "verified"), ACCEPTED(A, 10, 62, "\"minor\""),
		  RECEIVED(B, 20, A) },
		{ ACCEPTED(A, 10, 62, "\"minor\""), RECEIVED(B, 20, A), RECEIVED(C, 30, B),
		  CLOSED(C, 50, "verified") },
		{ RECEIVED(B, 20, A), RECEIVED(C, 30, B), CLOSED(C, 50, "verified"),
		  ACCEPTED(A, 10, 62, "\"minor\"") },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(events); i++) {
		struct outcomes out;

		gather_all(events[i], 4, 0, 0, &out);
		assert_true(out.tips == 1 && out.n == 1 && out.lost == 0);
		assert_true(out.at[0].good && out.at[0].points == 62 && out.at[0].delay_ms == 40 &&
			    has(&out, 0, "minor"));
		outcomes_release(&out);
	}
}

static void a_tip_that_came_back_is_one_tip(void **state)
{
	static const char *const events[] = { ACCEPTED(A, 10, 62, ""), RECEIVED(A, 30, B),
					      CLOSED(A, 40, "unfounded"), RECEIVED(B, 20, A) };
	struct outcomes out;

	(void)state;
	GATHER(events, &out);
	assert_true(out.tips == 1 && out.n == 1 && !out.at[0].good);
	outcomes_release(&out);
}

static void an_end_without_a_beginning_is_counted(void **state)
{
	/* A ring of moves that nobody was accepted in must end too. */
	static const char *const events[] = { CLOSED(A, 40, "verified"), RECEIVED(B, 1, C), RECEIVED(C, 1, B),
					      CLOSED(B, 2, "prank") };
	struct outcomes out;

	(void)state;
	GATHER(events, &out);
	assert_true(out.tips == 0 && out.n == 0 && out.lost == 2);
	outcomes_release(&out);
}

static void the_last_word_on_points_counts(void **state)
{
	static const char *const events[] = {
		ACCEPTED(A, 10, 62, "\"minor\""),
		RESCORED(A, 20, 72, "\"corroborated\""),
		RESCORED(A, 30, 77, "\"corroborated_widely\""),
		CLOSED(A, 40, "verified"),
	};
	struct outcomes out;

	(void)state;
	GATHER(events, &out);
	assert_int_equal(out.at[0].points, 77);
	assert_true(has(&out, 0, "minor") && has(&out, 0, "corroborated_widely") &&
		    !has(&out, 0, "corroborated"));
	outcomes_release(&out);
}

static void the_period_is_that_of_acceptance(void **state)
{
	static const char *const events[] = { ACCEPTED(A, 10, 1, ""), ACCEPTED(B, 20, 2, ""),
					      ACCEPTED(C, 30, 3, ""), CLOSED(A, 25, "prank"),
					      CLOSED(B, 99, "prank"), CLOSED(C, 98, "prank") };
	struct outcomes out;

	(void)state;
	gather_all(events, COUNT_OF(events), 20, 30, &out);
	assert_true(out.tips == 1 && out.n == 1 && out.at[0].points == 2);
	outcomes_release(&out);
	gather_all(events, COUNT_OF(events), 20, 0, &out);
	assert_true(out.tips == 2 && out.n == 2);
	outcomes_release(&out);
}

static void broken_events_are_refused(void **state)
{
	static const char *const broken[] = {
		"",
		"{",
		"{\"e\":\"accepted\"}",
		"{\"e\":\"accepted\",\"id\":\"15\"}",
		"{\"e\":\"closed\",\"id\":\"" A "\",\"at\":1,\"outcome\":\"fine\"}",
		"{\"e\":\"closed\",\"id\":\"" A "\",\"at\":1}",
		"{\"e\":\"accepted\",\"id\":\"" A "\",\"at\":1,\"rules\":[\"a\"]}",
		"{\"e\":\"accepted\",\"id\":\"" A "\",\"at\":1,\"points\":101,\"rules\":[]}",
		"{\"e\":\"accepted\",\"id\":\"" A "\",\"at\":-1,\"points\":1,\"rules\":[]}",
		"{\"e\":\"accepted\",\"id\":\"" A "\",\"at\":1,\"points\":1,\"rules\":[\"A B\"]}",
		"{\"e\":\"accepted\",\"id\":\"" A "\",\"at\":1,\"points\":1,\"rules\":\"a\"}",
		"{\"e\":\"received\",\"id\":\"" A "\",\"at\":1,\"from\":\"x\"}",
	};
	struct gather *gather = gather_new(5);
	struct complaint why;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(broken); i++)
		if (gather_event(gather, span_of(broken[i]), &why))
			fail_msg("event %zu was taken: %s", i, broken[i]);
	gather_free(gather);
}

static void words_of_outcomes(void **state)
{
	(void)state;
	assert_int_equal(outcome_kind_of(SPAN("verified")), OUTCOME_GOOD);
	assert_int_equal(outcome_kind_of(SPAN("unfounded")), OUTCOME_BAD);
	assert_int_equal(outcome_kind_of(SPAN("prank")), OUTCOME_BAD);
	assert_int_equal(outcome_kind_of(SPAN("referred")), OUTCOME_OTHER);
	assert_int_equal(outcome_kind_of(SPAN("")), OUTCOME_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(acceptance_meets_outcome),
		cmocka_unit_test(other_ends_are_left_out),
		cmocka_unit_test(reopening_takes_it_back),
		cmocka_unit_test(a_tip_that_moved_is_one_tip),
		cmocka_unit_test(a_tip_that_came_back_is_one_tip),
		cmocka_unit_test(an_end_without_a_beginning_is_counted),
		cmocka_unit_test(the_last_word_on_points_counts),
		cmocka_unit_test(the_period_is_that_of_acceptance),
		cmocka_unit_test(broken_events_are_refused),
		cmocka_unit_test(words_of_outcomes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
