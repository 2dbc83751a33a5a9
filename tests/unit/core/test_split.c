/*
 * How many messages a text takes, and that what is cut is what is joined: no
 * part too long, no escape and no pair of surrogates cut in two.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "daemon/base/utf8.h"
#include "daemon/core/sms/character.h"
#include "daemon/core/sms/gsm7.h"
#include "daemon/core/sms/split.h"
#include "daemon/core/sms/text.h"
#include "daemon/core/sms/udh.h"

static const struct sms_split_how eight = { .width = 8, .reference = 0x2A };
static const struct sms_split_how sixteen = { .width = 16, .reference = 0x1234 };

static struct span repeated(const char *character, size_t n, struct buf *text)
{
	buf_clear(text);
	for (size_t i = 0; i < n; i++)
		buf_add_text(text, character);
	return buf_span(text);
}

static size_t parts(struct span text, const struct sms_split_how *how)
{
	struct arena arena = { 0 };
	struct sms_split split;
	size_t n = sms_split(text, how, &arena, &split) ? split.n : 0;

	arena_release(&arena);
	return n;
}

/* Texts of one character: the longest that takes so many parts, and one more. */
static void lengths_are_the_standard_s(void **state)
{
	static const struct {
		const char *character;
		const struct sms_split_how *how;
		size_t characters, parts;
	} rows[] = {
		{ "a", &eight, 160, 1 },   { "a", &eight, 306, 2 },   { "a", &eight, 459, 3 },   { "é", &eight, 160, 1 },
		{ "a", &sixteen, 160, 1 }, { "a", &sixteen, 304, 2 }, { "a", &eight, 39015, 255 },
		{ "€", &eight, 80, 1 },    { "€", &eight, 152, 2 },   { "[", &sixteen, 152, 2 },
		{ "举", &eight, 70, 1 },   { "举", &eight, 134, 2 },  { "举", &eight, 201, 3 },  { "举", &sixteen, 132, 2 },
		{ "😀", &eight, 35, 1 },   { "😀", &eight, 66, 2 },   { "😀", &sixteen, 66, 2 }, { "举", &eight, 17085, 255 },
	};
	struct buf text = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		size_t more = rows[i].parts == 255 ? 0 : rows[i].parts + 1;

		assert_int_equal(parts(repeated(rows[i].character, rows[i].characters, &text), rows[i].how), rows[i].parts);
		assert_int_equal(parts(repeated(rows[i].character, rows[i].characters + 1, &text), rows[i].how), more);
	}
	buf_release(&text);
}

static void questions_agree_with_the_split(void **state)
{
	struct buf text = { 0 };

	(void)state;
	assert_true(sms_text_is_single(repeated("a", 160, &text)));
	assert_false(sms_text_is_single(repeated("a", 161, &text)));
	assert_true(sms_text_is_single(repeated("[", 80, &text)));
	assert_false(sms_text_is_single(repeated("[", 81, &text)));
	assert_true(sms_text_is_single(repeated("😀", 35, &text)));
	assert_false(sms_text_is_single(repeated("😀", 36, &text)));
	assert_true(sms_text_is_single(SPAN("")));
	assert_int_equal(sms_split_count(repeated("举", 68 + 67, &text)), 3);
	assert_int_equal(sms_split_count(repeated("a", 39016, &text)), 0);
	assert_true(sms_text_is_gsm(SPAN("Ref 7K3M-Q2. {é}")));
	assert_false(sms_text_is_gsm(SPAN("`")));
	assert_false(sms_text_is_gsm(SPAN("编号")));
	buf_release(&text);
}

/* The 67th unit of the first part would be half of the picture. */
static void no_pair_is_cut(void **state)
{
	struct buf text = { 0 };
	struct arena arena = { 0 };
	struct sms_split split;

	(void)state;
	repeated("a", 66, &text);
	buf_add_text(&text, "😀bbbb");
	assert_true(sms_split(buf_span(&text), &eight, &arena, &split));
	assert_int_equal(split.coding, SMS_UTF16);
	assert_int_equal(split.units, 72);
	assert_int_equal(split.n, 2);
	assert_int_equal(split.at[0].octets.len, 66 * 2);
	assert_memory_equal(split.at[1].octets.at, "\xD8\x3D\xDE\x00\x00" "b", 6);
	repeated("a", 152, &text);
	buf_add_text(&text, "€bbbbbbbbb");
	assert_true(sms_split(buf_span(&text), &eight, &arena, &split));
	assert_int_equal(split.units, 163);
	assert_int_equal(split.n, 2);
	assert_int_equal(split.at[0].octets.len, 152);
	assert_memory_equal(split.at[1].octets.at, "\x1B\x65" "b", 3);
	buf_release(&text);
	arena_release(&arena);
}

static void headers_count_the_parts(void **state)
{
	struct buf text = { 0 };
	struct arena arena = { 0 };
	struct sms_split split;

	(void)state;
	assert_true(sms_split(repeated("a", 400, &text), &eight, &arena, &split));
	assert_int_equal(split.n, 3);
	assert_int_equal(split.at[1].header.len, 6);
	assert_memory_equal(split.at[1].header.at, "\x05\x00\x03\x2A\x03\x02", 6);
	assert_true(sms_split(text.len > 0 ? buf_span(&text) : SPAN(""), &sixteen, &arena, &split));
	assert_memory_equal(split.at[2].header.at, "\x06\x08\x04\x12\x34\x03\x03", 7);
	assert_true(sms_split(SPAN("short"), &sixteen, &arena, &split));
	assert_int_equal(split.at[0].header.len, 0);
	assert_true(sms_split(SPAN(""), &eight, &arena, &split));
	assert_int_equal(split.n, 1);
	assert_int_equal(split.at[0].octets.len, 0);
	buf_release(&text);
	arena_release(&arena);
}

/* A header for the table takes four octets of the 140: 155 septets are left, 149 of a part. */
static void national_tables_cost_their_header(void **state)
{
	const struct sms_split_how turkish = { .tables = { .single = 1 }, .reference = 1 };
	struct buf text = { 0 };
	struct arena arena = { 0 };
	struct sms_split split;

	(void)state;
	repeated("a", 153, &text);
	buf_add_text(&text, "ş");
	assert_true(sms_split(buf_span(&text), &turkish, &arena, &split));
	assert_int_equal(split.n, 1);
	assert_int_equal(split.coding, SMS_GSM7);
	assert_memory_equal(split.at[0].header.at, "\x03\x24\x01\x01", 4);
	buf_add_text(&text, "ş");
	assert_true(sms_split(buf_span(&text), &turkish, &arena, &split));
	assert_int_equal(split.n, 2);
	assert_int_equal(split.at[0].octets.len, 149);
	assert_true(sms_split(repeated("a", 160, &text), &turkish, &arena, &split));
	assert_int_equal(split.at[0].header.len, 0);
	assert_true(sms_split(SPAN("举ş"), &turkish, &arena, &split));
	assert_int_equal(split.coding, SMS_UTF16);
	assert_int_equal(split.at[0].header.len, 0);
	buf_release(&text);
	arena_release(&arena);
}

static void check_piece(const struct sms_split *split, size_t i, struct buf *all)
{
	const struct sms_piece *piece = &split->at[i];
	size_t octets = split->coding == SMS_GSM7 ? (piece->octets.len * 7 + 7) / 8 : piece->octets.len;
	struct buf alone = { 0 };
	struct sms_header header;

	assert_true(piece->header.len + octets <= SMS_OCTETS_MAX);
	if (piece->header.len > 0) {
		sms_header_read(piece->header, &header);
		assert_int_equal(header.octets, piece->header.len);
		assert_int_equal(header.tables.single, split->tables.single);
		assert_int_equal(header.part, split->n > 1);
		assert_true(!header.part || (header.total == split->n && header.number == i + 1));
	}
	sms_text_decode_with(split->coding, split->tables, piece->octets, &alone);
	assert_int_equal(span_find(buf_span(&alone), SPAN("\xEF\xBF\xBD")), alone.len);
	buf_add_span(all, buf_span(&alone));
	buf_release(&alone);
}

/* 71 letters are one part of septets, and two of UTF-16. */
static void utf16_on_request(void **state)
{
	const struct sms_split_how how = { .utf16 = true, .tables = { .single = 1 } };
	struct arena arena = { 0 };
	struct sms_split split;
	char letters[71];

	(void)state;
	memset(letters, 'x', sizeof(letters));
	assert_true(sms_split(span_from(letters, sizeof(letters)), &how, &arena, &split));
	assert_int_equal(split.coding, SMS_UTF16);
	assert_int_equal(split.n, 2);
	assert_int_equal(split.tables.single, 0);
	assert_memory_equal(split.at[1].octets.at, "\0x", 2);
	arena_release(&arena);
}

/* Each part is decoded by itself, as a phone that shows it early does. */
static void split_then_joined_is_the_text(void **state)
{
	static const char *const alphabet[] = { "a", "Z", "€", "[", "é", "\n", " ", "@", "ş", "Ğ", "举", "报", "😀", "𠮷", "x", "7" };
	uint32_t x = 5;

	(void)state;
	for (unsigned round = 0; round < 3000; round++) {
		struct sms_split_how how = { .width = round % 2 ? 8 : 16, .reference = round, .tables = { .single = round % 3 == 0 } };
		size_t letters = round % 4 == 0 ? 8 : round % 4 == 1 ? 10 : COUNT_OF(alphabet);
		struct buf text = { 0 }, all = { 0 };
		struct arena arena = { 0 };
		struct sms_split split;

		for (size_t i = round % 500; i > 0; i--)
			buf_add_text(&text, alphabet[((x = x * 1664525 + 1013904223) >> 16) % letters]);
		assert_true(sms_split(buf_span(&text), &how, &arena, &split));
		for (size_t i = 0; i < split.n; i++)
			check_piece(&split, i, &all);
		assert_true(span_eq(buf_span(&text), buf_span(&all)));
		buf_release(&text);
		buf_release(&all);
		arena_release(&arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lengths_are_the_standard_s),
		cmocka_unit_test(questions_agree_with_the_split),
		cmocka_unit_test(no_pair_is_cut),
		cmocka_unit_test(headers_count_the_parts),
		cmocka_unit_test(national_tables_cost_their_header),
		cmocka_unit_test(utf16_on_request),
		cmocka_unit_test(split_then_joined_is_the_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
