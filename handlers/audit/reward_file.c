/*
 * One reward whole: as it is now, and each record of the journal that is about
 * it or its case, in order. Also the text of one policy, out of its record.
 *
 *   read     the records, one after the other                       waits
 *   answer   facts and trace, approvals, postings, what the reader may do,
 *            the whole timeline
 */
#include "daemon/base/json_in.h"
#include "daemon/base/table.h"
#include "daemon/jobs/treasury.h"
#include "daemon/sys/clock.h"
#include "handlers/answer.h"
#include "handlers/audit/audit.h"
#include "handlers/audit/reading.h"
#include "handlers/audit/record_list.h"
#include "handlers/reward/acts.h"
#include "handlers/reward/call.h"
#include "handlers/reward/told.h"

#include <stdlib.h>

#define RECORDS_MAX 500   /* the earliest; a reward has some twenty */

enum file_step {
	STEP_READ,
	STEP_CAME,
	STEP_ANSWER,
};

struct file_flow {
	struct app *app;
	struct http_exchange *exchange;
	struct staff reader;
	bool auditor;
	bool policy;                   /* a policy's text, no reward */
	char id[BOOK_ID_MAX];
	struct record_list list;
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

/* --- the parts ------------------------------------------------------------------------------ */

static void put_member(const struct record *record, const char *name, struct arena *arena, struct json_out *json)
{
	struct span text;

	if (record_text(record, name, arena, &text) && text.len > 0)
		json_text(json, name, text);
	else
		json_none(json, name);
}

/* The members in which a record names informant or payee, and what they are. */
static const char *token_kind(struct span name)
{
	if (span_is(name, "claimant"))
		return "claimant";
	return span_is(name, "payee") || span_is(name, "payee_bound") ? "payee" : NULL;
}

static void put_token(const struct file_flow *f, const char *name, struct span token, struct json_out *json)
{
	char pseudonym[OFFICE_TOKEN_MAX];

	office_pseudonym(f->app->office, token_kind(span_of(name)), token, pseudonym);
	json_text(json, name, span_of(pseudonym));
}

/* What a record says, for an auditor with pseudonyms. The trace is JSON as text and told apart. */
static void put_data(const struct file_flow *f, const struct record *record, const char *name, struct arena *arena,
		     struct json_out *json)
{
	struct json_object *data = arena_new(arena, struct json_object);

	json_open_member(json, name, '{');
	if (!json_object_read(record->data, arena, data, NULL))
		data->n = 0;
	for (size_t i = 0; i < data->n; i++) {
		const struct json_member *member = &data->members[i];
		const char *called = arena_dup(arena, member->name).at;

		if (f->auditor && token_kind(member->name) != NULL)
			put_token(f, called, member->text, json);
		else if (member->kind == JSON_TREE)
			json_raw(json, called, member->text);
		else if (!span_is(member->name, "trace"))
			json_text(json, called, member->text);
	}
	json_close(json, '}');
}

static const struct record *last_of(const struct file_flow *f, const char *kind)
{
	for (size_t i = f->list.n; i > 0; i--)
		if (span_is(f->list.records[i - 1].kind, kind))
			return &f->list.records[i - 1];
	return NULL;
}

/* The inputs of the calculation as they stand in the proposal; its trace is JSON as text. */
static void put_proposal(const struct file_flow *f, struct arena *arena, struct json_out *json)
{
	const struct record *proposal = last_of(f, "reward.propose");
	struct span trace;

	json_open_member(json, "proposal", '{');
	if (proposal != NULL) {
		json_u64(json, "seq", proposal->seq);
		put_data(f, proposal, "inputs", arena, json);
		if (record_text(proposal, "trace", arena, &trace) && trace.len > 1 && (trace.at[0] == '{' || trace.at[0] == '['))
			json_raw(json, "trace", trace);
	}
	json_close(json, '}');
}

static void put_case(const struct file_flow *f, struct arena *arena, struct json_out *json)
{
	const struct record *verified = last_of(f, "case.verified");

	if (verified == NULL) {
		json_none(json, "case");
		return;
	}
	json_open_member(json, "case", '{');
	json_u64(json, "seq", verified->seq);
	json_text(json, "verifier", verified->person);
	put_data(f, verified, "data", arena, json);
	json_close(json, '}');
}

static void put_approvals(const struct file_flow *f, struct arena *arena, struct json_out *json)
{
	json_open_member(json, "approvals", '[');
	for (size_t i = 0; i < f->list.n; i++) {
		const struct record *record = &f->list.records[i];

		if (!span_is(record->kind, "reward.approve"))
			continue;
		json_open(json, '{');
		json_u64(json, "seq", record->seq);
		clock_put(json, "at", record->at_ms);
		json_text(json, "person", record->person);
		put_member(record, "title", arena, json);
		put_member(record, "step", arena, json);
		put_member(record, "digest", arena, json);
		json_close(json, '}');
	}
	json_close(json, ']');
}

static void put_leg(const struct ledger_leg *leg, struct json_out *json)
{
	json_open(json, '{');
	json_text(json, "book", span_of(leg->book));
	json_u64(json, "code", (uint64_t)leg->code);
	json_text(json, "detail", span_of(leg->detail));
	json_text(json, "side", leg->debit ? SPAN("Dr") : SPAN("Cr"));
	json_i64(json, "fen", leg->fen);
	json_close(json, '}');
}

static void put_postings(const struct file_flow *f, struct json_out *json)
{
	json_open_member(json, "postings", '[');
	for (size_t i = 0; i < f->list.n; i++) {
		const struct ledger_entry *entry = &f->list.records[i].entry;

		if (entry->nlegs == 0)
			continue;
		json_open(json, '{');
		json_u64(json, "seq", f->list.records[i].seq);
		json_text(json, "entry", span_of(entry->id));
		json_open_member(json, "legs", '[');
		for (size_t k = 0; k < entry->nlegs; k++)
			put_leg(&entry->legs[k], json);
		json_close(json, ']');
		json_close(json, '}');
	}
	json_close(json, ']');
}

static void put_timeline(const struct file_flow *f, struct arena *arena, struct json_out *json)
{
	json_open_member(json, "timeline", '[');
	for (size_t i = 0; i < f->list.n; i++) {
		const struct record *record = &f->list.records[i];

		json_open(json, '{');
		json_u64(json, "seq", record->seq);
		clock_put(json, "at", record->at_ms);
		json_text(json, "kind", record->kind);
		json_text(json, "subject", record->subject);
		json_text(json, "person", record->person);
		json_text(json, "role", record->role);
		put_data(f, record, "data", arena, json);
		json_text(json, "entry", span_of(record->entry.id));
		told_hash(json, "hash", record->hash);
		json_close(json, '}');
	}
	json_close(json, ']');
}

/* --- answers -------------------------------------------------------------------------------- */

/* What the reader may do with it, and what waits for a second person. */
static void put_acts(const struct file_flow *f, const struct book *book, const struct book_reward *reward,
		     struct arena *arena, struct json_out *json)
{
	int64_t now_ms = treasury_now_ms(f->app->treasury);
	struct book_command actor = { 0 };

	call_actor(&f->reader, book, now_ms, arena, &actor);
	acts_tell(book, reward, &actor, now_ms, arena, json);
	acts_tell_votes(book, reward->id, now_ms, json);
}

static void put_reward(struct file_flow *f, const struct book *book, const struct book_reward *reward,
		       struct arena *arena, struct json_out *json)
{
	json_open(json, '{');
	json_u64(json, "seq", book_seq(book));
	told_reward(f->app->office, reward, f->auditor, "reward", json);
	put_case(f, arena, json);
	put_proposal(f, arena, json);
	put_approvals(f, arena, json);
	put_postings(f, json);
	put_acts(f, book, reward, arena, json);
	put_timeline(f, arena, json);
	json_close(json, '}');
}

static void put_policy(struct file_flow *f, struct arena *arena, struct json_out *json)
{
	const struct record *draft = &f->list.records[0];
	const struct index_policy *policy;
	struct span hash = { 0 };

	json_open(json, '{');
	json_u64(json, "seq", draft->seq);
	if (record_text(draft, "hash", arena, &hash)) {
		policy = money_index_policy(office_index(f->app->office), hash);
		if (policy != NULL)
			told_policy(policy, "policy", json);
	}
	put_member(draft, "text", arena, json);
	json_close(json, '}');
}

static enum flow_next step_answer(struct flow *flow)
{
	struct file_flow *f = flow_state(flow);
	const struct book *book = treasury_book(f->app->treasury);
	const struct book_reward *reward = NULL;
	struct buf body = { 0 };
	struct json_out json = json_out_to(&body);

	if (book != NULL && !f->policy)
		reward = book_reward(book, span_of(f->id));
	if (book == NULL || (reward == NULL && !f->policy))
		return FLOW_FAIL;
	if (f->policy)
		put_policy(f, flow_arena(flow), &json);
	else
		put_reward(f, book, reward, flow_arena(flow), &json);
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
	.name = "reward_file",
	.steps = file_steps,
	.nsteps = COUNT_OF(file_steps),
	.state_bytes = sizeof(struct file_flow),
	.timeout_ms = 15000,
	.end = end,
};

/* --- starting --------------------------------------------------------------------------------- */

static struct flow *start(const struct call *args, struct http_exchange *exchange)
{
	struct flow *flow = flow_start(args->app->loop, &file_kind, NULL, NULL);
	struct file_flow *f = flow_state(flow);

	f->app = args->app;
	f->exchange = exchange;
	f->reader = *args->staff;
	f->auditor = reading_as_auditor(args->staff);
	record_list_begin(&f->list, RECORDS_MAX, flow_arena(flow));
	return flow;
}

static void add_seqs(struct file_flow *f, enum index_subject kind, struct span subject)
{
	size_t n;
	const uint64_t *seqs = money_index_of(office_index(f->app->office), kind, subject, &n);

	for (size_t i = 0; i < n; i++)
		record_list_add(&f->list, seqs[i]);
}

static int by_number(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

void reward_read(const struct call *args, struct http_exchange *exchange)
{
	const struct book *book = reading_book(args, exchange);
	const struct book_reward *reward;
	struct file_flow *f;

	if (book == NULL)
		return;
	reward = book_reward(book, args->param[0]);
	if (reward == NULL || !reading_covers(args->staff, reward->book)) {
		reading_not_found(exchange);
		return;
	}
	f = flow_state(start(args, exchange));
	memcpy(f->id, reward->id, sizeof(f->id));
	add_seqs(f, INDEX_CASE, span_of(reward->case_id));
	add_seqs(f, INDEX_REWARD, span_of(reward->id));
	qsort(f->list.seqs, f->list.n, sizeof(*f->list.seqs), by_number);
}

void policy_read(const struct call *args, struct http_exchange *exchange)
{
	const struct index_policy *policy;
	struct file_flow *f;

	if (reading_book(args, exchange) == NULL)
		return;
	policy = money_index_policy(office_index(args->app->office), args->param[0]);
	if (policy == NULL) {
		reading_not_found(exchange);
		return;
	}
	f = flow_state(start(args, exchange));
	f->policy = true;
	record_list_add(&f->list, policy->drafted_seq);
}
