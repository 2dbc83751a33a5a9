/*
 * Alarms: at their time, not before, and gone with their cause.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/money/book_alarm.h"
#include "tests/support/money_book.h"

static void alarm_is(const struct money_book *m, enum book_alarm_kind kind)
{
	struct book_alarm alarm;

	assert_int_equal(book_alarms(m->book, m->now_ms, &alarm, 1), 1);
	assert_string_equal(book_alarm_name(alarm.kind), book_alarm_name(kind));
}

static void none(const struct money_book *m)
{
	assert_int_equal(book_alarms(m->book, m->now_ms, NULL, 0), 0);
}

static void unknown_grows_worse(void **state)
{
	struct money_book m;
	const char *id;
	int64_t since_ms;

	(void)state;
	money_book_begin(&m, 2000000);
	id = money_sent(&m, "A");
	money_must(&m, "system", "attempt.observe", money_text(&m, "%s-1", id), "state", "UNKNOWN", "by", "answer");
	since_ms = m.now_ms;
	m.now_ms = since_ms + 15 * 60000 - 1;
	none(&m);
	m.now_ms++;
	alarm_is(&m, BOOK_ALARM_UNKNOWN_WARN);
	m.now_ms = since_ms + MONEY_DAY_MS;
	alarm_is(&m, BOOK_ALARM_UNKNOWN_PAGE);
	m.now_ms = since_ms + 3 * MONEY_DAY_MS;
	alarm_is(&m, BOOK_ALARM_UNKNOWN_FROZEN);
	m.now_ms = since_ms + 25 * MONEY_DAY_MS;
	alarm_is(&m, BOOK_ALARM_UNKNOWN_LAST);
	money_must(&m, "system", "attempt.observe", money_text(&m, "%s-1", id), "state", "SUCCEEDED", "by", "query",
		   "fen", "850000");
	none(&m);
	money_book_release(&m);
}

/* The books of the tests begin on a Sunday morning. */
static void a_step_of_the_review_waits_too_long(void **state)
{
	struct money_book m;
	const char *id;

	(void)state;
	money_book_begin(&m, 2000000);
	id = money_proposed(&m, "A");
	money_must(&m, "lin", "reward.submit", id);
	m.now_ms += 11 * MONEY_DAY_MS;
	none(&m);
	m.now_ms += MONEY_DAY_MS;
	alarm_is(&m, BOOK_ALARM_REVIEW);
	money_must(&m, "han", "reward.approve", id, "digest", money_digest(&m, id));
	none(&m);
	money_approve(&m, id);
	m.now_ms += 21 * MONEY_DAY_MS;
	alarm_is(&m, BOOK_ALARM_NOTICE);
	money_book_release(&m);
}

static void what_came_back_is_forgotten(void **state)
{
	struct money_book m;
	const char *id;

	(void)state;
	money_book_begin(&m, 2000000);
	id = money_paid(&m, "A");
	money_must(&m, "system", "attempt.observe", money_text(&m, "%s-1", id), "state", "RETURNED", "by", "statement",
		   "fen", "850000");
	m.now_ms += 60 * MONEY_DAY_MS;
	alarm_is(&m, BOOK_ALARM_RETURNED);
	money_book_release(&m);
}

static void weeks_have_five_days(void **state)
{
	(void)state;
	assert_int_equal(book_working_days(MONEY_BEGIN_MS, MONEY_BEGIN_MS), 0);
	assert_int_equal(book_working_days(MONEY_BEGIN_MS, MONEY_BEGIN_MS + 5 * MONEY_DAY_MS), 5);
	assert_int_equal(book_working_days(MONEY_BEGIN_MS, MONEY_BEGIN_MS + 7 * MONEY_DAY_MS), 5);
	assert_int_equal(book_working_days(MONEY_BEGIN_MS, MONEY_BEGIN_MS + 70 * MONEY_DAY_MS), 50);
	assert_int_equal(book_working_days(MONEY_BEGIN_MS + MONEY_DAY_MS, MONEY_BEGIN_MS), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unknown_grows_worse),
		cmocka_unit_test(a_step_of_the_review_waits_too_long),
		cmocka_unit_test(what_came_back_is_forgotten),
		cmocka_unit_test(weeks_have_five_days),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
