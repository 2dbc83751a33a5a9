/*
 * Entries that fit a wish: on an account they come to its balance, from any
 * number on.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/money/audit_entries.h"
#include "tests/support/money_book.h"

static void an_account_comes_to_its_balance(void **state)
{
	static const enum ledger_code codes[] = { LEDGER_AUTHORISED, LEDGER_AVAILABLE, LEDGER_ENCUMBERED, LEDGER_BANK };
	struct money_book m;
	struct audit_log *log;
	struct audit_view view;

	(void)state;
	money_book_begin(&m, 9000000);
	money_statement(&m, money_paid(&m, "A"));
	log = money_audit_log(&m);
	view = money_view(&m, log, m.nlines);
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		struct span detail = codes[i] == LEDGER_BANK ? SPAN("main") : (struct span){ 0 };
		struct audit_entries_wish wish = { .book = SPAN(MONEY_LEDGER), .code = codes[i], .detail = detail };
		struct audit_entries whole = audit_entries(&view, &wish), later;

		assert_true(whole.n > 0);
		assert_int_equal(whole.opening_fen, 0);
		assert_int_equal(whole.closing_fen, whole.at[whole.n - 1].balance_fen);
		assert_int_equal(whole.closing_fen,
				 ledger_balance(book_ledger(m.book), MONEY_LEDGER, codes[i], codes[i] == LEDGER_BANK ? "main" : ""));
		wish.from = whole.at[0].seq + 1;
		later = audit_entries(&view, &wish);
		assert_int_equal(later.n, whole.n - 1);
		assert_int_equal(later.opening_fen, whole.at[0].balance_fen);
		assert_int_equal(later.closing_fen, whole.closing_fen);
		wish = (struct audit_entries_wish){ .code = codes[i], .to = whole.at[0].seq };
		assert_int_equal(audit_entries(&view, &wish).closing_fen, whole.at[0].balance_fen);
	}
	audit_log_free(log);
	money_book_release(&m);
}

static size_t found(const struct audit_view *view, struct audit_entries_wish wish)
{
	return audit_entries(view, &wish).n;
}

static void wishes_choose(void **state)
{
	struct money_book m;
	struct audit_log *log;
	struct audit_view view;
	const char *a;

	(void)state;
	money_book_begin(&m, 9000000);
	a = money_paid(&m, "A");
	log = money_audit_log(&m);
	view = money_view(&m, log, m.nlines);
	assert_int_equal(found(&view, (struct audit_entries_wish){ .from = 0 }), m.nlines);
	assert_int_equal(found(&view, (struct audit_entries_wish){ .from = 2, .to = 3 }), 2);
	assert_int_equal(found(&view, (struct audit_entries_wish){ .kind = SPAN("reward.propose") }), 1);
	assert_true(found(&view, (struct audit_entries_wish){ .kind = SPAN("reward.") }) > 3);
	assert_true(found(&view, (struct audit_entries_wish){ .subject = span_of(a) }) >
		    found(&view, (struct audit_entries_wish){ .subject = span_of(money_text(&m, "%s-1", a)) }));
	assert_int_equal(found(&view, (struct audit_entries_wish){ .person = SPAN("nobody") }), 0);
	assert_int_equal(found(&view, (struct audit_entries_wish){ .book = SPAN("none") }), 0);
	assert_true(found(&view, (struct audit_entries_wish){ .book = SPAN(MONEY_LEDGER) }) > 2);
	assert_int_equal(found(&view, (struct audit_entries_wish){ .code = 9999 }), 0);
	audit_log_free(log);
	money_book_release(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_account_comes_to_its_balance),
		cmocka_unit_test(wishes_choose),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
