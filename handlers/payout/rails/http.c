/*
 * The generic connector (docs/REWARDS.md, "Connector"): HTTPS and JSON, each
 * way signed with X-Sig. Whatever pays behind it - a bank's host-to-host
 * gateway, an airtime seller - is somebody else's program.
 *
 * What comes in is verified octet by octet before it is parsed; what cannot be
 * verified is worth nothing more than silence.
 */
#include "daemon/base/civil_time.h"
#include "daemon/base/json_out.h"
#include "daemon/base/utf8.h"
#include "handlers/payout/connector.h"
#include "handlers/payout/connector_call.h"
#include "handlers/payout/rail_report.h"
#include "handlers/payout/rail_request.h"

#define DAY_MS INT64_C(86400000)
#define REMARK_MAX 32   /* characters; the narrowest of the rails behind it */

/* --- settings ------------------------------------------------------------------------------ */

static bool is_method(const char *method)
{
	return method != NULL && (strcmp(method, "voucher") == 0 || strcmp(method, "wallet") == 0 ||
				  strcmp(method, "bank") == 0);
}

static bool http_check(const struct rail_config *config, struct complaint *why)
{
	if (!rail_url_safe(config->url, "url", why))
		return false;
	if (!is_method(config->method))
		return complain(why, 0, "method: voucher, wallet or bank is expected");
	if (!connector_keys_fit(config, why))
		return false;
	for (size_t i = 0; i < config->nfinals; i++)
		if (strcmp(config->finals[i].code, "DUPLICATE") == 0 || strcmp(config->finals[i].code, "ID_MISMATCH") == 0)
			return complain(why, 0, "finals: %s is a conflict and never final; take it out",
					config->finals[i].code);
	return connector_statements_fit(config, why);
}

static void http_profile(const struct rail_config *config, struct rail_profile *out)
{
	*out = (struct rail_profile){
		.id_retention_ms = DAY_MS,   /* the shortest that is usual, unless the configuration knows */
		.not_found_is_final = config->not_found_is_final,
		.min_fen = 1,
		.max_fen = MONEY_MAX,
		.anonymity = RAIL_REAL_NAME,
		.asks = true,
		.cancels = true,
		.hooks = true,
		.statements = config->account != NULL,
	};
	if (config->id_retention_ms > 0)
		out->id_retention_ms = config->id_retention_ms;
	rail_profile_configure(out, config);
}

/* --- what goes out --------------------------------------------------------------------------- */

/* Always the same members in the same order: a repetition is byte-identical. */
static struct span payout_body(const struct rail_job *job)
{
	const struct rail_instruction *in = job->instruction;
	char until[CIVIL_TEXT_MAX];
	struct buf body = { 0 };
	struct json_out j = json_out_to(&body);

	json_open(&j, '{');
	json_text(&j, "instruction_id", in->id);
	json_open_member(&j, "amount", '{');
	json_i64(&j, "minor", in->fen);
	json_text(&j, "currency", SPAN("CNY"));
	json_close(&j, '}');
	json_text(&j, "method", span_of(job->config->method));
	json_text(&j, "payee_ref", in->payee_ref);
	json_text(&j, "remark", in->remark);
	json_text(&j, "expires_at", civil_write(in->expires_ms, until));
	json_u64(&j, "attempt", in->attempt);
	json_u64(&j, "profile_version", in->profile_version);
	json_close(&j, '}');
	struct span kept = arena_dup(job->arena, buf_span(&body));

	buf_release(&body);
	return kept;
}

static bool payout_fits(const struct rail_job *job, struct complaint *why)
{
	const struct rail_instruction *in = job->instruction;
	struct rail_profile profile;

	http_profile(job->config, &profile);
	if (!rail_instruction_fits(in, &profile, why))
		return false;
	if (in->payee_ref.len == 0 || !utf8_valid(in->payee_ref))
		return complain(why, 0, "no payee is bound");
	if (!utf8_valid(in->remark) || utf8_count(in->remark) > REMARK_MAX)
		return complain(why, 0, "the remark is longer than %d characters, or not UTF-8", REMARK_MAX);
	return true;
}

static enum rail_made http_instruct(const struct rail_job *job, struct rail_request *out, struct rail_report *report,
				    struct complaint *why)
{
	(void)report;
	if (!payout_fits(job, why))
		return RAIL_CANNOT;
	connector_request(job, HTTP_POST, "/v1/payouts", CONNECTOR_JSON, payout_body(job), out);
	return RAIL_SEND;
}

static enum rail_made http_query(const struct rail_job *job, struct rail_request *out, struct rail_report *report,
				 struct complaint *why)
{
	const struct rail_instruction *in = job->instruction;

	(void)report;
	(void)why;
	connector_request(job, HTTP_GET, arena_printf(job->arena, "/v1/payouts/%.*s", (int)in->id.len, in->id.at),
			  CONNECTOR_JSON, (struct span){ 0 }, out);
	return RAIL_SEND;
}

static enum rail_made http_cancel(const struct rail_job *job, struct rail_request *out, struct rail_report *report,
				  struct complaint *why)
{
	const struct rail_instruction *in = job->instruction;

	(void)report;
	(void)why;
	connector_request(job, HTTP_POST, arena_printf(job->arena, "/v1/payouts/%.*s/cancel", (int)in->id.len, in->id.at),
			  CONNECTOR_JSON, (struct span){ 0 }, out);
	return RAIL_SEND;
}

/* --- what comes back --------------------------------------------------------------------------- */

static void keep_words(const struct connector_payout *payout, struct rail_report *report)
{
	*report = (struct rail_report){ .fen = payout->fen, .occurred_ms = payout->occurred_ms,
					.retention_until_ms = payout->retention_until_ms, .payee_action = payout->action };
	rail_word(payout->instruction, report->instruction, sizeof(report->instruction));
	rail_word(payout->provider_ref, report->provider_ref, sizeof(report->provider_ref));
	rail_word(payout->code, report->code, sizeof(report->code));
	rail_word(payout->event, report->event, sizeof(report->event));
}

/* What is wrong with an answer that should be about our instruction; NULL: nothing. */
static const char *wrong_with(const struct rail_instruction *in, const struct connector_payout *payout)
{
	/* That there is no such payout is said without its id: the signature holds the path of the query. */
	if (!span_eq(payout->instruction, in->id) && (payout->state != RAIL_NOT_FOUND || payout->instruction.len > 0))
		return "WRONG_ID";
	if (payout->has_amount && !payout->yuan)
		return "WRONG_CURRENCY";
	if (payout->has_amount ? payout->fen != in->fen : payout->state == RAIL_SUCCEEDED)
		return "WRONG_AMOUNT";
	return NULL;
}

static void read_refusal(const struct rail_job *job, int status, enum rail_call call,
			 const struct connector_payout *payout, struct rail_report *report)
{
	if (call == RAIL_CALL_QUERY && status == 404 && payout->state == RAIL_NOT_FOUND) {
		report->row = OUTCOME_NOT_FOUND;
		report->outcome = RAIL_NOT_FOUND;
		report->evidence = EVIDENCE_QUERY;
	} else if (status == 409 && span_is(payout->code, "DUPLICATE")) {
		rail_report_state(report, job->config, call, payout->state, payout->final);
		report->row = report->row == OUTCOME_STATE ? OUTCOME_DUPLICATE : report->row;
	} else if (status == 409 || (status == 422 && span_is(payout->code, "ID_MISMATCH"))) {
		rail_report_unknown(report, OUTCOME_MISMATCH, "ID_MISMATCH");
	} else if (payout->state == RAIL_FAILED && payout->final) {
		rail_report_refusal(report, job->config, call);
	} else {
		rail_report_unknown(report, OUTCOME_OTHER_4XX, "REFUSED");
	}
}

/* The answer was verified. `row` is what its status alone is worth. */
static void read_verified(const struct rail_job *job, const struct http_response *answer, enum rail_call call,
			  enum outcome_row row, struct rail_report *report)
{
	struct connector_payout payout;
	const char *wrong;

	if (!connector_payout_read(answer->body, job->arena, &payout)) {
		rail_report_unknown(report, row == OUTCOME_STATE ? OUTCOME_UNREADABLE : row, "BAD_BODY");
		return;
	}
	wrong = wrong_with(job->instruction, &payout);
	if (wrong != NULL) {
		rail_report_unknown(report, OUTCOME_UNREADABLE, wrong);
		return;
	}
	keep_words(&payout, report);
	if (row == OUTCOME_STATE)
		rail_report_state(report, job->config, call, payout.state, payout.final);
	else
		read_refusal(job, answer->status, call, &payout, report);
}

/* A gateway in between signs nothing: its 4xx is a 4xx. A signature that is there and wrong is something else. */
static void read_answer(const struct rail_job *job, const struct rail_request *asked,
			const struct http_response *answer, enum rail_call call, struct rail_report *report)
{
	enum outcome_row row = outcome_of_status(answer->status);
	enum x_sig_fault fault = connector_verify(job, asked, answer);

	if (row == OUTCOME_WEAK_STATUS)
		rail_report_unknown(report, row, "WEAK_STATUS");
	else if (fault == X_SIG_MISSING && row != OUTCOME_STATE)
		rail_report_unknown(report, OUTCOME_OTHER_4XX, "NOT_SIGNED");
	else if (fault != X_SIG_FINE)
		rail_report_unknown(report, OUTCOME_UNREADABLE, "BAD_SIGNATURE");
	else
		read_verified(job, answer, call, row, report);
}

static void http_read_instruct(const struct rail_job *job, const struct rail_request *asked,
			       const struct http_response *answer, struct rail_report *report)
{
	read_answer(job, asked, answer, RAIL_CALL_INSTRUCT, report);
}

static void http_read_query(const struct rail_job *job, const struct rail_request *asked,
			    const struct http_response *answer, struct rail_report *report)
{
	read_answer(job, asked, answer, RAIL_CALL_QUERY, report);
}

static void http_read_cancel(const struct rail_job *job, const struct rail_request *asked,
			     const struct http_response *answer, struct rail_report *report)
{
	read_answer(job, asked, answer, RAIL_CALL_CANCEL, report);
}

/* --- callbacks ------------------------------------------------------------------------------------ */

static bool http_verify_hook(const struct rail_config *config, const struct http_request *request, int64_t now_ms,
			     struct span *nonce)
{
	struct x_sig_parts parts = { .first = span_of(http_method_name(request->method)), .path = request->path,
				     .body = request->body };

	/* The path that we gave out has no query. */
	return request->query.len == 0 &&
	       x_sig_check(config->keys, RAIL_KEYS, http_field_find(request, "X-Sig"), &parts, now_ms, nonce) == X_SIG_FINE;
}

static bool http_read_hook(const struct rail_config *config, const struct http_request *request, struct arena *arena,
			   struct rail_report *report, struct complaint *why)
{
	struct connector_payout payout;

	if (!connector_payout_read(request->body, arena, &payout))
		return complain(why, 0, "the body is no event of a payout");
	keep_words(&payout, report);
	if (report->event[0] == '\0' || report->instruction[0] == '\0')
		return complain(why, 0, "event_id or instruction_id is missing or no plain word");
	if (payout.has_amount && !payout.yuan)
		return complain(why, 0, "the currency is not CNY");
	rail_report_state(report, config, RAIL_CALL_HOOK, payout.state, payout.final);
	return true;
}

static void http_answer_hook(bool taken, struct http_reply *reply)
{
	*reply = (struct http_reply){ .status = taken ? 204 : 503 };
}

/* --- profile ---------------------------------------------------------------------------------------- */

static enum rail_made http_ask_profile(const struct rail_job *job, struct rail_request *out, struct rail_report *report,
				       struct complaint *why)
{
	(void)report;
	(void)why;
	connector_request(job, HTTP_GET, "/v1/profile", CONNECTOR_JSON, (struct span){ 0 }, out);
	return RAIL_SEND;
}

/* What the connector says narrows what we verified; it widens nothing. */
static enum rail_read http_read_profile(const struct rail_job *job, const struct rail_request *asked,
					const struct http_response *answer, struct rail_profile *out,
					struct complaint *why)
{
	struct rail_profile theirs;

	if (answer->status != 200)
		return RAIL_LATER;
	if (connector_verify(job, asked, answer) != X_SIG_FINE) {
		complain(why, 0, "the signature of the profile is not right");
		return RAIL_REFUSED;
	}
	if (!connector_profile_read(answer->body, job->arena, &theirs, why))
		return RAIL_REFUSED;
	http_profile(job->config, out);
	rail_profile_narrow(out, &theirs);
	return RAIL_WHOLE;
}

extern const struct rail rail_http;
const struct rail rail_http = {
	.driver = "http",
	.check = http_check,
	.profile = http_profile,
	.instruct = http_instruct,
	.read_instruct = http_read_instruct,
	.query = http_query,
	.read_query = http_read_query,
	.cancel = http_cancel,
	.read_cancel = http_read_cancel,
	.verify_hook = http_verify_hook,
	.read_hook = http_read_hook,
	.answer_hook = http_answer_hook,
	.ask_profile = http_ask_profile,
	.read_profile = http_read_profile,
	.ask_statement = connector_ask_statement,
	.read_statement = connector_read_statement,
};
