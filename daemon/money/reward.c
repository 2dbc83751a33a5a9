/*
 * The life of a reward as one table of legal moves; see reward.h.
 *
 * Where a row leads to several states the guard of the command decides which.
 * Rows of one state and event stand together; the first that fits the role is
 * taken.
 */
#include "daemon/money/reward.h"

#include "daemon/base/table.h"

#define TO(state) { state, state, state }

static const struct reward_move birth = { .on = REWARD_EV_PROPOSE, .to = TO(REWARD_DRAFT), .by = MONEY_PROPOSER,
					  .persons = 1 };

static const struct reward_move moves[] = {
	{ .from = REWARD_DRAFT, .on = REWARD_EV_SUBMIT, .to = TO(REWARD_IN_REVIEW), .by = MONEY_PROPOSER,
	  .persons = 1 },
	{ .from = REWARD_DRAFT, .on = REWARD_EV_WITHDRAW, .to = TO(REWARD_WITHDRAWN), .by = MONEY_PROPOSER,
	  .persons = 1, .while_held = true },

	{ .from = REWARD_IN_REVIEW, .on = REWARD_EV_APPROVE_STEP, .to = TO(REWARD_IN_REVIEW), .by = MONEY_APPROVER,
	  .persons = 1 },
	{ .from = REWARD_IN_REVIEW, .on = REWARD_EV_APPROVE_FINAL,
	  .to = { REWARD_APPROVED, REWARD_AWAITING_FUNDS, REWARD_APPROVED }, .by = MONEY_APPROVER, .persons = 1 },
	{ .from = REWARD_IN_REVIEW, .on = REWARD_EV_RETURN, .to = TO(REWARD_DRAFT), .by = MONEY_APPROVER,
	  .persons = 1, .while_held = true },
	{ .from = REWARD_IN_REVIEW, .on = REWARD_EV_REJECT, .to = TO(REWARD_REJECTED), .by = MONEY_APPROVER,
	  .persons = 1, .while_held = true },
	{ .from = REWARD_IN_REVIEW, .on = REWARD_EV_WITHDRAW, .to = TO(REWARD_WITHDRAWN), .by = MONEY_PROPOSER,
	  .persons = 1, .while_held = true },

	/* Approvals that are too old have to be given again. */
	{ .from = REWARD_AWAITING_FUNDS, .on = REWARD_EV_FUNDS,
	  .to = { REWARD_APPROVED, REWARD_IN_REVIEW, REWARD_APPROVED }, .by = MONEY_SYSTEM, .persons = 1 },
	{ .from = REWARD_AWAITING_FUNDS, .on = REWARD_EV_WITHDRAW, .to = TO(REWARD_WITHDRAWN), .by = MONEY_PROPOSER,
	  .persons = 1, .while_held = true },

	{ .from = REWARD_APPROVED, .on = REWARD_EV_PUBLISH, .to = TO(REWARD_CLAIMABLE), .by = MONEY_SYSTEM,
	  .persons = 1 },
	{ .from = REWARD_APPROVED, .on = REWARD_EV_REVOKE, .to = TO(REWARD_REVOKED), .by = MONEY_APPROVER,
	  .persons = 2, .while_held = true },

	{ .from = REWARD_CLAIMABLE, .on = REWARD_EV_CLAIM, .to = TO(REWARD_CLAIMED), .by = MONEY_CLAIMANT,
	  .persons = 1 },
	{ .from = REWARD_CLAIMABLE, .on = REWARD_EV_DECLINE, .to = TO(REWARD_DECLINED), .by = MONEY_CLAIMANT,
	  .persons = 1 },
	{ .from = REWARD_CLAIMABLE, .on = REWARD_EV_EXPIRE, .to = TO(REWARD_EXPIRED), .by = MONEY_SYSTEM,
	  .persons = 1 },
	{ .from = REWARD_CLAIMABLE, .on = REWARD_EV_EXTEND, .to = TO(REWARD_CLAIMABLE), .by = MONEY_APPROVER,
	  .persons = 1, .while_held = true },
	{ .from = REWARD_CLAIMABLE, .on = REWARD_EV_REVOKE, .to = TO(REWARD_REVOKED), .by = MONEY_APPROVER,
	  .persons = 2, .while_held = true },

	{ .from = REWARD_EXPIRED, .on = REWARD_EV_REINSTATE, .to = TO(REWARD_CLAIMABLE), .by = MONEY_APPROVER,
	  .persons = 2 },

	{ .from = REWARD_CLAIMED, .on = REWARD_EV_CHANGE_PAYEE, .to = TO(REWARD_CLAIMED), .by = MONEY_CLAIMANT,
	  .persons = 1 },
	{ .from = REWARD_CLAIMED, .on = REWARD_EV_DECLINE, .to = TO(REWARD_DECLINED), .by = MONEY_CLAIMANT,
	  .persons = 1 },
	{ .from = REWARD_CLAIMED, .on = REWARD_EV_RELEASE, .to = TO(REWARD_RELEASED), .by = MONEY_FINANCE,
	  .persons = 1 },
	{ .from = REWARD_CLAIMED, .on = REWARD_EV_REVOKE, .to = TO(REWARD_REVOKED), .by = MONEY_APPROVER,
	  .persons = 2, .while_held = true },
	{ .from = REWARD_CLAIMED, .on = REWARD_EV_LATE_SUCCESS,
	  .to = { REWARD_PAID, REWARD_CLAIMED, REWARD_RELEASED }, .by = MONEY_SYSTEM, .persons = 1,
	  .while_held = true },

	{ .from = REWARD_RELEASED, .on = REWARD_EV_CHANGE_PAYEE, .to = TO(REWARD_CLAIMED), .by = MONEY_CLAIMANT,
	  .persons = 1 },
	{ .from = REWARD_RELEASED, .on = REWARD_EV_START, .to = TO(REWARD_PAYING), .by = MONEY_SYSTEM, .persons = 1 },
	{ .from = REWARD_RELEASED, .on = REWARD_EV_REVOKE, .to = TO(REWARD_REVOKED), .by = MONEY_APPROVER,
	  .persons = 2, .while_held = true },
	{ .from = REWARD_RELEASED, .on = REWARD_EV_LATE_SUCCESS,
	  .to = { REWARD_PAID, REWARD_RELEASED, REWARD_PAID }, .by = MONEY_SYSTEM, .persons = 1,
	  .while_held = true },

	{ .from = REWARD_PAYING, .on = REWARD_EV_SUCCESS, .to = { REWARD_PAID, REWARD_RELEASED, REWARD_PAID },
	  .by = MONEY_SYSTEM, .persons = 1, .while_held = true },
	{ .from = REWARD_PAYING, .on = REWARD_EV_FAILED, .to = { REWARD_RELEASED, REWARD_CLAIMED, REWARD_RELEASED },
	  .by = MONEY_SYSTEM, .persons = 1, .while_held = true },
	{ .from = REWARD_PAYING, .on = REWARD_EV_UNKNOWN, .to = TO(REWARD_PAYING), .by = MONEY_SYSTEM, .persons = 1,
	  .while_held = true },
	{ .from = REWARD_PAYING, .on = REWARD_EV_LATE_SUCCESS, .to = TO(REWARD_PAYING), .by = MONEY_SYSTEM,
	  .persons = 1, .while_held = true },

	{ .from = REWARD_PAID, .on = REWARD_EV_RETURNED, .to = TO(REWARD_RETURNED), .by = MONEY_SYSTEM, .persons = 1,
	  .while_held = true },
	{ .from = REWARD_PAID, .on = REWARD_EV_VOID, .to = TO(REWARD_REVERSED), .by = MONEY_APPROVER, .persons = 2,
	  .while_held = true },
	{ .from = REWARD_PAID, .on = REWARD_EV_LATE_SUCCESS, .to = TO(REWARD_PAID), .by = MONEY_SYSTEM, .persons = 1,
	  .while_held = true },
	{ .from = REWARD_PAID, .on = REWARD_EV_CLOSE, .to = TO(REWARD_CLOSED), .by = MONEY_SYSTEM, .persons = 1 },

	{ .from = REWARD_RETURNED, .on = REWARD_EV_REISSUE, .to = TO(REWARD_CLAIMED),
	  .by = MONEY_CLAIMANT | MONEY_FINANCE, .persons = 2 },
	{ .from = REWARD_RETURNED, .on = REWARD_EV_REVOKE, .to = TO(REWARD_REVOKED), .by = MONEY_APPROVER,
	  .persons = 2, .while_held = true },
	{ .from = REWARD_RETURNED, .on = REWARD_EV_LATE_SUCCESS, .to = TO(REWARD_RETURNED), .by = MONEY_SYSTEM,
	  .persons = 1, .while_held = true },

	{ .from = REWARD_EXPIRED, .on = REWARD_EV_LATE_SUCCESS, .to = TO(REWARD_EXPIRED), .by = MONEY_SYSTEM,
	  .persons = 1, .while_held = true },
	{ .from = REWARD_DECLINED, .on = REWARD_EV_LATE_SUCCESS, .to = TO(REWARD_DECLINED), .by = MONEY_SYSTEM,
	  .persons = 1, .while_held = true },
	{ .from = REWARD_REVOKED, .on = REWARD_EV_LATE_SUCCESS, .to = TO(REWARD_REVOKED), .by = MONEY_SYSTEM,
	  .persons = 1, .while_held = true },
	{ .from = REWARD_REVERSED, .on = REWARD_EV_LATE_SUCCESS, .to = TO(REWARD_REVERSED), .by = MONEY_SYSTEM,
	  .persons = 1, .while_held = true },
	{ .from = REWARD_CLOSED, .on = REWARD_EV_LATE_SUCCESS, .to = TO(REWARD_CLOSED), .by = MONEY_SYSTEM,
	  .persons = 1, .while_held = true },
};

/* Hold and lift: in every state that is not terminal, and the state stays. */
#define HOLD_BY (MONEY_AUDITOR | MONEY_APPROVER | MONEY_SYSTEM)
#define HOLD_ROW(state) \
	[state] = { .from = (state), .on = REWARD_EV_HOLD, .to = TO(state), .by = HOLD_BY, .persons = 1, \
		    .while_held = true }

static const struct reward_move holds[] = {
	HOLD_ROW(REWARD_DRAFT),    HOLD_ROW(REWARD_IN_REVIEW), HOLD_ROW(REWARD_AWAITING_FUNDS),
	HOLD_ROW(REWARD_APPROVED), HOLD_ROW(REWARD_CLAIMABLE), HOLD_ROW(REWARD_CLAIMED),
	HOLD_ROW(REWARD_RELEASED), HOLD_ROW(REWARD_PAYING),    HOLD_ROW(REWARD_PAID),
	HOLD_ROW(REWARD_RETURNED), HOLD_ROW(REWARD_EXPIRED),
};

static const char *const state_names[REWARD_STATES] = {
	[REWARD_DRAFT] = "DRAFT",
	[REWARD_IN_REVIEW] = "IN_REVIEW",
	[REWARD_AWAITING_FUNDS] = "AWAITING_FUNDS",
	[REWARD_APPROVED] = "APPROVED",
	[REWARD_CLAIMABLE] = "CLAIMABLE",
	[REWARD_CLAIMED] = "CLAIMED",
	[REWARD_RELEASED] = "RELEASED",
	[REWARD_PAYING] = "PAYING",
	[REWARD_PAID] = "PAID",
	[REWARD_RETURNED] = "RETURNED",
	[REWARD_EXPIRED] = "EXPIRED",
	[REWARD_REJECTED] = "REJECTED",
	[REWARD_WITHDRAWN] = "WITHDRAWN",
	[REWARD_DECLINED] = "DECLINED",
	[REWARD_REVOKED] = "REVOKED",
	[REWARD_REVERSED] = "REVERSED",
	[REWARD_CLOSED] = "CLOSED",
};

static const char *const event_names[REWARD_EVENTS] = {
	[REWARD_EV_PROPOSE] = "propose",
	[REWARD_EV_SUBMIT] = "submit",
	[REWARD_EV_APPROVE_STEP] = "approve_step",
	[REWARD_EV_APPROVE_FINAL] = "approve_final",
	[REWARD_EV_FUNDS] = "funds",
	[REWARD_EV_RETURN] = "return",
	[REWARD_EV_REJECT] = "reject",
	[REWARD_EV_WITHDRAW] = "withdraw",
	[REWARD_EV_PUBLISH] = "publish",
	[REWARD_EV_CLAIM] = "claim",
	[REWARD_EV_CHANGE_PAYEE] = "change_payee",
	[REWARD_EV_DECLINE] = "decline",
	[REWARD_EV_EXPIRE] = "expire",
	[REWARD_EV_EXTEND] = "extend",
	[REWARD_EV_REINSTATE] = "reinstate",
	[REWARD_EV_RELEASE] = "release",
	[REWARD_EV_START] = "start",
	[REWARD_EV_SUCCESS] = "success",
	[REWARD_EV_FAILED] = "failed",
	[REWARD_EV_UNKNOWN] = "unknown",
	[REWARD_EV_RETURNED] = "returned",
	[REWARD_EV_REISSUE] = "reissue",
	[REWARD_EV_REVOKE] = "revoke",
	[REWARD_EV_VOID] = "void",
	[REWARD_EV_HOLD] = "hold",
	[REWARD_EV_LATE_SUCCESS] = "late_success",
	[REWARD_EV_CLOSE] = "close",
};

static const struct {
	enum money_role role;
	const char *name;
} roles[] = {
	{ .role = MONEY_PROPOSER, .name = "proposer" }, { .role = MONEY_APPROVER, .name = "approver" },
	{ .role = MONEY_FINANCE, .name = "finance" },   { .role = MONEY_CASHIER, .name = "cashier" },
	{ .role = MONEY_AUDITOR, .name = "auditor" },   { .role = MONEY_ADMIN, .name = "admin" },
	{ .role = MONEY_VERIFIER, .name = "verifier" }, { .role = MONEY_SYSTEM, .name = "system" },
	{ .role = MONEY_CLAIMANT, .name = "claimant" },
};

bool reward_terminal(enum reward_state state)
{
	return state >= REWARD_REJECTED;
}

static bool fits(const struct reward_move *move, enum reward_state from, enum reward_event on, unsigned by)
{
	return move->from == from && move->on == on && (move->by & by) != 0;
}

const struct reward_move *reward_move_find(enum reward_state from, enum reward_event on, unsigned by)
{
	if (on == REWARD_EV_HOLD)
		return !reward_terminal(from) && fits(&holds[from], from, on, by) ? &holds[from] : NULL;
	for (size_t i = 0; i < COUNT_OF(moves); i++)
		if (fits(&moves[i], from, on, by))
			return &moves[i];
	return NULL;
}

const struct reward_move *reward_birth(void)
{
	return &birth;
}

const struct reward_move *reward_moves(size_t *n)
{
	*n = COUNT_OF(moves);
	return moves;
}

/* --- names ------------------------------------------------------------------------ */

const char *reward_state_name(enum reward_state state)
{
	return state < REWARD_STATES ? state_names[state] : NULL;
}

const char *reward_event_name(enum reward_event event)
{
	return event < REWARD_EVENTS ? event_names[event] : NULL;
}

const char *money_role_name(enum money_role role)
{
	for (size_t i = 0; i < COUNT_OF(roles); i++)
		if (roles[i].role == role)
			return roles[i].name;
	return NULL;
}

static size_t find_name(const char *const *names, size_t n, struct span name)
{
	for (size_t i = 0; i < n; i++)
		if (span_is(name, names[i]))
			return i;
	return n;
}

bool reward_state_parse(struct span name, enum reward_state *state)
{
	size_t found = find_name(state_names, REWARD_STATES, name);

	if (found == REWARD_STATES)
		return false;
	*state = (enum reward_state)found;
	return true;
}
