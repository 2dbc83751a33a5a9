/*
 * The money journal as it stands, for those who check the chain by themselves.
 */
#include "daemon/base/json_out.h"
#include "daemon/base/table.h"
#include "daemon/store/wait.h"
#include "handlers/answer.h"
#include "handlers/audit/audit.h"
#include "handlers/audit/reading.h"
#include "handlers/reward/told.h"

#define RECORDS 100
#define RECORDS_MAX 500   /* of an answer; a record may be large, so it also ends at a size */
#define BYTES_MAX ((size_t)4 << 20)

struct journal_flow {
	struct app *app;
	struct http_exchange *exchange;
	uint64_t from;
	unsigned max;
	struct store_reply read;
};

static enum flow_next step_read(struct flow *flow)
{
	struct journal_flow *j = flow_state(flow);

	return store_wait_flow(flow, j->app->store,
			       &(struct store_request){ .op = STORE_MONEY_READ, .from = j->from, .max = j->max },
			       &j->read);
}

static enum flow_next step_answer(struct flow *flow)
{
	struct journal_flow *j = flow_state(flow);
	struct buf body = { 0 };
	struct json_out json = json_out_to(&body);
	size_t n = 0;

	if (j->read.outcome != STORE_DONE)
		return FLOW_FAIL;
	json_open(&json, '{');
	json_open_member(&json, "records", '[');
	for (; n < j->read.nevents && (n == 0 || body.len + j->read.events[n].json.len < BYTES_MAX); n++)
		json_raw(&json, NULL, j->read.events[n].json);
	json_close(&json, ']');
	json_u64(&json, "next", j->from + n);
	json_u64(&json, "head_seq", j->read.head.seq);
	told_hash(&json, "head_hash", j->read.head.hash);
	json_u64(&json, "count", j->read.head.count);
	json_close(&json, '}');
	answer_json(j->exchange, 200, buf_span(&body));
	j->exchange = NULL;
	buf_release(&body);
	return FLOW_DONE;
}

static void end(struct flow *flow, bool well)
{
	struct journal_flow *j = flow_state(flow);

	(void)well;
	if (j->exchange != NULL)
		answer_unavailable(j->exchange);
}

static const struct flow_step journal_steps[] = {
	{ .name = "read", .run = step_read },
	{ .name = "answer", .run = step_answer },
};

static const struct flow_kind journal_kind = {
	.name = "money_journal",
	.steps = journal_steps,
	.nsteps = COUNT_OF(journal_steps),
	.state_bytes = sizeof(struct journal_flow),
	.timeout_ms = 15000,
	.end = end,
};

void money_journal(const struct call *args, struct http_exchange *exchange)
{
	uint64_t from, max;
	struct journal_flow *j;

	if (!reading_number(exchange, "from", 1, INT64_MAX, &from) ||
	    !reading_number(exchange, "max", RECORDS, RECORDS_MAX, &max))
		return;
	j = flow_state(flow_start(args->app->loop, &journal_kind, NULL, NULL));
	*j = (struct journal_flow){ .app = args->app, .exchange = exchange, .from = from > 0 ? from : 1,
				    .max = max > 0 ? (unsigned)max : 1 };
}
