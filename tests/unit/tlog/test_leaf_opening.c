/*
 * Openings: one event has one text.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/tlog/leaf.h"

#include "daemon/base/table.h"

static const struct leaf_field some[] = {
	{ .name = SPAN_INIT("at"), .value = SPAN_INIT("2026-11-21T18:06:27Z") },
	{ .name = SPAN_INIT("bureau"), .value = SPAN_INIT("") },
	{ .name = SPAN_INIT("kind"), .value = SPAN_INIT("verify") },
	{ .name = SPAN_INIT("kind_of"), .value = SPAN_INIT("a b  c ") },
};

static void texts_come_back(void **state)
{
	struct leaf_field read[4];
	struct buf text = { 0 };
	size_t n;

	(void)state;
	assert_true(leaf_opening_write(some, COUNT_OF(some), &text));
	assert_true(span_is(buf_span(&text), "tipline-opening/v1\nat 2026-11-21T18:06:27Z\nkind verify\nkind_of a b  c \n"));
	assert_true(leaf_opening_read(buf_span(&text), read, 4, &n));
	assert_int_equal(n, 3);
	assert_true(span_is(read[1].name, "kind") && span_is(read[1].value, "verify"));
	assert_true(span_is(read[2].value, "a b  c "));
	assert_false(leaf_opening_read(buf_span(&text), read, 2, &n));
	buf_release(&text);
}

static void what_is_not_plain_is_not_written(void **state)
{
	static const struct span values[] = { SPAN_INIT("a\nkind b"), SPAN_INIT("a\0"), SPAN_INIT("\xFF"), SPAN_INIT("\t") };
	char longest[LEAF_OPENING_MAX];
	struct buf text = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(values); i++) {
		assert_false(leaf_opening_write(&(struct leaf_field){ .name = SPAN("x"), .value = values[i] }, 1, &text));
		assert_int_equal(text.len, 0);
	}
	memset(longest, 'x', sizeof(longest));
	assert_false(leaf_opening_write(&(struct leaf_field){ .name = SPAN("x"), .value = span_from(longest, sizeof(longest)) }, 1,
					&text));
	assert_true(leaf_opening_write(&(struct leaf_field){ .name = SPAN("x"),
							     .value = span_from(longest, sizeof(longest) - 22) }, 1, &text));
	assert_int_equal(text.len, LEAF_OPENING_MAX);
	buf_release(&text);
}

static void other_texts_are_refused(void **state)
{
	static const char *const wrong[] = {
		"", "tipline-opening/v1", "tipline-opening/v2\n", "tipline-opening/v1\n\n", "tipline-opening/v1\na\n",
		"tipline-opening/v1\na \n", "tipline-opening/v1\n b\n", "tipline-opening/v1\nA b\n", "tipline-opening/v1\na b",
		"tipline-opening/v1\nb 1\na 2\n", "tipline-opening/v1\na 1\na 2\n", "tipline-opening/v1\nab 1\na 2\n",
		"tipline-opening/v1\na b\r\n",
	};
	struct leaf_field read[4];
	size_t n;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(wrong); i++)
		if (leaf_opening_read(span_of(wrong[i]), read, 4, &n))
			fail_msg("number %zu was taken", i);
	assert_true(leaf_opening_read(SPAN("tipline-opening/v1\n"), read, 4, &n) && n == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_come_back),
		cmocka_unit_test(what_is_not_plain_is_not_written),
		cmocka_unit_test(other_texts_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
