/*
 * POST /api/v1/notices/{region}/test: a notice of the kind "test" to each channel
 * that hears of the region, through the outbox like any other; for the role admin.
 */
#include "daemon/base/json_out.h"
#include "daemon/base/table.h"
#include "daemon/core/judge.h"
#include "daemon/loop/loop.h"
#include "daemon/store/wait.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/keys.h"
#include "handlers/answer.h"
#include "handlers/bureau/bureau.h"
#include "handlers/bureau/rights.h"
#include "handlers/notify/courier.h"
#include "handlers/notify/notifier.h"

enum test_step {
	STEP_PUT,
	STEP_PUTTED,
};

struct test_flow {
	struct app *app;
	struct http_exchange *exchange;
	struct notice notice;
	size_t channel, told;
	struct store_reply reply;
};

static enum flow_next answer(struct test_flow *t)
{
	struct buf body = { 0 };
	struct json_out json = json_out_to(&body);

	json_open(&json, '{');
	json_u64(&json, "channels", t->told);
	json_close(&json, '}');
	answer_json(t->exchange, 200, buf_span(&body));
	t->exchange = NULL;
	buf_release(&body);
	if (t->app->courier != NULL)
		courier_kick(t->app->courier, span_from(t->notice.region, 2));
	return FLOW_DONE;
}

static enum flow_next step_put(struct flow *flow)
{
	struct test_flow *t = flow_state(flow);
	struct store_outbox_put put;
	struct store_request request = { .op = STORE_OUTBOX_PUT, .outbox_put = &put };
	const struct notice_channel *channel;
	const char *cause;

	while ((channel = notifier_channel(t->app->notifier, t->channel)) != NULL && !notice_for(channel, &t->notice))
		t->channel++;
	if (channel == NULL)
		return answer(t);
	cause = arena_printf(flow_arena(flow), "test %s %lld %s", t->notice.region, (long long)t->notice.at_ms, channel->name);
	notifier_intent(keys_courier(t->app->keys), channel, &t->notice, span_of(cause), flow_arena(flow), &put);
	memcpy(request.shard, t->notice.region, 2);
	return store_wait_flow(flow, t->app->store, &request, &t->reply);
}

static enum flow_next step_putted(struct flow *flow)
{
	struct test_flow *t = flow_state(flow);

	if (t->reply.outcome != STORE_DONE)
		return FLOW_FAIL;
	t->told++;
	t->channel++;
	flow_jump(flow, STEP_PUT);
	return FLOW_NEXT;
}

static void end(struct flow *flow, bool well)
{
	struct test_flow *t = flow_state(flow);

	(void)well;
	if (t->exchange != NULL)
		answer_unavailable(t->exchange);
}

static const struct flow_step test_steps[] = {
	[STEP_PUT] = { .name = "put", .run = step_put },
	[STEP_PUTTED] = { .name = "putted", .run = step_putted },
};

static const struct flow_kind test_kind = {
	.name = "notice_test",
	.steps = test_steps,
	.nsteps = COUNT_OF(test_steps),
	.state_bytes = sizeof(struct test_flow),
	.timeout_ms = 15000,
	.end = end,
};

void notice_test(const struct call *args, struct http_exchange *exchange)
{
	struct span region = args->param[0];
	struct test_flow *t;
	struct flow *flow;

	if (region.len != 6 || !span_digits(region) || gazetteer_find(judge_gazetteer(args->app->judge), region) == NULL) {
		answer_problem(exchange, &(struct problem){ .status = 404, .code = "no_such_region", .detail = "No region has this code." });
		return;
	}
	if (!rights_reach(args->staff, region)) {
		answer_problem(exchange, &(struct problem){ .status = 403, .code = "region_not_yours",
							    .detail = "This region is not in your own." });
		return;
	}
	flow = flow_start(args->app->loop, &test_kind, NULL, NULL);
	t = flow_state(flow);
	t->app = args->app;
	t->exchange = exchange;
	t->notice = (struct notice){ .kind = NOTICE_TEST, .at_ms = clock_wall_ms() };
	memcpy(t->notice.region, region.at, region.len);
}
