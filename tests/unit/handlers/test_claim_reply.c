/*
 * Answers about a receipt code: one part each, and discreet.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "daemon/core/sms/split.h"
#include "handlers/reward/claim_reply.h"

#include <ctype.h>

#define DEADLINE_MS INT64_C(1798732800000)   /* 2027-01-01 in China */

static struct buf text;

static struct span answer(bool chinese, const struct claim_reply *reply)
{
	buf_clear(&text);
	claim_reply_write(chinese, reply, &text);
	return buf_span(&text);
}

static void expect_discreet(struct span said)
{
	static const char *const words[] = { "举报", "奖",    "警",	  "公安",   "线索", "拐卖", "元",	 "tip",	 "police", "reward",
					     "crime", "report", "http", "www", "bureau", "://", "clue", ".cn", "yuan" };
	struct buf lower = { 0 };

	assert_true(sms_text_is_single(said));
	for (size_t i = 0; i < said.len; i++)
		buf_add_byte(&lower, tolower((unsigned char)said.at[i]));
	for (size_t i = 0; i < COUNT_OF(words); i++)
		assert_int_equal(span_find(buf_span(&lower), span_of(words[i])), lower.len);
	buf_release(&lower);
}

static void every_answer_is_one_discreet_part(void **state)
{
	(void)state;
	for (int word = 0; word < CLAIM_WORDS; word++)
		for (int more = 0; more < 8; more++) {
			struct claim_reply reply = { .word = (enum claim_word)word, .by_page = (more & 1) != 0,
						     .panel = (more & 2) != 0, .deadline_ms = DEADLINE_MS };

			if ((more & 4) != 0)
				reply.voucher = SPAN("012345678901");
			expect_discreet(answer(true, &reply));
			expect_discreet(answer(false, &reply));
		}
	buf_release(&text);
}

static void day_and_number_stand_in_it(void **state)
{
	struct claim_reply open = { .word = CLAIM_OPEN, .deadline_ms = DEADLINE_MS };
	struct claim_reply ready = { .word = CLAIM_MOVING, .voucher = SPAN("012345678901") };

	(void)state;
	assert_true(span_is(answer(true, &open), "可以办理，截止2027-01-01。如要办理，请再次发送号码并加上“领取”。请删除此短信。"));
	assert_true(span_is(answer(false, &ready), "Ready. Slip 012345678901. The word for it is on the page, with the number. "
						   "Please delete this message."));
	buf_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_answer_is_one_discreet_part),
		cmocka_unit_test(day_and_number_stand_in_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
