/*
 * What retention deleted: how many tips of a month, region, outcome and part.
 * No content, no ids: those are in the journal.
 */
#include "daemon/base/json_out.h"
#include "daemon/base/table.h"
#include "daemon/store/wait.h"
#include "handlers/answer.h"
#include "handlers/audit/audit.h"
#include "handlers/audit/reading.h"

#include <stdio.h>
#include <stdlib.h>

#define ROWS 500
#define ROWS_MAX 5000
#define SHARDS 100
#define CSV_HEAD "month,region,outcome,part,tips\n"

enum erased_step {
	STEP_READ,
	STEP_TAKE,
	STEP_ANSWER,
};

struct erased_row {
	struct span name;            /* "2026-11 150602 prank text" */
	uint64_t tips;
};

struct erased_flow {
	struct app *app;
	struct http_exchange *exchange;
	struct staff staff;
	struct span after;           /* a name with dots in place of its blanks */
	uint64_t max;
	bool csv;
	unsigned shard;
	struct erased_row *rows;
	size_t n, size;
	struct store_reply read;
};

static bool reaches(const struct erased_flow *e)
{
	char code[16];

	snprintf(code, sizeof(code), "%02u0000", e->shard);
	return e->shard == 0 || reading_covers(&e->staff, code) || memcmp(e->staff.region, code, 2) == 0;
}

static enum flow_next step_read(struct flow *flow)
{
	struct erased_flow *e = flow_state(flow);
	struct store_request request = { .op = STORE_ERASED };

	while (e->shard < SHARDS && !reaches(e))
		e->shard++;
	if (e->shard >= SHARDS) {
		flow_jump(flow, STEP_ANSWER);
		return FLOW_NEXT;
	}
	request.shard[0] = (char)('0' + e->shard / 10);
	request.shard[1] = (char)('0' + e->shard % 10);
	return store_wait_flow(flow, e->app->store, &request, &e->read);
}

/* --- rows -------------------------------------------------------------------------------- */

/* The region of a name; false when it lies outside the person's. */
static bool is_theirs(const struct erased_flow *e, struct span name)
{
	struct span month, region;
	char code[8] = "";

	if (!span_cut(&name, ' ', &month) || !span_cut(&name, ' ', &region) || region.len != 6)
		return false;
	memcpy(code, region.at, region.len);
	return reading_covers(&e->staff, code);
}

static void take_row(struct erased_flow *e, const struct store_item *item, struct arena *arena)
{
	struct erased_row *row;

	if (!is_theirs(e, item->id))
		return;
	if (e->n == e->size) {
		struct erased_row *more = arena_array(arena, struct erased_row, 2 * e->size + 64);

		if (e->n > 0)
			memcpy(more, e->rows, e->n * sizeof(*more));
		e->rows = more;
		e->size = 2 * e->size + 64;
	}
	row = &e->rows[e->n];
	row->name = item->id;
	e->n += span_u64(item->payload, &row->tips);
}

static enum flow_next step_take(struct flow *flow)
{
	struct erased_flow *e = flow_state(flow);

	if (e->read.outcome != STORE_DONE)
		return FLOW_FAIL;
	for (size_t i = 0; i < e->read.nitems; i++)
		take_row(e, &e->read.items[i], flow_arena(flow));
	e->shard++;
	flow_jump(flow, STEP_READ);
	return FLOW_NEXT;
}

static int by_name(const void *a, const void *b)
{
	const struct erased_row *left = a, *right = b;
	size_t n = left->name.len < right->name.len ? left->name.len : right->name.len;
	int order = memcmp(left->name.at, right->name.at, n);

	return order != 0 ? order : (left->name.len > right->name.len) - (left->name.len < right->name.len);
}

/* --- the answer --------------------------------------------------------------------------- */

/* The name with another byte between its words; in the arena. */
static struct span joined(struct span name, char byte, struct arena *arena)
{
	char *text = arena_alloc(arena, name.len + 1);

	for (size_t i = 0; i < name.len; i++)
		text[i] = name.at[i] == ' ' ? byte : name.at[i];
	return span_from(text, name.len);
}

static void put_json(const struct erased_row *row, struct json_out *json)
{
	static const char *const names[] = { "month", "region", "outcome", "part" };
	struct span rest = row->name, word;

	json_open(json, '{');
	for (size_t i = 0; i < COUNT_OF(names) && span_cut(&rest, ' ', &word); i++)
		json_text(json, names[i], word);
	json_u64(json, "tips", row->tips);
	json_close(json, '}');
}

/* The rows behind `after`, at most max of them: first and number; *next is where the following call goes on, or empty. */
static size_t choose(const struct erased_flow *e, struct arena *arena, size_t *n, struct span *next)
{
	size_t first = 0;

	if (e->after.len > 0) {
		struct erased_row after = { .name = e->after };

		while (first < e->n && by_name(&(struct erased_row){ .name = joined(e->rows[first].name, '.', arena) }, &after) <= 0)
			first++;
	}
	*n = e->n - first < e->max ? e->n - first : (size_t)e->max;
	*next = first + *n < e->n ? joined(e->rows[first + *n - 1].name, '.', arena) : (struct span){ 0 };
	return first;
}

static void answer_csv(struct erased_flow *e, size_t first, size_t n, struct arena *arena)
{
	struct buf body = { 0 };

	buf_add_span(&body, SPAN(CSV_HEAD));
	for (size_t i = first; i < first + n; i++) {
		buf_add_span(&body, joined(e->rows[i].name, ',', arena));
		buf_printf(&body, ",%llu\n", (unsigned long long)e->rows[i].tips);
	}
	answer_text(e->exchange, 200, "text/csv; charset=utf-8", buf_span(&body));
	buf_release(&body);
}

static void answer_rows(struct erased_flow *e, size_t first, size_t n, struct span next)
{
	struct buf body = { 0 };
	struct json_out json = json_out_to(&body);

	json_open(&json, '{');
	json_open_member(&json, "rows", '[');
	for (size_t i = first; i < first + n; i++)
		put_json(&e->rows[i], &json);
	json_close(&json, ']');
	if (next.len > 0)
		json_text(&json, "next", next);
	else
		json_none(&json, "next");
	json_close(&json, '}');
	answer_json(e->exchange, 200, buf_span(&body));
	buf_release(&body);
}

static enum flow_next step_answer(struct flow *flow)
{
	struct erased_flow *e = flow_state(flow);
	struct span next;
	size_t first, n;

	if (e->n > 0)
		qsort(e->rows, e->n, sizeof(*e->rows), by_name);
	first = choose(e, flow_arena(flow), &n, &next);
	if (e->csv)
		answer_csv(e, first, n, flow_arena(flow));
	else
		answer_rows(e, first, n, next);
	e->exchange = NULL;
	return FLOW_DONE;
}

static void end(struct flow *flow, bool well)
{
	struct erased_flow *e = flow_state(flow);

	(void)well;
	if (e->exchange != NULL)
		answer_unavailable(e->exchange);
}

static const struct flow_step erased_steps[] = {
	[STEP_READ] = { .name = "read", .run = step_read },
	[STEP_TAKE] = { .name = "take", .run = step_take },
	[STEP_ANSWER] = { .name = "answer", .run = step_answer },
};

static const struct flow_kind erased_kind = {
	.name = "audit_retention",
	.steps = erased_steps,
	.nsteps = COUNT_OF(erased_steps),
	.state_bytes = sizeof(struct erased_flow),
	.timeout_ms = 15000,
	.end = end,
};

void audit_retention(const struct call *args, struct http_exchange *exchange)
{
	struct erased_flow wish = { .app = args->app, .exchange = exchange, .staff = *args->staff };
	struct span format = reading_param(exchange, "format");

	if (!reading_number(exchange, "max", ROWS, ROWS_MAX, &wish.max))
		return;
	wish.max += wish.max == 0;
	wish.csv = span_is(format, "csv");
	if (!span_empty(format) && !wish.csv && !span_is(format, "json")) {
		answer_problem(exchange, &(struct problem){ .status = 400, .code = "field_invalid", .field = "format",
							    .detail = "json or csv is expected." });
		return;
	}
	wish.after = reading_param(exchange, "after");
	*(struct erased_flow *)flow_state(flow_start(args->app->loop, &erased_kind, NULL, NULL)) = wish;
}
