/*
 * Journal lines: what the writer writes is read, and nothing else.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/base/buf.h"
#include "daemon/cli/money_check.h"
#include "daemon/cli/money_line.h"
#include "tests/support/money_journal.h"

#include <stdlib.h>

#define ROUNDS 200000
#define FILE_HASH "0000000000000000000000000000000000000000000000000000000000000001"

static struct journal good;

static int set_up(void **state)
{
	struct money_book m;

	(void)state;
	money_book_begin(&m, 9000000);
	money_paid(&m, "A");
	money_must(&m, "cai", "budget.fee", MONEY_LEDGER, "fen", "500", "account", "bank:main", "reason",
		   "\xE8\xB4\xB9 <b> \"x\\y\"\n\t\x7f\x01");
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

static bool reads(struct span text)
{
	struct arena arena = { 0 };
	struct money_line *line = arena_new(&arena, struct money_line);
	struct complaint why = { .text = "" };
	bool well = money_line_read(text, &arena, line, &why) && line->hash_fits;

	arena_release(&arena);
	return well;
}

static void what_is_written_is_read(void **state)
{
	struct arena arena = { 0 };
	struct money_line line;
	struct complaint why = { .text = "" };
	size_t seq = journal_find(&good, "\"kind\":\"budget.fee\"", 1);

	(void)state;
	for (size_t i = 0; i < good.n; i++)
		assert_true(reads(span_of(good.lines[i])));
	assert_true(money_line_read(span_of(good.lines[seq - 1]), &arena, &line, &why));
	assert_int_equal(line.seq, seq);
	assert_true(span_is(line.kind, "budget.fee") && span_is(line.person, "p-cai"));
	assert_true(span_is(money_line_text(&line, "reason"), "\xE8\xB4\xB9 <b> \"x\\y\"\n\t\x7f\x01"));
	assert_int_equal(line.nlegs, 4);
	assert_int_equal(line.legs[0].code, 5020);
	assert_true(line.legs[0].debit && line.legs[0].fen == 500);
	assert_true(span_is(line.legs[1].detail, "main"));
	arena_release(&arena);
}

/* One byte changed, left out, put in: never read as a good record. */
static void nothing_else_is_read(void **state)
{
	(void)state;
	srand(5);
	for (unsigned round = 0; round < ROUNDS; round++) {
		const char *line = good.lines[(size_t)rand() % good.n];
		size_t len = strlen(line), at = (size_t)rand() % len;
		char *changed = malloc(len + 2);

		memcpy(changed, line, len + 1);
		if (round % 3 == 0) {
			changed[at] = (char)(changed[at] ^ (1 << rand() % 8));
		} else if (round % 3 == 1) {
			memmove(changed + at, changed + at + 1, len - at);
			len--;
		} else {
			memmove(changed + at + 1, changed + at, len - at);
			changed[at] = (char)(rand() % 256);
			len++;
		}
		if (len != strlen(line) || memcmp(changed, line, len) != 0)
			assert_false(reads(span_from(changed, len)));
		free(changed);
	}
}

/* Another way to say the same is none, also where the hash fits. */
static void there_is_one_way_to_say_it(void **state)
{
	static const struct {
		const char *from, *to;
	} changes[] = {
		{ "\"data\":{", "\"data\": {" },	   { "\"seq\":\"", "\"seq\":\"0" },
		{ "\"at\":\"", "\"at\":\"-" },		   { "\"Dr\"", "\"dr\"" },
		{ "\"500\"", "500" },			   { "\\u003c", "<" },
		{ "\\u003c", "\\u003C" },		   { "\\n", "\\u000a" },
		{ "\\t", "\\u0009" },			   { "\\\"x", "\\u0022x" },
		{ "\"person\":\"p-cai\",", "" },	   { "\"kind\":", "\"Kind\":" },
		{ "\"person\":\"p-cai\",\"account\":\"cai\"", "\"account\":\"cai\",\"person\":\"p-cai\"" },
		{ "\"entry\":", "\"entrx\":" },		   { "\"5020\"", "\"05020\"" },
		{ "\"legs\":[[", "\"legs\":[[]," },	   { "\"legs\":[", "\"legs\":[[\"a\",\"1010\",\"\",\"Dr\"]," },
		{ "\xE8\xB4\xB9", "\xE8\xB4" },		   { "Dr\",\"500\"", "Dr\",\"9007199254740992\"" },
		{ "\"key\":\"", "\"key\":null,\"x\":\"" }, { "}", "}}" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		struct journal j = { .n = 1 };

		j.lines[0] = strdup(good.lines[journal_find(&good, "\"kind\":\"budget.fee\"", 1) - 1]);
		journal_replace_once(&j, 1, changes[i].from, changes[i].to);
		journal_chain(&j, 1);
		assert_false(reads(span_of(j.lines[0])));
		journal_release(&j);
	}
}

static void a_long_line_is_refused(void **state)
{
	char *line = malloc(MONEY_LINE_MAX + 2);

	(void)state;
	memset(line, '[', MONEY_LINE_MAX + 1);
	assert_false(reads(span_from(line, MONEY_LINE_MAX + 1)));
	free(line);
	assert_false(reads(span_from("", 0)));
	assert_false(reads(SPAN("{}")));
}

_Static_assert(MONEY_LINE_MAX >= RECORD_BYTES_MAX, "what the book may write the auditor can read");

#define LINES 2400
#define CLOSING "-2400"
#define NAME "<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<"   /* escaped, six times as long */

/* A statement of many lines, so long by its references that its record has about as many bytes as a record may. */
static enum book_answer import(struct money_book *m, const char *key, unsigned longer)
{
	struct buf lines = { 0 };
	struct book_command command = { .kind = "statement.import", .person = SPAN("p-cai"), .account = SPAN("cai"),
					.roles = MONEY_FINANCE, .subject = SPAN(MONEY_LEDGER), .key = span_of(key),
					.nfields = 8 };
	enum book_answer answer;

	for (unsigned n = 0; n < LINES; n++) {
		/* The last ones are the long ones: so they are in the order of judging. */
		unsigned behind = 59 * (LINES - 1 - n), left = longer > behind ? longer - behind : 0;
		unsigned more = left < 59 ? left : 59;

		buf_printf(&lines, "%s%04u" NAME " Dr 1 2026-03-02 fee - R%0*u", n > 0 ? "\n" : "", n, 1 + (int)more, 0);
	}
	command.fields[0] = (struct book_field){ .name = "account", .value = SPAN("bank:main") };
	command.fields[1] = (struct book_field){ .name = "rail", .value = SPAN("bank") };
	command.fields[2] = (struct book_field){ .name = "date", .value = SPAN("2026-03-02") };
	command.fields[3] = (struct book_field){ .name = "opening", .value = SPAN("0") };
	command.fields[4] = (struct book_field){ .name = "closing", .value = SPAN(CLOSING) };
	command.fields[5] = (struct book_field){ .name = "count", .value = SPAN("2400") };
	command.fields[6] = (struct book_field){ .name = "file", .value = SPAN(FILE_HASH) };
	command.fields[7] = (struct book_field){ .name = "lines", .value = buf_span(&lines) };
	answer = money_command(m, &command);
	buf_release(&lines);
	return answer;
}

/* The longest record that the book writes is one that is read; of a byte more it makes none. */
static void the_longest_record_is_read(void **state)
{
	struct money_book m;
	struct money_check *check = money_check_new();
	unsigned longer = 0;
	size_t len;

	(void)state;
	/* How long it is with nothing added, on a book of its own. */
	money_book_begin(&m, 9000000);
	assert_int_equal(import(&m, "k", longer), BOOK_RECORD);
	len = m.lines[m.nlines - 1].len;
	money_book_release(&m);
	assert_true(len < RECORD_BYTES_MAX);
	longer = (unsigned)(RECORD_BYTES_MAX - len);

	money_book_begin(&m, 9000000);
	assert_int_equal(import(&m, "k", longer + 1), BOOK_REFUSED);
	assert_string_equal(m.refusal.code, "TOO_LARGE");
	assert_int_equal(import(&m, "k", longer), BOOK_RECORD);
	assert_int_equal(m.lines[m.nlines - 1].len, RECORD_BYTES_MAX);
	assert_true(reads(m.lines[m.nlines - 1]));
	for (size_t i = 0; i < m.nlines; i++)
		assert_true(money_check_line(check, m.lines[i]));
	money_check_end(check);
	assert_true(money_check_well(check));
	money_check_free(check);
	money_book_release(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(nothing_else_is_read),
		cmocka_unit_test(there_is_one_way_to_say_it),
		cmocka_unit_test(a_long_line_is_refused),
		cmocka_unit_test(the_longest_record_is_read),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
