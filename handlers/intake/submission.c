/*
 * One tip sent by web form or API: body in, tip to intake.
 *
 * Three encodings come in (urlencoded, multipart, JSON), two forms of answer
 * go out (page, JSON: submission_answer.c); between them there is one tip.
 */
#include "daemon/core/judge.h"
#include "daemon/http/multipart.h"
#include "daemon/loop/loop.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/config.h"
#include "handlers/intake/form_proof.h"
#include "handlers/intake/report.h"
#include "handlers/intake/submission_inside.h"

#define KEY_MAX 255
#define SMALL_FIELDS_BYTES 8192

static void finished(void *ctx, const struct intake_result *result)
{
	struct submission *s = ctx;

	if (s->upload != NULL && (result->verdict == INTAKE_ACCEPTED || result->maybe)) {
		upload_end(s->upload, true);
		s->upload = NULL;
	}
	submission_drop_upload(s);
	submission_answer(s, result);
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
		submission_wrong(s, &(struct problem){ .status = 400,
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
	submission_wrong(s, problem);
	return false;
}

static void body_broken(void *ctx)
{
	submission_drop_upload(ctx);
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

		submission_wrong(s, &problem);
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
		submission_wrong(s, &problem);
	return fine;
}

static bool region_known(struct submission *s)
{
	if (report_region_known(s->app, s->input.region))
		return true;
	submission_invalid(s, &(struct intake_result){ .field = "region", .fault = "no_such_region" });
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
	submission_busy(s, &limit);
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
		s->request.tip.lang = span_of(submission_look(s).lang->tag);
	put_files(s);
	intake_submit(args->app->intake, &s->request, finished, s);
}
