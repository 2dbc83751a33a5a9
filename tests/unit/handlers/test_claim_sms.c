/*
 * Claims by SMS on the real book: equal answers for what leads to nothing, one
 * claim and one answer for a message however often it comes, and counters that
 * nobody can turn against the owner of a code.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/sys/keys.h"
#include "handlers/limits.h"
#include "handlers/notify/outbox_item.h"
#include "handlers/reward/claim_sms.h"
#include "tests/support/money_rig.h"

static struct money_rig m;
static uint64_t fence;

static int begin(void **state)
{
	(void)state;
	money_rig_open(&m, NULL);
	return 0;
}

static int begin_limited(void **state)
{
	static const char *const sets[] = { "limits.enabled=true", NULL };

	(void)state;
	money_rig_open(&m, sets);
	return 0;
}

static int finish(void **state)
{
	(void)state;
	money_rig_close(&m);
	return 0;
}

/* --- a message ------------------------------------------------------------------------------ */

static enum sms_desk_end end;
static bool ended;

static void answered(void *who, enum sms_desk_end how)
{
	(void)who;
	end = how;
	ended = true;
}

static enum sms_desk_end send_as(const char *id, const char *text, const char *sender)
{
	struct sms_claim claim;
	struct sms_asked asked = { .claim = &claim, .text = span_of(text), .request = span_of(id), .gateway = SPAN("kannel"),
				   .sender = span_of(sender), .answer = true,
				   .received_ms = treasury_now_ms(m.app.app.treasury) };
	struct sms_desk desk = claim_sms_desk(&m.app.app);

	sms_claim_read(asked.text, &m.arena, &claim);
	assert_int_not_equal(claim.kind, SMS_CLAIM_NOT);
	ended = false;
	desk.ask(desk.ctx, &asked, answered, NULL);
	money_rig_until(&m, ended);
	return end;
}

static enum sms_desk_end say(const char *text)
{
	return send_as(money_rig_text(&m, "kannel:%u", ++m.nkeys), text, "+8613800138000");
}

/* --- what is in the outbox ---------------------------------------------------------------------- */

static struct store_reply got;
static bool there;

static void came(void *ctx, const struct store_reply *reply)
{
	(void)ctx;
	got = *reply;
	got.items = arena_array(&m.arena, struct store_item, reply->nitems + 1);
	for (size_t i = 0; i < reply->nitems; i++)
		got.items[i].payload = arena_dup(&m.arena, reply->items[i].payload);
	there = true;
}

static void ask_store(const struct store_request *request)
{
	there = false;
	store_submit(m.app.app.store, request, (struct store_wait){ .done = came });
	money_rig_until(&m, there);
}

/* The answers that are to be sent since the last call; the last one's text. */
static size_t said(struct span *text)
{
	struct store_request due = { .op = STORE_OUTBOX_DUE, .shard = "00", .job = "courier", .max = 100, .lease_ms = 4000000000u };
	struct outbox_item item;

	ask_store(&(struct store_request){ .op = STORE_JOB_LEASE, .shard = "00", .job = "courier", .holder = SPAN("test"),
					   .lease_ms = 1000 });
	fence = got.fence;
	due.fence = fence;
	ask_store(&due);
	for (size_t i = 0; i < got.nitems; i++) {
		assert_true(outbox_item_open(keys_courier(m.app.app.keys), got.items[i].payload, &m.arena, &item));
		assert_int_equal(item.kind, OUTBOX_SMS);
		assert_string_equal(item.sms.tip.text, "");
		*text = item.sms.text;
	}
	return got.nitems;
}

static struct span answer_to(const char *text)
{
	struct span words = { 0 };

	assert_int_equal(say(text), SMS_DESK_DONE);
	assert_int_equal(said(&words), 1);
	return words;
}

static const char *stranger(unsigned n)
{
	struct receipt_code code;
	unsigned char random[16] = { 4, 5, 6, (unsigned char)n };

	receipt_make("15", random, &code);
	return money_rig_text(&m, "%s", code.digits);
}

static const char *with(const char *word, const char *code)
{
	return money_rig_text(&m, "%s %s", word, code);
}

static uint64_t seq(void)
{
	return book_seq(treasury_book(m.app.app.treasury));
}

/* --- equal answers ------------------------------------------------------------------------------- */

static void what_leads_to_nothing_has_one_answer(void **state)
{
	struct rig_case undecided, proposed, rejected;
	const char *id;

	(void)state;
	money_rig_case(&m, &undecided);
	money_rig_proposed(&m, &proposed);
	id = money_rig_proposed(&m, &rejected);
	money_rig_call(&m, "proposer", "POST", money_rig_text(&m, "/api/v1/rewards/%s/withdraw", id), "{}", NULL);
	for (int wants = 0; wants < 2; wants++) {
		const char *word = wants ? "领取" : "查询";
		struct span first = answer_to(with(word, stranger(1)));
		uint64_t before = seq();

		assert_true(rig_has(first, "没有可办事项"));
		assert_true(span_eq(first, answer_to(with(word, stranger(1) + 1))));
		assert_true(span_eq(first, answer_to(with(word, undecided.code.digits))));
		assert_true(span_eq(first, answer_to(with(word, proposed.code.digits))));
		assert_true(span_eq(first, answer_to(with(word, rejected.code.digits))));
		assert_int_equal(seq(), before);
	}
}

static void where_money_is_off_a_code_is_kept_from_tips_all_the_same(void **state)
{
	struct treasury *treasury = m.app.app.treasury;
	struct span first = answer_to(with("领取", stranger(2)));

	(void)state;
	m.app.app.treasury = NULL;
	ended = false;
	{
		struct sms_claim claim;
		struct sms_asked asked = { .claim = &claim, .text = span_of(with("领取", stranger(2))), .request = SPAN("off"),
					   .gateway = SPAN("kannel"), .sender = SPAN("+8613800138000"), .answer = true };
		struct sms_desk desk = claim_sms_desk(&m.app.app);

		sms_claim_read(asked.text, &m.arena, &claim);
		desk.ask(desk.ctx, &asked, answered, NULL);
		money_rig_until(&m, ended);
	}
	m.app.app.treasury = treasury;
	assert_true(ended && end == SMS_DESK_DONE);
	{
		struct span words = { 0 };

		assert_int_equal(said(&words), 1);
		assert_true(span_eq(first, words));
	}
}

/* --- a claim --------------------------------------------------------------------------------------- */

static void a_claim_is_made_once_however_often_the_message_comes(void **state)
{
	struct rig_case about;
	const char *id = money_rig_claimable(&m, &about), *text = with("领取", about.code.digits);
	struct span words = { 0 };
	uint64_t before;

	(void)state;
	assert_true(rig_has(answer_to(with("查询", about.code.digits)), "可以办理"));
	assert_int_equal(money_rig_reward(&m, id)->state, REWARD_CLAIMABLE);
	assert_int_equal(send_as("kannel:once", text, "+8613800138000"), SMS_DESK_DONE);
	assert_int_equal(money_rig_reward(&m, id)->state, REWARD_CLAIMED);
	assert_string_equal(money_rig_reward(&m, id)->rail, "voucher");
	before = seq();
	for (int i = 0; i < 3; i++)
		assert_int_equal(send_as("kannel:once", text, "+8613800138000"), SMS_DESK_SILENT);
	assert_int_equal(said(&words), 1);
	assert_true(rig_has(words, "正在办理"));
	assert_int_equal(seq(), before);
	/* Another message with the same wish finds it claimed. */
	assert_true(rig_has(answer_to(text), "正在办理"));
	assert_int_equal(seq(), before);
}

static void nobody_sees_the_code_afterwards(void **state)
{
	struct rig_case about;
	struct rig_answer journal;

	(void)state;
	money_rig_claimable(&m, &about);
	answer_to(with("领取", about.code.digits));
	journal = money_rig_call(&m, "auditor", "GET", "/api/v1/money/journal?max=500", "", "");
	assert_true(rig_has(journal.body, "\\\"proof\\\":\\\"sms\\\"") || rig_has(journal.body, "\"proof\":\"sms\""));
	assert_false(rig_has(journal.body, about.code.digits));
	assert_false(rig_has(journal.body, "13800138000"));
}

static void when_the_store_is_away_it_has_to_come_again(void **state)
{
	struct rig_case about;
	const char *id = money_rig_claimable(&m, &about), *text = with("领取", about.code.digits);
	struct span words = { 0 };

	(void)state;
	m.app.store->base.up = false;
	assert_int_equal(send_as("kannel:away", text, "+8613800138000"), SMS_DESK_AGAIN);
	assert_int_equal(money_rig_reward(&m, id)->state, REWARD_CLAIMABLE);
	m.app.store->base.up = true;
	money_rig_days(&m, 1);
	assert_int_equal(send_as("kannel:away", text, "+8613800138000"), SMS_DESK_DONE);
	assert_int_equal(said(&words), 1);
	assert_int_equal(money_rig_reward(&m, id)->state, REWARD_CLAIMED);
}

/* --- limits -------------------------------------------------------------------------------------------- */

static void wrong_codes_fall_silent_and_the_right_one_is_answered(void **state)
{
	struct rig_case about;
	unsigned silent = 0;
	struct span words = { 0 };

	(void)state;
	money_rig_claimable(&m, &about);
	for (unsigned i = 0; i < 20; i++)
		silent += say(with("领取", stranger(100 + i))) == SMS_DESK_SILENT;
	assert_true(silent > 5);
	said(&words);
	/* From the same telephone, under the same flood. */
	assert_true(rig_has(answer_to(with("领取", about.code.digits)), "正在办理"));
}

/* One code is counted alike by SMS and by web: together they have five free tries. */
static void the_counters_are_those_of_the_web(void **state)
{
	const struct limit_rule plenty[LIMIT_KINDS] = { [LIMIT_CLAIMS] = { 1000, 1000 }, [LIMIT_CLAIMS_ALL] = { 1000, 1000 } };
	const char *code = stranger(90), *json = money_rig_text(&m, "{\"receipt\":\"%s\"}", code);

	(void)state;
	limits_free(m.app.app.limits);
	m.app.app.limits = limits_new(plenty, true);
	for (int i = 0; i < 3; i++)
		assert_int_equal(app_rig_ask(&m.app, SITE_PUBLIC, "POST", "/api/v1/claims", NULL, span_of(json)).status, 200);
	assert_int_equal(say(with("查询", code)), SMS_DESK_DONE);
	assert_int_equal(say(with("查询", code)), SMS_DESK_DONE);
	assert_int_equal(say(with("查询", code)), SMS_DESK_SILENT);
	assert_int_equal(app_rig_ask(&m.app, SITE_PUBLIC, "POST", "/api/v1/claims", NULL, span_of(json)).status, 429);
}

#define TEST(f) cmocka_unit_test(f)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_leads_to_nothing_has_one_answer),
		TEST(where_money_is_off_a_code_is_kept_from_tips_all_the_same),
		TEST(a_claim_is_made_once_however_often_the_message_comes),
		TEST(nobody_sees_the_code_afterwards),
		TEST(when_the_store_is_away_it_has_to_come_again),
	};
	const struct CMUnitTest limited[] = {
		TEST(wrong_codes_fall_silent_and_the_right_one_is_answered),
		TEST(the_counters_are_those_of_the_web),
	};
	int failed = cmocka_run_group_tests(tests, begin, finish);

	failed += cmocka_run_group_tests(limited, begin_limited, finish);
	app_rig_done();
	return failed;
}
