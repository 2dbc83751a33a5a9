/*
 * Clocks of a tip: what turns them, what reaches its limit first, and levels.
 */
#include "daemon/core/journal/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static struct clock_face turned(struct clock_face face, enum clock_turn turn, int64_t now_ms, bool expect_told)
{
	bool told;
	struct clock_face after = clock_turned(face, turn, now_ms, &told);

	assert_int_equal(told, expect_told);
	return after;
}

static void assert_face(struct clock_face face, enum clock_hand hand, int64_t since_ms, int64_t asked_ms)
{
	assert_int_equal(face.hand, hand);
	assert_int_equal(face.since_ms, since_ms);
	assert_int_equal(face.asked_ms, asked_ms);
}

static void each_turn_does_what_it_says(void **state)
{
	struct clock_face face = clock_begin(10);

	(void)state;
	assert_face(face, CLOCK_UNOPENED, 10, 0);
	face = turned(face, CLOCK_ASK, 20, true);
	assert_face(face, CLOCK_UNOPENED, 10, 20);
	assert_face(turned(face, CLOCK_ASK, 30, false), CLOCK_UNOPENED, 10, 20);
	assert_face(turned(face, CLOCK_ESCALATE, 40, true), CLOCK_UNOPENED, 40, 40);
	face = turned(face, CLOCK_OPEN, 50, true);
	assert_face(face, CLOCK_STALLED, 50, 20);
	assert_face(turned(face, CLOCK_OPEN, 60, false), CLOCK_STALLED, 50, 20);
	assert_face(turned(face, CLOCK_KEEP, 60, false), CLOCK_STALLED, 50, 20);
	assert_face(turned(face, CLOCK_STEP, 70, true), CLOCK_STALLED, 70, 0);
	assert_face(turned(face, CLOCK_ESCALATE, 80, true), CLOCK_PASSED, 80, 80);
	assert_face(turned(turned(face, CLOCK_PASS, 85, true), CLOCK_OPEN, 90, true), CLOCK_STALLED, 90, 20);
	face = turned(face, CLOCK_STOP, 95, false);
	assert_face(face, CLOCK_STOPPED, 0, 0);
	face = turned(face, CLOCK_ASK, 100, true);
	assert_face(turned(face, CLOCK_ANSWER, 110, false), CLOCK_STOPPED, 0, 0);
	assert_face(turned(face, CLOCK_ASK_ANEW, 120, true), CLOCK_PASSED, 120, 100);
	assert_face(turned(face, CLOCK_ESCALATE, 130, true), CLOCK_PASSED, 130, 130);
}

static void text_goes_both_ways(void **state)
{
	static const char *const wrong[] = { "", "u", "u 1", "x 1 2", "u -1 2", "u 1 2 3", "uu 1 2", "u now 0" };
	char text[CLOCK_TEXT_BYTES];
	struct clock_face read;

	(void)state;
	for (enum clock_hand hand = CLOCK_STOPPED; hand < CLOCK_HANDS; hand++) {
		struct clock_face face = { .hand = hand, .since_ms = INT64_MAX, .asked_ms = 17 };

		assert_true(clock_read(clock_write(face, text), &read));
		assert_face(read, hand, INT64_MAX, 17);
	}
	assert_true(span_is(clock_write((struct clock_face){ CLOCK_STALLED, CLOCK_NOW, CLOCK_NOW }, text), "s now now"));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(clock_read(span_of(wrong[i]), &read));
}

static void what_is_due_first_is_told(void **state)
{
	const struct clock_limits limits = { .ms = { [WAIT_UNOPENED] = { 100, 0 },
						     [WAIT_STALLED] = { 200, 200 },
						     [WAIT_UNANSWERED] = { 50, 500 } } };
	struct clock_face face = { .hand = CLOCK_UNOPENED, .since_ms = 1000 };
	enum clock_wait why;
	int64_t since, at;

	(void)state;
	assert_true(clock_next(face, &limits, 0, &why, &since, &at));
	assert_int_equal(why, WAIT_UNOPENED);
	assert_int_equal(at, 1100);
	assert_false(clock_next(face, &limits, 1, &why, &since, &at));
	face.asked_ms = 1020;
	assert_true(clock_next(face, &limits, 0, &why, &since, &at));
	assert_int_equal(why, WAIT_UNANSWERED);
	assert_int_equal(since, 1020);
	assert_int_equal(at, 1070);
	face.hand = CLOCK_PASSED;
	assert_true(clock_next(face, &limits, 1, &why, &since, &at));
	assert_int_equal(why, WAIT_STALLED);
	assert_int_equal(at, 1200);
	assert_false(clock_next((struct clock_face){ 0 }, &limits, 0, &why, &since, &at));
}

static void the_way_up_ends_at_the_nation(void **state)
{
	static const char *const way[] = { "150602", "150600", "150000", "000000", "000000" };
	static const char *const words[] = { "county", "prefecture", "province", "nation" };
	char above[7];

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		region_code_above(way[i], above);
		assert_string_equal(above, way[i + 1]);
		assert_string_equal(region_level_word(way[i]), words[i]);
	}
	region_code_above("429004", above);
	assert_string_equal(above, "429000");
}

static void words_go_both_ways(void **state)
{
	enum clock_wait read;

	(void)state;
	for (enum clock_wait wait = 0; wait < CLOCK_WAITS; wait++) {
		assert_true(clock_wait_parse(span_of(clock_wait_name(wait)), &read));
		assert_int_equal(read, wait);
	}
	assert_null(clock_wait_name(CLOCK_WAITS));
	assert_false(clock_wait_parse(SPAN("open"), &read));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_turn_does_what_it_says), cmocka_unit_test(text_goes_both_ways),
		cmocka_unit_test(what_is_due_first_is_told),   cmocka_unit_test(the_way_up_ends_at_the_nation),
		cmocka_unit_test(words_go_both_ways),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
