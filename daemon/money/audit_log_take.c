/*
 * A record becomes a row of the log; see audit_log.h.
 */
#include "daemon/base/hex.h"
#include "daemon/base/json_in.h"
#include "daemon/base/memory.h"
#include "daemon/base/table.h"
#include "daemon/money/attempt.h"
#include "daemon/money/audit_log_state.h"

#include <stdio.h>

#define PAYEE_HALF 18   /* "p-" and 16 digits: the same for the same account */

/* --- kinds --------------------------------------------------------------------------------- */

static enum audit_act act_of(struct span kind)
{
	static const struct {
		const char *kind;
		enum audit_act act;
	} acts[] = {
		{ .kind = "vote", .act = AUDIT_VOTE },
		{ .kind = "case.verified", .act = AUDIT_CASE },
		{ .kind = "reward.propose", .act = AUDIT_PROPOSE },
		{ .kind = "reward.submit", .act = AUDIT_SUBMIT },
		{ .kind = "reward.approve", .act = AUDIT_APPROVE },
		{ .kind = "reward.return", .act = AUDIT_RETURN },
		{ .kind = "reward.publish", .act = AUDIT_PUBLISH },
		{ .kind = "reward.claim", .act = AUDIT_CLAIM },
		{ .kind = "reward.change_payee", .act = AUDIT_CHANGE_PAYEE },
		{ .kind = "reward.panel", .act = AUDIT_PANEL },
		{ .kind = "reward.expire", .act = AUDIT_EXPIRE },
		{ .kind = "reward.extend", .act = AUDIT_EXTEND },
		{ .kind = "reward.reinstate", .act = AUDIT_REINSTATE },
		{ .kind = "reward.hold", .act = AUDIT_HOLD },
		{ .kind = "reward.lift", .act = AUDIT_LIFT },
		{ .kind = "reward.release", .act = AUDIT_RELEASE },
		{ .kind = "reward.reissue", .act = AUDIT_REISSUE },
		{ .kind = "attempt.start", .act = AUDIT_START },
		{ .kind = "attempt.send", .act = AUDIT_SEND },
		{ .kind = "attempt.cancel", .act = AUDIT_ATTEMPT },
		{ .kind = "attempt.query", .act = AUDIT_ATTEMPT },
		{ .kind = "attempt.observe", .act = AUDIT_OBSERVE },
		{ .kind = "budget.tax", .act = AUDIT_TAX },
		{ .kind = "statement.import", .act = AUDIT_STATEMENT },
		{ .kind = "break.open", .act = AUDIT_BREAK_OPEN },
		{ .kind = "break.resolve", .act = AUDIT_BREAK_RESOLVE },
		{ .kind = "suspense.clear", .act = AUDIT_BREAK_CLEAR },
		{ .kind = "rail.hold", .act = AUDIT_RAIL_HOLD },
		{ .kind = "rail.lift", .act = AUDIT_RAIL_LIFT },
		{ .kind = "book.restored", .act = AUDIT_RESTORED },
		{ .kind = "book.reconciled", .act = AUDIT_RECONCILED },
		{ .kind = "audit.export", .act = AUDIT_EXPORT },
	};

	for (size_t i = 0; i < COUNT_OF(acts); i++)
		if (span_is(kind, acts[i].kind))
			return acts[i].act;
	return AUDIT_OTHER;
}

/* --- what a record says ----------------------------------------------------------------------- */

struct said {
	struct json_object data;
	struct arena arena;
};

static struct span text_of(const struct said *said, const char *name)
{
	struct span text = json_member_text(&said->data, name);

	return text.at != NULL ? text : SPAN("");
}

static int64_t number_of(const struct said *said, const char *name)
{
	int64_t number = 0;

	return money_read(text_of(said, name), true, &number) ? number : 0;
}

static uint32_t keep_said(struct audit_log *log, const struct said *said, const char *name)
{
	return audit_log_keep(log, text_of(said, name));
}

static uint64_t find(const struct mark_map *map, const char *use, struct span name)
{
	unsigned char mark[MARK_BYTES];
	uint64_t number = 0;

	name_mark(use, name, mark);
	return mark_map_get(map, mark, &number) ? number : 0;
}

/* "R7" of "R7-1". */
static uint32_t reward_of(const struct audit_log *log, struct span subject)
{
	if (subject.len < 2 || subject.at[0] != 'R')
		return 0;
	return (uint32_t)find(&log->by_reward, "reward", span_from(subject.at, span_find(subject, SPAN("-"))));
}

/* --- cases and proposals -------------------------------------------------------------------- */

static void take_case(struct audit_log *log, const struct record *record, const struct said *said,
		      struct audit_row *row)
{
	const struct json_member *tips = json_member_find(&said->data, "tips");
	unsigned char mark[MARK_BYTES];

	row->region = keep_said(log, said, "bureau");
	log->cases = memory_grow(log->cases, log->ncases, sizeof(*log->cases));
	log->cases[log->ncases] = (struct case_said){ .verifier = row->person, .seq = (uint32_t)record->seq };
	if (tips != NULL)
		log->cases[log->ncases].tips = arena_dup(&log->texts, tips->text);
	log->ncases++;
	name_mark("case", record->subject, mark);
	mark_map_set(&log->by_case, mark, log->ncases);
}

/* The value of "name=" in a line of words. */
static struct span word_of(struct span line, const char *name)
{
	struct span word, called;

	while (span_cut(&line, ' ', &word))
		if (span_cut(&word, '=', &called) && span_is(called, name))
			return word;
	return SPAN("");
}

/* The line of that tip in a list of them; empty when it is in none. */
static struct span line_of(struct span tips, struct span tip, struct arena *arena)
{
	struct json_member whole = { .kind = JSON_TREE, .text = tips }, element;
	struct json_array walk;
	struct span rest, first;

	if (tips.len == 0 || !json_array_within(tips, &whole, &walk))
		return SPAN("");
	while (json_array_next(&walk, arena, &element)) {
		rest = element.text;
		if (span_cut(&rest, ' ', &first) && span_eq(first, tip))
			return element.text;
	}
	return SPAN("");
}

static void take_facts(struct audit_log *log, struct said *said, struct audit_proposal *proposal)
{
	uint64_t number = find(&log->by_case, "case", text_of(said, "case"));
	const struct json_member *facts = json_member_find(&said->data, "facts");
	struct span tip = text_of(said, "tip"), line;

	if (facts != NULL) {
		line = line_of(facts->text, tip, &said->arena);
		money_read(word_of(line, "at"), false, &proposal->tip_ms);
		proposal->detailed = span_is(word_of(line, "detailed"), "1");
	}
	if (number == 0)
		return;
	proposal->verifier = log->cases[number - 1].verifier;
	proposal->case_seq = log->cases[number - 1].seq;
	line = line_of(log->cases[number - 1].tips, tip, &said->arena);
	proposal->intake = audit_log_keep(log, word_of(line, "intake"));
}

/* Whether the amount of this tip was brought to a bound: {"step":"clamp","in":{"tip":"15-A",...,"clamped":"max"}... */
static void take_clamp(const struct said *said, struct audit_proposal *proposal)
{
	struct span trace = text_of(said, "trace"), tip = text_of(said, "tip");
	struct span step;

	while (trace.len > 0) {
		trace = span_from_offset(trace, span_find(trace, SPAN("\"step\":\"clamp\"")) + 1);
		step = span_from(trace.at, span_find(trace, SPAN("\"out\"")));
		if (trace.len == 0 || span_find(step, tip) == step.len)
			continue;
		proposal->clamped_min = span_find(step, SPAN("\"clamped\":\"min\"")) < step.len;
		proposal->clamped_max = span_find(step, SPAN("\"clamped\":\"max\"")) < step.len;
		return;
	}
}

static void take_proposal(struct audit_log *log, const struct record *record, struct said *said, struct audit_row *row)
{
	char id[24];
	unsigned char mark[MARK_BYTES];
	struct audit_proposal *proposal;

	log->proposals = memory_grow(log->proposals, log->nproposals, sizeof(*proposal));
	proposal = &log->proposals[log->nproposals++];
	snprintf(id, sizeof(id), "R%llu", (unsigned long long)record->seq);
	*proposal = (struct audit_proposal){ .seq = record->seq, .fen = number_of(said, "fen"),
					     .known_ms = number_of(said, "known_at"), .id = audit_log_keep(log, span_of(id)),
					     .case_id = keep_said(log, said, "case"), .tip = keep_said(log, said, "tip"),
					     .claimant = keep_said(log, said, "claimant"),
					     .region = keep_said(log, said, "bureau"),
					     .programme = keep_said(log, said, "programme"),
					     .overridden = number_of(said, "override_fen") > 0 };
	hex_get(text_of(said, "policy"), proposal->policy, sizeof(proposal->policy));
	take_facts(log, said, proposal);
	take_clamp(said, proposal);
	row->reward = (uint32_t)log->nproposals;
	row->subject = proposal->id;
	name_mark("reward", span_of(id), mark);
	mark_map_set(&log->by_reward, mark, log->nproposals);
}

/* --- a row ------------------------------------------------------------------------------------ */

static void take_legs(struct audit_log *log, const struct record *record, struct audit_row *row)
{
	row->first_leg = (uint32_t)log->nlegs;
	row->nlegs = (uint8_t)record->entry.nlegs;
	for (size_t i = 0; i < record->entry.nlegs; i++) {
		const struct ledger_leg *leg = &record->entry.legs[i];

		log->legs = memory_grow(log->legs, log->nlegs, sizeof(*log->legs));
		log->legs[log->nlegs++] = (struct audit_leg){ .fen = leg->fen, .book = audit_log_keep(log, span_of(leg->book)),
							      .detail = audit_log_keep(log, span_of(leg->detail)),
							      .code = (uint16_t)leg->code, .debit = leg->debit };
	}
	if (record->entry.nlegs > 0) {
		row->entry = audit_log_keep(log, span_of(record->entry.id));
		row->region = audit_log_keep(log, span_from(record->entry.legs[0].book, strcspn(record->entry.legs[0].book, "/")));
	}
}

static void take_states(const struct said *said, struct audit_row *row)
{
	enum reward_state state;
	enum attempt_state attempt;

	if (row->act != AUDIT_SEND && reward_state_parse(text_of(said, "to"), &state))
		row->state = (uint8_t)state;
	if (attempt_state_parse(text_of(said, row->act == AUDIT_SEND ? "to" : "attempt_to"), &attempt))
		row->attempt_state = (uint8_t)attempt;
	if (row->act == AUDIT_START && row->attempt_state == AUDIT_NO_STATE)
		row->attempt_state = ATTEMPT_CREATED;
}

/* The half of a payee's token that is the same for the same account. */
static uint32_t keep_payee(struct audit_log *log, struct span payee)
{
	return audit_log_keep(log, span_from(payee.at, payee.len > PAYEE_HALF ? PAYEE_HALF : payee.len));
}

static void take_words(struct audit_log *log, const struct said *said, struct audit_row *row)
{
	switch ((enum audit_act)row->act) {
	case AUDIT_APPROVE:
		row->word = keep_said(log, said, "title");
		break;
	case AUDIT_CLAIM:
	case AUDIT_CHANGE_PAYEE:
	case AUDIT_PANEL:
		row->word = keep_payee(log, text_of(said, "payee"));
		break;
	case AUDIT_REISSUE:
		row->word = keep_payee(log, text_of(said, "payee_bound"));
		break;
	case AUDIT_START:
		row->word = keep_said(log, said, "attempt");
		row->name = keep_said(log, said, "rail");
		break;
	case AUDIT_STATEMENT:
		row->word = keep_said(log, said, "date");
		row->name = keep_said(log, said, "account");
		row->region = audit_log_region(log, span_of(audit_text(log, row->subject)));
		row->settles = keep_said(log, said, "resolves");
		audit_log_day(log, text_of(said, "account"), text_of(said, "date"), row->region);
		break;
	case AUDIT_BREAK_OPEN:
		row->word = keep_said(log, said, "class");
		row->name = keep_said(log, said, "break");
		row->holds = keep_said(log, said, "hold");
		break;
	case AUDIT_OBSERVE:
		row->holds = keep_said(log, said, "incident");
		row->settles = text_of(said, "line").len > 0 ? row->subject : 0;
		break;
	case AUDIT_VOTE:
		row->word = keep_said(log, said, "act");
		break;
	case AUDIT_OTHER:
	case AUDIT_CASE:
	case AUDIT_PROPOSE:
	case AUDIT_SUBMIT:
	case AUDIT_RETURN:
	case AUDIT_PUBLISH:
	case AUDIT_EXPIRE:
	case AUDIT_EXTEND:
	case AUDIT_REINSTATE:
	case AUDIT_HOLD:
	case AUDIT_LIFT:
	case AUDIT_RELEASE:
	case AUDIT_SEND:
	case AUDIT_ATTEMPT:
	case AUDIT_TAX:
	case AUDIT_BREAK_RESOLVE:
	case AUDIT_BREAK_CLEAR:
	case AUDIT_RAIL_HOLD:
	case AUDIT_RAIL_LIFT:
	case AUDIT_RESTORED:
	case AUDIT_RECONCILED:
	case AUDIT_EXPORT:
	case AUDIT_ACTS:
		break;
	}
}

static void take_reward(struct audit_log *log, const struct record *record, struct audit_row *row)
{
	if (row->reward == 0)
		row->reward = reward_of(log, record->subject);
	if (row->reward > 0)
		row->region = log->proposals[row->reward - 1].region;
	if (row->region == 0)
		row->region = audit_log_region(log, record->subject);
}

static void take_row(struct audit_log *log, const struct record *record, struct said *said)
{
	struct audit_row row = { .at_ms = record->at_ms, .act = (uint8_t)act_of(record->kind),
				 .state = AUDIT_NO_STATE, .attempt_state = AUDIT_NO_STATE };

	memcpy(row.hash, record->hash, sizeof(row.hash));
	row.kind = audit_log_keep(log, record->kind);
	row.subject = audit_log_keep(log, record->subject);
	row.person = audit_log_keep(log, record->person);
	row.role = audit_log_keep(log, record->role);
	row.with = keep_said(log, said, "with");
	row.with_seq = (uint32_t)number_of(said, "vote");
	row.fen = number_of(said, "fen");
	row.until_ms = number_of(said, "deadline");
	take_legs(log, record, &row);
	take_states(said, &row);
	take_words(log, said, &row);
	if (row.act == AUDIT_CASE)
		take_case(log, record, said, &row);
	if (row.act == AUDIT_PROPOSE)
		take_proposal(log, record, said, &row);
	take_reward(log, record, &row);
	log->rows = memory_grow(log->rows, log->nrows, sizeof(row));
	log->rows[log->nrows++] = row;
}

void audit_log_take(struct audit_log *log, const struct record *record)
{
	struct said *said;
	struct arena arena = { 0 };

	if (record->seq != log->nrows + 1)
		return;
	said = arena_new(&arena, struct said);
	*said = (struct said){ .data = { .n = 0 } };
	if (!json_object_read(record->data, &arena, &said->data, NULL))
		said->data.n = 0;
	take_row(log, record, said);
	arena_release(&said->arena);
	arena_release(&arena);
}
