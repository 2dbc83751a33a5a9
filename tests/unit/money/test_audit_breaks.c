/*
 * Breaks as they stood: opened, cleared, resolved by two persons, and filled
 * by a statement; the book counts the same as open after every record.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/money/audit_breaks.h"
#include "tests/support/money_book.h"

static size_t open_in(const struct book *book)
{
	const struct book_break *broken;
	size_t n = 0;

	for (size_t i = 0; (broken = book_break_at(book, i)) != NULL; i++)
		n += !broken->resolved;
	return n;
}

static size_t open_of(struct audit_break *breaks, size_t n)
{
	size_t open = 0;

	for (size_t i = 0; i < n; i++)
		open += audit_break_open(&breaks[i]);
	return open;
}

static void import(struct money_book *m, const char *date, const char *ends, unsigned file)
{
	money_must(m, "cai", "statement.import", MONEY_LEDGER, "account", "bank:main", "rail", "voucher", "date", date,
		   "opening", ends, "closing", ends, "count", "0", "file", money_text(m, "%064u", file));
	money_run(m);
}

/* A debit of a stranger, a day that is missing and comes, a file that is refused and explained. */
static void make(struct money_book *m)
{
	const char *suspended, *refused;

	money_book_begin(m, 9000000);
	money_must(m, "cai", "statement.import", MONEY_LEDGER, "account", "bank:main", "rail", "voucher", "date", "2026-03-01",
		   "opening", "9000000", "closing", "8999000", "count", "1", "file", money_text(m, "%064u", 1u), "lines",
		   "L1 Dr 1000 2026-03-01 payment - -");
	money_run(m);
	suspended = money_text(m, "B%zu", m->nlines);
	import(m, "2026-03-03", "8998000", 2);
	import(m, "2026-03-02", "8999000", 3);
	money_must(m, "cai", "break.open", "bank:main/2026-03-03", "class", "R10", "file", money_text(m, "%064u", 4u));
	refused = money_text(m, "B%zu", m->nlines);
	money_must(m, "cai", "break.resolve", refused, "reason", "on paper");
	money_must(m, "qian", "break.resolve", refused, "reason", "on paper");
	assert_non_null(book_break_find(m->book, span_of(suspended)));
}

static void the_book_counts_the_same(void **state)
{
	struct money_book m;
	struct audit_log *log;
	struct book *again = book_new(money_book_key, 3);
	struct record record;
	struct complaint why;
	size_t most = 0;

	(void)state;
	make(&m);
	log = money_audit_log(&m);
	for (size_t n = 1; n <= m.nlines; n++) {
		struct audit_view view = money_view(&m, log, n);
		struct audit_break *breaks;
		size_t nbreaks = audit_breaks(&view, &breaks), open = open_of(breaks, nbreaks);

		assert_true(record_read(m.lines[n - 1], &m.arena, &record, &why) && book_apply(again, &record, &why));
		assert_int_equal(open, open_in(again));
		most = open > most ? open : most;
	}
	assert_true(most >= 2);
	book_free(again);
	audit_log_free(log);
	money_book_release(&m);
}

static void they_tell_who_settled_them(void **state)
{
	struct money_book m;
	struct audit_log *log;
	struct audit_view view;
	struct audit_break *breaks;
	const struct audit_break *last;
	size_t n;

	(void)state;
	make(&m);
	log = money_audit_log(&m);
	view = money_view(&m, log, m.nlines);
	n = audit_breaks(&view, &breaks);
	assert_true(n >= 2);
	assert_int_equal(breaks[0].state, AUDIT_BREAK_SUSPENSE);
	assert_int_equal(breaks[0].fen, 1000);
	assert_string_equal(audit_view_text(&view, breaks[0].row->word), "R5");
	last = &breaks[n - 1];
	assert_int_equal(last->state, AUDIT_BREAK_RESOLVED);
	assert_string_equal(audit_break_state_name(last->state), "resolved");
	assert_string_equal(audit_view_text(&view, last->person), "p-qian");
	assert_string_equal(audit_view_text(&view, last->with), "p-cai");
	assert_int_equal(last->seqs.n, 3);
	assert_int_equal(audit_seqs_at(&last->seqs, 0), last->seq);
	audit_log_free(log);
	money_book_release(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_book_counts_the_same),
		cmocka_unit_test(they_tell_who_settled_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
