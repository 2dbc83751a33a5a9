/*
 * What holds for every statement: sums, balance, ids.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "handlers/payout/rail_statement.h"

#define LINES 5

static struct arena arena;
static struct complaint why;

/* A right statement; every test breaks one thing. */
static void make(struct rail_statement *s, struct rail_line lines[LINES])
{
	*s = (struct rail_statement){ .opening = 1000, .lines = lines, .nlines = LINES };
	for (size_t i = 0; i < LINES; i++) {
		lines[i] = (struct rail_line){ .debit = i % 2 == 0, .fen = (int64_t)(i + 1) * 100 };
		lines[i].line_id = span_of(arena_printf(&arena, "L%zu", i));
		*(lines[i].debit ? &s->debits : &s->credits) += lines[i].fen;
	}
	s->closing = s->opening - s->debits + s->credits;
}

static void what_adds_up(void **state)
{
	struct rail_line lines[LINES];
	struct rail_statement s;

	(void)state;
	make(&s, lines);
	assert_true(rail_statement_adds_up(&s, &arena, &why));
	s.nlines = 0;
	s.debits = s.credits = 0;
	s.closing = s.opening;
	assert_true(rail_statement_adds_up(&s, &arena, &why));
	arena_release(&arena);
}

static void every_number_counts(void **state)
{
	struct rail_line lines[LINES];
	struct rail_statement s;

	(void)state;
	for (size_t i = 0; i < 4 + LINES * 2; i++) {
		int64_t *const totals[] = { &s.opening, &s.closing, &s.debits, &s.credits };

		make(&s, lines);
		if (i < 4)
			++*totals[i];
		else if (i < 4 + LINES)
			lines[i - 4].fen++;
		else
			lines[i - 4 - LINES].debit = !lines[i - 4 - LINES].debit;
		assert_false(rail_statement_adds_up(&s, &arena, &why));
	}
	make(&s, lines);
	lines[0].fen = MONEY_MAX;
	assert_false(rail_statement_adds_up(&s, &arena, &why));
	arena_release(&arena);
}

static void ids_come_once(void **state)
{
	struct rail_line lines[LINES];
	struct rail_statement s;

	(void)state;
	for (size_t i = 0; i < LINES; i++) {
		for (size_t j = 0; j < LINES; j++) {
			make(&s, lines);
			lines[i].line_id = lines[j].line_id;
			assert_int_equal(rail_statement_adds_up(&s, &arena, &why), i == j);
		}
	}
	make(&s, lines);
	lines[0].line_id = SPAN("L");
	assert_true(rail_statement_adds_up(&s, &arena, &why));
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_adds_up),
		cmocka_unit_test(every_number_counts),
		cmocka_unit_test(ids_come_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
