/*
 * Reports; see rail_report.h.
 */
#include "handlers/payout/rail_report.h"

#include "daemon/base/table.h"

#include <assert.h>

static const char *const outcome_names[RAIL_OUTCOMES] = {
	[RAIL_UNKNOWN] = "unknown",       [RAIL_ACCEPTED] = "accepted",   [RAIL_NEEDS_PAYEE] = "needs_payee",
	[RAIL_PROCESSING] = "processing", [RAIL_CANCELLING] = "cancelling", [RAIL_SUCCEEDED] = "succeeded",
	[RAIL_FAILED] = "failed",         [RAIL_CANCELLED] = "cancelled", [RAIL_RETURNED] = "returned",
	[RAIL_NOT_FOUND] = "not_found",
};

/* Which state each call's answer may bring; RAIL_FAILED and RAIL_CANCELLED are judged apart. */
#define BIT(outcome) (1u << (outcome))
#define UNDER_WAY (BIT(RAIL_UNKNOWN) | BIT(RAIL_ACCEPTED) | BIT(RAIL_NEEDS_PAYEE) | BIT(RAIL_PROCESSING))
static const unsigned may_say[] = {
	[RAIL_CALL_INSTRUCT] = UNDER_WAY | BIT(RAIL_SUCCEEDED),
	[RAIL_CALL_QUERY] = UNDER_WAY | BIT(RAIL_CANCELLING) | BIT(RAIL_SUCCEEDED) | BIT(RAIL_RETURNED),
	[RAIL_CALL_CANCEL] = UNDER_WAY | BIT(RAIL_CANCELLING) | BIT(RAIL_SUCCEEDED),
	[RAIL_CALL_HOOK] = UNDER_WAY | BIT(RAIL_CANCELLING) | BIT(RAIL_SUCCEEDED) | BIT(RAIL_RETURNED),
};

static const enum evidence evidence_of[] = {
	[RAIL_CALL_INSTRUCT] = EVIDENCE_ANSWER,
	[RAIL_CALL_QUERY] = EVIDENCE_QUERY,
	[RAIL_CALL_CANCEL] = EVIDENCE_ANSWER,
	[RAIL_CALL_HOOK] = EVIDENCE_WEBHOOK,
};

void rail_report_unknown(struct rail_report *report, enum outcome_row row, const char *code)
{
	*report = (struct rail_report){ .row = row, .alarm = outcome_rule(row)->alarm };
	assert(strlen(code) < sizeof(report->code));
	memcpy(report->code, code, strlen(code) + 1);
}

void rail_report_silence(struct rail_report *report, bool nothing_sent)
{
	rail_report_unknown(report, nothing_sent ? OUTCOME_NOT_SENT : OUTCOME_NO_ANSWER,
			    nothing_sent ? "NOT_SENT" : "NO_ANSWER");
}

const struct rail_final *rail_final_find(const struct rail_final *finals, size_t n, struct span code)
{
	for (size_t i = 0; i < n; i++)
		if (code.len > 0 && span_is(code, finals[i].code))
			return &finals[i];
	return NULL;
}

/* The table of section 9 says which of these rows ends an attempt; here is which row it is. */
static enum outcome_row row_of_end(const struct rail_report *report, const struct rail_config *config,
				   enum rail_call call, enum rail_outcome said, bool final)
{
	if (call == RAIL_CALL_HOOK)
		return OUTCOME_WEBHOOK;
	if (!final)
		return OUTCOME_STATE;
	if (call == RAIL_CALL_QUERY)
		return OUTCOME_QUERY_ENDED;
	if (call == RAIL_CALL_INSTRUCT && said == RAIL_FAILED &&
	    rail_final_find(config->finals, config->nfinals, span_of(report->code)) != NULL)
		return OUTCOME_FINAL_CODE;
	return OUTCOME_STATE;
}

static enum rail_fault fault_of(const struct rail_report *report, const struct rail_config *config)
{
	const struct rail_final *final = rail_final_find(config->finals, config->nfinals, span_of(report->code));

	return final != NULL ? final->fault : RAIL_FAULT_PAYEE;
}

static void report_end(struct rail_report *report, const struct rail_config *config, enum rail_call call,
		       enum rail_outcome said, bool final)
{
	report->row = row_of_end(report, config, call, said, final);
	report->outcome = report->row == OUTCOME_STATE ? RAIL_UNKNOWN : said;
	/* Accepted is not done: that it is cancelled has to come from a query. */
	if (call == RAIL_CALL_CANCEL && said == RAIL_CANCELLED)
		report->outcome = RAIL_CANCELLING;
	report->fault = fault_of(report, config);
}

void rail_report_state(struct rail_report *report, const struct rail_config *config, enum rail_call call,
		       enum rail_outcome said, bool final)
{
	report->evidence = evidence_of[call];
	report->row = call == RAIL_CALL_HOOK ? OUTCOME_WEBHOOK : OUTCOME_STATE;
	report->outcome = RAIL_UNKNOWN;
	if (said == RAIL_FAILED || said == RAIL_CANCELLED)
		report_end(report, config, call, said, final);
	else if ((may_say[call] & BIT(said)) != 0 && (said != RAIL_SUCCEEDED || report->fen > 0))
		report->outcome = said;
}

void rail_report_refusal(struct rail_report *report, const struct rail_config *config, enum rail_call call)
{
	rail_report_state(report, config, call, RAIL_FAILED, call == RAIL_CALL_INSTRUCT);
	if (report->row == OUTCOME_FINAL_CODE)
		return;
	report->row = OUTCOME_OTHER_4XX;
	report->outcome = RAIL_UNKNOWN;
	report->evidence = EVIDENCE_ANSWER;
}

bool rail_word(struct span from, char *to, size_t size)
{
	to[0] = '\0';
	if (from.len == 0 || from.len >= size)
		return false;
	for (size_t i = 0; i < from.len; i++) {
		char c = from.at[i];

		if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
		      (c != '\0' && strchr("._:-", c) != NULL)))
			return false;
	}
	memcpy(to, from.at, from.len);
	to[from.len] = '\0';
	return true;
}

static bool differs(struct rail_report *report, const char *code)
{
	rail_report_unknown(report, OUTCOME_UNREADABLE, code);
	return false;
}

bool rail_report_match(struct rail_report *report, struct span instruction, int64_t fen)
{
	if (!span_is(instruction, report->instruction))
		return differs(report, "WRONG_ID");
	if (report->fen != fen && (report->fen != 0 || report->outcome == RAIL_SUCCEEDED))
		return differs(report, "WRONG_AMOUNT");
	return true;
}

const char *rail_outcome_name(enum rail_outcome outcome)
{
	return outcome < RAIL_OUTCOMES ? outcome_names[outcome] : NULL;
}

bool rail_outcome_parse(struct span name, enum rail_outcome *outcome)
{
	for (size_t i = 0; i < COUNT_OF(outcome_names); i++) {
		if (span_is(name, outcome_names[i])) {
			*outcome = (enum rail_outcome)i;
			return true;
		}
	}
	return false;
}

/* --- profiles ------------------------------------------------------------------------- */

static int64_t smaller(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* 0 means no limit. */
static int64_t tighter(int64_t a, int64_t b)
{
	if (a == 0 || b == 0)
		return a + b;
	return smaller(a, b);
}

void rail_profile_narrow(struct rail_profile *ours, const struct rail_profile *theirs)
{
	size_t n = 0;

	ours->id_retention_ms = smaller(ours->id_retention_ms, theirs->id_retention_ms);
	ours->not_found_is_final = ours->not_found_is_final && theirs->not_found_is_final;
	ours->min_fen = ours->min_fen > theirs->min_fen ? ours->min_fen : theirs->min_fen;
	ours->max_fen = smaller(ours->max_fen, theirs->max_fen);
	ours->daily_fen = tighter(ours->daily_fen, theirs->daily_fen);
	ours->name_from_fen = tighter(ours->name_from_fen, theirs->name_from_fen);
	ours->life_ms = tighter(ours->life_ms, theirs->life_ms);
	ours->anonymity = ours->anonymity > theirs->anonymity ? ours->anonymity : theirs->anonymity;
	ours->cancels = ours->cancels && theirs->cancels;
	for (size_t i = 0; i < ours->nfinals; i++)
		if (rail_final_find(theirs->finals, theirs->nfinals, span_of(ours->finals[i].code)) != NULL)
			ours->finals[n++] = ours->finals[i];
	ours->nfinals = n;
}

void rail_profile_configure(struct rail_profile *profile, const struct rail_config *config)
{
	profile->version = config->profile_version;
	if (config->min_fen > profile->min_fen)
		profile->min_fen = config->min_fen;
	if (config->max_fen > 0)
		profile->max_fen = smaller(profile->max_fen, config->max_fen);
	if (config->id_retention_ms > 0)
		profile->id_retention_ms = smaller(profile->id_retention_ms, config->id_retention_ms);
	profile->daily_fen = tighter(profile->daily_fen, config->daily_fen);
	profile->nfinals = 0;
	for (size_t i = 0; i < config->nfinals && i < RAIL_FINALS_MAX; i++)
		profile->finals[profile->nfinals++] = config->finals[i];
}
