/*
 * Names to numbers: each name keeps its own, however many there are, and two
 * parts are not one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/cli/money_map.h"

#include <stdio.h>

#define NAMES 20000

static struct span name_of(char text[24], size_t i)
{
	return span_from(text, (size_t)snprintf(text, 24, "name %zu", i));
}

static void every_name_keeps_its_number(void **state)
{
	struct money_map map = { 0 };
	char text[24];

	(void)state;
	assert_true(money_map_get(&map, SPAN("x"), SPAN("")) == MONEY_MAP_NONE);
	for (size_t i = 0; i < NAMES; i++)
		assert_true(money_map_add(&map, name_of(text, i), SPAN(""), i));
	for (size_t i = 0; i < NAMES; i++) {
		assert_int_equal(money_map_get(&map, name_of(text, i), SPAN("")), i);
		assert_false(money_map_add(&map, name_of(text, i), SPAN(""), i + 1));
	}
	money_map_set(&map, name_of(text, 7), SPAN(""), 70);
	assert_int_equal(money_map_get(&map, name_of(text, 7), SPAN("")), 70);
	assert_true(money_map_get(&map, name_of(text, NAMES), SPAN("")) == MONEY_MAP_NONE);
	money_map_release(&map);
}

static void two_parts_are_not_one(void **state)
{
	struct money_map map = { 0 };

	(void)state;
	assert_true(money_map_add(&map, SPAN("case 1"), SPAN("23"), 1));
	assert_true(money_map_add(&map, SPAN("case 12"), SPAN("3"), 2));
	assert_true(money_map_add(&map, SPAN("case 123"), SPAN(""), 3));
	assert_int_equal(money_map_get(&map, SPAN("case 12"), SPAN("3")), 2);
	money_map_release(&map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_name_keeps_its_number),
		cmocka_unit_test(two_parts_are_not_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
