/*
 * One tip sent by web form or API: body in, tip to intake, answer out.
 *
 * Three encodings come in (urlencoded, multipart, JSON), two forms of answer
 * go out (page, JSON); between them there is one tip.
 */
#include "daemon/base/json_out.h"
#include "daemon/base/hex.h"
#include "daemon/base/utf8.h"
#include "daemon/http/multipart.h"
#include "daemon/loop/loop.h"
#include "daemon/core/judge.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/config.h"
#include "daemon/sys/random.h"
#include "handlers/intake/form_proof.h"
#include "handlers/intake/intake.h"
#include "handlers/intake/tip_input.h"
#include "handlers/intake/upload.h"
#include "handlers/intake/visitor.h"
#include "handlers/intake/web.h"

#define KEY_MAX 255
#define SMALL_FIELDS_BYTES 8192

struct submission {
	struct app *app;
	struct http_exchange *exchange;
	bool page;                  /* answer with a page */
	struct tip_input input;
	struct upload *upload;      /* multipart only */
	struct intake_request request;
};

/* --- answers --------------------------------------------------------------------------------- */

static struct page_look look_of(const struct submission *s)
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
	struct page_look look = look_of(s);
	struct page_form view = typed_form(s);

	for (enum page_field i = 0; i < PAGE_FIELDS; i++)
		if (strcmp(page_field_name(i), field) == 0)
			view.faults[i] = fault_of(fault);
	form_proof_ask(s->app, s->exchange, &s->input, &view);
	answer_form(s->app, s->exchange, &look, &view, status, NULL);
}

/* What came of an upload is not kept; before the answer, which ends the memory it lives in. */
static void drop_upload(struct submission *s)
{
	if (s->upload != NULL)
		upload_end(s->upload, false);
	s->upload = NULL;
}

static void answer_wrong(struct submission *s, const struct problem *problem)
{
	struct page_look look;

	drop_upload(s);
	if (!s->page) {
		answer_problem(s->exchange, problem);
		return;
	}
	if (problem->field != NULL) {
		answer_faults(s, problem->field, problem->code, problem->status);
		return;
	}
	look = look_of(s);
	visitor_error(s->app, s->exchange, &look, problem);
}

/* The form again, with what was typed, and for how long to wait. */
static void answer_busy(struct submission *s, const struct limit_refusal *limit)
{
	struct page_look look = look_of(s);
	struct page_form view = typed_form(s);

	drop_upload(s);
	view.busy = true;
	form_proof_ask(s->app, s->exchange, &s->input, &view);
	if (limit->kind == LIMIT_PROOFS)
		view.proof_wait_s = limit->wait_s;
	answer_form(s->app, s->exchange, &look, &view, 429, limit);
}

static void answer_receipt_page(struct submission *s, const struct intake_result *result)
{
	struct page_look look = look_of(s);
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

static void answer_invalid(struct submission *s, const struct intake_result *result)
{
	int status = strcmp(result->fault, "too_long") == 0 && strcmp(result->field, "text") == 0 ? 413 : 400;

	drop_upload(s);
	if (s->page)
		answer_faults(s, result->field, result->fault, status);
	else
		answer_problem(s->exchange, &(struct problem){ .status = status,
							       .code = result->fault,
							       .detail = detail_of(result->fault),
							       .field = result->field });
}

static void finished(void *ctx, const struct intake_result *result)
{
	struct submission *s = ctx;

	if (s->upload != NULL && (result->verdict == INTAKE_ACCEPTED || result->maybe)) {
		upload_end(s->upload, true);
		s->upload = NULL;
	}
	drop_upload(s);
	switch (result->verdict) {
	case INTAKE_ACCEPTED:
	case INTAKE_REPEATED:
		if (s->page)
			answer_receipt_page(s, result);
		else
			answer_receipt_json(s, result);
		return;
	case INTAKE_MISMATCH:
		answer_wrong(s, &(struct problem){
					.status = 422,
					.code = "key_reused",
					.detail = "This Idempotency-Key was used with other content. Use a new one." });
		return;
	case INTAKE_INVALID:
		answer_invalid(s, result);
		return;
	case INTAKE_BUSY:
		answer_wrong(s, &(struct problem){ .status = 503,
						   .code = "busy",
						   .detail = "The tip cannot be stored at the moment and was not "
							     "taken. Try again, or report in another way.",
						   .retry_after_s = result->retry_after_s });
		return;
	}
}

/* --- the request's name ---------------------------------------------------------------------------- */

static bool key_fine(struct span key)
{
	for (size_t i = 0; i < key.len; i++)
		if (key.at[i] < 0x21 || key.at[i] > 0x7e)
			return false;
	return key.len > 0 && key.len <= KEY_MAX;
}

/* "api:<Idempotency-Key>" or "form:<nonce>"; false when there is a key that is none. */
static bool name_request(struct submission *s)
{
	struct arena *arena = http_exchange_arena(s->exchange);
	struct span key = http_field_find(http_exchange_request(s->exchange), "Idempotency-Key");
	const char *kind = "api";

	if (key.at == NULL && s->input.nonce.len > 0) {
		key = s->input.nonce;
		kind = "form";
	}
	if (key.at == NULL)
		return true;
	if (!key_fine(key)) {
		answer_wrong(s, &(struct problem){ .status = 400,
						   .code = "key_invalid",
						   .detail = "A key has 1 to 255 printable ASCII characters.",
						   .field = kind[0] == 'a' ? "Idempotency-Key" : "nonce" });
		return false;
	}
	s->request.request_id = span_of(arena_printf(arena, "%s:%.*s", kind, (int)key.len, key.at));
	return true;
}

/* --- bodies in -------------------------------------------------------------------------------------- */

static struct span media_type(const struct http_request *request)
{
	struct span rest = http_field_find(request, "Content-Type");
	struct span type = { 0 };

	span_cut(&rest, ';', &type);
	return span_trim(type);
}

static bool is_type(const struct http_request *request, const char *type)
{
	return span_eq_nocase(media_type(request), span_of(type));
}

/* What a piece of a multipart body does that cannot be taken: the answer goes out at once. */
static bool take_piece(void *ctx, struct span piece)
{
	struct submission *s = ctx;
	const struct problem *problem;

	if (upload_feed(s->upload, piece))
		return true;
	problem = upload_problem(s->upload);
	s->input = *upload_input(s->upload);
	answer_wrong(s, problem);
	return false;
}

static void body_broken(void *ctx)
{
	drop_upload(ctx);
}

static void plan_upload(struct submission *s, struct span boundary, struct http_body_plan *plan)
{
	const struct config *config = s->app->config;
	struct upload_limits limits = {
		.files = config->limits.files,
		.file_bytes = config->limits.file_bytes,
		.field_bytes = config->limits.text_bytes + SMALL_FIELDS_BYTES,
	};

	s->upload = upload_new(s->app->files_dir, boundary, &limits, s->app->file_types,
			       http_exchange_arena(s->exchange));
	plan->max_bytes = config->limits.upload_bytes;
	plan->data = take_piece;
	plan->broken = body_broken;
	plan->ctx = s;
}

/* While too many come, files are taken only behind the proof that one is none of them. */
static bool proof_came(void *ctx, const struct tip_input *input)
{
	const struct submission *s = ctx;

	return form_proof_brought(s->app, s->exchange, input);
}

void submission_head(const struct call *args, struct http_exchange *exchange, struct http_body_plan *plan)
{
	const struct http_request *request = http_exchange_request(exchange);
	struct submission *s = arena_new(http_exchange_arena(exchange), struct submission);
	struct span boundary;

	s->app = args->app;
	s->exchange = exchange;
	s->page = !span_starts(request->path, SPAN("/api/")) && !visitor_wants_json(request);
	*args->own = s;
	if (args->refused != NULL && !s->page) {
		struct problem problem = limited_problem(args->refused, "too_many_tips");

		answer_wrong(s, &problem);
		return;
	}
	if (multipart_boundary(http_field_find(request, "Content-Type"), &boundary))
		plan_upload(s, boundary, plan);
	else
		plan->max_bytes = args->app->config->limits.body_bytes;
	if (args->refused != NULL && s->upload != NULL)
		upload_hold(s->upload, proof_came, s);
}

/* The collected or streamed body as fields; false when a problem was answered. */
static bool read_fields(struct submission *s)
{
	const struct http_request *request = http_exchange_request(s->exchange);
	struct arena *arena = http_exchange_arena(s->exchange);
	struct problem problem = { .status = 415,
				   .code = "media_type_unknown",
				   .detail = "Send application/json, application/x-www-form-urlencoded or "
					     "multipart/form-data." };
	bool fine = false;

	if (s->upload != NULL) {
		fine = upload_finish(s->upload) && upload_keep(s->upload);
		problem = *upload_problem(s->upload);
		s->input = *upload_input(s->upload);
	} else if (is_type(request, "application/json")) {
		fine = tip_input_json(&s->input, request->body, arena, &problem);
	} else if (is_type(request, "application/x-www-form-urlencoded")) {
		fine = tip_input_form(&s->input, request->body, arena, &problem);
	}
	if (!fine)
		answer_wrong(s, &problem);
	return fine;
}

static bool region_known(struct submission *s)
{
	struct span region = span_trim(s->input.region);

	/* Shells and abolished codes count by their ancestor; a province that never was is a slip. */
	if (region.len != 6 || !span_digits(region) ||
	    gazetteer_find(judge_gazetteer(s->app->judge), region) != NULL ||
	    gazetteer_resolve(judge_gazetteer(s->app->judge), region)->level != REGION_NATION)
		return true;
	answer_invalid(s, &(struct intake_result){ .field = "region", .fault = "no_such_region" });
	return false;
}

static void put_files(struct submission *s)
{
	const struct tip_file *files;

	if (s->upload == NULL)
		return;
	files = upload_files(s->upload, &s->request.nfiles);
	memcpy(s->request.files, files, sizeof(s->request.files));
	s->request.tip_key = upload_key(s->upload);
}

/* A form that a limit refused is taken all the same with work or a wait behind it. */
static bool may_come(struct submission *s, const struct limit_refusal *refused)
{
	struct limit_refusal limit;

	if (refused == NULL)
		return true;
	limit = *refused;
	if (s->upload != NULL && upload_held(s->upload))
		limit.wait_s = s->app->config->limits.proof_wait_s;
	else if (form_proof_take(s->app, s->exchange, &s->input, s->request.request_id, &limit))
		return true;
	answer_busy(s, &limit);
	return false;
}

void submission_run(const struct call *args, struct http_exchange *exchange)
{
	struct submission *s = *args->own;

	(void)exchange;
	if (!read_fields(s) || !region_known(s) || !name_request(s) || !may_come(s, args->refused))
		return;
	s->request.tip = tip_input_tip(&s->input, s->page ? TIP_BY_WEB : TIP_BY_API, clock_wall_ms());
	if (s->request.tip.lang.len == 0)
		s->request.tip.lang = span_of(look_of(s).lang->tag);
	put_files(s);
	intake_submit(args->app->intake, &s->request, finished, s);
}
