/*
 * Headers that lie make no parts, and nobody reads past their end; what is written is read back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "daemon/core/sms/udh.h"

#include <stdlib.h>

static void headers_make_parts(void **state)
{
	struct sms_header header;

	(void)state;
	sms_header_read(SPAN("\x05\x00\x03\x2A\x02\x01"), &header);
	assert_true(header.part && header.width == 8 && header.reference == 0x2A);
	assert_true(header.total == 2 && header.number == 1 && !header.ports);
	sms_header_read(SPAN("\x06\x08\x04\x01\x09\xFF\xFF"), &header);
	assert_true(header.part && header.width == 16 && header.reference == 0x109);
	assert_true(header.total == 255 && header.number == 255);
	sms_header_read(SPAN("\x08\x24\x01\x01\x00\x03\x07\x03\x02"), &header);
	assert_true(header.part && header.reference == 7 && header.number == 2);
	sms_header_read(SPAN("\x0B\x05\x04\x0B\x84\x23\xF0\x00\x03\x01\x02\x01"), &header);
	assert_true(header.part && header.ports);
}

static void headers_that_lie_make_none(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
	} bad[] = {
		{ "\x05\x00\x03\x2A\x02\x00", 6 }, { "\x05\x00\x03\x2A\x02\x03", 6 }, { "\x05\x00\x03\x2A\x00\x00", 6 },
		{ "\x05\x00\x03\x2A\x01\x01", 6 }, { "\x05\x00\xFF\x01\x02\x01", 6 }, { "\xFF\x00\x03\x2A\x02", 5 },
		{ "\xFF", 1 },                     { "\x00", 1 },                     { "", 0 },
		{ "\x05\x00\x02\x2A\x02\x01", 6 }, { "\x04\x00\x03\x2A\x02\x01", 6 }, { "\x01\x00", 2 },
	};
	struct sms_header header;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		sms_header_read(span_from(bad[i].bytes, bad[i].len), &header);
		assert_false(header.part);
		assert_false(header.ports);
	}
}

static void headers_name_ports_tables_and_waiting(void **state)
{
	struct sms_header header;

	(void)state;
	sms_header_read(SPAN("\x06\x05\x04\x0B\x84\x23\xF0"), &header);
	assert_true(header.ports && header.to_port == 2948 && header.from_port == 9200);
	assert_int_equal(header.octets, 7);
	sms_header_read(SPAN("\x04\x04\x02\x10\x11text"), &header);
	assert_true(header.ports && header.to_port == 0x10 && header.from_port == 0x11 && header.octets == 5);
	sms_header_read(SPAN("\x0B\x00\x03\x07\x02\x01\x24\x01\x03\x25\x01\x0D"), &header);
	assert_true(header.part && header.tables.single == 3 && header.tables.locking == 13);
	sms_header_read(SPAN("\x04\x01\x02\x80\x01"), &header);
	assert_true(header.waiting && !header.part);
	sms_header_read(SPAN("\x05\x70\x00\x24\x01\x01"), &header);
	assert_int_equal(header.tables.single, 1);
}

/* Two elements that say the same: the last holds (TS 23.040 9.2.3.24). */
static void the_last_of_two_holds(void **state)
{
	struct sms_header header;

	(void)state;
	sms_header_read(SPAN("\x0A\x00\x03\x01\x02\x01\x00\x03\x02\x03\x03"), &header);
	assert_true(header.part && header.reference == 2 && header.total == 3 && header.number == 3);
	sms_header_read(SPAN("\x0A\x00\x03\x01\x02\x01\x00\x03\x02\x03\x04"), &header);
	assert_true(header.part && header.reference == 1);
}

/* Copies of exact length, so that a sanitizer sees one octet too many. */
static void reads_whatever_comes(void **state)
{
	uint32_t x = 7;

	(void)state;
	for (unsigned round = 0; round < 50000; round++) {
		size_t len = round % 24;
		char *octets = malloc(len + 1);
		struct sms_header header;

		assert_non_null(octets);
		octets = realloc(octets, len > 0 ? len : 1);
		for (size_t i = 0; i < len; i++)
			octets[i] = (char)((x = x * 1664525 + 1013904223) >> (i % 2 ? 30 : 26) & 0x3F);
		sms_header_read(span_from(octets, len), &header);
		assert_true(header.octets <= len);
		assert_true(!header.part || (header.total >= 2 && header.number >= 1 && header.number <= header.total));
		free(octets);
	}
}

static void what_is_written_is_read(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 5000; i++) {
		struct sms_header in = { .width = i % 3 == 0 ? 16 : 8, .part = i % 5 != 0, .total = i % 254 + 2 }, out;
		struct buf octets = { 0 };

		in.reference = in.width == 16 ? i * 13 : i % 256;
		in.number = i % in.total + 1;
		in.tables = (struct sms_tables){ .locking = (unsigned char)(i % 14), .single = (unsigned char)(i / 14 % 14) };
		sms_header_write(&in, &octets);
		sms_header_read(buf_span(&octets), &out);
		assert_int_equal(out.octets, octets.len);
		assert_int_equal(out.part, in.part);
		assert_memory_equal(&out.tables, &in.tables, sizeof(in.tables));
		if (in.part)
			assert_true(out.width == in.width && out.reference == in.reference && out.total == in.total &&
				    out.number == in.number);
		buf_release(&octets);
	}
}

static void nothing_to_say_is_no_header(void **state)
{
	struct buf octets = { 0 };

	(void)state;
	sms_header_write(&(struct sms_header){ 0 }, &octets);
	assert_int_equal(octets.len, 0);
	buf_release(&octets);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(headers_make_parts),
		cmocka_unit_test(headers_that_lie_make_none),
		cmocka_unit_test(headers_name_ports_tables_and_waiting),
		cmocka_unit_test(the_last_of_two_holds),
		cmocka_unit_test(reads_whatever_comes),
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(nothing_to_say_is_no_header),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
