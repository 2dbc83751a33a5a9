/*
 * Taking one tip that an officer chose: it is his or it is told whose it is, once, with the journal's one event,
 * whoever was faster and whatever the store lost.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "daemon/loop/flow.h"
#include "daemon/loop/loop.h"
#include "daemon/sys/config.h"
#include "tests/support/incident_rig.h"

#include <stdio.h>

static struct incident_rig r;
static const char *other;   /* an officer of the same province */
static struct tip_id tip;

static int begin(void **state)
{
	(void)state;
	incident_rig_open(&r);
	other = incident_rig_bearer(&r, "other", WHO_OFFICER, "150000");
	tip = incident_rig_tip(&r, ORDOS, 1);
	return 0;
}

static int finish(void **state)
{
	(void)state;
	assert_int_equal(flow_count(r.rig.loop), 0);
	incident_rig_close(&r);
	return 0;
}

static int finish_all(void **state)
{
	(void)state;
	app_rig_done();
	return 0;
}

static struct rig_answer take(const char *who, const char *body)
{
	return incident_rig_post(&r, who, &tip, "claim", body);
}

static void assert_answer(struct rig_answer answer, int status, const char *part)
{
	if (answer.status != status || !rig_has(answer.body, part))
		fail_msg("%d %.*s\nwanted: %d %s", answer.status, (int)answer.body.len, answer.body.at, status, part);
}

static void assert_holder(const char *person)
{
	const struct store_row *row = incident_rig_row(&r, &tip);

	assert_true(span_is(row->holder, person));
	assert_int_equal(row->state, person[0] != '\0' ? TIP_CLAIMED : TIP_QUEUED);
}

/* --- who gets it ------------------------------------------------------------------------------- */

static void that_very_tip_is_taken(void **state)
{
	struct tip_id before = incident_rig_tip(&r, ORDOS "，快来", 0);

	(void)state;
	assert_answer(take(r.officer, "{}"), 200, "\"holder\":\"officer\"");
	assert_holder("officer");
	assert_int_equal(incident_rig_row(&r, &before)->state, TIP_QUEUED);
	assert_true(incident_rig_journal(&r, "15", "\"e\":\"claimed\"", tip.text));
	assert_false(incident_rig_journal(&r, "15", "\"e\":\"claimed\"", before.text));
}

static void who_has_it_gets_it_again(void **state)
{
	size_t events;
	int64_t until;

	(void)state;
	assert_answer(take(r.officer, "{}"), 200, "砖厂");
	events = incident_rig_events(&r, "15");
	until = incident_rig_row(&r, &tip)->lease_until_ms;
	assert_answer(take(r.officer, "{\"lease_s\":9}"), 200, "砖厂");
	assert_int_equal(incident_rig_events(&r, "15"), events);
	assert_int_equal(incident_rig_row(&r, &tip)->lease_until_ms, until);
}

static void what_somebody_has_stays_theirs(void **state)
{
	struct rig_answer answer;

	(void)state;
	assert_int_equal(take(r.officer, "{}").status, 200);
	answer = take(other, "{}");
	assert_answer(answer, 409, "\"code\":\"held_by_other\"");
	assert_true(rig_has(answer.body, "officer holds this tip."));
	assert_false(rig_has(answer.body, "砖厂"));
	assert_holder("officer");
}

static void what_is_over_is_not_taken(void **state)
{
	(void)state;
	assert_int_equal(take(r.officer, "{}").status, 200);
	assert_int_equal(incident_rig_post(&r, r.officer, &tip, "close", "{\"outcome\":\"prank\",\"note\":\"x\"}").status, 200);
	assert_answer(take(r.officer, "{}"), 409, "\"code\":\"not_in_this_state\"");
	assert_int_equal(incident_rig_row(&r, &tip)->state, TIP_CLOSED);
}

static void a_tip_of_elsewhere_is_answered_like_none(void **state)
{
	const char *beijing = incident_rig_bearer(&r, "beijing", WHO_OFFICER, "110000");
	struct tip_id none = tip, malformed = tip;
	struct span foreign;

	(void)state;
	foreign = arena_dup(&r.arena, take(beijing, "{}").body);
	assert_true(rig_has(foreign, "\"code\":\"no_such_tip\""));
	memcpy(none.text + 3, "ZZZZZZZZZZ", 10);
	assert_true(span_eq(incident_rig_post(&r, beijing, &none, "claim", "{}").body, foreign));
	memcpy(malformed.text + 3, "!", 1);
	assert_answer(incident_rig_post(&r, r.officer, &malformed, "claim", "{}"), 404, "\"code\":\"no_such_tip\"");
	assert_holder("");
}

static void a_tip_that_passed_upwards_is_read_and_not_taken(void **state)
{
	const char *county = incident_rig_bearer(&r, "county", WHO_OFFICER, "150602");

	(void)state;
	incident_rig_raise(&r, &tip, "150600");
	assert_answer(incident_rig_get(&r, county, "tips", &tip), 200, "砖厂");
	assert_answer(take(county, "{}"), 403, "\"code\":\"escalated\"");
	assert_holder("");
	assert_answer(take(other, "{}"), 200, "\"holder\":\"other\"");
}

/* --- the lease --------------------------------------------------------------------------------- */

static void the_lease_is_as_long_as_asked_for(void **state)
{
	static const struct clock_limits none;
	int64_t now_ms = incident_rig_ask(&r, &(struct store_request){ .op = STORE_OVERDUE, .shard = "15", .max = 1, .limits = &none })->now_ms;

	(void)state;
	assert_int_equal(take(r.officer, "{\"lease_s\":61}").status, 200);
	assert_int_equal(incident_rig_row(&r, &tip)->lease_until_ms, now_ms + 61000);
}

static void a_lease_that_is_none_takes_nothing(void **state)
{
	static const char *const bodies[] = {
		"{\"lease_s\":0}",   "{\"lease_s\":-1}",  "{\"lease_s\":\"5\"}", "{\"lease_s\":1.5}",
		"{\"lease_s\":1e9}", "{\"lease_s\":{}}", "{\"lease_s\":99999999999999999999}",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bodies); i++)
		assert_answer(take(r.officer, bodies[i]), 400, "\"field\":\"lease_s\"");
	assert_answer(take(r.officer, arena_printf(&r.arena, "{\"lease_s\":%llu}", (unsigned long long)r.rig.config.lease.max_s + 1)), 400,
		      "\"field\":\"lease_s\"");
	assert_int_equal(take(r.officer, "{\"lease_s\":").status, 400);
	assert_holder("");
}

/* --- others, and the world ------------------------------------------------------------------------ */

static void claim_past_the_handlers(const char *person)
{
	struct store_claim claim = { .regions = (const char[][7]){ "150602" }, .nregions = 1, .max = 1, .lease_ms = 60000,
				     .holder = span_of(person), .only = tip };

	memcpy(claim.shard, "15", 3);
	incident_rig_ask(&r, &(struct store_request){ .op = STORE_CLAIM, .claim = &claim });
}

/* The tip was read while it waited; somebody takes it before it is claimed. */
static void somebody_else_is_faster(void *ctx)
{
	struct store_double *store = r.rig.store;

	if (store->troubled == 0) {
		loop_after(r.rig.loop, 1, somebody_else_is_faster, ctx);
		return;
	}
	store->trouble = TROUBLE_NONE;
	claim_past_the_handlers(ctx);
	store_double_release(store);
}

static struct rig_answer take_while_they_do(const char *they)
{
	char name[16];

	snprintf(name, sizeof(name), "%s", they);
	r.rig.store->trouble = TROUBLE_HELD;
	r.rig.store->trouble_of = STORE_READ;
	loop_after(r.rig.loop, 1, somebody_else_is_faster, name);
	return take(r.officer, "{}");
}

static void who_was_slower_is_told_who_was_faster(void **state)
{
	(void)state;
	assert_answer(take_while_they_do("other"), 409, "other holds this tip.");
	assert_holder("other");
}

/* Two windows of one person. */
static void who_was_faster_in_another_window_has_it(void **state)
{
	(void)state;
	assert_answer(take_while_they_do("officer"), 200, "\"holder\":\"officer\"");
	assert_holder("officer");
}

static void a_store_that_is_away_is_said_so(void **state)
{
	static const enum store_op ops[] = { STORE_READ, STORE_CLAIM };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(ops); i++) {
		r.rig.store->trouble = TROUBLE_LOST;
		r.rig.store->trouble_of = ops[i];
		assert_answer(take(r.officer, "{}"), 503, "\"code\":\"store_unavailable\"");
		r.rig.store->trouble = TROUBLE_NONE;
		assert_holder("");
	}
}

static void an_answer_that_was_lost_is_asked_for_again(void **state)
{
	size_t events;

	(void)state;
	r.rig.store->trouble = TROUBLE_MUTE;
	r.rig.store->trouble_of = STORE_CLAIM;
	assert_answer(take(r.officer, "{}"), 503, "\"code\":\"store_unavailable\"");
	r.rig.store->trouble = TROUBLE_NONE;
	events = incident_rig_events(&r, "15");
	assert_answer(take(r.officer, "{}"), 200, "\"holder\":\"officer\"");
	assert_int_equal(incident_rig_events(&r, "15"), events);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(that_very_tip_is_taken),
		TEST(who_has_it_gets_it_again),
		TEST(what_somebody_has_stays_theirs),
		TEST(what_is_over_is_not_taken),
		TEST(a_tip_of_elsewhere_is_answered_like_none),
		TEST(a_tip_that_passed_upwards_is_read_and_not_taken),
		TEST(the_lease_is_as_long_as_asked_for),
		TEST(a_lease_that_is_none_takes_nothing),
		TEST(who_was_slower_is_told_who_was_faster),
		TEST(who_was_faster_in_another_window_has_it),
		TEST(a_store_that_is_away_is_said_so),
		TEST(an_answer_that_was_lost_is_asked_for_again),
	};

	return cmocka_run_group_tests(tests, NULL, finish_all);
}
