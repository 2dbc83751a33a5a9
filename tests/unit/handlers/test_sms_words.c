/*
 * What messages want: words for us are whole messages or stand in front; all else is a clue.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "handlers/intake/sms_words.h"

#define REF "7K3MQ2X9RD"

static struct arena arena;

static struct sms_words read(const char *text)
{
	struct sms_words words;

	sms_words_read(span_of(text), &arena, &words);
	return words;
}

static void expect(const char *text, enum sms_says says, const char *number)
{
	struct sms_words words = read(text);

	if (words.says != says || strcmp(words.number, number) != 0)
		fail_msg("\"%s\": %s, number \"%s\"", text, sms_says_name(words.says), words.number);
}

static void clues_stay_clues(void **unused)
{
	static const char *const texts[] = {
		"", "   ", "don't stop, he is coming", "stop him", "STOP!", "help me please", "HELP!", "救命", "帮助我",
		"status of the man: hiding", "状态很不好", "查询一下这个人在哪里", "code word is tiger", "回执单上写着他的名字",
		"add", "Add two men to that", "more men came to the house", "Adding " REF " to it", "start now", "开始", "English teacher gone",
		"中文老师", REF, "end of the road", "T 恤 red", "stopstart", "codes", "STATUS " REF " he ran", "supplementary clue",
		"查询 123", "CODE 7K3MQ2X9R", "quit it", "\xff\xfe", "restart", "取消订单",
	};

	(void)unused;
	for (size_t i = 0; i < COUNT_OF(texts); i++)
		expect(texts[i], SMS_SAYS_CLUE, "");
}

static void words_for_us(void **unused)
{
	static const struct {
		const char *text;
		enum sms_says says;
	} cases[] = {
		{ "STOP", SMS_SAYS_STOP },	{ " stop ", SMS_SAYS_STOP },   { "ＴＤ", SMS_SAYS_STOP },    { "td", SMS_SAYS_STOP },
		{ "退订", SMS_SAYS_STOP },	{ "退訂", SMS_SAYS_STOP },     { "Unsubscribe", SMS_SAYS_STOP }, { "StopAll\r\n", SMS_SAYS_STOP },
		{ "start", SMS_SAYS_START },	{ "恢复", SMS_SAYS_START },    { "UNSTOP", SMS_SAYS_START },
		{ "Help", SMS_SAYS_HELP },	{ "帮助", SMS_SAYS_HELP },     { "幫助", SMS_SAYS_HELP },
		{ "中文", SMS_SAYS_CHINESE },	{ "chinese", SMS_SAYS_CHINESE }, { "English", SMS_SAYS_ENGLISH }, { "英文", SMS_SAYS_ENGLISH },
		{ "查询", SMS_SAYS_STATUS },	{ "状态", SMS_SAYS_STATUS },   { "進度", SMS_SAYS_STATUS },  { "status", SMS_SAYS_STATUS },
		{ "status.", SMS_SAYS_STATUS },	{ "回执", SMS_SAYS_CODE },     { "CODE", SMS_SAYS_CODE },    { "ｃｏｄｅ", SMS_SAYS_CODE },
		{ "补充", SMS_SAYS_HELP },	{ "supplement", SMS_SAYS_HELP }, { "续报 " REF, SMS_SAYS_HELP },
	};

	(void)unused;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_int_equal(read(cases[i].text).says, cases[i].says);
}

static void numbers_are_read_as_people_write_them(void **unused)
{
	(void)unused;
	expect("查询 " REF, SMS_SAYS_STATUS, REF);
	expect("查询：" REF "。", SMS_SAYS_STATUS, REF);
	expect("status 7k3mq2x9rd", SMS_SAYS_STATUS, REF);
	expect("STATUS #" REF, SMS_SAYS_STATUS, REF);
	expect("status 15-" REF, SMS_SAYS_STATUS, REF);
	expect("查询７Ｋ３ＭＱ２Ｘ９ＲＤ", SMS_SAYS_STATUS, REF);
	expect("code OIL0000000", SMS_SAYS_CODE, "0110000000");
	expect("code U000000000", SMS_SAYS_CLUE, "");
	expect("回执 " REF "X", SMS_SAYS_CLUE, "");
}

static void expect_supplement(const char *text, const char *number, bool sure, const char *rest, const char *all)
{
	struct sms_words words = read(text);

	if (words.says != SMS_SAYS_SUPPLEMENT || strcmp(words.number, number) != 0 || words.number_sure != sure ||
	    !span_is(words.rest, rest) || !span_is(words.rest_with_number, all))
		fail_msg("\"%s\": %s \"%s\" \"%.*s\" \"%.*s\"", text, sms_says_name(words.says), words.number,
			 (int)words.rest.len, words.rest.at, (int)words.rest_with_number.len, words.rest_with_number.at);
}

static void supplements_and_their_words(void **unused)
{
	(void)unused;
	expect_supplement("补充 车是红色的", "", false, "车是红色的", "车是红色的");
	expect_supplement("补充：车是红色的", "", false, "车是红色的", "车是红色的");
	expect_supplement("補充，車是紅色的", "", false, "車是紅色的", "車是紅色的");
	expect_supplement("补充一点情况", "", false, "补充一点情况", "补充一点情况");
	expect_supplement("续报 " REF " 车是红色的", REF, true, "车是红色的", REF " 车是红色的");
	expect_supplement("补充" REF "，车是红色的", REF, true, "车是红色的", "补充" REF "，车是红色的");
	expect_supplement("Supplement: 7k3mq2x9rd: a red car", REF, true, "a red car", "7k3mq2x9rd: a red car");
	expect_supplement("ADD " REF " a red car", REF, true, "a red car", REF " a red car");
	expect_supplement("more: a red car", "", false, "a red car", "a red car");
	/* Ten letters that may be a word: whose it is tells the memory of the telephone. */
	expect_supplement("supplement EVERYTHQNG was red", "EVERYTHQNG", false, "was red", "EVERYTHQNG was red");
	expect_supplement("supplement Everythqng", "EVERYTHQNG", false, "", "Everythqng");
}

static int release(void **unused)
{
	(void)unused;
	arena_release(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clues_stay_clues),
		cmocka_unit_test(words_for_us),
		cmocka_unit_test(numbers_are_read_as_people_write_them),
		cmocka_unit_test(supplements_and_their_words),
	};

	return cmocka_run_group_tests(tests, NULL, release);
}
