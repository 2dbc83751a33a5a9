/*
 * Bank transfers by ISO 20022 files: pain.001 out, pain.002 and camt.053 in.
 *
 * The files lie with a gateway to the bank (host-to-host box, SFTP bridge)
 * that is spoken to like the generic connector: HTTPS, each way signed with
 * X-Sig, one file a name. A file is put under the instruction id, one payment
 * each, so that putting it again is the same file and the bank's own check of
 * message ids stands behind it.
 *
 *   PUT /v1/files/pain.001/<instruction id>.xml
 *   GET /v1/files/pain.002/<instruction id>.xml      what the bank says so far; 404: nothing
 *   GET /v1/files/camt.053/<account>/<date>.xml
 *
 * Nothing but the statement says that a payment was made.
 */
#include "daemon/base/civil_time.h"
#include "daemon/money/iso20022.h"
#include "handlers/payout/connector_call.h"
#include "handlers/payout/rail_report.h"
#include "handlers/payout/rail_request.h"
#include "handlers/payout/rail_statement.h"

#include <assert.h>

#define DAY_MS INT64_C(86400000)

/* --- settings --------------------------------------------------------------------------- */

/* "102191000011" is a number of the bank, "ICBKCNBJ" a BIC. */
static void party_of(struct span name, struct span bank, struct span account, struct iso20022_party *party)
{
	bool iban = account.len > 4 && account.at[0] >= 'A' && account.at[0] <= 'Z';

	*party = (struct iso20022_party){ .name = name };
	*(span_digits(bank) ? &party->clearing : &party->bic) = bank;
	*(iban ? &party->iban : &party->account) = account;
}

static void payer_of(const struct rail_config *config, struct iso20022_party *payer)
{
	party_of(span_of(config->payer_name), span_of(config->payer_bank), span_of(config->payer_account), payer);
}

/* Duplicates are conflicts: of the bank (AM05, DU01 ..) or of the gateway. */
static bool never_final(const char *code)
{
	return strcmp(code, "AM05") == 0 || strncmp(code, "DU", 2) == 0 || strcmp(code, "DUPL") == 0;
}

static bool iso20022_check(const struct rail_config *config, struct complaint *why)
{
	if (!rail_url_safe(config->url, "url", why) || !connector_keys_fit(config, why))
		return false;
	if (config->payer_name == NULL || config->payer_account == NULL || config->payer_bank == NULL)
		return complain(why, 0, "%s: missing; payer_name, payer_account and payer_bank say who pays",
				config->payer_name == NULL ? "payer_name"
				: config->payer_account == NULL ? "payer_account" : "payer_bank");
	for (size_t i = 0; i < config->nfinals; i++)
		if (never_final(config->finals[i].code))
			return complain(why, 0, "finals: %s is a conflict and never final; take it out", config->finals[i].code);
	return true;
}

static void iso20022_profile(const struct rail_config *config, struct rail_profile *out)
{
	*out = (struct rail_profile){
		.id_retention_ms = 5 * DAY_MS,   /* banks remember message ids for days, unless the configuration knows */
		.min_fen = 1,
		.max_fen = MONEY_MAX,
		.name_from_fen = 1,
		.anonymity = RAIL_REAL_NAME,
		.asks = true,
		.statements = config->account != NULL,
	};
	if (config->id_retention_ms > 0)
		out->id_retention_ms = config->id_retention_ms;
	rail_profile_configure(out, config);
}

/* --- requests ----------------------------------------------------------------------------- */

static void request(const struct rail_job *job, enum http_method method, const char *path, struct span body,
		    struct rail_request *out)
{
	connector_request(job, method, path, CONNECTOR_XML, body, out);
}

static const char *file_of(const struct rail_job *job, const char *message)
{
	return arena_printf(job->arena, "/v1/files/%s/%.*s.xml", message, (int)job->instruction->id.len,
			    job->instruction->id.at);
}

/* --- pain.001 -------------------------------------------------------------------------------- */

static bool payment_of(const struct rail_job *job, struct iso20022_payment *payment, struct complaint *why)
{
	const struct rail_instruction *in = job->instruction;
	struct rail_profile profile;
	struct span account = in->payee_account, bank;

	iso20022_profile(job->config, &profile);
	if (!rail_instruction_fits(in, &profile, why))
		return false;
	if (!span_cut(&account, '/', &bank) || span_empty(account))
		return complain(why, 0, "the payee's account is not BANK/ACCOUNT");
	if (in->started_ms <= 0)
		return complain(why, 0, "when the attempt began is not told");
	*payment = (struct iso20022_payment){ .id = in->id, .fen = in->fen, .remark = in->remark };
	party_of(in->payee_name, bank, account, &payment->payee);
	return true;
}

static bool file_write(const struct rail_job *job, struct span *file, struct complaint *why)
{
	struct iso20022_payment payment;
	struct iso20022_order order = {
		.version = job->config->version_03 ? ISO20022_PAIN_001_03 : ISO20022_PAIN_001_09,
		.id = job->instruction->id, .created_ms = job->instruction->started_ms,
		.initiator = span_of(job->config->payer_name), .payments = &payment, .n = 1,
	};
	struct buf text = { 0 };
	bool written;

	if (!payment_of(job, &payment, why))
		return false;
	payer_of(job->config, &order.payer);
	civil_write_date(order.created_ms, CIVIL_BEIJING_MINUTES, order.date);
	written = iso20022_write_order(&order, &text, why);
	*file = arena_dup(job->arena, buf_span(&text));
	buf_release(&text);
	return written;
}

static enum rail_made iso20022_instruct(const struct rail_job *job, struct rail_request *out,
					struct rail_report *report, struct complaint *why)
{
	struct span file;

	(void)report;
	if (!file_write(job, &file, why))
		return RAIL_CANNOT;
	request(job, HTTP_PUT, file_of(job, "pain.001"), file, out);
	return RAIL_SEND;
}

/* False: the report says why the answer is worth nothing. */
static bool verified(const struct rail_job *job, const struct rail_request *asked, const struct http_response *answer,
		     struct rail_report *report)
{
	if (connector_verify(job, asked, answer) == X_SIG_FINE)
		return true;
	rail_report_unknown(report, answer->status >= 200 && answer->status < 300 ? OUTCOME_UNREADABLE
										    : outcome_of_status(answer->status),
			    "BAD_SIGNATURE");
	return false;
}

/* That the gateway has the file. What it will not take is not known to be nothing: the file may have gone on before. */
static void iso20022_read_instruct(const struct rail_job *job, const struct rail_request *asked,
				   const struct http_response *answer, struct rail_report *report)
{
	*report = (struct rail_report){ .evidence = EVIDENCE_ANSWER };
	if (!verified(job, asked, answer, report))
		return;
	if (answer->status < 200 || answer->status > 299) {
		rail_report_unknown(report, outcome_of_status(answer->status), "NOT_TAKEN");
		return;
	}
	rail_word(job->instruction->id, report->instruction, sizeof(report->instruction));
	rail_report_state(report, job->config, RAIL_CALL_INSTRUCT, RAIL_ACCEPTED, false);
}

/* --- pain.002 ----------------------------------------------------------------------------------- */

static enum rail_made iso20022_query(const struct rail_job *job, struct rail_request *out, struct rail_report *report,
				     struct complaint *why)
{
	(void)report;
	(void)why;
	request(job, HTTP_GET, file_of(job, "pain.002"), (struct span){ 0 }, out);
	return RAIL_SEND;
}

/* Codes of the configuration take the place of those that come with the reader. */
static const char *const *final_codes(const struct rail_job *job)
{
	const char **codes;

	if (job->config->nfinals == 0)
		return NULL;
	codes = arena_array(job->arena, const char *, job->config->nfinals + 1);
	for (size_t i = 0; i < job->config->nfinals; i++)
		codes[i] = job->config->finals[i].code;
	return codes;
}

static void say(const struct rail_job *job, const struct iso20022_report *status, struct rail_report *report)
{
	struct iso20022_profile profile = { .silence_means_accepted = job->config->silence_means_accepted,
					    .final_codes = final_codes(job) };
	struct span reason, id = job->instruction->id;
	enum iso20022_outcome outcome = iso20022_outcome(status, id, id, job->instruction->fen, &profile, &reason);

	*report = (struct rail_report){ .fen = job->instruction->fen };
	rail_word(id, report->instruction, sizeof(report->instruction));
	rail_word(reason, report->code, sizeof(report->code));
	for (size_t i = 0; i < status->n; i++)
		if (span_eq(status->lines[i].id, id))
			rail_word(status->lines[i].reference, report->provider_ref, sizeof(report->provider_ref));
	rail_report_state(report, job->config, RAIL_CALL_QUERY,
			  outcome == ISO20022_FAILED      ? RAIL_FAILED
			  : outcome == ISO20022_UNDER_WAY ? RAIL_PROCESSING : RAIL_UNKNOWN, outcome == ISO20022_FAILED);
	/* No money on our own account is no fault of the payee. */
	if (outcome == ISO20022_FAILED && job->config->nfinals == 0 && span_is(reason, "AM04"))
		report->fault = RAIL_FAULT_OURS;
}

static void iso20022_read_query(const struct rail_job *job, const struct rail_request *asked,
				const struct http_response *answer, struct rail_report *report)
{
	struct iso20022_report status;
	struct complaint why;

	*report = (struct rail_report){ .evidence = EVIDENCE_ANSWER };
	if (!verified(job, asked, answer, report))
		return;
	if (answer->status != 200) {
		/* The bank has not said anything yet, which says nothing: 404 here is no "not found". */
		rail_report_unknown(report, answer->status == 404 ? OUTCOME_STATE : outcome_of_status(answer->status),
				    "NO_STATUS_YET");
		return;
	}
	if (!iso20022_read_report(answer->body, job->arena, &status, &why)) {
		rail_report_unknown(report, OUTCOME_UNREADABLE, "BAD_STATUS_FILE");
		return;
	}
	say(job, &status, report);
}

/* --- camt.053 --------------------------------------------------------------------------------------- */

static void iso20022_ask_statement(const struct rail_job *job, struct span date, struct rail_request *out)
{
	assert(job->config->account != NULL && date.len == STATEMENT_DATE_LEN);
	request(job, HTTP_GET,
		arena_printf(job->arena, "/v1/files/camt.053/%s/%.*s.xml", job->config->account, (int)date.len, date.at),
		(struct span){ 0 }, out);
}

static enum rail_read iso20022_read_statement_file(const struct rail_job *job, struct span date,
						   const struct rail_request *asked, const struct http_response *answer,
						   struct statement *out, struct rail_request *next,
						   struct complaint *why)
{
	(void)next;
	if (answer->status != 200)
		return RAIL_LATER;
	if (connector_verify(job, asked, answer) != X_SIG_FINE) {
		complain(why, 0, "the signature of the statement is not right");
		return RAIL_REFUSED;
	}
	return rail_statement_read(answer->body,
				   &(struct statement_wish){ .format = STATEMENT_CAMT053, .date = date,
							     .account = span_of(job->config->account) },
				   job->arena, out, why);
}

extern const struct rail rail_iso20022;
const struct rail rail_iso20022 = {
	.driver = "iso20022",
	.check = iso20022_check,
	.profile = iso20022_profile,
	.instruct = iso20022_instruct,
	.read_instruct = iso20022_read_instruct,
	.query = iso20022_query,
	.read_query = iso20022_read_query,
	.ask_statement = iso20022_ask_statement,
	.read_statement = iso20022_read_statement_file,
};
