/*
 * The connection of redis.c: no server, a server killed, stopped, emptied of
 * its functions; and the way of an answer into a flow.
 */
#include "daemon/loop/flow.h"
#include "daemon/loop/loop.h"
#include "daemon/store/wait.h"
#include "tests/support/store_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <hiredis/hiredis.h>
#include <signal.h>
#include <stdio.h>

#define TIMEOUT_MS 30000   /* a busy disk is no outage */
#define FROZEN_MS 2000     /* of the store that is stopped */

static struct store_rig rig;

static int start(void **unused)
{
	(void)unused;
	store_rig_open(&rig, false);
	return 0;
}

static int stop(void **unused)
{
	(void)unused;
	store_rig_close(&rig);
	return 0;
}

static void reconnect(unsigned timeout_ms)
{
	store_free(rig.store);
	rig.store = store_redis_new(rig.loop, rig.redis.address, timeout_ms);
	store_rig_await(&rig, true);
}

static const struct store_reply *accept_one(const char *id)
{
	struct store_tip tip = { .region = "150602",
				 .points = 5,
				 .received_ms = 1,
				 .sealed = SPAN("sealed"),
				 .event = SPAN("{\"e\":\"accepted\"}") };

	snprintf(tip.id.text, sizeof(tip.id.text), "%s", id);
	return store_rig_ask(&rig, &(struct store_request){ .op = STORE_ACCEPT, .tips = &tip, .ntips = 1 });
}

static void without_a_server_nothing_is_sent(void **unused)
{
	(void)unused;
	store_free(rig.store);
	rig.store = store_redis_new(rig.loop, "unix:/nonexistent/redis.sock", TIMEOUT_MS);
	assert_false(rig.store->up);
	assert_int_equal(accept_one("15-0000000001")->outcome, STORE_NOT_SENT);
}

static void a_killed_server_comes_back_with_what_was_acknowledged(void **unused)
{
	(void)unused;
	for (int i = 0; i < 3; i++) {
		char id[14];

		snprintf(id, sizeof(id), "15-000000000%d", i);
		assert_int_equal(accept_one(id)->outcome, STORE_DONE);
		private_redis_kill(&rig.redis, SIGKILL);
		store_rig_await(&rig, false);
		assert_int_equal(accept_one(id)->outcome, STORE_NOT_SENT);
		private_redis_again(&rig.redis);
		store_rig_await(&rig, true);
		assert_int_equal(accept_one(id)->accepted[0].verdict, STORE_ALREADY);
	}
}

static void a_server_that_does_not_answer_leaves_the_outcome_open(void **unused)
{
	(void)unused;
	reconnect(FROZEN_MS);
	kill(rig.redis.pid, SIGSTOP);
	assert_int_equal(accept_one("15-0000000001")->outcome, STORE_UNKNOWN);
	assert_false(rig.store->up);
	assert_int_equal(accept_one("15-0000000002")->outcome, STORE_NOT_SENT);
	kill(rig.redis.pid, SIGCONT);
	store_rig_await(&rig, true);
	assert_int_equal(accept_one("15-0000000001")->accepted[0].verdict, STORE_ALREADY);
	assert_int_equal(accept_one("15-0000000002")->accepted[0].verdict, STORE_OK);
}

static void say(const char *command)
{
	redisContext *link = redisConnectUnix(rig.redis.socket);

	assert_non_null(link);
	freeReplyObject(redisCommand(link, command));
	redisFree(link);
}

static void lost_functions_are_loaded_again(void **unused)
{
	(void)unused;
	say("FUNCTION FLUSH");
	assert_int_equal(accept_one("15-0000000001")->outcome, STORE_BROKEN);
	store_rig_await(&rig, true);
	assert_int_equal(accept_one("15-0000000001")->outcome, STORE_DONE);
}

static void an_older_library_is_replaced(void **unused)
{
	redisContext *link = redisConnectUnix(rig.redis.socket);

	(void)unused;
	say("FUNCTION FLUSH");
	freeReplyObject(redisCommand(
		link, "FUNCTION LOAD %s",
		"#!lua name=tipline_v1\nredis.register_function('tip_accept', function() return 1 end)"));
	redisFree(link);
	reconnect(TIMEOUT_MS);
	assert_int_equal(accept_one("15-0000000001")->outcome, STORE_DONE);
}

static void a_refusing_server_is_broken_not_down(void **unused)
{
	(void)unused;
	say("CONFIG SET maxmemory 1");
	assert_int_equal(accept_one("15-0000000001")->outcome, STORE_BROKEN);
	assert_true(rig.store->up);
	say("CONFIG SET maxmemory 0");
	assert_int_equal(accept_one("15-0000000001")->outcome, STORE_DONE);
}

static void weaker_settings_are_named(void **unused)
{
	const struct store_reply *reply;

	(void)unused;
	say("CONFIG SET appendfsync everysec");
	reply = store_rig_ask(&rig, &(struct store_request){ .op = STORE_HEALTH });
	assert_false(reply->health.durable);
	assert_string_equal(reply->health.weakness, "appendfsync everysec");
}

/* --- flows -------------------------------------------------------------------------------------- */

struct asking {
	struct store_reply reply;
	bool *done;
};

static enum store_outcome last_outcome;

static enum flow_next step_ask(struct flow *flow)
{
	struct asking *asking = flow_state(flow);
	struct store_request request = { .op = STORE_READ };

	snprintf(request.id.text, sizeof(request.id.text), "15-0000000001");
	return store_wait_flow(flow, rig.store, &request, &asking->reply);
}

static enum flow_next step_look(struct flow *flow)
{
	struct asking *asking = flow_state(flow);

	last_outcome = asking->reply.outcome;
	if (last_outcome != STORE_DONE)
		return FLOW_FAIL;
	assert_true(span_is(asking->reply.rows[0].sealed, "sealed"));
	*asking->done = true;
	loop_stop(rig.loop);
	return FLOW_DONE;
}

static void with_flag(struct flow *flow, void *done)
{
	((struct asking *)flow_state(flow))->done = done;
}

static const struct flow_step steps[] = {
	{ .name = "ask", .run = step_ask },
	{ .name = "look", .run = step_look },
};

static const struct flow_kind kind = { .name = "asking",
				       .steps = steps,
				       .nsteps = 2,
				       .state_bytes = sizeof(struct asking),
				       .timeout_ms = 60000 };

static void a_flow_goes_on_with_its_answer(void **unused)
{
	bool done = false;

	(void)unused;
	accept_one("15-0000000001");
	flow_start(rig.loop, &kind, with_flag, &done);
	loop_run(rig.loop);
	assert_true(done);
	assert_int_equal(last_outcome, STORE_DONE);
}

static void end_flow(void *ctx)
{
	flow_abort(rig.loop, *(struct flow_ref *)ctx);
}

static void an_answer_for_an_ended_flow_is_dropped(void **unused)
{
	bool done = false;
	struct flow_ref ref;

	(void)unused;
	accept_one("15-0000000001");
	ref = flow_ref(flow_start(rig.loop, &kind, with_flag, &done));
	loop_post(rig.loop, end_flow, &ref);
	accept_one("15-0000000002");
	assert_false(done);
	assert_int_equal(flow_count(rig.loop), 0);
}

static void stop_loop(void *unused)
{
	(void)unused;
	loop_stop(rig.loop);
}

static void what_is_under_way_is_answered_when_the_store_goes(void **unused)
{
	bool done = false;

	(void)unused;
	kill(rig.redis.pid, SIGSTOP);
	flow_start(rig.loop, &kind, with_flag, &done);
	loop_post(rig.loop, stop_loop, NULL);
	loop_run(rig.loop);
	store_free(rig.store);
	rig.store = store_memory_new(rig.loop);
	kill(rig.redis.pid, SIGCONT);
	loop_post(rig.loop, stop_loop, NULL);
	loop_run(rig.loop);
	assert_false(done);
	assert_int_equal(last_outcome, STORE_UNKNOWN);
	assert_int_equal(flow_count(rig.loop), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(without_a_server_nothing_is_sent, start, stop),
		cmocka_unit_test_setup_teardown(a_killed_server_comes_back_with_what_was_acknowledged, start,
						stop),
		cmocka_unit_test_setup_teardown(a_server_that_does_not_answer_leaves_the_outcome_open, start,
						stop),
		cmocka_unit_test_setup_teardown(lost_functions_are_loaded_again, start, stop),
		cmocka_unit_test_setup_teardown(an_older_library_is_replaced, start, stop),
		cmocka_unit_test_setup_teardown(a_refusing_server_is_broken_not_down, start, stop),
		cmocka_unit_test_setup_teardown(weaker_settings_are_named, start, stop),
		cmocka_unit_test_setup_teardown(a_flow_goes_on_with_its_answer, start, stop),
		cmocka_unit_test_setup_teardown(an_answer_for_an_ended_flow_is_dropped, start, stop),
		cmocka_unit_test_setup_teardown(what_is_under_way_is_answered_when_the_store_goes, start,
						stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
