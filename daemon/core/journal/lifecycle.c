/*
 * The life of a tip as one table of legal moves; see lifecycle.h.
 *
 * Where two rows share state and event, the freer one stands first, because
 * the first row that fits the actor is taken. tests/unit/core/lifecycle.golden
 * is the same table written out for every triple.
 */
#include "daemon/core/journal/lifecycle.h"

#include "daemon/base/table.h"

#define STAFF (TIP_BY_OFFICER | TIP_BY_VERIFIER)

static const struct tip_move moves[] = {
	{ .from = TIP_QUEUED, .on = TIP_EV_CLAIM, .to = TIP_CLAIMED, .by = STAFF, .turn = CLOCK_OPEN },
	{ .from = TIP_QUEUED,
	  .on = TIP_EV_TRANSFER,
	  .to = TIP_QUEUED,
	  .by = TIP_BY_ADMIN | TIP_BY_SYSTEM,
	  .turn = CLOCK_PASS },
	{ .from = TIP_QUEUED,
	  .on = TIP_EV_TRANSFER_AWAY,
	  .to = TIP_TRANSFERRED,
	  .by = TIP_BY_ADMIN | TIP_BY_SYSTEM,
	  .turn = CLOCK_STOP },
	{ .from = TIP_QUEUED, .on = TIP_EV_NOTE, .to = TIP_QUEUED, .by = STAFF | TIP_BY_ADMIN },
	{ .from = TIP_QUEUED,
	  .on = TIP_EV_SUPPLEMENT,
	  .to = TIP_QUEUED,
	  .by = TIP_BY_INFORMANT,
	  .turn = CLOCK_ASK },
	{ .from = TIP_QUEUED, .on = TIP_EV_ESCALATE, .to = TIP_QUEUED, .by = TIP_BY_SYSTEM, .turn = CLOCK_ESCALATE },

	{ .from = TIP_CLAIMED, .on = TIP_EV_RENEW, .to = TIP_CLAIMED, .by = STAFF, .holder_only = true },
	{ .from = TIP_CLAIMED, .on = TIP_EV_RELEASE, .to = TIP_QUEUED, .by = TIP_BY_ADMIN | TIP_BY_SYSTEM },
	{ .from = TIP_CLAIMED, .on = TIP_EV_RELEASE, .to = TIP_QUEUED, .by = STAFF, .holder_only = true },
	{ .from = TIP_CLAIMED, .on = TIP_EV_LEASE_EXPIRED, .to = TIP_QUEUED, .by = TIP_BY_SYSTEM },
	{ .from = TIP_CLAIMED,
	  .on = TIP_EV_TRANSFER,
	  .to = TIP_QUEUED,
	  .by = TIP_BY_ADMIN,
	  .turn = CLOCK_PASS },
	{ .from = TIP_CLAIMED,
	  .on = TIP_EV_TRANSFER,
	  .to = TIP_QUEUED,
	  .by = STAFF,
	  .turn = CLOCK_PASS,
	  .holder_only = true },
	{ .from = TIP_CLAIMED,
	  .on = TIP_EV_TRANSFER_AWAY,
	  .to = TIP_TRANSFERRED,
	  .by = TIP_BY_ADMIN,
	  .turn = CLOCK_STOP },
	{ .from = TIP_CLAIMED,
	  .on = TIP_EV_TRANSFER_AWAY,
	  .to = TIP_TRANSFERRED,
	  .by = STAFF,
	  .turn = CLOCK_STOP,
	  .holder_only = true },
	{ .from = TIP_CLAIMED,
	  .on = TIP_EV_MESSAGE,
	  .to = TIP_CLAIMED,
	  .by = STAFF,
	  .turn = CLOCK_STEP,
	  .holder_only = true },
	{ .from = TIP_CLAIMED,
	  .on = TIP_EV_NOTE,
	  .to = TIP_CLAIMED,
	  .by = STAFF | TIP_BY_ADMIN,
	  .turn = CLOCK_STEP },
	{ .from = TIP_CLAIMED,
	  .on = TIP_EV_SUPPLEMENT,
	  .to = TIP_CLAIMED,
	  .by = TIP_BY_INFORMANT,
	  .turn = CLOCK_ASK },
	{ .from = TIP_CLAIMED,
	  .on = TIP_EV_VERIFY,
	  .to = TIP_VERIFIED,
	  .by = TIP_BY_VERIFIER,
	  .turn = CLOCK_STEP },
	{ .from = TIP_CLAIMED,
	  .on = TIP_EV_CLOSE,
	  .to = TIP_CLOSED,
	  .by = STAFF,
	  .turn = CLOCK_STOP,
	  .holder_only = true },
	{ .from = TIP_CLAIMED, .on = TIP_EV_ESCALATE, .to = TIP_QUEUED, .by = TIP_BY_SYSTEM, .turn = CLOCK_ESCALATE },

	{ .from = TIP_VERIFIED, .on = TIP_EV_RENEW, .to = TIP_VERIFIED, .by = STAFF, .holder_only = true },
	{ .from = TIP_VERIFIED, .on = TIP_EV_RELEASE, .to = TIP_QUEUED, .by = TIP_BY_ADMIN | TIP_BY_SYSTEM },
	{ .from = TIP_VERIFIED, .on = TIP_EV_RELEASE, .to = TIP_QUEUED, .by = STAFF, .holder_only = true },
	{ .from = TIP_VERIFIED, .on = TIP_EV_LEASE_EXPIRED, .to = TIP_QUEUED, .by = TIP_BY_SYSTEM },
	{ .from = TIP_VERIFIED,
	  .on = TIP_EV_MESSAGE,
	  .to = TIP_VERIFIED,
	  .by = STAFF,
	  .turn = CLOCK_STEP,
	  .holder_only = true },
	{ .from = TIP_VERIFIED,
	  .on = TIP_EV_NOTE,
	  .to = TIP_VERIFIED,
	  .by = STAFF | TIP_BY_ADMIN,
	  .turn = CLOCK_STEP },
	{ .from = TIP_VERIFIED,
	  .on = TIP_EV_SUPPLEMENT,
	  .to = TIP_VERIFIED,
	  .by = TIP_BY_INFORMANT,
	  .turn = CLOCK_ASK },
	{ .from = TIP_VERIFIED,
	  .on = TIP_EV_CLOSE,
	  .to = TIP_CLOSED,
	  .by = TIP_BY_VERIFIER,
	  .turn = CLOCK_STOP },
	{ .from = TIP_VERIFIED,
	  .on = TIP_EV_CLOSE,
	  .to = TIP_CLOSED,
	  .by = TIP_BY_OFFICER,
	  .turn = CLOCK_STOP,
	  .holder_only = true },
	{ .from = TIP_VERIFIED, .on = TIP_EV_ESCALATE, .to = TIP_QUEUED, .by = TIP_BY_SYSTEM, .turn = CLOCK_ESCALATE },

	{ .from = TIP_CLOSED, .on = TIP_EV_MESSAGE, .to = TIP_CLOSED, .by = STAFF, .turn = CLOCK_ANSWER },
	{ .from = TIP_CLOSED,
	  .on = TIP_EV_NOTE,
	  .to = TIP_CLOSED,
	  .by = STAFF | TIP_BY_ADMIN,
	  .turn = CLOCK_ANSWER },
	{ .from = TIP_CLOSED,
	  .on = TIP_EV_SUPPLEMENT,
	  .to = TIP_CLOSED,
	  .by = TIP_BY_INFORMANT,
	  .turn = CLOCK_ASK },
	{ .from = TIP_CLOSED,
	  .on = TIP_EV_REOPEN,
	  .to = TIP_QUEUED,
	  .by = TIP_BY_VERIFIER | TIP_BY_ADMIN,
	  .turn = CLOCK_PASS },
	{ .from = TIP_CLOSED, .on = TIP_EV_REOPEN, .to = TIP_QUEUED, .by = TIP_BY_INFORMANT, .turn = CLOCK_ASK_ANEW },
	/* What the informant wrote after the end, and nobody looked at. */
	{ .from = TIP_CLOSED, .on = TIP_EV_ESCALATE, .to = TIP_QUEUED, .by = TIP_BY_SYSTEM, .turn = CLOCK_ESCALATE },

	{ .from = TIP_QUEUED, .on = TIP_EV_UNSEAL, .to = TIP_QUEUED, .by = TIP_BY_APPROVER },
	{ .from = TIP_CLAIMED, .on = TIP_EV_UNSEAL, .to = TIP_CLAIMED, .by = TIP_BY_APPROVER },
	{ .from = TIP_VERIFIED, .on = TIP_EV_UNSEAL, .to = TIP_VERIFIED, .by = TIP_BY_APPROVER },
	{ .from = TIP_CLOSED, .on = TIP_EV_UNSEAL, .to = TIP_CLOSED, .by = TIP_BY_APPROVER },
	{ .from = TIP_CLOSED, .on = TIP_EV_ERASE, .to = TIP_ERASED, .by = TIP_BY_SYSTEM, .turn = CLOCK_STOP },

	/* Legal holds are no step of the work. */
	{ .from = TIP_QUEUED, .on = TIP_EV_HOLD, .to = TIP_QUEUED, .by = TIP_BY_VERIFIER | TIP_BY_ADMIN },
	{ .from = TIP_QUEUED, .on = TIP_EV_ASK_LIFT, .to = TIP_QUEUED, .by = TIP_BY_VERIFIER | TIP_BY_ADMIN },
	{ .from = TIP_QUEUED, .on = TIP_EV_LIFT, .to = TIP_QUEUED, .by = TIP_BY_VERIFIER | TIP_BY_ADMIN },
	{ .from = TIP_CLAIMED, .on = TIP_EV_HOLD, .to = TIP_CLAIMED, .by = TIP_BY_VERIFIER | TIP_BY_ADMIN },
	{ .from = TIP_CLAIMED, .on = TIP_EV_ASK_LIFT, .to = TIP_CLAIMED, .by = TIP_BY_VERIFIER | TIP_BY_ADMIN },
	{ .from = TIP_CLAIMED, .on = TIP_EV_LIFT, .to = TIP_CLAIMED, .by = TIP_BY_VERIFIER | TIP_BY_ADMIN },
	{ .from = TIP_VERIFIED, .on = TIP_EV_HOLD, .to = TIP_VERIFIED, .by = TIP_BY_VERIFIER | TIP_BY_ADMIN },
	{ .from = TIP_VERIFIED, .on = TIP_EV_ASK_LIFT, .to = TIP_VERIFIED, .by = TIP_BY_VERIFIER | TIP_BY_ADMIN },
	{ .from = TIP_VERIFIED, .on = TIP_EV_LIFT, .to = TIP_VERIFIED, .by = TIP_BY_VERIFIER | TIP_BY_ADMIN },
	{ .from = TIP_CLOSED, .on = TIP_EV_HOLD, .to = TIP_CLOSED, .by = TIP_BY_VERIFIER | TIP_BY_ADMIN },
	{ .from = TIP_CLOSED, .on = TIP_EV_ASK_LIFT, .to = TIP_CLOSED, .by = TIP_BY_VERIFIER | TIP_BY_ADMIN },
	{ .from = TIP_CLOSED, .on = TIP_EV_LIFT, .to = TIP_CLOSED, .by = TIP_BY_VERIFIER | TIP_BY_ADMIN },
};

static const char *const state_names[TIP_STATES] = {
	[TIP_QUEUED] = "queued", [TIP_CLAIMED] = "claimed",         [TIP_VERIFIED] = "verified",
	[TIP_ERASED] = "erased",
	[TIP_CLOSED] = "closed", [TIP_TRANSFERRED] = "transferred",
};

static const char *const event_names[TIP_EVENTS] = {
	[TIP_EV_CLAIM] = "claim",           [TIP_EV_RENEW] = "renew",
	[TIP_EV_RELEASE] = "release",       [TIP_EV_LEASE_EXPIRED] = "lease_expired",
	[TIP_EV_TRANSFER] = "transfer",     [TIP_EV_TRANSFER_AWAY] = "transfer_away",
	[TIP_EV_MESSAGE] = "message",       [TIP_EV_NOTE] = "note",
	[TIP_EV_SUPPLEMENT] = "supplement", [TIP_EV_VERIFY] = "verify",
	[TIP_EV_CLOSE] = "close",           [TIP_EV_REOPEN] = "reopen",
	[TIP_EV_UNSEAL] = "unseal",
	[TIP_EV_ESCALATE] = "escalate",     [TIP_EV_HOLD] = "hold",
	[TIP_EV_ASK_LIFT] = "ask_lift",     [TIP_EV_LIFT] = "lift",
	[TIP_EV_ERASE] = "erase",
};

const struct tip_move *tip_move_find(enum tip_state from, enum tip_event on, unsigned actor)
{
	for (size_t i = 0; i < COUNT_OF(moves); i++)
		if (moves[i].from == from && moves[i].on == on && (moves[i].by & actor) != 0)
			return &moves[i];
	return NULL;
}

const char *tip_state_name(enum tip_state state)
{
	return state < TIP_STATES ? state_names[state] : NULL;
}

const char *tip_event_name(enum tip_event event)
{
	return event < TIP_EVENTS ? event_names[event] : NULL;
}

bool tip_state_parse(struct span name, enum tip_state *state)
{
	for (size_t i = 0; i < TIP_STATES; i++) {
		if (span_is(name, state_names[i])) {
			*state = (enum tip_state)i;
			return true;
		}
	}
	return false;
}

const struct tip_move *tip_moves(size_t *n)
{
	*n = COUNT_OF(moves);
	return moves;
}
