/*
 * What comes out is valid UTF-8 without NUL, whatever goes in.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "daemon/base/utf8.h"
#include "daemon/core/sms/gbk.h"
#include "daemon/core/sms/text.h"

static void expect(enum sms_coding coding, struct span octets, const char *text)
{
	struct buf out = { 0 };

	sms_text_decode(coding, octets, &out);
	assert_int_equal(out.len, strlen(text));
	assert_memory_equal(out.at != NULL ? out.at : "", text, out.len);
	buf_release(&out);
}

static void reads_utf8(void **state)
{
	(void)state;
	expect(SMS_UTF8, SPAN("plain"), "plain");
	expect(SMS_UTF8, SPAN("\xEF\xBB\xBFmark"), "mark");
	expect(SMS_UTF8, SPAN("a\0b"), "ab");
	expect(SMS_UTF8, SPAN("\xE4\xB8"), "\xEF\xBF\xBD\xEF\xBF\xBD");
	expect(SMS_UTF8, SPAN("\xF0\x9F\x98\x80"), "😀");
	expect(SMS_UTF8, SPAN("\xED\xA0\x80!"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD!");
	expect(SMS_UTF8, SPAN(""), "");
}

static void reads_utf16(void **state)
{
	(void)state;
	expect(SMS_UTF16, SPAN("\x4E\x3E\x62\xA5"), "举报");
	expect(SMS_UTF16, SPAN("\xFE\xFF\x4E\x3E"), "举");
	expect(SMS_UTF16, SPAN("\xFF\xFE\x3E\x4E"), "举");
	expect(SMS_UTF16, SPAN("\xD8\x3D\xDE\x00"), "😀");
	expect(SMS_UTF16, SPAN("\x00\x61\x00"), "a");
	expect(SMS_UTF16, SPAN("\x00\x61\x00\x00\x00\x62"), "ab");
	expect(SMS_UTF16, SPAN("\xD8\x3D\x00\x61"), "\xEF\xBF\xBD"
						     "a");
	expect(SMS_UTF16, SPAN("\xDE\x00\x00\x61"), "\xEF\xBF\xBD"
						     "a");
	expect(SMS_UTF16, SPAN("\x00\x61\xD8\x3D"), "a\xEF\xBF\xBD");
	expect(SMS_UTF16, SPAN("\xD8\x3D\xD8\x3D\xDE\x00"), "\xEF\xBF\xBD😀");
}

static void reads_latin1(void **state)
{
	(void)state;
	expect(SMS_LATIN1, SPAN("caf\xE9\0"), "café");
}

static void reads_gbk(void **state)
{
	(void)state;
	assert_true(gbk_ready());
	expect(SMS_GBK, SPAN("\xB6\xAB\xCA\xA4 A"), "东胜 A");
	expect(SMS_GBK, SPAN("\x94\x39\xDA\x33"), "💩");
	expect(SMS_GBK, SPAN("a\xFF\xB6\xAB"), "a\xEF\xBF\xBD东");
	expect(SMS_GBK, SPAN("\xB6\xAB\xCA"), "东\xEF\xBF\xBD");
	expect(SMS_GBK, SPAN("a\0b"), "ab");
	expect(SMS_GBK, SPAN(""), "");
}

/* Longer than what the library is given at once, and cut at every place in turn. */
static void reads_long_gbk(void **state)
{
	struct buf octets = { 0 }, out = { 0 };

	(void)state;
	for (size_t i = 0; i < 2000; i++) {
		buf_add_text(&octets, "\xB6\xAB");
		if (i % 7 == 0)
			buf_add_text(&octets, "x");
	}
	sms_text_decode(SMS_GBK, buf_span(&octets), &out);
	assert_int_equal(utf8_count(buf_span(&out)), 2000 + 286);
	assert_int_equal(span_find(buf_span(&out), SPAN("\xEF\xBF\xBD")), out.len);
	buf_release(&octets);
	buf_release(&out);
}

static void reads_septets(void **state)
{
	struct buf out = { 0 };

	(void)state;
	expect(SMS_GSM7, SPAN("\0 \x1B\x65"), "@ €");
	sms_text_decode_with(SMS_GSM7, (struct sms_tables){ .locking = 1 }, SPAN("\x07\x04"), &out);
	assert_true(span_is(buf_span(&out), "ı€"));
	buf_release(&out);
}

static void data_is_a_text_only_when_it_plainly_is(void **state)
{
	struct buf out = { 0 };

	(void)state;
	expect(SMS_OCTETS, SPAN("part zero"), "part zero");
	expect(SMS_OCTETS, SPAN("\x51\x85\x84\x99\x53\xE4"), "内蒙古");
	expect(SMS_OCTETS, SPAN("\x00H\x00i"), "Hi");
	assert_false(sms_octets_decode(SPAN("\x01\x02\xFF\x00wap"), &out));
	assert_false(sms_octets_decode(SPAN("\x89PNG\r\n\x1A\n\x00\x00\x00\x0D"), &out));
	assert_false(sms_octets_decode(SPAN("\x12\x34\x99"), &out));
	assert_false(sms_octets_decode(SPAN(""), &out));
	assert_int_equal(out.len, 0);
	buf_release(&out);
}

/* Every pair of octets, and every run of a generator, in every coding. */
static void always_gives_clean_utf8(void **state)
{
	char octets[64];
	struct buf out = { 0 };
	uint32_t x = 1;

	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		size_t len = round % sizeof(octets);

		for (size_t i = 0; i < len; i++)
			octets[i] = (char)((x = x * 1664525 + 1013904223) >> 24);
		for (int coding = 0; coding < SMS_CODINGS; coding++) {
			buf_clear(&out);
			sms_text_decode((enum sms_coding)coding, span_from(octets, len), &out);
			assert_true(utf8_valid(buf_span(&out)));
			assert_true(out.len == 0 || memchr(out.at, 0, out.len) == NULL);
		}
	}
	buf_release(&out);
}

static void octets_are_percent_or_hex(void **state)
{
	struct buf out = { 0 };

	(void)state;
	assert_true(sms_octets_parse(SPAN("%05%00%03*%02%01"), &out));
	assert_memory_equal(out.at, "\x05\x00\x03\x2A\x02\x01", 6);
	buf_clear(&out);
	assert_true(sms_octets_parse(SPAN("0500032a0201"), &out));
	assert_memory_equal(out.at, "\x05\x00\x03\x2A\x02\x01", 6);
	assert_true(sms_octets_parse(SPAN(""), &out));
	assert_false(sms_octets_parse(SPAN("%0"), &out));
	assert_false(sms_octets_parse(SPAN("%05%zz"), &out));
	assert_false(sms_octets_parse(SPAN("050"), &out));
	assert_false(sms_octets_parse(SPAN("05xx"), &out));
	assert_int_equal(out.len, 6);
	buf_release(&out);
}

static void languages_differ_by_script(void **state)
{
	(void)state;
	assert_string_equal(sms_text_lang(SPAN("seen at 东胜")), "zh-CN");
	assert_string_equal(sms_text_lang(SPAN("seen at the station…")), "en");
	assert_string_equal(sms_text_lang(SPAN("")), "en");
}

static void stop_is_the_whole_message(void **state)
{
	static const char *const stops[] = { "STOP", " stop ", "ＴＤ", "退订", "\u3000ｓｔｏｐ\n", "Unsubscribe", "StopAll", "CANCEL",
					     "end", "Quit", "REVOKE", "optout", "REMOVE", "ARRET", "TD", "T", "r" };
	static const char *const tips[] = { "don't stop", "", "stop it", "退订吧", "TDX", "stop\xEF\xBC\x9F" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(stops); i++)
		assert_true(sms_text_is_stop(span_of(stops[i])));
	for (size_t i = 0; i < COUNT_OF(tips); i++)
		assert_false(sms_text_is_stop(span_of(tips[i])));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_utf8),
		cmocka_unit_test(reads_utf16),
		cmocka_unit_test(reads_latin1),
		cmocka_unit_test(reads_gbk),
		cmocka_unit_test(reads_long_gbk),
		cmocka_unit_test(reads_septets),
		cmocka_unit_test(data_is_a_text_only_when_it_plainly_is),
		cmocka_unit_test(always_gives_clean_utf8),
		cmocka_unit_test(octets_are_percent_or_hex),
		cmocka_unit_test(languages_differ_by_script),
		cmocka_unit_test(stop_is_the_whole_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
