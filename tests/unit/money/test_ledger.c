/*
 * The ledger: what does not balance or breaks a limit leaves it as it was, and
 * the whole stays zero whatever is posted.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/money/ledger.h"

#include <stdio.h>
#include <stdlib.h>

#define BOOK "150600/anti-trafficking/2026"
#define ROWS_MAX 512

static void leg(struct ledger_entry *entry, enum ledger_code code, const char *detail, bool debit, int64_t fen)
{
	struct ledger_leg *to = &entry->legs[entry->nlegs++];

	*to = (struct ledger_leg){ .book = BOOK, .code = code, .debit = debit, .fen = fen };
	snprintf(to->detail, sizeof(to->detail), "%s", detail);
}

static struct ledger_entry entry_named(const char *kind, unsigned number)
{
	struct ledger_entry entry = { .nlegs = 0 };

	snprintf(entry.id, sizeof(entry.id), "%s:test:%u", kind, number);
	return entry;
}

static struct ledger_entry appropriation(unsigned number, int64_t fen)
{
	struct ledger_entry entry = entry_named("L01", number);

	leg(&entry, LEDGER_AUTHORISED, "", true, fen);
	leg(&entry, LEDGER_AVAILABLE, "", false, fen);
	return entry;
}

static struct ledger_entry approval(unsigned number, int64_t fen)
{
	struct ledger_entry entry = entry_named("L03", number);

	leg(&entry, LEDGER_EXPENSE, "", true, fen);
	leg(&entry, LEDGER_PAYABLE, "R1", false, fen);
	leg(&entry, LEDGER_AVAILABLE, "", true, fen);
	leg(&entry, LEDGER_ENCUMBERED, "", false, fen);
	return entry;
}

static void budget_is_a_wall(void **state)
{
	struct ledger *ledger = ledger_new(1);
	struct complaint why = { .text = "" };
	struct ledger_entry entry = appropriation(1, 1000000);

	(void)state;
	assert_true(ledger_post(ledger, &entry, &why));
	entry = approval(1, 600000);
	assert_true(ledger_post(ledger, &entry, &why));
	entry = approval(2, 400001);
	assert_false(ledger_post(ledger, &entry, &why));
	assert_non_null(strstr(why.text, "available"));
	assert_int_equal(ledger_balance(ledger, BOOK, LEDGER_AVAILABLE, ""), 400000);
	assert_int_equal(ledger_balance(ledger, BOOK, LEDGER_PAYABLE, "R1"), 600000);
	entry = approval(2, 400000);
	assert_true(ledger_post(ledger, &entry, &why));
	assert_int_equal(ledger_balance(ledger, BOOK, LEDGER_AVAILABLE, ""), 0);
	assert_int_equal(ledger_total(ledger, BOOK, LEDGER_PAYABLE), 1000000);
	ledger_free(ledger);
}

static void an_id_posts_once(void **state)
{
	struct ledger *ledger = ledger_new(1);
	struct complaint why;
	struct ledger_entry entry = appropriation(1, 5);

	(void)state;
	assert_true(ledger_post(ledger, &entry, &why));
	assert_false(ledger_post(ledger, &entry, &why));
	assert_int_equal(ledger_balance(ledger, BOOK, LEDGER_AUTHORISED, ""), 5);
	ledger_free(ledger);
}

static void refuses_what_is_no_entry(void **state)
{
	struct ledger *ledger = ledger_new(1);
	struct complaint why;
	struct ledger_entry one_sided = entry_named("X", 1);
	struct ledger_entry crossed = entry_named("X", 2);
	struct ledger_entry nothing = entry_named("X", 3);
	struct ledger_entry zero = entry_named("X", 4);

	(void)state;
	leg(&one_sided, LEDGER_BANK, "main", true, 5);
	leg(&one_sided, LEDGER_FUND, "", false, 4);
	assert_false(ledger_post(ledger, &one_sided, &why));
	/* FIN against BGT sums to zero and is no balance. */
	leg(&crossed, LEDGER_BANK, "main", true, 5);
	leg(&crossed, LEDGER_AVAILABLE, "", false, 5);
	assert_false(ledger_post(ledger, &crossed, &why));
	assert_false(ledger_post(ledger, &nothing, &why));
	leg(&zero, LEDGER_BANK, "main", true, 0);
	leg(&zero, LEDGER_FUND, "", false, 0);
	assert_false(ledger_post(ledger, &zero, &why));
	assert_int_equal(ledger_rows(ledger, NULL, 0), 0);
	ledger_free(ledger);
}

/* Random entries, many of them wrong: at every step all is zero and no limit is broken. */
static void stays_zero(void **state)
{
	struct ledger *ledger = ledger_new(9);
	struct ledger_row *rows = calloc(ROWS_MAX, sizeof(*rows));
	size_t nkinds, posted = 0;
	const struct ledger_account_kind *kinds = ledger_kinds(&nkinds);

	(void)state;
	assert_non_null(rows);
	srand(11);
	for (unsigned i = 0; i < 20000; i++) {
		struct ledger_entry entry = entry_named("F", i);
		const struct ledger_account_kind *a = &kinds[(size_t)rand() % nkinds];
		const struct ledger_account_kind *b = &kinds[(size_t)rand() % nkinds];
		int64_t fen = rand() % 1000, sum[LEDGER_SUBS] = { 0 };
		struct complaint why;
		size_t n;

		leg(&entry, a->code, rand() % 2 ? "R1" : "R2", true, fen);
		leg(&entry, b->code, rand() % 2 ? "R1" : "", false, fen);
		posted += ledger_post(ledger, &entry, &why) ? 1 : 0;
		if (i % 50 != 0)
			continue;
		n = ledger_rows(ledger, rows, ROWS_MAX);
		for (size_t r = 0; r < n; r++) {
			const struct ledger_account_kind *kind = ledger_kind(rows[r].code);
			int64_t balance = ledger_balance(ledger, rows[r].book, rows[r].code, rows[r].detail);

			sum[kind->sub] += rows[r].debits - rows[r].credits;
			assert_true(!kind->limited || balance >= 0);
		}
		assert_int_equal(sum[LEDGER_FIN], 0);
		assert_int_equal(sum[LEDGER_BGT], 0);
	}
	assert_in_range(posted, 1000, 19000);
	free(rows);
	ledger_free(ledger);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(budget_is_a_wall),
		cmocka_unit_test(an_id_posts_once),
		cmocka_unit_test(refuses_what_is_no_entry),
		cmocka_unit_test(stays_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
