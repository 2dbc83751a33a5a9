/*
 * What is said of a tip that was sent by form or API: the receipt, what is wrong
 * with it, or the form again with what was typed; see submission_inside.h.
 */
#include "daemon/base/json_out.h"
#include "handlers/intake/report.h"
#include "handlers/intake/retype.h"
#include "handlers/intake/submission_inside.h"

struct page_look submission_look(const struct submission *s)
{
	return visitor_look(s->app, http_exchange_request(s->exchange), s->input.lang, s->input.size);
}

void submission_drop_upload(struct submission *s)
{
	if (s->upload != NULL)
		upload_end(s->upload, false);
	s->upload = NULL;
}

void submission_wrong(struct submission *s, const struct problem *problem)
{
	struct page_look look;

	submission_drop_upload(s);
	if (!s->page) {
		answer_problem(s->exchange, problem);
		return;
	}
	if (problem->field != NULL) {
		report_answer_fault(s->app, s->exchange, &s->input, problem->field, problem->code, problem->status);
		return;
	}
	look = submission_look(s);
	visitor_error(s->app, s->exchange, &look, problem);
}

void submission_busy(struct submission *s, const struct limit_refusal *limit)
{
	submission_drop_upload(s);
	report_answer_busy(s->app, s->exchange, &s->input, limit);
}

static void answer_receipt_page(struct submission *s, const struct intake_result *result)
{
	struct page_look look = submission_look(s);

	retype_show(s->app, s->exchange, &look,
		    &(struct retype){ .code = &result->receipt,
				      .received_ms = s->request.tip.received_ms,
				      .promise = result->promise },
		    201);
}

static void answer_receipt_json(struct submission *s, const struct intake_result *result)
{
	struct buf body = { 0 };
	struct json_out json = json_out_to(&body);

	json_open(&json, '{');
	json_text(&json, "receipt", span_of(result->receipt.digits));
	json_text(&json, "id", span_of(result->id.text));
	if (result->promise.len > 0)
		json_raw(&json, "promise", result->promise);
	json_close(&json, '}');
	answer_json(s->exchange, 201, buf_span(&body));
	buf_release(&body);
}

static const struct {
	const char *fault;
	const char *detail;
} details[] = {
	{ "missing", "This field is needed." },
	{ "too_long", "This field is longer than may be sent." },
	{ "not_utf8", "This field is not UTF-8." },
	{ "not_six_digits", "A region is a code of six digits (GB/T 2260), or left out." },
	{ "no_such_region", "No region in force has this code. Leave it out if unsure." },
	{ "receipt_code_inside",
	  "The text holds a receipt code. Leave it out: whoever reads the tip could use it." },
};

static const char *detail_of(const char *fault)
{
	for (size_t i = 0; i < sizeof(details) / sizeof(details[0]); i++)
		if (strcmp(details[i].fault, fault) == 0)
			return details[i].detail;
	return "This field cannot be taken.";
}

void submission_invalid(struct submission *s, const struct intake_result *result)
{
	int status = strcmp(result->fault, "too_long") == 0 && strcmp(result->field, "text") == 0 ? 413 : 400;

	submission_drop_upload(s);
	if (s->page)
		report_answer_fault(s->app, s->exchange, &s->input, result->field, result->fault, status);
	else
		answer_problem(s->exchange, &(struct problem){ .status = status,
							       .code = result->fault,
							       .detail = detail_of(result->fault),
							       .field = result->field });
}

void submission_answer(struct submission *s, const struct intake_result *result)
{
	switch (result->verdict) {
	case INTAKE_ACCEPTED:
	case INTAKE_REPEATED:
		if (s->page)
			answer_receipt_page(s, result);
		else
			answer_receipt_json(s, result);
		return;
	case INTAKE_MISMATCH:
		submission_wrong(s, &(struct problem){
					.status = 422,
					.code = "key_reused",
					.detail = "This Idempotency-Key was used with other content. Use a new one." });
		return;
	case INTAKE_INVALID:
		submission_invalid(s, result);
		return;
	case INTAKE_BUSY:
		submission_wrong(s, &(struct problem){ .status = 503,
						       .code = "busy",
						       .detail = "The tip cannot be stored at the moment and was not "
								 "taken. Try again, or report in another way.",
						       .retry_after_s = result->retry_after_s });
		return;
	}
}
