/*
 * An attachment for the officer who works on the tip, and the desk's own files.
 *
 * Files are numbered through, those of the report and those that came with
 * messages (core/tip/all_files.h). Asked for by its number a file is its clean copy, or refused where there is
 * none; the original has a path, and so a rule and an event in the trail, of
 * its own. Whatever it is, it is saved and never shown.
 */
#include "daemon/base/table.h"
#include "daemon/core/files/file_kind.h"
#include "daemon/core/files/file_name.h"
#include "daemon/loop/loop.h"
#include "daemon/store/wait.h"
#include "daemon/sys/log.h"
#include "handlers/answer.h"
#include "handlers/bureau/bureau.h"
#include "handlers/bureau/dossier.h"
#include "handlers/bureau/rights.h"
#include "handlers/intake/sealed_file.h"
#include "handlers/log/public_answer.h"
#include "handlers/web/pages.h"

enum file_step {
	STEP_READ,
	STEP_KEYS,
	STEP_SEND,
};

struct file_flow {
	struct app *app;
	struct staff staff;
	struct http_exchange *exchange;
	struct tip_id id;
	uint64_t number;         /* from 1 */
	bool original;           /* as it was sent; else the clean copy */
	struct store_reply read;
	struct dossier_keys keys;
};

static enum flow_next refuse(struct file_flow *f, int status, const char *code, const char *detail)
{
	answer_problem(f->exchange, &(struct problem){ .status = status, .code = code, .detail = detail });
	f->exchange = NULL;
	return FLOW_DONE;
}

static enum flow_next step_read(struct flow *flow)
{
	struct file_flow *f = flow_state(flow);

	return store_wait_flow(flow, f->app->store, &(struct store_request){ .op = STORE_READ, .id = f->id }, &f->read);
}

static enum flow_next step_keys(struct flow *flow)
{
	struct file_flow *f = flow_state(flow);

	if (f->read.outcome != STORE_DONE)
		return FLOW_FAIL;
	if (f->read.verdict == STORE_ABSENT || f->read.nrows == 0 ||
	    !rights_see(&f->staff, &f->read.rows[0]))
		return refuse(f, 404, "no_such_tip", "There is no such tip in your region.");
	if (dossier_keys_missing(f->app, &f->staff, tip_id_shard(&f->id), f->read.rows, 1, &f->keys))
		return dossier_keys_fetch(f->app, flow, &f->keys);
	return FLOW_NEXT;
}

static bool open_file(const struct file_flow *f, const struct all_files_one *one, struct buf *clear)
{
	const struct tip_file *file = &one->file;
	const char *dir = f->app->files_dir;

	if (f->original)
		return sealed_file_read(dir, file->stored, one->sealed_as, &one->key, file->bytes, 0, clear);
	return sealed_file_read(dir, file->clean, one->sealed_as + SEALED_FILE_CLEAN, &one->key, file->clean_bytes,
				file->clean_lead, clear);
}

/* An original is named as it was sent; a copy only after its tip, for a name can tell of its sender, too. */
static void put_name(const struct file_flow *f, const struct tip_file *file, const char *ending, struct buf *out)
{
	struct buf name = { 0 };

	if (f->original)
		buf_add_span(&name, file->name);
	else
		buf_printf(&name, "%s-%llu", f->id.text, (unsigned long long)f->number);
	file_name_disposition(buf_span(&name), ending, out);
	buf_release(&name);
}

/* A sandbox keeps a hostile file from acting in the desk, should a browser show it all the same. */
static void send_file(struct file_flow *f, const struct tip_file *file, struct span body)
{
	const struct file_kind *kind = file_kind_of(file->type);
	struct http_reply reply = { .status = 200, .type = kind->type, .body = body };
	struct buf disposition = { 0 };

	put_name(f, file, kind->ending, &disposition);
	http_reply_field(&reply, "Cache-Control", SPAN("no-store"));
	http_reply_field(&reply, "X-Content-Type-Options", SPAN("nosniff"));
	http_reply_field(&reply, "Content-Security-Policy", SPAN("sandbox; default-src 'none'"));
	http_reply_field(&reply, "Cross-Origin-Resource-Policy", SPAN("same-origin"));
	http_reply_field(&reply, "Accept-Ranges", SPAN("none"));
	http_reply_field(&reply, "Content-Disposition", buf_span(&disposition));
	http_exchange_reply(f->exchange, &reply);
	f->exchange = NULL;
	buf_release(&disposition);
}

static enum flow_next send_opened(struct file_flow *f, const struct all_files_one *one)
{
	struct buf clear = { 0 };

	if (!open_file(f, one, &clear)) {
		buf_release(&clear);
		log_event(LOG_LEVEL_ERROR, "file.unreadable", "id", f->id.text, "number", log_u64(f->number), NULL);
		return refuse(f, 500, "file_unreadable", "The file is missing or was changed on disk.");
	}
	log_event(LOG_LEVEL_INFO, "file.read", "id", f->id.text, "number", log_u64(f->number), "copy",
		  f->original ? "original" : "clean", "by", f->staff.person, NULL);
	send_file(f, &one->file, buf_span(&clear));
	buf_release(&clear);
	return FLOW_DONE;
}

static enum flow_next step_send(struct flow *flow)
{
	struct file_flow *f = flow_state(flow);
	struct all_files_one one;
	struct all_files files;
	struct dossier dossier;
	struct problem problem;

	if (f->keys.n > 0)
		dossier_keys_open(f->app, &f->staff, &f->keys);
	dossier_open(f->app, &f->staff, &f->read.rows[0], flow_arena(flow), &dossier);
	if (dossier_unreadable(&dossier, flow_arena(flow), &problem)) {
		answer_problem(f->exchange, &problem);
		f->exchange = NULL;
		return FLOW_DONE;
	}
	files = dossier_files(&dossier);
	if (!dossier.readable || !all_files_find(&files, f->number, flow_arena(flow), &one))
		return refuse(f, 404, "no_such_file", "The tip has no such file, or this process has no key for it.");
	if (!f->original && one.file.clean.len == 0)
		return refuse(f, 409, "no_clean_copy",
			      "There is no copy of this file without what its maker wrote into it. The original stands "
			      "under /original; it may tell where and by whom it was made.");
	return send_opened(f, &one);
}

static void end(struct flow *flow, bool well)
{
	struct file_flow *f = flow_state(flow);

	(void)well;
	if (f->exchange != NULL)
		answer_unavailable(f->exchange);
}

static const struct flow_step file_steps[] = {
	[STEP_READ] = { .name = "read", .run = step_read },
	[STEP_KEYS] = { .name = "keys", .run = step_keys },
	[STEP_SEND] = { .name = "send", .run = step_send },
};

static const struct flow_kind file_flow_kind = {
	.name = "file",
	.steps = file_steps,
	.nsteps = COUNT_OF(file_steps),
	.state_bytes = sizeof(struct file_flow),
	.timeout_ms = 15000,
	.end = end,
};

static void start(const struct call *call, struct http_exchange *exchange, bool original)
{
	struct tip_id id;
	uint64_t number;
	struct file_flow *f;

	if (!tip_id_parse(call->param[0], &id) || !span_u64(call->param[1], &number)) {
		answer_problem(exchange, &(struct problem){ .status = 404, .code = "no_such_file",
							    .detail = "There is no such file." });
		return;
	}
	f = flow_state(flow_start(call->app->loop, &file_flow_kind, NULL, NULL));
	f->app = call->app;
	f->staff = *call->staff;
	f->exchange = exchange;
	f->id = id;
	f->number = number;
	f->original = original;
}

void tip_file(const struct call *call, struct http_exchange *exchange)
{
	start(call, exchange, false);
}

void tip_file_original(const struct call *call, struct http_exchange *exchange)
{
	start(call, exchange, true);
}

/* The files of one version name each other: the browser asks whether it has the right ones. */
static void answer_kept_file(struct http_exchange *exchange, const struct page_file *file)
{
	struct http_reply reply = { .status = 200, .type = file->type, .body = file->body };
	struct span tag = public_tag(file->body, http_exchange_arena(exchange));

	if (public_is_known(http_exchange_request(exchange), tag))
		reply.status = 304;
	http_reply_field(&reply, "Cache-Control", file->lasting ? SPAN(PUBLIC_FOR_EVER) : SPAN(PUBLIC_ASK));
	http_reply_field(&reply, "ETag", tag);
	http_reply_field(&reply, "X-Content-Type-Options", SPAN("nosniff"));
	http_reply_field(&reply, "Referrer-Policy", SPAN("no-referrer"));
	http_reply_field(&reply, "X-Frame-Options", SPAN("DENY"));
	http_reply_field(&reply, "Cross-Origin-Opener-Policy", SPAN("same-origin"));
	http_reply_field(&reply, "Permissions-Policy", SPAN("geolocation=(), camera=(), microphone=()"));
	http_reply_field(&reply, "Content-Security-Policy", SPAN(DESK_CSP));
	http_exchange_reply(exchange, &reply);
}

void desk_file(const struct call *call, struct http_exchange *exchange)
{
	struct page_file file;

	(void)call;
	if (page_file_find(PAGE_STAFF, http_exchange_request(exchange)->path, &file))
		answer_kept_file(exchange, &file);
	else
		answer_problem(exchange, &(struct problem){ .status = 404, .code = "not_found",
							    .detail = "There is nothing at this path." });
}
