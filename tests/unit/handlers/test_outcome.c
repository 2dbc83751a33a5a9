/*
 * The outcome table, row by row, and what a report of each row does to an attempt.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "handlers/payout/rail.h"

#define DAY_MS INT64_C(86400000)
#define NONE ATTEMPT_STATES   /* the attempt stays as it is */

/* What the specification says of each row; `succeeded` and `failed`: the state that such a report leads to. */
static const struct {
	enum outcome_row row;
	const char *name;
	enum outcome_act act;
	enum attempt_state succeeded, failed, unknown;
	bool new_id, alarm, incident;
} table[] = {
	{ .row = OUTCOME_NOT_SENT, .name = "not_sent", .act = OUTCOME_SEND_AGAIN, .succeeded = NONE, .failed = NONE, .unknown = NONE },
	{ .row = OUTCOME_NO_ANSWER, .name = "no_answer", .act = OUTCOME_STAY_UNKNOWN, .succeeded = ATTEMPT_UNKNOWN,
	  .failed = ATTEMPT_UNKNOWN, .unknown = ATTEMPT_UNKNOWN },
	{ .row = OUTCOME_WEAK_STATUS, .name = "weak_status", .act = OUTCOME_STAY_UNKNOWN, .succeeded = ATTEMPT_UNKNOWN,
	  .failed = ATTEMPT_UNKNOWN, .unknown = ATTEMPT_UNKNOWN },
	{ .row = OUTCOME_UNREADABLE, .name = "unreadable", .act = OUTCOME_STAY_UNKNOWN, .succeeded = ATTEMPT_UNKNOWN,
	  .failed = ATTEMPT_UNKNOWN, .unknown = ATTEMPT_UNKNOWN, .alarm = true },
	{ .row = OUTCOME_STATE, .name = "state", .act = OUTCOME_FOLLOW, .succeeded = ATTEMPT_SUCCEEDED, .failed = ATTEMPT_UNKNOWN,
	  .unknown = ATTEMPT_UNKNOWN },
	{ .row = OUTCOME_DUPLICATE, .name = "duplicate", .act = OUTCOME_FOLLOW, .succeeded = ATTEMPT_SUCCEEDED,
	  .failed = ATTEMPT_UNKNOWN, .unknown = ATTEMPT_UNKNOWN },
	{ .row = OUTCOME_MISMATCH, .name = "mismatch", .act = OUTCOME_STAY_UNKNOWN, .succeeded = ATTEMPT_UNKNOWN,
	  .failed = ATTEMPT_UNKNOWN, .unknown = ATTEMPT_UNKNOWN, .alarm = true, .incident = true },
	{ .row = OUTCOME_FINAL_CODE, .name = "final_code", .act = OUTCOME_END, .succeeded = ATTEMPT_UNKNOWN,
	  .failed = ATTEMPT_FAILED, .unknown = ATTEMPT_UNKNOWN, .new_id = true },
	{ .row = OUTCOME_OTHER_4XX, .name = "other_4xx", .act = OUTCOME_STAY_UNKNOWN, .succeeded = ATTEMPT_UNKNOWN,
	  .failed = ATTEMPT_UNKNOWN, .unknown = ATTEMPT_UNKNOWN },
	{ .row = OUTCOME_QUERY_ENDED, .name = "query_ended", .act = OUTCOME_END, .succeeded = ATTEMPT_UNKNOWN,
	  .failed = ATTEMPT_FAILED, .unknown = ATTEMPT_UNKNOWN, .new_id = true },
	{ .row = OUTCOME_NOT_FOUND, .name = "not_found", .act = OUTCOME_GRACE, .succeeded = NONE, .failed = NONE, .unknown = NONE },
	{ .row = OUTCOME_WEBHOOK, .name = "webhook", .act = OUTCOME_EVIDENCE, .succeeded = ATTEMPT_SUCCEEDED, .failed = NONE,
	  .unknown = NONE },
};

static void expect(enum outcome_row row, enum rail_outcome outcome, enum attempt_state wanted)
{
	const struct rail_report report = { .row = row, .outcome = outcome };
	enum attempt_state state = NONE;

	assert_int_equal(outcome_state(&report, &state), wanted != NONE);
	if (wanted != NONE)
		assert_int_equal(state, wanted);
}

static void every_row(void **state)
{
	(void)state;
	assert_int_equal(COUNT_OF(table), OUTCOME_ROWS);
	for (size_t i = 0; i < COUNT_OF(table); i++) {
		const struct outcome_rule *rule = outcome_rule(table[i].row);

		assert_string_equal(rule->name, table[i].name);
		assert_int_equal(rule->act, table[i].act);
		assert_int_equal(rule->new_id, table[i].new_id);
		assert_int_equal(rule->alarm, table[i].alarm);
		assert_int_equal(rule->incident, table[i].incident);
		expect(table[i].row, RAIL_SUCCEEDED, table[i].succeeded);
		expect(table[i].row, RAIL_FAILED, table[i].failed);
		expect(table[i].row, RAIL_UNKNOWN, table[i].unknown);
	}
}

/* The one thing that must never happen: a new id while the money may be on its way. */
static void a_new_id_needs_an_end(void **state)
{
	(void)state;
	for (int row = 0; row < OUTCOME_ROWS; row++) {
		for (int outcome = 0; outcome < RAIL_OUTCOMES; outcome++) {
			const struct rail_report report = { .row = (enum outcome_row)row, .outcome = (enum rail_outcome)outcome };
			enum attempt_state after = NONE;
			bool ended = outcome_state(&report, &after) && (after == ATTEMPT_FAILED || after == ATTEMPT_CANCELLED);

			assert_int_equal(outcome_new_id(&report), ended);
			if (ended)
				assert_true(row == OUTCOME_FINAL_CODE || row == OUTCOME_QUERY_ENDED);
		}
	}
}

static void a_report_of_nothing_is_unknown(void **state)
{
	const struct rail_report nothing = { 0 };
	enum attempt_state after;

	(void)state;
	assert_true(outcome_state(&nothing, &after));
	assert_int_equal(after, ATTEMPT_UNKNOWN);
	assert_false(outcome_new_id(&nothing));
}

static void statuses(void **state)
{
	(void)state;
	for (int status = 0; status < 700; status++) {
		enum outcome_row row = outcome_of_status(status);

		if (status >= 200 && status < 300)
			assert_int_equal(row, OUTCOME_STATE);
		else if (status == 409)
			assert_int_equal(row, OUTCOME_MISMATCH);
		else if (status >= 400 && status < 500 && status != 408 && status != 425 && status != 429)
			assert_int_equal(row, OUTCOME_OTHER_4XX);
		else
			assert_int_equal(row, OUTCOME_WEAK_STATUS);
		assert_false(outcome_rule(row)->new_id);
	}
}

static void states_are_followed(void **state)
{
	(void)state;
	expect(OUTCOME_STATE, RAIL_ACCEPTED, ATTEMPT_ACCEPTED);
	expect(OUTCOME_STATE, RAIL_NEEDS_PAYEE, ATTEMPT_NEEDS_PAYEE);
	expect(OUTCOME_STATE, RAIL_PROCESSING, ATTEMPT_PROCESSING);
	expect(OUTCOME_STATE, RAIL_CANCELLING, ATTEMPT_CANCELLING);
	expect(OUTCOME_STATE, RAIL_RETURNED, ATTEMPT_RETURNED);
	expect(OUTCOME_STATE, RAIL_CANCELLED, ATTEMPT_UNKNOWN);
	expect(OUTCOME_QUERY_ENDED, RAIL_CANCELLED, ATTEMPT_CANCELLED);
	expect(OUTCOME_WEBHOOK, RAIL_PROCESSING, NONE);
}

static void not_found_waits_for_its_grace(void **state)
{
	struct rail_profile profile = { .not_found_is_final = true, .id_retention_ms = DAY_MS };
	const int64_t sent = 1000, missed = 5000, due = missed + OUTCOME_GRACE_MS;
	struct outcome_missing m = { .first_sent_ms = sent, .first_missed_ms = missed, .answers = 3 };
	int64_t last = sent + DAY_MS - OUTCOME_MARGIN_MS;

	(void)state;
	assert_true(outcome_may_resend(&profile, &m, due));
	assert_false(outcome_may_resend(&profile, &m, due - 1));
	assert_true(outcome_may_resend(&profile, &m, last - 1));
	assert_false(outcome_may_resend(&profile, &m, last));
	m.answers = 2;
	assert_false(outcome_may_resend(&profile, &m, due));
	m.answers = 3;
	profile.not_found_is_final = false;
	assert_false(outcome_may_resend(&profile, &m, due));
}

/* A clock that went back, or a rail that keeps ids for less than the margin: never. */
static void ids_are_not_trusted_beyond_their_time(void **state)
{
	struct rail_profile profile = { .id_retention_ms = DAY_MS };

	(void)state;
	assert_true(outcome_id_kept(&profile, 1000, 1000));
	assert_false(outcome_id_kept(&profile, 1000, 999));
	profile.id_retention_ms = OUTCOME_MARGIN_MS;
	assert_false(outcome_id_kept(&profile, 1000, 1000));
	profile.id_retention_ms = 0;
	assert_false(outcome_id_kept(&profile, 1000, 1000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row),
		cmocka_unit_test(a_new_id_needs_an_end),
		cmocka_unit_test(a_report_of_nothing_is_unknown),
		cmocka_unit_test(statuses),
		cmocka_unit_test(states_are_followed),
		cmocka_unit_test(not_found_waits_for_its_grace),
		cmocka_unit_test(ids_are_not_trusted_beyond_their_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
