/*
 * What is remembered of a telephone: as bytes, whose it is, and how it changes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "handlers/intake/sms_memory.h"

#include <stdio.h>

#define DAY INT64_C(86400000)
static const unsigned char way[SMS_WAY_BYTES] = { 1, 2, 3, 4 };

#define NOW (INT64_C(20000) * DAY)

static const struct seal_key key = { .bytes = { 5 } }, other_key = { .bytes = { 6 } };
static const struct span alice = SPAN_INIT("+8613800138000"), bob = SPAN_INIT("+8613800138001");
static struct arena arena;

static struct receipt_code code_of(unsigned n)
{
	unsigned char random[16] = { 1, 2, 3, (unsigned char)n };
	struct receipt_code code;

	receipt_make("15", random, &code);
	return code;
}

static struct tip_id id_of(unsigned n)
{
	struct tip_id id;

	snprintf(id.text, sizeof(id.text), "15-7K3MQ2X9%02u", n % 100);
	return id;
}

static bool add(struct sms_memory *memory, unsigned n)
{
	struct receipt_code code = code_of(n);
	struct tip_id id = id_of(n);

	return sms_memory_add(memory, &id, NOW + n, &code, way);
}

static struct sms_memory full(void)
{
	struct sms_memory memory = { .stopped = true, .wished_ms = NOW, .lang = "zh-CN", .day = 20000, .answers = 3, .waits_until_ms = NOW };
	unsigned char mark[16] = { 0 };

	for (unsigned i = 0; i < 9; i++) {
		mark[0] = (unsigned char)i;
		assert_true(add(&memory, i));
		sms_memory_hear(&memory, mark, NOW + i * 1000);
	}
	return memory;
}

static void it_comes_back_as_it_was(void **unused)
{
	struct sms_memory memories[] = { { .stopped = false }, full() }, back;

	(void)unused;
	for (size_t i = 0; i < 2; i++) {
		struct buf sealed = { 0 };

		sms_memory_seal(&key, alice, &memories[i], &sealed);
		assert_true(sms_memory_open(&key, alice, buf_span(&sealed), &arena, &back));
		assert_memory_equal(&back, &memories[i], sizeof(back));
		assert_false(sms_memory_open(&key, bob, buf_span(&sealed), &arena, &back));
		assert_int_equal(back.ntips, 0);
		assert_false(sms_memory_open(&other_key, alice, buf_span(&sealed), &arena, &back));
		for (size_t at = 0; at < sealed.len; at += 7) {
			sealed.at[at] = (char)(sealed.at[at] ^ 1);
			assert_false(sms_memory_open(&key, alice, buf_span(&sealed), &arena, &back));
			sealed.at[at] = (char)(sealed.at[at] ^ 1);
		}
		buf_release(&sealed);
	}
}

/* Neither the number nor a tip's id nor a code can be read, and the length tells nothing. */
static void the_store_learns_nothing(void **unused)
{
	struct sms_memory empty = { .stopped = false }, some = full();
	struct buf a = { 0 }, b = { 0 };
	unsigned char mark[16], again[16];
	struct tip_id id = id_of(8);

	(void)unused;
	sms_memory_seal(&key, alice, &empty, &a);
	sms_memory_seal(&key, alice, &some, &b);
	assert_int_equal(a.len, b.len);
	assert_int_equal(span_find(buf_span(&b), span_of(id.text)), b.len);
	sms_memory_mark(&key, alice, mark);
	sms_memory_mark(&key, bob, again);
	assert_memory_not_equal(mark, again, sizeof(mark));
	sms_code_mark(&key, alice, &id, again);
	assert_memory_not_equal(mark, again, sizeof(mark));
	buf_release(&a);
	buf_release(&b);
}

static void a_code_is_for_its_sender_alone(void **unused)
{
	struct receipt_code code = code_of(1), back;
	struct tip_id id = id_of(1), moved = id;
	unsigned char mark[16], again[16];
	struct buf sealed = { 0 };

	(void)unused;
	sms_code_seal(&key, alice, &code, &sealed);
	assert_true(sms_code_open(&key, alice, buf_span(&sealed), &arena, &back));
	assert_string_equal(back.digits, code.digits);
	assert_false(sms_code_open(&key, bob, buf_span(&sealed), &arena, &back));
	memcpy(moved.text, "33", 2);
	sms_code_mark(&key, alice, &id, mark);
	sms_code_mark(&key, alice, &moved, again);
	assert_memory_equal(mark, again, sizeof(mark));
	buf_release(&sealed);
}

static const char *led_to(const struct sms_memory *memory, const char *number, bool sure)
{
	struct sms_words words = { .number_sure = sure };
	const struct sms_own_tip *tip;

	snprintf(words.number, sizeof(words.number), "%s", number);
	tip = sms_memory_tip(memory, &words, way);
	return tip != NULL ? tip->id.text : "none";
}

static void the_latest_tips_are_kept(void **unused)
{
	struct sms_memory memory = full();

	(void)unused;
	assert_int_equal(memory.ntips, SMS_TIPS_KEPT);
	assert_string_equal(led_to(&memory, "", false), "15-7K3MQ2X908");
	assert_string_equal(led_to(&memory, "7K3MQ2X904", true), "15-7K3MQ2X904");
	assert_string_equal(led_to(&memory, "7K3MQ2X903", true), "none");
	assert_string_equal(led_to(&memory, "EVERYTHQNG", false), "15-7K3MQ2X908");
	assert_false(add(&memory, 5));
	assert_string_equal(memory.tips[0].id.text, "15-7K3MQ2X908");
	sms_memory_forget(&memory, NOW + 7);
	assert_int_equal(memory.ntips, 2);
	sms_memory_forget(&memory, NOW + 100);
	assert_string_equal(led_to(&memory, "", false), "none");
}

static void messages_are_heard_once(void **unused)
{
	struct sms_memory memory = full();
	unsigned char mark[16] = { 8 };

	(void)unused;
	assert_int_equal(sms_memory_heard(&memory, mark)->at_ms, NOW + 8000);
	mark[0] = 2;
	assert_null(sms_memory_heard(&memory, mark));
	mark[0] = 3;
	assert_int_equal(sms_memory_heard(&memory, mark)->at_ms, NOW + 3000);
	/* Again: it is the latest now, and no other is forgotten for it. */
	mark[0] = 5;
	sms_memory_hear(&memory, mark, NOW + 99999);
	assert_int_equal(sms_memory_heard(&memory, mark)->at_ms, NOW + 99000);
	assert_ptr_equal(sms_memory_heard(&memory, mark), &memory.heard[0]);
	assert_int_equal(memory.nheard, SMS_HEARD_KEPT);
	for (mark[0] = 3; mark[0] <= 8; mark[0]++)
		assert_non_null(sms_memory_heard(&memory, mark));
}

static void answers_are_few(void **unused)
{
	struct sms_memory memory = { .stopped = false };

	(void)unused;
	for (int i = 0; i < 3; i++) {
		assert_true(sms_memory_may_answer(&memory, NOW, NOW, 3));
		sms_memory_answered(&memory, NOW, NOW);
	}
	assert_false(sms_memory_may_answer(&memory, NOW + DAY - 1, NOW, 3));
	assert_true(sms_memory_may_answer(&memory, NOW + DAY, NOW, 3));
	sms_memory_answered(&memory, NOW + DAY, NOW + DAY + 1000);
	assert_false(sms_memory_may_answer(&memory, NOW + DAY + 1, NOW + DAY + 1000, 3));
	assert_true(sms_memory_may_answer(&memory, NOW + DAY + 1000, NOW + DAY + 1000, 3));
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
		cmocka_unit_test(it_comes_back_as_it_was),	 cmocka_unit_test(the_store_learns_nothing),
		cmocka_unit_test(a_code_is_for_its_sender_alone), cmocka_unit_test(the_latest_tips_are_kept),
		cmocka_unit_test(messages_are_heard_once),	 cmocka_unit_test(answers_are_few),
	};

	return cmocka_run_group_tests(tests, NULL, release);
}
