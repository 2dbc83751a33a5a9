/*
 * The bounded map of marks: places are kept, the oldest key leaves.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/mark_ring.h"

#include <string.h>

#define MAX 8

static struct mark_ring ring;

static int begin(void **state)
{
	(void)state;
	mark_ring_init(&ring, MAX, 3);
	return 0;
}

static int finish(void **state)
{
	(void)state;
	mark_ring_release(&ring);
	return 0;
}

static const unsigned char *key_of(unsigned number)
{
	static unsigned char key[MARK_BYTES];

	memset(key, 0, sizeof(key));
	memcpy(key, &number, sizeof(number));
	return key;
}

static size_t take(unsigned number, bool expect_fresh)
{
	bool fresh;
	size_t place = mark_ring_take(&ring, key_of(number), &fresh);

	assert_int_equal(fresh, expect_fresh);
	assert_true(place < MAX);
	return place;
}

static bool there(unsigned number)
{
	size_t place;

	return mark_ring_find(&ring, key_of(number), &place);
}

static void a_key_keeps_its_place(void **state)
{
	size_t place = take(1, true);

	(void)state;
	take(2, true);
	assert_int_equal(take(1, false), place);
	assert_int_equal(mark_ring_count(&ring), 2);
}

static void the_oldest_key_leaves(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 1000; i++) {
		take(i, true);
		assert_true(there(i));
		assert_int_equal(there(i - MAX), 0);
		assert_true(i < MAX || there(i - MAX + 1));
		assert_int_equal(mark_ring_count(&ring), i < MAX ? i + 1 : MAX);
	}
}

static void a_key_that_was_dropped_and_came_again_is_not_forgotten_in_its_old_turn(void **state)
{
	(void)state;
	take(0, true);
	take(1, true);
	mark_ring_drop(&ring, key_of(0));
	assert_false(there(0));
	take(0, true);
	for (unsigned i = 3; i < MAX + 1; i++)
		take(i, true);
	assert_true(there(0));
	assert_false(there(MAX + 5));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)
	const struct CMUnitTest tests[] = {
		TEST(a_key_keeps_its_place),
		TEST(the_oldest_key_leaves),
		TEST(a_key_that_was_dropped_and_came_again_is_not_forgotten_in_its_old_turn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
