/*
 * Judging lines. Over random statements: every line is matched or one break,
 * the order of lines says nothing, a line is taken once, and the money of all
 * lines is the difference of the balances.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/money/reconcile.h"

#include <stdio.h>
#include <stdlib.h>

#define ITEMS 12
#define LINES 24

static struct statement_line debit(const char *instruction, const char *reference, int64_t fen)
{
	return (struct statement_line){ .id = SPAN("1"), .instruction = span_of(instruction),
					.reference = span_of(reference), .fen = fen, .booked = "2026-11-20",
					.kind = STATEMENT_PAYMENT };
}

static struct reconcile_item item(enum attempt_state state)
{
	return (struct reconcile_item){ .instruction = SPAN("A"), .reference = SPAN("P"), .fen = 500, .state = state };
}

static void expect(const struct statement_line *line, const struct reconcile_item *named,
		   const struct reconcile_item *referred, enum reconcile_verdict verdict, enum break_class class)
{
	struct reconcile_judgement is = reconcile_line(line, named, referred, false);

	assert_int_equal(is.verdict, verdict);
	assert_int_equal(is.class, class);
	assert_int_equal(is.hold, verdict == RECONCILE_BREAK && break_holds(class, line->credit));
}

/* Every state of an attempt against a debit and a credit of its amount. */
static void states(void **state)
{
	struct statement_line out = debit("A", "", 500), in = out;

	(void)state;
	in.credit = true;
	in.kind = STATEMENT_RETURN;
	for (unsigned s = 0; s < ATTEMPT_STATES; s++) {
		struct reconcile_item one = item((enum attempt_state)s);

		if (s == ATTEMPT_CREATED)
			expect(&out, &one, NULL, RECONCILE_BREAK, BREAK_NOT_SUCCESS);
		else if (s == ATTEMPT_SUCCEEDED || s == ATTEMPT_RETURNED)
			expect(&out, &one, NULL, RECONCILE_MATCH, BREAK_NONE);
		else
			expect(&out, &one, NULL, RECONCILE_SETTLE, BREAK_NOT_SUCCESS);
		if (s == ATTEMPT_SUCCEEDED)
			expect(&in, &one, NULL, RECONCILE_SETTLE, BREAK_RETURN);
		else if (s == ATTEMPT_RETURNED)
			expect(&in, &one, NULL, RECONCILE_MATCH, BREAK_NONE);
		else
			expect(&in, &one, NULL, RECONCILE_BREAK, BREAK_RETURN);
		one.debited = true;
		expect(&out, &one, NULL, RECONCILE_BREAK, BREAK_TWICE);
	}
}

static void what_is_refused_to_match(void **state)
{
	struct reconcile_item one = item(ATTEMPT_SUCCEEDED), other = item(ATTEMPT_SUCCEEDED);
	struct statement_line line = debit("A", "", 501);

	(void)state;
	expect(&line, &one, NULL, RECONCILE_BREAK, BREAK_AMOUNT);
	line.fen = 499;
	expect(&line, &one, NULL, RECONCILE_BREAK, BREAK_AMOUNT);
	line.fen = 500;
	expect(&line, NULL, NULL, RECONCILE_BREAK, BREAK_STRANGER);
	/* The id decides; a reference of another payment speaks against it. */
	line.reference = SPAN("P");
	expect(&line, &one, &other, RECONCILE_BREAK, BREAK_STRANGER);
	expect(&line, NULL, &one, RECONCILE_BREAK, BREAK_STRANGER);
	expect(&line, &one, &one, RECONCILE_MATCH, BREAK_NONE);
	line.instruction = (struct span){ 0 };
	expect(&line, NULL, &one, RECONCILE_MATCH, BREAK_NONE);
	assert_int_equal(reconcile_line(&line, NULL, &one, true).class, BREAK_STRANGER);
	line.kind = STATEMENT_FEE;
	expect(&line, NULL, &one, RECONCILE_BREAK, BREAK_FEE);
	line = debit("", "", 500);
	line.credit = true;
	line.kind = STATEMENT_OTHER;
	expect(&line, NULL, NULL, RECONCILE_BREAK, BREAK_STRANGER);
	assert_false(reconcile_line(&line, NULL, NULL, false).hold);
	line.kind = STATEMENT_RETURN;
	expect(&line, NULL, NULL, RECONCILE_BREAK, BREAK_RETURN);
}

/* --- random statements --------------------------------------------------------------------- */

struct world {
	char names[ITEMS][8], refs[ITEMS][8], ids[LINES][8];
	struct reconcile_item items[ITEMS];
	struct statement_line lines[LINES];
};

static void make_world(struct world *w)
{
	for (unsigned i = 0; i < ITEMS; i++) {
		snprintf(w->names[i], sizeof(w->names[i]), "I%u", i);
		snprintf(w->refs[i], sizeof(w->refs[i]), "P%u", (unsigned)rand() % ITEMS);
		w->items[i] = (struct reconcile_item){ .instruction = span_of(w->names[i]), .fen = 100 + rand() % 3,
						       .reference = rand() % 3 ? span_of(w->refs[i]) : SPAN(""),
						       .state = (enum attempt_state)((unsigned)rand() % ATTEMPT_STATES) };
	}
	for (unsigned i = 0; i < LINES; i++) {
		unsigned about = (unsigned)rand() % ITEMS;

		snprintf(w->ids[i], sizeof(w->ids[i]), "%u", i);
		w->lines[i] = (struct statement_line){
			.id = span_of(w->ids[i]), .credit = rand() % 3 == 0, .fen = 100 + rand() % 3, .booked = "2026-11-20",
			.kind = (enum statement_kind)((unsigned)rand() % STATEMENT_KINDS),
			.instruction = rand() % 4 ? span_of(w->names[about]) : (rand() % 2 ? SPAN("") : SPAN("X")),
			.reference = rand() % 3 ? span_of(w->refs[(unsigned)rand() % ITEMS]) : SPAN(""),
		};
	}
}

static void shuffle(struct statement_line *lines)
{
	for (size_t i = LINES - 1; i > 0; i--) {
		size_t j = (size_t)rand() % (i + 1);
		struct statement_line swap = lines[i];

		lines[i] = lines[j];
		lines[j] = swap;
	}
}

/* Judges a copy of the items; the lines are sorted first, as every reader does. */
static void judge(const struct world *w, struct statement *statement, struct reconcile_item *items,
		  struct reconcile_judgement *out, struct arena *arena)
{
	memcpy(items, w->items, sizeof(w->items));
	statement->lines = w->lines;
	statement->n = LINES;
	statement_sort(statement, arena);
	reconcile_all(statement, items, ITEMS, out);
}

static void check_lines(const struct statement *statement, const struct reconcile_judgement *out)
{
	int64_t taken = 0, suspense = 0, difference = 0;

	for (size_t i = 0; i < LINES; i++) {
		int64_t fen = statement->lines[i].credit ? statement->lines[i].fen : -statement->lines[i].fen;

		difference += fen;
		if (out[i].verdict == RECONCILE_BREAK) {
			assert_int_not_equal(out[i].class, BREAK_NONE);
			suspense += fen;
			continue;
		}
		taken += fen;
		assert_true(statement->lines[i].kind != STATEMENT_FEE);
		assert_int_equal(out[i].verdict == RECONCILE_MATCH, out[i].class == BREAK_NONE);
	}
	assert_int_equal(taken + suspense, difference);
}

static void random_statements(void **state)
{
	struct world w = { 0 };

	(void)state;
	srand(7);
	for (unsigned round = 0; round < 2000; round++) {
		struct arena arena = { 0 };
		struct statement statement = { .account = SPAN("main") }, again = statement;
		struct reconcile_item items[ITEMS], after[ITEMS];
		struct reconcile_judgement out[LINES], other[LINES];

		make_world(&w);
		judge(&w, &statement, items, out, &arena);
		check_lines(&statement, out);
		shuffle(w.lines);
		judge(&w, &again, after, other, &arena);
		for (size_t i = 0; i < LINES; i++) {
			assert_true(span_eq(statement.lines[i].id, again.lines[i].id));
			assert_int_equal(out[i].verdict, other[i].verdict);
			assert_int_equal(out[i].class, other[i].class);
		}
		assert_memory_equal(items, after, sizeof(items));
		arena_release(&arena);
	}
}

/* The same lines once more: no payment is found a second time. */
static void no_line_is_taken_twice(void **state)
{
	struct world w = { 0 };

	(void)state;
	srand(11);
	for (unsigned round = 0; round < 500; round++) {
		struct arena arena = { 0 };
		struct statement statement = { .account = SPAN("main") };
		struct reconcile_item items[ITEMS];
		struct reconcile_judgement out[LINES], again[LINES];
		unsigned taken[ITEMS][2] = { 0 };

		make_world(&w);
		judge(&w, &statement, items, out, &arena);
		for (size_t i = 0; i < LINES; i++)
			for (unsigned k = 0; k < ITEMS && out[i].verdict != RECONCILE_BREAK; k++)
				if (span_eq(statement.lines[i].instruction, items[k].instruction))
					taken[k][statement.lines[i].credit]++;
		for (unsigned k = 0; k < ITEMS; k++)
			assert_true(taken[k][0] <= 1 && taken[k][1] <= 1);
		reconcile_all(&statement, items, ITEMS, again);
		for (size_t i = 0; i < LINES; i++)
			if (out[i].verdict != RECONCILE_BREAK)
				assert_int_equal(again[i].verdict, RECONCILE_BREAK);
		arena_release(&arena);
	}
}

/* --- statements, days, ages --------------------------------------------------------------------- */

static void whole_statements(void **state)
{
	struct statement statement = { .hash = { 1 } };
	unsigned char same[STATEMENT_HASH_BYTES] = { 1 }, other[STATEMENT_HASH_BYTES] = { 2 };
	enum break_class class;

	(void)state;
	assert_int_equal(reconcile_statement(&statement, NULL, &class), RECONCILE_TAKE);
	assert_int_equal(reconcile_statement(&statement, same, &class), RECONCILE_KNOWN);
	assert_int_equal(class, BREAK_NONE);
	assert_int_equal(reconcile_statement(&statement, other, &class), RECONCILE_REFUSE);
	assert_int_equal(class, BREAK_CHANGED);
	statement.foreign = true;
	assert_int_equal(reconcile_statement(&statement, NULL, &class), RECONCILE_REFUSE);
	assert_int_equal(class, BREAK_CURRENCY);
	assert_int_equal(reconcile_statement(&statement, same, &class), RECONCILE_KNOWN);
}

static void chain_of_days(void **state)
{
	struct statement_ends monday = { .day = 10, .sequence = 4, .opening = 5, .closing = 9 };
	struct statement_ends tuesday = { .day = 11, .sequence = 5, .opening = 9, .closing = 9 };
	const char *text;

	(void)state;
	assert_true(reconcile_follows(&monday, &tuesday, &text));
	tuesday.sequence = 0;
	assert_true(reconcile_follows(&monday, &tuesday, &text));
	tuesday.sequence = 6;
	assert_false(reconcile_follows(&monday, &tuesday, &text));
	tuesday = (struct statement_ends){ .day = 11, .sequence = 5, .opening = 8 };
	assert_false(reconcile_follows(&monday, &tuesday, &text));
	tuesday = (struct statement_ends){ .day = 12, .sequence = 5, .opening = 9 };
	assert_false(reconcile_follows(&monday, &tuesday, &text));
	assert_non_null(text);
}

static void ages(void **state)
{
	static const int64_t days[] = { 0, 1, 2, 3, 4, 7, 8, 30, 31, 400 };
	static const char *const names[] = { "0-1", "0-1", "2-3", "2-3", "4-7", "4-7", "8-30", "8-30", ">30", ">30" };
	const int64_t day = 86400000, opened = 1763748000000;

	(void)state;
	for (size_t i = 0; i < 10; i++) {
		assert_string_equal(break_age_name(break_age(opened, opened + days[i] * day)), names[i]);
		assert_string_equal(break_age_name(break_age(opened, opened + days[i] * day + day - 1)), names[i]);
	}
	assert_int_equal(break_age(opened, opened - day * 9), BREAK_AGE_1);
	/* 2026-11-20 23:59 in China: the line is due when the 22nd is over there. */
	assert_int_equal(reconcile_line_due_ms(INT64_C(1795190340000)), INT64_C(1795363200000));
}

static void names(void **state)
{
	(void)state;
	for (unsigned c = BREAK_NO_LINE; c < BREAK_CLASSES; c++) {
		enum break_class back;

		assert_true(break_class_parse(span_of(break_class_name((enum break_class)c)), &back));
		assert_int_equal(back, c);
		assert_non_null(break_class_help(back));
	}
	assert_false(break_class_parse(SPAN("-"), &(enum break_class){ 0 }));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(states),
		cmocka_unit_test(what_is_refused_to_match),
		cmocka_unit_test(random_statements),
		cmocka_unit_test(no_line_is_taken_twice),
		cmocka_unit_test(whole_statements),
		cmocka_unit_test(chain_of_days),
		cmocka_unit_test(ages),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
