/*
 * What finance posts by hand: entries with their words and whether they were
 * corrected, years open and closed, the quarantine after a restore, and which
 * of these acts wait for a second person. That person agrees only to the very
 * words of the first, so these are read from the record of the vote.
 *
 *   read     the records of votes and entries, one after the other    waits
 *   answer   what stands of them now, in the caller's region
 */
#include "daemon/base/json_out.h"
#include "daemon/base/table.h"
#include "daemon/jobs/treasury.h"
#include "daemon/sys/clock.h"
#include "handlers/answer.h"
#include "handlers/audit/audit.h"
#include "handlers/audit/reading.h"
#include "handlers/audit/record_list.h"

#include <string.h>

#define ENTRIES_MAX 100   /* the newest, and those that a vote is about */
#define VOTES_MAX 32

enum hand_step {
	STEP_READ,
	STEP_CAME,
	STEP_ANSWER,
};

struct hand_flow {
	struct app *app;
	struct http_exchange *exchange;
	struct staff staff;
	struct span book;          /* entries and votes of this ledger alone; empty: of all */
	struct record_list list;
};

static enum flow_next step_read(struct flow *flow)
{
	struct hand_flow *h = flow_state(flow);

	return record_list_ask(&h->list, flow, h->app->store, STEP_ANSWER);
}

static enum flow_next step_came(struct flow *flow)
{
	struct hand_flow *h = flow_state(flow);

	return record_list_take(&h->list, flow, STEP_READ);
}

/* --- whose they are ------------------------------------------------------------------------------ */

static bool covers_entry(const struct staff *staff, const struct ledger_entry *entry)
{
	for (size_t i = 0; i < entry->nlegs; i++)
		if (!reading_covers(staff, entry->legs[i].book))
			return false;
	return true;
}

static bool is_asked(const struct hand_flow *h, const char *ledger)
{
	return span_empty(h->book) || span_is(h->book, ledger);
}

static bool is_entry_seen(const struct hand_flow *h, const struct ledger_entry *entry)
{
	return covers_entry(&h->staff, entry) && is_asked(h, entry->legs[0].book);
}

/* False: it is of no entry by hand. */
static bool find_entry(const struct book *book, const char *subject, struct book_hand *hand)
{
	for (size_t i = 0; book_hand_at(book, i, hand); i++)
		if (strcmp(hand->entry->id, subject) == 0)
			return true;
	return false;
}

static bool is_subject_seen(const struct hand_flow *h, const struct book *book, const char *subject)
{
	struct book_hand hand;

	if (find_entry(book, subject, &hand))
		return is_entry_seen(h, hand.entry);
	return reading_covers(&h->staff, subject) && is_asked(h, subject);
}

/* The quarantine is everybody's: nothing is paid anywhere. */
static bool is_seen(const struct hand_flow *h, const struct book *book, const struct book_vote *vote)
{
	return vote->stands && (strcmp(vote->act, "book.reconciled") == 0 ||
				(strncmp(vote->act, "budget.", 7) == 0 && is_subject_seen(h, book, vote->subject)));
}

/* --- the answer ---------------------------------------------------------------------------------- */

static const struct record *record_of(const struct hand_flow *h, uint64_t seq)
{
	for (size_t i = 0; i < h->list.n; i++)
		if (h->list.seqs[i] == seq)
			return &h->list.records[i];
	return NULL;
}

static void put_legs(const struct ledger_entry *entry, struct json_out *json)
{
	json_open_member(json, "legs", '[');
	for (size_t i = 0; i < entry->nlegs; i++) {
		const struct ledger_leg *leg = &entry->legs[i];

		json_open(json, '{');
		json_text(json, "book", span_of(leg->book));
		json_u64(json, "code", (uint64_t)leg->code);
		json_text(json, "name", span_of(ledger_kind((unsigned)leg->code)->name));
		json_text(json, "detail", span_of(leg->detail));
		json_text(json, "side", leg->debit ? SPAN("Dr") : SPAN("Cr"));
		json_i64(json, "fen", leg->fen);
		json_close(json, '}');
	}
	json_close(json, ']');
}

static void put_record(const struct record *record, struct json_out *json)
{
	json_u64(json, "seq", record->seq);
	clock_put(json, "at", record->at_ms);
	json_text(json, "person", record->person);
	json_raw(json, "data", record->data);
}

/* One that came since the records were read is seen next time. */
static void put_entries(const struct hand_flow *h, const struct book *book, struct json_out *json)
{
	struct book_hand hand;

	json_open_member(json, "entries", '[');
	for (size_t i = 0; book_hand_at(book, i, &hand); i++) {
		const struct record *record = record_of(h, hand.seq);

		if (record == NULL)
			continue;
		json_open(json, '{');
		json_text(json, "entry", span_of(hand.entry->id));
		json_text(json, "kind", record->kind);
		json_text(json, "book", record->subject);
		json_bool(json, "corrected", hand.corrected);
		put_record(record, json);
		put_legs(hand.entry, json);
		json_close(json, '}');
	}
	json_close(json, ']');
}

static void put_votes(const struct hand_flow *h, const struct book *book, struct json_out *json)
{
	struct book_vote vote;

	json_open_member(json, "votes", '[');
	for (size_t i = 0; book_vote_at(book, i, treasury_now_ms(h->app->treasury), &vote); i++) {
		const struct record *record = is_seen(h, book, &vote) ? record_of(h, vote.seq) : NULL;

		if (record == NULL)
			continue;
		json_open(json, '{');
		json_text(json, "act", span_of(vote.act));
		json_text(json, "subject", span_of(vote.subject));
		put_record(record, json);
		json_close(json, '}');
	}
	json_close(json, ']');
}

static void put_years(const struct hand_flow *h, const struct book *book, struct json_out *json)
{
	struct book_year year;

	json_open_member(json, "years", '[');
	for (size_t i = 0; book_year_at(book, i, &year); i++) {
		if (!reading_covers(&h->staff, year.book))
			continue;
		json_open(json, '{');
		json_text(json, "book", span_of(year.book));
		json_bool(json, "closed", year.next != NULL);
		if (year.next != NULL)
			json_text(json, "next", span_of(year.next));
		else
			json_none(json, "next");
		json_close(json, '}');
	}
	json_close(json, ']');
}

static void put_quarantine(const struct book *book, struct json_out *json)
{
	const struct book_quarantine *quarantine = book_quarantine(book);

	if (!quarantine->on) {
		json_none(json, "quarantine");
		return;
	}
	json_open_member(json, "quarantine", '{');
	json_text(json, "id", span_of(quarantine->id));
	clock_put(json, "since", quarantine->since_ms);
	json_close(json, '}');
}

static enum flow_next step_answer(struct flow *flow)
{
	struct hand_flow *h = flow_state(flow);
	const struct book *book = treasury_book(h->app->treasury);
	struct buf body = { 0 };
	struct json_out json = json_out_to(&body);

	if (book == NULL)
		return FLOW_FAIL;
	json_open(&json, '{');
	json_u64(&json, "seq", book_seq(book));
	put_quarantine(book, &json);
	put_years(h, book, &json);
	put_entries(h, book, &json);
	put_votes(h, book, &json);
	json_close(&json, '}');
	answer_json(h->exchange, 200, buf_span(&body));
	h->exchange = NULL;
	buf_release(&body);
	return FLOW_DONE;
}

static void end(struct flow *flow, bool well)
{
	struct hand_flow *h = flow_state(flow);

	(void)well;
	if (h->exchange != NULL)
		answer_unavailable(h->exchange);
}

static const struct flow_step hand_steps[] = {
	[STEP_READ] = { .name = "read", .run = step_read },
	[STEP_CAME] = { .name = "came", .run = step_came },
	[STEP_ANSWER] = { .name = "answer", .run = step_answer },
};

static const struct flow_kind hand_kind = {
	.name = "by_hand",
	.steps = hand_steps,
	.nsteps = COUNT_OF(hand_steps),
	.state_bytes = sizeof(struct hand_flow),
	.timeout_ms = 15000,
	.end = end,
};

/* --- starting -------------------------------------------------------------------------------------- */

static void choose(struct hand_flow *h, uint64_t seq)
{
	for (size_t i = 0; i < h->list.n; i++)
		if (h->list.seqs[i] == seq)
			return;
	record_list_add(&h->list, seq);
}

static void choose_entries(struct hand_flow *h, const struct book *book)
{
	struct book_hand hand;
	size_t n = 0;

	while (book_hand_at(book, n, &hand))
		n++;
	for (size_t taken = 0; n > 0 && taken < ENTRIES_MAX;) {
		book_hand_at(book, --n, &hand);
		if (!is_entry_seen(h, hand.entry))
			continue;
		choose(h, hand.seq);
		taken++;
	}
}

static void choose_votes(struct hand_flow *h, const struct book *book)
{
	struct book_vote vote;
	struct book_hand hand;
	size_t taken = 0;

	for (size_t i = 0; taken < VOTES_MAX && book_vote_at(book, i, treasury_now_ms(h->app->treasury), &vote); i++) {
		if (!is_seen(h, book, &vote))
			continue;
		taken++;
		choose(h, vote.seq);
		if (find_entry(book, vote.subject, &hand))
			choose(h, hand.seq);
	}
}

void by_hand_list(const struct call *args, struct http_exchange *exchange)
{
	const struct book *book = reading_book(args, exchange);
	struct flow *flow;
	struct hand_flow *h;

	if (book == NULL)
		return;
	flow = flow_start(args->app->loop, &hand_kind, NULL, NULL);
	h = flow_state(flow);
	h->app = args->app;
	h->exchange = exchange;
	h->staff = *args->staff;
	h->book = arena_dup(flow_arena(flow), reading_param(exchange, "book"));
	record_list_begin(&h->list, ENTRIES_MAX + 2 * VOTES_MAX, flow_arena(flow));
	choose_votes(h, book);
	choose_entries(h, book);
}
