/*
 * Registers: rewards, attempts to pay, policies, staff.
 */
#include "daemon/base/table.h"
#include "daemon/jobs/treasury.h"
#include "daemon/sys/clock.h"
#include "handlers/answer.h"
#include "handlers/audit/audit.h"
#include "handlers/audit/reading.h"
#include "handlers/reward/told.h"

#include <stdio.h>

#define ROWS 50
#define ROWS_MAX 500

static void open_list(struct json_out *json, const struct book *book, const char *name)
{
	json_open(json, '{');
	json_u64(json, "seq", book_seq(book));
	json_open_member(json, name, '[');
}

static void answer_list(struct http_exchange *exchange, struct json_out *json, struct buf *body)
{
	json_close(json, '}');
	answer_json(exchange, 200, buf_span(body));
	buf_release(body);
}

/* --- rewards --------------------------------------------------------------------------- */

struct filter {
	const struct staff *who;
	struct span book, case_id;
	bool any_state;
	enum reward_state state;
	uint64_t limit, after;      /* number of the last reward that was seen */
};

static bool read_filter(const struct call *args, struct http_exchange *exchange, struct filter *filter)
{
	struct span state = reading_param(exchange, "state");
	struct span after = reading_param(exchange, "after");

	*filter = (struct filter){ .who = args->staff, .any_state = state.len == 0 };
	filter->book = reading_param(exchange, "book");
	filter->case_id = reading_param(exchange, "case");
	if (!reading_number(exchange, "limit", ROWS, ROWS_MAX, &filter->limit))
		return false;
	if ((filter->any_state || reward_state_parse(state, &filter->state)) &&
	    (after.len == 0 || (after.at[0] == 'R' && span_u64(span_from_offset(after, 1), &filter->after))))
		return true;
	answer_problem(exchange, &(struct problem){ .status = 400, .code = "field_invalid",
						    .field = filter->any_state ? "after" : "state",
						    .detail = "There is no such state, or no such reward." });
	return false;
}

static bool passes(const struct filter *filter, const struct book_reward *reward)
{
	return reading_covers(filter->who, reward->book) &&
	       (filter->any_state || reward->state == filter->state) &&
	       (filter->book.len == 0 || span_is(filter->book, reward->book)) &&
	       (filter->case_id.len == 0 || span_is(filter->case_id, reward->case_id));
}

/* Of all that pass, whichever piece of them is shown. */
struct totals {
	uint64_t rewards;
	int64_t fen, tax_fen, paid_fen;
	int64_t reserved_fen;   /* what the ledger keeps for them */
};

/* Owed, under way, come back or withheld as tax: of all rewards of a book it is what is encumbered there. */
static int64_t reserved(const struct ledger *ledger, const struct book_reward *reward)
{
	static const enum ledger_code codes[] = { LEDGER_PAYABLE, LEDGER_RETURNED, LEDGER_TAX_WITHHELD };
	char flight[LEDGER_DETAIL_MAX];
	int64_t fen = 0;

	for (size_t i = 0; i < COUNT_OF(codes); i++)
		fen += ledger_balance(ledger, reward->book, codes[i], reward->id);
	for (size_t i = 0; i < reward->nattempts; i++) {
		snprintf(flight, sizeof(flight), "%s:%s-%u", reward->attempts[i].rail, reward->id, reward->attempts[i].number);
		fen += ledger_balance(ledger, reward->book, LEDGER_INFLIGHT, flight);
	}
	return fen;
}

static void count(const struct ledger *ledger, const struct book_reward *reward, struct totals *totals)
{
	totals->rewards++;
	totals->fen += reward->fen;
	totals->tax_fen += reward->tax_fen;
	totals->paid_fen += reward->paid_fen;
	totals->reserved_fen += reserved(ledger, reward);
}

static void put_totals(const struct totals *totals, struct json_out *json)
{
	json_open_member(json, "totals", '{');
	json_u64(json, "rewards", totals->rewards);
	json_i64(json, "fen", totals->fen);
	json_i64(json, "tax_fen", totals->tax_fen);
	json_i64(json, "paid_fen", totals->paid_fen);
	json_i64(json, "reserved_fen", totals->reserved_fen);
	json_close(json, '}');
}

void reward_list(const struct call *args, struct http_exchange *exchange)
{
	const struct book *book = reading_book(args, exchange);
	struct buf body = { 0 };
	struct json_out json = json_out_to(&body);
	struct totals totals = { 0 };
	struct filter filter;
	uint64_t n = 0;

	if (book == NULL || !read_filter(args, exchange, &filter))
		return;
	open_list(&json, book, "rewards");
	for (size_t i = 0; i < book_rewards(book); i++) {
		const struct book_reward *reward = book_reward_at(book, i);

		if (!passes(&filter, reward))
			continue;
		count(book_ledger(book), reward, &totals);
		if (reward->first_seq > filter.after && n++ < filter.limit)
			told_reward(args->app->office, reward, reading_as_auditor(args->staff), NULL, &json);
	}
	json_close(&json, ']');
	json_bool(&json, "more", n > filter.limit);
	put_totals(&totals, &json);
	answer_list(exchange, &json, &body);
}

/* --- attempts ---------------------------------------------------------------------------- */

struct attempts_filter {
	bool any_state;
	enum attempt_state state;
	int64_t now_ms, oldest_unknown_ms;
	uint64_t unknown;
};

static void put_attempt(const struct book_reward *reward, const struct book_attempt *attempt,
			struct attempts_filter *filter, struct json_out *json)
{
	if (attempt->state == ATTEMPT_UNKNOWN) {
		int64_t age_ms = filter->now_ms - attempt->changed_ms;

		filter->unknown++;
		if (age_ms > filter->oldest_unknown_ms)
			filter->oldest_unknown_ms = age_ms;
	}
	if (filter->any_state || attempt->state == filter->state)
		told_attempt(reward, attempt, json);
}

void payout_list(const struct call *args, struct http_exchange *exchange)
{
	const struct book *book = reading_book(args, exchange);
	struct span state = reading_param(exchange, "state");
	struct attempts_filter filter = { .any_state = state.len == 0, .now_ms = treasury_now_ms(args->app->treasury) };
	struct buf body = { 0 };
	struct json_out json = json_out_to(&body);

	if (book == NULL)
		return;
	if (!filter.any_state && !attempt_state_parse(state, &filter.state)) {
		answer_problem(exchange, &(struct problem){ .status = 400, .code = "field_invalid", .field = "state",
							    .detail = "There is no such state." });
		return;
	}
	open_list(&json, book, "payouts");
	for (size_t i = 0; i < book_rewards(book); i++) {
		const struct book_reward *reward = book_reward_at(book, i);

		for (size_t k = 0; k < reward->nattempts && reading_covers(args->staff, reward->book); k++)
			put_attempt(reward, &reward->attempts[k], &filter, &json);
	}
	json_close(&json, ']');
	json_u64(&json, "unknown", filter.unknown);
	json_i64(&json, "oldest_unknown_s", filter.oldest_unknown_ms / 1000);
	if (book_quarantine(book)->on)
		json_text(&json, "quarantine", span_of(book_quarantine(book)->id));
	answer_list(exchange, &json, &body);
}

/* --- policies and staff ---------------------------------------------------------------------- */

void policy_list(const struct call *args, struct http_exchange *exchange)
{
	const struct book *book = reading_book(args, exchange);
	const struct index_policy *policies;
	struct buf body = { 0 };
	struct json_out json = json_out_to(&body);
	size_t n;

	if (book == NULL)
		return;
	policies = money_index_policies(office_index(args->app->office), &n);
	open_list(&json, book, "policies");
	for (size_t i = 0; i < n; i++)
		told_policy(&policies[i], NULL, &json);
	json_close(&json, ']');
	answer_list(exchange, &json, &body);
}

static void put_roles(const struct staff_entry *entry, struct json_out *json)
{
	json_open_member(json, "roles", '[');
	for (unsigned bit = 1; bit <= MONEY_VERIFIER; bit <<= 1)
		if ((entry->roles & bit) != 0)
			json_text(json, NULL, span_of(money_role_name((enum money_role)bit)));
	json_close(json, ']');
	json_open_member(json, "titles", '[');
	for (size_t i = 0; i < entry->ntitles; i++)
		json_text(json, NULL, span_of(entry->titles[i]));
	json_close(json, ']');
}

static void put_entry(const struct staff_entry *entry, bool in_force, struct json_out *json)
{
	json_open(json, '{');
	json_text(json, "account", span_of(entry->account));
	json_text(json, "person", span_of(entry->person));
	json_text(json, "deputy_of", span_of(entry->deputy_of));
	put_roles(entry, json);
	json_text(json, "region", span_of(entry->region));
	clock_put(json, "from", entry->from_ms);
	clock_put(json, "until", entry->until_ms);
	json_bool(json, "in_force", in_force);
	json_u64(json, "seq", entry->seq);
	json_close(json, '}');
}

void staff_list(const struct call *args, struct http_exchange *exchange)
{
	const struct book *book = reading_book(args, exchange);
	const struct staff_register *staff;
	struct buf body = { 0 };
	struct json_out json = json_out_to(&body);
	int64_t now_ms = treasury_now_ms(args->app->treasury);

	if (book == NULL)
		return;
	staff = book_staff(book);
	open_list(&json, book, "staff");
	for (size_t i = 0; i < staff->n; i++)
		put_entry(&staff->entries[i],
			  staff_find(staff, span_of(staff->entries[i].account), now_ms) == &staff->entries[i], &json);
	json_close(&json, ']');
	answer_list(exchange, &json, &body);
}
