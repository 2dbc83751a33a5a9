/*
 * The auditor's figures: as the ledger has them, at every record, and each
 * with the records that made it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/money/audit_summary.h"
#include "tests/support/money_book.h"

static const struct audit_figure *figure(const struct audit_figures *figures, const char *part, const char *name)
{
	for (size_t i = 0; i < figures->n; i++)
		if (strcmp(figures->at[i].part, part) == 0 && strcmp(figures->at[i].name, name) == 0)
			return &figures->at[i];
	fail_msg("no figure %s", name);
	return NULL;
}

static void budgets_are_the_ledger(void **state)
{
	static const struct { const char *name; enum ledger_code code; } codes[] = {
		{ .name = "authorised", .code = LEDGER_AUTHORISED }, { .name = "available", .code = LEDGER_AVAILABLE },
		{ .name = "encumbered", .code = LEDGER_ENCUMBERED }, { .name = "expended", .code = LEDGER_EXPENDED },
		{ .name = "lapsed", .code = LEDGER_LAPSED },
	};
	struct money_book m;
	struct audit_log *log;
	struct book *again = book_new(money_book_key, 3);
	struct record record;
	struct complaint why;

	(void)state;
	money_book_begin(&m, 9000000);
	money_statement(&m, money_paid(&m, "A"));
	money_claimed(&m, "B");
	log = money_audit_log(&m);
	for (size_t n = 0; n < m.nlines; n++) {
		struct audit_view view = money_view(&m, log, n + 1);
		struct audit_figures figures = audit_summary(&view);

		assert_true(record_read(m.lines[n], &m.arena, &record, &why) && book_apply(again, &record, &why));
		if (ledger_rows(book_ledger(again), NULL, 0) == 0)
			continue;
		for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
			assert_int_equal(figure(&figures, "budget", codes[i].name)->fen,
					 ledger_balance(book_ledger(again), MONEY_LEDGER, codes[i].code, ""));
	}
	book_free(again);
	audit_log_free(log);
	money_book_release(&m);
}

static void states_name_their_records(void **state)
{
	struct money_book m;
	struct audit_log *log;
	struct audit_view view;
	struct audit_figures figures;
	const struct audit_figure *paid;

	(void)state;
	money_book_begin(&m, 9000000);
	money_statement(&m, money_paid(&m, "A"));
	money_proposed(&m, "B");
	log = money_audit_log(&m);
	view = money_view(&m, log, m.nlines);
	figures = audit_summary(&view);
	paid = figure(&figures, "state", "PAID");
	assert_int_equal(paid->count, 1);
	assert_int_equal(paid->fen, 850000);
	assert_int_equal(audit_seqs_told(&paid->seqs), 1);
	assert_int_equal(audit_log_row(log, (size_t)audit_seqs_at(&paid->seqs, 0) - 1)->state, REWARD_PAID);
	assert_int_equal(figure(&figures, "state", "DRAFT")->count, 1);
	assert_int_equal(figure(&figures, "state", "CLOSED")->count, 0);
	assert_int_equal(figure(&figures, "statement", "2026-03-01")->count, 1);
	assert_string_equal(figure(&figures, "statement", "2026-03-01")->book, "bank:main");
	audit_log_free(log);
	money_book_release(&m);
}

static void what_is_open_ends(void **state)
{
	struct money_book m;
	struct audit_log *log;
	struct audit_view view;
	struct audit_figures figures;
	const char *a;
	size_t held;

	(void)state;
	money_book_begin(&m, 9000000);
	a = money_claimed(&m, "A");
	money_must(&m, "shen", "reward.hold", a, "reason", "a look");
	money_must(&m, "shen", "rail.hold", "voucher", "reason", "a look");
	held = m.nlines;
	money_must(&m, "gu", "reward.lift", a, "reason", "looked");
	money_must(&m, "gu", "rail.lift", "voucher", "reason", "looked");
	m.now_ms += MONEY_DAY_MS;
	money_must(&m, "cai", "reward.release", a, "source", "bank:main");
	log = money_audit_log(&m);
	view = money_view(&m, log, held);
	figures = audit_summary(&view);
	assert_int_equal(figure(&figures, "open", "held")->count, 1);
	assert_int_equal(figure(&figures, "open", "rails_held")->count, 1);
	assert_int_equal(audit_seqs_at(&figure(&figures, "open", "rails_held")->seqs, 0), held);
	assert_int_equal(figure(&figures, "open", "votes")->count, 0);
	view = money_view(&m, log, m.nlines);
	figures = audit_summary(&view);
	assert_int_equal(figure(&figures, "open", "held")->count, 0);
	assert_int_equal(figure(&figures, "open", "rails_held")->count, 0);
	assert_int_equal(figure(&figures, "open", "votes")->count, 1);
	audit_log_free(log);
	money_must(&m, "qian", "reward.release", a, "source", "bank:main");
	log = money_audit_log(&m);
	view = money_view(&m, log, m.nlines);
	figures = audit_summary(&view);
	assert_int_equal(figure(&figures, "open", "votes")->count, 0);
	audit_log_free(log);
	money_book_release(&m);
}

/* A debit that is no payment of ours: a break, until two persons have explained it. */
static void a_break_is_open_until_it_is_resolved(void **state)
{
	struct money_book m;
	struct audit_log *log;
	struct audit_view view;
	struct audit_figures figures;

	(void)state;
	money_book_begin(&m, 9000000);
	money_must(&m, "cai", "statement.import", MONEY_LEDGER, "account", "bank:main", "rail", "voucher", "date", "2026-03-01",
		   "opening", "9000000", "closing", "8999000", "count", "1", "file", money_text(&m, "%064u", 1u), "lines",
		   "L1 Dr 1000 2026-03-01 payment - -");
	money_run(&m);
	log = money_audit_log(&m);
	view = money_view(&m, log, m.nlines);
	figures = audit_summary(&view);
	assert_int_equal(figure(&figures, "open", "breaks")->count, 1);
	assert_int_equal(figure(&figures, "open", "rails_held")->count, 1);
	audit_log_free(log);
	money_book_release(&m);
}

static bool not_there(void *ctx, const char *bureau)
{
	(void)ctx;
	return strncmp(MONEY_LEDGER, bureau, strlen(bureau)) != 0;
}

/* A missing day and a file that was refused post nothing: they belong to the ledger of their statement all the same. */
static void breaks_of_another_region_are_not_counted(void **state)
{
	struct money_book m;
	struct audit_log *log;
	struct audit_view view;
	struct audit_figures figures;

	(void)state;
	money_book_begin(&m, 9000000);
	money_must(&m, "cai", "statement.import", MONEY_LEDGER, "account", "bank:main", "rail", "voucher", "date", "2026-03-01",
		   "opening", "9000000", "closing", "9000000", "count", "0", "file", money_text(&m, "%064u", 1u));
	money_must(&m, "cai", "statement.import", MONEY_LEDGER, "account", "bank:main", "rail", "voucher", "date", "2026-03-03",
		   "opening", "5", "closing", "5", "count", "0", "file", money_text(&m, "%064u", 2u));
	money_run(&m);
	money_must(&m, "cai", "break.open", "bank:main/2026-03-03", "class", "R10", "file", money_text(&m, "%064u", 3u));
	money_must(&m, "cai", "break.open", "bank:main/2026-03-04", "class", "R9", "file", money_text(&m, "%064u", 4u));
	money_must(&m, "cai", "break.resolve", money_text(&m, "B%zu", m.nlines - 1), "reason", "on paper");
	money_must(&m, "cai", "budget.correct", "L01:" MONEY_LEDGER ":1", "reason", "typed twice");
	log = money_audit_log(&m);
	view = money_view(&m, log, m.nlines);
	figures = audit_summary(&view);
	assert_int_equal(figure(&figures, "open", "breaks")->count, 3);
	assert_int_equal(figure(&figures, "open", "votes")->count, 2);
	view = audit_view_make(log, m.nlines, m.now_ms, not_there, NULL, &m.arena);
	figures = audit_summary(&view);
	/* A file for a day that had none is of no ledger, and nobody's region hides it. */
	assert_int_equal(figure(&figures, "open", "breaks")->count, 1);
	assert_int_equal(audit_seqs_at(&figure(&figures, "open", "breaks")->seqs, 0), m.nlines - 2);
	assert_int_equal(figure(&figures, "open", "votes")->count, 0);
	audit_log_free(log);
	money_book_release(&m);
}

static void the_journal_of_itself(void **state)
{
	struct money_book m;
	struct audit_log *log;
	struct audit_view view;
	struct audit_figures figures;

	(void)state;
	money_book_begin(&m, 9000000);
	money_must(&m, "shen", "audit.export", "", "what", "csv", "rows", "3", "hash", money_text(&m, "%064u", 1u));
	log = money_audit_log(&m);
	view = money_view(&m, log, m.nlines);
	figures = audit_journal_figures(&view);
	assert_int_equal(figure(&figures, "journal", "record_export")->count, 1);
	assert_int_equal(figure(&figures, "journal", "record_restored")->count, 0);
	view = money_view(&m, log, 0);
	figures = audit_summary(&view);
	assert_int_equal(figure(&figures, "state", "PAID")->count, 0);
	audit_log_free(log);
	money_book_release(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(budgets_are_the_ledger),
		cmocka_unit_test(states_name_their_records),
		cmocka_unit_test(what_is_open_ends),
		cmocka_unit_test(a_break_is_open_until_it_is_resolved),
		cmocka_unit_test(breaks_of_another_region_are_not_counted),
		cmocka_unit_test(the_journal_of_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
