/*
 * The table of postings: every row balances in each sub-ledger and book,
 * whatever amounts and variant are asked for.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/money/posting.h"

#include <string.h>

static uint64_t seed = 11;

static int64_t any(int64_t below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (int64_t)((seed >> 33) % (uint64_t)below);
}

static struct posting_facts facts_of(enum posting posting, unsigned variant)
{
	struct posting_facts facts = { .fin = "150600/x/2026", .bgt = "150600/x/2027", .spent = "150600/x/2026",
				       .next = "150600/x/2028", .reward = "R7", .flight = "voucher:R7-1",
				       .suspense = "S1:4", .x = 1 + any(1000000), .net = any(1000000),
				       .tax = any(1000), .rest = any(1000000), .when = variant };

	posting_account_parse(SPAN("bank:main"), &facts.source);
	posting_account_parse(SPAN("cash:1"), &facts.target);
	facts.a = facts.tax + (posting == POSTING_RETURNED_OVER ? facts.x : facts.net) +
		  (posting == POSTING_CANCELLED ? facts.rest : 0);
	return facts;
}

static int64_t sum_of(const struct ledger_entry *entry, const char *book, enum ledger_sub sub)
{
	int64_t sum = 0;

	for (size_t i = 0; i < entry->nlegs; i++)
		if (strcmp(entry->legs[i].book, book) == 0 && ledger_kind(entry->legs[i].code)->sub == sub)
			sum += entry->legs[i].debit ? entry->legs[i].fen : -entry->legs[i].fen;
	return sum;
}

static void balances(const struct ledger_entry *entry)
{
	for (size_t i = 0; i < entry->nlegs; i++) {
		assert_true(entry->legs[i].fen > 0);
		assert_int_equal(sum_of(entry, entry->legs[i].book, LEDGER_FIN), 0);
		assert_int_equal(sum_of(entry, entry->legs[i].book, LEDGER_BGT), 0);
	}
}

static void every_row_balances(void **state)
{
	static const unsigned years[] = { POSTING_SAME_YEAR, POSTING_PRIOR_YEAR };
	static const unsigned of[] = { POSTING_OF_OVERPAID, POSTING_OF_CLAWBACK };
	static const unsigned how[] = { POSTING_WHOLE | POSTING_DEBIT, POSTING_PART | POSTING_CREDIT };

	(void)state;
	for (unsigned round = 0; round < 8 * 50; round++)
		for (enum posting posting = POSTING_APPROPRIATED; posting < POSTINGS; posting++) {
			struct posting_facts facts = facts_of(posting, years[round & 1] | of[round >> 1 & 1] |
									       how[round >> 2 & 1]);
			struct ledger_entry entry;

			posting_make(posting, &facts, "R7", round + 1, &entry);
			assert_true(entry.nlegs >= 2 && entry.nlegs <= LEDGER_LEGS_MAX);
			balances(&entry);
		}
}

static void an_id_names_row_subject_and_number(void **state)
{
	struct posting_facts facts = facts_of(POSTING_APPROVED, POSTING_SAME_YEAR);
	struct ledger_entry entry;

	(void)state;
	posting_make(POSTING_APPROVED, &facts, "R7", 2, &entry);
	assert_string_equal(entry.id, "L03:R7:2");
	posting_make(POSTING_OFFSET, &facts, "R7", 1, &entry);
	assert_string_equal(entry.id, "L21:R7:1");
	assert_string_equal(posting_name(POSTING_OFFSET), "offset");
	assert_null(posting_name(POSTING_NONE));
	assert_null(posting_name(POSTINGS));
}

static void nothing_is_no_leg(void **state)
{
	struct posting_facts facts = facts_of(POSTING_APPROVED, POSTING_SAME_YEAR);
	struct ledger_entry entry;

	(void)state;
	facts.tax = 0;
	facts.a = facts.net = 5;
	posting_make(POSTING_APPROVED, &facts, "R7", 1, &entry);
	assert_int_equal(entry.nlegs, 4);
	for (size_t i = 0; i < entry.nlegs; i++)
		assert_int_not_equal(entry.legs[i].code, LEDGER_TAX_WITHHELD);
}

static void accounts_are_read(void **state)
{
	struct posting_account account;

	(void)state;
	assert_true(posting_account_parse(SPAN("cash:150600-01"), &account));
	assert_int_equal(account.code, LEDGER_CASH_AT_BRANCH);
	assert_string_equal(account.detail, "150600-01");
	assert_false(posting_account_parse(SPAN("bank:"), &account));
	assert_false(posting_account_parse(SPAN("bank"), &account));
	assert_false(posting_account_parse(SPAN("gold:x"), &account));
	assert_false(posting_account_parse(SPAN("bank:0123456789012345678901234567890123456789012345678901234567890123"),
					   &account));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_balances),
		cmocka_unit_test(an_id_names_row_subject_and_number),
		cmocka_unit_test(nothing_is_no_leg),
		cmocka_unit_test(accounts_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
