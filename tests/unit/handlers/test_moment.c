/*
 * As of when auditors see the money journal: by number, time and day the same records, as they were then, the same
 * bytes again however much came after; what has not come yet and what is no moment is refused by name.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/civil_time.h"
#include "daemon/base/table.h"
#include "tests/support/money_rig.h"

static struct money_rig m;
static struct rig_case about;
static size_t before;   /* records, when the reward was not there yet */

static const struct audit_log *journal(void)
{
	return office_audit_log(m.app.app.office);
}

static int begin(void **state)
{
	(void)state;
	money_rig_open(&m, NULL);
	before = audit_log_n(journal());
	money_rig_days(&m, 3);
	money_rig_proposed(&m, &about);
	return 0;
}

static int finish(void **state)
{
	(void)state;
	money_rig_close(&m);
	app_rig_done();
	return 0;
}

static struct rig_answer ask(const char *query)
{
	return money_rig_call(&m, "auditor", "GET", money_rig_text(&m, "/api/v1/audit/summary%s", query), "", "");
}

static struct span whole(const char *query)
{
	struct rig_answer answer = ask(query);

	if (answer.status != 200)
		fail_msg("%s: %d %.*s", query, answer.status, (int)answer.body.len, answer.body.at);
	return arena_dup(&m.arena, answer.body);
}

static struct span as_of(const char *moment)
{
	return whole(money_rig_text(&m, "?as_of=%s", moment));
}

static struct span as_of_number(size_t n)
{
	return as_of(money_rig_text(&m, "%zu", n));
}

static void assert_records(struct span json, size_t n)
{
	const char *part = money_rig_text(&m, "{\"as_of\":{\"seq\":%zu,", n);

	if (!rig_has(json, part))
		fail_msg("%.*s\nwanted: %s", (int)json.len, json.at, part);
}

static void assert_refused(const char *query, const char *field)
{
	struct rig_answer answer = ask(query);

	if (answer.status != 400 || !rig_has(answer.body, "\"code\":\"field_invalid\"") ||
	    !rig_has(answer.body, money_rig_text(&m, "\"field\":\"%s\"", field)))
		fail_msg("%s: %d %.*s\nwanted: %s", query, answer.status, (int)answer.body.len, answer.body.at, field);
}

static int64_t at_ms(size_t number)
{
	return audit_log_row(journal(), number - 1)->at_ms;
}

/* In whole seconds, as they are asked for. */
static const char *second_of(int64_t ms)
{
	char text[CIVIL_TEXT_MAX];

	return money_rig_text(&m, "%s", civil_write(ms, text).at);
}

static const char *day_of(int64_t ms)
{
	char text[CIVIL_DATE_MAX];

	return money_rig_text(&m, "%s", civil_write_date(ms, CIVIL_BEIJING_MINUTES, text).at);
}

/* --- which records count ------------------------------------------------------------------------ */

static void number_time_and_day_say_the_same(void **state)
{
	(void)state;
	assert_true(before > 0 && audit_log_n(journal()) > before);
	assert_records(as_of_number(before), before);
	assert_records(as_of(second_of(at_ms(before) + 1000)), before);
	assert_records(as_of(day_of(at_ms(before))), before);
	assert_records(whole(""), audit_log_n(journal()));
	assert_true(span_eq(whole(""), as_of_number(audit_log_n(journal()))));
}

static void before_the_first_record_there_was_nothing(void **state)
{
	struct span none = as_of_number(0), early = as_of("2020-01-01T00:00:00Z");

	(void)state;
	assert_records(none, 0);
	assert_records(early, 0);
	assert_true(rig_has(none, "\"head\":\"0000000000000000000000000000000000000000000000000000000000000000\",\"at\":null"));
	assert_true(rig_has(early, "\"reckoned_at\":\"2020-01-01T00:00:00Z\""));
	assert_records(as_of("1999-12-31"), 0);
}

/* Of a number its record's time, of a day its end on the clocks in China. */
static void ages_are_reckoned_to_the_moment(void **state)
{
	const char *day = day_of(at_ms(before));

	(void)state;
	assert_true(rig_has(as_of_number(before), money_rig_text(&m, "\"reckoned_at\":\"%s\"", second_of(at_ms(before)))));
	assert_true(rig_has(as_of(day), money_rig_text(&m, "\"reckoned_at\":\"%sT15:59:59Z\"", day)));
}

static void the_same_number_gives_the_same_bytes_again(void **state)
{
	static const char *const forms[] = { "json", "csv", "jsonl" };
	struct span first[COUNT_OF(forms)];
	struct rig_case later;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(forms); i++)
		first[i] = whole(money_rig_text(&m, "?as_of=%zu&format=%s", before, forms[i]));
	money_rig_proposed(&m, &later);
	for (size_t i = 0; i < COUNT_OF(forms); i++)
		assert_true(span_eq(whole(money_rig_text(&m, "?as_of=%zu&format=%s", before, forms[i])), first[i]));
}

/* --- what is refused -------------------------------------------------------------------------------- */

static void what_has_not_come_yet_is_refused(void **state)
{
	int64_t now_ms = treasury_now_ms(m.app.app.treasury);

	(void)state;
	assert_refused(money_rig_text(&m, "?as_of=%zu", audit_log_n(journal()) + 1), "as_of");
	assert_refused(money_rig_text(&m, "?as_of=%s", second_of(now_ms + 2 * RIG_DAY_MS)), "as_of");
	/* A day that is not over has more to come. */
	assert_refused(money_rig_text(&m, "?as_of=%s", day_of(now_ms)), "as_of");
}

static void what_is_no_moment_is_refused(void **state)
{
	static const char *const moments[] = {
		"-1",	 "1e3",	  "%2b1",	"0x1",	      "1.0",	     "18446744073709551616", "99999999999999999999", "yesterday",
		"2026",	 "1%00", "2026-13-01", "2026-02-30", "2026-1-1", "2026-01-01T25:00:00Z", "2026-01-01T00:00:00", "%31%20",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(moments); i++)
		assert_refused(money_rig_text(&m, "?as_of=%s", moments[i]), "as_of");
}

static void a_form_that_is_none_is_refused_by_its_own_name(void **state)
{
	static const char *const queries[][2] = {
		{ "?format=xml", "format" }, { "?format=JSON", "format" }, { "?format=csv%00", "format" }, { "?bom=2", "bom" },
		{ "?bom=true", "bom" },	     { "?as_of=x&format=xml", "format" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(queries); i++)
		assert_refused(queries[i][0], queries[i][1]);
}

/* --- who sees what ------------------------------------------------------------------------------------- */

static void an_auditor_sees_his_own_region(void **state)
{
	const char *beijing = money_rig_text(&m, "Authorization: Bearer %s\r\n",
					     app_rig_token(&m.app, "elsewhere", WHO_AUDITOR, "110000", &m.arena));
	struct rig_answer answer = app_rig_ask(&m.app, SITE_STAFF, "GET", "/api/v1/audit/summary?format=csv", beijing, (struct span){ 0 });

	(void)state;
	assert_int_equal(answer.status, 200);
	assert_false(rig_has(answer.body, DEMO_BUREAU "/"));
	assert_true(rig_has(whole("?format=csv"), DEMO_BUREAU "/"));
	assert_int_equal(money_rig_call(&m, "finance", "GET", "/api/v1/audit/summary", "", "").status, 403);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(number_time_and_day_say_the_same),
		cmocka_unit_test(before_the_first_record_there_was_nothing),
		cmocka_unit_test(ages_are_reckoned_to_the_moment),
		cmocka_unit_test(the_same_number_gives_the_same_bytes_again),
		cmocka_unit_test(what_has_not_come_yet_is_refused),
		cmocka_unit_test(what_is_no_moment_is_refused),
		cmocka_unit_test(a_form_that_is_none_is_refused_by_its_own_name),
		cmocka_unit_test(an_auditor_sees_his_own_region),
	};

	return cmocka_run_group_tests(tests, begin, finish);
}
