/*
 * Intake with everything behind it but Redis: what a caller is told is what
 * the store or the spool then has, once, whatever fails in between.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "daemon/jobs/drain.h"
#include "daemon/loop/flow.h"
#include "daemon/loop/loop.h"
#include "daemon/store/spool.h"
#include "daemon/store/store.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/keys.h"
#include "daemon/tlog/leaf_mask.h"
#include "handlers/intake/intake_env.h"
#include "tests/support/app_rig.h"

#include <stdio.h>

#define NOW_MS 1763748000000
#define MANY 300

static struct app_rig rig;
static struct arena arena;

/* One submission and what came of it. */
struct sent {
	struct intake_request request;
	struct intake_result result;
	struct span promise;
	unsigned answers;
};

static void done(void *ctx, const struct intake_result *result)
{
	struct sent *sent = ctx;

	sent->answers++;
	sent->result = *result;
	sent->promise = arena_dup(&arena, result->promise);
}

static struct sent *send_tip(const char *text, const char *request_id)
{
	struct sent *sent = arena_new(&arena, struct sent);

	sent->request.tip = (struct tip){
		.text = span_of(text), .lang = SPAN("zh-CN"), .channel = TIP_BY_API, .received_ms = NOW_MS
	};
	sent->request.request_id = span_of(request_id);
	intake_submit(rig.app.intake, &sent->request, done, sent);
	return sent;
}

static struct sent *take(const char *text, const char *request_id)
{
	struct sent *sent = send_tip(text, request_id);

	assert_int_equal(sent->answers, 0);
	app_rig_settle(&rig);
	assert_int_equal(sent->answers, 1);
	return sent;
}

static struct sent *take_as(const char *text, const char *request_id, enum intake_verdict verdict)
{
	struct sent *sent = take(text, request_id);

	if (sent->result.verdict != verdict)
		fail_msg("%s, not %s (%s %s)", intake_verdict_name(sent->result.verdict), intake_verdict_name(verdict),
			 sent->result.field != NULL ? sent->result.field : "",
			 sent->result.fault != NULL ? sent->result.fault : "");
	return sent;
}

/* --- looking into the store ----------------------------------------------------------- */

static struct {
	bool answered;
	enum store_verdict verdict;
	unsigned char mark[STORE_MARK_BYTES];
	uint64_t events;
	struct span last;    /* event */
	struct span seed;    /* of the tip */
} looked;

static void saw(void *ctx, const struct store_reply *reply)
{
	(void)ctx;
	looked.answered = true;
	looked.verdict = reply->verdict;
	looked.events = reply->nevents;
	if (reply->nevents > 0)
		looked.last = arena_dup(&arena, reply->events[reply->nevents - 1].json);
	if (reply->nrows > 0)
		looked.seed = arena_dup(&arena, reply->rows[0].seed);
	if (reply->nrows > 0)
		memcpy(looked.mark, reply->rows[0].receipt_mark, sizeof(looked.mark));
}

static void ask(const struct store_request *request)
{
	looked.answered = false;
	rig.store->memory->up = true;
	store_submit(rig.store->memory, request, (struct store_wait){ .done = saw });
	app_rig_settle(&rig);
	assert_true(looked.answered);
}

static bool stored(const struct tip_id *id)
{
	ask(&(struct store_request){ .op = STORE_READ, .id = *id });
	return looked.verdict == STORE_OK;
}

static uint64_t count_events(const char *shard)
{
	struct store_request request = { .op = STORE_JOURNAL, .from = 1, .max = 1000 };

	memcpy(request.shard, shard, 3);
	ask(&request);
	return looked.events;
}

/* The code that was told is the code of the tip that is stored, and leads to the seed that is kept masked. */
static void assert_code_works(const struct sent *sent)
{
	unsigned char seed[LEAF_SEED_BYTES], unmasked[LEAF_SEED_BYTES];
	struct receipt_trace trace;

	receipt_trace(keys_receipt(rig.app.keys), &sent->result.receipt, &trace);
	assert_string_equal(trace.id.text, sent->result.id.text);
	assert_true(stored(&sent->result.id));
	assert_memory_equal(trace.mark, looked.mark, sizeof(looked.mark));
	leaf_seed_of_tip(&sent->result.receipt, seed);
	assert_int_equal(looked.seed.len, sizeof(seed));
	assert_memory_not_equal(looked.seed.at, seed, sizeof(seed));
	leaf_mask(keys_log_mask(rig.app.keys), &sent->result.id, (const unsigned char *)looked.seed.at, unmasked);
	assert_memory_equal(unmasked, seed, sizeof(seed));
}

static void assert_same_answer(const struct sent *a, const struct sent *b)
{
	assert_string_equal(a->result.id.text, b->result.id.text);
	assert_string_equal(a->result.receipt.digits, b->result.receipt.digits);
	assert_true(span_eq(a->promise, b->promise));
}

static int begin(void **state)
{
	(void)state;
	app_rig_open(&rig, NULL);
	app_rig_settle(&rig);
	return 0;
}

static int finish(void **state)
{
	(void)state;
	assert_int_equal(flow_count(rig.loop), 0);
	app_rig_close(&rig);
	arena_release(&arena);
	return 0;
}

static int finish_all(void **state)
{
	(void)state;
	app_rig_done();
	return 0;
}

#define CAPTIVE "鄂尔多斯市东胜区的砖厂关着人不让走，有个孩子在哭"

/* --- the good way --------------------------------------------------------------------------- */

static void a_tip_is_accepted_once_and_found_by_its_code(void **state)
{
	struct sent *sent = take_as(CAPTIVE, "", INTAKE_ACCEPTED);

	(void)state;
	assert_code_works(sent);
	assert_memory_equal(sent->result.id.text, "15", 2);
	assert_true(sent->promise.len > 0);
	assert_int_equal(rig.store->calls[STORE_ACCEPT], 1);
	assert_int_equal(count_events("15"), 1);
	assert_int_equal(intake_figures(rig.app.intake)->by_verdict[INTAKE_ACCEPTED], 1);
	assert_int_equal(intake_figures(rig.app.intake)->by_channel[TIP_BY_API], 1);
}

static void a_tip_of_nowhere_goes_to_the_nation(void **state)
{
	struct sent *sent = take_as("something is wrong here", "", INTAKE_ACCEPTED);

	(void)state;
	assert_memory_equal(sent->result.id.text, "00", 2);
	assert_int_equal(intake_figures(rig.app.intake)->unrouted, 1);
}

static void the_same_words_twice_are_two_tips_without_a_request_id(void **state)
{
	struct sent *a = take_as(CAPTIVE, "", INTAKE_ACCEPTED);
	struct sent *b = take_as(CAPTIVE, "", INTAKE_ACCEPTED);

	(void)state;
	assert_string_not_equal(a->result.id.text, b->result.id.text);
	assert_code_works(a);
	assert_code_works(b);
}

static void an_answer_by_sms_is_an_intent_that_goes_along(void **state)
{
	struct sent *sent = arena_new(&arena, struct sent);

	(void)state;
	sent->request = (struct intake_request){
		.tip = { .text = SPAN(CAPTIVE), .lang = SPAN("zh-CN"), .channel = TIP_BY_SMS, .received_ms = NOW_MS,
			 .sender = SPAN("+8613800138000") },
		.reply_gateway = SPAN("kannel"),
		.reply_to = SPAN("+8613800138000"),
	};
	intake_submit(rig.app.intake, &sent->request, done, sent);
	app_rig_settle(&rig);
	assert_int_equal(sent->result.verdict, INTAKE_ACCEPTED);
	assert_code_works(sent);
}

static struct span sender_of(const char *number, enum tip_channel channel, int64_t received_ms)
{
	struct sent *sent = arena_new(&arena, struct sent);

	sent->request.tip = (struct tip){ .text = SPAN(CAPTIVE), .channel = channel, .received_ms = received_ms,
					  .sender = span_of(number) };
	intake_submit(rig.app.intake, &sent->request, done, sent);
	app_rig_settle(&rig);
	assert_int_equal(sent->result.verdict, INTAKE_ACCEPTED);
	count_events("15");
	assert_false(rig_has(looked.last, number));
	return rig_member(looked.last, "sender");
}

static void a_telephone_is_known_again_by_a_mark_within_an_epoch(void **state)
{
	struct span mark = sender_of("+8613800138000", TIP_BY_SMS, NOW_MS);

	(void)state;
	assert_int_equal(mark.len, 16);
	assert_true(span_eq(mark, sender_of("+8613800138000", TIP_BY_SMS, NOW_MS + 1000)));
	assert_false(span_eq(mark, sender_of("+8613800138001", TIP_BY_SMS, NOW_MS)));
	assert_int_equal(sender_of("+8613800138000", TIP_BY_API, NOW_MS).len, 0);
	/* After the present epoch, which is the oldest there is a pepper for. */
	assert_false(span_eq(mark, sender_of("+8613800138000", TIP_BY_SMS, clock_wall_ms() + 2 * KEYS_EPOCH_MS)));
}

/* --- what is not taken -------------------------------------------------------------------------- */

static void a_wrong_field_is_named_and_nothing_is_written(void **state)
{
	static char long_field[600];
	static char long_text[70000];
	const struct {
		struct tip tip;
		const char *field;
		const char *fault;
	} cases[] = {
		{ { .text = SPAN("") }, "text", "missing" },
		{ { .text = SPAN(" \n\t") }, "text", "missing" },
		{ { .text = SPAN("\xff\xfe") }, "text", "not_utf8" },
		{ { .text = span_from(long_text, sizeof(long_text)) }, "text", "too_long" },
		{ { .text = SPAN("x"), .region = SPAN("15060") }, "region", "not_six_digits" },
		{ { .text = SPAN("x"), .region = SPAN("15060a") }, "region", "not_six_digits" },
		{ { .text = SPAN("x"), .place = span_from(long_field, sizeof(long_field)) }, "place", "too_long" },
		{ { .text = SPAN("x"), .when = SPAN("\x80") }, "when", "not_utf8" },
		{ { .text = SPAN("x"), .contact = SPAN("\xc0\xaf") }, "contact", "not_utf8" },
	};

	(void)state;
	memset(long_field, 'a', sizeof(long_field));
	memset(long_text, 'a', sizeof(long_text));
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct sent *sent = arena_new(&arena, struct sent);

		sent->request.tip = cases[i].tip;
		intake_submit(rig.app.intake, &sent->request, done, sent);
		app_rig_settle(&rig);
		assert_int_equal(sent->result.verdict, INTAKE_INVALID);
		assert_string_equal(sent->result.field, cases[i].field);
		assert_string_equal(sent->result.fault, cases[i].fault);
	}
	assert_int_equal(rig.store->calls[STORE_ACCEPT], 0);
}

static void a_receipt_code_in_the_words_is_sent_back_to_the_writer(void **state)
{
	struct sent *first = take_as(CAPTIVE, "", INTAKE_ACCEPTED);
	char *text = arena_printf(&arena, "my code is %s", first->result.receipt.digits);
	struct sent *second = take_as(text, "", INTAKE_INVALID);

	(void)state;
	assert_string_equal(second->result.fault, "receipt_code_inside");
}

/* --- the same request again ----------------------------------------------------------------------- */

static void a_repeated_request_gets_the_first_answer_byte_for_byte(void **state)
{
	struct sent *first = take_as(CAPTIVE, "api:1", INTAKE_ACCEPTED);
	struct sent *again = take_as(CAPTIVE, "api:1", INTAKE_REPEATED);

	(void)state;
	assert_same_answer(first, again);
	assert_code_works(again);
	assert_int_equal(count_events("15"), 1);
}

static void the_same_id_with_other_words_is_a_mismatch(void **state)
{
	(void)state;
	take_as(CAPTIVE, "api:1", INTAKE_ACCEPTED);
	take_as(CAPTIVE "!", "api:1", INTAKE_MISMATCH);
	take_as("鄂尔多斯市东胜区的另一件事", "api:1", INTAKE_MISMATCH);
	assert_int_equal(count_events("15"), 1);
}

static void the_same_request_with_another_file_is_a_mismatch(void **state)
{
	struct sent *sent;

	(void)state;
	take_as(CAPTIVE, "form:1", INTAKE_ACCEPTED);
	sent = arena_new(&arena, struct sent);
	sent->request = (struct intake_request){
		.tip = { .text = SPAN(CAPTIVE), .lang = SPAN("zh-CN"), .channel = TIP_BY_API, .received_ms = NOW_MS },
		.request_id = SPAN("form:1"),
		.files = { { .name = SPAN("photo.jpg"), .type = SPAN("image/jpeg"), .bytes = 10, .stored = SPAN("00") } },
		.nfiles = 1,
	};
	intake_submit(rig.app.intake, &sent->request, done, sent);
	app_rig_settle(&rig);
	assert_int_equal(sent->result.verdict, INTAKE_MISMATCH);
}

static void two_deliveries_in_one_turn_are_one_tip(void **state)
{
	struct sent *a = send_tip(CAPTIVE, "api:1");
	struct sent *b = send_tip(CAPTIVE, "api:1");
	struct sent *c = send_tip("鄂尔多斯市东胜区 other words", "api:1");

	(void)state;
	app_rig_settle(&rig);
	assert_int_equal(a->result.verdict, INTAKE_ACCEPTED);
	assert_int_equal(b->result.verdict, INTAKE_REPEATED);
	assert_int_equal(c->result.verdict, INTAKE_MISMATCH);
	assert_same_answer(a, b);
	assert_int_equal(count_events("15"), 1);
}

static void a_repeat_after_the_answer_was_forgotten_names_the_same_tip(void **state)
{
	struct sent *first = take_as(CAPTIVE, "api:1", INTAKE_ACCEPTED);
	struct sent *again;

	(void)state;
	for (int i = 0; i < 40; i++)
		store_memory_advance(rig.store->memory, 86400 * 1000);
	again = take_as(CAPTIVE, "api:1", INTAKE_REPEATED);
	assert_string_equal(again->result.receipt.digits, first->result.receipt.digits);
	assert_int_equal(again->promise.len, 0);
	assert_int_equal(count_events("15"), 1);
	/* Other words under the forgotten id are a tip of their own, not lost behind the first. */
	assert_code_works(take_as("鄂尔多斯市东胜区 other words", "api:1", INTAKE_ACCEPTED));
	assert_int_equal(count_events("15"), 2);
}

/* Takes the place of the id that a request would draw first. */
static void occupy(const struct tip_id *id)
{
	struct store_tip tip = { .id = *id,
				 .receipt_mark = "somebody else's",
				 .region = "150602",
				 .event = SPAN("{\"e\":\"accepted\"}"),
				 .sealed = SPAN("x") };

	ask(&(struct store_request){ .op = STORE_ACCEPT, .tips = &tip, .ntips = 1 });
}

static void a_taken_id_costs_another_code_and_nothing_else(void **state)
{
	struct sent *first = take_as(CAPTIVE, "api:1", INTAKE_ACCEPTED);
	struct tip_id id = first->result.id;
	struct sent *second;

	(void)state;
	/* A fresh store, in which somebody else has the id. */
	assert_int_equal(finish(NULL), 0);
	assert_int_equal(begin(NULL), 0);
	occupy(&id);
	second = take_as(CAPTIVE, "api:1", INTAKE_ACCEPTED);
	assert_string_not_equal(second->result.id.text, id.text);
	assert_code_works(second);
	assert_same_answer(second, take_as(CAPTIVE, "api:1", INTAKE_REPEATED));
}

/* --- many in one turn -------------------------------------------------------------------------------- */

static void tips_of_one_turn_share_one_call_and_one_signature(void **state)
{
	struct sent *sent[16];
	struct span signature;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(sent); i++)
		sent[i] = send_tip(arena_printf(&arena, "%s %zu", CAPTIVE, i), "");
	app_rig_settle(&rig);
	assert_int_equal(rig.store->calls[STORE_ACCEPT], 1);
	assert_int_equal(rig.store->tips, COUNT_OF(sent));
	signature = rig_member(sent[0]->promise, "signature");
	assert_true(signature.len > 64);
	for (size_t i = 0; i < COUNT_OF(sent); i++) {
		assert_int_equal(sent[i]->result.verdict, INTAKE_ACCEPTED);
		assert_true(span_eq(rig_member(sent[i]->promise, "signature"), signature));
		assert_code_works(sent[i]);
	}
}

static void three_hundred_tips_of_one_turn_all_arrive(void **state)
{
	struct sent *sent[MANY];

	(void)state;
	for (size_t i = 0; i < MANY; i++)
		sent[i] = send_tip(arena_printf(&arena, "%s %zu", CAPTIVE, i), "");
	app_rig_settle(&rig);
	for (size_t i = 0; i < MANY; i++) {
		assert_int_equal(sent[i]->answers, 1);
		assert_int_equal(sent[i]->result.verdict, INTAKE_ACCEPTED);
	}
	assert_int_equal(rig.store->tips, MANY);
	assert_true(rig.store->biggest <= 256);
	assert_int_equal(rig.store->calls[STORE_ACCEPT], 2);
	assert_int_equal(count_events("15"), MANY);
}

static void tips_that_come_while_calls_are_under_way_wait_for_one(void **state)
{
	struct sent *sent[10];

	(void)state;
	rig.store->trouble = TROUBLE_HELD;
	for (size_t i = 0; i < COUNT_OF(sent); i++) {
		sent[i] = send_tip(arena_printf(&arena, "%s %zu", CAPTIVE, i), "");
		app_rig_settle(&rig);
		assert_int_equal(sent[i]->answers, 0);
	}
	assert_true(rig.store->calls[STORE_ACCEPT] < COUNT_OF(sent));
	rig.store->trouble = TROUBLE_NONE;
	store_double_release(rig.store);
	app_rig_settle(&rig);
	for (size_t i = 0; i < COUNT_OF(sent); i++) {
		assert_int_equal(sent[i]->answers, 1);
		assert_int_equal(sent[i]->result.verdict, INTAKE_ACCEPTED);
		assert_code_works(sent[i]);
	}
	assert_int_equal(count_events("15"), COUNT_OF(sent));
}

/* --- the store is away ---------------------------------------------------------------------------------- */

/* Brings the store back and lets the spool run empty. */
static void drain_all(void)
{
	struct drain *drain = drain_new(rig.loop, rig.app.store, rig.app.spool);

	rig.store->base.up = true;
	rig.store->trouble = TROUBLE_NONE;
	for (int i = 0; i < 1500 && spool_figures(rig.app.spool)->depth > 0; i++)
		app_rig_run(&rig, 20);
	drain_free(drain);
	app_rig_settle(&rig);
	assert_int_equal(spool_figures(rig.app.spool)->depth, 0);
}

static void without_the_store_the_spool_takes_the_tip_and_gives_it_back_once(void **state)
{
	struct sent *sent;

	(void)state;
	rig.store->base.up = false;
	sent = take_as(CAPTIVE, "", INTAKE_ACCEPTED);
	assert_true(sent->promise.len > 0);
	assert_true(spool_holds(rig.app.spool, &sent->result.id));
	assert_false(stored(&sent->result.id));
	drain_all();
	assert_code_works(sent);
	assert_int_equal(count_events("15"), 1);
}

static void the_same_request_during_an_outage_gets_the_first_answer(void **state)
{
	struct sent *first;
	struct sent *again;

	(void)state;
	rig.store->base.up = false;
	first = take_as(CAPTIVE, "api:1", INTAKE_ACCEPTED);
	again = take_as(CAPTIVE, "api:1", INTAKE_REPEATED);
	assert_same_answer(first, again);
	take_as(CAPTIVE "!", "api:1", INTAKE_MISMATCH);
	assert_int_equal(spool_figures(rig.app.spool)->depth, 1);
	drain_all();
	assert_code_works(first);
	/* And afterwards too: the answer went along. */
	assert_same_answer(first, take_as(CAPTIVE, "api:1", INTAKE_REPEATED));
	assert_int_equal(count_events("15"), 1);
}

static void two_deliveries_in_one_turn_of_an_outage_are_one_tip(void **state)
{
	struct sent *a;
	struct sent *b;

	(void)state;
	rig.store->base.up = false;
	a = send_tip(CAPTIVE, "api:1");
	b = send_tip(CAPTIVE, "api:1");
	app_rig_settle(&rig);
	assert_int_equal(a->result.verdict, INTAKE_ACCEPTED);
	assert_int_equal(b->result.verdict, INTAKE_REPEATED);
	assert_same_answer(a, b);
	assert_int_equal(spool_figures(rig.app.spool)->depth, 1);
}

static void an_answer_that_got_lost_leaves_one_tip(void **state)
{
	struct sent *sent;

	(void)state;
	rig.store->trouble = TROUBLE_MUTE;
	sent = take_as(CAPTIVE, "api:1", INTAKE_ACCEPTED);
	assert_true(spool_holds(rig.app.spool, &sent->result.id));
	drain_all();
	assert_code_works(sent);
	assert_int_equal(count_events("15"), 1);
	assert_same_answer(sent, take_as(CAPTIVE, "api:1", INTAKE_REPEATED));
}

static void a_call_that_was_lost_or_refused_goes_to_the_spool(void **state)
{
	static const enum store_trouble troubles[] = { TROUBLE_LOST, TROUBLE_BROKEN };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(troubles); i++) {
		struct sent *sent;

		rig.store->trouble = troubles[i];
		sent = take_as(CAPTIVE, "", INTAKE_ACCEPTED);
		assert_false(stored(&sent->result.id));
		drain_all();
		assert_code_works(sent);
	}
	assert_int_equal(count_events("15"), COUNT_OF(troubles));
}

static void a_redelivery_during_an_outage_gets_the_first_answer(void **state)
{
	struct sent *first = take_as(CAPTIVE, "api:1", INTAKE_ACCEPTED);
	struct sent *again;

	(void)state;
	rig.store->base.up = false;
	again = take_as(CAPTIVE, "api:1", INTAKE_REPEATED);
	assert_string_equal(again->result.receipt.digits, first->result.receipt.digits);
	assert_true(span_eq(again->promise, first->promise));
	take_as("other words", "api:1", INTAKE_MISMATCH);
	drain_all();
	assert_int_equal(count_events("15"), 1);
}

/* A restart in between has forgotten the answers that were at hand. */
static void a_redelivery_during_an_outage_of_what_is_stored_stays_one_tip(void **state)
{
	struct sent *first = take_as(CAPTIVE, "api:1", INTAKE_ACCEPTED);
	struct sent *again;

	(void)state;
	app_rig_spool(&rig, 64 << 20);
	rig.store->base.up = false;
	again = take_as(CAPTIVE, "api:1", INTAKE_ACCEPTED);
	assert_string_equal(again->result.receipt.digits, first->result.receipt.digits);
	drain_all();
	assert_code_works(again);
	assert_int_equal(count_events("15"), 1);
}

static void other_words_under_a_stored_request_id_are_not_lost_in_an_outage(void **state)
{
	struct sent *other;

	(void)state;
	take_as(CAPTIVE, "api:1", INTAKE_ACCEPTED);
	app_rig_spool(&rig, 64 << 20);
	rig.store->base.up = false;
	other = take_as("鄂尔多斯市东胜区 other words", "api:1", INTAKE_ACCEPTED);
	drain_all();
	assert_code_works(other);
	assert_int_equal(count_events("15"), 2);
}

static void order_is_kept_while_older_tips_wait_in_the_spool(void **state)
{
	struct sent *sent;

	(void)state;
	rig.store->base.up = false;
	take_as(CAPTIVE, "", INTAKE_ACCEPTED);
	rig.store->base.up = true;
	sent = take_as(CAPTIVE " 2", "", INTAKE_ACCEPTED);
	assert_true(spool_holds(rig.app.spool, &sent->result.id));
	assert_int_equal(rig.store->calls[STORE_ACCEPT], 0);
	drain_all();
	sent = take_as(CAPTIVE " 3", "", INTAKE_ACCEPTED);
	assert_true(stored(&sent->result.id));
	assert_int_equal(count_events("15"), 3);
}

static void a_full_spool_says_busy_and_keeps_nothing(void **state)
{
	struct sent *sent;

	(void)state;
	app_rig_spool(&rig, 100);
	rig.store->base.up = false;
	sent = take_as(CAPTIVE, "api:1", INTAKE_BUSY);
	assert_true(sent->result.retry_after_s > 0);
	assert_int_equal(spool_figures(rig.app.spool)->depth, 0);
	rig.store->base.up = true;
	assert_code_works(take_as(CAPTIVE, "api:1", INTAKE_ACCEPTED));
}

static void many_tips_of_an_outage_come_back_in_their_order(void **state)
{
	struct sent *sent[MANY];

	(void)state;
	rig.store->base.up = false;
	for (size_t i = 0; i < MANY; i++)
		sent[i] = send_tip(arena_printf(&arena, "%s %zu", CAPTIVE, i), "");
	app_rig_settle(&rig);
	assert_int_equal(spool_figures(rig.app.spool)->depth, MANY);
	drain_all();
	assert_int_equal(count_events("15"), MANY);
	for (size_t i = 0; i < MANY; i++) {
		assert_int_equal(sent[i]->result.verdict, INTAKE_ACCEPTED);
		assert_true(stored(&sent[i]->result.id));
	}
}

static void figures_tell_where_tips_went(void **state)
{
	const struct commit_figures *figures = commit_figures(rig.app.commit);

	(void)state;
	take_as(CAPTIVE, "api:1", INTAKE_ACCEPTED);
	take_as(CAPTIVE, "api:1", INTAKE_REPEATED);
	rig.store->base.up = false;
	take_as(CAPTIVE, "api:2", INTAKE_ACCEPTED);
	assert_int_equal(figures->stored, 1);
	assert_int_equal(figures->repeated, 1);
	assert_int_equal(figures->spooled, 1);
	assert_int_equal(figures->refused, 0);
	assert_int_equal(figures->batches, 3);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)
	const struct CMUnitTest tests[] = {
		TEST(a_tip_is_accepted_once_and_found_by_its_code),
		TEST(a_tip_of_nowhere_goes_to_the_nation),
		TEST(the_same_words_twice_are_two_tips_without_a_request_id),
		TEST(an_answer_by_sms_is_an_intent_that_goes_along),
		TEST(a_telephone_is_known_again_by_a_mark_within_an_epoch),
		TEST(a_wrong_field_is_named_and_nothing_is_written),
		TEST(a_receipt_code_in_the_words_is_sent_back_to_the_writer),
		TEST(a_repeated_request_gets_the_first_answer_byte_for_byte),
		TEST(the_same_id_with_other_words_is_a_mismatch),
		TEST(the_same_request_with_another_file_is_a_mismatch),
		TEST(two_deliveries_in_one_turn_are_one_tip),
		TEST(a_repeat_after_the_answer_was_forgotten_names_the_same_tip),
		TEST(a_taken_id_costs_another_code_and_nothing_else),
		TEST(tips_of_one_turn_share_one_call_and_one_signature),
		TEST(three_hundred_tips_of_one_turn_all_arrive),
		TEST(tips_that_come_while_calls_are_under_way_wait_for_one),
		TEST(without_the_store_the_spool_takes_the_tip_and_gives_it_back_once),
		TEST(the_same_request_during_an_outage_gets_the_first_answer),
		TEST(two_deliveries_in_one_turn_of_an_outage_are_one_tip),
		TEST(an_answer_that_got_lost_leaves_one_tip),
		TEST(a_call_that_was_lost_or_refused_goes_to_the_spool),
		TEST(a_redelivery_during_an_outage_gets_the_first_answer),
		TEST(a_redelivery_during_an_outage_of_what_is_stored_stays_one_tip),
		TEST(other_words_under_a_stored_request_id_are_not_lost_in_an_outage),
		TEST(order_is_kept_while_older_tips_wait_in_the_spool),
		TEST(a_full_spool_says_busy_and_keeps_nothing),
		TEST(many_tips_of_an_outage_come_back_in_their_order),
		TEST(figures_tell_where_tips_went),
	};

	return cmocka_run_group_tests(tests, NULL, finish_all);
}
