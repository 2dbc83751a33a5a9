/*
 * Clean copies of WebP: the length and flags in front follow from what stays.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "tests/support/clean_rig.h"

#define VP8 "VP8 \x0c\0\0\0\x10\0\0\x9d\x01\x2a\x10\0\x10\0ab"        /* 20 bytes */
#define VP8_ODD "VP8 \x0b\0\0\0\x10\0\0\x9d\x01\x2a\x10\0\x10\0a"
#define VP8L "VP8L\x06\0\0\0\x2f\x0f\xc0\x03\x10" "a"                   /* 14 */
#define ALPH "ALPH\x02\0\0\0\x01" "a"                                   /* 10 */
#define VP8X(flags) "VP8X\x0a\0\0\0" flags "\0\0\0\x0f\0\0\x0f\0\0"     /* 18 */
#define ANIM "ANIM\x06\0\0\0\1\2\3\4\0\0"                               /* 14 */
#define ANMF(length, chunks) "ANMF" length "\0\0\0" "0123456789abcdef" chunks
#define TURNED "MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0" "\0\0\0\0"
#define RIFF(bytes) .chunks = (bytes), .len = sizeof(bytes) - 1

struct file {
	const char *chunks;
	size_t len;
	const char *behind;
};

static void put(const struct file *file, struct buf *out)
{
	uint32_t size = (uint32_t)file->len + 4;

	buf_add_text(out, "RIFF");
	for (unsigned i = 0; i < 4; i++)
		buf_add_byte(out, (int)(size >> 8 * i & 0xFF));
	buf_add_text(out, "WEBP");
	buf_add(out, file->chunks, file->len);
	if (file->behind != NULL)
		buf_add_text(out, file->behind);
}

/* expected NULL: there is no copy. */
static void check(const struct file *file, const struct file *expected)
{
	struct buf in = { 0 }, wanted = { 0 };

	put(file, &in);
	if (expected != NULL)
		put(expected, &wanted);
	for (size_t step = 1; step <= in.len + 1; step++) {
		struct buf out = { 0 };

		assert_int_equal(clean_rig_copy("image/webp", buf_span(&in), step, &out), expected != NULL);
		assert_int_equal(out.len, wanted.len);
		assert_true(span_eq(buf_span(&out), buf_span(&wanted)));
		buf_release(&out);
	}
	buf_release(&in);
	buf_release(&wanted);
}

#define COPY(in, wanted) check(&(struct file){ RIFF(in) }, &(struct file){ RIFF(wanted) })
#define NONE(in) check(&(struct file){ RIFF(in) }, NULL)

static void pictures_stay_byte_for_byte(void **state)
{
	(void)state;
	COPY(VP8, VP8);
	COPY(VP8L, VP8L);
	COPY(VP8_ODD "\0", VP8_ODD "\0");
	COPY(VP8X("\x10") ALPH VP8, VP8X("\x10") ALPH VP8);
	COPY(VP8X("\x12") ANIM ANMF("\x2e", ALPH VP8) ANMF("\x1e", VP8L), VP8X("\x12") ANIM ANMF("\x2e", ALPH VP8) ANMF("\x1e", VP8L));
	/* What fills an odd length could be anything. */
	COPY(VP8_ODD "x", VP8_ODD "\0");
}

static void all_else_goes_and_the_flags_say_so(void **state)
{
	(void)state;
	COPY(VP8X("\xfd") "ICCP\x03\0\0\0abc\0" ALPH VP8 "EXIF\x04\0\0\0MM\0*" "XMP \x02\0\0\0<x" "junk\x02\0\0\0yy", VP8X("\x10") ALPH VP8);
	COPY(VP8 "XMP \x02\0\0\0<x", VP8);
	check(&(struct file){ RIFF(VP8L), .behind = "a film" }, &(struct file){ RIFF(VP8L) });
	COPY("VP8X\x0a\0\0\0\x10\1\2\3\x0f\0\0\x0f\0\0" VP8, VP8X("\x10") VP8);
}

static void the_orientation_stays(void **state)
{
	(void)state;
	COPY(VP8X("\x08") VP8 "EXIF\x1e\0\0\0" TURNED "more", VP8X("\x08") VP8 "EXIF\x1a\0\0\0" TURNED);
	COPY(VP8X("\x08") "EXIF\x20\0\0\0" "Exif\0\0" TURNED VP8, VP8X("\x08") VP8 "EXIF\x1a\0\0\0" TURNED);
}

static void the_order_is_that_of_the_format(void **state)
{
	(void)state;
	NONE(VP8 VP8);
	NONE(ALPH VP8);
	NONE("XMP \x02\0\0\0<x" VP8);
	NONE(VP8 VP8X("\0"));
	NONE(VP8X("\0") VP8X("\0") VP8);
	NONE(VP8X("\0") "XMP \x02\0\0\0<x");
	NONE(VP8X("\x10") VP8 ALPH);
	NONE(VP8X("\x10") ALPH ALPH VP8);
	NONE(VP8X("\x02") ANMF("\x1e", VP8L));
	NONE(VP8X("\x02") ANIM VP8);
	NONE(VP8X("\x02") ANIM ANIM ANMF("\x1e", VP8L));
	NONE(VP8X("\0") ANIM VP8);
	NONE(VP8X("\x02") ANIM);
}

static void a_frame_holds_one_picture_and_nothing_else(void **state)
{
	(void)state;
	NONE(VP8X("\x02") ANIM ANMF("\x10", ""));
	NONE(VP8X("\x02") ANIM ANMF("\x2c", VP8L VP8L));
	NONE(VP8X("\x02") ANIM ANMF("\x2a", VP8L "XMP \x04\0\0\0<xxx"));
	NONE(VP8X("\x02") ANIM ANMF("\x1a", ALPH));
	NONE(VP8X("\x02") ANIM ANMF("\x1d", VP8L));
	NONE(VP8X("\x02") ANIM ANMF("\x20", VP8L "ab"));
	NONE(VP8X("\x02") ANIM ANMF("\x2e", VP8 ALPH));
}

static void lengths_hold(void **state)
{
	(void)state;
	NONE("");
	NONE(VP8_ODD);
	NONE(VP8 "junk");
	NONE(VP8 "junk\xff\xff\xff\xff");
	NONE(VP8 "junk\x09\0\0\0yy");
	NONE("VP8 \x04\0\0\0\x10\0\0\x9d");
	NONE("VP8 \x0c\0\0\0\x11\0\0\x9d\x01\x2a\x10\0\x10\0ab");
	NONE("VP8 \x0c\0\0\0\x10\0\0\x9d\x01\x2b\x10\0\x10\0ab");
	NONE("VP8L\x06\0\0\0\x2e\x0f\xc0\x03\x10" "a");
	NONE("VP8L\x06\0\0\0\x2f\x0f\xc0\x03\x30" "a");
	NONE("VP8X\x0c\0\0\0\0\0\0\0\x0f\0\0\x0f\0\0xx" VP8);
}

static void half_a_file_has_no_copy(void **state)
{
	struct buf file = { 0 }, out = { 0 };

	(void)state;
	put(&(struct file){ RIFF(VP8X("\x10") ALPH VP8) }, &file);
	for (size_t len = 0; len < file.len; len++)
		assert_false(clean_rig_copy("image/webp", span_from(file.at, len), 5, &out));
	assert_true(clean_rig_copy("image/webp", buf_span(&file), 5, &out));
	for (size_t i = 0; i < 12; i++) {
		file.at[i] ^= 0x40;
		assert_false(clean_rig_copy("image/webp", buf_span(&file), 5, &out));
		file.at[i] ^= 0x40;
	}
	buf_release(&file);
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pictures_stay_byte_for_byte),
		cmocka_unit_test(all_else_goes_and_the_flags_say_so),
		cmocka_unit_test(the_orientation_stays),
		cmocka_unit_test(the_order_is_that_of_the_format),
		cmocka_unit_test(a_frame_holds_one_picture_and_nothing_else),
		cmocka_unit_test(lengths_hold),
		cmocka_unit_test(half_a_file_has_no_copy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
