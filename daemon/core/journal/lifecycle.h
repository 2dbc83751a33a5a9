/*
 * The life of a tip: states, events and who may cause them. One table.
 *
 * A missing row is a refusal. The store compares and sets what this table
 * decided; it knows no lifecycle itself.
 */
#ifndef TIPLINE_CORE_LIFECYCLE_H
#define TIPLINE_CORE_LIFECYCLE_H

#include "daemon/core/journal/clock.h"

enum tip_state {
	TIP_QUEUED,
	TIP_CLAIMED,      /* under an officer's lease */
	TIP_VERIFIED,     /* facts confirmed, still under the lease */
	TIP_CLOSED,
	TIP_ERASED,       /* closed, and its words were deleted when their time was over; its receipt code still tells so */
	TIP_TRANSFERRED,  /* went to another shard; the id there has the same tail */
	TIP_STATES,
};

enum tip_event {
	TIP_EV_CLAIM,
	TIP_EV_RENEW,
	TIP_EV_RELEASE,
	TIP_EV_LEASE_EXPIRED,
	TIP_EV_TRANSFER,       /* within the shard */
	TIP_EV_TRANSFER_AWAY,  /* to another shard */
	TIP_EV_MESSAGE,        /* officer to informant */
	TIP_EV_NOTE,           /* among officers */
	TIP_EV_SUPPLEMENT,     /* informant to bureau */
	TIP_EV_VERIFY,
	TIP_EV_CLOSE,
	TIP_EV_REOPEN,
	TIP_EV_ESCALATE,       /* to the level above, by itself */
	TIP_EV_UNSEAL,         /* an approver asks for the informant's identity, or is the second who does */
	TIP_EV_HOLD,           /* a legal hold: nothing of it is deleted */
	TIP_EV_ASK_LIFT,       /* one person wants that lifted */
	TIP_EV_LIFT,           /* and another one does it */
	TIP_EV_ERASE,          /* its words are deleted */
	TIP_EVENTS,
};

/* Bits: who may cause an event. */
enum tip_actor {
	TIP_BY_NOBODY = 0,
	TIP_BY_OFFICER = 1 << 0,
	TIP_BY_VERIFIER = 1 << 1,
	TIP_BY_INFORMANT = 1 << 2,
	TIP_BY_SYSTEM = 1 << 3,
	TIP_BY_ADMIN = 1 << 4,
	TIP_BY_APPROVER = 1 << 5,
	TIP_BY_STAFF = TIP_BY_OFFICER | TIP_BY_VERIFIER | TIP_BY_ADMIN | TIP_BY_APPROVER,
};

struct tip_move {
	enum tip_state from;
	enum tip_event on;
	enum tip_state to;
	unsigned by;          /* tip_actor bits */
	enum clock_turn turn; /* what it does to the clocks */
	bool holder_only;     /* staff must hold the lease */
};

/* The legal move, or NULL when there is none or none of the actor bits may. */
const struct tip_move *tip_move_find(enum tip_state from, enum tip_event on, unsigned actor);

/* Queued, claimed or verified: somebody has to work on it. */
static inline bool tip_state_open(enum tip_state state)
{
	return state == TIP_QUEUED || state == TIP_CLAIMED || state == TIP_VERIFIED;
}

/* Stable words of API and journal: "queued", "claimed", ... ; "claim", "release", ... */
const char *tip_state_name(enum tip_state state);
const char *tip_event_name(enum tip_event event);
bool tip_state_parse(struct span name, enum tip_state *state);

/* All rows, for tests and the generated page. */
const struct tip_move *tip_moves(size_t *n);

#endif
