/*
 * The linker on the store in memory: what is linked, by one process at a time,
 * once, whatever gets lost on the way.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/core/journal/event.h"
#include "daemon/jobs/linker.h"
#include "daemon/sys/log.h"
#include "tests/support/store_double.h"

#include <stdio.h>

#define PATIENCE_MS 60000
#define LEASE_MS 15001

static const char shards[][3] = { "00", "15", "44" };
static struct arena arena;
static struct loop *loop;
static struct store_double *store;
static struct linker *linker;
static struct model *model;
static const struct seal_key model_key = { "the key of learning" };
static struct rules *rules;
static unsigned intents, kicks, ntips;
static int64_t set_back_ms;   /* of the clock of who accepts tips */

/* --- the world ------------------------------------------------------------------------------------ */

static void stop(void *ctx)
{
	(void)ctx;
	loop_stop(loop);
}

/* In turns of a millisecond: timers fire as often as they should, however long the machine leaves us waiting in one of them. */
static void run_for(unsigned ms)
{
	for (unsigned turn = 0; turn < ms; turn++) {
		loop_after(loop, 1, stop, NULL);
		loop_run(loop);
	}
}

static struct span make_intent(void *ctx, const struct store_link *child, struct arena *to)
{
	(void)ctx;
	assert_int_equal(child->kind, STORE_LINK_CHILD);
	assert_memory_not_equal(child->id.text, child->other.text, 2);
	intents++;
	return arena_dup(to, SPAN("intent"));
}

static void kicked(void *ctx, struct span shard)
{
	(void)ctx;
	assert_int_equal(shard.len, 2);
	kicks++;
}

static struct linker *job_new(const char *holder)
{
	return linker_new(&(struct linker_env){
		.loop = loop,
		.store = &store->base,
		.shards = shards,
		.nshards = 3,
		.holder = span_of(holder),
		.limits = { .max_tips = 5000, .max_incidents = 1000, .max_senders = 100 },
		.rules = rules,
		.model = model,
		.child_intent = make_intent,
		.outbox_written = kicked,
	});
}

static struct linker_figures figures_of(const struct linker *of)
{
	struct linker_figures figures;

	linker_figures(of, &figures);
	return figures;
}

static struct store_reply seen;
static struct arena seen_bytes;

static void saw(void *ctx, const struct store_reply *reply)
{
	(void)ctx;
	seen = *reply;
	if (reply->nrows > 0) {
		seen.rows = arena_new(&seen_bytes, struct store_row);
		*seen.rows = reply->rows[0];
	}
	seen.events = arena_array(&seen_bytes, struct store_event, reply->nevents);
	for (size_t i = 0; i < reply->nevents; i++) {
		seen.events[i] = reply->events[i];
		seen.events[i].json = arena_dup(&seen_bytes, reply->events[i].json);
	}
}

static void ask(const struct store_request *request)
{
	store_submit(store->memory, request, (struct store_wait){ .done = saw });
	loop_post_last(loop, stop, NULL);
	loop_run(loop);
}

static struct store_row *row_of(const char *id)
{
	struct store_request read = { .op = STORE_READ };

	snprintf(read.id.text, sizeof(read.id.text), "%s", id);
	ask(&read);
	assert_int_equal(seen.nrows, 1);
	return seen.rows;
}

/* How many events of that name a shard's journal has. */
static unsigned events_named(const char *shard, const char *name)
{
	struct store_request journal = { .op = STORE_JOURNAL, .from = 1, .max = 10000 };
	struct event_member member;
	unsigned n = 0;

	memcpy(journal.shard, shard, sizeof(journal.shard));
	ask(&journal);
	for (size_t i = 0; i < seen.nevents; i++)
		n += event_find(seen.events[i].json, "e", &member) && span_is(member.value, name);
	return n;
}

static unsigned linked_events(void)
{
	return events_named("00", "linked") + events_named("15", "linked") + events_named("44", "linked");
}

/* A text that no other number shares anything with. */
static struct span fingerprint_of(unsigned number)
{
	struct fingerprint f = { .feature.ngrams = 40, .feature.nkeys = FEATURE_KEYS_MAX };
	uint64_t random = number * 0x9E3779B97F4A7C15u + 1;

	for (size_t i = 0; i < 40; i++) {
		random = random * 6364136223846793005u + 1442695040888963407u;
		f.feature.grams[i] = (uint16_t)(i * 100 + (random >> 40) % 100);
	}
	for (size_t i = 0; i < FEATURE_KEYS_MAX; i++) {
		random = random * 6364136223846793005u + 1442695040888963407u;
		f.feature.keys[i] = (random >> 30) & 0xFFFFFF;
	}
	return fingerprint_pack(&f, &arena);
}

/* Into the store, as the intake does; the same number is the same text. */
static const char *accept_tip(const char *shard, unsigned number)
{
	struct store_tip tip = { .points = 30, .received_ms = 1763748000000 + ntips - set_back_ms, .sealed = SPAN("sealed"),
				 .commitment = SPAN("01234567890123456789012345678901") };

	snprintf(tip.id.text, sizeof(tip.id.text), "%s-%010u", shard, ntips);
	snprintf(tip.region, sizeof(tip.region), "%s0000", shard);
	snprintf((char *)tip.receipt_mark, sizeof(tip.receipt_mark), "mark %u", ntips++);
	tip.fingerprint = fingerprint_of(number);
	tip.event = span_of(arena_printf(&arena,
					 "{\"e\":\"accepted\",\"id\":\"%s\",\"at\":%lld,\"region\":\"%s\",\"points\":30}",
					 tip.id.text, (long long)tip.received_ms, tip.region));
	ask(&(struct store_request){ .op = STORE_ACCEPT, .tips = &tip, .ntips = 1 });
	assert_int_equal(seen.outcome, STORE_DONE);
	return arena_dup(&arena, span_of(tip.id.text)).at;
}

static bool idle(const struct linker *of)
{
	struct linker_figures figures = figures_of(of);

	return figures.warm && figures.behind == 0 && figures.open == 0;
}

/* Until nothing is left to be done, and a while in which nothing comes up. */
static void settle_down(const struct linker *of)
{
	uint64_t end_ms = loop_now_ms(loop) + PATIENCE_MS;

	for (unsigned quiet = 0; quiet < 3;) {
		assert_true(loop_now_ms(loop) < end_ms);
		linker_kick(linker, SPAN("00"));
		linker_kick(linker, SPAN("15"));
		linker_kick(linker, SPAN("44"));
		run_for(60);
		quiet = idle(of) ? quiet + 1 : 0;
	}
}

static void noted(void)
{
	run_for(1200);
}

static int begin(void **state)
{
	struct complaint why;

	(void)state;
	log_open(LOG_LEVEL_ERROR, false);
	intents = kicks = ntips = 0;
	set_back_ms = 0;
	loop = loop_new();
	store = store_double_new(loop);
	rules = rules_new(NULL, 0, &why);
	model = model_new(&(struct model_env){ .loop = loop, .path = "/nowhere/model", .key = &model_key, .on = true });
	linker = job_new("one");
	return 0;
}

static int finish(void **state)
{
	(void)state;
	linker_free(linker);
	store_free(&store->base);
	loop_post_last(loop, stop, NULL);
	loop_run(loop);
	model_free(model);
	loop_free(loop);
	rules_free(rules);
	arena_release(&arena);
	arena_release(&seen_bytes);
	return 0;
}

/* As after a crash or a restart: another process, once the lease has run out. */
static void take_over(void)
{
	linker_free(linker);
	run_for(20);
	store_memory_advance(store->memory, LEASE_MS);
	linker = job_new("two");
}

/* --- linking ---------------------------------------------------------------------------------------- */

static void copies_are_linked_within_and_over_shards(void **state)
{
	const char *first = accept_tip("15", 1), *copy = accept_tip("15", 1), *far = accept_tip("44", 1);
	const char *other = accept_tip("44", 2);

	(void)state;
	settle_down(linker);
	assert_string_equal(row_of(copy)->parent.text, first);
	assert_string_equal(row_of(far)->parent.text, first);
	assert_string_equal(row_of(other)->parent.text, "");
	assert_string_equal(row_of(first)->parent.text, "");
	assert_int_equal(row_of(first)->nchildren, 1);
	assert_int_equal(intents, 1);
	assert_int_equal(kicks, 1);
	assert_int_equal(figures_of(linker).linked, 2);
	assert_int_equal(figures_of(linker).casebook.incidents, 1);
}

static void what_comes_later_is_linked_too(void **state)
{
	const char *first, *copy;

	(void)state;
	settle_down(linker);
	assert_true(figures_of(linker).leading);
	first = accept_tip("15", 1);
	settle_down(linker);
	copy = accept_tip("44", 1);
	/* Nobody kicks: it looks by itself. */
	run_for(1000);
	assert_string_equal(row_of(copy)->parent.text, first);
}

static void a_flood_is_linked_to_its_first(void **state)
{
	const char *first = accept_tip("15", 1);

	(void)state;
	for (unsigned i = 0; i < 1500; i++)
		accept_tip(i % 2 == 0 ? "15" : "44", 1);
	settle_down(linker);
	assert_int_equal(linked_events(), 1500);
	assert_int_equal(figures_of(linker).linked, 1500);
	assert_int_equal(row_of(first)->nchildren, 750);
}

/* --- once -------------------------------------------------------------------------------------------- */

static void a_restart_writes_nothing_twice(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 30; i++)
		accept_tip(i % 2 == 0 ? "15" : "44", i % 5);
	settle_down(linker);
	assert_int_equal(linked_events(), 25);
	noted();
	take_over();
	store->calls[STORE_LINK] = 0;
	settle_down(linker);
	assert_int_equal(linked_events(), 25);
	assert_int_equal(store->calls[STORE_LINK], 0);
	assert_true(figures_of(linker).read >= 55);
	accept_tip("15", 0);
	settle_down(linker);
	assert_int_equal(linked_events(), 26);
}

/* Its clock was set back, or it waited in a spool: by time it comes before what was judged already. */
static void what_came_while_nobody_led_is_held_against_all_before_it(void **state)
{
	const char *first = accept_tip("15", 1), *late;

	(void)state;
	settle_down(linker);
	noted();
	linker_free(linker);
	run_for(20);
	set_back_ms = 60000;
	late = accept_tip("44", 1);
	store_memory_advance(store->memory, LEASE_MS);
	linker = job_new("two");
	settle_down(linker);
	assert_string_equal(row_of(first)->parent.text, late);
	assert_int_equal(linked_events(), 1);
}

static void a_crash_between_decision_and_note_writes_nothing_twice(void **state)
{
	(void)state;
	store->trouble = TROUBLE_LOST;
	store->trouble_of = STORE_JOB_NOTE;
	for (unsigned i = 0; i < 30; i++)
		accept_tip(i % 2 == 0 ? "15" : "44", i % 5);
	settle_down(linker);
	noted();
	store->trouble = TROUBLE_NONE;
	take_over();
	store->calls[STORE_LINK] = 0;
	settle_down(linker);
	assert_true(store->calls[STORE_LINK] > 0);
	assert_int_equal(linked_events(), 25);
}

static void an_answer_that_is_lost_is_asked_for_again(void **state)
{
	const char *first = accept_tip("15", 1), *copy = accept_tip("15", 1);

	(void)state;
	store->trouble = TROUBLE_MUTE;
	store->trouble_of = STORE_LINK;
	run_for(700);
	assert_true(store->calls[STORE_LINK] >= 2);
	assert_int_equal(figures_of(linker).open, 1);
	store->trouble = TROUBLE_NONE;
	settle_down(linker);
	assert_string_equal(row_of(copy)->parent.text, first);
	assert_int_equal(linked_events(), 1);
}

static void nothing_is_noted_that_is_not_settled(void **state)
{
	struct store_request lease = { .op = STORE_JOB_LEASE, .shard = "15", .job = "linker", .holder = SPAN("x"),
				       .lease_ms = 1 };

	(void)state;
	accept_tip("15", 1);
	accept_tip("15", 1);
	store->trouble = TROUBLE_LOST;
	store->trouble_of = STORE_LINK;
	run_for(2500);
	store_memory_advance(store->memory, LEASE_MS);
	ask(&lease);
	assert_int_equal(seen.note, 1);
}

static void a_store_that_answers_with_errors_does_not_stop_it_for_ever(void **state)
{
	(void)state;
	accept_tip("15", 1);
	accept_tip("15", 1);
	store->trouble = TROUBLE_BROKEN;
	store->trouble_of = STORE_LINK;
	settle_down(linker);
	assert_int_equal(figures_of(linker).refused, 1);
}

/* --- one at a time ------------------------------------------------------------------------------------- */

static void only_one_of_two_leads(void **state)
{
	struct linker *other;

	(void)state;
	settle_down(linker);
	other = job_new("two");
	accept_tip("15", 1);
	accept_tip("15", 1);
	settle_down(linker);
	assert_false(figures_of(other).leading);
	assert_int_equal(figures_of(other).read, 0);
	assert_int_equal(linked_events(), 1);
	linker_free(other);
	run_for(20);
}

/* The lease's time is not waited for: the store's clock moves on by less. */
static void who_rests_gives_the_lease_back(void **state)
{
	struct linker *other;
	const char *first = accept_tip("15", 1), *copy;

	(void)state;
	settle_down(linker);
	linker_rest(linker);
	run_for(50);
	assert_true(linker_rests(linker));
	copy = accept_tip("44", 1);
	other = job_new("two");
	store_memory_advance(store->memory, 100);
	settle_down(other);
	assert_true(figures_of(other).leading);
	assert_string_equal(row_of(copy)->parent.text, first);
	linker_free(other);
	run_for(20);
}

static void who_lost_the_lease_writes_nothing_more(void **state)
{
	struct linker *other;
	struct linker_figures figures;

	(void)state;
	accept_tip("15", 1);
	settle_down(linker);
	/* It sleeps over its lease, another one leads; then it finds a copy. */
	store->base.up = false;
	run_for(60);
	store->base.up = true;
	store_memory_advance(store->memory, LEASE_MS);
	other = job_new("two");
	store->trouble = TROUBLE_LOST;
	store->trouble_of = STORE_JOURNAL;
	store->trouble_after = 0;
	for (unsigned i = 0; i < 100 && !figures_of(other).leading; i++)
		run_for(30);
	assert_true(figures_of(other).leading);
	store->trouble = TROUBLE_NONE;
	accept_tip("15", 1);
	settle_down(other);
	assert_int_equal(linked_events(), 1);
	for (unsigned i = 0; i < 200 && figures_of(linker).leading; i++)
		run_for(50);
	figures = figures_of(linker);
	assert_false(figures.leading);
	assert_int_equal(figures.casebook.bytes, 0);
	assert_int_equal(figures.linked + figures_of(other).linked, 1);
	linker_free(other);
	run_for(20);
}

/* --- trouble --------------------------------------------------------------------------------------------- */

static void troubles_of_the_store_pass(void **state)
{
	static const enum store_op ops[] = { STORE_JOURNAL, STORE_JOB_LEASE, STORE_LINK };
	const char *first = accept_tip("15", 1);

	(void)state;
	store->trouble = TROUBLE_LOST;
	for (size_t i = 0; i < 3; i++) {
		store->trouble_of = ops[i];
		accept_tip("44", 1);
		run_for(300);
	}
	store->base.up = false;
	run_for(100);
	store->base.up = true;
	store->trouble = TROUBLE_NONE;
	run_for(1100);
	settle_down(linker);
	assert_int_equal(linked_events(), 3);
	assert_int_equal(row_of(first)->nchildren, 0);
	assert_int_equal(intents >= 3, 1);
}

static void what_cannot_be_read_is_passed_over(void **state)
{
	struct store_tip odd = { .received_ms = 5, .sealed = SPAN("s"), .region = "150000", .fingerprint = SPAN("?"),
				 .id = { "15-ZZZZZZZZZZ" }, .receipt_mark = "odd" };

	(void)state;
	odd.event = SPAN("{\"e\":\"accepted\",\"id\":\"15-ZZZZZZZZZZ\",\"at\":5,\"region\":\"150000\",\"points\":1}");
	ask(&(struct store_request){ .op = STORE_ACCEPT, .tips = &odd, .ntips = 1 });
	accept_tip("15", 1);
	accept_tip("15", 1);
	settle_down(linker);
	assert_int_equal(figures_of(linker).unreadable, 1);
	assert_int_equal(linked_events(), 1);
}

static void freeing_with_answers_out_waits_for_them(void **state)
{
	(void)state;
	accept_tip("15", 1);
	accept_tip("15", 1);
	store->trouble = TROUBLE_HELD;
	store->trouble_of = STORE_LINK;
	run_for(400);
	linker_free(linker);
	linker = NULL;
	store->trouble = TROUBLE_NONE;
	store_double_release(store);
	run_for(50);
	assert_int_equal(linked_events(), 1);
}

/* --- learning ---------------------------------------------------------------------------------------------- */

static void close_tip(const char *id, const char *outcome)
{
	struct learn_example example = { .features = { 1, 5, 9 }, .n = 3 };
	struct store_row *row = row_of(id);
	struct store_change change = { .id = row->id,
				       .expect_rev = row->rev,
				       .state = TIP_CLOSED,
				       .points = 30,
				       .region = "150000",
				       .example = learn_seal(&model_key, &row->id, &example, &arena) };

	change.event = span_of(arena_printf(
		&arena, "{\"e\":\"closed\",\"id\":\"%s\",\"at\":1763748000000,\"by\":\"x\",\"outcome\":\"%s\"}", id, outcome));
	ask(&(struct store_request){ .op = STORE_CHANGE, .change = &change });
	assert_int_equal(seen.verdict, STORE_OK);
}

static struct model_figures taught(void)
{
	struct model_figures figures;

	model_figures(model, &figures);
	return figures;
}

static void outcomes_teach_once(void **state)
{
	(void)state;
	close_tip(accept_tip("15", 1), "prank");
	close_tip(accept_tip("15", 2), "verified");
	close_tip(accept_tip("44", 3), "unfounded");
	settle_down(linker);
	assert_int_equal(taught().wanted, 2);
	assert_int_equal(taught().unwanted, 1);
	/* The lease is lost and won again: the journals are read again, and nothing is learned twice. */
	store_memory_advance(store->memory, LEASE_MS);
	ask(&(struct store_request){
		.op = STORE_JOB_LEASE, .shard = "00", .job = "linker", .holder = SPAN("thief"), .lease_ms = 1 });
	store_memory_advance(store->memory, 2);
	for (unsigned i = 0; i < 200 && figures_of(linker).leading; i++)
		run_for(50);
	settle_down(linker);
	assert_int_equal(taught().wanted, 2);
	assert_int_equal(taught().unwanted, 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)
	const struct CMUnitTest tests[] = {
		TEST(copies_are_linked_within_and_over_shards),
		TEST(what_comes_later_is_linked_too),
		TEST(a_flood_is_linked_to_its_first),
		TEST(a_restart_writes_nothing_twice),
		TEST(what_came_while_nobody_led_is_held_against_all_before_it),
		TEST(a_crash_between_decision_and_note_writes_nothing_twice),
		TEST(an_answer_that_is_lost_is_asked_for_again),
		TEST(nothing_is_noted_that_is_not_settled),
		TEST(a_store_that_answers_with_errors_does_not_stop_it_for_ever),
		TEST(only_one_of_two_leads),
		TEST(who_rests_gives_the_lease_back),
		TEST(who_lost_the_lease_writes_nothing_more),
		TEST(troubles_of_the_store_pass),
		TEST(what_cannot_be_read_is_passed_over),
		TEST(freeing_with_answers_out_waits_for_them),
		TEST(outcomes_teach_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
