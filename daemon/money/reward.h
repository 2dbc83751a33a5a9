/*
 * The life of a reward and of an attempt to pay it: two tables of legal moves.
 *
 * A reward is what is owed; an attempt is one instruction to one rail. A
 * missing row is a refusal. Guards, postings and who else must agree stand
 * with the commands (command.h); here is what may follow what, by whom.
 * docs/rewards-lifecycle.md is this table written out, and a test holds it to
 * every triple of state, event and role.
 */
#ifndef TIPLINE_MONEY_REWARD_H
#define TIPLINE_MONEY_REWARD_H

#include "daemon/base/span.h"

enum reward_state {
	REWARD_DRAFT,
	REWARD_IN_REVIEW,
	REWARD_AWAITING_FUNDS,
	REWARD_APPROVED,
	REWARD_CLAIMABLE,
	REWARD_CLAIMED,
	REWARD_RELEASED,
	REWARD_PAYING,
	REWARD_PAID,
	REWARD_RETURNED,
	REWARD_EXPIRED,
	REWARD_REJECTED,    /* terminal from here, see reward_terminal() */
	REWARD_WITHDRAWN,
	REWARD_DECLINED,
	REWARD_REVOKED,
	REWARD_REVERSED,
	REWARD_CLOSED,
	REWARD_STATES,
};

/* E01 to E27; the numbers are those of docs/REWARDS.md. */
enum reward_event {
	REWARD_EV_PROPOSE,        /* E01: from nothing */
	REWARD_EV_SUBMIT,
	REWARD_EV_APPROVE_STEP,
	REWARD_EV_APPROVE_FINAL,
	REWARD_EV_FUNDS,
	REWARD_EV_RETURN,
	REWARD_EV_REJECT,
	REWARD_EV_WITHDRAW,
	REWARD_EV_PUBLISH,
	REWARD_EV_CLAIM,
	REWARD_EV_CHANGE_PAYEE,
	REWARD_EV_DECLINE,
	REWARD_EV_EXPIRE,
	REWARD_EV_EXTEND,
	REWARD_EV_REINSTATE,
	REWARD_EV_RELEASE,
	REWARD_EV_START,
	REWARD_EV_SUCCESS,
	REWARD_EV_FAILED,
	REWARD_EV_UNKNOWN,
	REWARD_EV_RETURNED,
	REWARD_EV_REISSUE,
	REWARD_EV_REVOKE,
	REWARD_EV_VOID,
	REWARD_EV_HOLD,           /* and lift: any state that is not terminal */
	REWARD_EV_LATE_SUCCESS,
	REWARD_EV_CLOSE,
	REWARD_EVENTS,
};

/* Bits. */
enum money_role {
	MONEY_PROPOSER = 1 << 0,
	MONEY_APPROVER = 1 << 1,
	MONEY_FINANCE = 1 << 2,
	MONEY_CASHIER = 1 << 3,
	MONEY_AUDITOR = 1 << 4,
	MONEY_ADMIN = 1 << 5,
	MONEY_VERIFIER = 1 << 6,
	MONEY_SYSTEM = 1 << 7,
	MONEY_CLAIMANT = 1 << 8,
};

struct reward_move {
	enum reward_state from;
	enum reward_event on;
	enum reward_state to[3];   /* which of them: by the guard; unused ones repeat the first */
	unsigned by;               /* money_role bits */
	unsigned persons;          /* how many different ones have to say so; 1 or 2 */
	bool while_held;           /* also while the reward is on hold */
};

/* The legal move, or NULL when there is none or none of the role bits may. PROPOSE has no state before: reward_birth(). */
const struct reward_move *reward_move_find(enum reward_state from, enum reward_event on, unsigned roles);
const struct reward_move *reward_birth(void);
const struct reward_move *reward_moves(size_t *n);
bool reward_terminal(enum reward_state state);

/* "DRAFT", "IN_REVIEW", ...; "propose", "approve_step", ...; "proposer", ... */
const char *reward_state_name(enum reward_state state);
const char *reward_event_name(enum reward_event event);
const char *money_role_name(enum money_role role);
bool reward_state_parse(struct span name, enum reward_state *state);

#endif
