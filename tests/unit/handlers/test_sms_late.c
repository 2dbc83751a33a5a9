/*
 * Words that are added to a tip from within: they are there once, with their
 * time, as the informant's; and who adds learns what became of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/loop/flow.h"
#include "handlers/intake/sms_late.h"
#include "tests/support/app_rig.h"

#define JSON "Content-Type: application/json\r\n"
#define AT_MS 1763748000000

static struct app_rig rig;
static struct sms_late words;

static int begin(void **state)
{
	struct rig_answer answer;

	(void)state;
	app_rig_open(&rig, NULL);
	answer = app_rig_ask(&rig, SITE_PUBLIC, "POST", "/api/v1/tips", JSON, SPAN("{\"text\":\"a van by the station\"}"));
	assert_int_equal(answer.status, 201);
	words = (struct sms_late){ .loop = rig.loop, .store = rig.app.store, .weeks = rig.app.weeks, .text = SPAN("it was white"), .at_ms = AT_MS };
	assert_int_equal(receipt_parse(rig_member(answer.body, "receipt"), &words.code), RECEIPT_FINE);
	assert_true(tip_id_parse(rig_member(answer.body, "id"), &words.id));
	return 0;
}

static int finish(void **state)
{
	(void)state;
	assert_int_equal(flow_count(rig.loop), 0);
	app_rig_close(&rig);
	return 0;
}

static int finish_all(void **state)
{
	(void)state;
	app_rig_done();
	return 0;
}

static void ended(void *ctx, enum sms_late_end end)
{
	*(int *)ctx = (int)end;
}

static int add(void)
{
	int end = -1;

	sms_late_add(&words, ended, &end);
	assert_int_equal(end, -1);
	for (int i = 0; i < 15000 && end < 0; i++)
		app_rig_run(&rig, 2);
	return end;
}

static size_t times(struct span text, const char *part)
{
	size_t n = 0;

	for (struct span rest = text; rig_has(rest, part); n++)
		rest = span_from_offset(rest, span_find(rest, span_of(part)) + 1);
	return n;
}

static struct span shown(void)
{
	char json[64] = "{\"receipt\":\"";

	memcpy(json + 12, words.code.digits, RECEIPT_DIGITS);
	memcpy(json + 12 + RECEIPT_DIGITS, "\"}", 3);
	return app_rig_ask(&rig, SITE_PUBLIC, "POST", "/api/v1/receipt", JSON, span_of(json)).body;
}

static void words_are_added_once(void **state)
{
	(void)state;
	assert_int_equal(add(), SMS_LATE_ADDED);
	assert_int_equal(add(), SMS_LATE_ADDED);
	assert_int_equal(times(shown(), "it was white"), 1);
	assert_true(rig_has(shown(), "\"from\":\"informant\",\"at\":\"2025-11-21T18:00:00"));
	/* The same words of another moment are others. */
	words.at_ms += 1000;
	assert_int_equal(add(), SMS_LATE_ADDED);
	assert_int_equal(times(shown(), "it was white"), 2);
}

static void a_change_whose_answer_got_lost_is_not_made_twice(void **state)
{
	(void)state;
	rig.store->trouble = TROUBLE_MUTE;
	rig.store->trouble_of = STORE_CHANGE;
	assert_int_equal(add(), SMS_LATE_AGAIN);
	rig.store->trouble = TROUBLE_NONE;
	assert_int_equal(add(), SMS_LATE_ADDED);
	assert_int_equal(times(shown(), "it was white"), 1);
}

static void without_the_store_it_is_asked_again(void **state)
{
	(void)state;
	rig.store->base.up = false;
	assert_int_equal(add(), SMS_LATE_AGAIN);
	rig.store->base.up = true;
	assert_int_equal(times(shown(), "it was white"), 0);
}

static void two_at_once_are_both_there(void **state)
{
	int first = -1, second = -1;

	(void)state;
	sms_late_add(&words, ended, &first);
	words.text = SPAN("it drove north");
	sms_late_add(&words, ended, &second);
	for (int i = 0; i < 15000 && (first < 0 || second < 0); i++)
		app_rig_run(&rig, 2);
	assert_int_equal(first, SMS_LATE_ADDED);
	assert_int_equal(second, SMS_LATE_ADDED);
	assert_int_equal(times(shown(), "it was white"), 1);
	assert_int_equal(times(shown(), "it drove north"), 1);
}

static void strangers_add_nothing(void **state)
{
	const unsigned char random[16] = { 9 };
	struct receipt_code code = words.code;

	(void)state;
	receipt_make("15", random, &words.code);
	assert_int_equal(add(), SMS_LATE_REFUSED);
	words.code = code;
	assert_true(tip_id_parse(SPAN("15-0000000000"), &words.id));
	assert_int_equal(add(), SMS_LATE_REFUSED);
	assert_int_equal(times(shown(), "it was white"), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(words_are_added_once),
		TEST(a_change_whose_answer_got_lost_is_not_made_twice),
		TEST(without_the_store_it_is_asked_again),
		TEST(two_at_once_are_both_there),
		TEST(strangers_add_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, finish_all);
}
