/*
 * The register of rewards: what each holds is what the ledger holds, at every
 * record.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/money/audit_register.h"
#include "tests/support/money_book.h"

static void totals_are_the_ledger(void **state)
{
	struct money_book m;
	struct audit_log *log;
	struct book *again = book_new(money_book_key, 3);
	struct record record;
	struct complaint why;

	(void)state;
	money_book_begin(&m, 9000000);
	money_statement(&m, money_paid(&m, "A"));
	money_claimed(&m, "B");
	money_proposed(&m, "C");
	log = money_audit_log(&m);
	for (size_t n = 1; n <= m.nlines; n++) {
		struct audit_view view = money_view(&m, log, n);
		struct audit_register all = audit_register(&view);
		int64_t encumbered = 0, expended = 0;

		assert_true(record_read(m.lines[n - 1], &m.arena, &record, &why) && book_apply(again, &record, &why));
		for (size_t i = 0; i < all.n; i++) {
			encumbered += all.rows[i].encumbered_fen;
			expended += all.rows[i].expended_fen;
		}
		assert_int_equal(all.encumbered_fen, encumbered);
		assert_int_equal(all.expended_fen, expended);
		if (ledger_rows(book_ledger(again), NULL, 0) == 0)
			continue;
		assert_int_equal(encumbered, ledger_balance(book_ledger(again), MONEY_LEDGER, LEDGER_ENCUMBERED, ""));
		assert_int_equal(expended, ledger_balance(book_ledger(again), MONEY_LEDGER, LEDGER_EXPENDED, ""));
	}
	book_free(again);
	audit_log_free(log);
	money_book_release(&m);
}

static size_t fitting(const struct audit_view *view, const struct audit_register *all, struct audit_register_wish wish)
{
	size_t n = 0;

	for (size_t i = 0; i < all->n; i++)
		n += audit_register_fits(view, &all->rows[i], &wish);
	return n;
}

static void wishes_choose(void **state)
{
	struct money_book m;
	struct audit_log *log;
	struct audit_view view;
	struct audit_register all;
	struct audit_month *months;
	const char *held;

	(void)state;
	money_book_begin(&m, 9000000);
	money_statement(&m, money_paid(&m, "A"));
	held = money_claimed(&m, "B");
	money_must(&m, "shen", "reward.hold", held, "reason", "a look");
	log = money_audit_log(&m);
	view = money_view(&m, log, m.nlines);
	all = audit_register(&view);
	assert_int_equal(all.n, 2);
	assert_int_equal(audit_seqs_at(&all.rows[0].seqs, 0), all.rows[0].reward->is->seq);
	assert_int_equal(fitting(&view, &all, (struct audit_register_wish){ .state = -1 }), 2);
	assert_int_equal(fitting(&view, &all, (struct audit_register_wish){ .state = REWARD_PAID }), 1);
	assert_int_equal(fitting(&view, &all, (struct audit_register_wish){ .state = -1, .held = true }), 1);
	assert_int_equal(fitting(&view, &all, (struct audit_register_wish){ .state = -1, .case_id = SPAN("none") }), 0);
	assert_int_equal(fitting(&view, &all, (struct audit_register_wish){ .state = -1, .bureau = SPAN("15") }), 2);
	assert_int_equal(fitting(&view, &all, (struct audit_register_wish){ .state = -1, .bureau = SPAN("44") }), 0);
	assert_int_equal(fitting(&view, &all, (struct audit_register_wish){ .state = -1, .month = span_of(all.rows[0].month) }), 2);
	assert_int_equal(fitting(&view, &all, (struct audit_register_wish){ .state = -1, .month = SPAN("1999-01") }), 0);
	assert_int_equal(audit_register_months(&view, &all, &(struct audit_register_wish){ .state = -1 }, &months), 2);
	assert_int_equal(months[0].fen + months[1].fen, all.rows[0].reward->is->fen + all.rows[1].reward->is->fen);
	assert_true(months[0].state < months[1].state);
	assert_int_equal(audit_register_months(&view, &all, &(struct audit_register_wish){ .state = REWARD_DRAFT }, &months), 0);
	audit_log_free(log);
	money_book_release(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(totals_are_the_ledger),
		cmocka_unit_test(wishes_choose),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
