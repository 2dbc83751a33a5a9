/*
 * Compact records: what is read is what was written, in the shorter of two
 * encodings, and nothing broken is read at all.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "daemon/core/tip/tlv.h"

static struct span read_back(struct buf *record, struct arena *arena)
{
	struct span rest = buf_span(record), text = { 0 };
	struct tlv_field field;

	assert_int_equal(tlv_next(&rest, &field), TLV_FIELD);
	assert_int_equal(field.tag, 7);
	assert_true(tlv_text_of(&field, arena, &text));
	assert_int_equal(tlv_next(&rest, &field), TLV_END);
	return text;
}

static void text_comes_back(void **state)
{
	static const struct {
		const char *text;
		size_t len; /* of the whole field */
	} cases[] = {
		{ "", 2 },
		{ "a", 3 },
		{ "plain words", 13 },
		{ "今天", 2 + 4 },
		{ "é", 2 + 2 },
		{ "一a", 2 + 4 }, /* as long in both: stays UTF-8 */
		{ "一二abc", 2 + 9 },
		{ "\xf0\xa0\x80\x80\xf0\xa0\x80\x81", 2 + 8 }, /* pairs: as long in both */
		{ "一二三\xf0\xa0\x80\x80", 2 + 10 },
		{ "\xe4\xb8\x80\xff\xe4\xb8\x80", 2 + 7 }, /* no UTF-8: kept */
		{ "\xed\xa0\x80\xed\xa0\x80", 2 + 6 },     /* surrogates: no UTF-8 */
		{ "\xe0\x80\x80\xe0\x80\x80", 2 + 6 },     /* overlong */
		{ "\xe4\xb8", 2 + 2 },                     /* cut */
		{ "\xf4\x90\x80\x80", 2 + 4 },             /* above U+10FFFF */
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct buf record = { 0 };
		struct arena arena = { 0 };

		tlv_text(&record, 7, span_of(cases[i].text));
		assert_int_equal(record.len, cases[i].len);
		assert_true(span_is(read_back(&record, &arena), cases[i].text));
		buf_release(&record);
		arena_release(&arena);
	}
}

/* Every character of every length class, alone and after a Chinese one. */
static void every_character_comes_back(void **state)
{
	(void)state;
	for (uint32_t point = 1; point <= 0x10ffff; point += point < 0x900     ? 1
							     : point < 0x10100 ? 61
									       : 4099) {
		char text[32] = "一二三四五";
		size_t n = strlen(text);
		struct buf record = { 0 };
		struct arena arena = { 0 };
		struct span back;

		if (point >= 0xd800 && point < 0xe000)
			continue;
		if (point < 0x80) {
			text[n++] = (char)point;
		} else if (point < 0x800) {
			text[n++] = (char)(0xc0 | point >> 6);
			text[n++] = (char)(0x80 | (point & 0x3f));
		} else if (point < 0x10000) {
			text[n++] = (char)(0xe0 | point >> 12);
			text[n++] = (char)(0x80 | (point >> 6 & 0x3f));
			text[n++] = (char)(0x80 | (point & 0x3f));
		} else {
			text[n++] = (char)(0xf0 | point >> 18);
			text[n++] = (char)(0x80 | (point >> 12 & 0x3f));
			text[n++] = (char)(0x80 | (point >> 6 & 0x3f));
			text[n++] = (char)(0x80 | (point & 0x3f));
		}
		tlv_text(&record, 7, span_from(text, n));
		assert_int_equal(record.len, 2 + 10 + (point < 0x10000 ? 2 : 4));
		back = read_back(&record, &arena);
		assert_int_equal(back.len, n);
		assert_memory_equal(back.at, text, n);
		buf_release(&record);
		arena_release(&arena);
	}
}

static void long_text_comes_back(void **state)
{
	static const size_t lengths[] = { 126, 127, 128, 129, 16383, 16384, 70000 };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(lengths); i++) {
		struct buf text = { 0 }, record = { 0 };
		struct arena arena = { 0 };

		for (size_t n = 0; n < lengths[i]; n++)
			buf_add_text(&text, n % 3 == 0 ? "x" : "字");
		tlv_text(&record, 7, buf_span(&text));
		assert_true(record.len < text.len);
		assert_true(span_eq(read_back(&record, &arena), buf_span(&text)));
		buf_release(&text);
		buf_release(&record);
		arena_release(&arena);
	}
}

static void numbers_come_back(void **state)
{
	static const uint64_t numbers[] = { 0, 1, 255, 256, 1763748000000, UINT64_MAX };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(numbers); i++) {
		struct buf record = { 0 };
		struct tlv_field field;
		struct span rest;
		uint64_t back;

		tlv_number(&record, 9, numbers[i]);
		rest = buf_span(&record);
		assert_int_equal(tlv_next(&rest, &field), TLV_FIELD);
		assert_true(tlv_number_of(&field, &back));
		assert_true(back == numbers[i]);
		buf_release(&record);
	}
}

static void padding_goes_by_steps(void **state)
{
	static const struct {
		size_t len, first, padded;
	} cases[] = {
		{ 0, 256, 256 },       { 1, 256, 256 },       { 256, 256, 256 },     { 257, 256, 512 },
		{ 513, 256, 1024 },    { 8193, 256, 16384 },  { 16384, 256, 16384 }, { 16385, 256, 32768 },
		{ 40000, 256, 49152 }, { 49153, 256, 65536 }, { 0, 128, 128 },       { 129, 128, 256 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_int_equal(tlv_padded(cases[i].len, cases[i].first), cases[i].padded);
}

static void broken_records_are_refused(void **state)
{
	static const struct span broken[] = {
		{ "\x07", 1 },                         /* no length */
		{ "\x07\x02x", 3 },                    /* cut short */
		{ "\x07\x80", 2 },                     /* length cut short */
		{ "\x07\xff\xff\xff\xff\xff\x01", 7 }, /* length of more than 35 bits */
		{ "\x80\x00", 2 },                     /* tag 0 in UTF-16 */
		{ "\0\0\x01", 3 },                     /* something behind the end */
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(broken); i++) {
		struct span rest = broken[i];
		struct tlv_field field;

		assert_int_equal(tlv_next(&rest, &field), TLV_BROKEN);
	}
}

static void half_pairs_are_refused(void **state)
{
	static const struct span halves[] = {
		{ "\x4e", 1 },
		{ "\xd8\x00", 2 },
		{ "\xd8\x00\x4e\x00", 4 },
		{ "\xdc\x00\xd8\x00", 4 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(halves); i++) {
		struct tlv_field field = { .tag = 7, .utf16 = true, .value = halves[i] };
		struct arena arena = { 0 };
		struct span text;

		assert_false(tlv_text_of(&field, &arena, &text));
		arena_release(&arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_comes_back),        cmocka_unit_test(every_character_comes_back),
		cmocka_unit_test(long_text_comes_back),   cmocka_unit_test(numbers_come_back),
		cmocka_unit_test(padding_goes_by_steps),  cmocka_unit_test(broken_records_are_refused),
		cmocka_unit_test(half_pairs_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
