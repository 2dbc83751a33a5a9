/*
 * The chain: whole journals pass; one that was changed ends at the record that
 * does not fit.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/money/audit_chain.h"
#include "tests/support/money_book.h"
#include "tests/support/money_journal.h"

static struct audit_chain check(const struct journal *journal)
{
	struct audit_chain chain = { .seq = 0 };

	for (size_t i = 0; i < journal->n; i++)
		(void)audit_chain_take(&chain, span_of(journal->lines[i]));
	return chain;
}

static void begin(struct money_book *m, struct journal *journal)
{
	money_book_begin(m, 2000000);
	money_paid(m, "A");
	journal_of(journal, m);
}

static void whole_journals_pass(void **state)
{
	struct money_book m;
	struct journal journal;
	struct audit_chain chain;

	(void)state;
	begin(&m, &journal);
	chain = check(&journal);
	assert_int_equal(chain.seq, m.nlines);
	assert_int_equal(chain.bad, 0);
	assert_memory_equal(chain.head, book_head(m.book), RECORD_HASH_BYTES);
	journal_release(&journal);
	money_book_release(&m);
}

static void a_changed_byte_ends_it(void **state)
{
	struct money_book m;
	struct journal journal;
	struct audit_chain chain;

	(void)state;
	begin(&m, &journal);
	journal_replace_once(&journal, 20, "p-", "q-");
	chain = check(&journal);
	assert_int_equal(chain.seq, 19);
	assert_int_equal(chain.bad, 20);
	assert_true(strlen(chain.why.text) > 0);
	journal_release(&journal);
	money_book_release(&m);
}

/* Chained anew from there on: the record before is another one than the next record names. */
static void another_branch_ends_it(void **state)
{
	struct money_book m;
	struct journal journal, changed;
	struct audit_chain chain = { .seq = 0 };

	(void)state;
	begin(&m, &journal);
	journal_of(&changed, &m);
	journal_replace_once(&changed, 20, "p-", "q-");
	journal_chain(&changed, 20);
	assert_int_equal(check(&changed).bad, 0);
	for (size_t i = 0; i < journal.n; i++)
		(void)audit_chain_take(&chain, span_of(i < 20 ? changed.lines[i] : journal.lines[i]));
	assert_int_equal(chain.bad, 21);
	journal_release(&changed);
	journal_release(&journal);
	money_book_release(&m);
}

static void a_gap_ends_it(void **state)
{
	struct money_book m;
	struct journal journal;

	(void)state;
	begin(&m, &journal);
	journal_drop(&journal, 7);
	assert_int_equal(check(&journal).bad, 7);
	journal_release(&journal);
	money_book_release(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_journals_pass),
		cmocka_unit_test(a_changed_byte_ends_it),
		cmocka_unit_test(another_branch_ends_it),
		cmocka_unit_test(a_gap_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
