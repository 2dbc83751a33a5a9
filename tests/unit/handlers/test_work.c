/*
 * Work on tips over the staff's listener: claims, actions, conflicts, rights,
 * transfers, files; the journal must fold to what the store holds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "daemon/core/journal/fold.h"
#include "daemon/core/judge.h"
#include "daemon/loop/flow.h"
#include "daemon/loop/loop.h"
#include "daemon/sys/keys.h"
#include "daemon/tlog/leaf_mask.h"
#include "handlers/notify/outbox_item.h"
#include "handlers/intake/intake.h"
#include "tests/support/app_rig.h"

#include <stdio.h>

#define NOW_MS 1763748000000
#define CAPTIVE "鄂尔多斯市东胜区的砖厂关着人不让走，有个孩子在哭"
#define FINE "鄂尔多斯市东胜区有人在路边摆摊"
#define BEIJING "北京市东城区的饭店有人被打"

static struct app_rig rig;
static struct arena arena;
static const char *officer;    /* fields with a token, whole country */
static const char *verifier;
static const char *admin;

static void taken(void *ctx, const struct intake_result *result)
{
	assert_int_equal(result->verdict, INTAKE_ACCEPTED);
	*(struct tip_id *)ctx = result->id;
}

/* A tip with these words; its id. */
static struct tip_id tip_of(const char *text, int64_t received_ms)
{
	struct intake_request *request = arena_new(&arena, struct intake_request);
	struct tip_id id = { .text = "" };

	request->tip = (struct tip){
		.text = span_of(text), .lang = SPAN("zh-CN"), .channel = TIP_BY_API, .received_ms = received_ms
	};
	intake_submit(rig.app.intake, request, taken, &id);
	app_rig_settle(&rig);
	assert_true(id.text[0] != '\0');
	return id;
}

static const char *bearer(const char *person, unsigned roles, const char *region)
{
	return arena_printf(&arena, "Authorization: Bearer %s\r\n", app_rig_token(&rig, person, roles, region, &arena));
}

static int begin(void **state)
{
	(void)state;
	app_rig_open(&rig, NULL);
	officer = bearer("officer", WHO_OFFICER, "000000");
	verifier = bearer("verifier", WHO_VERIFIER, "000000");
	admin = bearer("admin", WHO_ADMIN, "000000");
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

/* --- calls ------------------------------------------------------------------------------- */

static struct rig_answer get(const char *who, const char *path)
{
	return app_rig_ask(&rig, SITE_STAFF, "GET", path, who, (struct span){ 0 });
}

static struct rig_answer post(const char *who, const char *path, const char *json)
{
	return app_rig_ask(&rig, SITE_STAFF, "POST", path, who, span_of(json));
}

static struct rig_answer act(const char *who, const struct tip_id *id, const char *action, const char *json)
{
	return post(who, arena_printf(&arena, "/api/v1/tips/%s/%s", id->text, action), json);
}

static struct rig_answer read_tip(const char *who, const struct tip_id *id)
{
	return get(who, arena_printf(&arena, "/api/v1/tips/%s", id->text));
}

static struct rig_answer claim(const char *who, const char *region, unsigned max)
{
	return post(who, arena_printf(&arena, "/api/v1/queues/%s/claim", region),
		    arena_printf(&arena, "{\"max\":%u}", max));
}

static void assert_answer(struct rig_answer answer, int status, const char *part)
{
	if (answer.status != status || !rig_has(answer.body, part))
		fail_msg("%d %.*s\nwanted: %d %s", answer.status, (int)answer.body.len, answer.body.at, status, part);
}

static size_t count_tips(struct rig_answer answer)
{
	size_t n = 0;
	struct span rest = answer.body;

	assert_int_equal(answer.status, 200);
	for (;;) {
		size_t at = span_find(rest, SPAN("\"lease_until\""));

		if (at == rest.len)
			return n;
		rest = span_from_offset(rest, at + 5);
		n++;
	}
}

/* --- the journal folds to the store ---------------------------------------------------------- */

static struct fold *fold;
static const char *fold_shard;

static void fold_all(void *ctx, const struct store_reply *reply)
{
	(void)ctx;
	for (size_t i = 0; i < reply->nevents; i++) {
		struct complaint why;

		if (!fold_event(fold, span_of(fold_shard), reply->events[i].number, reply->events[i].json, &why) ||
		    !fold_seed(fold, reply->events[i].seed, &why))
			fail_msg("event %zu: %s\n%.*s", i, why.text, (int)reply->events[i].json.len,
				 reply->events[i].json.at);
	}
}

static void compare(void *ctx, const struct store_reply *reply)
{
	const struct fold_tip *tip = ctx;
	const struct store_row *row = &reply->rows[0];

	assert_int_equal(reply->nrows, 1);
	assert_int_equal(row->state, tip->state);
	assert_int_equal(row->rev, tip->rev);
	assert_int_equal(row->points, tip->points);
	assert_int_equal(row->nmessages, tip->nmessages);
	assert_int_equal(row->received_ms, tip->received_ms);
	assert_true(span_eq(row->holder, fold_holder(fold, tip->holder)));
	assert_memory_equal(row->receipt_mark, tip->mark, sizeof(tip->mark));
	assert_true(tip->seeded && span_eq(row->seed, span_from(tip->seed, sizeof(tip->seed))));
	if (row->state != TIP_TRANSFERRED)
		assert_string_equal(row->region, tip->region);
}

static void assert_folds(const char *shard)
{
	struct store_request request = { .op = STORE_JOURNAL, .from = 1, .max = 1000 };
	size_t n;
	const struct fold_tip *tips;

	fold = fold_new(1);
	fold_shard = shard;
	memcpy(request.shard, shard, 3);
	store_submit(rig.store->memory, &request, (struct store_wait){ .done = fold_all });
	app_rig_settle(&rig);
	tips = fold_tips(fold, &n);
	for (size_t i = 0; i < n; i++) {
		struct fold_tip tip = tips[i];

		store_submit(rig.store->memory, &(struct store_request){ .op = STORE_READ, .id = tip.id },
			     (struct store_wait){ .done = compare, .ctx = &tip });
		app_rig_settle(&rig);
	}
	fold_free(fold);
}

/* --- learning ------------------------------------------------------------------------------------ */

static struct span last_example;

static void keep_example(void *ctx, const struct store_reply *reply)
{
	(void)ctx;
	assert_true(reply->nevents > 0);
	last_example = arena_dup(&arena, reply->events[reply->nevents - 1].example);
}

/* What the last event of the shard teaches. */
static struct span example_of_last(const char *shard)
{
	struct store_request request = { .op = STORE_JOURNAL, .from = 1, .max = 1000 };

	memcpy(request.shard, shard, 3);
	store_submit(rig.store->memory, &request, (struct store_wait){ .done = keep_example });
	app_rig_settle(&rig);
	return last_example;
}

static struct tip_id closed_as(const char *words, const char *outcome)
{
	struct tip_id id = tip_of(words, NOW_MS);

	claim(officer, "150000", 1);
	assert_answer(act(officer, &id, "close", arena_printf(&arena, "{\"outcome\":\"%s\",\"note\":\"x\"}", outcome)), 200,
		      "\"state\":\"closed\"");
	return id;
}

/* The very example that the judge makes of the words, sealed; nothing where nothing is to be learned. */
static void an_outcome_that_teaches_leaves_a_sealed_example(void **state)
{
	struct learner *learner = learner_new();
	struct tip tip = { .text = SPAN(CAPTIVE), .lang = SPAN("zh-CN"), .received_ms = NOW_MS };
	struct judgement judged;
	struct learn_example example;
	struct tip_id id;

	(void)state;
	closed_as(CAPTIVE, "verified");
	assert_int_equal(example_of_last("15").len, 0);
	judge_set_learner(rig.app.judge, learner);
	id = closed_as(CAPTIVE, "prank");
	assert_true(learn_open(keys_learning(rig.app.keys), &id, example_of_last("15"), &arena, &example));
	judge_tip(rig.app.judge, &tip, &arena, &judged);
	assert_int_equal(example.n, judged.example->n);
	assert_memory_equal(example.features, judged.example->features, example.n * sizeof(example.features[0]));
	closed_as(FINE, "duplicate");
	assert_int_equal(example_of_last("15").len, 0);
	judge_set_learner(rig.app.judge, NULL);
	learner_free(learner);
	assert_folds("15");
}

/* --- claiming ------------------------------------------------------------------------------------ */

static void a_claim_gives_the_best_first_then_the_oldest(void **state)
{
	struct tip_id late = tip_of(FINE, NOW_MS + 5000);
	struct tip_id early = tip_of(FINE " 2", NOW_MS + 1000);
	struct tip_id urgent = tip_of(CAPTIVE, NOW_MS + 9000);
	struct rig_answer answer = claim(officer, "150000", 10);
	size_t at[3];

	(void)state;
	assert_int_equal(count_tips(answer), 3);
	at[0] = span_find(answer.body, span_of(urgent.text));
	at[1] = span_find(answer.body, span_of(early.text));
	at[2] = span_find(answer.body, span_of(late.text));
	assert_true(at[0] < at[1] && at[1] < at[2] && at[2] < answer.body.len);
	assert_true(rig_has(answer.body, "\"holder\":\"officer\""));
	assert_true(rig_has(answer.body, "砖厂"));
	assert_true(rig_has(answer.body, "\"readable\":true"));
	assert_int_equal(count_tips(claim(verifier, "150000", 10)), 0);
	assert_folds("15");
}

static void a_claim_takes_no_more_than_it_asked_for(void **state)
{
	(void)state;
	for (int i = 0; i < 5; i++)
		tip_of(FINE, NOW_MS + i);
	assert_int_equal(count_tips(claim(officer, "150000", 2)), 2);
	assert_int_equal(count_tips(claim(officer, "000000", 2)), 2);
	assert_int_equal(count_tips(claim(officer, "150602", 9)), 1);
	assert_folds("15");
}

static void a_national_claim_draws_the_best_of_all_shards(void **state)
{
	struct rig_answer answer;

	(void)state;
	tip_of(FINE, NOW_MS);
	tip_of(BEIJING, NOW_MS + 1);
	tip_of("nobody knows where this is", NOW_MS + 2);
	tip_of(CAPTIVE, NOW_MS + 3);
	answer = claim(officer, "000000", 4);
	assert_int_equal(count_tips(answer), 4);
	assert_true(span_find(answer.body, SPAN("砖厂")) < span_find(answer.body, SPAN("摆摊")));
	assert_folds("15");
	assert_folds("11");
	assert_folds("00");
}

static void rights_end_at_the_region(void **state)
{
	const char *local = bearer("local", WHO_OFFICER, "150600");
	const char *far = bearer("far", WHO_OFFICER, "110000");
	struct tip_id id = tip_of(CAPTIVE, NOW_MS);

	(void)state;
	assert_answer(claim(far, "150602", 1), 403, "region_not_yours");
	assert_answer(claim(local, "150000", 1), 403, "region_not_yours");
	assert_answer(read_tip(far, &id), 404, "no_such_tip");
	assert_answer(act(far, &id, "note", "{\"text\":\"x\"}"), 404, "no_such_tip");
	assert_false(rig_has(get(far, "/api/v1/queues").body, "150602"));
	assert_true(rig_has(get(local, "/api/v1/queues").body, "150602"));
	assert_int_equal(count_tips(claim(local, "150602", 1)), 1);
	assert_answer(claim(officer, "999999", 1), 404, "no_such_region");
	assert_answer(claim(officer, "x", 1), 404, "no_such_region");
}

static void a_claim_out_of_range_is_refused(void **state)
{
	static const char *const bodies[] = {
		"{\"max\":0}",	   "{\"max\":501}",	 "{\"max\":\"1\"}", "{\"max\":1.5}",	 "{\"lease_s\":0}",
		"{\"wait_s\":999}", "{\"max\":1,\"max\":2}", "[]",		    "{",		 "nonsense",
	};

	(void)state;
	tip_of(FINE, NOW_MS);
	for (size_t i = 0; i < COUNT_OF(bodies); i++)
		assert_int_equal(post(officer, "/api/v1/queues/150000/claim", bodies[i]).status, 400);
	assert_int_equal(count_tips(post(officer, "/api/v1/queues/150000/claim", "")), 1);
}

static void a_claim_may_wait_for_what_comes(void **state)
{
	struct rig_answer answer;
	struct intake_request request = {
		.tip = { .text = SPAN(FINE), .lang = SPAN("en"), .channel = TIP_BY_API, .received_ms = NOW_MS }
	};
	struct tip_id id;

	(void)state;
	answer = post(officer, "/api/v1/queues/150000/claim", "{\"wait_s\":1}");
	assert_int_equal(count_tips(answer), 0);
	intake_submit(rig.app.intake, &request, taken, &id);
	answer = post(officer, "/api/v1/queues/150000/claim", "{\"wait_s\":10}");
	assert_int_equal(count_tips(answer), 1);
}

static void what_was_claimed_is_told_even_when_the_store_goes_away(void **state)
{
	(void)state;
	tip_of(FINE, NOW_MS);
	tip_of(BEIJING, NOW_MS);
	/* All reads of the queues pass; the one behind the first claim does not. */
	rig.store->trouble = TROUBLE_LOST;
	rig.store->trouble_of = STORE_QUEUES;
	rig.store->trouble_after = 35;
	assert_int_equal(count_tips(claim(officer, "000000", 2)), 1);
	rig.store->trouble = TROUBLE_NONE;
	assert_int_equal(count_tips(get(officer, "/api/v1/tips?held=me")), 1);
}

static void a_store_that_is_away_is_said_so(void **state)
{
	struct tip_id id = tip_of(FINE, NOW_MS);

	(void)state;
	rig.store->base.up = false;
	/* What shows something ends at the audit trail, which needs the store first. */
	assert_answer(claim(officer, "150000", 1), 503, "audit_unavailable");
	assert_answer(get(officer, "/api/v1/queues"), 503, "store_unavailable");
	assert_answer(get(officer, "/api/v1/tips?held=me"), 503, "audit_unavailable");
	assert_answer(read_tip(officer, &id), 503, "audit_unavailable");
	assert_answer(act(officer, &id, "renew", "{}"), 503, "store_unavailable");
	assert_answer(get(officer, arena_printf(&arena, "/api/v1/tips/%s/files/1", id.text)), 503,
		      "audit_unavailable");
	/* It goes away behind the event. */
	rig.store->base.up = true;
	rig.store->trouble = TROUBLE_LOST;
	rig.store->trouble_of = STORE_READ;
	assert_answer(read_tip(officer, &id), 503, "store_unavailable");
}

/* More tips of different data keys than one fetch takes: every one must be opened. */
static void tips_of_many_data_keys_are_all_readable(void **state)
{
	struct rig_answer answer;

	(void)state;
	for (int i = 0; i < 150; i++)
		tip_of(FINE, NOW_MS + i * (int64_t)KEYS_PERIOD_MS);
	answer = claim(officer, "150000", 500);
	assert_int_equal(count_tips(answer), 150);
	assert_false(rig_has(answer.body, "\"readable\":false"));
	answer = get(officer, "/api/v1/tips?held=me");
	assert_int_equal(count_tips(answer), 150);
	assert_false(rig_has(answer.body, "\"readable\":false"));
}

/* --- actions --------------------------------------------------------------------------------------- */

static void a_tip_goes_its_way_and_the_journal_tells_it(void **state)
{
	struct tip_id id = tip_of(CAPTIVE, NOW_MS);

	(void)state;
	assert_int_equal(count_tips(claim(officer, "150000", 1)), 1);
	assert_answer(act(officer, &id, "renew", "{\"lease_s\":100}"), 200, "\"state\":\"claimed\"");
	assert_answer(act(officer, &id, "message", "{\"text\":\"Which gate?\"}"), 200, "Which gate?");
	assert_answer(act(verifier, &id, "note", "{\"text\":\"seen <it>\"}"), 200, "seen \\u003cit>");
	assert_answer(act(verifier, &id, "verify", "{\"verdict\":\"verified\",\"note\":\"was there\"}"), 200,
		      "\"state\":\"verified\"");
	assert_answer(act(officer, &id, "renew", ""), 200, "\"state\":\"verified\"");
	assert_answer(act(officer, &id, "close", "{\"outcome\":\"verified\",\"note\":\"x\"}"), 200, "\"state\":\"closed\"");
	assert_answer(act(verifier, &id, "reopen", "{\"reason\":\"more came\"}"), 200, "\"state\":\"queued\"");
	assert_answer(read_tip(officer, &id), 200, "\"message_count\":5");
	assert_int_equal(count_tips(claim(officer, "150000", 1)), 1);
	assert_answer(act(officer, &id, "release", "{\"reason\":\"not mine\"}"), 200, "\"state\":\"queued\"");
	assert_folds("15");
}

static void every_action_is_refused_in_a_state_that_has_no_move(void **state)
{
	struct tip_id id = tip_of(FINE, NOW_MS);

	(void)state;
	assert_answer(act(officer, &id, "renew", "{}"), 409, "not_in_this_state");
	assert_answer(act(officer, &id, "close", "{\"outcome\":\"prank\",\"note\":\"x\"}"), 409, "not_in_this_state");
	assert_answer(act(verifier, &id, "verify", "{\"verdict\":\"verified\"}"), 409, "not_in_this_state");
	assert_answer(act(officer, &id, "dance", "{}"), 404, "no_such_action");
	claim(officer, "150000", 1);
	assert_answer(act(verifier, &id, "renew", "{}"), 409, "not_the_holder");
	assert_answer(act(verifier, &id, "message", "{\"text\":\"x\"}"), 409, "not_the_holder");
	assert_answer(act(officer, &id, "verify", "{\"verdict\":\"verified\"}"), 409, "not_in_this_state");
	assert_folds("15");
}

static void a_body_that_does_not_fit_changes_nothing(void **state)
{
	static const struct {
		const char *action;
		const char *body;
		const char *field;
	} cases[] = {
		{ "renew", "{\"lease_s\":0}", "lease_s" },
		{ "renew", "{\"lease_s\":86401}", "lease_s" },
		{ "renew", "{\"lease_s\":-1}", "lease_s" },
		{ "transfer", "{\"reason\":\"x\"}", "region" },
		{ "transfer", "{\"region\":\"1506\",\"reason\":\"x\"}", "region" },
		{ "transfer", "{\"region\":\"999999\",\"reason\":\"x\"}", "region" },
		{ "transfer", "{\"region\":\"110101\"}", "reason" },
		{ "message", "{\"text\":\"\"}", "text" },
		{ "message", "{\"text\":7}", "text" },
		{ "note", "{}", "text" },
		{ "close", "{\"outcome\":\"done\",\"note\":\"x\"}", "outcome" },
		{ "reopen", "{}", "reason" },
	};
	struct tip_id id = tip_of(FINE, NOW_MS);

	(void)state;
	claim(officer, "150000", 1);
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_answer(act(officer, &id, cases[i].action, cases[i].body), 400,
			      arena_printf(&arena, "\"field\":\"%s\"", cases[i].field));
	assert_answer(act(officer, &id, "note", "not json"), 400, "not_json");
	assert_answer(read_tip(officer, &id), 200, "\"message_count\":0");
	assert_int_equal(rig.store->calls[STORE_CHANGE], 0);
}

static void a_tip_that_is_not_there_is_the_same_as_one_elsewhere(void **state)
{
	struct tip_id id = { .text = "15-0000000000" };

	(void)state;
	assert_answer(read_tip(officer, &id), 404, "no_such_tip");
	assert_answer(act(officer, &id, "note", "{\"text\":\"x\"}"), 404, "no_such_tip");
	assert_answer(get(officer, "/api/v1/tips/15-nonsense"), 404, "no_such_tip");
	assert_answer(get(officer, "/api/v1/tips?held=you"), 400, "held");
}

/* --- transfers ----------------------------------------------------------------------------------------- */

static void a_transfer_within_the_shard_is_readable_there(void **state)
{
	const char *local = bearer("local", WHO_OFFICER, "150602");
	const char *there = bearer("there", WHO_OFFICER, "150100");
	struct tip_id id = tip_of(CAPTIVE, NOW_MS);

	(void)state;
	claim(local, "150602", 1);
	/* It leaves the officer's region: the answer is the tip as it went. */
	assert_answer(act(local, &id, "transfer", "{\"region\":\"150102\",\"reason\":\"it is there\"}"), 200,
		      "\"region\":\"150102\"");
	assert_answer(read_tip(local, &id), 404, "no_such_tip");
	assert_answer(read_tip(there, &id), 200, "\"state\":\"queued\"");
	assert_int_equal(count_tips(claim(there, "150100", 1)), 1);
	assert_answer(read_tip(there, &id), 200, "砖厂");
	assert_folds("15");
}

static void a_transfer_to_another_shard_leaves_an_intent(void **state)
{
	const char *local = bearer("local", WHO_OFFICER, "150000");
	struct tip_id id = tip_of(CAPTIVE, NOW_MS);

	(void)state;
	claim(local, "150602", 1);
	assert_answer(act(local, &id, "transfer", "{\"region\":\"110101\",\"reason\":\"it is there\"}"), 200,
		      "\"state\":\"transferred\"");
	assert_answer(act(admin, &id, "note", "{\"text\":\"x\"}"), 409, "not_in_this_state");
	assert_int_equal(count_tips(claim(officer, "000000", 5)), 0);
	assert_folds("15");
}

static struct span last_intent, kept_seed;

static void saw(void *ctx, const struct store_reply *reply)
{
	(void)ctx;
	if (reply->nitems > 0)
		last_intent = arena_dup(&arena, reply->items[reply->nitems - 1].payload);
	if (reply->nrows > 0)
		kept_seed = arena_dup(&arena, reply->rows[0].seed);
}

static void look(struct store_request request)
{
	store_submit(rig.store->memory, &request, (struct store_wait){ .done = saw });
	app_rig_settle(&rig);
}

/* The same seed, for the id that the tip gets there. */
static void a_transfer_takes_the_seed_along(void **state)
{
	const char *local = bearer("local", WHO_OFFICER, "150000");
	struct tip_id id = tip_of(CAPTIVE, NOW_MS);
	unsigned char here[LEAF_SEED_BYTES], there[LEAF_SEED_BYTES];
	const unsigned char *key = keys_log_mask(rig.app.keys);
	struct outbox_item item;

	(void)state;
	claim(local, "150602", 1);
	assert_answer(act(local, &id, "transfer", "{\"region\":\"110101\",\"reason\":\"it is there\"}"), 200,
		      "\"state\":\"transferred\"");
	look((struct store_request){ .op = STORE_READ, .id = id });
	look((struct store_request){
		.op = STORE_JOB_LEASE, .shard = "15", .job = "test", .holder = SPAN("test"), .lease_ms = 60000 });
	look((struct store_request){
		.op = STORE_OUTBOX_DUE, .shard = "15", .job = "test", .fence = 1, .max = 100, .lease_ms = 60000 });
	assert_true(outbox_item_open(keys_courier(rig.app.keys), last_intent, &arena, &item));
	assert_int_equal(item.kind, OUTBOX_TRANSFER);
	assert_memory_equal(item.transfer.tip.id.text, "11", 2);
	assert_int_equal(item.transfer.tip.seed.len, LEAF_SEED_BYTES);
	leaf_mask(key, &id, (const unsigned char *)kept_seed.at, here);
	leaf_mask(key, &item.transfer.tip.id, (const unsigned char *)item.transfer.tip.seed.at, there);
	assert_memory_equal(here, there, sizeof(here));
	assert_memory_not_equal(kept_seed.at, item.transfer.tip.seed.at, LEAF_SEED_BYTES);
}

/* --- races ------------------------------------------------------------------------------------------------- */

static void an_unknown_end_is_not_called_done(void **state)
{
	struct tip_id id = tip_of(FINE, NOW_MS);

	(void)state;
	claim(officer, "150000", 1);
	rig.store->trouble = TROUBLE_MUTE;
	rig.store->trouble_of = STORE_CHANGE;
	assert_answer(act(officer, &id, "note", "{\"text\":\"x\"}"), 503, "store_unavailable");
	rig.store->trouble = TROUBLE_NONE;
	assert_answer(read_tip(officer, &id), 200, "\"message_count\":1");
	assert_folds("15");
}

static void a_lease_that_ran_out_is_nobodys(void **state)
{
	struct tip_id id = tip_of(FINE, NOW_MS);

	(void)state;
	claim(officer, "150000", 1);
	assert_answer(act(admin, &id, "release", "{}"), 200, "\"state\":\"queued\"");
	assert_answer(act(officer, &id, "close", "{\"outcome\":\"prank\",\"note\":\"x\"}"), 409, "not_in_this_state");
	claim(verifier, "150000", 1);
	assert_answer(act(officer, &id, "close", "{\"outcome\":\"prank\",\"note\":\"x\"}"), 409, "not_the_holder");
	assert_folds("15");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)
	const struct CMUnitTest tests[] = {
		TEST(an_outcome_that_teaches_leaves_a_sealed_example),
		TEST(a_claim_gives_the_best_first_then_the_oldest),
		TEST(a_claim_takes_no_more_than_it_asked_for),
		TEST(a_national_claim_draws_the_best_of_all_shards),
		TEST(rights_end_at_the_region),
		TEST(a_claim_out_of_range_is_refused),
		TEST(a_claim_may_wait_for_what_comes),
		TEST(what_was_claimed_is_told_even_when_the_store_goes_away),
		TEST(a_store_that_is_away_is_said_so),
		TEST(tips_of_many_data_keys_are_all_readable),
		TEST(a_tip_goes_its_way_and_the_journal_tells_it),
		TEST(every_action_is_refused_in_a_state_that_has_no_move),
		TEST(a_body_that_does_not_fit_changes_nothing),
		TEST(a_tip_that_is_not_there_is_the_same_as_one_elsewhere),
		TEST(a_transfer_within_the_shard_is_readable_there),
		TEST(a_transfer_to_another_shard_leaves_an_intent),
		TEST(a_transfer_takes_the_seed_along),
		TEST(an_unknown_end_is_not_called_done),
		TEST(a_lease_that_ran_out_is_nobodys),
	};

	return cmocka_run_group_tests(tests, NULL, finish_all);
}
