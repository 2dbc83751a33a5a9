/*
 * tipctl reconcile on a journal file: a file is taken in once, a dry run and a
 * refused file write nothing of it, another file of the day is told.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/base/hex.h"
#include "daemon/cli/tipctl.h"
#include "daemon/cli/tipctl_reconcile.h"
#include "tests/support/money_book.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct place {
	struct money_book m;
	char dir[64], journal[96], key[96], file[96];
	const char *instruction;
};

static void put(const char *path, const char *text)
{
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

/* A journal with one payment under way. */
static int begin(void **state)
{
	struct place *p = calloc(1, sizeof(*p));
	FILE *journal;
	const char *id;

	strcpy(p->dir, "/tmp/tipline-reconcile-XXXXXX");
	if (p == NULL || mkdtemp(p->dir) == NULL)
		return -1;
	snprintf(p->journal, sizeof(p->journal), "%s/journal", p->dir);
	snprintf(p->key, sizeof(p->key), "%s/key", p->dir);
	snprintf(p->file, sizeof(p->file), "%s/file", p->dir);
	money_book_begin(&p->m, 2000000);
	id = money_sent(&p->m, "A");
	money_must(&p->m, "system", "attempt.observe", money_text(&p->m, "%s-1", id), "state", "UNKNOWN", "by", "answer");
	p->instruction = money_text(&p->m, "%s", money_reward(&p->m, id)->attempts[0].instruction);
	put(p->key, money_text(&p->m, "%s\n", hex_text(&p->m.arena, money_book_key, 32)));
	journal = fopen(p->journal, "wb");
	for (size_t i = 0; i < p->m.nlines; i++)
		fprintf(journal, "%.*s\n", (int)p->m.lines[i].len, p->m.lines[i].at);
	fclose(journal);
	*state = p;
	return 0;
}

static int end(void **state)
{
	struct place *p = *state;
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", p->dir);
	money_book_release(&p->m);
	free(p);
	return system(command);
}

static void statement(struct place *p, const char *opening, const char *closing, const char *more)
{
	put(p->file, money_text(&p->m,
				"statement,account,date,sequence,opening,closing,count\n"
				"statement,main,2026-03-05,,%s,%s,2\n"
				"line,line_id,instruction_id,provider_ref,direction,amount,booked_at,kind\n"
				"line,1,%s,,debit,8500.00,2026-03-05,payment\n%s",
				opening, closing, p->instruction, more));
}

static int run(const char *const *arguments)
{
	char *argv[24];
	int n = 0;

	for (; arguments[n] != NULL; n++)
		argv[n] = (char *)(uintptr_t)arguments[n];
	argv[n] = NULL;
	optind = 0;
	return tipctl_reconcile(n, argv);
}

static int import(struct place *p, const char *date, const char *dry)
{
	const char *const arguments[] = { "reconcile", "import", p->file, "--journal", p->journal, "--key", p->key, "--as",
					  "p-cai/cai", "--account", "bank:main", "--date", date, "--rail", "voucher",
					  "--ledger", MONEY_LEDGER, dry, NULL };

	return run(arguments);
}

static int list(struct place *p)
{
	const char *const arguments[] = { "reconcile", "list", "--journal", p->journal, "--key", p->key, "--all", NULL };

	return run(arguments);
}

/* Records, statements and breaks of the journal as it is on the disk. */
static void count(struct place *p, uint64_t *records, size_t *statements, size_t *breaks)
{
	struct ctl_book b;
	struct complaint why = { .text = "" };

	if (!ctl_book_open(&b, p->journal, p->key, false, &why))
		fail_msg("%s", why.text);
	*records = book_seq(b.book);
	for (*statements = 0; book_statement_at(b.book, *statements) != NULL;)
		++*statements;
	for (*breaks = 0; book_break_at(b.book, *breaks) != NULL;)
		++*breaks;
	ctl_book_close(&b);
}

static void once(void **state)
{
	struct place *p = *state;
	uint64_t before, records, again;
	size_t statements, breaks;

	count(p, &before, &statements, &breaks);
	statement(p, "20000.00", "11490.00", "line,2,,,debit,10.00,2026-03-05,fee\n");
	assert_int_equal(import(p, "2026-03-05", "--dry-run"), CTL_WRONG);
	count(p, &records, &statements, &breaks);
	assert_int_equal(records, before);
	assert_int_equal(import(p, "2026-03-05", NULL), CTL_WRONG);
	count(p, &records, &statements, &breaks);
	assert_int_equal(records, before + 3);   /* the import, the payment, the fee */
	assert_int_equal(statements, 1);
	assert_int_equal(breaks, 1);
	assert_int_equal(import(p, "2026-03-05", NULL), CTL_WELL);
	count(p, &again, &statements, &breaks);
	assert_int_equal(again, records);
	assert_int_equal(list(p), CTL_WRONG);
}

static void another_file_is_told(void **state)
{
	struct place *p = *state;
	uint64_t before, records;
	size_t statements, breaks;

	statement(p, "20000.00", "11490.00", "line,2,,,debit,10.00,2026-03-05,fee\n");
	import(p, "2026-03-05", NULL);
	count(p, &before, &statements, &breaks);
	statement(p, "20000.00", "11480.00", "line,2,,,debit,20.00,2026-03-05,fee\n");
	assert_int_equal(import(p, "2026-03-05", NULL), CTL_WRONG);
	count(p, &records, &statements, &breaks);
	assert_int_equal(statements, 1);
	assert_int_equal(breaks, 2);
	assert_int_equal(import(p, "2026-03-05", NULL), CTL_WRONG);
	count(p, &before, &statements, &breaks);
	assert_int_equal(before, records);
}

static void what_is_not_the_file_is_refused(void **state)
{
	struct place *p = *state;
	uint64_t before, records;
	size_t statements, breaks;

	count(p, &before, &statements, &breaks);
	statement(p, "20000.00", "11490.00", "line,2,,,debit,10.00,2026-03-05,fee\n");
	assert_int_equal(import(p, "2026-03-06", NULL), CTL_WRONG);
	statement(p, "20000.00", "11490.01", "line,2,,,debit,10.00,2026-03-05,fee\n");
	assert_int_equal(import(p, "2026-03-05", NULL), CTL_WRONG);
	put(p->file, "<Document/>");
	assert_int_equal(import(p, "2026-03-05", NULL), CTL_WRONG);
	unlink(p->file);
	assert_int_equal(import(p, "2026-03-05", NULL), CTL_WRONG);
	count(p, &records, &statements, &breaks);
	assert_int_equal(records, before);
	assert_int_equal(list(p), CTL_WELL);
	put(p->key, "0000");
	assert_int_equal(list(p), CTL_WRONG);
}

static void wrong_use(void **state)
{
	const char *const nothing[] = { "reconcile", NULL };
	const char *const unknown[] = { "reconcile", "import", "file", "--journal", "x", NULL };
	const char *const help[] = { "reconcile", "--help", NULL };

	(void)state;
	assert_int_equal(run(nothing), CTL_USAGE);
	assert_int_equal(run(unknown), CTL_USAGE);
	assert_int_equal(run(help), CTL_WELL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(once, begin, end),
		cmocka_unit_test_setup_teardown(another_file_is_told, begin, end),
		cmocka_unit_test_setup_teardown(what_is_not_the_file_is_refused, begin, end),
		cmocka_unit_test(wrong_use),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
