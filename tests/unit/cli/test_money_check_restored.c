/*
 * The checker after a restore: what has to wait, what has to be there to end
 * it, and attempts that were begun for a debit.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/cli/money_check.h"
#include "tests/support/money_journal.h"
#include "tests/support/money_statement.h"

#include <stdio.h>

static struct journal good;

/* One is open at a restore, the debit of another one comes before it is started; then payments go on. */
static void tell(struct money_book *m)
{
	struct bank_day day = { .date = "2026-03-02", .opening = 9000000 };
	char id[INSTRUCTION_ID_LEN + 1];
	const char *a, *b;

	money_book_begin(m, 9000000);
	a = money_released(m, "A");
	money_must(m, "system", "attempt.start", a);
	money_must(m, "system", "book.restored", "", "reason", "the mirror has more", "known", "99");
	book_instruction_id(money_book_key, SPAN("case-B"), SPAN("c-B"), 2, id);
	bank_line(m, &day, false, 850000, STATEMENT_PAYMENT, id, "");
	assert_int_equal(bank_import(m, &day), BOOK_RECORD);
	money_run(m);
	b = money_released(m, "B");
	money_run(m);
	assert_int_equal(money_reward(m, b)->state, REWARD_PAID);
	money_must(m, "system", "attempt.observe", money_text(m, "%s-1", a), "state", "SUCCEEDED", "by", "query", "fen", "850000");
	day = (struct bank_day){ .date = "2026-03-03", .opening = bank_closing(&day) };
	assert_int_equal(bank_import(m, &day), BOOK_RECORD);
	m->now_ms += MONEY_DAY_MS;
	for (int i = 0; i < 2; i++)
		money_must(m, i == 0 ? "cai" : "qian", "book.reconciled", book_quarantine(m->book)->id, "until", "2026-03-03", "reason",
			   "all is known");
	money_must(m, "shen", "rail.lift", "voucher", "reason", "explained");
	money_sent(m, "C");
}

static int set_up(void **state)
{
	struct money_book m;

	(void)state;
	tell(&m);
	journal_of(&good, &m);
	money_book_release(&m);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	journal_release(&good);
	return 0;
}

static void copy(struct journal *journal)
{
	*journal = (struct journal){ .n = good.n };
	for (size_t i = 0; i < good.n; i++)
		journal->lines[i] = strdup(good.lines[i]);
}

/* The record at which the invariant is broken first; 0: it holds. */
static uint64_t broken_at(const struct journal *journal, enum money_invariant invariant)
{
	struct money_check *check = money_check_new();
	const struct money_finding *finding;
	uint64_t seq;

	money_check_instruction_key(check, money_book_key);
	for (size_t i = 0; i < journal->n && money_check_line(check, span_of(journal->lines[i])); i++)
		;
	money_check_end(check);
	finding = money_check_finding(check, invariant);
	seq = finding->broken ? finding->seq : 0;
	money_check_free(check);
	return seq;
}

static void changed(enum money_invariant invariant, const char *record, unsigned nth, const char *from, const char *to)
{
	struct journal j;
	size_t seq;

	copy(&j);
	seq = journal_find(&j, record, nth);
	journal_replace_once(&j, seq, from, to);
	journal_chain(&j, seq);
	assert_int_equal(broken_at(&j, invariant), seq);
	journal_release(&j);
}

static void a_good_journal_passes(void **state)
{
	(void)state;
	for (unsigned i = 0; i < MONEY_INVARIANTS; i++)
		assert_int_equal(broken_at(&good, i), 0);
}

/* Without the record that ends it, what comes behind is one too many. */
static void what_has_to_wait(void **state)
{
	struct journal j;
	size_t lifted, start;

	(void)state;
	copy(&j);
	lifted = journal_find(&j, "\"kind\":\"book.reconciled\"", 1);
	start = journal_find(&j, "\"kind\":\"attempt.start\"", 3);
	journal_replace_once(&j, lifted, "\"kind\":\"book.reconciled\"", "\"kind\":\"audit.export\"");
	journal_replace_once(&j, lifted, "\"role\":\"finance\"", "\"role\":\"system\"");
	journal_chain(&j, lifted);
	assert_int_equal(broken_at(&j, MONEY_I12_TRANSITIONS), start);
	journal_release(&j);
}

static void what_the_record_says(void **state)
{
	const enum money_invariant rule = MONEY_I12_TRANSITIONS;

	(void)state;
	changed(rule, "\"kind\":\"book.restored\"", 1, "\"attempts\":\"1\"", "\"attempts\":\"0\"");
	changed(rule, "\"kind\":\"book.restored\"", 1, "\"quarantine\":\"Q", "\"quarantine\":\"Q1");
	changed(rule, "\"kind\":\"book.reconciled\"", 1, "\"subject\":\"Q", "\"subject\":\"Q1");
	changed(rule, "\"kind\":\"book.reconciled\"", 1, "2026-03-03", "2026-03-01");
	changed(rule, "\"kind\":\"book.reconciled\"", 1, "2026-03-03", "2026-12-03");
	/* Beyond the last statement. */
	changed(MONEY_I09_STATEMENTS, "\"kind\":\"book.reconciled\"", 1, "2026-03-03", "2026-03-04");
}

/* Begun for a debit it is that debit, and under an id of this payment. */
static void what_a_debit_says(void **state)
{
	(void)state;
	changed(MONEY_I09_STATEMENTS, "\"attempt_to\":\"UNKNOWN\",\"to\":\"PAYING\"", 1, ":1\"", ":2\"");
	changed(MONEY_I20_INSTRUCTIONS, "\"kind\":\"attempt.start\"", 3, "\"instruction\":\"", "\"instruction\":\"A");
	/* Without `line` it would go out. */
	changed(MONEY_I05_PAID_ONCE, "\"attempt_to\":\"UNKNOWN\",\"to\":\"PAYING\"", 1, "\"line\":\"", "\"lane\":\"");
}

/* A line of another account settles nothing. */
static void a_line_of_another_account(void **state)
{
	struct journal j;
	size_t seq, told;

	(void)state;
	copy(&j);
	seq = journal_find(&j, "\"kind\":\"statement.import\"", 1);
	told = journal_find(&j, "\"attempt_to\":\"SUCCEEDED\"", 1);
	journal_replace_once(&j, seq, "\"account\":\"bank:main\"", "\"account\":\"bank:other\"");
	journal_chain(&j, seq);
	assert_true(broken_at(&j, MONEY_I09_STATEMENTS) > seq && broken_at(&j, MONEY_I09_STATEMENTS) <= told);
	journal_release(&j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_journal_passes),
		cmocka_unit_test(what_has_to_wait),
		cmocka_unit_test(what_the_record_says),
		cmocka_unit_test(what_a_debit_says),
		cmocka_unit_test(a_line_of_another_account),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
