/*
 * What is sent with a receipt code: form, JSON, or multipart with files.
 *
 * Files come before the code was looked at, and may come before it was sent at
 * all: each upload is sealed under a fresh key of its own, so nothing of a tip is
 * needed to take them, and what leads nowhere is removed with the answer. A code
 * that came first and is none keeps files from being written at all.
 */
#include "daemon/base/json_in.h"
#include "daemon/base/table.h"
#include "daemon/http/form.h"
#include "daemon/http/multipart.h"
#include "daemon/sys/config.h"
#include "handlers/intake/receipt_inside.h"
#include "handlers/intake/web.h"

#define SMALL_FIELDS_BYTES 8192

static struct span *field_of(void *ctx, struct span name)
{
	struct receipt_sent *sent = ctx;
	const struct {
		const char *name;
		struct span *field;
	} fields[] = {
		{ "code", &sent->code }, { "receipt", &sent->receipt }, { "text", &sent->text },
		{ "lang", &sent->lang }, { "size", &sent->size },	{ "reopen", &sent->reopen },
	};

	for (size_t i = 0; i < COUNT_OF(fields); i++)
		if (span_is(name, fields[i].name))
			return fields[i].field;
	return NULL;
}

struct span receipt_sent_code(const struct receipt_sent *sent)
{
	bool api = span_starts(http_exchange_request(sent->exchange)->path, SPAN("/api/"));
	struct span first = api ? sent->receipt : sent->code;

	if (first.at != NULL)
		return first;
	return api ? sent->code : sent->receipt;
}

/* --- multipart ------------------------------------------------------------------------------------------- */

static void drop(struct receipt_sent *sent)
{
	if (sent->upload != NULL)
		upload_end(sent->upload, false);
	sent->upload = NULL;
}

/* A page that has the words still tells what is wrong beside them; then true, and what follows is passed over. */
static bool refuse(struct receipt_sent *sent)
{
	struct problem problem = *upload_problem(sent->upload);
	struct page_look look;

	drop(sent);
	if (sent->page && problem.field != NULL && problem.status < 500) {
		sent->problem = problem;
		return true;
	}
	look = visitor_look(sent->app, http_exchange_request(sent->exchange), sent->lang, sent->size);
	if (sent->page)
		visitor_error(sent->app, sent->exchange, &look, &problem);
	else
		answer_problem(sent->exchange, &problem);
	return false;
}

static bool take_piece(void *ctx, struct span piece)
{
	struct receipt_sent *sent = ctx;

	return sent->upload == NULL || upload_feed(sent->upload, piece) || refuse(sent);
}

static void body_broken(void *ctx)
{
	drop(ctx);
}

/* A code that is not there yet may still come. */
static bool may_come(void *ctx, const struct tip_input *input)
{
	struct span typed = receipt_sent_code(ctx);
	struct receipt_code code;

	(void)input;
	return typed.at == NULL || receipt_parse(typed, &code) == RECEIPT_FINE;
}

static void plan_upload(struct receipt_sent *sent, struct span boundary, struct http_body_plan *plan)
{
	const struct config *config = sent->app->config;
	struct upload_limits limits = {
		.files = config->limits.files,
		.file_bytes = config->limits.file_bytes,
		.field_bytes = config->limits.text_bytes + SMALL_FIELDS_BYTES,
	};

	sent->upload = upload_new(sent->app->files_dir, boundary, &limits, sent->app->file_types,
				  http_exchange_arena(sent->exchange));
	upload_fields(sent->upload, field_of, sent);
	upload_hold(sent->upload, may_come, sent);
	plan->max_bytes = config->limits.upload_bytes;
	plan->data = take_piece;
	plan->broken = body_broken;
	plan->ctx = sent;
}

struct receipt_sent *receipt_sent_new(struct app *app, struct http_exchange *exchange)
{
	const struct http_request *request = http_exchange_request(exchange);
	struct receipt_sent *sent = arena_new(http_exchange_arena(exchange), struct receipt_sent);

	sent->app = app;
	sent->exchange = exchange;
	sent->page = !span_starts(request->path, SPAN("/api/")) && !visitor_wants_json(request);
	return sent;
}

/* One try too many: nothing of files is read. */
static void refuse_often(const struct receipt_sent *sent, const struct limit_refusal *refusal)
{
	struct receipt_flow r = { .app = sent->app, .exchange = sent->exchange, .page = sent->page, .refusal = *refusal };

	r.look = visitor_look(sent->app, http_exchange_request(sent->exchange), (struct span){ 0 }, (struct span){ 0 });
	receipt_answer_slip(&r, PAGE_ASK_OFTEN);
}

void receipt_head(const struct call *args, struct http_exchange *exchange, struct http_body_plan *plan)
{
	struct receipt_sent *sent = receipt_sent_new(args->app, exchange);
	struct span boundary;

	*args->own = sent;
	plan->max_bytes = args->app->config->limits.body_bytes;
	if (!multipart_boundary(http_field_find(http_exchange_request(exchange), "Content-Type"), &boundary))
		return;
	if (args->refused != NULL)
		refuse_often(sent, args->refused);
	else
		plan_upload(sent, boundary, plan);
}

/* --- small bodies ------------------------------------------------------------------------------------------ */

static void read_form(struct receipt_sent *sent, struct span body)
{
	static const struct form_limits limits = { .pairs = 16, .name_bytes = 64, .value_bytes = 1 << 20 };
	struct complaint complaint;
	struct form form;

	if (!form_decode(body, &limits, http_exchange_arena(sent->exchange), &form, &complaint))
		return;
	sent->code = form_find(&form, "code");
	sent->receipt = form_find(&form, "receipt");
	sent->text = form_find(&form, "text");
	sent->lang = form_find(&form, "lang");
	sent->size = form_find(&form, "size");
	sent->reopen = form_find(&form, "reopen");
}

static void read_json(struct receipt_sent *sent, struct span body)
{
	struct arena *arena = http_exchange_arena(sent->exchange);
	struct json_object *object = arena_new(arena, struct json_object);
	const struct json_member *again;

	if (!json_object_read(body, arena, object, NULL))
		return;
	sent->code = json_member_text(object, "code");
	sent->receipt = json_member_text(object, "receipt");
	sent->text = json_member_text(object, "text");
	sent->lang = json_member_text(object, "lang");
	again = json_member_find(object, "reopen");
	if (again != NULL && again->kind == JSON_TRUE)
		sent->reopen = SPAN("yes");
}

bool receipt_sent_read(struct receipt_sent *sent)
{
	const struct http_request *request = http_exchange_request(sent->exchange);

	if (sent->upload != NULL)
		return upload_finish(sent->upload) || refuse(sent);
	if (sent->problem.status != 0)
		return true;
	if (span_starts(request->path, SPAN("/api/")))
		read_json(sent, request->body);
	else
		read_form(sent, request->body);
	return true;
}
