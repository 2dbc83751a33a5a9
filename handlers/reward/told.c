/*
 * Money as JSON; see told.h.
 */
#include "handlers/reward/told.h"

#include "daemon/base/hex.h"
#include "daemon/base/table.h"
#include "daemon/sys/clock.h"
#include "handlers/reward/told_bank.h"

#include <stdio.h>

void told_hash(struct json_out *json, const char *name, const unsigned char hash[32])
{
	char digits[64];

	hex_put(hash, 32, digits);
	json_text(json, name, span_from(digits, sizeof(digits)));
}

static void put_text(struct json_out *json, const char *name, const char *text)
{
	if (text[0] == '\0')
		json_none(json, name);
	else
		json_text(json, name, span_of(text));
}

/* --- rewards --------------------------------------------------------------------------- */

static void put_token(const struct office *office, const char *kind, const char *token, bool auditor,
		      struct json_out *json)
{
	char pseudonym[OFFICE_TOKEN_MAX];

	if (token[0] == '\0' || !auditor) {
		put_text(json, kind, token);
		return;
	}
	office_pseudonym(office, kind, span_of(token), pseudonym);
	json_text(json, kind, span_of(pseudonym));
}

void told_attempt(const struct book_reward *reward, const struct book_attempt *attempt, struct json_out *json)
{
	char id[BOOK_ID_MAX + 12];

	json_open(json, '{');
	if (reward != NULL) {
		snprintf(id, sizeof(id), "%s-%u", reward->id, attempt->number);
		json_text(json, "id", span_of(id));
		json_text(json, "reward", span_of(reward->id));
		json_text(json, "book", span_of(reward->book));
	}
	json_u64(json, "number", attempt->number);
	json_text(json, "instruction", span_of(attempt->instruction));
	json_text(json, "rail", span_of(attempt->rail));
	json_text(json, "state", span_of(attempt_state_name(attempt->state)));
	json_text(json, "by", span_of(evidence_name(attempt->by)));
	json_bool(json, "live", attempt_live(attempt->state));
	json_i64(json, "fen", attempt->fen);
	clock_put(json, "started", attempt->started_ms);
	clock_put(json, "changed", attempt->changed_ms);
	clock_put(json, "sent", attempt->sent_ms);
	clock_put(json, "next_query", attempt->next_query_ms);
	json_u64(json, "queries", attempt->queries);
	put_text(json, "provider_ref", attempt->provider_ref);
	put_text(json, "code", attempt->code);
	put_text(json, "body", attempt->body);
	put_text(json, "line", attempt->line);
	json_bool(json, "overpaid", attempt->overpaid);
	json_close(json, '}');
}

static void put_amounts(const struct book_reward *reward, struct json_out *json)
{
	json_i64(json, "fen", reward->fen);
	json_i64(json, "tax_fen", reward->tax_fen);
	json_i64(json, "paid_fen", reward->paid_fen);
}

static void put_review(const struct book_reward *reward, struct json_out *json)
{
	static const unsigned char none[32];

	json_u64(json, "step", reward->step);
	json_u64(json, "steps", reward->steps);
	if (memcmp(reward->digest, none, sizeof(none)) == 0)
		json_none(json, "digest");
	else
		told_hash(json, "digest", reward->digest);
	told_hash(json, "policy", reward->policy);
}

static void put_attempts(const struct book_reward *reward, struct json_out *json)
{
	json_open_member(json, "attempts", '[');
	for (size_t i = 0; i < reward->nattempts; i++)
		told_attempt(reward, &reward->attempts[i], json);
	json_close(json, ']');
}

void told_reward(const struct office *office, const struct book_reward *reward, bool auditor, const char *name,
		 struct json_out *json)
{
	if (name != NULL)
		json_open_member(json, name, '{');
	else
		json_open(json, '{');
	json_text(json, "id", span_of(reward->id));
	json_text(json, "state", span_of(reward_state_name(reward->state)));
	json_bool(json, "held", reward->held);
	json_text(json, "book", span_of(reward->book));
	json_text(json, "case", span_of(reward->case_id));
	json_text(json, "tip", span_of(reward->tip));
	put_token(office, "claimant", reward->claimant, auditor, json);
	put_amounts(reward, json);
	put_review(reward, json);
	clock_put(json, "deadline", reward->deadline_ms);
	clock_put(json, "cooling_until", reward->cooling_until_ms);
	put_token(office, "payee", reward->payee, auditor, json);
	put_text(json, "rail", reward->rail);
	put_attempts(reward, json);
	json_u64(json, "first_seq", reward->first_seq);
	json_u64(json, "last_seq", reward->last_seq);
	json_close(json, '}');
}

/* --- ledgers and policies ------------------------------------------------------------------ */

void told_totals(const struct ledger *ledger, const char *book, struct json_out *json)
{
	static const enum ledger_code codes[] = { LEDGER_AUTHORISED, LEDGER_AVAILABLE, LEDGER_ENCUMBERED,
						  LEDGER_EXPENDED, LEDGER_LAPSED };

	json_text(json, "book", span_of(book));
	for (size_t i = 0; i < COUNT_OF(codes); i++)
		json_i64(json, ledger_kind(codes[i])->name, ledger_balance(ledger, book, codes[i], ""));
}

void told_policy(const struct index_policy *policy, const char *name, struct json_out *json)
{
	if (name != NULL)
		json_open_member(json, name, '{');
	else
		json_open(json, '{');
	json_text(json, "hash", span_of(policy->hash));
	json_text(json, "name", span_of(policy->name));
	json_text(json, "version", span_of(policy->version));
	json_text(json, "drafted_by", span_of(policy->drafter));
	json_u64(json, "drafted_seq", policy->drafted_seq);
	json_bool(json, "adopted", policy->adopted_seq > 0);
	put_text(json, "adopted_by", policy->adopter);
	json_u64(json, "adopted_seq", policy->adopted_seq);
	clock_put(json, "since", policy->since_ms);
	json_close(json, '}');
}

/* --- answers ----------------------------------------------------------------------------- */

int told_status(const struct record *record)
{
	if (span_is(record->kind, "vote"))
		return 202;
	return span_is(record->kind, "reward.propose") || span_is(record->kind, "policy.draft") ? 201 : 200;
}

static const struct book_reward *reward_about(const struct book *book, struct span subject)
{
	return book_reward(book, span_from(subject.at, span_find(subject, SPAN("-"))));
}

static void put_ledger(const struct book *book, struct span subject, struct json_out *json)
{
	char name[LEDGER_BOOK_MAX] = "";

	if (subject.len >= sizeof(name))
		return;
	memcpy(name, subject.at, subject.len);
	json_open_member(json, "ledger", '{');
	told_totals(book_ledger(book), name, json);
	json_close(json, '}');
}

/* What it is about, as it is now. What no reader keeps is told by the record's own data. */
static void put_subject(const struct office *office, const struct book *book, const struct record *record, struct span act,
			struct json_out *json)
{
	const struct book_reward *reward = NULL;

	if (span_starts(act, SPAN("reward.")) || span_starts(act, SPAN("attempt.")) || span_is(act, "budget.tax"))
		reward = reward_about(book, record->subject);
	if (reward != NULL)
		told_reward(office, reward, span_is(record->role, money_role_name(MONEY_AUDITOR)), "reward", json);
	else if (!span_is(act, "policy.draft"))
		json_raw(json, "data", record->data);
	if (span_starts(act, SPAN("budget.")) && reward == NULL && span_find(record->subject, SPAN(":")) == record->subject.len)
		put_ledger(book, record->subject, json);
}

/* As the record left it. */
static void put_break(const struct book *book, struct span id, struct json_out *json)
{
	const struct book_break *broken = book_break_find(book, id);
	struct arena arena = { 0 };

	if (broken == NULL)
		return;
	json_open_member(json, "break", '{');
	told_break(book, broken, 0, &arena, json);
	json_close(json, '}');
	arena_release(&arena);
}

static void put_draft(const struct record *record, struct arena *arena, struct json_out *json)
{
	static const char *const names[] = { "hash", "policy", "version" };
	struct span text;

	json_open_member(json, "policy", '{');
	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (record_text(record, names[i], arena, &text))
			json_text(json, i == 1 ? "name" : names[i], text);
	json_close(json, '}');
}

void told_answer(const struct office *office, const struct book *book, const struct record *record, struct buf *out)
{
	struct json_out json = json_out_to(out);
	struct arena arena = { 0 };
	struct span act = record->kind, told;

	if (span_is(act, "vote") && record_text(record, "act", &arena, &told))
		act = told;
	json_open(&json, '{');
	json_u64(&json, "seq", record->seq);
	clock_put(&json, "at", record->at_ms);
	json_text(&json, "kind", record->kind);
	json_text(&json, "act", act);
	json_text(&json, "subject", record->subject);
	json_text(&json, "person", record->person);
	json_text(&json, "role", record->role);
	json_text(&json, "entry", span_of(record->entry.id));
	told_hash(&json, "hash", record->hash);
	if (span_is(act, "policy.draft"))
		put_draft(record, &arena, &json);
	put_subject(office, book, record, act, &json);
	if (span_starts(act, SPAN("break.")) || span_starts(act, SPAN("suspense.")))
		put_break(book, record->subject, &json);
	json_close(&json, '}');
	arena_release(&arena);
}
