/*
 * Attempts; see attempt.h. Two questions decide: does the table know the step,
 * and is the report at least as sure as what is known.
 */
#include "daemon/money/attempt.h"

#include "daemon/base/table.h"

#define STATE(name) (1u << ATTEMPT_##name)
#define ANY_REPORT (STATE(ACCEPTED) | STATE(NEEDS_PAYEE) | STATE(PROCESSING) | STATE(UNKNOWN) | STATE(FAILED) | \
		    STATE(CANCELLED) | STATE(SUCCEEDED))

/* Where each state may go. */
static const unsigned next[ATTEMPT_STATES] = {
	[ATTEMPT_CREATED] = STATE(SENDING),
	[ATTEMPT_SENDING] = ANY_REPORT,
	[ATTEMPT_ACCEPTED] = ANY_REPORT | STATE(CANCELLING),
	[ATTEMPT_NEEDS_PAYEE] = ANY_REPORT | STATE(CANCELLING),
	[ATTEMPT_PROCESSING] = ANY_REPORT | STATE(CANCELLING),
	/* The same instruction may be sent once more: the rail knows its id. */
	[ATTEMPT_UNKNOWN] = ANY_REPORT | STATE(CANCELLING) | STATE(SENDING),
	[ATTEMPT_CANCELLING] = STATE(CANCELLED) | STATE(SUCCEEDED) | STATE(UNKNOWN) | STATE(FAILED),
	[ATTEMPT_FAILED] = STATE(SUCCEEDED),
	[ATTEMPT_CANCELLED] = STATE(SUCCEEDED),
	[ATTEMPT_SUCCEEDED] = STATE(RETURNED),
	[ATTEMPT_RETURNED] = 0,
};

static const char *const state_names[ATTEMPT_STATES] = {
	[ATTEMPT_CREATED] = "CREATED",       [ATTEMPT_SENDING] = "SENDING",
	[ATTEMPT_ACCEPTED] = "ACCEPTED",     [ATTEMPT_NEEDS_PAYEE] = "NEEDS_PAYEE",
	[ATTEMPT_PROCESSING] = "PROCESSING", [ATTEMPT_UNKNOWN] = "UNKNOWN",
	[ATTEMPT_CANCELLING] = "CANCELLING", [ATTEMPT_FAILED] = "FAILED",
	[ATTEMPT_CANCELLED] = "CANCELLED",   [ATTEMPT_SUCCEEDED] = "SUCCEEDED",
	[ATTEMPT_RETURNED] = "RETURNED",
};

static const char *const evidence_names[EVIDENCES] = {
	[EVIDENCE_ANSWER] = "answer",
	[EVIDENCE_WEBHOOK] = "webhook",
	[EVIDENCE_QUERY] = "query",
	[EVIDENCE_STATEMENT] = "statement",
};

bool attempt_live(enum attempt_state state)
{
	return state < ATTEMPT_FAILED;
}

/* States that say how it ended; leaving them takes something surer than what brought them. */
static bool told(enum attempt_state state)
{
	return !attempt_live(state);
}

bool attempt_may(enum attempt_state from, enum evidence known_by, enum attempt_state to, enum evidence by)
{
	if (from >= ATTEMPT_STATES || to >= ATTEMPT_STATES || (next[from] & 1u << to) == 0)
		return false;
	/* Money that was sent after all, or came back, is never told by the call's own answer. */
	if (told(from))
		return by != EVIDENCE_ANSWER && by >= known_by;
	/* Unknown says nothing new about what has been reported in between. */
	return to != ATTEMPT_UNKNOWN || from == ATTEMPT_SENDING || from == ATTEMPT_CANCELLING || by > known_by;
}

bool attempt_asks(enum attempt_state state, enum evidence known_by)
{
	if (attempt_live(state))
		return state != ATTEMPT_CREATED;
	return attempt_may(state, known_by, ATTEMPT_RETURNED, EVIDENCE_QUERY);
}

const char *attempt_state_name(enum attempt_state state)
{
	return state < ATTEMPT_STATES ? state_names[state] : NULL;
}

const char *evidence_name(enum evidence evidence)
{
	return evidence < EVIDENCES ? evidence_names[evidence] : NULL;
}

bool attempt_state_parse(struct span name, enum attempt_state *state)
{
	for (size_t i = 0; i < ATTEMPT_STATES; i++) {
		if (span_is(name, state_names[i])) {
			*state = (enum attempt_state)i;
			return true;
		}
	}
	return false;
}

bool evidence_parse(struct span name, enum evidence *evidence)
{
	for (size_t i = 0; i < EVIDENCES; i++) {
		if (span_is(name, evidence_names[i])) {
			*evidence = (enum evidence)i;
			return true;
		}
	}
	return false;
}
