/*
 * The answer is one part and tells a stranger nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "handlers/intake/sms_reply.h"
#include "daemon/core/sms/split.h"
#include "handlers/notify/outbox_item.h"

#include <ctype.h>

static const struct tip_id id = { .text = "15-7K3MQ2X9RD" };
static const struct seal_key key = { .bytes = { 7 } };

static struct receipt_code a_code(void)
{
	static const unsigned char random[16] = { 1, 2, 3, 4, 5 };
	struct receipt_code code;

	receipt_make("15", random, &code);
	return code;
}

static void lower(struct buf *text)
{
	for (size_t i = 0; i < text->len; i++)
		text->at[i] = (char)tolower((unsigned char)text->at[i]);
}

static void expect_discreet(struct buf *text)
{
	static const char *const words[] = { "举报", "奖",     "警",   "公安", "线索",  "拐卖", "tip",	"police", "reward",
					     "crime", "report", "http", "www",  "bureau", "://",  "clue", ".cn",	 "报警",
					     "情报", "witness", "inform", "secret" };

	assert_true(sms_text_is_single(buf_span(text)));
	lower(text);
	for (size_t i = 0; i < COUNT_OF(words); i++)
		assert_int_equal(span_find(buf_span(text), span_of(words[i])), text->len);
}

static size_t times(struct span text, const char *word)
{
	size_t n = 0;

	for (size_t at = span_find(text, span_of(word)); at < text.len; at = span_find(text, span_of(word)), n++)
		text = span_from_offset(text, at + strlen(word));
	return n;
}

/* Every line, in both languages, with the longest that can stand in it. */
static void one_discreet_part(void **state)
{
	static const char *const langs[] = { "zh-CN", "zh", "en", "en-US", "", "fr" };
	struct receipt_code code = a_code();
	struct sms_blanks blanks = { .number = SPAN("7K3MQ2X9RD"), .code = &code };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(langs); i++)
		for (size_t line = 1; line < SMS_LINES; line++) {
			struct buf text = { 0 };

			sms_reply_line(span_of(langs[i]), (enum sms_line)line, &blanks, &text);
			assert_int_equal(times(buf_span(&text), i < 2 ? "请删除此短信。" : " Please delete this message."), 1);
			assert_int_equal(times(buf_span(&text), "#") + times(buf_span(&text), "*"), 0);
			expect_discreet(&text);
			buf_release(&text);
		}
}

static void a_first_answer_with_the_code_is_discreet_too(void **state)
{
	struct receipt_code code = a_code();
	struct buf text = { 0 };

	(void)state;
	sms_reply_write(SPAN("zh-CN"), &id, &code, &text);
	expect_discreet(&text);
	buf_release(&text);
}

static void the_languages_are_two(void **state)
{
	struct sms_blanks blanks = { .number = SPAN("") };
	struct buf zh = { 0 }, en = { 0 };

	(void)state;
	sms_reply_line(SPAN("zh-CN"), SMS_LINE_HELP, &blanks, &zh);
	sms_reply_line(SPAN("en"), SMS_LINE_HELP, &blanks, &en);
	assert_false(span_eq(buf_span(&zh), buf_span(&en)));
	sms_reply_line(SPAN("en"), SMS_LINE_NONE, &blanks, &zh);
	assert_true(sms_text_is_gsm(buf_span(&en)));
	buf_release(&zh);
	buf_release(&en);
}

static void what_waits_lives_from_the_morning_on(void **state)
{
	struct arena arena = { 0 };
	struct outbox_item item;
	struct buf sealed = { 0 };

	(void)state;
	sms_reply_seal(&key, SPAN("kannel"), SPAN("+8613800138000"), SPAN("text"), 1000, 50000000, &sealed);
	assert_true(outbox_item_open(&key, buf_span(&sealed), &arena, &item));
	assert_string_equal(item.sms.tip.text, "");
	assert_int_equal(item.sms.not_before_ms, 50000000);
	assert_int_equal(item.sms.expires_ms, 50000000 + 3600 * 1000);
	buf_release(&sealed);
	arena_release(&arena);
}

static void number_or_code(void **state)
{
	struct receipt_code code = a_code();
	struct buf text = { 0 };
	char shown[30];

	(void)state;
	sms_reply_write(SPAN("en"), &id, NULL, &text);
	assert_true(span_is(buf_span(&text), "Received. Number 7K3MQ2X9RD. Please delete this message."));
	buf_clear(&text);
	sms_reply_write(SPAN("zh-CN"), &id, NULL, &text);
	assert_true(span_is(buf_span(&text), "已收到，编号 7K3MQ2X9RD。请删除此短信。"));
	buf_clear(&text);
	receipt_show(&code, shown);
	sms_reply_write(SPAN("zh-CN"), &id, &code, &text);
	assert_true(span_find(buf_span(&text), span_of(shown)) < text.len);
	buf_release(&text);
}

static void the_intent_opens_with_the_courier_key_alone(void **state)
{
	struct sms_reply_policy policy = { .courier_key = &key };
	struct seal_key other = { .bytes = { 8 } };
	struct intake_request request = {
		.tip = { .lang = SPAN("zh-CN"), .received_ms = 1763748000000 },
		.reply_gateway = SPAN("kannel"),
		.reply_to = SPAN("+8613800138000"),
	};
	struct receipt_code code = a_code();
	struct arena arena = { 0 };
	struct outbox_item item;

	(void)state;
	struct span sealed = sms_reply_intent(&policy, &request, &id, &code, &arena);

	assert_false(outbox_item_open(&other, sealed, &arena, &item));
	assert_true(outbox_item_open(&key, sealed, &arena, &item));
	assert_int_equal(item.kind, OUTBOX_SMS);
	assert_true(span_is(item.sms.to, "+8613800138000"));
	assert_true(span_is(item.sms.gateway, "kannel"));
	assert_string_equal(item.sms.tip.text, id.text);
	assert_int_equal(item.sms.expires_ms, 1763748000000 + 3600 * 1000);
	assert_true(span_is(item.sms.text, "已收到，编号 7K3MQ2X9RD。请删除此短信。"));
	assert_int_equal(span_find(sealed, SPAN("13800138000")), sealed.len);
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_discreet_part),
		cmocka_unit_test(a_first_answer_with_the_code_is_discreet_too),
		cmocka_unit_test(the_languages_are_two),
		cmocka_unit_test(what_waits_lives_from_the_morning_on),
		cmocka_unit_test(number_or_code),
		cmocka_unit_test(the_intent_opens_with_the_courier_key_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
