/*
 * SMS in, with the store in memory and an intake that keeps what it gets:
 * what the gateway is told, what becomes a tip, who gets an answer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "daemon/loop/loop.h"
#include "daemon/store/store.h"
#include "handlers/intake/intake.h"
#include "handlers/intake/sms.h"
#include "tests/support/http_sample.h"

#include <stdio.h>
#include <stdlib.h>

#define TIPS_MAX 300
#define PERIOD_MS 1000
#define TIMEOUT_S 600

static const struct seal_key key = { .bytes = { 1 } }, marks = { .bytes = { 2 } };
static const struct gateway_config gateways[] = {
	{ .name = "kannel", .driver = "kannel", .secret = "s3cret", .send_url = "http://127.0.0.1:1/", .home = "86",
	  .sender = "+8613900000000" },
	{ .name = "mute", .driver = "kannel", .home = "86" },
	{ .name = "other", .driver = "no such driver" },
};

struct taken {
	char id[160], text[1000], sender[40], reply_to[40], lang[8];
};

static struct world {
	struct loop *loop;
	struct store *store;
	struct sms *sms;
	int64_t wall_ms;
	struct taken tips[TIPS_MAX];     /* one for each request id and text */
	size_t ntips, submitted;
	enum intake_verdict refuse_with; /* INTAKE_ACCEPTED: takes all */
	int statuses[TIPS_MAX];
	size_t nstatuses;
	struct arena arena;
} *w;

static int64_t wall(void)
{
	return w->wall_ms;
}

/* --- the intake's double --------------------------------------------------------------- */

struct submission {
	const struct intake_request *request;
	void (*done)(void *ctx, const struct intake_result *result);
	void *ctx;
};

static void copy(char *to, size_t size, struct span from)
{
	assert_true(from.len < size);
	if (from.len > 0)
		memcpy(to, from.at, from.len);
	to[from.len] = '\0';
}

/* Another tip each, as every request id makes it. */
static struct tip_id id_of(size_t i)
{
	struct tip_id id;

	snprintf(id.text, sizeof(id.text), "15-7K3MQ2%04zu", i % 10000);
	return id;
}

static enum intake_verdict judge(const struct intake_request *request, struct tip_id *id)
{
	struct taken *tip = &w->tips[w->ntips];

	if (w->refuse_with != INTAKE_ACCEPTED)
		return w->refuse_with;
	for (size_t i = 0; i < w->ntips; i++)
		if (span_is(request->request_id, w->tips[i].id)) {
			*id = id_of(i);
			return span_is(request->tip.text, w->tips[i].text) ? INTAKE_REPEATED : INTAKE_MISMATCH;
		}
	assert_true(w->ntips < TIPS_MAX);
	*id = id_of(w->ntips++);
	copy(tip->id, sizeof(tip->id), request->request_id);
	copy(tip->text, sizeof(tip->text), request->tip.text);
	copy(tip->sender, sizeof(tip->sender), request->tip.sender);
	copy(tip->lang, sizeof(tip->lang), request->tip.lang);
	copy(tip->reply_to, sizeof(tip->reply_to), request->reply_to);
	assert_int_equal(request->tip.channel, TIP_BY_SMS);
	assert_true(request->request_id.len > 0 && request->tip.gateway.len > 0);
	return INTAKE_ACCEPTED;
}

static void decide(void *ctx)
{
	struct submission *s = ctx;
	struct intake_result result = { .field = "text", .fault = "too_long" };
	unsigned char random[16] = { 0 };

	result.verdict = judge(s->request, &result.id);
	memcpy(random, result.id.text, TIP_ID_LEN);
	receipt_make("15", random, &result.receipt);

	s->done(s->ctx, &result);
	free(s);
}

void intake_submit(struct intake *intake, const struct intake_request *request,
		   void (*done)(void *ctx, const struct intake_result *result), void *ctx)
{
	struct submission *s = malloc(sizeof(*s));

	(void)intake;
	w->submitted++;
	*s = (struct submission){ .request = request, .done = done, .ctx = ctx };
	loop_post(w->loop, decide, s);
}

/* Nothing of these tests is added to a tip. */
void intake_name(const struct intake *intake, const struct intake_request *request, struct store_named *out)
{
	(void)intake;
	(void)request;
	(void)out;
	fail_msg("no text is for a tip that is there");
}

/* --- the world -------------------------------------------------------------------------- */

/* Nothing of these tests asks about a code. */
static void ask_nobody(void *ctx, const struct sms_asked *asked, void (*done)(void *who, enum sms_desk_end end), void *who)
{
	(void)ctx;
	(void)asked;
	(void)done;
	(void)who;
	fail_msg("no text is for the desk");
}

static void start_sms(void)
{
	struct sms_env env = {
		.desk = { .ask = ask_nobody },
		.loop = w->loop,
		.store = w->store,
		.courier_key = &key,
		.requests_key = &marks,
		.gateways = gateways,
		.ngateways = COUNT_OF(gateways),
		.policy = { .answers = true },
		.parts_timeout_s = TIMEOUT_S,
		.wall_ms = wall,
	};

	w->sms = sms_new(&env);
}

static int set_up(void **state)
{
	(void)state;
	w = calloc(1, sizeof(*w));
	w->loop = loop_new();
	w->store = store_memory_new(w->loop);
	w->wall_ms = 1763748000000;
	start_sms();
	return 0;
}

static void stop(void *ctx)
{
	loop_stop(ctx);
}

static void run_ms(unsigned ms)
{
	loop_after(w->loop, ms, stop, w->loop);
	loop_run(w->loop);
}

static int tear_down(void **state)
{
	(void)state;
	sms_free(w->sms);
	run_ms(1);
	store_free(w->store);
	loop_free(w->loop);
	arena_release(&w->arena);
	free(w);
	return 0;
}

static void replied(void *ctx, const struct http_reply *reply)
{
	int *status = ctx;

	assert_int_equal(*status, 0);
	assert_int_equal(reply->body.len, 0);
	*status = reply->status;
}

/* Hands a request over without waiting; its status comes into the list. */
static void hand_over(struct span bytes)
{
	struct http_request *request = arena_new(&w->arena, struct http_request);

	assert_true(http_sample_parse(bytes, request));
	assert_true(w->nstatuses < TIPS_MAX);
	sms_take(w->sms, request, replied, &w->statuses[w->nstatuses++]);
}

static int answer_to(struct span bytes)
{
	hand_over(bytes);
	for (int i = 0; i < 15000 && w->statuses[w->nstatuses - 1] == 0; i++)
		run_ms(2);
	return w->statuses[w->nstatuses - 1];
}

static struct span get(const char *gateway, const char *query)
{
	return span_of(arena_printf(&w->arena, "GET /sms/%s?token=s3cret&%s HTTP/1.1\r\nHost: a\r\n\r\n", gateway, query));
}

static struct span sample(const char *name)
{
	struct span bytes = http_sample_read(arena_printf(&w->arena, "tests/fuzz/corpus/kannel/%s.http", name), &w->arena);

	assert_non_null(bytes.at);
	return bytes;
}

/* One part in GSM text: sender, reference, total, number, words. */
static struct span part(const char *sender, unsigned reference, unsigned total, unsigned number, const char *words)
{
	static unsigned id;

	return get("kannel", arena_printf(&w->arena,
					  "id=p%u&from=%s&to=106900&coding=0&charset=UTF-8&udh=%%05%%00%%03%%%02x%%%02x%%%02x&bin=%s",
					  ++id, sender, reference, total, number, words));
}

#define ALICE "%2B8613800138000"
#define BOB "%2B8613800138001"

/* --- whole texts -------------------------------------------------------------------------- */

static void a_text_becomes_a_tip(void **state)
{
	(void)state;
	assert_int_equal(answer_to(sample("post_ucs2")), 200);
	assert_int_equal(w->ntips, 1);
	assert_string_equal(w->tips[0].text, "举报 😀 ok");
	assert_string_equal(w->tips[0].sender, "+8613800138000");
	assert_string_equal(w->tips[0].reply_to, "+8613800138000");
	assert_string_equal(w->tips[0].lang, "zh-CN");
	assert_memory_equal(w->tips[0].id, "kannel:", 7);
}

/* Officers read tips: a code that somebody tells among other things is not in them. */
static void a_code_within_a_tip_is_crossed_out(void **state)
{
	static const unsigned char random[16] = { 9, 8, 7, 6, 5 };
	struct receipt_code code;
	const char *text;

	(void)state;
	receipt_make("15", random, &code);
	text = arena_printf(&w->arena, "He+wrote+%s+on+a+note", code.digits);
	assert_int_equal(answer_to(get("kannel", arena_printf(&w->arena, "id=c1&from=%s&to=106900&coding=0&charset=UTF-8&text=%s",
							      ALICE, text))), 200);
	assert_int_equal(answer_to(part(ALICE, 7, 2, 1, arena_printf(&w->arena, "He+wrote+%.12s", code.digits))), 200);
	assert_int_equal(answer_to(part(ALICE, 7, 2, 2, arena_printf(&w->arena, "%s+on+a+note", code.digits + 12))), 200);
	run_ms(10);
	assert_int_equal(w->ntips, 2);
	for (int i = 0; i < 2; i++) {
		assert_memory_equal(w->tips[i].text, "He wrote ×", 11);
		assert_non_null(strstr(w->tips[i].text, "× on a note"));
		assert_null(strpbrk(w->tips[i].text, "0123456789"));
	}
}

/* Hard case: the same message five times at once is five times 200 and one tip. */
static void repetitions_are_one_tip(void **state)
{
	(void)state;
	for (int i = 0; i < 5; i++)
		hand_over(sample("get_text"));
	run_ms(20);
	for (int i = 0; i < 5; i++)
		assert_int_equal(w->statuses[i], 200);
	assert_int_equal(w->ntips, 1);
}

static void without_an_id_the_octets_tell(void **state)
{
	(void)state;
	assert_int_equal(answer_to(get("kannel", "from=" ALICE "&to=1&bin=same")), 200);
	assert_int_equal(answer_to(get("kannel", "from=" ALICE "&to=1&bin=same")), 200);
	assert_int_equal(w->ntips, 1);
	assert_int_equal(answer_to(get("kannel", "from=" BOB "&to=1&bin=same")), 200);
	assert_int_equal(answer_to(get("kannel", "from=" ALICE "&to=1&bin=other")), 200);
	assert_int_equal(w->ntips, 3);
	w->wall_ms += 61000;
	assert_int_equal(answer_to(get("kannel", "from=" ALICE "&to=1&bin=same")), 200);
	assert_int_equal(w->ntips, 4);
}

/* A gateway that gives one id to two texts loses neither. */
static void one_id_for_two_texts(void **state)
{
	(void)state;
	for (int round = 0; round < 2; round++) {
		assert_int_equal(answer_to(get("kannel", "id=1&from=" ALICE "&to=1&bin=one")), 200);
		assert_int_equal(answer_to(get("kannel", "id=1&from=" ALICE "&to=1&bin=two")), 200);
		assert_int_equal(w->ntips, 2);
	}
}

static void the_gateway_hears_how_it_ended(void **state)
{
	(void)state;
	assert_int_equal(answer_to(SPAN("GET /sms/kannel?bin=a HTTP/1.1\r\n\r\n")), 403);
	assert_int_equal(answer_to(get("nobody", "bin=a")), 404);
	assert_int_equal(answer_to(get("other", "bin=a")), 503);
	assert_int_equal(answer_to(get("kannel/else", "bin=a")), 404);
	assert_int_equal(answer_to(get("kannel", "from=1")), 400);
	w->refuse_with = INTAKE_BUSY;
	assert_int_equal(answer_to(sample("get_text")), 503);
	w->refuse_with = INTAKE_INVALID;
	assert_int_equal(answer_to(sample("get_text")), 400);
	assert_int_equal(w->ntips, 0);
	w->refuse_with = INTAKE_ACCEPTED;
	assert_int_equal(answer_to(sample("get_text")), 200);
	assert_int_equal(answer_to(get("kannel/mo", "id=2&from=1&bin=a")), 200);
	assert_int_equal(w->ntips, 2);
	assert_int_equal(sms_figures(w->sms)->again, 1);
	assert_int_equal(sms_figures(w->sms)->forbidden, 1);
}

static void receipts_and_data_are_no_tips(void **state)
{
	(void)state;
	assert_int_equal(answer_to(sample("get_receipt_delivered")), 200);
	assert_int_equal(answer_to(sample("get_receipt_accepted")), 200);
	assert_int_equal(answer_to(sample("post_wap_push")), 200);
	assert_int_equal(answer_to(sample("get_data")), 200);
	assert_int_equal(w->ntips, 0);
	assert_int_equal(sms_figures(w->sms)->receipts[SMS_DELIVERED], 1);
	assert_int_equal(sms_figures(w->sms)->receipts[SMS_BUFFERED], 1);
	assert_int_equal(sms_figures(w->sms)->ignored, 2);
}

/* --- who gets an answer ------------------------------------------------------------------------ */

static const char *reply_of(const char *gateway, const char *from, unsigned n)
{
	size_t before = w->ntips;

	assert_int_equal(answer_to(get(gateway, arena_printf(&w->arena, "id=%s%u&from=%s&to=1&bin=words%u", from, n, from, n))),
			 200);
	assert_int_equal(w->ntips, before + 1);
	return w->tips[before].reply_to;
}

static void only_people_get_answers(void **state)
{
	(void)state;
	assert_string_equal(reply_of("kannel", "13800138000", 1), "+8613800138000");
	assert_string_equal(reply_of("kannel", "10086", 1), "");
	assert_string_equal(reply_of("kannel", "TAXI", 1), "");
	assert_string_equal(reply_of("kannel", "", 1), "");
	assert_string_equal(reply_of("kannel", "%2B12025550123", 1), "");
	assert_string_equal(reply_of("kannel", "%2B8613900000000", 1), "");
	assert_string_equal(reply_of("mute", "13800138000", 2), "");
}

static void a_robot_gets_five(void **state)
{
	unsigned answers = 0;

	(void)state;
	for (unsigned i = 0; i < 30; i++)
		answers += reply_of("kannel", "13800138000", i)[0] != '\0';
	assert_int_equal(answers, 5);
	assert_string_equal(reply_of("kannel", "13800138001", 0), "+8613800138001");
}

static void repetitions_cost_no_answer(void **state)
{
	(void)state;
	for (int i = 0; i < 20; i++)
		assert_int_equal(answer_to(sample("get_text")), 200);
	w->refuse_with = INTAKE_BUSY;
	for (int i = 0; i < 20; i++)
		assert_int_equal(answer_to(sample("get_ucs2")), 503);
	w->refuse_with = INTAKE_ACCEPTED;
	for (unsigned i = 0; i < 4; i++)
		assert_string_equal(reply_of("kannel", "13800138000", i), "+8613800138000");
	assert_string_equal(reply_of("kannel", "13800138000", 9), "");
}

static void after_stop_tips_are_taken_without_answers(void **state)
{
	(void)state;
	assert_int_equal(answer_to(get("kannel", "id=1&from=13800138000&to=1&bin=+stop+")), 200);
	assert_int_equal(w->ntips, 0);
	assert_string_equal(reply_of("kannel", "13800138000", 1), "");
	assert_int_equal(answer_to(get("kannel", "id=2&from=13800138000&to=1&bin=don't+stop")), 200);
	assert_int_equal(w->ntips, 2);
	assert_int_equal(sms_figures(w->sms)->heard[SMS_AS_STOP], 1);
}

/* --- parts ---------------------------------------------------------------------------------------- */

static void real_parts_in_any_order(void **state)
{
	(void)state;
	assert_int_equal(answer_to(sample("post_smpp_ucs2_part_2")), 200);
	assert_int_equal(answer_to(sample("post_smpp_ucs2_part_2")), 200);
	assert_int_equal(w->ntips, 0);
	assert_int_equal(answer_to(sample("post_smpp_ucs2_part_1")), 200);
	run_ms(10);
	assert_int_equal(w->ntips, 1);
	assert_non_null(strstr(w->tips[0].text, "穿红😀色外套"));
	assert_memory_equal(w->tips[0].text, "内蒙古鄂尔多斯", 21);
	assert_string_equal(w->tips[0].reply_to, "+8613800138000");
	/* All of it again: known. */
	assert_int_equal(answer_to(sample("post_smpp_ucs2_part_1")), 200);
	assert_int_equal(answer_to(sample("post_smpp_ucs2_part_2")), 200);
	run_ms(10);
	assert_int_equal(w->ntips, 1);
}

/* Hard case 5: two senders, one reference. */
static void two_senders_with_one_reference(void **state)
{
	(void)state;
	answer_to(part(ALICE, 7, 2, 1, "A1"));
	answer_to(part(BOB, 7, 2, 2, "B2"));
	answer_to(part(BOB, 7, 2, 1, "B1"));
	answer_to(part(ALICE, 7, 2, 2, "A2"));
	run_ms(10);
	assert_int_equal(w->ntips, 2);
	assert_string_equal(w->tips[0].text, "B1B2");
	assert_string_equal(w->tips[1].text, "A1A2");
}

static bool has_tip(const char *text)
{
	for (size_t i = 0; i < w->ntips; i++)
		if (strcmp(w->tips[i].text, text) == 0)
			return true;
	return false;
}

/* Long after: the store's clock and the daemon's timer find what is due. */
static void let_groups_time_out(void)
{
	store_memory_advance(w->store, (TIMEOUT_S + 60) * 1000);
	run_ms(PERIOD_MS + 200);
}

/* Hard case 6: one sender uses a reference again before the first message is whole. */
static void a_reference_is_used_again(void **state)
{
	(void)state;
	answer_to(part(ALICE, 7, 3, 1, "A1"));
	answer_to(part(ALICE, 7, 3, 1, "N1"));
	answer_to(part(ALICE, 7, 3, 2, "N2"));
	answer_to(part(ALICE, 7, 3, 3, "N3"));
	run_ms(10);
	assert_int_equal(w->ntips, 1);
	assert_string_equal(w->tips[0].text, "N1N2N3");
	answer_to(part(ALICE, 7, 3, 2, "M2"));
	answer_to(part(ALICE, 7, 3, 1, "M1"));
	answer_to(part(ALICE, 7, 3, 3, "M3"));
	run_ms(10);
	assert_int_equal(w->ntips, 2);
	assert_string_equal(w->tips[1].text, "M1M2M3");
	let_groups_time_out();
	assert_int_equal(w->ntips, 3);
	assert_true(has_tip("A1[…]"));
}

/* Hard case 7: references of 8 and 16 bits are different messages. */
static void widths_are_apart(void **state)
{
	(void)state;
	answer_to(part(ALICE, 9, 2, 1, "a1"));
	answer_to(get("kannel", "id=w1&from=" ALICE "&to=106900&udh=%06%08%04%00%09%02%02&bin=b2"));
	answer_to(get("kannel", "id=w2&from=" ALICE "&to=106900&udh=%06%08%04%00%09%02%01&bin=b1"));
	answer_to(part(ALICE, 9, 2, 2, "a2"));
	run_ms(10);
	assert_int_equal(w->ntips, 2);
	assert_string_equal(w->tips[0].text, "b1b2");
	assert_string_equal(w->tips[1].text, "a1a2");
}

/* Hard case 8: what never came shows as a gap; what comes late is not lost. */
static void a_missing_part(void **state)
{
	(void)state;
	answer_to(part(ALICE, 8, 3, 1, "one"));
	answer_to(part(ALICE, 8, 3, 3, "three"));
	run_ms(PERIOD_MS + 200);
	assert_int_equal(w->ntips, 0);
	let_groups_time_out();
	assert_int_equal(w->ntips, 1);
	assert_string_equal(w->tips[0].text, "one[…]three");
	assert_string_equal(w->tips[0].reply_to, "+8613800138000");
	assert_int_equal(answer_to(part(ALICE, 8, 3, 2, "two")), 200);
	let_groups_time_out();
	assert_int_equal(w->ntips, 2);
	assert_string_equal(w->tips[1].text, "[…]two[…]");
	assert_string_equal(w->tips[1].reply_to, "");
	let_groups_time_out();
	assert_int_equal(w->ntips, 2);
}

/* Hard case 13. */
static void many_senders_with_one_reference(void **state)
{
	char sender[32], words[16];

	(void)state;
	for (unsigned number = 1; number <= 2; number++)
		for (unsigned i = 0; i < 100; i++) {
			snprintf(sender, sizeof(sender), "%%2B86138%08u", i);
			snprintf(words, sizeof(words), "%u.%u-", i, number);
			hand_over(part(sender, 1, 2, number, words));
		}
	run_ms(100);
	assert_int_equal(w->ntips, 100);
	for (unsigned i = 0; i < 100; i++) {
		snprintf(words, sizeof(words), "%u.1-%u.2-", i, i);
		assert_true(has_tip(words));
	}
}

/* The daemon dies after the last part was stored: the next one finds the group. */
static void a_whole_group_outlives_the_daemon(void **state)
{
	(void)state;
	w->refuse_with = INTAKE_BUSY;
	answer_to(part(ALICE, 5, 2, 1, "one+"));
	assert_int_equal(answer_to(part(ALICE, 5, 2, 2, "two")), 200);
	run_ms(10);
	assert_int_equal(w->ntips, 0);
	sms_free(w->sms);
	w->refuse_with = INTAKE_ACCEPTED;
	start_sms();
	store_memory_advance(w->store, 60000);
	run_ms(PERIOD_MS + 200);
	assert_int_equal(w->ntips, 1);
	assert_string_equal(w->tips[0].text, "one two");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_text_becomes_a_tip),
		TEST(a_code_within_a_tip_is_crossed_out),
		TEST(repetitions_are_one_tip),
		TEST(without_an_id_the_octets_tell),
		TEST(one_id_for_two_texts),
		TEST(the_gateway_hears_how_it_ended),
		TEST(receipts_and_data_are_no_tips),
		TEST(only_people_get_answers),
		TEST(a_robot_gets_five),
		TEST(repetitions_cost_no_answer),
		TEST(after_stop_tips_are_taken_without_answers),
		TEST(real_parts_in_any_order),
		TEST(two_senders_with_one_reference),
		TEST(a_reference_is_used_again),
		TEST(widths_are_apart),
		TEST(a_missing_part),
		TEST(many_senders_with_one_reference),
		TEST(a_whole_group_outlives_the_daemon),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
