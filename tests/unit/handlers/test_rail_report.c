/*
 * Reports: what may be believed of a state, by the call that told it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "handlers/payout/rail_report.h"

static const struct rail_final finals[] = {
	{ .code = "ACCOUNT_CLOSED", .fault = RAIL_FAULT_PAYEE },
	{ .code = "CHANNEL_OFF", .fault = RAIL_FAULT_OURS },
};
static const struct rail_config config = { .finals = finals, .nfinals = 2 };

static struct rail_report told(enum rail_call call, enum rail_outcome said, bool final, const char *code)
{
	struct rail_report report = { .fen = 100 };

	rail_word(span_of(code), report.code, sizeof(report.code));
	rail_report_state(&report, &config, call, said, final);
	return report;
}

/* Of all that an answer can say, only a listed code, and only to the instruction, ends the attempt. */
static void an_answer_ends_by_the_list_alone(void **state)
{
	static const char *const codes[] = { "", "ACCOUNT_CLOSED", "CHANNEL_OFF", "NEW", "ACCOUNT_CLOSED2" };

	(void)state;
	for (int said = 0; said < RAIL_OUTCOMES; said++) {
		for (size_t c = 0; c < COUNT_OF(codes); c++) {
			bool listed = c == 1 || c == 2;
			struct rail_report final = told(RAIL_CALL_INSTRUCT, (enum rail_outcome)said, true, codes[c]);
			struct rail_report open = told(RAIL_CALL_INSTRUCT, (enum rail_outcome)said, false, codes[c]);
			struct rail_report cancel = told(RAIL_CALL_CANCEL, (enum rail_outcome)said, true, codes[c]);

			assert_int_equal(outcome_new_id(&final), said == RAIL_FAILED && listed);
			assert_false(outcome_new_id(&open));
			assert_false(outcome_new_id(&cancel));
			assert_int_equal(final.evidence, EVIDENCE_ANSWER);
		}
	}
}

static void a_query_ends_when_it_says_so(void **state)
{
	struct rail_report report = told(RAIL_CALL_QUERY, RAIL_FAILED, true, "NEW");

	(void)state;
	assert_int_equal(report.row, OUTCOME_QUERY_ENDED);
	assert_true(outcome_new_id(&report));
	assert_int_equal(report.fault, RAIL_FAULT_PAYEE);
	report = told(RAIL_CALL_QUERY, RAIL_FAILED, true, "CHANNEL_OFF");
	assert_int_equal(report.fault, RAIL_FAULT_OURS);
	report = told(RAIL_CALL_QUERY, RAIL_CANCELLED, true, "");
	assert_true(outcome_new_id(&report));
	report = told(RAIL_CALL_QUERY, RAIL_FAILED, false, "NEW");
	assert_int_equal(report.outcome, RAIL_UNKNOWN);
	assert_false(outcome_new_id(&report));
}

static void a_callback_is_evidence(void **state)
{
	enum attempt_state after;

	(void)state;
	for (int said = 0; said < RAIL_OUTCOMES; said++) {
		struct rail_report report = told(RAIL_CALL_HOOK, (enum rail_outcome)said, true, "ACCOUNT_CLOSED");

		assert_int_equal(report.row, OUTCOME_WEBHOOK);
		assert_int_equal(report.evidence, EVIDENCE_WEBHOOK);
		assert_false(outcome_new_id(&report));
		assert_int_equal(outcome_state(&report, &after), said == RAIL_SUCCEEDED);
	}
}

static void a_success_names_its_amount(void **state)
{
	struct rail_report report = { 0 };

	(void)state;
	rail_report_state(&report, &config, RAIL_CALL_QUERY, RAIL_SUCCEEDED, true);
	assert_int_equal(report.outcome, RAIL_UNKNOWN);
	report.fen = 1;
	rail_report_state(&report, &config, RAIL_CALL_QUERY, RAIL_SUCCEEDED, true);
	assert_int_equal(report.outcome, RAIL_SUCCEEDED);
}

static void a_request_to_cancel_cancels_nothing(void **state)
{
	struct rail_report report = told(RAIL_CALL_CANCEL, RAIL_CANCELLED, true, "");
	enum attempt_state after;

	(void)state;
	assert_int_equal(report.outcome, RAIL_CANCELLING);
	assert_true(outcome_state(&report, &after));
	assert_int_equal(after, ATTEMPT_CANCELLING);
	report = told(RAIL_CALL_CANCEL, RAIL_SUCCEEDED, true, "");
	assert_int_equal(report.outcome, RAIL_SUCCEEDED);
}

/* The call's own answer cannot bring money back, and nothing but a query can miss an id. */
static void some_states_need_better_evidence(void **state)
{
	(void)state;
	assert_int_equal(told(RAIL_CALL_INSTRUCT, RAIL_RETURNED, true, "").outcome, RAIL_UNKNOWN);
	assert_int_equal(told(RAIL_CALL_INSTRUCT, RAIL_CANCELLING, false, "").outcome, RAIL_UNKNOWN);
	assert_int_equal(told(RAIL_CALL_QUERY, RAIL_RETURNED, true, "").outcome, RAIL_RETURNED);
	assert_int_equal(told(RAIL_CALL_QUERY, RAIL_NOT_FOUND, true, "").outcome, RAIL_UNKNOWN);
}

static void refusals(void **state)
{
	struct rail_report report = { .code = "ACCOUNT_CLOSED" };

	(void)state;
	rail_report_refusal(&report, &config, RAIL_CALL_INSTRUCT);
	assert_int_equal(report.row, OUTCOME_FINAL_CODE);
	assert_int_equal(report.outcome, RAIL_FAILED);
	rail_report_refusal(&report, &config, RAIL_CALL_QUERY);
	assert_int_equal(report.row, OUTCOME_OTHER_4XX);
	assert_int_equal(report.outcome, RAIL_UNKNOWN);
	memcpy(report.code, "NEW", 4);
	rail_report_refusal(&report, &config, RAIL_CALL_INSTRUCT);
	assert_int_equal(report.row, OUTCOME_OTHER_4XX);
}

static void silence(void **state)
{
	struct rail_report report;

	(void)state;
	rail_report_silence(&report, true);
	assert_int_equal(report.row, OUTCOME_NOT_SENT);
	rail_report_silence(&report, false);
	assert_int_equal(report.row, OUTCOME_NO_ANSWER);
	assert_int_equal(report.outcome, RAIL_UNKNOWN);
}

/* Free text of a provider never gets into a report. */
static void words_are_plain(void **state)
{
	static const char *const bad[] = { "", "a b", "a\nb", "张三", "a\"b", "12345678", "a/b", "a=b" };
	char word[8];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		assert_false(rail_word(span_of(bad[i]), word, sizeof(word)));
		assert_string_equal(word, "");
	}
	assert_false(rail_word(span_from("a\0b", 3), word, sizeof(word)));
	assert_true(rail_word(SPAN("aZ9._:-"), word, sizeof(word)));
	assert_string_equal(word, "aZ9._:-");
}

static void callbacks_are_compared(void **state)
{
	struct rail_report report = { .instruction = "A1", .fen = 100, .outcome = RAIL_SUCCEEDED, .row = OUTCOME_WEBHOOK };
	struct rail_report copy = report;

	(void)state;
	assert_true(rail_report_match(&copy, SPAN("A1"), 100));
	assert_false(rail_report_match(&copy, SPAN("A2"), 100));
	assert_string_equal(copy.code, "WRONG_ID");
	assert_int_equal(copy.outcome, RAIL_UNKNOWN);
	assert_true(copy.alarm);
	copy = report;
	assert_false(rail_report_match(&copy, SPAN("A1"), 101));
	assert_string_equal(copy.code, "WRONG_AMOUNT");
	copy = report;
	copy.fen = 0;
	assert_false(rail_report_match(&copy, SPAN("A1"), 100));
	copy = report;
	copy.fen = 0;
	copy.outcome = RAIL_PROCESSING;
	assert_true(rail_report_match(&copy, SPAN("A1"), 100));
}

/* Narrowing twice changes nothing more, and never widens. */
static void profiles_only_narrow(void **state)
{
	struct rail_profile ours = { .id_retention_ms = 50, .not_found_is_final = true, .min_fen = 5, .max_fen = 100,
				     .name_from_fen = 0, .daily_fen = 0, .cancels = true, .finals = { { .code = "A" }, { .code = "B" } },
				     .nfinals = 2 };
	const struct rail_profile theirs = { .id_retention_ms = 70, .min_fen = 1, .max_fen = 60, .name_from_fen = 40,
					     .anonymity = RAIL_REAL_NAME, .finals = { { .code = "B" }, { .code = "C" } },
					     .nfinals = 2, .cancels = true };
	struct rail_profile once;

	(void)state;
	rail_profile_narrow(&ours, &theirs);
	assert_int_equal(ours.id_retention_ms, 50);
	assert_false(ours.not_found_is_final);
	assert_int_equal(ours.min_fen, 5);
	assert_int_equal(ours.max_fen, 60);
	assert_int_equal(ours.name_from_fen, 40);
	assert_int_equal(ours.anonymity, RAIL_REAL_NAME);
	assert_true(ours.cancels);
	assert_int_equal(ours.nfinals, 1);
	assert_string_equal(ours.finals[0].code, "B");
	once = ours;
	rail_profile_narrow(&ours, &theirs);
	assert_int_equal(ours.max_fen, once.max_fen);
	assert_int_equal(ours.nfinals, once.nfinals);
}

static void outcomes_have_names(void **state)
{
	enum rail_outcome parsed;

	(void)state;
	for (int o = 0; o < RAIL_OUTCOMES; o++) {
		assert_true(rail_outcome_parse(span_of(rail_outcome_name((enum rail_outcome)o)), &parsed));
		assert_int_equal(parsed, o);
	}
	assert_false(rail_outcome_parse(SPAN("paid"), &parsed));
	assert_null(rail_outcome_name(RAIL_OUTCOMES));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_ends_by_the_list_alone),
		cmocka_unit_test(a_query_ends_when_it_says_so),
		cmocka_unit_test(a_callback_is_evidence),
		cmocka_unit_test(a_success_names_its_amount),
		cmocka_unit_test(a_request_to_cancel_cancels_nothing),
		cmocka_unit_test(some_states_need_better_evidence),
		cmocka_unit_test(refusals),
		cmocka_unit_test(silence),
		cmocka_unit_test(words_are_plain),
		cmocka_unit_test(callbacks_are_compared),
		cmocka_unit_test(profiles_only_narrow),
		cmocka_unit_test(outcomes_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
