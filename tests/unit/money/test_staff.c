/*
 * Staff as of a time, parts that do not go together, regions.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/money/staff.h"

static struct staff_entry entry_of(const char *account, const char *person, unsigned roles, int64_t from_ms)
{
	struct staff_entry entry = { .roles = roles, .from_ms = from_ms };

	memcpy(entry.account, account, strlen(account));
	memcpy(entry.person, person, strlen(person));
	return entry;
}

static void the_newest_that_has_begun_decides(void **state)
{
	struct staff_register staff = { 0 };
	struct staff_entry first = entry_of("lin", "p-lin", MONEY_PROPOSER, 100);
	struct staff_entry second = entry_of("lin", "p-lin", MONEY_APPROVER, 200);

	(void)state;
	second.until_ms = 300;
	staff_add(&staff, &first);
	staff_add(&staff, &second);
	assert_null(staff_find(&staff, SPAN("lin"), 99));
	assert_int_equal(staff_find(&staff, SPAN("lin"), 100)->roles, MONEY_PROPOSER);
	assert_int_equal(staff_find(&staff, SPAN("lin"), 199)->roles, MONEY_PROPOSER);
	assert_int_equal(staff_find(&staff, SPAN("lin"), 299)->roles, MONEY_APPROVER);
	/* What has ended is not what was before it. */
	assert_null(staff_find(&staff, SPAN("lin"), 300));
	assert_null(staff_find(&staff, SPAN("li"), 200));
	staff_free(&staff);
}

static void some_parts_stand_alone(void **state)
{
	struct staff_register staff = { 0 };
	struct staff_entry auditor = entry_of("a1", "p-1", MONEY_AUDITOR, 1);
	struct staff_entry other = entry_of("a2", "p-1", MONEY_FINANCE, 1);
	struct staff_entry both = entry_of("a3", "p-3", MONEY_ADMIN | MONEY_PROPOSER, 1);
	struct staff_entry two = entry_of("a4", "p-4", MONEY_FINANCE | MONEY_PROPOSER, 1);

	(void)state;
	assert_int_not_equal(staff_conflict(&staff, &both), 0);
	assert_int_equal(staff_conflict(&staff, &two), 0);
	assert_int_equal(staff_conflict(&staff, &auditor), 0);
	staff_add(&staff, &auditor);
	assert_int_equal(staff_conflict(&staff, &other), MONEY_AUDITOR);
	memcpy(other.person, "p-2", 4);
	assert_int_equal(staff_conflict(&staff, &other), 0);
	/* The other account has ended. */
	memcpy(other.person, "p-1", 4);
	auditor.roles = 0;
	staff_add(&staff, &auditor);
	assert_int_equal(staff_conflict(&staff, &other), 0);
	staff_free(&staff);
}

static void regions_cover_what_lies_in_them(void **state)
{
	struct staff_entry entry = { .region = "150000" };

	(void)state;
	assert_true(staff_covers(&entry, SPAN("150600")));
	assert_false(staff_covers(&entry, SPAN("140600")));
	memcpy(entry.region, "150600", 7);
	assert_true(staff_covers(&entry, SPAN("150621")));
	assert_false(staff_covers(&entry, SPAN("150000")));
	entry.region[0] = '\0';
	assert_true(staff_covers(&entry, SPAN("999999")));
}

static void roles_are_words(void **state)
{
	(void)state;
	assert_int_equal(staff_role(SPAN("finance")), MONEY_FINANCE);
	assert_int_equal(staff_role(SPAN("claimant")), MONEY_CLAIMANT);
	assert_int_equal(staff_role(SPAN("Finance")), 0);
	assert_int_equal(staff_role(SPAN("")), 0);
}

/* Each entry holds for its time; what comes later, or has been, is no conflict with it. */
static void conflicts_are_those_of_a_time(void **state)
{
	struct staff_register staff = { 0 };
	struct staff_entry auditor = entry_of("a1", "p-1", MONEY_AUDITOR, 100);
	struct staff_entry ends = entry_of("a1", "p-1", 0, 500);
	struct staff_entry finance = entry_of("a2", "p-1", MONEY_FINANCE, 400);

	(void)state;
	staff_add(&staff, &auditor);
	/* It is to end at 500: until then it holds, whatever the newest entry says. */
	staff_add(&staff, &ends);
	assert_int_equal(staff_conflict(&staff, &finance), MONEY_AUDITOR);
	finance.from_ms = 500;
	assert_int_equal(staff_conflict(&staff, &finance), 0);
	finance.from_ms = 50;
	finance.until_ms = 100;
	assert_int_equal(staff_conflict(&staff, &finance), 0);
	finance.until_ms = 101;
	assert_int_equal(staff_conflict(&staff, &finance), MONEY_AUDITOR);
	/* One that never came to hold, for it was replaced before it began. */
	auditor = entry_of("a3", "p-3", MONEY_AUDITOR, 900);
	ends = entry_of("a3", "p-3", MONEY_FINANCE, 800);
	staff_add(&staff, &auditor);
	staff_add(&staff, &ends);
	finance = entry_of("a4", "p-3", MONEY_FINANCE, 1000);
	assert_int_equal(staff_conflict(&staff, &finance), 0);
	staff_free(&staff);
}

/* For whom a deputy stands, that one's office is the deputy's too. */
static void a_deputy_inherits_what_stands_alone(void **state)
{
	struct staff_register staff = { 0 };
	struct staff_entry auditor = entry_of("a1", "p-1", MONEY_AUDITOR, 1);
	struct staff_entry deputy = entry_of("a2", "p-2", MONEY_FINANCE, 1);

	(void)state;
	staff_add(&staff, &auditor);
	assert_int_equal(staff_conflict(&staff, &deputy), 0);
	memcpy(deputy.deputy_of, "p-1", 4);
	assert_int_equal(staff_conflict(&staff, &deputy), MONEY_AUDITOR);
	deputy.roles = MONEY_AUDITOR;
	assert_int_equal(staff_conflict(&staff, &deputy), 0);
	staff_free(&staff);
}

static void a_person_is_who_it_was_then(void **state)
{
	struct staff_register staff = { 0 };
	struct staff_entry deputy = entry_of("a1", "p-1", MONEY_FINANCE, 100);
	struct staff_act first = { .person = "p-1", .deputy_of = "", .at_ms = 99 };
	struct staff_act second = { .person = "p-2", .deputy_of = "", .at_ms = 99 };

	(void)state;
	memcpy(deputy.deputy_of, "p-2", 4);
	deputy.until_ms = 200;
	staff_add(&staff, &deputy);
	assert_true(staff_same(&staff, &first, &first));
	assert_false(staff_same(&staff, &first, &second));
	first.at_ms = 100;
	assert_true(staff_same(&staff, &first, &second));
	assert_true(staff_same(&staff, &second, &first));
	first.at_ms = 200;
	assert_false(staff_same(&staff, &first, &second));
	/* What the account said then stands by itself. */
	first.deputy_of = "p-2";
	assert_true(staff_same(&staff, &first, &second));
	staff_free(&staff);
}

/* Who stands for more persons than are kept apart stands for everybody. */
static void too_many_are_everybody(void **state)
{
	struct staff_register staff = { 0 };
	struct staff_act many = { .person = "p-1", .at_ms = 1 }, other = { .person = "p-x", .at_ms = 1 };

	(void)state;
	for (char n = 'a'; n < 'a' + 16; n++) {
		struct staff_entry entry = entry_of("b ", "p-1", MONEY_FINANCE, 1);

		entry.account[1] = n;
		entry.deputy_of[0] = n;
		assert_false(staff_same(&staff, &many, &other));
		staff_add(&staff, &entry);
	}
	assert_true(staff_same(&staff, &many, &other));
	staff_free(&staff);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_newest_that_has_begun_decides),
		cmocka_unit_test(some_parts_stand_alone),
		cmocka_unit_test(regions_cover_what_lies_in_them),
		cmocka_unit_test(roles_are_words),
		cmocka_unit_test(conflicts_are_those_of_a_time),
		cmocka_unit_test(a_deputy_inherits_what_stands_alone),
		cmocka_unit_test(a_person_is_who_it_was_then),
		cmocka_unit_test(too_many_are_everybody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
