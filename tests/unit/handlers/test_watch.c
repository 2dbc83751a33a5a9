/*
 * What changes in the queues: one look a second for all who wait, none for nobody, figures read only where something
 * happened, and no change missed from the first look on.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/loop/loop.h"
#include "handlers/bureau/watch.h"
#include "tests/support/app_rig.h"

#include <stdio.h>

static struct app_rig rig;
static struct watch *watch;
static struct shard_list ordos = { .at = { "15" }, .n = 1 }, both = { .at = { "15", "11" }, .n = 2 };

static int begin(void **state)
{
	(void)state;
	app_rig_open(&rig, NULL);
	watch = rig.app.watch;
	return 0;
}

static int finish(void **state)
{
	(void)state;
	app_rig_close(&rig);
	return 0;
}

static int finish_all(void **state)
{
	(void)state;
	app_rig_done();
	return 0;
}

/* --- flows that wait ------------------------------------------------------------------- */

struct waiting {
	struct shard_list shards;
};

static unsigned woken, refused;

static enum flow_next step_wait(struct flow *flow)
{
	struct waiting *waiting = flow_state(flow);

	if (watch_wait(watch, &waiting->shards, flow_ref(flow)))
		return FLOW_WAIT;
	refused++;
	return FLOW_DONE;
}

static enum flow_next step_woken(struct flow *flow)
{
	(void)flow;
	woken++;
	return FLOW_DONE;
}

static const struct flow_step steps[] = { { .name = "wait", .run = step_wait }, { .name = "woken", .run = step_woken } };
static const struct flow_kind kind = {
	.name = "waiting", .steps = steps, .nsteps = 2, .state_bytes = sizeof(struct waiting), .timeout_ms = 15000
};

static void wait_for(const struct shard_list *shards)
{
	struct waiting *waiting = flow_state(flow_start(rig.loop, &kind, NULL, NULL));

	waiting->shards = *shards;
}

/* Waits until that many were woken in all. */
static void look(const struct shard_list *shards)
{
	unsigned before = woken;

	wait_for(shards);
	for (unsigned i = 0; i < 3000 && woken == before; i++)
		app_rig_run(&rig, 10);
	assert_int_equal(woken, before + 1);
}

/* --- what it finds ---------------------------------------------------------------------- */

static char told[200];

static void tell(void *ctx, const char region[7])
{
	(void)ctx;
	snprintf(told + strlen(told), sizeof(told) - strlen(told), "%s ", region);
}

static const char *changed(const char *region, uint64_t after)
{
	told[0] = '\0';
	watch_changed(watch, span_of(region), after, tell, NULL);
	return told;
}

static const char *all(const char *region)
{
	told[0] = '\0';
	watch_all(watch, span_of(region), tell, NULL);
	return told;
}

static void answered(void *ctx, const struct store_reply *reply)
{
	(void)ctx;
	assert_int_equal(reply->outcome, STORE_DONE);
}

static void accept_tip(const char *id, const char *region)
{
	struct store_tip tip = { .receipt_mark = "mine", .points = 50, .received_ms = 1000, .sealed = SPAN("s"),
				 .event = SPAN("{\"e\":\"accepted\"}") };

	snprintf(tip.id.text, sizeof(tip.id.text), "%s", id);
	snprintf(tip.region, sizeof(tip.region), "%s", region);
	store_submit(rig.store->memory, &(struct store_request){ .op = STORE_ACCEPT, .tips = &tip, .ntips = 1 },
		     (struct store_wait){ .done = answered });
	app_rig_settle(&rig);
}

static void nobody_waits_and_nothing_is_looked_at(void **state)
{
	(void)state;
	app_rig_run(&rig, 30);
	assert_int_equal(watch_looks(watch), 0);
	assert_int_equal(rig.store->calls[STORE_LOG_READ] + rig.store->calls[STORE_QUEUES], 0);
	assert_false(watch_knows(watch, &ordos));
}

static void what_is_there_at_the_first_look_is_no_change(void **state)
{
	(void)state;
	accept_tip("15-0000000001", "150602");
	look(&ordos);
	assert_true(watch_knows(watch, &ordos));
	assert_false(watch_knows(watch, &both));
	assert_int_equal(watch_number(watch), 0);
	assert_string_equal(changed("000000", 0), "");
	assert_string_equal(all("000000"), "150602 ");
	assert_string_equal(all("110000"), "");
}

static void a_change_has_the_next_number(void **state)
{
	uint64_t first;

	(void)state;
	look(&both);
	accept_tip("15-0000000001", "150602");
	look(&both);
	first = watch_number(watch);
	assert_int_equal(first, 1);
	assert_string_equal(changed("000000", 0), "150602 ");
	assert_string_equal(changed("150600", 0), "150602 ");
	assert_string_equal(changed("150700", 0), "");
	accept_tip("11-0000000002", "110105");
	look(&both);
	assert_string_equal(changed("000000", first), "110105 ");
	assert_string_equal(changed("150000", first), "");
	accept_tip("15-0000000003", "150602");
	look(&both);
	assert_string_equal(changed("150000", first), "150602 ");
	assert_string_equal(changed("150000", watch_number(watch)), "");
}

static void figures_are_read_only_where_something_happened(void **state)
{
	unsigned queues;

	(void)state;
	look(&both);
	queues = rig.store->calls[STORE_QUEUES];
	assert_int_equal(queues, 2);
	look(&both);
	assert_int_equal(rig.store->calls[STORE_QUEUES], queues);
	accept_tip("11-0000000002", "110105");
	look(&both);
	assert_int_equal(rig.store->calls[STORE_QUEUES], queues + 1);
}

static void only_shards_that_somebody_waits_for_are_looked_at(void **state)
{
	(void)state;
	look(&ordos);
	assert_int_equal(rig.store->calls[STORE_LOG_READ], 1);
	assert_int_equal(rig.store->calls[STORE_QUEUES], 1);
}

static void all_who_wait_share_a_look(void **state)
{
	(void)state;
	woken = 0;
	for (unsigned i = 0; i < 50; i++)
		wait_for(i % 2 == 0 ? &ordos : &both);
	for (unsigned i = 0; i < 3000 && woken < 50; i++)
		app_rig_run(&rig, 10);
	assert_int_equal(woken, 50);
	assert_true(watch_looks(watch) <= 2);
	assert_int_equal(rig.store->calls[STORE_QUEUES], 2);
}

static void looks_are_a_second_apart(void **state)
{
	uint64_t begun_ms;

	(void)state;
	look(&ordos);
	begun_ms = loop_now_ms(rig.loop);
	look(&ordos);
	look(&ordos);
	assert_int_equal(watch_looks(watch), 3);
	assert_true(loop_now_ms(rig.loop) - begun_ms >= 2 * WATCH_PERIOD_MS - 200);
}

static void a_store_that_is_away_is_asked_again(void **state)
{
	(void)state;
	rig.store->base.up = false;
	look(&ordos);
	assert_false(watch_knows(watch, &ordos));
	rig.store->base.up = true;
	look(&ordos);
	assert_true(watch_knows(watch, &ordos));
}

static void there_is_room_for_so_many(void **state)
{
	(void)state;
	woken = refused = 0;
	for (unsigned i = 0; i < WATCHERS_MAX + 3; i++)
		wait_for(&ordos);
	for (unsigned i = 0; i < 3000 && woken + refused < WATCHERS_MAX + 3; i++)
		app_rig_run(&rig, 10);
	assert_int_equal(woken, WATCHERS_MAX);
	assert_int_equal(refused, 3);
}

static void it_goes_while_some_wait(void **state)
{
	(void)state;
	wait_for(&ordos);
	wait_for(&both);
	app_rig_settle(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nobody_waits_and_nothing_is_looked_at, begin, finish),
		cmocka_unit_test_setup_teardown(what_is_there_at_the_first_look_is_no_change, begin, finish),
		cmocka_unit_test_setup_teardown(a_change_has_the_next_number, begin, finish),
		cmocka_unit_test_setup_teardown(figures_are_read_only_where_something_happened, begin, finish),
		cmocka_unit_test_setup_teardown(only_shards_that_somebody_waits_for_are_looked_at, begin, finish),
		cmocka_unit_test_setup_teardown(all_who_wait_share_a_look, begin, finish),
		cmocka_unit_test_setup_teardown(looks_are_a_second_apart, begin, finish),
		cmocka_unit_test_setup_teardown(a_store_that_is_away_is_asked_again, begin, finish),
		cmocka_unit_test_setup_teardown(there_is_room_for_so_many, begin, finish),
		cmocka_unit_test_setup_teardown(it_goes_while_some_wait, begin, finish),
	};

	return cmocka_run_group_tests_name("a watch over the queues", tests, NULL, finish_all);
}
