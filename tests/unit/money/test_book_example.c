/*
 * The worked example of docs/REWARDS.md: its trial balance, its journal and
 * the page say the same.
 *
 * `test_book_example --print` writes the table anew.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/money_book.h"

#include "daemon/base/buf.h"

#include <stdio.h>
#include <stdlib.h>

#define PAGE "docs/REWARDS.md"
#define TABLE_BEGIN "<!-- trial balance -->\n"
#define TABLE_END "<!-- end of trial balance -->\n"

static void observe(struct money_book *m, const char *id, unsigned number, const char *what, const char *by)
{
	money_must(m, "system", "attempt.observe", money_text(m, "%s-%u", id, number), "state", what, "by", by, "fen",
		   "850000", "code", "C1");
}

/* Six rewards of 8,500 yuan, each in another place; the story stands in the page. */
static void tell(struct money_book *m)
{
	const char *b, *d, *e;

	money_book_begin(m, 6000000);
	money_must(m, "cai", "budget.fund", MONEY_LEDGER, "fen", "1000000", "from", "bank:main", "to", "cash:150600-1");
	money_paid(m, "A");
	b = money_approved(m, "B");
	money_must(m, "system", "reward.publish", b);
	money_sent(m, "C");
	d = money_paid(m, "D");
	observe(m, d, 1, "RETURNED", "statement");
	e = money_sent(m, "E");
	observe(m, e, 1, "FAILED", "query");
	m->now_ms += MONEY_HOUR_MS;
	money_must(m, "system", "attempt.start", e);
	money_must(m, "system", "attempt.send", money_text(m, "%s-2", e));
	observe(m, e, 2, "SUCCEEDED", "query");
	observe(m, e, 1, "SUCCEEDED", "statement");
	m->now_ms = money_reward(m, b)->deadline_ms;
	money_must(m, "system", "reward.expire", b);
	money_approved(m, "F");
	money_must(m, "cai", "budget.fee", MONEY_LEDGER, "fen", "500", "account", "bank:main");
}

static void put_side(struct buf *text, int64_t fen)
{
	char yuan[MONEY_TEXT_MAX];

	buf_add_text(text, " | ");
	if (fen != 0)
		buf_add_span(text, money_write_yuan(fen, yuan));
}

static void put_row(struct buf *text, const struct ledger_row *row, int64_t *debits, int64_t *credits)
{
	int64_t left = row->debits - row->credits;

	buf_printf(text, "| %d %s | %s", (int)row->code, ledger_kind(row->code)->name, row->detail);
	put_side(text, row->debits);
	put_side(text, row->credits);
	put_side(text, left > 0 ? left : 0);
	put_side(text, left < 0 ? -left : 0);
	buf_add_text(text, " |\n");
	*debits += left > 0 ? left : 0;
	*credits += left < 0 ? -left : 0;
}

static void put_table(struct money_book *m, struct buf *text, enum ledger_sub sub)
{
	size_t n = ledger_rows(book_ledger(m->book), NULL, 0);
	struct ledger_row *rows = arena_array(&m->arena, struct ledger_row, n);
	int64_t debits = 0, credits = 0;

	ledger_rows(book_ledger(m->book), rows, n);
	for (size_t i = 0; i < n; i++)
		if (ledger_kind(rows[i].code)->sub == sub)
			put_row(text, &rows[i], &debits, &credits);
	buf_printf(text, "| **%s** | | | ", sub == LEDGER_FIN ? "FIN" : "BGT");
	put_side(text, debits);
	put_side(text, credits);
	buf_add_text(text, " |\n");
	assert_int_equal(debits, credits);
}

static void put_all(struct money_book *m, struct buf *text)
{
	buf_add_text(text, "| account | detail | debits | credits | balance Dr | balance Cr |\n"
			   "|---|---|--:|--:|--:|--:|\n");
	put_table(m, text, LEDGER_FIN);
	put_table(m, text, LEDGER_BGT);
}

static struct span page_table(char *page, size_t max)
{
	FILE *file = fopen(PAGE, "r");
	size_t len;
	char *begin, *end;

	assert_non_null(file);
	len = fread(page, 1, max - 1, file);
	fclose(file);
	page[len] = '\0';
	begin = strstr(page, TABLE_BEGIN);
	assert_non_null(begin);
	begin += sizeof(TABLE_BEGIN) - 1;
	end = strstr(begin, TABLE_END);
	assert_non_null(end);
	return span_from(begin, (size_t)(end - begin));
}

static void the_page_says_what_the_book_says(void **state)
{
	static char page[1 << 18];
	struct money_book m;
	struct buf text = { 0 };
	struct span written = page_table(page, sizeof(page));

	(void)state;
	tell(&m);
	put_all(&m, &text);
	assert_int_equal(text.len, written.len);
	assert_memory_equal(text.at, written.at, written.len);
	buf_release(&text);
	money_book_release(&m);
}

static void the_journal_says_it_too(void **state)
{
	struct money_book m;
	struct complaint why = { .text = "" };
	struct book *again;

	(void)state;
	tell(&m);
	again = money_replay(&m, &why);
	assert_non_null(again);
	assert_string_equal(money_balances(&m, again), money_balances(&m, m.book));
	book_free(again);
	money_book_release(&m);
}

static void print(void)
{
	struct money_book m;
	struct buf text = { 0 };

	tell(&m);
	put_all(&m, &text);
	fwrite(text.at, 1, text.len, stdout);
	buf_release(&text);
	money_book_release(&m);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_page_says_what_the_book_says),
		cmocka_unit_test(the_journal_says_it_too),
	};

	if (argc > 1 && strcmp(argv[1], "--print") == 0) {
		print();
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
