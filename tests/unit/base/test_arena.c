/*
 * The arena: zeroed, aligned, disjoint objects of any size, freed at once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/arena.h"
#include "daemon/base/table.h"

static void objects_are_zero_aligned_and_keep_apart(void **state)
{
	static const size_t sizes[] = { 0, 1, 15, 16, 17, 7999, 8000, 8001, 100, 30000, 3 };
	struct arena arena = { 0 };
	unsigned char *objects[COUNT_OF(sizes) * 20];
	size_t n = 0;

	(void)state;
	for (int round = 0; round < 20; round++)
		for (size_t i = 0; i < COUNT_OF(sizes); i++, n++) {
			objects[n] = arena_alloc(&arena, sizes[i]);
			assert_int_equal((uintptr_t)objects[n] % _Alignof(max_align_t), 0);
			for (size_t b = 0; b < sizes[i]; b++)
				assert_int_equal(objects[n][b], 0);
			memset(objects[n], (int)(n + 1), sizes[i]);
		}
	for (size_t i = 0; i < n; i++)
		for (size_t b = 0; b < sizes[i % COUNT_OF(sizes)]; b++)
			assert_int_equal(objects[i][b], (unsigned char)(i + 1));
	assert_true(arena.used >= 20 * 54000);
	arena_release(&arena);
}

static void a_released_arena_is_empty_and_usable(void **state)
{
	struct arena arena = { 0 };

	(void)state;
	arena_alloc(&arena, 10);
	arena_release(&arena);
	assert_null(arena.chunks);
	assert_int_equal(arena.used, 0);
	assert_non_null(arena_alloc(&arena, 10));
	arena_release(&arena);
	arena_release(&arena);
}

static void a_copy_is_ended_by_nul(void **state)
{
	struct arena arena = { 0 };
	struct span copy = arena_dup(&arena, SPAN("a\0b"));

	(void)state;
	assert_int_equal(copy.len, 3);
	assert_memory_equal(copy.at, "a\0b", 4);
	copy = arena_dup(&arena, (struct span){ 0 });
	assert_int_equal(copy.len, 0);
	assert_string_equal(copy.at, "");
	arena_release(&arena);
}

static void text_of_any_length_is_formatted(void **state)
{
	struct arena arena = { 0 };
	char *text = arena_printf(&arena, "%s %09999d", "x", 7);

	(void)state;
	assert_int_equal(strlen(text), 2 + 9999);
	assert_int_equal(text[2 + 9998], '7');
	assert_string_equal(arena_printf(&arena, "%s", ""), "");
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(objects_are_zero_aligned_and_keep_apart),
		cmocka_unit_test(a_released_arena_is_empty_and_usable),
		cmocka_unit_test(a_copy_is_ended_by_nul),
		cmocka_unit_test(text_of_any_length_is_formatted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
