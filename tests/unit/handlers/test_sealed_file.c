/*
 * Files of sealed pieces: whole or not at all, in their place, and swept when
 * nobody came back for them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/arena.h"
#include "daemon/base/table.h"
#include "handlers/intake/sealed_file.h"

#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static char dir[64];
static struct arena arena;
static const struct seal_key key = { .bytes = "a key of thirty-two bytes, no mo" };

static int begin(void **state)
{
	struct complaint why;

	(void)state;
	strcpy(dir, "/tmp/tipline-sealed-XXXXXX");
	assert_true(sodium_init() >= 0);
	assert_non_null(mkdtemp(dir));
	assert_true(sealed_files_prepare(dir, &why));
	return 0;
}

/* Empty but for what a test removed itself; a file that is left makes it fail. */
static int finish(void **state)
{
	int rc;

	(void)state;
	rmdir(arena_printf(&arena, "%s/incoming", dir));
	for (int i = 0; i < 256; i++)
		rmdir(arena_printf(&arena, "%s/%02x", dir, i));
	rc = rmdir(dir);
	arena_release(&arena);
	return rc;
}

static struct span text(size_t len)
{
	char *bytes = arena_alloc(&arena, len + 1);

	for (size_t i = 0; i < len; i++)
		bytes[i] = (char)(i * 7 + i / 251);
	return span_from(bytes, len);
}

/* A finished file of these bytes, added in steps; gives its stored name. */
static struct span made(struct span bytes, size_t step)
{
	struct sealed_file file;

	assert_true(sealed_file_open(&file, dir, 1, &key));
	for (; bytes.len > 0; bytes = span_from_offset(bytes, step))
		assert_true(sealed_file_add(&file, span_from(bytes.at, bytes.len < step ? bytes.len : step)));
	assert_true(sealed_file_finish(&file));
	return arena_dup(&arena, span_of(file.stored));
}

static char *path_of(struct span stored)
{
	char *path = arena_alloc(&arena, 200);

	assert_true(sealed_file_path(dir, stored, path, 200));
	return path;
}

static void it_comes_back_whole(void **state)
{
	static const size_t sizes[] = { 0, 1, 65535, 65536, 65537, 131072, 200001 };
	static const size_t steps[] = { 1000, 65536, 300000 };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(sizes) * COUNT_OF(steps); i++) {
		struct span bytes = text(sizes[i / COUNT_OF(steps)]);
		struct span stored = made(bytes, steps[i % COUNT_OF(steps)]);
		struct buf clear = { 0 };

		assert_false(sealed_file_read(dir, stored, 1, &key, bytes.len, 0, &clear));
		assert_true(sealed_file_keep(dir, stored));
		assert_true(sealed_file_read(dir, stored, 1, &key, bytes.len, 0, &clear));
		assert_true(span_eq(buf_span(&clear), bytes));
		buf_release(&clear);
		sealed_file_remove(dir, stored);
		assert_int_not_equal(access(path_of(stored), F_OK), 0);
	}
}

static void the_lead_comes_first(void **state)
{
	struct span bytes = text(70000), stored = made(bytes, 9000);
	struct buf clear = { 0 };

	(void)state;
	assert_true(sealed_file_keep(dir, stored));
	buf_add_text(&clear, "before");
	assert_true(sealed_file_read(dir, stored, 1, &key, bytes.len, 30, &clear));
	assert_int_equal(clear.len, 6 + bytes.len);
	assert_memory_equal(clear.at, "before", 6);
	assert_memory_equal(clear.at + 6, bytes.at + bytes.len - 30, 30);
	assert_memory_equal(clear.at + 36, bytes.at, bytes.len - 30);
	buf_clear(&clear);
	assert_true(sealed_file_read(dir, stored, 1, &key, bytes.len, bytes.len, &clear));
	assert_true(span_eq(buf_span(&clear), bytes));
	assert_false(sealed_file_read(dir, stored, 1, &key, bytes.len, bytes.len + 1, &clear));
	buf_release(&clear);
	sealed_file_remove(dir, stored);
}

static void what_was_changed_is_not_read(void **state)
{
	struct span bytes = text(66000), stored = made(bytes, 9000);
	struct buf clear = { 0 };
	const char *path = path_of(stored);

	(void)state;
	assert_true(sealed_file_keep(dir, stored));
	assert_false(sealed_file_read(dir, stored, 2, &key, bytes.len, 0, &clear));
	assert_false(sealed_file_read(dir, stored, 1, &key, bytes.len - 1, 0, &clear));
	assert_int_equal(truncate(path, 65536 + SEAL_PIECE_OVERHEAD + SEAL_STREAM_HEADER_BYTES), 0);
	assert_false(sealed_file_read(dir, stored, 1, &key, 65536, 0, &clear));
	buf_release(&clear);
	sealed_file_remove(dir, stored);
}

static void what_nobody_finished_is_swept_when_it_is_old(void **state)
{
	struct sealed_file open_one;
	struct span old = made(text(10), 10), kept = made(text(10), 10);
	struct timespec day_ago[2] = { { .tv_sec = time(NULL) - 86400 }, { .tv_sec = time(NULL) - 86400 } };
	const char *notes = arena_printf(&arena, "%s/incoming/notes", dir);

	(void)state;
	assert_true(sealed_file_open(&open_one, dir, 1, &key));
	assert_true(sealed_file_keep(dir, kept));
	assert_int_equal(utimensat(AT_FDCWD, arena_printf(&arena, "%s/incoming/%s", dir, old.at), day_ago, 0), 0);
	assert_int_equal(utimensat(AT_FDCWD, path_of(kept), day_ago, 0), 0);
	fclose(fopen(notes, "w"));
	assert_int_equal(utimensat(AT_FDCWD, notes, day_ago, 0), 0);
	assert_int_equal(sealed_files_sweep(dir, 3600), 1);
	assert_int_equal(sealed_files_sweep(dir, 3600), 0);
	assert_int_equal(access(path_of(kept), F_OK), 0);
	assert_int_equal(access(notes, F_OK), 0);
	assert_true(sealed_file_add(&open_one, text(5)) && sealed_file_finish(&open_one));
	assert_true(sealed_file_keep(dir, span_of(open_one.stored)));
	sealed_file_remove(dir, span_of(open_one.stored));
	sealed_file_remove(dir, kept);
	unlink(notes);
}

static void a_disk_that_refuses_says_so(void **state)
{
	struct sealed_file file;
	struct span stored = made(text(10), 10);

	(void)state;
	assert_int_equal(rmdir(arena_printf(&arena, "%s/%.2s", dir, stored.at)), 0);
	assert_false(sealed_file_keep(dir, stored));
	sealed_file_remove(dir, stored);
	assert_int_equal(rmdir(arena_printf(&arena, "%s/incoming", dir)), 0);
	assert_false(sealed_file_open(&file, dir, 1, &key));
	sealed_file_close(&file);
	assert_int_equal(sealed_files_sweep(dir, 0), 0);
}

static void only_names_that_were_given_are_paths(void **state)
{
	static const char *const names[] = { "", "../../etc/passwd", "0123456789abcdef0123456789abcde",
					     "0123456789abcdef0123456789abcdef0", "0123456789ABCDEF0123456789ABCDEF",
					     "0123456789abcdef/123456789abcdef" };
	char path[4096];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		assert_false(sealed_file_path(dir, span_of(names[i]), path, sizeof(path)));
		assert_false(sealed_file_keep(dir, span_of(names[i])));
		sealed_file_remove(dir, span_of(names[i]));
	}
	assert_false(sealed_file_path(dir, SPAN("0123456789abcdef0123456789abcde\0"), path, sizeof(path)));
	assert_false(sealed_file_path(dir, SPAN("0123456789abcdef0123456789abcdef"), path, 40));
	assert_true(sealed_file_path("d", SPAN("0123456789abcdef0123456789abcdef"), path, sizeof(path)));
	assert_string_equal(path, "d/01/0123456789abcdef0123456789abcdef");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)
	const struct CMUnitTest tests[] = {
		TEST(it_comes_back_whole),
		TEST(the_lead_comes_first),
		TEST(what_was_changed_is_not_read),
		TEST(what_nobody_finished_is_swept_when_it_is_old),
		TEST(a_disk_that_refuses_says_so),
		TEST(only_names_that_were_given_are_paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
