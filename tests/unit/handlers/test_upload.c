/*
 * An upload fed by hand: in pieces of every size, on a disk that refuses, and
 * given up in the middle.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "handlers/intake/upload.h"

#include <dirent.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[64];
static struct arena arena;
static struct file_types *types;
static const struct upload_limits limits = { .files = 2, .file_bytes = 300000, .field_bytes = 100 };

static const char body[] = "--cut\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nwords\r\n"
			   "--cut\r\nContent-Disposition: form-data; name=\"file\"; filename=\"/tmp/../a.txt\"\r\n\r\n"
			   "plain text\r\n--cut\r\nContent-Disposition: form-data; name=\"other\"\r\n\r\nx\r\n--cut--\r\n";

static int begin_all(void **state)
{
	static const char *const allowed[] = { "text/plain" };
	struct complaint why;

	(void)state;
	types = file_types_new(allowed, 1, &why);
	return types == NULL || sodium_init() < 0;
}

static int finish_all(void **state)
{
	(void)state;
	file_types_free(types);
	return 0;
}

static int begin(void **state)
{
	struct complaint why = { .text = "" };

	(void)state;
	strcpy(dir, "/tmp/tipline-upload-XXXXXX");
	assert_non_null(mkdtemp(dir));
	assert_true(upload_prepare_dir(dir, &why));
	return 0;
}

static unsigned count(const char *path, bool remove_them)
{
	DIR *list = opendir(path);
	struct dirent *entry;
	unsigned n = 0;

	while (list != NULL && (entry = readdir(list)) != NULL) {
		char *child = arena_printf(&arena, "%s/%s", path, entry->d_name);

		if (entry->d_name[0] == '.')
			continue;
		if (entry->d_type == DT_DIR) {
			n += count(child, remove_them);
			if (remove_them)
				rmdir(child);
			continue;
		}
		n++;
		if (remove_them)
			unlink(child);
	}
	if (list != NULL)
		closedir(list);
	return n;
}

static int finish(void **state)
{
	(void)state;
	count(dir, true);
	rmdir(dir);
	arena_release(&arena);
	return 0;
}

static struct upload *start(void)
{
	return upload_new(dir, SPAN("cut"), &limits, types, &arena);
}

static bool feed(struct upload *upload, struct span bytes, size_t piece)
{
	for (; bytes.len > 0; bytes = span_from_offset(bytes, piece))
		if (!upload_feed(upload, span_from(bytes.at, bytes.len < piece ? bytes.len : piece)))
			return false;
	return true;
}

static void it_is_the_same_in_pieces_of_any_size(void **state)
{
	(void)state;
	for (size_t piece = 1; piece < sizeof(body); piece++) {
		struct upload *upload = start();
		const struct tip_file *files;
		char path[4096];
		size_t n;

		assert_true(feed(upload, SPAN(body), piece));
		assert_true(upload_finish(upload));
		assert_true(upload_keep(upload));
		files = upload_files(upload, &n);
		assert_int_equal(n, 1);
		assert_true(span_is(files[0].name, "a.txt"));
		assert_true(span_is(files[0].type, "text/plain"));
		assert_int_equal(files[0].bytes, 10);
		assert_true(span_is(upload_input(upload)->text, "words"));
		assert_true(upload_path(dir, files[0].stored, path, sizeof(path)));
		assert_int_equal(access(path, R_OK), 0);
		upload_end(upload, true);
		assert_int_equal(access(path, R_OK), 0);
		unlink(path);
		assert_int_equal(count(dir, false), 0);
	}
}

static void given_up_anywhere_it_leaves_nothing(void **state)
{
	(void)state;
	for (size_t len = 0; len < sizeof(body); len++) {
		struct upload *upload = start();

		assert_true(feed(upload, span_from(body, len), 16));
		upload_end(upload, false);
		assert_int_equal(count(dir, false), 0);
	}
}

static void a_file_without_a_filename_is_not_passed_over(void **state)
{
	static const char nameless[] = "--cut\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nbytes\r\n--cut--\r\n";
	struct upload *upload = start();

	(void)state;
	assert_false(upload_feed(upload, SPAN(nameless)));
	assert_int_equal(upload_problem(upload)->status, 400);
	assert_string_equal(upload_problem(upload)->code, "file_without_name");
	assert_string_equal(upload_problem(upload)->field, "file");
	upload_end(upload, false);
}

static void kept_files_go_when_the_tip_is_not_taken(void **state)
{
	struct upload *upload = start();

	(void)state;
	assert_true(feed(upload, SPAN(body), 100) && upload_finish(upload) && upload_keep(upload));
	assert_int_equal(count(dir, false), 1);
	upload_end(upload, false);
	assert_int_equal(count(dir, false), 0);
}

static void a_body_that_does_not_end_is_refused(void **state)
{
	struct upload *upload = start();

	(void)state;
	assert_true(feed(upload, span_from(body, sizeof(body) - 6), 100));
	assert_false(upload_finish(upload));
	assert_int_equal(upload_problem(upload)->status, 400);
	assert_string_equal(upload_problem(upload)->code, "multipart_invalid");
	upload_end(upload, false);
}

static void a_field_that_is_too_long_is_refused(void **state)
{
	struct upload *upload = start();
	char *text = arena_printf(&arena, "--cut\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\n%0101d", 1);

	(void)state;
	assert_false(feed(upload, span_of(text), 10));
	assert_int_equal(upload_problem(upload)->status, 413);
	assert_string_equal(upload_problem(upload)->code, "field_too_long");
	upload_end(upload, false);
}

static void a_disk_that_refuses_is_503(void **state)
{
	struct upload *upload = start();

	(void)state;
	assert_int_equal(rmdir(arena_printf(&arena, "%s/incoming", dir)), 0);
	assert_false(feed(upload, SPAN(body), 100));
	assert_int_equal(upload_problem(upload)->status, 503);
	upload_end(upload, false);
}

static void what_a_crash_left_is_swept_away_and_nothing_else(void **state)
{
	struct upload *upload = start();
	struct complaint why;

	(void)state;
	assert_true(feed(upload, SPAN(body), 100) && upload_finish(upload));
	upload_end(upload, true);
	assert_int_equal(count(dir, false), 1);
	fclose(fopen(arena_printf(&arena, "%s/incoming/notes", dir), "w"));
	assert_true(upload_prepare_dir(dir, &why));
	assert_int_equal(count(dir, false), 1);
}

static void only_names_that_were_given_are_paths(void **state)
{
	static const char *const names[] = { "", "../../etc/passwd", "0123456789abcdef0123456789abcde",
					     "0123456789abcdef0123456789abcdef0", "0123456789ABCDEF0123456789ABCDEF",
					     "0123456789abcdef/123456789abcdef" };
	char path[4096];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(names); i++)
		assert_false(upload_path(dir, span_of(names[i]), path, sizeof(path)));
	assert_false(upload_path(dir, SPAN("0123456789abcdef0123456789abcde\0"), path, sizeof(path)));
	assert_false(upload_path(dir, SPAN("0123456789abcdef0123456789abcdef"), path, 40));
	assert_true(upload_path("d", SPAN("0123456789abcdef0123456789abcdef"), path, sizeof(path)));
	assert_string_equal(path, "d/01/0123456789abcdef0123456789abcdef");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)
	const struct CMUnitTest tests[] = {
		TEST(it_is_the_same_in_pieces_of_any_size),
		TEST(given_up_anywhere_it_leaves_nothing),
		TEST(a_file_without_a_filename_is_not_passed_over),
		TEST(kept_files_go_when_the_tip_is_not_taken),
		TEST(a_body_that_does_not_end_is_refused),
		TEST(a_field_that_is_too_long_is_refused),
		TEST(a_disk_that_refuses_is_503),
		TEST(what_a_crash_left_is_swept_away_and_nothing_else),
		TEST(only_names_that_were_given_are_paths),
	};

	return cmocka_run_group_tests(tests, begin_all, finish_all);
}
