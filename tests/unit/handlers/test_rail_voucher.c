/*
 * The bank counter as a rail: every question is answered from the voucher.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "tests/support/rail_rig.h"

static const unsigned char key[32] = { 1 };
static const unsigned char random_bytes[VOUCHER_RANDOM_BYTES] = { 2 };

static struct rail_rig rig;
static struct voucher voucher;

static int begin(void **state)
{
	struct voucher_word word;

	(void)state;
	rail_rig_begin(&rig, "voucher", NULL);
	voucher_make(random_bytes, key, rig.instruction.fen, RAIL_RIG_NOW_MS, &voucher, &word);
	rig.instruction.voucher = &voucher;
	return 0;
}

static int end(void **state)
{
	(void)state;
	rail_rig_end(&rig);
	return 0;
}

static void an_instruction_waits_for_the_claimant(void **state)
{
	enum attempt_state after;

	(void)state;
	assert_int_equal(rig.rail->instruct(&rig.job, &rig.asked, &rig.report, &rig.why), RAIL_TOLD);
	assert_int_equal(rig.report.outcome, RAIL_NEEDS_PAYEE);
	assert_string_equal(rig.report.provider_ref, voucher.number);
	assert_string_equal(rig.report.instruction, RAIL_RIG_ID);
	assert_int_equal(rig.report.fen, 850000);
	assert_true(outcome_state(&rig.report, &after));
	assert_int_equal(after, ATTEMPT_NEEDS_PAYEE);
	assert_null(rig.asked.url);
}

static void each_state_tells_the_attempt(void **state)
{
	static const struct {
		enum voucher_state state;
		enum attempt_state after;
		const char *code;
		bool new_id;
	} rows[] = {
		{ .state = VOUCHER_OPEN, .after = ATTEMPT_NEEDS_PAYEE, .code = "VOUCHER_OPEN" },
		{ .state = VOUCHER_REDEEMED, .after = ATTEMPT_SUCCEEDED, .code = "VOUCHER_REDEEMED" },
		{ .state = VOUCHER_VOID, .after = ATTEMPT_CANCELLED, .code = "VOUCHER_VOID", .new_id = true },
		{ .state = VOUCHER_EXPIRED, .after = ATTEMPT_FAILED, .code = "VOUCHER_EXPIRED", .new_id = true },
	};
	enum attempt_state after;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows) * 2; i++) {
		voucher.state = rows[i / 2].state;
		assert_int_equal((i % 2 ? rig.rail->cancel : rig.rail->query)(&rig.job, &rig.asked, &rig.report, &rig.why), RAIL_TOLD);
		assert_true(outcome_state(&rig.report, &after));
		assert_int_equal(after, rows[i / 2].after);
		assert_string_equal(rig.report.code, rows[i / 2].code);
		assert_int_equal(rig.report.evidence, EVIDENCE_QUERY);
		assert_int_equal(outcome_new_id(&rig.report), rows[i / 2].new_id);
	}
}

static void time_alone_expires_it(void **state)
{
	(void)state;
	rig.job.now_ms = voucher.expires_ms;
	rig.rail->query(&rig.job, &rig.asked, &rig.report, &rig.why);
	assert_int_equal(rig.report.outcome, RAIL_FAILED);
	assert_int_equal(rig.report.fault, RAIL_FAULT_PAYEE);
	voucher.state = VOUCHER_REDEEMED;
	rig.rail->query(&rig.job, &rig.asked, &rig.report, &rig.why);
	assert_int_equal(rig.report.outcome, RAIL_SUCCEEDED);
}

static void without_a_fitting_voucher_nothing_is_told(void **state)
{
	(void)state;
	voucher.fen--;
	assert_int_equal(rig.rail->instruct(&rig.job, &rig.asked, &rig.report, &rig.why), RAIL_CANNOT);
	rig.instruction.voucher = NULL;
	assert_int_equal(rig.rail->instruct(&rig.job, &rig.asked, &rig.report, &rig.why), RAIL_CANNOT);
	assert_int_equal(rig.rail->query(&rig.job, &rig.asked, &rig.report, &rig.why), RAIL_CANNOT);
	assert_true(rig.why.text[0] != '\0');
}

static void the_profile(void **state)
{
	struct rail_profile profile;

	(void)state;
	rig.rail->profile(&rig.config, &profile);
	assert_int_equal(profile.anonymity, RAIL_ANONYMOUS);
	assert_int_equal(profile.life_ms, VOUCHER_LIFE_MS);
	assert_true(profile.cancels && profile.statements);
	assert_false(profile.hooks);
	assert_null(rig.rail->verify_hook);
	rig.config.max_fen = 849999;
	assert_int_equal(rig.rail->instruct(&rig.job, &rig.asked, &rig.report, &rig.why), RAIL_CANNOT);
	assert_true(rig.rail->check(&rig.config, &rig.why));
	rig.config.url = NULL;
	assert_false(rig.rail->check(&rig.config, &rig.why));
	rig.config.account = NULL;
	assert_true(rig.rail->check(&rig.config, &rig.why));
}

/* An answer that nobody asked for says nothing. */
static void no_answer_is_awaited(void **state)
{
	(void)state;
	rail_rig_answer(&rig, 200, "{\"state\":\"succeeded\"}");
	rig.rail->read_instruct(&rig.job, &rig.asked, &rig.answer, &rig.report);
	assert_int_equal(rig.report.outcome, RAIL_UNKNOWN);
	assert_true(rig.report.alarm);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_instruction_waits_for_the_claimant, begin, end),
		cmocka_unit_test_setup_teardown(each_state_tells_the_attempt, begin, end),
		cmocka_unit_test_setup_teardown(time_alone_expires_it, begin, end),
		cmocka_unit_test_setup_teardown(without_a_fitting_voucher_nothing_is_told, begin, end),
		cmocka_unit_test_setup_teardown(the_profile, begin, end),
		cmocka_unit_test_setup_teardown(no_answer_is_awaited, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
