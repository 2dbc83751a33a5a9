/*
 * A score's context: what is written is read, and nothing else is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/core/score/score_context.h"

#include "daemon/base/table.h"

#include <limits.h>

static void reading_is_the_reverse_of_writing(void **state)
{
	static const struct score_context contexts[] = {
		{ 0 },
		{ .others = 3, .pranks = 1 },
		{ .others = 1, .copies = 2, .verified = 3, .unfounded = 4, .pranks = 5 },
		{ UINT_MAX, UINT_MAX, UINT_MAX, UINT_MAX, UINT_MAX },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(contexts); i++) {
		char text[SCORE_CONTEXT_BYTES];
		struct score_context read;
		struct span written = score_context_write(&contexts[i], text);

		assert_true(written.len < SCORE_CONTEXT_BYTES && text[written.len] == '\0');
		assert_true(score_context_read(written, &read));
		assert_memory_equal(&read, &contexts[i], sizeof(read));
	}
}

static void is_written_as_five_numbers(void **state)
{
	char text[SCORE_CONTEXT_BYTES];

	(void)state;
	assert_true(span_is(score_context_write(&(struct score_context){ .others = 3, .verified = 1 }, text),
			    "3 0 1 0 0"));
}

static void nothing_is_a_context_of_nothing(void **state)
{
	static const struct score_context none = { 0 };
	struct score_context read = { .others = 7 };

	(void)state;
	assert_true(score_context_read((struct span){ 0 }, &read));
	assert_memory_equal(&read, &none, sizeof(read));
}

static void other_bytes_are_refused(void **state)
{
	static const char *const bytes[] = {
		"1",        "1 2 3 4",     "1 2 3 4 5 6", "1 2 3 4 5 ", " 1 2 3 4 5",
		"1  2 3 4", "1 2 3 4 -5",  "1 2 x 4 5",   "1,2,3,4,5",  "1 2 3 4 4294967296",
		" ",        "1 2 3 4 5\n", "1 2 3 4 5.0",
	};
	struct score_context read = { .others = 7, .pranks = 9 }, before = read;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bytes); i++) {
		if (score_context_read(span_of(bytes[i]), &read))
			fail_msg("\"%s\" was taken for a context", bytes[i]);
		assert_memory_equal(&read, &before, sizeof(read));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reading_is_the_reverse_of_writing),
		cmocka_unit_test(is_written_as_five_numbers),
		cmocka_unit_test(nothing_is_a_context_of_nothing),
		cmocka_unit_test(other_bytes_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
