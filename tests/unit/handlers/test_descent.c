/*
 * Down through an incident: in order of acceptance whatever the order of the lists, each tip once, bounded.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "handlers/bureau/descent.h"

#include <stdio.h>

static struct descent descent;
static uint32_t seed;

static struct store_child child_of(unsigned number, const char *shard)
{
	struct store_child child = { .received_ms = 1000 + number };

	snprintf(child.id.text, sizeof(child.id.text), "%s-%010u", shard, number);
	return child;
}

static void add(unsigned number, const char *shard)
{
	struct store_child child = child_of(number, shard);

	descent_add(&descent, &child);
}

static unsigned drawn(unsigned below)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % below;
}

static int begin(void **state)
{
	(void)state;
	descent = (struct descent){ .ntaken = 0 };
	seed = 1;
	return 0;
}

/* A tree of n tips in which each hangs under an older one; children are told when the parent is taken. */
static void walk(const unsigned *parent, unsigned n, unsigned *order, unsigned *taken)
{
	struct store_child next;

	*taken = 0;
	add(0, "15");
	while (descent_take(&descent, &next)) {
		unsigned number = (unsigned)(next.received_ms - 1000);

		order[(*taken)++] = number;
		for (unsigned i = n; i-- > 1;)
			if (parent[i] == number)
				add(i, i % 3 == 0 ? "11" : "15");
	}
}

static void every_tree_comes_in_order_of_acceptance(void **state)
{
	unsigned parent[DESCENT_MAX] = { 0 };
	unsigned order[DESCENT_MAX] = { 0 };
	unsigned taken;

	(void)state;
	for (unsigned round = 0; round < 50; round++) {
		unsigned n = 1 + drawn(DESCENT_MAX);

		descent = (struct descent){ .ntaken = 0 };
		for (unsigned i = 1; i < n; i++)
			parent[i] = drawn(i);
		walk(parent, n, order, &taken);
		assert_int_equal(taken, n);
		for (unsigned i = 0; i < n; i++)
			assert_int_equal(order[i], i);
		assert_false(descent.more);
	}
}

static void of_too_many_the_youngest_are_left_out(void **state)
{
	unsigned parent[3 * DESCENT_MAX] = { 0 };
	unsigned order[3 * DESCENT_MAX] = { 0 };
	unsigned taken;

	(void)state;
	for (unsigned round = 0; round < 20; round++) {
		descent = (struct descent){ .ntaken = 0 };
		for (unsigned i = 1; i < COUNT_OF(parent); i++)
			parent[i] = drawn(i);
		walk(parent, COUNT_OF(parent), order, &taken);
		assert_int_equal(taken, DESCENT_MAX);
		for (unsigned i = 0; i < taken; i++)
			assert_int_equal(order[i], i);
		assert_true(descent.more);
	}
}

static void a_tip_of_two_shards_comes_once(void **state)
{
	struct store_child next;

	(void)state;
	add(1, "15");
	add(1, "11");
	assert_true(descent_take(&descent, &next));
	assert_string_equal(next.id.text, "15-0000000001");
	add(1, "31");
	assert_false(descent_take(&descent, &next));
	assert_false(descent.more);
}

static void the_same_time_is_ordered_by_id(void **state)
{
	struct store_child b = { .id = { .text = "15-BBBBBBBBBB" }, .received_ms = 7 };
	struct store_child a = { .id = { .text = "15-AAAAAAAAAA" }, .received_ms = 7 };
	struct store_child next;

	(void)state;
	descent_add(&descent, &b);
	descent_add(&descent, &a);
	assert_true(descent_take(&descent, &next));
	assert_string_equal(next.id.text, a.id.text);
	assert_true(descent_take(&descent, &next));
	assert_string_equal(next.id.text, b.id.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(every_tree_comes_in_order_of_acceptance, begin),
		cmocka_unit_test_setup(of_too_many_the_youngest_are_left_out, begin),
		cmocka_unit_test_setup(a_tip_of_two_shards_comes_once, begin),
		cmocka_unit_test_setup(the_same_time_is_ordered_by_id, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
