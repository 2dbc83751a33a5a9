/*
 * What is said of a tip that was sent by form or API: the receipt, what is wrong
 * with it, or the form again with what was typed; see submission_inside.h.
 */
#include "daemon/base/hex.h"
#include "daemon/base/json_out.h"
#include "daemon/base/utf8.h"
#include "daemon/core/judge.h"
#include "daemon/sys/random.h"
#include "handlers/intake/form_proof.h"
#include "handlers/intake/submission_inside.h"

struct page_look submission_look(const struct submission *s)
{
	return visitor_look(s->app, http_exchange_request(s->exchange), s->input.lang, s->input.size);
}

static enum page_fault fault_of(const char *fault)
{
	static const struct {
		const char *name;
		enum page_fault fault;
	} names[] = {
		{ "missing", PAGE_ABSENT },
		{ "too_long", PAGE_TOO_LONG },
		{ "not_utf8", PAGE_UNREADABLE },
		{ "not_six_digits", PAGE_UNKNOWN },
		{ "no_such_region", PAGE_UNKNOWN },
		{ "receipt_code_inside", PAGE_HOLDS_CODE },
		{ "file_too_large", PAGE_TOO_LONG },
		{ "too_many_files", PAGE_TOO_MANY },
		{ "file_type_refused", PAGE_UNREADABLE },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i].name, fault) == 0)
			return names[i].fault;
	return PAGE_UNREADABLE;
}

static struct span fresh_nonce(struct arena *arena)
{
	unsigned char random[16];

	random_bytes(random, sizeof(random));
	return span_of(hex_text(arena, random, sizeof(random)));
}

/* First-level regions in the page's language, for the form's choice. */
static const struct page_region *regions_of(const struct app *app, const struct page_look *look,
					    struct arena *arena, size_t *n)
{
	const struct gazetteer *gazetteer = judge_gazetteer(app->judge);
	struct page_region *regions = arena_array(arena, struct page_region, 64);
	bool zh = strncmp(look->lang->tag, "zh", 2) == 0;

	*n = 0;
	for (uint32_t i = 0; i < gazetteer_count(gazetteer) && *n < 64; i++) {
		const struct region *region = gazetteer_at(gazetteer, i);

		if (region->level != REGION_PROVINCE)
			continue;
		regions[*n].code = span_of(region->code);
		regions[(*n)++].name = zh || region->en_bytes == 0 ? region->name : region_name_en(region);
	}
	return regions;
}

static void answer_form(const struct app *app, struct http_exchange *exchange, const struct page_look *look,
			struct page_form *view, int status, const struct limit_refusal *limit)
{
	const char *csp = view->challenge.len > 0 && view->proof_script ? PAGES_CSP_PROOF : PAGES_CSP;
	struct buf html = { 0 };

	view->regions = regions_of(app, look, http_exchange_arena(exchange), &view->nregions);
	page_form(app->pages, look, view, &html);
	if (limit != NULL)
		answer_page_limited(exchange, status, buf_span(&html), csp, limit);
	else
		answer_page(exchange, status, buf_span(&html), csp, 0);
	buf_release(&html);
}

void web_form(const struct call *args, struct http_exchange *exchange)
{
	struct page_look look = visitor_look(args->app, http_exchange_request(exchange), (struct span){ 0 },
					     (struct span){ 0 });
	struct page_form view = { .nonce = fresh_nonce(http_exchange_arena(exchange)) };

	form_proof_ask(args->app, exchange, NULL, &view);
	answer_form(args->app, exchange, &look, &view, 200, NULL);
}

/* What was typed, as far as a page can show it. */
static struct span shown(struct span typed)
{
	return utf8_valid(typed) ? typed : (struct span){ 0 };
}

static struct page_form typed_form(struct submission *s)
{
	const struct tip_input *in = &s->input;

	return (struct page_form){
		.nonce = shown(in->nonce).len > 0 ? in->nonce : fresh_nonce(http_exchange_arena(s->exchange)),
		.values = { [PAGE_FIELD_TEXT] = shown(in->text),
			    [PAGE_FIELD_PLACE] = shown(in->place),
			    [PAGE_FIELD_REGION] = shown(in->region),
			    [PAGE_FIELD_WHEN] = shown(in->when),
			    [PAGE_FIELD_CATEGORY] = shown(in->category),
			    [PAGE_FIELD_CONTACT] = shown(in->contact) },
	};
}

/* The form again, with what was typed and what is wrong with it. */
static void answer_faults(struct submission *s, const char *field, const char *fault, int status)
{
	struct page_look look = submission_look(s);
	struct page_form view = typed_form(s);

	for (enum page_field i = 0; i < PAGE_FIELDS; i++)
		if (strcmp(page_field_name(i), field) == 0)
			view.faults[i] = fault_of(fault);
	form_proof_ask(s->app, s->exchange, &s->input, &view);
	answer_form(s->app, s->exchange, &look, &view, status, NULL);
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
		answer_faults(s, problem->field, problem->code, problem->status);
		return;
	}
	look = submission_look(s);
	visitor_error(s->app, s->exchange, &look, problem);
}

void submission_busy(struct submission *s, const struct limit_refusal *limit)
{
	struct page_look look = submission_look(s);
	struct page_form view = typed_form(s);

	submission_drop_upload(s);
	view.busy = true;
	form_proof_ask(s->app, s->exchange, &s->input, &view);
	if (limit->kind == LIMIT_PROOFS)
		view.proof_wait_s = limit->wait_s;
	answer_form(s->app, s->exchange, &look, &view, 429, limit);
}

static void answer_receipt_page(struct submission *s, const struct intake_result *result)
{
	struct page_look look = submission_look(s);
	char code[30];
	struct buf html = { 0 };

	receipt_show(&result->receipt, code);
	page_receipt(s->app->pages, &look,
		     &(struct page_receipt){ .code = span_of(code),
					     .reference = span_of(result->id.text),
					     .received_ms = s->request.tip.received_ms,
					     .promise = result->promise },
		     &html);
	answer_page(s->exchange, 201, buf_span(&html), PAGES_CSP, 0);
	buf_release(&html);
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
		answer_faults(s, result->field, result->fault, status);
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
