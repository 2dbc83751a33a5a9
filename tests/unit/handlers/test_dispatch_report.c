/*
 * From a report of a rail to what is recorded of it: nothing is called more
 * than was reported, and what says nothing leaves no record.
 */
#include "handlers/payout/dispatch.h"

#include "handlers/payout/rail_report.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static struct arena arena;
static struct book_command command;

static bool observe(const struct rail_report *report)
{
	command = (struct book_command){ 0 };
	return dispatch_observation(report, SPAN("R7-1"), SPAN("seen:R7-1:9"), SPAN("abcd"), &arena, &command);
}

/* The field's value; empty when it is not there. */
static struct span field(const char *name)
{
	for (size_t i = 0; i < command.nfields; i++)
		if (strcmp(command.fields[i].name, name) == 0)
			return command.fields[i].value;
	return (struct span){ 0 };
}

static int end(void **unused)
{
	(void)unused;
	arena_release(&arena);
	return 0;
}

static void a_success_says_all_of_it(void **unused)
{
	struct rail_report report = { .outcome = RAIL_SUCCEEDED, .row = OUTCOME_STATE, .evidence = EVIDENCE_QUERY,
				      .fen = 850000, .instruction = "AAAAAAAAAAAAAAAAAAAAAAAAAA", .code = "OK",
				      .provider_ref = "P-1" };

	(void)unused;
	assert_true(observe(&report));
	assert_string_equal(command.kind, "attempt.observe");
	assert_true(span_is(command.subject, "R7-1") && span_is(command.key, "seen:R7-1:9"));
	assert_int_equal(command.roles, MONEY_SYSTEM);
	assert_true(span_is(field("state"), "SUCCEEDED"));
	assert_true(span_is(field("by"), "query"));
	assert_true(span_is(field("fen"), "850000"));
	assert_true(span_is(field("instruction"), "AAAAAAAAAAAAAAAAAAAAAAAAAA"));
	assert_true(span_is(field("code"), "OK"));
	assert_true(span_is(field("provider_ref"), "P-1"));
	assert_true(span_is(field("raw"), "abcd"));
	assert_true(span_empty(field("fault")));
}

static void an_end_has_a_code_and_a_fault(void **unused)
{
	struct rail_report report = { .outcome = RAIL_FAILED, .row = OUTCOME_QUERY_ENDED, .evidence = EVIDENCE_QUERY,
				      .fault = RAIL_FAULT_PAYEE };

	(void)unused;
	assert_true(observe(&report));
	assert_true(span_is(field("state"), "FAILED"));
	assert_true(span_is(field("code"), "NO_CODE"));
	assert_true(span_is(field("fault"), "payee"));
	report.fault = RAIL_FAULT_OURS;
	report.row = OUTCOME_FINAL_CODE;
	memcpy(report.code, "CHANNEL_OFF", sizeof("CHANNEL_OFF"));
	assert_true(observe(&report));
	assert_true(span_is(field("code"), "CHANNEL_OFF"));
	assert_true(span_empty(field("fault")));
}

/* Whatever row an answer that is no end falls into: UNKNOWN, never FAILED. */
static void what_is_not_known_is_unknown(void **unused)
{
	static const enum outcome_row rows[] = { OUTCOME_NO_ANSWER, OUTCOME_WEAK_STATUS, OUTCOME_UNREADABLE,
						 OUTCOME_MISMATCH, OUTCOME_OTHER_4XX, OUTCOME_NOT_SENT };

	(void)unused;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct rail_report report;

		rail_report_unknown(&report, rows[i], "WHY");
		assert_true(observe(&report));
		assert_true(span_is(field("state"), "UNKNOWN"));
		assert_true(span_is(field("code"), "WHY"));
		assert_true(span_empty(field("fault")));
	}
}

static void not_found_is_counted_and_is_no_state(void **unused)
{
	struct rail_report report = { .outcome = RAIL_NOT_FOUND, .row = OUTCOME_NOT_FOUND, .evidence = EVIDENCE_QUERY };

	(void)unused;
	assert_true(observe(&report));
	assert_true(span_is(field("state"), "NOT_FOUND"));
}

/* A word that the journal does not take is left out, and the report is recorded all the same. */
static void what_is_too_long_is_left_out(void **unused)
{
	struct rail_report report = { .outcome = RAIL_PROCESSING, .row = OUTCOME_STATE, .evidence = EVIDENCE_ANSWER,
				      .code = "A23456789012345678901234567890123456" };

	(void)unused;
	assert_true(observe(&report));
	assert_true(span_is(field("state"), "PROCESSING"));
	assert_true(span_empty(field("code")));
	assert_true(span_empty(field("fen")));
}

static void that_it_is_being_cancelled_leaves_no_record(void **unused)
{
	struct rail_report report = { .outcome = RAIL_CANCELLING, .row = OUTCOME_STATE, .evidence = EVIDENCE_ANSWER };

	(void)unused;
	assert_false(observe(&report));
	assert_int_equal(command.nfields, 0);
}

/* Of callbacks only a success is evidence. */
static void a_callback_that_failed_is_no_record(void **unused)
{
	struct rail_report report = { .outcome = RAIL_FAILED, .row = OUTCOME_WEBHOOK, .evidence = EVIDENCE_WEBHOOK };

	(void)unused;
	assert_false(observe(&report));
	report.outcome = RAIL_SUCCEEDED;
	assert_true(observe(&report));
	assert_true(span_is(field("by"), "webhook"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_success_says_all_of_it),
		cmocka_unit_test(an_end_has_a_code_and_a_fault),
		cmocka_unit_test(what_is_not_known_is_unknown),
		cmocka_unit_test(not_found_is_counted_and_is_no_state),
		cmocka_unit_test(what_is_too_long_is_left_out),
		cmocka_unit_test(that_it_is_being_cancelled_leaves_no_record),
		cmocka_unit_test(a_callback_that_failed_is_no_record),
	};

	return cmocka_run_group_tests(tests, NULL, end);
}
