/*
 * daemon/core/text/normalize.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/buf.h"
#include "daemon/core/text/normalize.h"

#include <utf8proc.h>

static struct normalizer *tables;

static int load(void **state)
{
	(void)state;
	tables = normalizer_new();
	return tables == NULL ? -1 : 0;
}

static int unload(void **state)
{
	(void)state;
	normalizer_free(tables);
	return 0;
}

/* What holds for every text: idempotent, valid UTF-8, single blanks inside, origins in order. */
static void assert_sound(struct span text, struct arena *arena, struct folded *once)
{
	struct folded twice;
	uint32_t last = 0;
	int32_t c;

	normalize(tables, text, arena, once);
	normalize(tables, once->text, arena, &twice);
	assert_true(span_eq(once->text, twice.text));
	for (size_t i = 0; i <= once->text.len; i++) {
		assert_true(once->origin[i] >= last);
		last = once->origin[i];
	}
	assert_int_equal(once->origin[once->text.len], text.len);
	for (size_t i = 0; i < once->text.len;) {
		utf8proc_ssize_t used = utf8proc_iterate((const utf8proc_uint8_t *)once->text.at + i,
							 (utf8proc_ssize_t)(once->text.len - i), &c);

		assert_true(used > 0);
		assert_false(c == ' ' && (i == 0 || once->text.at[i - 1] == ' ' || i + 1 == once->text.len));
		assert_false(c < ' ' || c == 0x200B || c == 0xFEFF);
		i += (size_t)used;
	}
}

static void assert_folds(const char *text, const char *expected)
{
	struct arena arena;
	struct folded folded;

	arena_init(&arena);
	assert_sound(span_of(text), &arena, &folded);
	if (!span_is(folded.text, expected))
		fail_msg("\"%s\" became \"%.*s\", not \"%s\"", text, (int)folded.text.len, folded.text.at,
			 expected);
	arena_release(&arena);
}

static void test_what_differs_only_in_form_becomes_the_same(void **state)
{
	(void)state;
	assert_folds("", "");
	assert_folds("朝阳区", "朝阳区");
	assert_folds("ＡＢＣ１２３，", "abc123,");
	assert_folds("Jinan DISTRICT", "jinan district");
	assert_folds("廣東省廣州市白雲區", "广东省广州市白云区");
	assert_folds("陝西省鹹陽市", "陕西省咸阳市");
	assert_folds("㈱①Ⅳ", "(株)1iv");
	assert_folds("Ünüversität Straße", "ünüversität strasse");
	assert_folds("U\xCC\x88", "ü");
	assert_folds("\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB", "한");
	assert_folds("ﾊﾟ", "パ");
}

static void test_qian_county_keeps_its_name(void **state)
{
	(void)state;
	assert_folds("陝西省乾縣", "陕西省乾县");
}

static void test_blanks_and_invisible_characters(void **state)
{
	(void)state;
	assert_folds("  a \t\r\n　b\xC2\xA0 ", "a b");
	assert_folds("\xEF\xBB\xBF"
		     "a\xE2\x80\x8B"
		     "b\x01\x7F",
		     "ab");
	assert_folds(" \n ", "");
	assert_folds("a\xE2\x80\x8D\xCC\x88", "ä");
	assert_folds("x\xC2\xA8", "x \xCC\x88");
}

static void test_broken_utf8_becomes_replacement(void **state)
{
	(void)state;
	assert_folds("a\xFF"
		     "b",
		     "a\xEF\xBF\xBD"
		     "b");
	assert_folds("\xE5\x8C", "\xEF\xBF\xBD\xEF\xBF\xBD");
	assert_folds("\xED\xA0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
	assert_folds("\xC0\xAF", "\xEF\xBF\xBD\xEF\xBF\xBD");
	assert_folds("\xF4\x90\x80\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
}

static void test_evidence_is_found_in_the_original(void **state)
{
	static const char text[] = "在 \xE2\x80\x8B 廣Ａ州";
	struct arena arena;
	struct folded folded;
	size_t at;

	(void)state;
	arena_init(&arena);
	assert_sound(span_of(text), &arena, &folded);
	at = span_find(folded.text, SPAN("广a州"));
	assert_true(at < folded.text.len);
	assert_string_equal(text + folded.origin[at], "廣Ａ州");
	assert_string_equal(text + folded.origin[at + 4], "州");
	arena_release(&arena);
}

/* Many marks on one letter must neither be slow nor break what holds for all texts. */
static void test_a_tower_of_marks_is_bounded(void **state)
{
	struct buf text = { 0 };
	struct arena arena;
	struct folded folded;

	(void)state;
	buf_add_byte(&text, 'a');
	for (int i = 0; i < 20000; i++)
		buf_add_text(&text, i % 2 ? "\xCC\x81" : "\xCC\xA3");
	arena_init(&arena);
	assert_sound(buf_span(&text), &arena, &folded);
	assert_in_range(folded.text.len, 1, 100);
	arena_release(&arena);
	buf_release(&text);
}

/* Every character alone, and every character before and behind a few awkward ones. */
static void test_every_character_is_sound(void **state)
{
	static const char *const beside[] = { "", "a", " ", "\xCC\x88", "\xE1\x85\xA1", "\xE2\x80\x8D" };

	(void)state;
	for (int32_t c = 1; c < 0x32400; c++) {
		struct arena arena;
		char text[32];
		utf8proc_uint8_t point[4];
		size_t len = (size_t)utf8proc_encode_char(c, point);

		if (c >= 0xD800 && c <= 0xDFFF)
			continue;
		arena_init(&arena);
		for (size_t i = 0; i < sizeof(beside) / sizeof(beside[0]); i++) {
			struct folded folded;
			size_t side = strlen(beside[i]);

			memcpy(text, beside[i], side);
			memcpy(text + side, point, len);
			memcpy(text + side + len, beside[i], side);
			assert_sound(span_from(text, side + len + side), &arena, &folded);
		}
		arena_release(&arena);
	}
}

static uint32_t step(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

/* Random mixtures, with marks and jamo more often than chance gives them. */
static void test_random_texts_are_sound(void **state)
{
	static const int32_t bases[] = { 0x20,   0x61,   0x300,  0x340,  0x3B0,   0x900,  0x1100,
					 0x1160, 0x11A8, 0x1F00, 0x2000, 0x3090,  0x4E00, 0xAC00,
					 0xF900, 0xFB00, 0xFE00, 0xFF60, 0x1D160, 0x2F800 };
	uint32_t seed = 7;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		struct buf text = { 0 };
		struct arena arena;
		struct folded folded;

		for (uint32_t n = step(&seed) % 12; n > 0; n--) {
			int32_t base = bases[step(&seed) % (sizeof(bases) / sizeof(bases[0]))];
			char *at = buf_reserve(&text, 4);

			text.len += (size_t)utf8proc_encode_char(base + (int32_t)(step(&seed) % 64),
								 (utf8proc_uint8_t *)at);
		}
		arena_init(&arena);
		assert_sound(buf_span(&text), &arena, &folded);
		arena_release(&arena);
		buf_release(&text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_differs_only_in_form_becomes_the_same),
		cmocka_unit_test(test_qian_county_keeps_its_name),
		cmocka_unit_test(test_blanks_and_invisible_characters),
		cmocka_unit_test(test_broken_utf8_becomes_replacement),
		cmocka_unit_test(test_evidence_is_found_in_the_original),
		cmocka_unit_test(test_a_tower_of_marks_is_bounded),
		cmocka_unit_test(test_every_character_is_sound),
		cmocka_unit_test(test_random_texts_are_sound),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
