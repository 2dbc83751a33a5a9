/*
 * A file of the archive: what was put in comes out, and every changed byte is found.
 */
#include "tests/support/archive_sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <zstd.h>

static const struct archive_digest none;
static struct complaint why;

static struct archive_head head_of(const struct buf *file)
{
	struct archive_head head;

	assert_true(archive_head_read(span_from(file->at, archive_head_length(buf_span(file))), file->len, &head, &why));
	return head;
}

/* Reads a whole file held in memory; false with a complaint. Tells how many entries were as they should be. */
static bool read_whole(struct span file, uint64_t *good)
{
	size_t length = archive_head_length(file);
	struct archive_head head = { .nframes = 0 };
	struct archive_entry entry;
	struct buf plain = { 0 };
	bool well;

	*good = 0;
	if (length == 0 || length > file.len)
		return complain(&why, 0, "offset 0: short");
	well = archive_head_read(span_from(file.at, length), file.len, &head, &why);
	for (size_t i = 0; well && i < head.nframes; i++) {
		const struct archive_frame *frame = &head.frames[i];
		struct span rest;

		well = archive_frame_open(frame, span_from(file.at + frame->at, frame->packed), &plain, &why);
		rest = buf_span(&plain);
		for (unsigned n = 0; well && n < frame->entries; n++) {
			well = archive_entry_cut(&rest, &entry);
			entry.number = frame->first + n;
			*good += well && archive_sample_is(&entry, entry.number);
		}
		well = well && rest.len == 0;
	}
	archive_head_release(&head);
	buf_release(&plain);
	return well;
}

static void what_was_put_in_comes_out(void **unused)
{
	struct archive_range range = { 41, 41 + 2500 };
	struct archive_digest before = { .bytes = "thirty-two bytes of some file..." }, digest;
	struct archive_head head;
	struct buf file = { 0 };
	uint64_t good;

	(void)unused;
	digest = archive_sample_file("15", range, &before, &file);
	head = head_of(&file);
	assert_string_equal(head.journal, "15");
	assert_int_equal(head.first, range.first);
	assert_int_equal(head.last, range.last);
	assert_int_equal(head.nframes, 3);
	assert_memory_equal(&head.before, &before, sizeof(before));
	assert_memory_equal(&head.digest, &digest, sizeof(digest));
	archive_head_release(&head);
	assert_true(read_whole(buf_span(&file), &good));
	assert_int_equal(good, 2501);
	buf_release(&file);
}

static void the_same_entries_give_the_same_bytes(void **unused)
{
	struct buf one = { 0 }, two = { 0 };

	(void)unused;
	archive_sample_file("audit", (struct archive_range){ 1, 1700 }, &none, &one);
	archive_sample_file("audit", (struct archive_range){ 1, 1700 }, &none, &two);
	assert_true(span_eq(buf_span(&one), buf_span(&two)));
	buf_release(&one);
	buf_release(&two);
}

/* Whoever has zstd alone gets at the entries, too. */
static void it_is_a_file_of_zstd(void **unused)
{
	struct archive_range range = { 1, 2100 };
	struct buf file = { 0 };
	size_t size = 1 << 20;
	char *plain;

	(void)unused;
	archive_sample_file("15", range, &none, &file);
	plain = malloc(size);
	assert_non_null(plain);
	size = ZSTD_decompress(plain, size, file.at, file.len);
	assert_false(ZSTD_isError(size));
	assert_true(size > 100000);
	free(plain);
	buf_release(&file);
}

static void any_changed_byte_is_found(void **unused)
{
	struct buf file = { 0 };
	uint64_t good;

	(void)unused;
	archive_sample_file("15", (struct archive_range){ 1, 1200 }, &none, &file);
	for (size_t i = 0; i < file.len; i += i < 400 ? 1 : 97) {
		file.at[i] = (char)(file.at[i] ^ 0x10);
		assert_false(read_whole(buf_span(&file), &good));
		assert_non_null(strstr(why.text, "offset"));
		file.at[i] = (char)(file.at[i] ^ 0x10);
	}
	assert_true(read_whole(buf_span(&file), &good));
	buf_release(&file);
}

static void any_other_length_is_found(void **unused)
{
	struct buf file = { 0 };
	uint64_t good;

	(void)unused;
	archive_sample_file("15", (struct archive_range){ 1, 1200 }, &none, &file);
	for (size_t len = 0; len < file.len; len += 61)
		assert_false(read_whole(span_from(file.at, len), &good));
	buf_add_byte(&file, 0);
	assert_false(read_whole(buf_span(&file), &good));
	assert_non_null(strstr(why.text, "behind its end"));
	buf_release(&file);
}

static void numbers_have_no_gap(void **unused)
{
	struct archive_writer *writer = archive_writer_new("15", 7, &none);
	struct archive_sample sample;

	(void)unused;
	assert_false(archive_writer_add(writer, archive_sample(&sample, 6), &why));
	assert_true(archive_writer_add(writer, archive_sample(&sample, 7), &why));
	assert_false(archive_writer_add(writer, archive_sample(&sample, 9), &why));
	assert_non_null(strstr(why.text, "9 where 8"));
	assert_int_equal(archive_writer_next(writer), 8);
	archive_writer_free(writer);
}

static void what_is_too_large_is_refused(void **unused)
{
	struct archive_writer *writer = archive_writer_new("15", 1, &none);
	struct archive_entry entry = { .number = 1, .nfields = 3 };
	char *large = calloc(1, ARCHIVE_VALUE_MAX + 1);

	(void)unused;
	assert_non_null(large);
	for (size_t i = 0; i < 3; i++)
		entry.fields[i] = (struct archive_field){ SPAN("e"), span_from(large, ARCHIVE_VALUE_MAX) };
	assert_false(archive_writer_add(writer, &entry, &why));
	entry.nfields = 1;
	entry.fields[0].value.len++;
	assert_false(archive_writer_add(writer, &entry, &why));
	entry.fields[0].value.len--;
	assert_true(archive_writer_add(writer, &entry, &why));
	assert_true(archive_writer_bytes(writer) > ARCHIVE_VALUE_MAX);
	archive_writer_free(writer);
	free(large);
}

/* A large entry has a frame of its own, and those around it do not grow with it. */
static void large_entries_do_not_share_a_frame(void **unused)
{
	struct archive_writer *writer = archive_writer_new("15", 1, &none);
	size_t size = ARCHIVE_FRAME_BYTES - 1000;
	char *large = calloc(1, size);
	struct archive_digest digest;
	struct archive_sample sample;
	struct archive_head head;
	struct buf file = { 0 };

	(void)unused;
	assert_non_null(large);
	for (uint64_t n = 1; n <= 60; n++) {
		struct archive_entry entry = *archive_sample(&sample, n);

		if (n % 20 == 0)
			entry.fields[0].value = span_from(large, size);
		assert_true(archive_writer_add(writer, &entry, &why));
	}
	archive_writer_end(writer, &file, &digest);
	head = head_of(&file);
	assert_true(head.nframes >= 4);
	for (size_t i = 0; i < head.nframes; i++)
		assert_true(head.frames[i].bytes <= ARCHIVE_FRAME_BYTES);
	archive_head_release(&head);
	archive_writer_free(writer);
	buf_release(&file);
	free(large);
}

static void a_field_is_found_by_its_name(void **unused)
{
	struct archive_sample sample;

	(void)unused;
	archive_sample(&sample, 3);
	assert_true(span_is(archive_entry_field(&sample.entry, "e"), sample.json));
	assert_int_equal(archive_entry_field(&sample.entry, "s").len, 16);
	assert_int_equal(archive_entry_field(&sample.entry, "x").len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_put_in_comes_out),
		cmocka_unit_test(the_same_entries_give_the_same_bytes),
		cmocka_unit_test(it_is_a_file_of_zstd),
		cmocka_unit_test(any_changed_byte_is_found),
		cmocka_unit_test(any_other_length_is_found),
		cmocka_unit_test(numbers_have_no_gap),
		cmocka_unit_test(what_is_too_large_is_refused),
		cmocka_unit_test(large_entries_do_not_share_a_frame),
		cmocka_unit_test(a_field_is_found_by_its_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
