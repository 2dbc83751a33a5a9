/*
 * The life of an attempt: one instruction to one rail.
 *
 * An attempt ends as succeeded, failed or cancelled, or is unknown and stays
 * live until something better is known; unknown never frees the money. What
 * may follow depends on how sure the report is: a statement of the bank over a
 * verified query, over a verified webhook, over the answer of the call itself.
 */
#ifndef TIPLINE_MONEY_ATTEMPT_H
#define TIPLINE_MONEY_ATTEMPT_H

#include "daemon/base/span.h"

enum attempt_state {
	ATTEMPT_CREATED,
	ATTEMPT_SENDING,
	ATTEMPT_ACCEPTED,
	ATTEMPT_NEEDS_PAYEE,
	ATTEMPT_PROCESSING,
	ATTEMPT_UNKNOWN,
	ATTEMPT_CANCELLING,
	ATTEMPT_FAILED,       /* final, but for a late success (A5) */
	ATTEMPT_CANCELLED,    /* likewise */
	ATTEMPT_SUCCEEDED,
	ATTEMPT_RETURNED,
	ATTEMPT_STATES,
};

/* How sure a report is; a weaker one never moves an attempt back (A4). */
enum evidence {
	EVIDENCE_ANSWER,      /* the synchronous answer */
	EVIDENCE_WEBHOOK,     /* verified */
	EVIDENCE_QUERY,       /* verified */
	EVIDENCE_STATEMENT,
	EVIDENCES,
};

/* Everything before a final state, UNKNOWN included. */
bool attempt_live(enum attempt_state state);

/* Whether an attempt may go from one state to the other on that evidence, given the evidence it stands on. */
bool attempt_may(enum attempt_state from, enum evidence known_by, enum attempt_state to, enum evidence by);

/* Whether a rail may still be asked: it is live and was sent, or it was paid and a query could tell that it came back. */
bool attempt_asks(enum attempt_state state, enum evidence known_by);

const char *attempt_state_name(enum attempt_state state);
const char *evidence_name(enum evidence evidence);
bool attempt_state_parse(struct span name, enum attempt_state *state);
bool evidence_parse(struct span name, enum evidence *evidence);

#endif
