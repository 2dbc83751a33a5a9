/*
 * Alarms: at their time, not before, and gone with their cause.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/base/buf.h"
#include "daemon/money/book_alarm.h"
#include "tests/support/money_book.h"
#include "tests/unit/money/policy_sample.h"

#define FILE_OF(digit) "000000000000000000000000000000000000000000000000000000000000000" digit

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

/* Days that the sample policy with these lists works, after one time and up to another. */
static unsigned days_of(const char *lists, int64_t from_ms, int64_t to_ms)
{
	struct buf text = { 0 };
	struct complaint why = { .text = "" };
	struct policy *policy;
	unsigned days;

	buf_add(&text, SAMPLE, span_find(SPAN(SAMPLE), SPAN("\"claim_days\"")));
	buf_printf(&text, "%s%s", lists, &SAMPLE[text.len]);
	policy = policy_load("p.json", buf_span(&text), &why);
	if (policy == NULL)
		fail_msg("%s", why.text);
	days = book_working_days(policy, from_ms, to_ms);
	policy_free(policy);
	buf_release(&text);
	return days;
}

static void weeks_have_five_days(void **state)
{
	(void)state;
	assert_int_equal(days_of("", MONEY_BEGIN_MS, MONEY_BEGIN_MS), 0);
	assert_int_equal(days_of("", MONEY_BEGIN_MS, MONEY_BEGIN_MS + 5 * MONEY_DAY_MS), 5);
	assert_int_equal(days_of("", MONEY_BEGIN_MS, MONEY_BEGIN_MS + 7 * MONEY_DAY_MS), 5);
	assert_int_equal(days_of("", MONEY_BEGIN_MS, MONEY_BEGIN_MS + 70 * MONEY_DAY_MS), 50);
	assert_int_equal(days_of("", MONEY_BEGIN_MS + MONEY_DAY_MS, MONEY_BEGIN_MS), 0);
}

/* 2026-03-01 is a Sunday. */
static void holidays_are_those_of_the_policy(void **state)
{
	static const char lists[] = "\"holidays\":[\"2026-03-04\",\"2026-03-05\",\"2026-03-06\"],"
				    "\"workdays\":[\"2026-03-07\",\"2026-03-08\"],";

	(void)state;
	assert_int_equal(days_of(lists, MONEY_BEGIN_MS, MONEY_BEGIN_MS + 2 * MONEY_DAY_MS), 2);
	assert_int_equal(days_of(lists, MONEY_BEGIN_MS, MONEY_BEGIN_MS + 5 * MONEY_DAY_MS), 2);
	assert_int_equal(days_of(lists, MONEY_BEGIN_MS, MONEY_BEGIN_MS + 7 * MONEY_DAY_MS), 4);
	assert_int_equal(days_of(lists, MONEY_BEGIN_MS + 6 * MONEY_DAY_MS, MONEY_BEGIN_MS + 70 * MONEY_DAY_MS), 46);
}

/* An account of public money has no business being overdrawn; that it is, is a fact all the same. */
static void an_overdrawn_account_is_told_until_it_is_not(void **state)
{
	struct money_book m;

	(void)state;
	money_book_begin(&m, 2000000);
	money_must(&m, "cai", "statement.import", MONEY_LEDGER, "account", "bank:main", "rail", "bank", "date", "2026-03-02",
		   "opening", "-100", "closing", "-350", "count", "1", "file", FILE_OF("1"), "lines",
		   "1 Dr 250 2026-03-02 fee - -");
	assert_int_equal(book_statement_at(m.book, 0)->ends.opening, -100);
	assert_int_equal(book_statement_at(m.book, 0)->ends.closing, -350);
	alarm_is(&m, BOOK_ALARM_OVERDRAWN);
	money_must(&m, "cai", "statement.import", MONEY_LEDGER, "account", "bank:main", "rail", "bank", "date", "2026-03-03",
		   "opening", "-350", "closing", "0", "count", "1", "file", FILE_OF("2"), "lines",
		   "1 Cr 350 2026-03-03 other - -");
	none(&m);
	money_refused(&m, "WRONG_FIELD", "cai", "statement.import", MONEY_LEDGER, "account", "bank:main", "rail", "bank",
		      "date", "2026-03-04", "opening", "-0", "closing", "0", "count", "0", "file", FILE_OF("3"));
	money_refused(&m, "WRONG_FIELD", "cai", "statement.import", MONEY_LEDGER, "account", "bank:main", "rail", "bank",
		      "date", "2026-03-04", "opening", "0", "closing", "0", "count", "-1", "file", FILE_OF("3"));
	money_book_release(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unknown_grows_worse),
		cmocka_unit_test(a_step_of_the_review_waits_too_long),
		cmocka_unit_test(what_came_back_is_forgotten),
		cmocka_unit_test(weeks_have_five_days),
		cmocka_unit_test(holidays_are_those_of_the_policy),
		cmocka_unit_test(an_overdrawn_account_is_told_until_it_is_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
