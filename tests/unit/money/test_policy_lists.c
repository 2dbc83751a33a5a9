/*
 * Bands, factors, exclusions and approval bands of a policy file.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/money/policy_sample.h"

#include "daemon/base/buf.h"
#include "daemon/base/civil_time.h"
#include "daemon/base/table.h"

#define HEAD                                                                                                         \
	"{\"policy\":\"p\",\"version\":1,\"currency\":\"CNY\",\"effective_from\":\"2026-01-01\",\"min\":1,"         \
	"\"max\":2,\"case_cap\":3,\"round_to\":1,\"round\":\"half_up\",\"band_rule\":\"highest_only\","              \
	"\"per_point\":0,\"claim_days\":60,\"tax_bp\":0,\"instalments_max\":1,\"external_award\":\"net\",\"split\":" \
	SPLIT_FIRST_ONLY

static const struct lists { const char *bands, *factors, *levels, *exclude, *days, *complaint; } fine = {
	.bands = "{\"a\":1}", .factors = "{}", .levels = "[[null,[\"x\"]]]", .exclude = "[]",
};

static void judge(const struct lists *row)
{
	struct buf text = { 0 };
	struct complaint why = { .text = "" };
	struct policy *policy;

	buf_add_text(&text, HEAD);
	buf_printf(&text, ",\n\"bands\":%s,\n\"factors\":%s,\n\"approval_bands\":%s,\n\"exclude\":%s%s}",
		   row->bands != NULL ? row->bands : fine.bands, row->factors != NULL ? row->factors : fine.factors,
		   row->levels != NULL ? row->levels : fine.levels, row->exclude != NULL ? row->exclude : fine.exclude,
		   row->days != NULL ? row->days : "");
	policy = policy_load("p.json", buf_span(&text), &why);
	if ((policy == NULL) != (row->complaint != NULL))
		fail_msg("%s: %s", text.at, why.text);
	if (policy == NULL && strstr(why.text, row->complaint) == NULL)
		fail_msg("%s: %s", text.at, why.text);
	policy_free(policy);
	buf_release(&text);
}

static void bands(void **state)
{
	static const struct lists rows[] = {
		{ .bands = "{\"a\":9007199254740991,\"b_2-x\":1}" },
		{ .bands = "{}", .complaint = "p.json:2: bands: expected 1 to 32 bands" },
		{ .bands = "[1]", .complaint = "p.json:2: bands: expected an object" },
		{ .bands = "{\"a\":0}", .complaint = "p.json:2: a: expected a whole number of fen" },
		{ .bands = "{\"a\":1,\n\"b\":-5}", .complaint = "p.json:3: b: expected a whole number of fen" },
		{ .bands = "{\"a\":\"1\"}", .complaint = "a: expected a whole number of fen" },
		{ .bands = "{\"A\":1}", .complaint = "bands: expected a name" },
		{ .bands = "{\"2a\":1}", .complaint = "bands: expected a name" },
		{ .bands = "{\"a\":1,\"a\":1}", .complaint = "a name comes twice" },
		{ .bands = "{\"abcdefghijabcdefghijabcdefghijabcdefghijabcdefg\":1}" },
		{ .bands = "{\"abcdefghijabcdefghijabcdefghijabcdefghijabcdefgh\":1}", .complaint = "bands: expected a name" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		judge(&rows[i]);
}

static void factors(void **state)
{
	static const struct lists rows[] = {
		{ .factors = "{\"f\":[0,0],\"g\":[-1000,1000]}" },
		{ .factors = "{\"f\":[1,3]}", .complaint = "p.json:3: f: expected [least, most]" },
		{ .factors = "{\"f\":[-2,-1]}", .complaint = "f: expected [least, most]" },
		{ .factors = "{\"f\":[0]}", .complaint = "f: expected [least, most]" },
		{ .factors = "{\"f\":[0,1,2]}", .complaint = "f: expected [least, most]" },
		{ .factors = "{\"f\":[0,1001]}", .complaint = "f: expected [least, most]" },
		{ .factors = "{\"f\":[0,\"1\"]}", .complaint = "f: expected [least, most]" },
		{ .factors = "{\"f\":7}", .complaint = "f: expected [least, most]" },
		{ .factors = "[]", .complaint = "factors: expected an object" },
		{ .factors = "{\"a\":[0,1],\"b\":[0,1],\"c\":[0,1],\"d\":[0,1],\"e\":[0,1],\"f\":[0,1],\"g\":[0,1],"
			     "\"h\":[0,1],\"i\":[0,1],\"j\":[0,1],\"k\":[0,1],\"l\":[0,1],\"m\":[0,1],\"n\":[0,1],"
			     "\"o\":[0,1],\"p\":[0,1],\"q\":[0,1]}",
		  .complaint = "factors: expected at most 16" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		judge(&rows[i]);
}

static void approval_bands(void **state)
{
	static const struct lists rows[] = {
		{ .levels = "[[1,[\"x\"]],[2,[\"x:2\"]],[null,[\"x:10\",\"y\"]]]" },
		{ .levels = "[]", .complaint = "p.json:4: approval_bands: expected null as the limit of the last" },
		{ .levels = "[[5,[\"x\"]]]", .complaint = "expected null as the limit of the last" },
		{ .levels = "[[null,[\"x\"]],[null,[\"x\"]]]", .complaint = "expected a limit above the one before" },
		{ .levels = "[[5,[\"x\"]],\n[5,[\"x\"]],[null,[\"x\"]]]", .complaint = "p.json:5: approval_bands: expected a limit above" },
		{ .levels = "[[0,[\"x\"]],[null,[\"x\"]]]", .complaint = "expected a limit in fen" },
		{ .levels = "[[\"5\",[\"x\"]],[null,[\"x\"]]]", .complaint = "expected a limit in fen" },
		{ .levels = "[[5,[\"x:2\"]],[null,[\"x\"]]]", .complaint = "expected at least as many persons" },
		{ .levels = "[[null,[]]]", .complaint = "expected titles" },
		{ .levels = "[[null,\"x\"]]", .complaint = "expected titles" },
		{ .levels = "[[null,[\"x\",7]]]", .complaint = "expected titles" },
		{ .levels = "[[null,[\"x:1\"]]]", .complaint = "expected titles" },
		{ .levels = "[[null,[\"x:\"]]]", .complaint = "expected titles" },
		{ .levels = "[[null,[\"x:12\"]]]", .complaint = "11 persons at most" },
		{ .levels = "[[null,[\"x:10\",\"y:2\"]]]", .complaint = "11 persons at most" },
		{ .levels = "[[null,[\"x:99999999999999999999\"]]]", .complaint = "expected titles" },
		{ .levels = "[[null]]", .complaint = "expected [limit, [titles]]" },
		{ .levels = "[[null,[\"x\"],1]]", .complaint = "expected [limit, [titles]]" },
		{ .levels = "{}", .complaint = "expected a list" },
		{ .levels = "[[1,[\"x\"]],[2,[\"x\"]],[3,[\"x\"]],[4,[\"x\"]],[5,[\"x\"]],[6,[\"x\"]],[7,[\"x\"]],[8,[\"x\"]],"
			    "[9,[\"x\"]],[10,[\"x\"]],[11,[\"x\"]],[12,[\"x\"]],[13,[\"x\"]],[14,[\"x\"]],[15,[\"x\"]],"
			    "[16,[\"x\"]],[null,[\"x\"]]]",
		  .complaint = "expected at most 16 bands" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		judge(&rows[i]);
}

static void exclusions(void **state)
{
	static const struct lists rows[] = {
		{ .exclude = "[\"duty\",\"offender\",\"victim\"]" },
		{ .exclude = "[\"duty\",\"duty\"]", .complaint = "p.json:5: exclude: expected a list" },
		{ .exclude = "[\"friend\"]", .complaint = "exclude: expected a list" },
		{ .exclude = "[7]", .complaint = "exclude: expected a list" },
		{ .exclude = "\"duty\"", .complaint = "exclude: expected a list" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		judge(&rows[i]);
}

/* 2026-10-01 is a Thursday. */
static void holidays_and_workdays(void **state)
{
	static const struct lists rows[] = {
		{ .days = ",\"holidays\":[]" },
		{ .days = ",\"holidays\":[\"2026-10-01\",\"2026-10-02\"],\"workdays\":[\"2026-09-27\",\"2026-10-10\"]" },
		{ .days = ",\"holidays\":[\"2026-10-02\",\"2026-10-01\"]",
		  .complaint = "p.json:5: holidays: expected dates like \"2026-10-01\" in order, Mondays to Fridays" },
		{ .days = ",\"holidays\":[\"2026-10-01\",\"2026-10-01\"]", .complaint = "holidays: expected dates" },
		{ .days = ",\"holidays\":[\"2026-10-03\"]", .complaint = "holidays: expected dates" },
		{ .days = ",\"holidays\":[\"2026-02-30\"]", .complaint = "holidays: expected dates" },
		{ .days = ",\"holidays\":[20261001]", .complaint = "holidays: expected dates" },
		{ .days = ",\"holidays\":\"2026-10-01\"", .complaint = "holidays: expected dates" },
		{ .days = ",\"workdays\":[\"2026-10-01\"]",
		  .complaint = "p.json:5: workdays: expected dates like \"2026-10-10\" in order, Saturdays and Sundays" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		judge(&rows[i]);
}

/* A Thursday a week, until the list is full; and one more. */
static void a_list_of_days_has_an_end(void **state)
{
	char date[CIVIL_DATE_MAX];
	struct buf text = { 0 };
	struct lists row = { .days = NULL };

	(void)state;
	buf_add_text(&text, ",\"holidays\":[");
	for (int64_t n = 0; n < POLICY_DAYS_MAX; n++) {
		civil_write_date(n * 7 * INT64_C(86400000), 0, date);
		buf_printf(&text, "%s\"%s\"", n > 0 ? "," : "", date);
	}
	buf_add(&text, "]", 2);
	row.days = text.at;
	judge(&row);
	text.len -= 2;
	buf_add_text(&text, ",\"2026-10-01\"]");
	buf_add(&text, "", 1);
	row = (struct lists){ .days = text.at, .complaint = "holidays: expected dates" };
	judge(&row);
	buf_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bands),
		cmocka_unit_test(factors),
		cmocka_unit_test(approval_bands),
		cmocka_unit_test(exclusions),
		cmocka_unit_test(holidays_and_workdays),
		cmocka_unit_test(a_list_of_days_has_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
