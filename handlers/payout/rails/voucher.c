/*
 * The bank counter: cash for a voucher number and a pickup word.
 *
 * There is no provider to be asked: the voucher of the attempt is in our own
 * journal and is redeemed by tellers through our own call. So every question
 * is answered at once from the voucher's state, which counts as a verified
 * query: it is the very record that pays. The bank's daily report of its
 * branches comes in the form of the generic connector.
 */
#include "handlers/payout/connector_call.h"
#include "handlers/payout/rail_report.h"
#include "handlers/payout/rail_request.h"
#include "handlers/payout/voucher.h"

#define MAX_FEN 5000000   /* 50,000 yuan in notes: what a counter pays without prior notice */

static bool voucher_check(const struct rail_config *config, struct complaint *why)
{
	if (config->max_fen < 0 || config->min_fen < 0)
		return complain(why, 0, "%s: it is below zero; 0 is the rail's own limit", config->max_fen < 0 ? "max_fen" : "min_fen");
	return connector_statements_fit(config, why);
}

static void voucher_profile(const struct rail_config *config, struct rail_profile *out)
{
	*out = (struct rail_profile){
		.id_retention_ms = INT64_MAX,
		.min_fen = 1,
		.max_fen = MAX_FEN,
		.life_ms = VOUCHER_LIFE_MS,
		.anonymity = RAIL_ANONYMOUS,
		.asks = true,
		.cancels = true,
		.statements = config->account != NULL,
	};
	rail_profile_configure(out, config);
}

static void report_begin(const struct rail_instruction *instruction, struct rail_report *report)
{
	*report = (struct rail_report){ .fen = instruction->voucher->fen };
	rail_word(instruction->id, report->instruction, sizeof(report->instruction));
	rail_word(span_of(instruction->voucher->number), report->provider_ref, sizeof(report->provider_ref));
}

static enum rail_made voucher_instruct(const struct rail_job *job, struct rail_request *out, struct rail_report *report,
				       struct complaint *why)
{
	const struct rail_instruction *instruction = job->instruction;
	struct rail_profile profile;

	*out = (struct rail_request){ 0 };
	voucher_profile(job->config, &profile);
	if (!rail_instruction_fits(instruction, &profile, why))
		return RAIL_CANNOT;
	if (instruction->voucher == NULL || instruction->voucher->fen != instruction->fen) {
		complain(why, 0, "the attempt has no voucher, or one of another amount");
		return RAIL_CANNOT;
	}
	report_begin(instruction, report);
	rail_report_state(report, job->config, RAIL_CALL_INSTRUCT, RAIL_NEEDS_PAYEE, false);
	return RAIL_TOLD;
}

/* What each state of the voucher says about the attempt. */
static const struct {
	enum rail_outcome outcome;
	const char *code;
} told[VOUCHER_STATES] = {
	[VOUCHER_OPEN] = { .outcome = RAIL_NEEDS_PAYEE, .code = "VOUCHER_OPEN" },
	[VOUCHER_REDEEMED] = { .outcome = RAIL_SUCCEEDED, .code = "VOUCHER_REDEEMED" },
	[VOUCHER_VOID] = { .outcome = RAIL_CANCELLED, .code = "VOUCHER_VOID" },
	[VOUCHER_EXPIRED] = { .outcome = RAIL_FAILED, .code = "VOUCHER_EXPIRED" },
};

static enum rail_made tell(const struct rail_job *job, struct rail_report *report, struct complaint *why)
{
	const struct voucher *voucher = job->instruction->voucher;
	enum voucher_state state;

	if (voucher == NULL) {
		complain(why, 0, "the attempt has no voucher");
		return RAIL_CANNOT;
	}
	state = voucher_state_at(voucher, job->now_ms);
	report_begin(job->instruction, report);
	rail_word(span_of(told[state].code), report->code, sizeof(report->code));
	rail_report_state(report, job->config, RAIL_CALL_QUERY, told[state].outcome, true);
	return RAIL_TOLD;
}

static enum rail_made voucher_query(const struct rail_job *job, struct rail_request *out, struct rail_report *report,
				    struct complaint *why)
{
	*out = (struct rail_request){ 0 };
	return tell(job, report, why);
}

/* The caller has made the voucher void in the journal before; one that was redeemed first stays redeemed (rule A7). */
static enum rail_made voucher_cancel(const struct rail_job *job, struct rail_request *out, struct rail_report *report,
				     struct complaint *why)
{
	*out = (struct rail_request){ 0 };
	return tell(job, report, why);
}

/* No answer is ever awaited. */
static void voucher_read(const struct rail_job *job, const struct rail_request *asked,
			 const struct http_response *answer, struct rail_report *report)
{
	(void)job;
	(void)asked;
	(void)answer;
	rail_report_unknown(report, OUTCOME_UNREADABLE, "NOT_ASKED");
}

extern const struct rail rail_voucher;
const struct rail rail_voucher = {
	.driver = "voucher",
	.check = voucher_check,
	.profile = voucher_profile,
	.instruct = voucher_instruct,
	.read_instruct = voucher_read,
	.query = voucher_query,
	.read_query = voucher_read,
	.cancel = voucher_cancel,
	.read_cancel = voucher_read,
	.ask_statement = connector_ask_statement,
	.read_statement = connector_read_statement,
};
