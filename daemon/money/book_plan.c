/*
 * From a command to a plan: fields, idempotency key, who, subject, separation,
 * legal move, the command's own guard, two persons, and the ledger's consent.
 */
#include "daemon/base/hex.h"
#include "daemon/money/book_state.h"

#include <assert.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>

bool plan_refuse(struct plan *plan, int status, const char *code, const char *format, ...)
{
	va_list args;

	plan->refusal->status = status;
	plan->refusal->code = code;
	va_start(args, format);
	vsnprintf(plan->refusal->detail, sizeof(plan->refusal->detail), format, args);
	va_end(args);
	return false;
}

/* --- what will be told ---------------------------------------------------------------- */

void plan_put(struct plan *plan, const char *name, struct span value)
{
	json_text(&plan->out, name, value);
}

void plan_put_number(struct plan *plan, const char *name, int64_t value)
{
	char text[MONEY_TEXT_MAX];

	json_text(&plan->out, name, money_write(value, text));
}

void plan_put_hash(struct plan *plan, const char *name, const unsigned char hash[RECORD_HASH_BYTES])
{
	char digits[2 * RECORD_HASH_BYTES];

	hex_put(hash, RECORD_HASH_BYTES, digits);
	json_text(&plan->out, name, span_from(digits, sizeof(digits)));
}

bool plan_may(struct plan *plan, enum reward_event event, unsigned role)
{
	enum reward_state state = plan->dossier->is.state;

	plan->move = reward_move_find(state, event, role);
	if (plan->move == NULL)
		return plan_refuse(plan, 409, "ILLEGAL_TRANSITION", "%s does not follow %s", reward_event_name(event),
				   reward_state_name(state));
	if (plan->dossier->is.held && !plan->move->while_held)
		return plan_refuse(plan, 409, "HELD", "%s is on hold", plan->dossier->is.id);
	if (plan->move->persons > plan->persons)
		plan->persons = plan->move->persons;
	return true;
}

void plan_to(struct plan *plan, enum reward_state state)
{
	assert(plan->move->to[0] == state || plan->move->to[1] == state || plan->move->to[2] == state);
	plan->after.is.state = state;
	plan_put(plan, "to", span_of(reward_state_name(state)));
}

/* --- postings --------------------------------------------------------------------------- */

static void complete_of_reward(struct plan *plan, struct posting_facts *facts, char flight[LEDGER_DETAIL_MAX])
{
	facts->fin = plan->after.is.book;
	facts->bgt = fiscal_now(plan->book, facts->fin);
	facts->reward = plan->after.is.id;
	facts->flight = flight;
	snprintf(flight, LEDGER_DETAIL_MAX, "%s:%s-%u", plan->attempt_after.rail, plan->after.is.id,
		 plan->attempt_after.number);
}

/* A year that was closed and handed on is a prior one. */
static void complete_year(struct posting_facts *facts)
{
	if ((facts->when & (POSTING_SAME_YEAR | POSTING_PRIOR_YEAR)) == 0)
		facts->when |= strcmp(facts->fin, facts->bgt) == 0 ? POSTING_SAME_YEAR : POSTING_PRIOR_YEAR;
}

bool plan_post(struct plan *plan, enum posting posting, struct posting_facts *facts)
{
	char flight[LEDGER_DETAIL_MAX] = "";
	unsigned number;

	assert(plan->posting == POSTING_NONE);
	plan->posting = posting;
	if (plan->dossier != NULL) {
		complete_of_reward(plan, facts, flight);
		number = ++plan->after.posted[posting];
	} else {
		facts->fin = plan->subject;
		facts->bgt = fiscal_now(plan->book, plan->subject);
		number = (plan->fiscal != NULL ? plan->fiscal->posted[posting] : 0) + 1;
	}
	complete_year(facts);
	posting_make(posting, facts, plan->dossier != NULL ? plan->after.is.id : plan->subject, number, &plan->entry);
	return true;
}

static bool ledger_agrees(struct plan *plan)
{
	struct complaint why;

	if (plan->entry.nlegs == 0 || ledger_check(plan->book->ledger, &plan->entry, &why))
		return true;
	return plan_refuse(plan, 409, "LEDGER", "%.150s", why.text);
}

/* --- subject ---------------------------------------------------------------------------- */

/* Names of subjects go into records, entries and maps as they are. */
static bool is_word(struct span name)
{
	static const char allowed[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._:/-";

	for (size_t i = 0; i < name.len; i++)
		if (memchr(allowed, name.at[i], sizeof(allowed) - 1) == NULL)
			return false;
	return true;
}

static bool is_ledger_name(struct span name)
{
	struct span rest = name, part[3];

	for (size_t i = 0; i < 3; i++)
		if (!span_cut(&rest, '/', &part[i]))
			return false;
	return span_empty(rest) && name.len < 48 && part[0].len > 0 && part[0].len < BUREAU_MAX && part[1].len > 0 &&
	       part[1].len < PROGRAMME_MAX && part[2].len == 4 && span_digits(part[2]);
}

static void take_dossier(struct plan *plan, struct dossier *dossier)
{
	plan->dossier = dossier;
	plan->after = *dossier;
	plan->kase = case_find(plan->book, span_of(dossier->is.case_id));
}

static bool find_reward(struct plan *plan, struct span subject)
{
	struct dossier *dossier = dossier_find(plan->book, subject);

	if (dossier == NULL)
		return plan_refuse(plan, 404, "NOT_FOUND", "there is no such reward");
	take_dossier(plan, dossier);
	return true;
}

static bool find_attempt(struct plan *plan, struct span subject)
{
	struct dossier *dossier = NULL;

	plan->attempt = attempt_find(plan->book, subject, &dossier);
	if (plan->attempt == NULL)
		return plan_refuse(plan, 404, "NOT_FOUND", "there is no such attempt");
	plan->attempt_after = *plan->attempt;
	plan->attempt_before = plan->attempt->state;
	take_dossier(plan, dossier);
	return true;
}

static bool find_subject(struct plan *plan)
{
	struct span subject = plan->command->subject;

	if (plan->kind->rule->subject == SUBJECT_NEW_REWARD) {
		snprintf(plan->subject, sizeof(plan->subject), "R%llu", (unsigned long long)plan->seq);
		return span_empty(subject) || plan_refuse(plan, 400, "WRONG_SUBJECT", "the record's number names it");
	}
	if (subject.len >= sizeof(plan->subject) || !is_word(subject))
		return plan_refuse(plan, 400, "WRONG_SUBJECT", "up to 71 of letters, digits and ._:/-");
	NAME_PUT(plan->subject, subject);
	switch (plan->kind->rule->subject) {
	case SUBJECT_REWARD:
		return find_reward(plan, subject);
	case SUBJECT_ATTEMPT:
		return find_attempt(plan, subject);
	case SUBJECT_LEDGER:
		plan->fiscal = fiscal_find(plan->book, plan->subject);
		return is_ledger_name(subject) ||
		       plan_refuse(plan, 400, "WRONG_SUBJECT", "bureau/programme/year is expected");
	case SUBJECT_CASE:
		plan->kase = case_find(plan->book, subject);
		return !span_empty(subject) || plan_refuse(plan, 400, "WRONG_SUBJECT", "which case?");
	case SUBJECT_POLICY:
		plan->draft = draft_find(plan->book, subject);
		return plan->draft != NULL || plan_refuse(plan, 404, "NOT_FOUND", "there is no such draft");
	case SUBJECT_RAIL:
		plan->rail = rail_hold_find(plan->book, subject);
		return (!span_empty(subject) && subject.len < RAIL_MAX) ||
		       plan_refuse(plan, 400, "WRONG_SUBJECT", "which rail?");
	case SUBJECT_FREE:
	case SUBJECT_ENTRY:
	case SUBJECT_NEW_REWARD:
		break;
	}
	return true;
}

/* --- idempotency --------------------------------------------------------------------------- */

static bool is_key(struct span key)
{
	return key.len >= 1 && key.len <= 64 && is_word(key) && span_find(key, SPAN("/")) == key.len;
}

static void set_print(struct plan *plan)
{
	struct buf text = { 0 };
	struct json_out json = json_out_to(&text);

	json_open(&json, '{');
	json_text(&json, "kind", plan->command->kind != NULL ? span_of(plan->command->kind) : SPAN(""));
	json_text(&json, "person", plan->command->person);
	json_text(&json, "account", plan->command->account);
	json_text(&json, "subject", plan->command->subject);
	command_put_fields(plan, &json);
	json_close(&json, '}');
	crypto_hash_sha256(plan->print, (const unsigned char *)text.at, text.len);
	buf_release(&text);
}

/* False: this key was used; for the same command that is no refusal. */
static bool key_is_new(struct plan *plan)
{
	const struct used_key *keys = plan->book->keys.at;
	unsigned char mark[MARK_BYTES];
	uint64_t index;

	name_mark("key", plan->command->key, mark);
	if (!mark_map_get(&plan->book->by_key, mark, &index))
		return true;
	if (memcmp(keys[index].print, plan->print, sizeof(plan->print)) != 0)
		return plan_refuse(plan, 422, "KEY_MISMATCH", "this key was used for another command");
	plan->repeated = keys[index].seq;
	return false;
}

static bool well_formed(struct plan *plan)
{
	const struct book_command *command = plan->command;

	plan->kind = command_find(span_of(command->kind));
	if (plan->kind == NULL)
		return plan_refuse(plan, 400, "UNKNOWN_COMMAND", "there is no such command");
	if (!is_key(command->key))
		return plan_refuse(plan, 400, "WRONG_KEY", "an idempotency key is 1 to 64 of 0-9 A-Z a-z . _ : -");
	if (command->person.len == 0 || command->person.len >= STAFF_NAME_MAX || command->account.len == 0 ||
	    command->account.len >= STAFF_NAME_MAX || command->nfields > BOOK_FIELDS_MAX)
		return plan_refuse(plan, 400, "WRONG_ACTOR", "person and account have 1 to 35 characters");
	return command_read(plan);
}

/* --- the whole ------------------------------------------------------------------------------- */

static bool guarded(struct plan *plan)
{
	const struct command_rule *rule = plan->kind->rule;

	plan->persons = rule->persons;
	if (rule->event != REWARD_EV_PROPOSE && !plan_may(plan, rule->event, plan->role))
		return false;
	if (!quarantine_allows(plan))
		return false;
	return rule->guard == NULL || rule->guard(plan);
}

static void tell_vote(struct plan *plan)
{
	if (plan->vote != NULL) {
		plan_put(plan, "with", span_of(plan->vote->person));
		plan_put_number(plan, "vote", (int64_t)plan->vote->seq);
	}
	if (!plan->voting)
		return;
	buf_clear(&plan->text);
	plan->out = json_out_to(&plan->text);
	plan_put_hash(plan, "digest", plan->digest);
	plan->posting = POSTING_NONE;
	plan->entry.nlegs = 0;
}

static bool agreed(struct plan *plan)
{
	return find_subject(plan) && plan_actor(plan) && plan_apart(plan) && guarded(plan) && plan_votes(plan) &&
	       ledger_agrees(plan);
}

enum book_answer plan_make(struct plan *plan, const struct book *book, const struct book_command *command,
			   int64_t now_ms, struct arena *arena, struct book_refusal *refusal)
{
	*plan = (struct plan){ .book = book, .command = command, .arena = arena, .refusal = refusal,
			       .now_ms = now_ms, .seq = book->seq + 1 };
	*refusal = (struct book_refusal){ 0 };
	plan->out = json_out_to(&plan->text);
	if (!well_formed(plan))
		return BOOK_REFUSED;
	set_print(plan);
	if (!key_is_new(plan))
		return plan->repeated != 0 ? BOOK_REPEATED : BOOK_REFUSED;
	if (!agreed(plan))
		return BOOK_REFUSED;
	tell_vote(plan);
	return BOOK_RECORD;
}

void plan_release(struct plan *plan)
{
	buf_release(&plan->text);
}

struct span plan_data(const struct plan *plan)
{
	struct buf text = { 0 };
	struct json_out json = json_out_to(&text);
	struct span data;

	json_open(&json, '{');
	if (plan->voting)
		json_text(&json, "act", span_of(plan->kind->kind));
	command_put_fields(plan, &json);
	if (plan->text.len > 0) {
		if (json.comma)
			buf_add_byte(&text, ',');
		buf_add_span(&text, buf_span(&plan->text));
	}
	json_close(&json, '}');
	data = arena_dup(plan->arena, buf_span(&text));
	buf_release(&text);
	return data;
}
