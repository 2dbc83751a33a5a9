/*
 * Openings of a month: what was opened is counted again from file and leaves
 * alone, and whatever was changed is named.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/tlog/figures_sample.h"

#include "daemon/base/table.h"
#include "daemon/tlog/note.h"

#include <stdio.h>

#define FIRST 64

static struct sample sample;
static struct arena arena;
static struct buf file, table;

static int set_up(void **state)
{
	static const char *const regions[] = { "150621", "150622", "150600" };
	struct figures figures = { .origin = SPAN("tips.example/15"), .month = SPAN("2026-11") };
	static struct figures_leaf leaves[SAMPLE_MAX];

	(void)state;
	sample.n = 0;
	sample.random = 1;
	arena_clear(&arena);
	buf_clear(&file);
	buf_clear(&table);
	for (size_t i = 0; i < 120; i++) {
		bool look = sample_random(&sample, 2);
		struct figures_leaf *leaf = sample_add(&sample, look ? LEAF_WORK : LEAF_RECEIVED, look ? "first_look" : "accepted", "");

		sample_region(leaf, regions[sample_random(&sample, 3)], "150000", "150600");
		if (look)
			leaf->values.at[LEAF_WAITED] = span_of(arena_printf(&arena, "%u", sample_random(&sample, 90)));
	}
	sample_dummies(&sample, LEAF_WORK, 9);
	sample_dummies(&sample, LEAF_OFFICE, 7);
	sample_make(&sample);
	figures_plan(sample.leaves, sample.n, FIGURES_SMALL, &arena);
	sample_openings(&sample, FIRST, &file);
	memcpy(leaves, sample.leaves, sizeof(leaves[0]) * sample.n);
	assert_true(figures_count(leaves, sample.n, &arena, &figures));
	figures_write(&figures, &table);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_release(&arena);
	buf_release(&file);
	buf_release(&table);
	return 0;
}

/* Counts again; true when all fits. */
static bool recount(struct span text, struct figures *figures, struct complaint *why)
{
	struct openings openings;

	why->text[0] = '\0';
	if (!openings_begin(text, &arena, &openings, why))
		return false;
	for (size_t i = 0; i < sample.n; i++)
		if (!openings_leaf(&openings, span_from(sample.bytes[i], LEAF_BYTES), why))
			return false;
	return openings_count(&openings, &arena, figures, why);
}

static void found(struct span text, const char *words)
{
	struct figures figures;
	struct complaint why;

	assert_false(recount(text, &figures, &why));
	if (strstr(why.text, words) == NULL)
		fail_msg("%s: not %s", why.text, words);
}

static void the_same_table_is_counted(void **state)
{
	struct figures figures;
	struct complaint why;
	struct buf again = { 0 };

	(void)state;
	if (!recount(buf_span(&file), &figures, &why))
		fail_msg("%s", why.text);
	figures_write(&figures, &again);
	assert_true(span_eq(buf_span(&again), buf_span(&table)));
	assert_true(figures.n > 2 && figures.dummies[LEAF_WORK] == 9 && figures.dummies[LEAF_OFFICE] == 7);
	buf_release(&again);
}

/* The n-th line, from 1, without its newline. */
static struct span line_of(size_t n)
{
	struct span rest = buf_span(&file), line = { 0 };

	while (n-- > 0)
		assert_true(span_cut(&rest, '\n', &line));
	return line;
}

static void a_changed_value_is_named(void **state)
{
	struct span line = line_of(20);
	size_t at = span_find(buf_span(&file), line) + span_find(line, SPAN("event=")) + 6;
	char wanted[64];

	(void)state;
	snprintf(wanted, sizeof(wanted), "line 20: leaf %d does not commit to it", FIRST + 12);
	file.at[at] ^= 2;
	found(buf_span(&file), wanted);
}

static void a_leaf_of_another_is_named(void **state)
{
	unsigned char kept[LEAF_BYTES];

	(void)state;
	memcpy(kept, sample.bytes[40], LEAF_BYTES);
	memcpy(sample.bytes[40], sample.bytes[41], LEAF_BYTES);
	found(buf_span(&file), "line 48: leaf 104 does not commit to it");
	memcpy(sample.bytes[40], kept, LEAF_BYTES);
	sample.bytes[3][0] = 9;
	found(buf_span(&file), "leaf 67 is none");
}

/* A line left out is a leaf that stays closed: the table differs. */
static void a_left_out_line_changes_the_table(void **state)
{
	struct span line = line_of(30);
	size_t at = span_find(buf_span(&file), line);
	struct figures figures;
	struct complaint why;
	struct buf again = { 0 };

	(void)state;
	memmove(file.at + at, file.at + at + line.len + 1, file.len - at - line.len - 1);
	file.len -= line.len + 1;
	if (recount(buf_span(&file), &figures, &why))
		figures_write(&figures, &again);
	assert_false(span_eq(buf_span(&again), buf_span(&table)));
	buf_release(&again);
}

static void lines_stand_in_order(void **state)
{
	struct span line = line_of(9);
	struct buf doubled = { 0 };

	(void)state;
	buf_add_span(&doubled, buf_span(&file));
	buf_add_span(&doubled, line);
	buf_add_byte(&doubled, '\n');
	found(buf_span(&doubled), "is of leaf 65, which does not stand there");
	buf_release(&doubled);
}

static void a_row_too_small_is_named(void **state)
{
	struct buf few = { 0 };
	struct span line = line_of(8);

	(void)state;
	buf_add_span(&few, span_from(file.at, span_find(buf_span(&file), line) + line.len + 1));
	found(buf_span(&few), "1 leaves, fewer than 5");
	buf_release(&few);
}

static void every_leaf_is_looked_at(void **state)
{
	struct openings openings;
	struct figures figures;
	struct complaint why;

	(void)state;
	assert_true(openings_begin(buf_span(&file), &arena, &openings, &why));
	assert_false(openings_count(&openings, &arena, &figures, &why));
	assert_string_equal(why.text, "leaf 64 was not looked at");
	for (size_t i = 0; i < sample.n; i++)
		assert_true(openings_leaf(&openings, span_from(sample.bytes[i], LEAF_BYTES), &why));
	assert_false(openings_leaf(&openings, span_from(sample.bytes[0], LEAF_BYTES), &why));
}

#define ROOT "root AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"

static void other_heads_are_refused(void **state)
{
	static const char *const wrong[] = {
		"", "tipline-openings/v1\n", "tipline-openings/v2\no\n2026-11\nleaves 0 8\n" ROOT "small 5\n\n",
		"tipline-openings/v1\n\n2026-11\nleaves 0 8\n" ROOT "small 5\n\n", "tipline-openings/v1\no\n2026-13\nleaves 0 8\n" ROOT "small 5\n\n",
		"tipline-openings/v1\no\n2026-11\nleaves 9 8\n" ROOT "small 5\n\n", "tipline-openings/v1\no\n2026-11\nleaves 0\n" ROOT "small 5\n\n",
		"tipline-openings/v1\no\n2026-11\nleaves 0 8 \n" ROOT "small 5\n\n", "tipline-openings/v1\no\n2026-11\nleaves 0 8\n" ROOT "small 0\n\n",
		"tipline-openings/v1\no\n2026-11\nleaves 0 8\n" ROOT "small 5\n", "tipline-openings/v1\no\n2026-11\nleaves 0 8\n" ROOT "small 5\nx\n",
		"tipline-openings/v1\no\n2026-11\nleaves 0 8\n" ROOT "small 5\n\n0 *:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
		"tipline-openings/v1\no\n2026-11\nleaves 0 8\n" ROOT "small 5\n\n0",
	};
	struct openings openings;
	struct complaint why;

	(void)state;
	assert_true(openings_begin(SPAN("tipline-openings/v1\no\n2026-11\nleaves 0 8\n" ROOT "small 5\n\n"), &arena, &openings, &why));
	for (size_t i = 0; i < COUNT_OF(wrong); i++)
		if (openings_begin(span_of(wrong[i]), &arena, &openings, &why))
			fail_msg("number %zu was taken", i);
}

static void the_note_may_be_signed(void **state)
{
	struct buf note = { 0 };

	(void)state;
	openings_write_note(SPAN("tips.example/15"), SPAN("2026-11"), SPAN("abc"), SPAN(""), &note);
	assert_true(note_text_valid(buf_span(&note)));
	assert_true(span_is(buf_span(&note), "tipline-openings/v1\ntips.example/15\n2026-11\n"
					     "openings ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n"
					     "figures e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n"));
	buf_release(&note);
}

#define EACH(test) cmocka_unit_test_setup(test, set_up)

int main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(the_same_table_is_counted),
		EACH(a_changed_value_is_named),
		EACH(a_leaf_of_another_is_named),
		EACH(a_left_out_line_changes_the_table),
		EACH(lines_stand_in_order),
		EACH(a_row_too_small_is_named),
		EACH(every_leaf_is_looked_at),
		EACH(other_heads_are_refused),
		EACH(the_note_may_be_signed),
	};

	return cmocka_run_group_tests(tests, NULL, tear_down);
}
