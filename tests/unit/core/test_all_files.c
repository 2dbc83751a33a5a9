/*
 * Files of a tip in all: numbered through report and messages, each with the
 * key it lies under, counted, and named.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/core/tip/all_files.h"

static const struct tip_id id = { .text = "15-7K3MQ2X9RD" };
static const struct seal_key tip_key = { .bytes = { 1 } }, other_key = { .bytes = { 2 } };
static const struct tip_content content = {
	.files = { { .name = SPAN_INIT("a"), .bytes = 10, .stored = SPAN_INIT("a0"), .clean = SPAN_INIT("a1") }, { .name = SPAN_INIT("b"), .bytes = 20, .stored = SPAN_INIT("b0") } },
	.nfiles = 2,
};
static const struct tip_file first[] = { { .name = SPAN_INIT("c"), .bytes = 300, .stored = SPAN_INIT("c0") } };
static const struct tip_file second[] = { { .name = SPAN_INIT("d"), .bytes = 4000, .stored = SPAN_INIT("d0"), .clean = SPAN_INIT("d1") },
					  { .name = SPAN_INIT("e"), .bytes = 50000, .stored = SPAN_INIT("e0") } };
static struct arena arena;

static struct span sealed(const struct tip_file *files, size_t n, unsigned char mark, const struct seal_key *key)
{
	struct tip_message message = { .kind = MESSAGE_FROM_INFORMANT, .at_ms = mark, .files = files, .nfiles = n,
				       .files_key = { .bytes = { mark } } };
	struct buf out = { 0 };
	struct span kept;

	seal_message(&id, &message, key, &out);
	kept = arena_dup(&arena, buf_span(&out));
	buf_release(&out);
	return kept;
}

/* Words, files, what another key opens, files. */
static struct all_files sample(void)
{
	struct span *messages = arena_array(&arena, struct span, 4);

	messages[0] = sealed(NULL, 0, 7, &tip_key);
	messages[1] = sealed(first, 1, 8, &tip_key);
	messages[2] = sealed(first, 1, 9, &other_key);
	messages[3] = sealed(second, 2, 10, &tip_key);
	return (struct all_files){ .id = &id, .tip_key = &tip_key, .content = &content, .messages = messages, .nmessages = 4 };
}

static void numbers_go_on_behind_the_report(void **unused)
{
	static const struct { const char *name; unsigned char key; unsigned sealed_as; } wanted[] = {
		{ "a", 1, 1 }, { "b", 1, 2 }, { "c", 8, 1 }, { "d", 10, 1 }, { "e", 10, 2 },
	};
	struct all_files files = sample();
	struct all_files_one one;

	(void)unused;
	for (unsigned i = 0; i < 5; i++) {
		assert_true(all_files_find(&files, i + 1, &arena, &one));
		assert_true(span_is(one.file.name, wanted[i].name));
		assert_int_equal(one.key.bytes[0], wanted[i].key);
		assert_int_equal(one.sealed_as, wanted[i].sealed_as);
	}
	assert_false(all_files_find(&files, 0, &arena, &one));
	assert_false(all_files_find(&files, 6, &arena, &one));
	assert_false(all_files_find(&files, UINT64_MAX, &arena, &one));
}

static void they_are_counted_and_named(void **unused)
{
	struct all_files files = sample();
	struct all_files_sum sum = all_files_sum(&files, &arena);

	(void)unused;
	assert_int_equal(sum.files, 5);
	assert_int_equal(sum.bytes, 54330);
	assert_true(span_is(all_files_names(&files, &arena), "a0 a1 b0 c0 d0 d1 e0"));
}

static void a_tip_without_messages_has_those_of_its_report(void **unused)
{
	static const struct tip_content none;
	struct all_files files = { .id = &id, .tip_key = &tip_key, .content = &content, .nmessages = 3 };

	(void)unused;
	assert_int_equal(all_files_sum(&files, &arena).files, 2);
	files.content = &none;
	assert_int_equal(all_files_sum(&files, &arena).files, 0);
	assert_int_equal(all_files_names(&files, &arena).len, 0);
}

static int release(void **unused)
{
	(void)unused;
	arena_release(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_go_on_behind_the_report),
		cmocka_unit_test(they_are_counted_and_named),
		cmocka_unit_test(a_tip_without_messages_has_those_of_its_report),
	};

	return cmocka_run_group_tests(tests, NULL, release);
}
