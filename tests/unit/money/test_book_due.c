/*
 * What the system does by itself: in time and not before, the same until it is
 * done, and no query more than the schedule has.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/money_book.h"

#include <stdio.h>

static bool due(struct money_book *m, struct book_command *command, int64_t *next_ms)
{
	return book_due(m->book, m->now_ms, &m->arena, command, next_ms);
}

static void the_same_until_it_is_done(void **state)
{
	struct money_book m;
	struct book_command one, two;
	int64_t next_ms;

	(void)state;
	money_book_begin(&m, 2000000);
	assert_false(due(&m, &one, &next_ms));
	assert_int_equal(next_ms, 0);
	money_approved(&m, "A");
	assert_true(due(&m, &one, &next_ms));
	assert_string_equal(one.kind, "reward.publish");
	assert_true(due(&m, &two, &next_ms));
	assert_true(span_eq(one.key, two.key));
	assert_int_equal(money_command(&m, &one), BOOK_RECORD);
	assert_int_equal(money_command(&m, &one), BOOK_REPEATED);
	assert_false(due(&m, &two, &next_ms));
	assert_int_equal(next_ms, m.now_ms + 60 * MONEY_DAY_MS);
	money_book_release(&m);
}

static void from_release_to_the_rail(void **state)
{
	struct money_book m;
	struct book_command command;
	int64_t next_ms;

	(void)state;
	money_book_begin(&m, 2000000);
	money_released(&m, "A");
	assert_true(due(&m, &command, &next_ms));
	assert_string_equal(command.kind, "attempt.start");
	money_command(&m, &command);
	assert_false(due(&m, &command, &next_ms));
	money_must(&m, "system", "attempt.send", money_text(&m, "%.*s-1", (int)command.subject.len, command.subject.at), "body",
		   money_text(&m, "%064u", 7));
	assert_false(due(&m, &command, &next_ms));
	assert_in_range(next_ms, m.now_ms + 5000, m.now_ms + 6000);
	m.now_ms = next_ms;
	assert_true(due(&m, &command, &next_ms));
	assert_string_equal(command.kind, "attempt.query");
	money_book_release(&m);
}

/* 8 by hand, 71 by the hour, 22 by the day: then it is for people. */
static void queries_grow_rare_and_end(void **state)
{
	struct money_book m;
	struct book_command command;
	int64_t next_ms, begin_ms, last_ms;
	unsigned n = 0;

	(void)state;
	money_book_begin(&m, 2000000);
	money_sent(&m, "A");
	begin_ms = last_ms = m.now_ms;
	while (!due(&m, &command, &next_ms) && next_ms > 0) {
		m.now_ms = next_ms;
		last_ms = next_ms;
		n += money_run(&m);
	}
	assert_in_range(n, 80, 110);
	assert_in_range(last_ms - begin_ms, 22 * MONEY_DAY_MS, 25 * MONEY_DAY_MS);
	assert_int_equal(money_reward(&m, book_reward_at(m.book, 0)->id)->state, REWARD_PAYING);
	money_book_release(&m);
}

/* What cannot go on now stands in nobody's way. */
static void what_is_stuck_is_passed_over(void **state)
{
	struct money_book m;
	struct book_command command;
	int64_t next_ms;

	(void)state;
	money_book_begin(&m, 4000000);
	money_must(&m, "shen", "rail.hold", "voucher", "reason", "x");
	money_released(&m, "A");
	assert_false(due(&m, &command, &next_ms));
	money_approved(&m, "B");
	assert_true(due(&m, &command, &next_ms));
	assert_string_equal(command.kind, "reward.publish");
	money_must(&m, "gu", "rail.lift", "voucher", "reason", "x");
	assert_true(due(&m, &command, &next_ms));
	assert_string_equal(command.kind, "attempt.start");
	money_book_release(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_until_it_is_done),
		cmocka_unit_test(from_release_to_the_rail),
		cmocka_unit_test(queries_grow_rare_and_end),
		cmocka_unit_test(what_is_stuck_is_passed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
