/*
 * From a receipt code to the leaves of its tip and the proof: where the search
 * begins and ends, what one request may cost, and what is said meanwhile. The
 * same over the public listener, as JSON, page and file.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "daemon/loop/flow.h"
#include "daemon/sys/clock.h"
#include "daemon/tlog/proof.h"
#include "handlers/intake/receipt_log.h"
#include "tests/support/app_rig.h"
#include "tests/support/log_sample.h"

#define JSON "Content-Type: application/json\r\n"
#define FORM "Content-Type: application/x-www-form-urlencoded\r\n"
#define WORDS "鄂尔多斯市东胜区的砖厂关着人不让走"

static const struct receipt_code ours = { .digits = "150000000000000000000017" };

static struct app_rig rig;
static struct arena arena;
static struct log_sample sample, other;
static struct receipt_log look;

static int begin(void **state)
{
	char dir[128];

	(void)state;
	app_rig_open(&rig, NULL);
	snprintf(dir, sizeof(dir), "%s/log", rig.home);
	rig.app.logs = logs_new(&(struct logs_plan){ .dir = dir });
	snprintf(dir, sizeof(dir), "%s/log/15", rig.home);
	log_sample_open(&sample, dir, "15");
	snprintf(dir, sizeof(dir), "%s/log/61", rig.home);
	log_sample_open(&other, dir, "61");
	logs_add(rig.app.logs, SPAN("15"), &sample.signer.key);
	logs_add(rig.app.logs, SPAN("61"), &other.signer.key);
	look = (struct receipt_log){ .n = 0 };
	return 0;
}

static int finish(void **state)
{
	(void)state;
	assert_int_equal(flow_count(rig.loop), 0);
	logs_free(rig.app.logs);
	log_sample_close(&sample);
	log_sample_close(&other);
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

/* --- the search ------------------------------------------------------------------------------ */

/* Looks to the end; returns how many slices it took. */
static unsigned search(uint64_t last_event, int64_t received_ms)
{
	unsigned slices = 1;

	look = (struct receipt_log){ .n = 0 };
	receipt_log_visit(&look, "15", last_event);
	receipt_log_begin(&look, rig.app.logs, &ours, received_ms);
	while (!receipt_log_look(&look, &arena))
		slices++;
	receipt_log_end(&look);
	return slices;
}

static void the_first_leaf_is_proven_and_later_ones_are_listed(void **state)
{
	struct proof proof;

	(void)state;
	log_sample_dummies(&sample, 8);
	log_sample_tip(&sample, &ours, LEAF_RECEIVED);
	log_sample_dummies(&sample, 7);
	log_sample_batch(&sample, true);
	log_sample_tip(&sample, &ours, LEAF_WORK);
	log_sample_batch(&sample, true);
	search(sample.journal, sample.start_ms);
	assert_true(look.proven && look.whole);
	assert_false(look.behind);
	assert_int_equal(look.size, 17);
	assert_int_equal(look.nleaves, 2);
	assert_int_equal(look.leaves[0].found.index, 8);
	assert_int_equal(look.leaves[0].found.class, LEAF_RECEIVED);
	assert_int_equal(look.leaves[1].found.index, 16);
	assert_true(proof_parse(look.proof, &arena, &proof));
	assert_int_equal(proof.index, 8);
	assert_memory_equal(proof.extra.at, look.leaf, LEAF_BYTES);
}

/* Within a batch the order is drawn: a step may stand before the receipt. */
static void the_leaf_that_says_received_is_proven_wherever_it_stands(void **state)
{
	struct proof proof;

	(void)state;
	log_sample_tip(&sample, &ours, LEAF_WORK);
	log_sample_dummies(&sample, 5000);
	log_sample_tip(&sample, &ours, LEAF_RECEIVED);
	log_sample_batch(&sample, true);
	search(2, sample.start_ms);
	assert_true(look.proven && look.whole);
	assert_int_equal(look.nleaves, 2);
	assert_int_equal(look.index, 5001);
	assert_true(proof_parse(look.proof, &arena, &proof));
	assert_int_equal(proof.index, 5001);
}

static void nothing_is_there_at_first(void **state)
{
	(void)state;
	search(1, clock_wall_ms());
	assert_false(look.proven);
	assert_true(look.behind);
	assert_int_equal(look.nleaves, 0);
	log_sample_dummies(&sample, 8);
	log_sample_batch(&sample, true);
	search(1, sample.start_ms);
	assert_false(look.proven);
	assert_true(look.behind);
}

/* What was sealed and is not published is not shown, and found as soon as it is. */
static void the_published_tree_counts(void **state)
{
	(void)state;
	log_sample_dummies(&sample, 8);
	log_sample_batch(&sample, true);
	log_sample_tip(&sample, &ours, LEAF_RECEIVED);
	log_sample_batch(&sample, false);
	search(1, sample.start_ms);
	assert_false(look.proven);
	assert_true(look.behind);
	log_sample_dummies(&sample, 8);
	log_sample_batch(&sample, true);
	search(1, sample.start_ms);
	assert_true(look.proven);
	assert_false(look.behind);
	assert_int_equal(look.leaves[0].found.index, 8);
}

static void a_step_that_is_not_sealed_yet_is_told(void **state)
{
	(void)state;
	log_sample_tip(&sample, &ours, LEAF_RECEIVED);
	log_sample_batch(&sample, true);
	search(2, sample.start_ms);
	assert_true(look.proven && look.behind && look.whole);
	assert_int_equal(look.nleaves, 1);
}

/* Batches from long before the tip are not tried. */
static void the_search_begins_at_the_time_of_receipt(void **state)
{
	(void)state;
	log_sample_tip(&sample, &ours, LEAF_WORK);   /* cannot be: it came before the tip */
	log_sample_batch(&sample, true);
	for (size_t i = 0; i < 6; i++) {
		log_sample_dummies(&sample, 8);
		log_sample_batch(&sample, true);
	}
	log_sample_tip(&sample, &ours, LEAF_RECEIVED);
	log_sample_batch(&sample, true);
	/* A clock two minutes ahead of the sealer's finds it all the same. */
	search(2, sample.start_ms + 7 * 30000 + 119000);
	assert_true(look.proven);
	assert_int_equal(look.nleaves, 1);
	assert_int_equal(look.leaves[0].found.class, LEAF_RECEIVED);
}

/* Behind the batch of its last event the tip has nothing: the search ends there. */
static void the_search_ends_with_the_last_event(void **state)
{
	struct sealed_log *log = logs_find(rig.app.logs, SPAN("15"));
	unsigned char seed[LEAF_SEED_BYTES];

	(void)state;
	log_sample_tip(&sample, &ours, LEAF_RECEIVED);
	log_sample_dummies(&sample, 7);
	log_sample_batch(&sample, true);
	sample.journal++;
	log_sample_dummies(&sample, 10000);
	log_sample_batch(&sample, true);
	assert_int_equal(search(1, sample.start_ms), 1);
	assert_true(look.proven && look.whole);
	leaf_seed_of_tip(&ours, seed);
	assert_int_equal(logs_trail(rig.app.logs, log, seed)->next, 8);
}

/* In slices, bounded, and where it was left the next request goes on. */
static void a_long_search_is_spread_over_requests(void **state)
{
	unsigned slices;

	(void)state;
	log_sample_dummies(&sample, 250000);
	sample.journal = 1;
	log_sample_tip(&sample, &ours, LEAF_RECEIVED);
	log_sample_batch(&sample, true);
	slices = search(2, sample.start_ms);
	assert_int_equal(slices, 49);   /* 200,000 leaves */
	assert_false(look.proven || look.whole || look.behind);
	slices = search(2, sample.start_ms);
	assert_true(look.proven && look.whole);
	assert_int_equal(slices, 13);
	assert_int_equal(look.leaves[0].found.index, 250000);
	/* And once it is known it is known. */
	assert_int_equal(search(2, sample.start_ms), 1);
	assert_true(look.proven && look.whole);
}

/* Behind the first leaf a request looks less far. */
static void later_leaves_are_looked_for_less(void **state)
{
	(void)state;
	log_sample_tip(&sample, &ours, LEAF_RECEIVED);
	log_sample_dummies(&sample, 60000);
	log_sample_tip(&sample, &ours, LEAF_WORK);
	log_sample_batch(&sample, true);
	assert_int_equal(search(2, sample.start_ms), 9);   /* a slice with the leaf, then 32,768 leaves */
	assert_true(look.proven);
	assert_false(look.whole);
	assert_int_equal(look.nleaves, 1);
	search(2, sample.start_ms);
	assert_true(look.whole);
	assert_int_equal(look.nleaves, 2);
}

static void a_tip_that_moved_is_followed_to_the_other_log(void **state)
{
	(void)state;
	log_sample_tip(&sample, &ours, LEAF_RECEIVED);
	log_sample_batch(&sample, true);
	log_sample_dummies(&other, 8);
	log_sample_tip(&other, &ours, LEAF_RECEIVED);
	log_sample_batch(&other, true);
	look = (struct receipt_log){ .n = 0 };
	receipt_log_visit(&look, "15", 1);
	receipt_log_visit(&look, "61", 1);
	receipt_log_begin(&look, rig.app.logs, &ours, sample.start_ms);
	while (!receipt_log_look(&look, &arena))
		;
	assert_true(look.proven && look.whole);
	assert_int_equal(look.nleaves, 2);
	assert_string_equal(look.leaves[0].log->name, "15");
	assert_string_equal(look.leaves[1].log->name, "61");
	assert_int_equal(look.leaves[1].found.index, 8);
	assert_int_equal(look.size, 1);
}

/* The first shard is kept, whatever came between; one that the tip came back to stands once. */
static void shards_are_few(void **state)
{
	(void)state;
	receipt_log_visit(&look, "15", 1);
	receipt_log_visit(&look, "61", 2);
	receipt_log_visit(&look, "15", 3);
	assert_int_equal(look.n, 2);
	assert_int_equal(look.at[0].last_event, 3);
	for (char c = '0'; c <= '9'; c++)
		receipt_log_visit(&look, (char[]){ '7', c, '\0' }, 4);
	assert_int_equal(look.n, RECEIPT_LOGS_MAX);
	assert_string_equal(look.at[0].shard, "15");
	assert_string_equal(look.at[RECEIPT_LOGS_MAX - 1].shard, "79");
}

/* --- over the listener ------------------------------------------------------------------------ */

static struct rig_answer post(const char *path, const char *fields, const char *body)
{
	return app_rig_ask(&rig, SITE_PUBLIC, "POST", path, fields, span_of(body));
}

static struct receipt_code send_tip(void)
{
	struct rig_answer answer = post("/api/v1/tips", JSON, "{\"text\":\"" WORDS "\"}");
	struct receipt_code code = { .digits = "" };

	assert_int_equal(answer.status, 201);
	memcpy(code.digits, rig_member(answer.body, "receipt").at, RECEIPT_DIGITS);
	sample.start_ms = clock_wall_ms();
	return code;
}

static struct rig_answer ask(const struct receipt_code *code)
{
	return post("/api/v1/receipt", JSON, arena_printf(&arena, "{\"receipt\":\"%s\"}", code->digits));
}

static struct rig_answer ask_page(const struct receipt_code *code, const char *lang)
{
	return post("/receipt", FORM, arena_printf(&arena, "code=%s&lang=%s", code->digits, lang));
}

static struct rig_answer ask_file(const struct receipt_code *code, const char *fields)
{
	return post("/receipt/proof", fields, arena_printf(&arena, "code=%s&lang=en", code->digits));
}

static void assert_answer(struct rig_answer answer, int status, const char *part)
{
	if (answer.status != status || !rig_has(answer.body, part))
		fail_msg("%d %.*s\nwanted: %d %s", answer.status, (int)answer.body.len, answer.body.at, status, part);
}

static void at_first_a_receipt_is_pending(void **state)
{
	struct receipt_code code = send_tip();

	(void)state;
	assert_answer(ask(&code), 200, "\"log\":{\"pending\":true,\"whole\":true,\"covered\":false,\"leaves\":[]}");
	assert_answer(ask_page(&code, "en"), 200, "Your report is not in it yet.");
	assert_answer(ask_page(&code, "zh-CN"), 200, "您的线索还没有写进去");
	assert_answer(ask_file(&code, FORM), 200, "Your report is not in it yet.");
	assert_answer(ask_file(&code, FORM "Accept: application/json\r\n"), 404, "\"code\":\"proof_pending\"");
}

static void a_receipt_gives_the_proof_as_json_page_and_file(void **state)
{
	struct receipt_code code = send_tip();
	struct rig_answer answer;
	struct proof proof;

	(void)state;
	log_sample_dummies(&sample, 3);
	log_sample_tip(&sample, &code, LEAF_RECEIVED);
	log_sample_dummies(&sample, 4);
	log_sample_batch(&sample, true);
	answer = ask(&code);
	assert_answer(answer, 200, "\"log\":{\"pending\":false,\"name\":\"15\",\"size\":8,\"index\":3,\"leaf\":\"");
	assert_answer(answer, 200, "\"proof\":\"c2sp.org/tlog-proof@v1\\nextra ");
	assert_answer(answer, 200, "\"whole\":true,\"covered\":true,\"leaves\":[{\"log\":\"15\",\"index\":3,\"class\":\"received\",\"day\":\"2026-11-21\"}]");
	answer = ask_file(&code, FORM);
	assert_int_equal(answer.status, 200);
	assert_true(rig_has(answer.head, "Content-Disposition: attachment; filename=\"proof.txt\""));
	assert_true(rig_has(answer.head, "Content-Type: text/plain"));
	assert_true(rig_has(answer.head, "Cache-Control: no-store"));
	assert_true(proof_parse(arena_dup(&arena, answer.body), &arena, &proof));
	assert_int_equal(proof.index, 3);
	assert_false(rig_has(answer.body, code.digits));
	answer = ask_page(&code, "en");
	assert_answer(answer, 200, "c2sp.org/tlog-proof@v1");
	assert_answer(answer, 200, "action=\"/receipt/proof\"");
	assert_answer(answer, 200, "15, no. 3");
	assert_answer(ask_page(&code, "zh-CN"), 200, "15 第 3 号");
}

/* A code that is none learns nothing of the log, by any way. */
static void a_wrong_code_gets_no_search(void **state)
{
	struct receipt_code code = send_tip();

	(void)state;
	log_sample_tip(&sample, &ours, LEAF_RECEIVED);
	log_sample_batch(&sample, true);
	assert_answer(ask(&ours), 400, "check_failed");
	receipt_make("15", (const unsigned char[16]){ 9, 9, 9 }, &code);
	assert_answer(ask(&code), 404, "no_such_receipt");
	assert_answer(ask_file(&code, FORM "Accept: application/json\r\n"), 404, "no_such_receipt");
	assert_int_equal(ask_file(&code, FORM).status, 404);
}

/* The proof is asked for and nothing is added, whatever the form says. */
static void asking_for_the_file_adds_nothing(void **state)
{
	struct receipt_code code = send_tip();

	(void)state;
	post("/receipt/proof", FORM, arena_printf(&arena, "code=%s&text=more", code.digits));
	assert_answer(ask(&code), 200, "\"messages\":[]");
	assert_int_equal(rig.store->calls[STORE_CHANGE], 0);
}

static void a_tip_in_the_spool_is_pending(void **state)
{
	struct receipt_code code;

	(void)state;
	rig.store->base.up = false;
	code = send_tip();
	assert_answer(ask(&code), 200, "\"log\":{\"pending\":true,\"whole\":true,\"covered\":false,\"leaves\":[]}");
}

static void without_logs_nothing_is_said(void **state)
{
	struct receipt_code code = send_tip();
	struct logs *kept = rig.app.logs;

	(void)state;
	rig.app.logs = NULL;
	assert_answer(ask(&code), 200, "\"log\":null");
	assert_false(rig_has(ask_page(&code, "en").body, "public log"));
	rig.app.logs = kept;
}

/* Others are served between the slices. */
static void a_long_search_goes_over_several_turns(void **state)
{
	struct receipt_code code = send_tip();

	(void)state;
	log_sample_dummies(&sample, 20000);
	log_sample_tip(&sample, &code, LEAF_RECEIVED);
	log_sample_batch(&sample, true);
	assert_answer(ask(&code), 200, "\"index\":20000,");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)
		TEST(the_first_leaf_is_proven_and_later_ones_are_listed),
		TEST(the_leaf_that_says_received_is_proven_wherever_it_stands),
		TEST(nothing_is_there_at_first),
		TEST(the_published_tree_counts),
		TEST(a_step_that_is_not_sealed_yet_is_told),
		TEST(the_search_begins_at_the_time_of_receipt),
		TEST(the_search_ends_with_the_last_event),
		TEST(a_long_search_is_spread_over_requests),
		TEST(later_leaves_are_looked_for_less),
		TEST(a_tip_that_moved_is_followed_to_the_other_log),
		TEST(shards_are_few),
		TEST(at_first_a_receipt_is_pending),
		TEST(a_receipt_gives_the_proof_as_json_page_and_file),
		TEST(a_wrong_code_gets_no_search),
		TEST(asking_for_the_file_adds_nothing),
		TEST(a_tip_in_the_spool_is_pending),
		TEST(without_logs_nothing_is_said),
		TEST(a_long_search_goes_over_several_turns),
	};

	return cmocka_run_group_tests(tests, NULL, finish_all);
}
