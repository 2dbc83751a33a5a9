/*
 * An attachment for the officer who works on the tip, and the desk's own files.
 */
#include "daemon/base/table.h"
#include "daemon/loop/loop.h"
#include "daemon/store/wait.h"
#include "daemon/sys/files.h"
#include "daemon/sys/log.h"
#include "handlers/answer.h"
#include "handlers/bureau/bureau.h"
#include "handlers/bureau/dossier.h"
#include "handlers/bureau/rights.h"
#include "handlers/intake/upload.h"
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

/* Opens all pieces of a sealed file into `clear`; false when one was changed or the end is missing. */
static bool open_pieces(struct seal_reader *reader, struct span sealed, struct buf *clear)
{
	bool last = false;

	while (sealed.len > 0 && !last) {
		size_t full = SEAL_PIECE_BYTES + SEAL_PIECE_OVERHEAD;
		size_t take = sealed.len < full ? sealed.len : full;

		if (!seal_reader_pull(reader, span_from(sealed.at, take), clear, &last))
			return false;
		sealed = span_from_offset(sealed, take);
	}
	return last && sealed.len == 0;
}

static bool open_file(const struct file_flow *f, const struct dossier *dossier, struct buf *clear)
{
	static const struct tip_id file_id = { .text = UPLOAD_FILE_ID };
	const struct tip_file *file = &dossier->content.files[f->number - 1];
	struct buf sealed = { 0 };
	struct seal_reader *reader;
	char path[4096];
	bool fine = upload_path(f->app->files_dir, file->stored, path, sizeof(path)) &&
		    files_read(path, file->bytes * 2 + 65536, &sealed, NULL) &&
		    sealed.len > SEAL_STREAM_HEADER_BYTES;

	if (fine) {
		reader = seal_reader_new(&file_id, (unsigned)f->number, &dossier->tip_key,
					 span_from(sealed.at, SEAL_STREAM_HEADER_BYTES));
		fine = open_pieces(reader, span_from_offset(buf_span(&sealed), SEAL_STREAM_HEADER_BYTES), clear);
		seal_reader_free(reader);
	}
	buf_release(&sealed);
	return fine;
}

/* Photos may be shown; all else is only ever saved. A sandbox keeps a hostile file from acting in the desk. */
static void send_file(struct file_flow *f, const struct tip_file *file, struct span body, struct arena *arena)
{
	struct http_reply reply = { .status = 200, .type = "application/octet-stream", .body = body };

	if (span_starts(file->type, SPAN("image/")) && span_find(file->type, SPAN("svg")) == file->type.len)
		reply.type = arena_printf(arena, "%.*s", (int)file->type.len, file->type.at);
	http_reply_field(&reply, "Cache-Control", SPAN("no-store"));
	http_reply_field(&reply, "X-Content-Type-Options", SPAN("nosniff"));
	http_reply_field(&reply, "Content-Security-Policy", SPAN("sandbox; default-src 'none'"));
	http_reply_field(&reply, "Content-Disposition",
			 span_of(arena_printf(arena, "attachment; filename=\"%s-%llu\"", f->id.text,
					      (unsigned long long)f->number)));
	http_exchange_reply(f->exchange, &reply);
	f->exchange = NULL;
}

static enum flow_next step_send(struct flow *flow)
{
	struct file_flow *f = flow_state(flow);
	struct dossier dossier;
	struct buf clear = { 0 };

	if (f->keys.n > 0)
		dossier_keys_open(f->app, &f->staff, &f->keys);
	dossier_open(f->app, &f->staff, &f->read.rows[0], flow_arena(flow), &dossier);
	if (!dossier.readable || f->number < 1 || f->number > dossier.content.nfiles)
		return refuse(f, 404, "no_such_file", "The tip has no such file, or this process has no key for it.");
	if (!open_file(f, &dossier, &clear)) {
		buf_release(&clear);
		log_event(LOG_LEVEL_ERROR, "file.unreadable", "id", f->id.text, "number", log_u64(f->number), NULL);
		return refuse(f, 500, "file_unreadable", "The file is missing or was changed on disk.");
	}
	log_event(LOG_LEVEL_INFO, "file.read", "id", f->id.text, "number", log_u64(f->number), "by", f->staff.person,
		  NULL);
	send_file(f, &dossier.content.files[f->number - 1], buf_span(&clear), flow_arena(flow));
	buf_release(&clear);
	return FLOW_DONE;
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

static const struct flow_kind file_kind = {
	.name = "file",
	.steps = file_steps,
	.nsteps = COUNT_OF(file_steps),
	.state_bytes = sizeof(struct file_flow),
	.timeout_ms = 15000,
	.end = end,
};

void tip_file(const struct call *call, struct http_exchange *exchange)
{
	struct tip_id id;
	uint64_t number;
	struct file_flow *f;

	if (!tip_id_parse(call->param[0], &id) || !span_u64(call->param[1], &number)) {
		answer_problem(exchange, &(struct problem){ .status = 404, .code = "no_such_file",
							    .detail = "There is no such file." });
		return;
	}
	f = flow_state(flow_start(call->app->loop, &file_kind, NULL, NULL));
	f->app = call->app;
	f->staff = *call->staff;
	f->exchange = exchange;
	f->id = id;
	f->number = number;
}

void desk_file(const struct call *call, struct http_exchange *exchange)
{
	struct page_file file;

	(void)call;
	if (page_file_find(PAGE_STAFF, http_exchange_request(exchange)->path, &file))
		answer_file(exchange, file.type, file.body, DESK_CSP);
	else
		answer_problem(exchange, &(struct problem){ .status = 404, .code = "not_found",
							    .detail = "There is nothing at this path." });
}
