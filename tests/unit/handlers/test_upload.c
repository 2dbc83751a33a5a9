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
	static const char *const allowed[] = { "text/plain", "image/jpeg", "image/png", "image/heic" };
	struct complaint why;

	(void)state;
	types = file_types_new(allowed, COUNT_OF(allowed), &why);
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
	assert_true(sealed_files_prepare(dir, &why));
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
		assert_true(sealed_file_path(dir, files[0].stored, path, sizeof(path)));
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

#define JPEG_START "\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x02\x01\0\x48\0\x48\0\0"
#define COMMENT "\xff\xfe\0\x0b" "by Zhang!"
#define JPEG_REST "\xff\xdb\0\x43\0" "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" \
	"\xff\xc0\0\x0b\x08\0\x10\0\x10\x01\x01\x11\0" "\xff\xc4\0\x15\0\x01\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x05\x06" \
	"\xff\xda\0\x08\x01\x01\0\0\x3f\0"

/* A form of one picture whose coded bytes are `pixels` long. */
static struct span form_with(const char *start, size_t start_len, size_t pixels, const char *end)
{
	struct buf form = { 0 };
	struct span whole;

	buf_add_text(&form, "--cut\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\xe2\x80\xae.jpg\"\r\n\r\n");
	buf_add(&form, start, start_len);
	buf_add(&form, JPEG_REST, sizeof(JPEG_REST) - 1);
	for (size_t i = 0; i < pixels; i++)
		buf_add_byte(&form, (int)(i * 31 % 251));
	buf_add_text(&form, end);
	buf_add_text(&form, "\r\n--cut--\r\n");
	whole = arena_dup(&arena, buf_span(&form));
	buf_release(&form);
	return whole;
}

#define COMMENTED JPEG_START COMMENT, sizeof(JPEG_START COMMENT) - 1
#define END "\xff\xd9"
#define CLEAN_LESS (sizeof(COMMENT) - 1 + sizeof("a film") - 1)

static void a_picture_has_a_clean_copy_beside_it(void **state)
{
	static const size_t sizes[] = { 10, 65000, 65380, 65536, 131072, 200000 };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(sizes); i++) {
		struct upload *upload = start();
		const struct tip_file *file;
		struct buf original = { 0 }, copy = { 0 };
		size_t n;

		assert_true(feed(upload, form_with(COMMENTED, sizes[i], END "a film"), 5000) && upload_finish(upload) && upload_keep(upload));
		file = upload_files(upload, &n);
		assert_true(span_is(file->name, "a.jpg"));
		assert_true(span_is(file->type, "image/jpeg"));
		assert_int_equal(count(dir, false), 2);
		assert_int_equal(file->bytes - file->clean_bytes, CLEAN_LESS);
		assert_true(sealed_file_read(dir, file->stored, 1, upload_key(upload), file->bytes, 0, &original));
		assert_true(sealed_file_read(dir, file->clean, 1 + SEALED_FILE_CLEAN, upload_key(upload), file->clean_bytes,
					     file->clean_lead, &copy));
		assert_int_not_equal(span_find(buf_span(&original), SPAN("Zhang")), original.len);
		assert_int_equal(span_find(buf_span(&copy), SPAN("Zhang")), copy.len);
		assert_int_equal(span_find(buf_span(&copy), SPAN("film")), copy.len);
		/* The one cannot be put in the place of the other. */
		assert_false(sealed_file_read(dir, file->clean, 1, upload_key(upload), file->clean_bytes, 0, &copy));
		buf_release(&original);
		buf_release(&copy);
		upload_end(upload, false);
		assert_int_equal(count(dir, false), 0);
	}
}

static void what_is_not_parsed_has_none(void **state)
{
	static const char *const ends[] = { "", "\xff\x01", END };
	static const size_t sizes[] = { 10, 100000 };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(ends) * COUNT_OF(sizes); i++) {
		struct upload *upload = start();
		bool whole = strcmp(ends[i % COUNT_OF(ends)], END) == 0;
		const struct tip_file *file;
		size_t n;

		assert_true(feed(upload, form_with(COMMENTED, sizes[i / COUNT_OF(ends)], ends[i % COUNT_OF(ends)]), 777));
		assert_true(upload_finish(upload) && upload_keep(upload));
		file = upload_files(upload, &n);
		assert_int_equal(file->clean.len, whole ? 32 : 0);
		assert_int_equal(count(dir, false), whole ? 2 : 1);
		upload_end(upload, false);
		assert_int_equal(count(dir, false), 0);
	}
}

static void given_up_in_a_picture_leaves_neither(void **state)
{
	struct span form = form_with(COMMENTED, 140000, END);

	(void)state;
	for (size_t len = 0; len < form.len; len += 4099) {
		struct upload *upload = start();

		assert_true(feed(upload, span_from(form.at, len), 4096));
		upload_end(upload, false);
		assert_int_equal(count(dir, false), 0);
	}
}

static void a_picture_that_is_a_page_as_well_is_refused(void **state)
{
	static const char page[] = JPEG_START "\xff\xfe\0\x08<html>";
	struct upload *upload = start();

	(void)state;
	assert_false(feed(upload, form_with(page, sizeof(page) - 1, 10, END), 100) && upload_finish(upload));
	assert_int_equal(upload_problem(upload)->status, 415);
	assert_string_equal(upload_problem(upload)->code, "file_type_refused");
	upload_end(upload, false);
	assert_int_equal(count(dir, false), 0);
}

static struct span *only_other(void *ctx, struct span name)
{
	return span_is(name, "other") ? ctx : NULL;
}

/* The receipt's form: fields of its own; a file is known again by what is in it. */
static void fields_go_where_the_caller_says(void **state)
{
	struct span sums[2], other = { 0 };

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct upload *upload = start();
		size_t n;

		upload_fields(upload, only_other, &other);
		assert_true(feed(upload, SPAN(body), 7));
		assert_true(upload_finish(upload));
		assert_true(span_is(other, "x"));
		assert_int_equal(upload_input(upload)->text.len, 0);
		sums[i] = upload_files(upload, &n)[0].sum;
		upload_end(upload, false);
	}
	assert_int_equal(sums[0].len, TIP_FILE_SUM_BYTES);
	assert_true(span_eq(sums[0], sums[1]));
	assert_int_equal(count(dir, false), 0);
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
		TEST(a_picture_has_a_clean_copy_beside_it),
		TEST(what_is_not_parsed_has_none),
		TEST(given_up_in_a_picture_leaves_neither),
		TEST(a_picture_that_is_a_page_as_well_is_refused),
		cmocka_unit_test_setup_teardown(fields_go_where_the_caller_says, begin, finish),
	};

	return cmocka_run_group_tests(tests, begin_all, finish_all);
}
