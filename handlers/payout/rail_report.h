/*
 * Reports, as every rail makes them: which row of the outcome table an answer
 * falls into, and what may be believed of the state it tells.
 */
#ifndef TIPLINE_HANDLERS_PAYOUT_RAIL_REPORT_H
#define TIPLINE_HANDLERS_PAYOUT_RAIL_REPORT_H

#include "handlers/payout/rail.h"

enum rail_call {
	RAIL_CALL_INSTRUCT,
	RAIL_CALL_QUERY,
	RAIL_CALL_CANCEL,
	RAIL_CALL_HOOK,
};

/* Nothing is known; the code is ours and static. The alarm is that of the row. */
void rail_report_unknown(struct rail_report *report, enum outcome_row row, const char *code);

/* What no answer says: for the caller, when the request did not go out whole or nothing came back. */
void rail_report_silence(struct rail_report *report, bool nothing_sent);

/*
 * What a verified answer tells, judged by the call it answers: which states may
 * be followed, which end the attempt, which are only noted. report->code,
 * fen, instruction and provider_ref are set before.
 */
void rail_report_state(struct rail_report *report, const struct rail_config *config, enum rail_call call,
		       enum rail_outcome said, bool final);

/* A verified 4xx with report->code: final when it is on the allow-list and the call was the instruction. */
void rail_report_refusal(struct rail_report *report, const struct rail_config *config, enum rail_call call);

/* Copies a plain word ([0-9A-Za-z._:-], shorter than `size`), else leaves it empty. */
bool rail_word(struct span from, char *to, size_t size);

/*
 * For callbacks: whether the report is about that instruction and amount. A
 * success that names no amount is none. False: the report is now unknown, with
 * alarm and code.
 */
bool rail_report_match(struct rail_report *report, struct span instruction, int64_t fen);

/* The row of the allow-list, or NULL. */
const struct rail_final *rail_final_find(const struct rail_final *finals, size_t n, struct span code);

const char *rail_outcome_name(enum rail_outcome outcome);
bool rail_outcome_parse(struct span name, enum rail_outcome *outcome);

/*
 * What both the profile that we verified and the one that a provider claims
 * allow: the narrower of each, and only codes that stand in both.
 */
void rail_profile_narrow(struct rail_profile *ours, const struct rail_profile *theirs);

/* Fills in what all rails take from the configuration, over the rail's own numbers. */
void rail_profile_configure(struct rail_profile *profile, const struct rail_config *config);

#endif
