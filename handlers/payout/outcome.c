/*
 * The outcome table; see outcome.h.
 */
#include "handlers/payout/outcome.h"

#include "handlers/payout/rail.h"

#include <assert.h>

static const struct outcome_rule rules[OUTCOME_ROWS] = {
	[OUTCOME_NO_ANSWER] =   { .name = "no_answer", .act = OUTCOME_STAY_UNKNOWN },
	[OUTCOME_NOT_SENT] =    { .name = "not_sent", .act = OUTCOME_SEND_AGAIN },
	[OUTCOME_WEAK_STATUS] = { .name = "weak_status", .act = OUTCOME_STAY_UNKNOWN },
	[OUTCOME_UNREADABLE] =  { .name = "unreadable", .act = OUTCOME_STAY_UNKNOWN, .alarm = true },
	[OUTCOME_STATE] =       { .name = "state", .act = OUTCOME_FOLLOW },
	[OUTCOME_DUPLICATE] =   { .name = "duplicate", .act = OUTCOME_FOLLOW },
	[OUTCOME_MISMATCH] =    { .name = "mismatch", .act = OUTCOME_STAY_UNKNOWN, .alarm = true, .incident = true },
	[OUTCOME_FINAL_CODE] =  { .name = "final_code", .act = OUTCOME_END, .new_id = true },
	[OUTCOME_OTHER_4XX] =   { .name = "other_4xx", .act = OUTCOME_STAY_UNKNOWN },
	[OUTCOME_QUERY_ENDED] = { .name = "query_ended", .act = OUTCOME_END, .new_id = true },
	[OUTCOME_NOT_FOUND] =   { .name = "not_found", .act = OUTCOME_GRACE },
	[OUTCOME_WEBHOOK] =     { .name = "webhook", .act = OUTCOME_EVIDENCE },
};

/* Ended states are not here: only the rows that may end an attempt reach them. */
static const enum attempt_state followed[RAIL_OUTCOMES] = {
	[RAIL_UNKNOWN] = ATTEMPT_UNKNOWN,       [RAIL_ACCEPTED] = ATTEMPT_ACCEPTED,
	[RAIL_NEEDS_PAYEE] = ATTEMPT_NEEDS_PAYEE, [RAIL_PROCESSING] = ATTEMPT_PROCESSING,
	[RAIL_CANCELLING] = ATTEMPT_CANCELLING, [RAIL_SUCCEEDED] = ATTEMPT_SUCCEEDED,
	[RAIL_FAILED] = ATTEMPT_UNKNOWN,        [RAIL_CANCELLED] = ATTEMPT_UNKNOWN,
	[RAIL_RETURNED] = ATTEMPT_RETURNED,     [RAIL_NOT_FOUND] = ATTEMPT_UNKNOWN,
};

const struct outcome_rule *outcome_rule(enum outcome_row row)
{
	assert(row < OUTCOME_ROWS);
	return &rules[row];
}

enum outcome_row outcome_of_status(int status)
{
	if (status >= 200 && status < 300)
		return OUTCOME_STATE;
	if (status == 408 || status == 425 || status == 429 || status < 400 || status > 499)
		return OUTCOME_WEAK_STATUS;
	return status == 409 ? OUTCOME_MISMATCH : OUTCOME_OTHER_4XX;
}

static enum attempt_state ended(enum rail_outcome outcome)
{
	if (outcome == RAIL_FAILED)
		return ATTEMPT_FAILED;
	return outcome == RAIL_CANCELLED ? ATTEMPT_CANCELLED : ATTEMPT_UNKNOWN;
}

bool outcome_state(const struct rail_report *report, enum attempt_state *state)
{
	switch (outcome_rule(report->row)->act) {
	case OUTCOME_SEND_AGAIN:
	case OUTCOME_GRACE:
		return false;
	case OUTCOME_STAY_UNKNOWN:
		*state = ATTEMPT_UNKNOWN;
		return true;
	case OUTCOME_FOLLOW:
		*state = followed[report->outcome];
		return true;
	case OUTCOME_END:
		*state = ended(report->outcome);
		return true;
	case OUTCOME_EVIDENCE:
		*state = ATTEMPT_SUCCEEDED;
		return report->outcome == RAIL_SUCCEEDED;
	}
	return false;
}

bool outcome_new_id(const struct rail_report *report)
{
	return outcome_rule(report->row)->new_id && ended(report->outcome) != ATTEMPT_UNKNOWN;
}

bool outcome_id_kept(const struct rail_profile *profile, int64_t first_sent_ms, int64_t now_ms)
{
	return now_ms >= first_sent_ms && now_ms - first_sent_ms < profile->id_retention_ms - OUTCOME_MARGIN_MS;
}

bool outcome_may_resend(const struct rail_profile *profile, const struct outcome_missing *missing, int64_t now_ms)
{
	return profile->not_found_is_final && missing->answers >= OUTCOME_GRACE_ANSWERS &&
	       now_ms - missing->first_missed_ms >= OUTCOME_GRACE_MS &&
	       outcome_id_kept(profile, missing->first_sent_ms, now_ms);
}
