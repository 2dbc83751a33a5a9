/*
 * One break: its line, and who wants what of it. A second person agrees only to
 * the very words of the first, so these are read from the record of the vote.
 *
 *   read     the records of the votes, one after the other           waits
 *   answer   the break as it is now, with each vote that still stands
 */
#include "daemon/base/json_out.h"
#include "daemon/base/table.h"
#include "daemon/jobs/treasury.h"
#include "daemon/sys/clock.h"
#include "handlers/answer.h"
#include "handlers/audit/audit.h"
#include "handlers/audit/breaks.h"
#include "handlers/audit/reading.h"
#include "handlers/audit/record_list.h"
#include "handlers/reward/told_bank.h"

#define VOTES_MAX 16   /* the first; more words about one break nobody needs */

enum file_step {
	STEP_READ,
	STEP_CAME,
	STEP_ANSWER,
};

struct file_flow {
	struct app *app;
	struct http_exchange *exchange;
	char id[BOOK_ID_MAX];
	struct record_list list;   /* of the votes */
};

static enum flow_next step_read(struct flow *flow)
{
	struct file_flow *f = flow_state(flow);

	return record_list_ask(&f->list, flow, f->app->store, STEP_ANSWER);
}

static enum flow_next step_came(struct flow *flow)
{
	struct file_flow *f = flow_state(flow);

	return record_list_take(&f->list, flow, STEP_READ);
}

/* --- the answer ------------------------------------------------------------------------------- */

static bool stands_on(const struct book_vote *vote, const char *subject)
{
	return vote->stands && strcmp(vote->subject, subject) == 0;
}

static void put_vote(const struct book_vote *vote, const struct record *record, struct json_out *json)
{
	json_open(json, '{');
	json_text(json, "act", span_of(vote->act));
	json_text(json, "person", span_of(vote->person));
	clock_put(json, "at", vote->at_ms);
	json_u64(json, "seq", vote->seq);
	json_raw(json, "data", record->data);
	json_close(json, '}');
}

/* One that came since the records were read is seen next time. */
static void put_votes(const struct file_flow *f, const struct book *book, struct json_out *json)
{
	int64_t now_ms = treasury_now_ms(f->app->treasury);
	struct book_vote vote;

	json_open_member(json, "votes", '[');
	for (size_t i = 0; book_vote_at(book, i, now_ms, &vote); i++)
		for (size_t k = 0; k < f->list.n && stands_on(&vote, f->id); k++)
			if (f->list.seqs[k] == vote.seq)
				put_vote(&vote, &f->list.records[k], json);
	json_close(json, ']');
}

static void put_break(const struct file_flow *f, const struct book *book, const struct book_break *broken,
		      struct arena *arena, struct json_out *json)
{
	const struct book_statement *statement;
	size_t line;

	json_open(json, '{');
	json_open_member(json, "break", '{');
	told_break(book, broken, treasury_now_ms(f->app->treasury), arena, json);
	json_close(json, '}');
	statement = told_break_line(book, broken, &line);
	if (statement != NULL)
		told_line(statement, line, "line", json);
	else
		json_none(json, "line");
	put_votes(f, book, json);
	json_close(json, '}');
}

static enum flow_next step_answer(struct flow *flow)
{
	struct file_flow *f = flow_state(flow);
	const struct book *book = treasury_book(f->app->treasury);
	const struct book_break *broken = book != NULL ? book_break_find(book, span_of(f->id)) : NULL;
	struct buf body = { 0 };
	struct json_out json = json_out_to(&body);

	if (broken == NULL)
		return FLOW_FAIL;
	put_break(f, book, broken, flow_arena(flow), &json);
	answer_json(f->exchange, 200, buf_span(&body));
	f->exchange = NULL;
	buf_release(&body);
	return FLOW_DONE;
}

static void end(struct flow *flow, bool well)
{
	struct file_flow *f = flow_state(flow);

	(void)well;
	if (f->exchange != NULL)
		answer_unavailable(f->exchange);
}

static const struct flow_step file_steps[] = {
	[STEP_READ] = { .name = "read", .run = step_read },
	[STEP_CAME] = { .name = "came", .run = step_came },
	[STEP_ANSWER] = { .name = "answer", .run = step_answer },
};

static const struct flow_kind file_kind = {
	.name = "break_file",
	.steps = file_steps,
	.nsteps = COUNT_OF(file_steps),
	.state_bytes = sizeof(struct file_flow),
	.timeout_ms = 15000,
	.end = end,
};

/* --- starting --------------------------------------------------------------------------------- */

void break_read(const struct call *args, struct http_exchange *exchange)
{
	const struct book *book = reading_book(args, exchange);
	const struct book_break *broken = book != NULL ? book_break_find(book, args->param[0]) : NULL;
	struct book_vote vote;
	struct flow *flow;
	struct file_flow *f;

	if (book == NULL)
		return;
	if (broken == NULL || !breaks_are_seen(args->staff, broken)) {
		reading_not_found(exchange);
		return;
	}
	flow = flow_start(args->app->loop, &file_kind, NULL, NULL);
	f = flow_state(flow);
	f->app = args->app;
	f->exchange = exchange;
	memcpy(f->id, broken->id, sizeof(f->id));
	record_list_begin(&f->list, VOTES_MAX, flow_arena(flow));
	for (size_t i = 0; book_vote_at(book, i, treasury_now_ms(args->app->treasury), &vote); i++)
		if (stands_on(&vote, f->id))
			record_list_add(&f->list, vote.seq);
}
