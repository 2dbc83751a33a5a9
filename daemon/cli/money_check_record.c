/*
 * What every record has to fulfil by its kind: I10 for who, I12 for when and
 * where to. Then the kind's own rules, then what the ledger has to hold.
 */
#include "daemon/cli/money_check_parts.h"

#include <stdlib.h>

static const char *const states[MONEY_STATES] = {
	[MONEY_DRAFT] = "DRAFT",	 [MONEY_IN_REVIEW] = "IN_REVIEW",
	[MONEY_AWAITING_FUNDS] = "AWAITING_FUNDS", [MONEY_APPROVED] = "APPROVED",
	[MONEY_CLAIMABLE] = "CLAIMABLE", [MONEY_CLAIMED] = "CLAIMED",
	[MONEY_RELEASED] = "RELEASED",	 [MONEY_PAYING] = "PAYING",
	[MONEY_PAID] = "PAID",		 [MONEY_RETURNED_TO_US] = "RETURNED",
	[MONEY_EXPIRED] = "EXPIRED",	 [MONEY_REJECTED] = "REJECTED",
	[MONEY_WITHDRAWN] = "WITHDRAWN", [MONEY_DECLINED] = "DECLINED",
	[MONEY_REVOKED] = "REVOKED",	 [MONEY_REVERSED] = "REVERSED",
	[MONEY_CLOSED] = "CLOSED",
};

const char *money_state_name(enum money_state state)
{
	return state > MONEY_NONE && state < MONEY_STATES ? states[state] : "nothing";
}

enum money_state money_state_read(struct span name)
{
	for (int i = 0; i < MONEY_STATES; i++)
		if (span_is(name, states[i]))
			return (enum money_state)i;
	return MONEY_NONE;
}

struct money_reward *money_reward_at(struct money_check *check, size_t index)
{
	return ((struct money_reward **)check->rewards.at)[index];
}

struct money_attempt *money_attempt_at(struct money_check *check, size_t index)
{
	return ((struct money_attempt **)check->attempts.at)[index];
}

struct money_case *money_case_at(struct money_check *check, size_t index)
{
	return ((struct money_case **)check->cases.at)[index];
}

bool money_reward_counts(const struct money_reward *reward)
{
	return reward->state < MONEY_REJECTED || reward->state == MONEY_CLOSED;
}

bool money_attempt_is_live(const struct money_attempt *attempt)
{
	return !span_is(attempt->state, "FAILED") && !span_is(attempt->state, "CANCELLED") &&
	       !span_is(attempt->state, "SUCCEEDED") && !span_is(attempt->state, "RETURNED");
}

struct money_attempt *money_live_attempt(struct money_check *check, const struct money_reward *reward)
{
	for (size_t i = reward->attempts.n; i > 0; i--) {
		struct money_attempt *attempt = money_attempt_at(check, ((size_t *)reward->attempts.at)[i - 1]);

		if (money_attempt_is_live(attempt))
			return attempt;
	}
	return NULL;
}

/* --- what it is about ------------------------------------------------------------------------ */

static bool find_subject(struct money_check *check, struct money_act *act)
{
	const struct money_map *map = act->kind->of_attempt ? &check->by_attempt : &check->by_reward;
	size_t index;

	if (act->kind->from == 0)
		return true;
	index = money_map_get(map, check->line->subject, NO_SPAN);
	if (index == MONEY_MAP_NONE) {
		money_broken(check, MONEY_I12_TRANSITIONS, "there is no %.*s", (int)check->line->subject.len,
			     check->line->subject.at);
		return false;
	}
	if (act->kind->of_attempt)
		act->attempt = money_attempt_at(check, index);
	act->reward = money_reward_at(check, act->attempt != NULL ? act->attempt->reward : index);
	act->from = act->reward->state;
	act->to = act->from;
	return true;
}

static bool stands_still(const struct money_kind *kind, const struct money_act *act)
{
	return act->to == act->from && (kind->to == 0 || kind->of_attempt || kind->take == money_take_offset);
}

static void check_move(struct money_check *check, struct money_act *act)
{
	const struct money_kind *kind = act->kind;

	if (money_line_has(check->line, "to") && kind->to != 0)
		act->to = money_state_read(money_line_text(check->line, "to"));
	if ((kind->from >> act->from & 1) == 0)
		money_broken(check, MONEY_I12_TRANSITIONS, "%s does not follow %s", kind->kind,
			     money_state_name(act->from));
	if (act->to == MONEY_NONE || (!stands_still(kind, act) && (kind->to >> act->to & 1) == 0))
		money_broken(check, MONEY_I12_TRANSITIONS, "%s does not lead from %s to %s", kind->kind,
			     money_state_name(act->from), money_state_name(act->to));
	if (act->reward->held && kind->stops)
		money_broken(check, MONEY_I12_TRANSITIONS, "%s while on hold", kind->kind);
}

/* --- who ------------------------------------------------------------------------------------------ */

static void check_who(struct money_check *check, struct money_act *act)
{
	const struct money_case *kase = NULL;
	unsigned apart = act->kind->apart;

	if (!money_staff_actor(check, act->kind->roles, &act->actor, &act->staff) || act->staff == NULL)
		return;
	if (act->reward == NULL)
		return;
	if (act->reward->kase != MONEY_MAP_NONE)
		kase = money_case_at(check, act->reward->kase);
	money_staff_region(check, act->staff, act->reward->bureau);
	/* A teller had no part in what is paid out, in whatever office before. */
	if (span_is(check->line->role, "cashier"))
		apart = MONEY_PART_CASHIER - 1;
	money_staff_apart(check, &act->actor, &act->reward->did, apart, act->reward->round);
	if (kase != NULL)
		money_staff_apart(check, &act->actor, &kase->did, apart, 0);
}

static void note_part(struct money_check *check, const struct money_act *act)
{
	unsigned part = span_is(check->line->role, "cashier") ? MONEY_PART_CASHIER : act->kind->part;

	if (act->reward == NULL || part == 0)
		return;
	if (act->staff != NULL)
		money_staff_did(&act->reward->did, &act->actor, part, act->reward->round);
	if (act->vote != NULL && !span_is(act->vote->role, "claimant"))
		money_staff_did(&act->reward->did, &act->vote->who, part, act->reward->round);
}

/* --- the record --------------------------------------------------------------------------------------- */

static void take(struct money_check *check, struct money_act *act)
{
	if (!find_subject(check, act))
		return;
	if (act->reward != NULL)
		check_move(check, act);
	check_who(check, act);
	money_quarantine_look(check, act);
	if (act->kind->two)
		money_vote_needed(check, act);
	if (act->kind->take != NULL)
		act->kind->take(check, act);
	note_part(check, act);
	if (act->reward != NULL) {
		act->reward->state = act->to != MONEY_NONE ? act->to : act->reward->state;
		act->reward->last_seq = check->seq;
	}
}

void money_record_take(struct money_check *check)
{
	struct money_act act = { .kind = money_kind_find(check->line->kind), .from = MONEY_NONE, .to = MONEY_NONE };

	if (span_is(check->line->kind, "vote")) {
		money_vote_take(check);
		if (check->line->nlegs > 0)
			money_broken(check, MONEY_I12_TRANSITIONS, "a vote posts nothing");
		return;
	}
	if (act.kind == NULL) {
		money_broken(check, MONEY_I12_TRANSITIONS, "there is no kind %.*s", (int)check->line->kind.len,
			     check->line->kind.at);
		return;
	}
	take(check, &act);
	money_owed_look(check, &act);
}
