/*
 * Group commit by itself: promises that hold, answers that are kept, flows
 * that end while their batch waits or is on its way.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "daemon/core/tip/promise.h"
#include "daemon/loop/flow.h"
#include "daemon/loop/loop.h"
#include "daemon/sys/keys.h"
#include "handlers/intake/commit.h"
#include "tests/support/app_rig.h"
#include "tests/support/spool_tip.h"

#include <jansson.h>
#include <sodium.h>

static struct app_rig rig;
static struct arena arena;

struct adding {
	unsigned number;
	const struct seal_key *key;
	struct commit_tip tip;
};

/* What came of each, by number. */
static struct {
	struct flow_ref ref;
	bool ended;
	bool well;
	enum commit_end end;
	struct span promise;
	struct span answer;
} seen[400];

static enum flow_next step_add(struct flow *flow)
{
	struct adding *adding = flow_state(flow);

	seen[adding->number].ref = flow_ref(flow);
	adding->tip.tip = spool_tip_make(flow_arena(flow), adding->number);
	adding->tip.answer_key = adding->key;
	memset(adding->tip.receipt.digits, '1', RECEIPT_DIGITS);
	return commit_add(rig.app.commit, flow, &adding->tip);
}

static enum flow_next step_look(struct flow *flow)
{
	struct adding *adding = flow_state(flow);

	seen[adding->number].end = adding->tip.end;
	seen[adding->number].promise = arena_dup(&arena, adding->tip.promise);
	seen[adding->number].answer = arena_dup(&arena, adding->tip.tip.answer);
	return FLOW_DONE;
}

static void on_end(struct flow *flow, bool well)
{
	struct adding *adding = flow_state(flow);

	seen[adding->number].ended = true;
	seen[adding->number].well = well;
}

static const struct flow_step steps[] = { { .name = "add", .run = step_add }, { .name = "look", .run = step_look } };
static const struct flow_kind kind = {
	.name = "adding", .steps = steps, .nsteps = 2, .state_bytes = sizeof(struct adding), .end = on_end
};

static void add(unsigned number, const struct seal_key *key)
{
	struct adding *adding = flow_state(flow_start(rig.loop, &kind, NULL, NULL));

	adding->number = number;
	adding->key = key;
}

static int begin(void **state)
{
	(void)state;
	app_rig_open(&rig, NULL);
	memset(seen, 0, sizeof(seen));
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

/* --- promises --------------------------------------------------------------------------- */

static void bytes_of(const json_t *value, void *out, size_t len)
{
	size_t got;

	assert_int_equal(sodium_base642bin(out, len, json_string_value(value), json_string_length(value), NULL, &got,
					   NULL, sodium_base64_VARIANT_ORIGINAL),
			 0);
	assert_int_equal(got, len);
}

static void read_promise(struct span text, struct promise *out)
{
	json_t *json = json_loadb(text.at, text.len, 0, NULL);
	const json_t *path = json_object_get(json, "path");

	assert_non_null(json);
	*out = (struct promise){ .npath = json_array_size(path) };
	bytes_of(json_object_get(json, "leaf"), out->leaf.commitment, sizeof(out->leaf.commitment));
	out->leaf.received_ms = json_integer_value(json_object_get(json, "received"));
	out->index = (uint64_t)json_integer_value(json_object_get(json, "index"));
	out->count = (uint64_t)json_integer_value(json_object_get(json, "count"));
	for (size_t i = 0; i < out->npath; i++)
		bytes_of(json_array_get(path, i), &out->path[i], sizeof(out->path[i]));
	bytes_of(json_object_get(json, "signature"), out->signature, sizeof(out->signature));
	bytes_of(json_object_get(json, "key"), out->key, sizeof(out->key));
	json_decref(json);
}

static void every_promise_of_a_batch_holds_for_its_own_tip(void **state)
{
	const unsigned char *key = keys_promise_public(rig.app.keys);

	(void)state;
	for (unsigned n = 1, from = 0; n <= 20; from += n++) {
		for (unsigned i = from; i < from + n; i++)
			add(i, NULL);
		app_rig_settle(&rig);
		for (unsigned i = from; i < from + n; i++) {
			struct store_tip tip = spool_tip_make(&arena, i);
			struct promise promise;

			read_promise(seen[i].promise, &promise);
			assert_int_equal(promise_verify(&promise, key), PROMISE_HOLDS);
			assert_memory_equal(promise.leaf.commitment, tip.commitment.at, 32);
			assert_int_equal(promise.leaf.received_ms, tip.received_ms);
			assert_int_equal(promise.count, n);
			promise.leaf.commitment[0] ^= 1;
			assert_int_not_equal(promise_verify(&promise, key), PROMISE_HOLDS);
		}
	}
}

static void the_kept_answer_holds_id_code_and_promise(void **state)
{
	struct seal_key key = { .bytes = { 7 } };
	struct span clear;

	(void)state;
	add(1, &key);
	app_rig_settle(&rig);
	assert_int_equal(seen[1].end, COMMIT_STORED);
	assert_true(seal_open_blob(&key, "answer", seen[1].answer, &arena, &clear));
	assert_int_equal(clear.len, TIP_ID_LEN + RECEIPT_DIGITS + seen[1].promise.len);
	assert_memory_equal(clear.at, "15-0000000001111111111111111111111111", TIP_ID_LEN + RECEIPT_DIGITS);
	assert_true(span_eq(span_from_offset(clear, TIP_ID_LEN + RECEIPT_DIGITS), seen[1].promise));
}

/* --- flows that end too early ---------------------------------------------------------------- */

static void a_flow_that_ended_on_the_way_takes_nothing_with_it(void **state)
{
	(void)state;
	rig.store->trouble = TROUBLE_HELD;
	for (unsigned i = 0; i < 3; i++)
		add(i, NULL);
	app_rig_settle(&rig);
	flow_abort(rig.loop, seen[1].ref);
	rig.store->trouble = TROUBLE_NONE;
	store_double_release(rig.store);
	app_rig_settle(&rig);
	assert_int_equal(seen[0].end, COMMIT_STORED);
	assert_int_equal(seen[2].end, COMMIT_STORED);
	assert_false(seen[1].well);
	assert_int_equal(commit_figures(rig.app.commit)->stored, 2);
}

static void a_flow_that_ended_on_the_way_does_not_go_to_the_spool(void **state)
{
	struct tip_id gone = spool_tip_make(&arena, 1).id;

	(void)state;
	rig.store->trouble = TROUBLE_HELD;
	for (unsigned i = 0; i < 3; i++)
		add(i, NULL);
	app_rig_settle(&rig);
	flow_abort(rig.loop, seen[1].ref);
	/* The connection breaks: the answer never comes, the wait ends as unknown. */
	rig.store->trouble = TROUBLE_NONE;
	store_double_fail_held(rig.store);
	app_rig_settle(&rig);
	assert_int_equal(seen[0].end, COMMIT_SPOOLED);
	assert_int_equal(seen[2].end, COMMIT_SPOOLED);
	assert_false(spool_holds(rig.app.spool, &gone));
	assert_int_equal(spool_figures(rig.app.spool)->depth, 2);
	spool_drop(rig.app.spool, 2);
}

static void flows_that_end_while_their_batch_waits_are_left_out(void **state)
{
	(void)state;
	rig.store->trouble = TROUBLE_HELD;
	for (unsigned i = 0; i < 6; i++) {
		add(i, NULL);
		app_rig_settle(&rig);
	}
	/* Some are under way, the others wait for a call to end. */
	assert_in_range(rig.store->calls[STORE_ACCEPT], 1, 5);
	flow_abort(rig.loop, seen[5].ref);
	rig.store->trouble = TROUBLE_NONE;
	store_double_release(rig.store);
	app_rig_settle(&rig);
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(seen[i].end, COMMIT_STORED);
	assert_false(seen[5].well);
	assert_int_equal(rig.store->tips, 5);
}

static void a_batch_of_ended_flows_is_not_sent(void **state)
{
	unsigned sent;

	(void)state;
	rig.store->trouble = TROUBLE_HELD;
	for (unsigned i = 0; i < 3; i++) {
		add(i, NULL);
		app_rig_settle(&rig);
	}
	sent = rig.store->calls[STORE_ACCEPT];
	assert_in_range(sent, 1, 2);
	flow_abort(rig.loop, seen[2].ref);
	rig.store->trouble = TROUBLE_NONE;
	store_double_release(rig.store);
	app_rig_settle(&rig);
	assert_int_equal(rig.store->calls[STORE_ACCEPT], sent);
	add(3, NULL);
	app_rig_settle(&rig);
	assert_int_equal(seen[3].end, COMMIT_STORED);
}

/* While calls hang the store goes down: what waits goes to the spool, in its order. */
static void what_waits_when_the_store_goes_down_is_spooled(void **state)
{
	struct store_tip tips[8];

	(void)state;
	rig.store->trouble = TROUBLE_HELD;
	for (unsigned i = 0; i < 5; i++) {
		add(i, NULL);
		app_rig_settle(&rig);
	}
	rig.store->base.up = false;
	store_double_fail_held(rig.store);
	app_rig_settle(&rig);
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(seen[i].end, COMMIT_SPOOLED);
	assert_int_equal(spool_peek(rig.app.spool, tips, 8), 5);
	for (unsigned i = 0; i < 5; i++)
		assert_string_equal(tips[i].id.text, spool_tip_make(&arena, i).id.text);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)
	const struct CMUnitTest tests[] = {
		TEST(every_promise_of_a_batch_holds_for_its_own_tip),
		TEST(the_kept_answer_holds_id_code_and_promise),
		TEST(a_flow_that_ended_on_the_way_takes_nothing_with_it),
		TEST(a_flow_that_ended_on_the_way_does_not_go_to_the_spool),
		TEST(flows_that_end_while_their_batch_waits_are_left_out),
		TEST(a_batch_of_ended_flows_is_not_sent),
		TEST(what_waits_when_the_store_goes_down_is_spooled),
	};

	return cmocka_run_group_tests(tests, NULL, finish_all);
}
