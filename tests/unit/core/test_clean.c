/*
 * Clean copies by type, and the gathering of parts that the formats share.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "daemon/core/files/clean.h"
#include "daemon/core/files/clean_inside.h"

static void pictures_alone_have_clean_copies(void **state)
{
	static const char *const none[] = { "image/heic", "image/gif", "image/svg+xml", "video/mp4", "application/pdf",
					    "application/octet-stream", "image/jpe", "image/jpegx", "" };
	static const char *const some[] = { "image/jpeg", "image/png", "image/webp" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(none); i++)
		assert_null(clean_new(span_of(none[i])));
	for (size_t i = 0; i < COUNT_OF(some); i++) {
		struct clean *clean = clean_new(span_of(some[i]));

		assert_non_null(clean);
		clean_free(clean);
	}
	clean_free(NULL);
}

static void nothing_is_no_picture(void **state)
{
	struct clean *clean = clean_new(SPAN("image/png"));
	struct buf out = { 0 };
	size_t lead = 7;

	(void)state;
	assert_true(clean_feed(clean, (struct span){ 0 }, &out));
	assert_false(clean_finish(clean, &out, &lead));
	assert_int_equal(lead, 0);
	clean_free(clean);
	buf_release(&out);
}

static void a_part_is_whole_when_its_last_byte_is_there(void **state)
{
	struct gather part;
	struct span piece = SPAN("abcdef"), cut;

	(void)state;
	gather_begin(&part, 4);
	cut = piece_cut(&piece, 3);
	assert_false(gather_take(&part, &cut));
	assert_int_equal(cut.len, 0);
	assert_true(gather_take(&part, &piece));
	assert_true(span_is(gather_span(&part), "abcd"));
	assert_true(span_is(piece, "ef"));
	gather_begin(&part, 0);
	assert_true(gather_take(&part, &piece));
	assert_true(span_is(piece, "ef"));
	assert_true(span_is(piece_cut(&piece, 9), "ef"));
	assert_int_equal(piece.len, 0);
}

static void numbers_are_read_in_both_orders(void **state)
{
	static const unsigned char bytes[] = { 0x81, 0x02, 0x03, 0xF4 };

	(void)state;
	assert_int_equal(bytes_be16(bytes), 0x8102);
	assert_int_equal(bytes_be32(bytes), 0x810203F4);
	assert_int_equal(bytes_le32(bytes), 0xF4030281);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pictures_alone_have_clean_copies),
		cmocka_unit_test(nothing_is_no_picture),
		cmocka_unit_test(a_part_is_whole_when_its_last_byte_is_there),
		cmocka_unit_test(numbers_are_read_in_both_orders),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
