/*
 * The set of rails: names are unique, wrong settings stay out, and who holds an
 * entry keeps it when the set lets go.
 */
#include "handlers/payout/rail_set.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static struct rail_set set;
static struct complaint why;

static bool add(const char *name, const char *driver, const struct rail_final *final)
{
	const struct rail_config config = { .name = name, .driver = driver, .profile_version = 1, .finals = final,
					    .nfinals = final != NULL };

	why = (struct complaint){ .text = "" };
	return rail_set_add(&set, &config, &why);
}

static void what_is_wrong_stays_out(void **unused)
{
	const struct rail_final longest = { .code = "A2345678901234567890123456789012345" };
	const struct rail_final too_long = { .code = "A23456789012345678901234567890123456" };

	(void)unused;
	assert_false(add("a", "pigeon", NULL));
	assert_non_null(strstr(why.text, "driver: pigeon"));
	assert_false(add("a", "http", NULL));
	assert_non_null(strstr(why.text, "url: missing"));
	assert_false(add("a", "voucher", &too_long));
	assert_non_null(strstr(why.text, "finals: "));
	assert_int_equal(set.n, 0);
	assert_true(add("a", "voucher", &longest));
	assert_false(add("a", "voucher", NULL));
	assert_int_equal(set.n, 1);
	rail_set_release(&set);
}

static void they_are_found_by_name(void **unused)
{
	(void)unused;
	assert_true(add("a", "voucher", NULL));
	assert_true(add("b", "voucher", NULL));
	assert_true(add("c", "voucher", NULL));
	assert_string_equal(rail_set_find(&set, SPAN("b"))->config.name, "b");
	assert_null(rail_set_find(&set, SPAN("d")));
	rail_set_remove(&set, 0);
	assert_null(rail_set_find(&set, SPAN("a")));
	assert_string_equal(rail_set_find(&set, SPAN("c"))->config.name, "c");
	assert_int_equal(set.n, 2);
	rail_set_release(&set);
	assert_int_equal(set.n, 0);
}

/* Under AddressSanitizer this is about use after free and leaks. */
static void whoever_holds_one_keeps_it(void **unused)
{
	struct rail_entry *held;

	(void)unused;
	assert_true(add("a", "voucher", NULL));
	set.entries[0]->config.url = arena_printf(&set.entries[0]->arena, "https://%s", "a.example");
	held = rail_entry_hold(set.entries[0]);
	rail_set_release(&set);
	assert_string_equal(held->config.url, "https://a.example");
	assert_int_equal(held->holders, 1);
	rail_entry_drop(held);
}

static void what_is_off_or_gone_sends_nothing(void **unused)
{
	(void)unused;
	assert_true(add("a", "voucher", NULL));
	assert_true(rail_entry_sends(set.entries[0]));
	set.entries[0]->config.off = true;
	assert_false(rail_entry_sends(set.entries[0]));
	set.entries[0]->config.off = false;
	set.entries[0]->gone = true;
	assert_false(rail_entry_sends(set.entries[0]));
	rail_set_release(&set);
}

static void there_is_an_end(void **unused)
{
	static char names[RAIL_SET_MAX + 1][2];

	(void)unused;
	for (int i = 0; i <= RAIL_SET_MAX; i++) {
		names[i][0] = (char)('A' + i);
		assert_int_equal(add(names[i], "voucher", NULL), i < RAIL_SET_MAX);
	}
	rail_set_release(&set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_wrong_stays_out),
		cmocka_unit_test(they_are_found_by_name),
		cmocka_unit_test(whoever_holds_one_keeps_it),
		cmocka_unit_test(what_is_off_or_gone_sends_nothing),
		cmocka_unit_test(there_is_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
