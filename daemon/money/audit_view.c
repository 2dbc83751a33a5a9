/*
 * Rewards as they were; see audit_view.h.
 */
#include "daemon/money/audit_view.h"

#include <string.h>

/* --- numbers of records ------------------------------------------------------------------ */

void audit_seqs_add(struct audit_seqs *seqs, uint64_t seq, struct arena *arena)
{
	if (seq == 0)
		return;
	/* Most figures have a few. */
	if (seqs->n == 0 || seqs->n == 4) {
		uint64_t *ring = arena_array(arena, uint64_t, seqs->n == 0 ? 4 : AUDIT_SEQS);

		if (seqs->n > 0)
			memcpy(ring, seqs->ring, seqs->n * sizeof(*ring));
		seqs->ring = ring;
	}
	seqs->ring[seqs->n % AUDIT_SEQS] = seq;
	seqs->n++;
}

size_t audit_seqs_told(const struct audit_seqs *seqs)
{
	return seqs->n < AUDIT_SEQS ? seqs->n : AUDIT_SEQS;
}

uint64_t audit_seqs_at(const struct audit_seqs *seqs, size_t index)
{
	return seqs->ring[seqs->n <= AUDIT_SEQS ? index : (seqs->n + index) % AUDIT_SEQS];
}

const char *audit_part_name(enum audit_part part)
{
	static const char *const names[AUDIT_PARTS] = {
		[AUDIT_INTAKE] = "intake",     [AUDIT_VERIFIER] = "verifier", [AUDIT_PROPOSER] = "proposer",
		[AUDIT_APPROVER] = "approver", [AUDIT_FINANCE] = "finance",   [AUDIT_CASHIER] = "cashier",
		[AUDIT_PANELIST] = "panel",
	};

	return names[part];
}

/* --- who did what --------------------------------------------------------------------------- */

static void add_deed(struct audit_view *view, const struct audit_reward *reward, enum audit_part part, uint32_t person,
		     uint64_t seq)
{
	if (person == 0)
		return;
	view->deeds[view->ndeeds++] = (struct audit_deed){ .seq = seq, .reward = reward->number, .person = person,
							   .part = part, .round = reward->round };
}

/* The part that a record is, or AUDIT_PARTS. */
static enum audit_part part_of(const struct audit_view *view, const struct audit_row *row)
{
	const char *role = audit_view_text(view, row->role);

	if (strcmp(role, "system") == 0 || strcmp(role, "claimant") == 0)
		return AUDIT_PARTS;
	if (strcmp(role, "cashier") == 0)
		return AUDIT_CASHIER;
	if (row->act == AUDIT_PROPOSE || row->act == AUDIT_SUBMIT)
		return AUDIT_PROPOSER;
	if (row->act == AUDIT_APPROVE || row->act == AUDIT_REINSTATE)
		return AUDIT_APPROVER;
	if (row->act == AUDIT_RELEASE || row->act == AUDIT_REISSUE)
		return AUDIT_FINANCE;
	return row->act == AUDIT_PANEL ? AUDIT_PANELIST : AUDIT_PARTS;
}

static void take_deeds(struct audit_view *view, const struct audit_reward *reward, const struct audit_row *row,
		       uint64_t seq)
{
	enum audit_part part = part_of(view, row);

	if (row->act == AUDIT_PROPOSE) {
		add_deed(view, reward, AUDIT_INTAKE, reward->is->intake, reward->is->case_seq);
		add_deed(view, reward, AUDIT_VERIFIER, reward->is->verifier, reward->is->case_seq);
	}
	if (part == AUDIT_PARTS)
		return;
	add_deed(view, reward, part, row->person, seq);
	/* Of an informant's word that finance agreed to the informant is no person. */
	if (row->with != 0 && strcmp(audit_view_text(view, row->with), "claimant") != 0)
		add_deed(view, reward, part, row->with, row->with_seq);
}

/* --- a reward on its way ----------------------------------------------------------------------- */

static void take_money(const struct audit_view *view, struct audit_reward *reward, const struct audit_row *row)
{
	const struct audit_leg *legs = audit_log_legs(view->log, row);

	for (size_t i = 0; i < row->nlegs; i++) {
		if (legs[i].code == LEDGER_EXPENDED && row->act != AUDIT_TAX)
			reward->paid_fen += legs[i].debit ? -legs[i].fen : legs[i].fen;
		if (reward->book == 0 && legs[i].code == LEDGER_PAYABLE)
			reward->book = legs[i].book;
	}
}

static void take_state(struct audit_reward *reward, const struct audit_row *row, uint64_t seq)
{
	if (row->state == AUDIT_NO_STATE)
		return;
	reward->state = (enum reward_state)row->state;
	reward->state_seq = seq;
	if (reward->state == REWARD_PAID) {
		reward->paid_seq = seq;
		reward->paid_ms = row->at_ms;
	}
}

static bool is_decision(const struct audit_row *row)
{
	return row->act == AUDIT_APPROVE && (row->state == REWARD_APPROVED || row->state == REWARD_AWAITING_FUNDS);
}

static void take_claim(struct audit_reward *reward, const struct audit_row *row, uint64_t seq)
{
	bool first = reward->state == REWARD_CLAIMABLE;

	reward->payee = row->word;
	if (!first)
		return;
	reward->claim_seq = seq;
	reward->claim_ms = row->at_ms;
	reward->late_panel = row->act == AUDIT_PANEL;
}

static void take_steps(struct audit_reward *reward, const struct audit_row *row, uint64_t seq)
{
	if (row->act == AUDIT_SUBMIT) {
		reward->submit_seq = seq;
		reward->submit_ms = row->at_ms;
	} else if (is_decision(row)) {
		reward->decide_seq = seq;
		reward->decide_ms = row->at_ms;
	} else if (row->act == AUDIT_RETURN) {
		reward->round++;
	} else if (row->act == AUDIT_PUBLISH || row->act == AUDIT_REINSTATE) {
		reward->publish_seq = seq;
		reward->publish_ms = row->at_ms;
		reward->reinstate_seq = row->act == AUDIT_REINSTATE ? seq : reward->reinstate_seq;
	} else if (row->act == AUDIT_CLAIM || row->act == AUDIT_CHANGE_PAYEE || row->act == AUDIT_PANEL) {
		take_claim(reward, row, seq);
	} else if (row->act == AUDIT_EXPIRE) {
		reward->expire_seq = seq;
	} else if (row->act == AUDIT_HOLD || row->act == AUDIT_LIFT) {
		reward->held = row->act == AUDIT_HOLD;
	} else if (row->act == AUDIT_RELEASE) {
		reward->release_seq = seq;
	} else if (row->act == AUDIT_REISSUE && row->word != 0) {
		reward->payee = row->word;
	}
}

static void attempt_to(struct audit_reward *reward, enum attempt_state state, int64_t at_ms, uint64_t seq)
{
	if (state == reward->attempt && reward->attempt_seq != 0)
		return;
	reward->attempt = state;
	reward->attempt_seq = seq;
	reward->attempt_ms = at_ms;
}

/* What becomes of an earlier payment says nothing of the last one. */
static void take_attempt(struct audit_reward *reward, const struct audit_row *row, uint64_t seq)
{
	if (row->act == AUDIT_START) {
		reward->attempt_id = row->word;
		reward->attempt_seq = 0;
	}
	if (row->attempt_state != AUDIT_NO_STATE && (row->act == AUDIT_START || row->subject == reward->attempt_id))
		attempt_to(reward, (enum attempt_state)row->attempt_state, row->at_ms, seq);
}

/* After a restore nobody knows what became of what was under way. */
static void take_restored(struct audit_view *view, const struct audit_row *row, uint64_t seq)
{
	for (size_t i = 0; i < view->nrewards; i++)
		if (view->rewards[i].attempt_seq != 0 && attempt_live(view->rewards[i].attempt))
			attempt_to(&view->rewards[i], ATTEMPT_UNKNOWN, row->at_ms, seq);
}

/* Somebody was paid too much: nothing of theirs goes on until a person has looked. */
static void hold_all_of(struct audit_view *view, uint32_t claimant)
{
	for (size_t i = 0; i < view->nrewards; i++)
		if (view->rewards[i].is->claimant == claimant && !reward_terminal(view->rewards[i].state))
			view->rewards[i].held = true;
}

static void take_row(struct audit_view *view, struct audit_reward *reward, const struct audit_row *row, uint64_t seq)
{
	reward->last_seq = seq;
	if (row->until_ms > 0) {
		reward->deadline_ms = row->until_ms;
		reward->deadline_seq = seq;
	}
	take_attempt(reward, row, seq);
	take_steps(reward, row, seq);
	take_state(reward, row, seq);
	take_money(view, reward, row);
	if (row->act == AUDIT_OBSERVE && row->holds != 0)
		hold_all_of(view, reward->is->claimant);
	take_deeds(view, reward, row, seq);
}

/* --- the view -------------------------------------------------------------------------------------- */

/* Regions are few, texts are many: each is asked about once. */
enum { NOT_ASKED, SEEN, NOT_SEEN };

static bool region_seen(unsigned char *known, const struct audit_log *log, uint32_t region, audit_sees *sees, void *ctx)
{
	if (region == 0)
		return true;
	if (known[region] == NOT_ASKED)
		known[region] = sees(ctx, audit_text(log, region)) ? SEEN : NOT_SEEN;
	return known[region] == SEEN;
}

static void begin_reward(struct audit_view *view, const struct audit_row *row)
{
	struct audit_reward *reward = &view->rewards[view->nrewards++];

	*reward = (struct audit_reward){ .is = audit_log_proposal(view->log, row->reward), .number = row->reward };
	view->number_of[row->reward] = (uint32_t)view->nrewards;
}

struct audit_view audit_view_make(const struct audit_log *log, size_t n, int64_t at_ms, audit_sees *sees, void *ctx,
				  struct arena *arena)
{
	struct audit_view view = { .log = log, .n = n, .at_ms = at_ms, .arena = arena };
	unsigned char *known = arena_array(arena, unsigned char, audit_log_texts(log));
	size_t rewards = audit_log_proposals(log);

	view.sees = known;
	view.rewards = arena_array(arena, struct audit_reward, rewards + 1);
	view.number_of = arena_array(arena, uint32_t, rewards + 1);
	view.deeds = arena_array(arena, struct audit_deed, 2 * (n + rewards) + 1);
	for (size_t i = 0; i < n; i++) {
		const struct audit_row *row = audit_log_row(log, i);

		if (row->act == AUDIT_RESTORED)
			take_restored(&view, row, i + 1);
		if (!region_seen(known, log, row->region, sees, ctx) || row->reward == 0)
			continue;
		if (row->act == AUDIT_PROPOSE)
			begin_reward(&view, row);
		take_row(&view, &view.rewards[view.number_of[row->reward] - 1], row, i + 1);
	}
	return view;
}

bool audit_view_sees(const struct audit_view *view, const struct audit_row *row)
{
	return row->region == 0 || view->sees[row->region] == SEEN;
}

const struct audit_reward *audit_view_of(const struct audit_view *view, const struct audit_row *row)
{
	uint32_t place = row->reward > 0 ? view->number_of[row->reward] : 0;

	return place > 0 ? &view->rewards[place - 1] : NULL;
}

const struct audit_reward *audit_view_find(const struct audit_view *view, struct span id)
{
	for (size_t i = 0; i < view->nrewards; i++)
		if (span_is(id, audit_view_text(view, view->rewards[i].is->id)))
			return &view->rewards[i];
	return NULL;
}

bool audit_decided(const struct audit_reward *reward)
{
	switch (reward->state) {
	case REWARD_APPROVED:
	case REWARD_CLAIMABLE:
	case REWARD_CLAIMED:
	case REWARD_RELEASED:
	case REWARD_PAYING:
	case REWARD_PAID:
	case REWARD_RETURNED:
	case REWARD_CLOSED:
		return true;
	case REWARD_DRAFT:
	case REWARD_IN_REVIEW:
	case REWARD_AWAITING_FUNDS:
	case REWARD_EXPIRED:
	case REWARD_REJECTED:
	case REWARD_WITHDRAWN:
	case REWARD_DECLINED:
	case REWARD_REVOKED:
	case REWARD_REVERSED:
	case REWARD_STATES:
		return false;
	}
	return false;
}
