/*
 * Clean copies of PNG: chunks that stay and go, checksums, order.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "tests/support/clean_rig.h"


#define SIGNATURE "\x89PNG\r\n\x1a\n"
#define GREY "\0\0\0\x10\0\0\0\x10\x08\0\0\0\0"
#define COLOUR "\0\0\0\x10\0\0\0\x10\x08\x02\0\0\0"
#define INDEXED "\0\0\0\x10\0\0\0\x10\x08\x03\0\0\0"
#define TURNED "MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0" "\0\0\0\0"
#define OFF "OFF"   /* in place of a type: the checksum of the chunk before is wrong */

struct part {
	const char *type;
	struct span data;
};

#define PART(name, bytes) { .type = name, .data = SPAN_INIT(bytes) }
#define IHDR PART("IHDR", GREY)
#define IDAT PART("IDAT", "pixels")
#define IEND PART("IEND", "")

/* Bit by bit, as the annex of the standard has it; the source does it by a table. */
static uint32_t checksum(struct span bytes)
{
	uint32_t sum = 0xFFFFFFFF;

	for (size_t i = 0; i < bytes.len; i++) {
		sum ^= (unsigned char)bytes.at[i];
		for (int bit = 0; bit < 8; bit++)
			sum = sum & 1 ? sum >> 1 ^ 0xEDB88320 : sum >> 1;
	}
	return ~sum;
}

static void put_u32(uint32_t number, struct buf *out)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		buf_add_byte(out, (int)(number >> shift & 0xFF));
}

static void put_parts(const struct part *parts, struct buf *out)
{
	buf_add_text(out, SIGNATURE);
	for (; parts->type != NULL; parts++) {
		size_t from;

		if (strcmp(parts->type, OFF) == 0) {
			out->at[out->len - 1] ^= 1;
			continue;
		}
		put_u32((uint32_t)parts->data.len, out);
		from = out->len;
		buf_add_text(out, parts->type);
		buf_add_span(out, parts->data);
		put_u32(checksum(span_from_offset(buf_span(out), from)), out);
	}
}

/* expected NULL: there is no copy. */
static void check(const struct part *file, const char *behind, const struct part *expected)
{
	struct buf in = { 0 }, wanted = { 0 };

	put_parts(file, &in);
	buf_add_text(&in, behind);
	if (expected != NULL)
		put_parts(expected, &wanted);
	for (size_t step = 1; step <= in.len + 1; step++) {
		struct buf out = { 0 };

		assert_int_equal(clean_rig_copy("image/png", buf_span(&in), step, &out), expected != NULL);
		assert_int_equal(out.len, wanted.len);
		assert_true(span_eq(buf_span(&out), buf_span(&wanted)));
		buf_release(&out);
	}
	buf_release(&in);
	buf_release(&wanted);
}

#define PARTS(...) ((const struct part[]){ __VA_ARGS__, { 0 } })
#define COPY(file, expected) check(file, "", expected)
#define NONE(...) check(PARTS(__VA_ARGS__), "", NULL)

static void what_is_needed_stays(void **state)
{
	(void)state;
	COPY(PARTS(IHDR, IDAT, IEND), PARTS(IHDR, IDAT, IEND));
	COPY(PARTS(IHDR, PART("gAMA", "\0\x01\x86\xa0"), PART("sRGB", "\0"), PART("tRNS", "\0\1"), IDAT, PART("IDAT", ""), IDAT, IEND),
	     PARTS(IHDR, PART("gAMA", "\0\x01\x86\xa0"), PART("sRGB", "\0"), PART("tRNS", "\0\1"), IDAT, PART("IDAT", ""), IDAT, IEND));
	COPY(PARTS(PART("IHDR", INDEXED), PART("PLTE", "abcdef"), PART("tRNS", "\0\1"), IDAT, IEND),
	     PARTS(PART("IHDR", INDEXED), PART("PLTE", "abcdef"), PART("tRNS", "\0\1"), IDAT, IEND));
	COPY(PARTS(PART("IHDR", COLOUR), PART("PLTE", "abcdef"), PART("tRNS", "\0\1\0\1\0\1"), IDAT, IEND),
	     PARTS(PART("IHDR", COLOUR), PART("PLTE", "abcdef"), PART("tRNS", "\0\1\0\1\0\1"), IDAT, IEND));
}

static void all_else_goes(void **state)
{
	(void)state;
	COPY(PARTS(IHDR, PART("tEXt", "Comment\0secret"), PART("iCCP", "x"), PART("pHYs", "123456789"), PART("cHRM", ""), IDAT, IDAT,
		   PART("tIME", "1234567"), PART("zTXt", "z"), PART("iTXt", "i"), PART("prVt", "x"), PART("eXIf", "MM\0*"), IEND),
	     PARTS(IHDR, IDAT, IDAT, IEND));
	check(PARTS(IHDR, IDAT, IEND), "a second picture \xff", PARTS(IHDR, IDAT, IEND));
}

static void the_orientation_stays(void **state)
{
	(void)state;
	COPY(PARTS(IHDR, PART("eXIf", TURNED "more"), IDAT, IEND), PARTS(IHDR, PART("eXIf", TURNED), IDAT, IEND));
	COPY(PARTS(IHDR, IDAT, PART("eXIf", TURNED), IEND), PARTS(IHDR, IDAT, PART("eXIf", TURNED), IEND));
}

static void a_wrong_checksum_is_no_png(void **state)
{
	(void)state;
	NONE(IHDR, { .type = OFF }, IDAT, IEND);
	NONE(IHDR, IDAT, { .type = OFF }, IEND);
	NONE(IHDR, PART("tEXt", "x"), { .type = OFF }, IDAT, IEND);
	NONE(IHDR, PART("eXIf", TURNED), { .type = OFF }, IDAT, IEND);
	NONE(IHDR, IDAT, IEND, { .type = OFF });
}

static void the_order_is_that_of_the_standard(void **state)
{
	(void)state;
	NONE(IDAT, IEND);
	NONE(PART("tEXt", "x"), IHDR, IDAT, IEND);
	NONE(IHDR, IEND);
	NONE(IHDR, IDAT);
	NONE(IHDR, IHDR, IDAT, IEND);
	NONE(IHDR, IDAT, PART("tIME", "x"), IDAT, IEND);
	NONE(IHDR, IDAT, PART("eXIf", "x"), IDAT, IEND);
	NONE(IHDR, IDAT, PART("gAMA", "1234"), IEND);
	NONE(IHDR, PART("gAMA", "1234"), PART("gAMA", "1234"), IDAT, IEND);
	NONE(IHDR, IDAT, PART("tRNS", "\0\1"), IEND);
	NONE(PART("IHDR", INDEXED), IDAT, IEND);
	NONE(PART("IHDR", INDEXED), PART("tRNS", "\0"), PART("PLTE", "abc"), IDAT, IEND);
}

static void a_chunk_is_as_long_as_it_must_be(void **state)
{
	(void)state;
	NONE(PART("IHDR", GREY "x"), IDAT, IEND);
	NONE(IHDR, PART("gAMA", "12345"), IDAT, IEND);
	NONE(IHDR, PART("sRGB", "\4"), IDAT, IEND);
	NONE(IHDR, PART("sRGB", ""), IDAT, IEND);
	NONE(IHDR, PART("tRNS", "\0\1x"), IDAT, IEND);
	NONE(PART("IHDR", INDEXED), PART("PLTE", "abcd"), IDAT, IEND);
	NONE(PART("IHDR", INDEXED), PART("PLTE", "abc"), PART("tRNS", "12"), IDAT, IEND);
	NONE(IHDR, PART("PLTE", "abc"), IDAT, IEND);
	NONE(IHDR, IDAT, PART("IEND", "x"));
}

static void what_is_not_understood_has_no_copy(void **state)
{
	(void)state;
	NONE(IHDR, PART("CgBI", "x"), IDAT, IEND);
	NONE(IHDR, PART("acTL", "12345678"), IDAT, IEND);
	NONE(IHDR, PART("t?Xt", "x"), IDAT, IEND);
	NONE(PART("IHDR", "\0\0\0\x10\0\0\0\x10\x03\0\0\0\0"), IDAT, IEND);
	NONE(PART("IHDR", "\0\0\0\x10\0\0\0\x10\x04\x02\0\0\0"), IDAT, IEND);
	NONE(PART("IHDR", "\0\0\0\x10\0\0\0\x10\x08\x05\0\0\0"), IDAT, IEND);
	NONE(PART("IHDR", "\0\0\0\x10\0\0\0\0\x08\0\0\0\0"), IDAT, IEND);
	NONE(PART("IHDR", "\0\0\0\x10\0\0\0\x10\x08\0\1\0\0"), IDAT, IEND);
	NONE(PART("IHDR", "\0\0\0\x10\0\0\0\x10\x08\0\0\0\2"), IDAT, IEND);
}

static void half_a_file_has_no_copy(void **state)
{
	struct buf file = { 0 }, out = { 0 };

	(void)state;
	put_parts(PARTS(IHDR, PART("tEXt", "x"), IDAT, IEND), &file);
	for (size_t len = 0; len < file.len; len++)
		assert_false(clean_rig_copy("image/png", span_from(file.at, len), 16, &out));
	file.at[0] = 'x';
	assert_false(clean_rig_copy("image/png", buf_span(&file), 16, &out));
	buf_release(&file);
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_needed_stays),
		cmocka_unit_test(all_else_goes),
		cmocka_unit_test(the_orientation_stays),
		cmocka_unit_test(a_wrong_checksum_is_no_png),
		cmocka_unit_test(the_order_is_that_of_the_standard),
		cmocka_unit_test(a_chunk_is_as_long_as_it_must_be),
		cmocka_unit_test(what_is_not_understood_has_no_copy),
		cmocka_unit_test(half_a_file_has_no_copy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
