/*
 * The open tips of a region, a page at a time: what is known of them without
 * their words.
 *
 *   ask, asked    a page of each shard that the region touches    waits
 *   answer        one page of all of them
 *
 * No key is needed and none is asked for. Nothing is changed.
 */
#include "daemon/base/json_out.h"
#include "daemon/base/table.h"
#include "daemon/core/judge.h"
#include "daemon/loop/loop.h"
#include "daemon/store/wait.h"
#include "daemon/sys/log.h"
#include "handlers/bureau/bureau.h"
#include "handlers/bureau/fields.h"
#include "handlers/bureau/paging.h"
#include "handlers/bureau/rights.h"
#include "handlers/bureau/why.h"

#define CONTEXT_RULES_MAX 8

enum page_step {
	STEP_ASK,
	STEP_ASKED,
	STEP_ANSWER,
};

struct page_flow {
	struct app *app;
	struct staff staff;
	struct http_exchange *exchange;
	struct span lang;
	struct store_page page;
	struct clock_limits limits;    /* as they were when it began */
	struct shard_list shards;
	size_t shard;
	struct store_reply pages[SHARDS_MAX];
	size_t ntips;
};

static enum flow_next step_ask(struct flow *flow)
{
	struct page_flow *p = flow_state(flow);
	struct store_request request = { .op = STORE_PAGE, .page = &p->page };

	if (p->shards.n == 0) {
		flow_jump(flow, STEP_ANSWER);
		return FLOW_NEXT;
	}
	memcpy(request.shard, p->shards.at[p->shard], sizeof(request.shard));
	return store_wait_flow(flow, p->app->store, &request, &p->pages[p->shard]);
}

static enum flow_next step_asked(struct flow *flow)
{
	struct page_flow *p = flow_state(flow);

	if (p->pages[p->shard].outcome != STORE_DONE)
		return FLOW_FAIL;
	if (++p->shard < p->shards.n)
		flow_jump(flow, STEP_ASK);
	return FLOW_NEXT;
}

/* --- answer ---------------------------------------------------------------------------------- */

/* What others told and the sender's earlier tips add, in words. */
static void put_context(const struct page_flow *p, const struct store_row *row, struct json_out *json)
{
	const struct rule *matched[CONTEXT_RULES_MAX];
	struct score_context context;
	size_t n = 0;

	if (span_empty(row->context) || !score_context_read(row->context, &context))
		return;
	score_with_context(judge_rules(p->app->judge), &context, 0, matched, COUNT_OF(matched), &n);
	for (size_t i = 0; i < n; i++)
		json_text(json, NULL, why_chinese(p->lang) ? matched[i]->reason_zh : matched[i]->reason_en);
}

static void put_reasons(const struct page_flow *p, const struct store_row *row, struct json_out *json)
{
	struct span rest = row->link_why, word;

	json_text(json, "why", row->link_why);
	json_open_member(json, "reasons", '[');
	while (span_cut(&rest, ',', &word))
		if (word.len > 0)
			json_text(json, NULL, why_text(word, p->lang));
	put_context(p, row, json);
	json_close(json, ']');
}

static void put_holder(const struct store_row *row, struct json_out *json)
{
	if (row->holder.len > 0)
		json_text(json, "holder", row->holder);
	else
		json_none(json, "holder");
	fields_time(json, "lease_until", row->lease_until_ms);
}

static void put_row(const struct page_flow *p, const struct store_row *row, struct json_out *json)
{
	bool under = row->parent.text[0] != '\0';

	json_open(json, '{');
	fields_row(p->app, row, json);
	json_text(json, "level", span_of(region_level_word(row->region)));
	fields_next(p->app, row, json);
	json_u64(json, "reopens", row->reopens);
	put_holder(row, json);
	json_open_member(json, "incident", '{');
	json_text(json, "id", span_of(under ? row->parent.text : row->id.text));
	json_u64(json, "tips", fields_known_tips(row));
	json_close(json, '}');
	json_bool(json, "copy", under && why_has(row->link_why, "copy"));
	put_reasons(p, row, json);
	json_close(json, '}');
}

static void put_total(const struct page_flow *p, struct json_out *json)
{
	uint64_t total = 0;

	for (size_t s = 0; s < p->shards.n; s++)
		total += p->pages[s].count;
	if (p->page.begins[0] == '\0' && p->page.order != STORE_DUE_FIRST)
		json_u64(json, "total", total);
	else
		json_none(json, "total");
}

static void put_place(const struct store_place *next, struct json_out *json)
{
	char text[PAGING_PLACE_BYTES];

	if (next->id.text[0] != '\0')
		json_text(json, "next", paging_write_place(next, text));
	else
		json_none(json, "next");
}

static enum flow_next step_answer(struct flow *flow)
{
	struct page_flow *p = flow_state(flow);
	const struct store_row **rows = arena_array(flow_arena(flow), const struct store_row *, p->page.max);
	struct store_place next;
	struct buf body = { 0 };
	struct json_out json = json_out_to(&body);

	p->ntips = paging_merge(&p->page, p->pages, p->shards.n, rows, &next);
	json_open(&json, '{');
	json_text(&json, "region", span_of(p->page.region));
	put_total(p, &json);
	put_place(&next, &json);
	json_open_member(&json, "tips", '[');
	for (size_t i = 0; i < p->ntips; i++)
		put_row(p, rows[i], &json);
	json_close(&json, ']');
	json_close(&json, '}');
	answer_json(p->exchange, 200, buf_span(&body));
	p->exchange = NULL;
	buf_release(&body);
	return FLOW_DONE;
}

static void end(struct flow *flow, bool well)
{
	struct page_flow *p = flow_state(flow);

	log_event(LOG_LEVEL_INFO, "queue.page", "by", p->staff.person, "region", p->page.region, "tips", log_u64(p->ntips), "ms",
		  log_u64(flow_age_ms(flow)), NULL);
	if (p->exchange != NULL)
		answer_unavailable(p->exchange);
	(void)well;
}

static const struct flow_step page_steps[] = {
	[STEP_ASK] = { .name = "ask", .run = step_ask },
	[STEP_ASKED] = { .name = "asked", .run = step_asked },
	[STEP_ANSWER] = { .name = "answer", .run = step_answer },
};

static const struct flow_kind page_kind = {
	.name = "page",
	.steps = page_steps,
	.nsteps = COUNT_OF(page_steps),
	.state_bytes = sizeof(struct page_flow),
	.timeout_ms = 15000,
	.end = end,
};

/* --- starting --------------------------------------------------------------------------------- */

/* An id begins with its shard: the others need not be asked. */
static void narrow(struct page_flow *p)
{
	struct shard_list *shards = &p->shards;
	size_t n = 0;

	if (p->page.begins[0] == '\0')
		return;
	for (size_t s = 0; s < shards->n; s++)
		if (memcmp(shards->at[s], p->page.begins, 2) == 0)
			memcpy(shards->at[n++], shards->at[s], sizeof(shards->at[s]));
	shards->n = n;
}

static bool read_region(const struct call *args, struct store_page *page, struct problem *problem)
{
	struct span region = args->param[0];

	if (gazetteer_find(judge_gazetteer(args->app->judge), region) == NULL) {
		*problem = (struct problem){ .status = 404, .code = "no_such_region", .field = "region",
					     .detail = "No region in force has this code." };
		return false;
	}
	if (!rights_reach(args->staff, region)) {
		*problem = (struct problem){ .status = 403, .code = "region_not_yours",
					     .detail = "Your rights do not reach this region." };
		return false;
	}
	memcpy(page->region, region.at, 6);
	return true;
}

void queue_tips(const struct call *args, struct http_exchange *exchange)
{
	const struct http_request *request = http_exchange_request(exchange);
	struct store_page page = { .region = "" };
	struct problem problem;
	struct page_flow *p;
	struct flow *flow;

	if (!read_region(args, &page, &problem) || !paging_read(request->query, &page, &problem)) {
		answer_problem(exchange, &problem);
		return;
	}
	flow = flow_start(args->app->loop, &page_kind, NULL, NULL);
	p = flow_state(flow);
	p->app = args->app;
	p->staff = *args->staff;
	p->exchange = exchange;
	p->page = page;
	if (args->app->clock_limits != NULL)
		p->limits = *args->app->clock_limits;
	p->page.limits = &p->limits;
	p->lang = arena_dup(flow_arena(flow), http_field_find(request, "Accept-Language"));
	shards_of_region(judge_gazetteer(args->app->judge), span_of(page.region), &p->shards);
	narrow(p);
}
