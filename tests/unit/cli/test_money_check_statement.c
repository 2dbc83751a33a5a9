/*
 * I09: statements in the journal and those that the auditor has from the bank.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/base/hex.h"
#include "daemon/cli/money_check.h"
#include "tests/support/money_journal.h"
#include "tests/support/money_statement.h"

#include <sodium.h>
#include <stdio.h>

#define FILE_HEAD "{\"account\":\"main\",\"date\":\"2026-03-02\",\"opening\":{\"minor\":9000000,\"currency\":\"CNY\"},"
#define FILE_TAIL "\"closing\":{\"minor\":8149500,\"currency\":\"CNY\"},\"count\":2,\"lines\":["

static struct journal good;
static char file[2048];              /* the first statement as the bank sent it */

static void set_file(const char *instruction, int64_t fen)
{
	snprintf(file, sizeof(file),
		 FILE_HEAD FILE_TAIL
		 "{\"line_id\":\"L1\",\"instruction_id\":\"%s\",\"direction\":\"debit\",\"amount\":{\"minor\":%lld,"
		 "\"currency\":\"CNY\"}},{\"line_id\":\"L2\",\"direction\":\"debit\",\"amount\":{\"minor\":500,"
		 "\"currency\":\"CNY\"}}]}",
		 instruction, (long long)fen);
}

static const char *break_of_fee(struct money_book *m)
{
	for (size_t i = 0; book_break_at(m->book, i) != NULL; i++)
		if (book_break_at(m->book, i)->class == BREAK_FEE)
			return money_text(m, "%s", book_break_at(m->book, i)->id);
	fail_msg("the fee is no break");
	return NULL;
}

/* A payment with its line, a fee in suspense that is cleared, a day without movement, a payment without line. */
static void tell(struct money_book *m)
{
	struct bank_day one = { .date = "2026-03-02", .opening = 9000000 }, two = { .date = "2026-03-03" };
	const char *a, *broken;

	money_book_begin(m, 9000000);
	a = money_paid(m, "A");
	set_file(money_reward(m, a)->attempts[0].instruction, 850000);
	bank_paid(m, &one, a, 1);
	bank_line(m, &one, false, 500, STATEMENT_FEE, "", "");
	assert_int_equal(bank_import(m, &one), BOOK_RECORD);
	assert_true(money_run(m) >= 2);
	broken = break_of_fee(m);
	money_must(m, "cai", "budget.fee", MONEY_LEDGER, "fen", "500", "account", "bank:main");
	for (int i = 0; i < 2; i++)
		money_must(m, i == 0 ? "cai" : "qian", "suspense.clear", broken, "entry",
			   "L15:150600/anti-trafficking/2026:1", "reason", "the bank's fee");
	two.opening = bank_closing(&one);
	assert_int_equal(bank_import(m, &two), BOOK_RECORD);
	money_paid(m, "B");
	m->now_ms += 5 * MONEY_DAY_MS;
	money_run(m);
}

/* The import names the file by its hash. */
static void name_file(struct journal *journal)
{
	size_t seq = journal_find(journal, "\"kind\":\"statement.import\"", 1);
	unsigned char hash[32];
	char digits[65] = "";

	crypto_hash_sha256(hash, (const unsigned char *)file, strlen(file));
	hex_put(hash, sizeof(hash), digits);
	journal_replace_once(journal, seq, "0000000000000000000000000000000000000000000000000000000000000000", digits);
	journal_chain(journal, seq);
}

static int set_up(void **state)
{
	struct money_book m;

	(void)state;
	tell(&m);
	journal_of(&good, &m);
	money_book_release(&m);
	name_file(&good);
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

/* Where I09 is broken; 0: it holds. `with`: a file that the auditor has beside that of day two; NULL: he has none. */
static uint64_t broken_at(const struct journal *journal, const char *with)
{
	struct money_check *check = money_check_new();
	struct complaint why = { .text = "" };
	const struct money_finding *finding;
	uint64_t seq;

	if (with != NULL)
		assert_true(money_check_statement(check, span_of(with), &why));
	for (size_t i = 0; i < journal->n; i++)
		assert_true(money_check_line(check, span_of(journal->lines[i])));
	money_check_end(check);
	finding = money_check_finding(check, MONEY_I09_STATEMENTS);
	assert_int_equal(finding->looked_at, with != NULL || finding->broken);
	seq = finding->broken ? finding->seq : 0;
	money_check_free(check);
	return seq;
}

static void changed(const char *record, const char *from, const char *to)
{
	struct journal j;
	size_t seq;

	copy(&j);
	seq = journal_find(&j, record, 1);
	journal_replace_once(&j, seq, from, to);
	journal_chain(&j, seq);
	assert_int_equal(broken_at(&j, NULL), seq);
	journal_release(&j);
}

static void a_good_journal_passes(void **state)
{
	(void)state;
	assert_int_equal(broken_at(&good, NULL), 0);
}

static void what_is_falsified_is_found(void **state)
{
	(void)state;
	changed("statement.import", "\"closing\":\"8149500\"", "\"closing\":\"8149501\"");
	changed("statement.import", "\"count\":\"2\"", "\"count\":\"3\"");
	changed("statement.import", " 500 ", " 600 ");
	changed("statement.import", "1 Dr ", "1 Xx ");
	changed("\"line\":\"S", ":2\",\"attempt_to\"", ":1\",\"attempt_to\"");
	changed("\"line\":\"S", ":2\",\"attempt_to\"", ":7\",\"attempt_to\"");
	changed("break.open", "\"500\"],[\"150600/anti-trafficking/2026\",\"1010\",\"main\",\"Cr\",\"500\"",
		"\"400\"],[\"150600/anti-trafficking/2026\",\"1010\",\"main\",\"Cr\",\"400\"");
	changed("\"kind\":\"suspense.clear\"", "\"subject\":\"B", "\"subject\":\"B9");
}

/* A line is told of once: as a payment, or as a break. */
static void a_line_counts_once(void **state)
{
	struct journal j;
	size_t again;

	(void)state;
	changed("\"kind\":\"break.open\"", ":1\",\"data\"", ":2\",\"data\"");
	copy(&j);
	again = journal_again(&j, journal_find(&j, "\"line\":\"S", 1), "k-again", 0);
	journal_chain(&j, again);
	assert_int_equal(broken_at(&j, NULL), again);
	journal_release(&j);
	copy(&j);
	again = journal_again(&j, journal_find(&j, "\"kind\":\"break.open\"", 1), "k-again", 0);
	journal_chain(&j, again);
	assert_int_equal(broken_at(&j, NULL), again);
	journal_release(&j);
}

static void statements_follow_one_another(void **state)
{
	struct journal j;
	size_t seq;

	(void)state;
	copy(&j);
	seq = journal_find(&j, "\"kind\":\"statement.import\"", 2);
	journal_replace_once(&j, seq, "\"opening\":\"8149500\",\"closing\":\"8149500\"",
			     "\"opening\":\"8149400\",\"closing\":\"8149400\"");
	journal_chain(&j, seq);
	assert_int_equal(broken_at(&j, NULL), seq);
	journal_release(&j);
}

/* --- the auditor's own ------------------------------------------------------------------------ */

/* The second day's file is not among them, which is told of at its import. */
static void the_banks_file_is_what_was_taken_in(void **state)
{
	size_t second = journal_find(&good, "\"kind\":\"statement.import\"", 2);

	(void)state;
	assert_int_equal(broken_at(&good, file), second);
}

static void another_file_is_not(void **state)
{
	struct journal j;
	char real[sizeof(file)];

	(void)state;
	memcpy(real, file, sizeof(file));
	copy(&j);
	set_file("SOMETHINGELSE", 850000);
	assert_int_equal(broken_at(&j, file), journal_find(&j, "\"kind\":\"statement.import\"", 1));
	memcpy(file, real, sizeof(file));
	journal_release(&j);
}

/* Its hash is right, but the record says something else than the file. */
static void a_record_that_says_something_else(void **state)
{
	struct journal j;
	struct money_book m;
	char real[sizeof(file)];

	(void)state;
	memcpy(real, file, sizeof(file));
	tell(&m);
	journal_of(&j, &m);
	set_file(money_reward(&m, "R19")->attempts[0].instruction, 850001);
	money_book_release(&m);
	name_file(&j);
	assert_int_equal(broken_at(&j, file), journal_find(&j, "\"kind\":\"statement.import\"", 1));
	memcpy(file, real, sizeof(file));
	journal_release(&j);
}

/* B was paid, and no statement has come: a break says so; without it I09 is broken there. */
static void a_payment_without_line_is_told_of(void **state)
{
	struct journal j;
	size_t seq, paid;

	(void)state;
	copy(&j);
	seq = journal_find(&j, "\"class\":\"R1\"", 1);
	journal_replace_once(&j, seq, "\"class\":\"R1\"", "\"class\":\"R8\"");
	journal_replace(&j, journal_find(&j, "\"kind\":\"statement.import\"", 2), "\"file\":\"", "\"file\":\"0");
	journal_drop(&j, journal_find(&j, "\"kind\":\"statement.import\"", 2));
	journal_chain(&j, 1);
	paid = journal_find(&j, "\"L05:", 2) + 1;   /* numbers stay */
	assert_int_equal(broken_at(&j, file), paid);
	journal_release(&j);
}

static void what_is_no_statement_is_refused(void **state)
{
	struct money_check *check = money_check_new();
	struct complaint why = { .text = "" };

	(void)state;
	assert_false(money_check_statement(check, SPAN("{\"date\":\"2026-03-02\"}"), &why));
	assert_false(money_check_statement(check, SPAN("{"), &why));
	assert_true(money_check_statement(check, SPAN("<Document/>"), &why));
	assert_false(money_check_statement(check, SPAN("<Document/>"), &why));
	money_check_end(check);
	money_check_free(check);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_journal_passes),
		cmocka_unit_test(what_is_falsified_is_found),
		cmocka_unit_test(a_line_counts_once),
		cmocka_unit_test(statements_follow_one_another),
		cmocka_unit_test(the_banks_file_is_what_was_taken_in),
		cmocka_unit_test(another_file_is_not),
		cmocka_unit_test(a_record_that_says_something_else),
		cmocka_unit_test(a_payment_without_line_is_told_of),
		cmocka_unit_test(what_is_no_statement_is_refused),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
