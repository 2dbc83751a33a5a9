/*
 * What changed in the queues, asked for over the staff's listener: at once when something did, after the wait when
 * nothing did, each region once, nothing of other regions, and honest when nobody can know.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "daemon/loop/flow.h"
#include "daemon/loop/loop.h"
#include "daemon/sys/clock.h"
#include "handlers/bureau/watch.h"
#include "tests/support/incident_rig.h"

#define STRANGE "0123456789abcdef-5"   /* a place that another process told */

/* One a second in 25 of them; a busy machine makes fewer, never more. */
#define LOOKS_OF_A_WHOLE_WAIT 20

static struct incident_rig r;

static int begin(void **state)
{
	(void)state;
	incident_rig_open(&r);
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

static struct rig_answer ask(const char *who, const char *query)
{
	return app_rig_ask(&r.rig, SITE_STAFF, "GET", arena_printf(&r.arena, "/api/v1/changes%s", query), who, (struct span){ 0 });
}

static struct span told(const char *who, const char *query)
{
	struct rig_answer answer = ask(who, query);

	if (answer.status != 200)
		fail_msg("%d %.*s", answer.status, (int)answer.body.len, answer.body.at);
	return arena_dup(&r.arena, answer.body);
}

/* "?after=..." with the place this answer leads to. */
static const char *from(struct span answer, const char *more)
{
	struct span next = rig_member(answer, "next");

	return arena_printf(&r.arena, "?after=%.*s%s", (int)next.len, next.at, more);
}

static const char *after(const char *place, const char *more)
{
	return arena_printf(&r.arena, "?after=%s%s", place, more);
}

static void assert_has(struct span json, const char *part)
{
	if (!rig_has(json, part))
		fail_msg("%.*s\nwanted: %s", (int)json.len, json.at, part);
}

static void assert_refused(struct rig_answer answer, int status, const char *part)
{
	if (answer.status != status || !rig_has(answer.body, part))
		fail_msg("%d %.*s\nwanted: %d %s", answer.status, (int)answer.body.len, answer.body.at, status, part);
}

/* --- what is told ------------------------------------------------------------------------------ */

static void who_begins_is_told_where_to_go_on_from(void **state)
{
	struct span first;

	(void)state;
	incident_rig_tip(&r, ORDOS, 1);
	first = told(r.officer, "");
	assert_has(first, "\"regions\":[]");
	assert_has(told(r.officer, from(first, "&wait_s=0")), "\"regions\":[]");
}

static void what_happened_in_between_is_told_at_once(void **state)
{
	struct span first = told(r.officer, ""), second;
	uint64_t looks;

	(void)state;
	incident_rig_tip(&r, ORDOS, 1);
	incident_rig_tip(&r, ORDOS, 2);
	second = told(r.officer, from(first, "&wait_s=25"));
	assert_has(second, "\"regions\":[\"150602\"]");
	/* Who asks again from there is told again, and nobody has to look for it. */
	looks = watch_looks(r.rig.app.watch);
	assert_true(span_eq(told(r.officer, from(first, "&wait_s=25")), second));
	assert_int_equal(watch_looks(r.rig.app.watch), looks);
	assert_has(told(r.officer, from(second, "&wait_s=0")), "\"regions\":[]");
}

static void send_tip(void *ctx)
{
	(void)ctx;
	incident_rig_tip_later(&r, BEIJING);
}

static void what_happens_while_somebody_waits_ends_the_wait(void **state)
{
	struct span first = told(r.officer, "");
	uint64_t looks = watch_looks(r.rig.app.watch);

	(void)state;
	loop_after(r.rig.loop, 50, send_tip, NULL);
	assert_has(told(r.officer, from(first, "&wait_s=25")), "\"regions\":[\"110101\"]");
	assert_true(watch_looks(r.rig.app.watch) - looks < LOOKS_OF_A_WHOLE_WAIT);
}

static void a_wait_in_which_nothing_happens_is_as_long_as_asked_for(void **state)
{
	struct span first = told(r.officer, "");
	uint64_t begun_ms = clock_steady_ms();

	(void)state;
	assert_has(told(r.officer, from(first, "&wait_s=1")), "\"regions\":[]");
	assert_true(clock_steady_ms() - begun_ms >= 1000);
}

static void of_other_regions_nothing_is_told(void **state)
{
	const char *ordos = incident_rig_bearer(&r, "local", WHO_OFFICER, "150600");
	struct span first = told(ordos, ""), all;

	(void)state;
	incident_rig_tip(&r, BEIJING, 1);
	assert_has(told(ordos, from(first, "&wait_s=0")), "\"regions\":[]");
	incident_rig_tip(&r, ORDOS, 2);
	assert_has(told(ordos, from(first, "&wait_s=5")), "\"regions\":[\"150602\"]");
	all = told(ordos, "?after=" STRANGE);
	assert_has(all, "\"regions\":[\"150602\"]");
	assert_has(told(r.officer, "?after=" STRANGE), "\"regions\":[\"110101\",\"150602\"]");
}

static void a_place_that_is_not_of_this_watch_tells_all_at_once(void **state)
{
	struct span first;
	const char *future;

	(void)state;
	incident_rig_tip(&r, ORDOS, 1);
	first = told(r.officer, "");
	future = arena_printf(&r.arena, "%.*s9999", (int)rig_member(first, "next").len, rig_member(first, "next").at);
	assert_has(told(r.officer, after(future, "&wait_s=25")), "\"regions\":[\"150602\"]");
	assert_has(told(r.officer, after(STRANGE, "&wait_s=25")), "\"regions\":[\"150602\"]");
	assert_has(told(r.officer, after("0000000000000000-0", "&wait_s=25")), "\"regions\":[\"150602\"]");
}

/* --- what is refused ------------------------------------------------------------------------------ */

static void a_query_that_is_none_is_refused_by_name(void **state)
{
	static const char *const places[] = {
		"", "1", "-", "0123456789abcdef", "0123456789abcdef-", "0123456789ABCDEF-1", "0123456789abcdef--1", "0123456789abcde-1",
		"0123456789abcdefg-1", "0123456789abcdef-99999999999999999999", "0123456789abcdef-1%00", "%00%00-1",
		"%00%00%00%00%00%00%00%00%00%00%00%00%00%00%00%00-1",
	};
	static const char *const waits[] = { "", "26", "-1", "x", "1.5", "99999999999999999999", "1%00" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(places); i++)
		assert_refused(ask(r.officer, after(places[i], "")), 400, "\"field\":\"after\"");
	for (size_t i = 0; i < COUNT_OF(waits); i++)
		assert_refused(ask(r.officer, arena_printf(&r.arena, "?wait_s=%s", waits[i])), 400, "\"field\":\"wait_s\"");
	assert_int_equal(watch_looks(r.rig.app.watch), 0);
}

static void who_does_not_work_on_tips_is_told_nothing(void **state)
{
	(void)state;
	assert_refused(ask(incident_rig_bearer(&r, "admin", WHO_ADMIN, "000000"), ""), 403, "\"code\":\"role_needed\"");
	assert_refused(ask(NULL, ""), 401, "\"code\":\"token_needed\"");
}

static void nobody_is_told_that_nothing_happened_by_a_store_that_is_away(void **state)
{
	(void)state;
	r.rig.store->trouble = TROUBLE_LOST;
	r.rig.store->trouble_of = STORE_OPS;
	assert_refused(ask(r.officer, ""), 503, "\"code\":\"store_unavailable\"");
	r.rig.store->trouble = TROUBLE_NONE;
	assert_has(told(r.officer, ""), "\"regions\":[]");
}

/* A daemon that goes down does not keep those who wait. */
static void drain(void *ctx)
{
	(void)ctx;
	r.rig.app.draining = true;
}

static void a_daemon_that_goes_down_answers_who_waits(void **state)
{
	struct span first = told(r.officer, "");
	uint64_t looks = watch_looks(r.rig.app.watch);

	(void)state;
	loop_after(r.rig.loop, 50, drain, NULL);
	assert_has(told(r.officer, from(first, "&wait_s=25")), "\"regions\":[]");
	assert_true(watch_looks(r.rig.app.watch) - looks < LOOKS_OF_A_WHOLE_WAIT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(who_begins_is_told_where_to_go_on_from),
		TEST(what_happened_in_between_is_told_at_once),
		TEST(what_happens_while_somebody_waits_ends_the_wait),
		TEST(a_wait_in_which_nothing_happens_is_as_long_as_asked_for),
		TEST(of_other_regions_nothing_is_told),
		TEST(a_place_that_is_not_of_this_watch_tells_all_at_once),
		TEST(a_query_that_is_none_is_refused_by_name),
		TEST(who_does_not_work_on_tips_is_told_nothing),
		TEST(nobody_is_told_that_nothing_happened_by_a_store_that_is_away),
		TEST(a_daemon_that_goes_down_answers_who_waits),
	};

	return cmocka_run_group_tests(tests, NULL, finish_all);
}
