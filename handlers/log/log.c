/*
 * The sealed log over HTTP; see log.h.
 *
 * A tile has one content for ever, a partial one too: it is named with its
 * width. The checkpoint is asked for anew each time and costs nothing when it
 * is the same (ETag). A file that is not there is not remembered by anybody.
 */
#include "handlers/log/log.h"

#include "daemon/base/base64.h"
#include "daemon/base/json_out.h"
#include "daemon/tlog/figures.h"
#include "handlers/log/log_state.h"
#include "handlers/log/public_answer.h"
#include "handlers/log/published.h"

#include <stdio.h>

#define TYPE_TEXT "text/plain; charset=utf-8"
#define TYPE_BYTES "application/octet-stream"

/* The log of the path; NULL: it was answered. */
static struct sealed_log *log_of(const struct call *args, struct http_exchange *exchange)
{
	struct sealed_log *log = logs_find(args->app->logs, args->param[0]);

	if (log == NULL)
		public_absent(exchange, "There is no log of this name; see /log.");
	return log;
}

/* --- files ------------------------------------------------------------------------------------- */

void log_checkpoint(const struct call *args, struct http_exchange *exchange)
{
	struct sealed_log *log = log_of(args, exchange);
	const struct tiles *tiles;
	struct buf note = { 0 };

	if (log == NULL)
		return;
	tiles = logs_tiles(args->app->logs, log);
	if (tiles != NULL && tiles_checkpoint(tiles, &note))
		public_give(exchange, &(struct public_file){ .type = TYPE_TEXT, .cache = PUBLIC_ASK, .body = buf_span(&note) });
	else
		public_absent(exchange, "This log has no checkpoint yet.");
	buf_release(&note);
}

void log_key(const struct call *args, struct http_exchange *exchange)
{
	const struct sealed_log *log = log_of(args, exchange);

	if (log != NULL)
		public_give(exchange, &(struct public_file){ .type = TYPE_TEXT, .cache = PUBLIC_AN_HOUR, .body = span_of(log->key_text) });
}

static bool read_tile(const struct call *args, struct sealed_log *log, struct buf *bytes)
{
	char path[TILE_PATH_MAX + 8];
	const struct tiles *tiles;
	struct tile tile;
	int len = snprintf(path, sizeof(path), "tile/%.*s", (int)args->param[1].len, args->param[1].at);

	if (len < 0 || (size_t)len >= sizeof(path) || !tile_parse(span_from(path, (size_t)len), &tile))
		return false;
	tiles = logs_tiles(args->app->logs, log);
	return tiles != NULL && tiles_read(tiles, &tile, bytes);
}

void log_tile(const struct call *args, struct http_exchange *exchange)
{
	struct sealed_log *log = log_of(args, exchange);
	struct buf bytes = { 0 };

	if (log == NULL)
		return;
	if (read_tile(args, log, &bytes))
		public_give(exchange, &(struct public_file){ .type = TYPE_BYTES, .cache = PUBLIC_FOR_EVER, .body = buf_span(&bytes) });
	else
		public_absent(exchange, "This log has no such tile.");
	buf_release(&bytes);
}

/* "2026-11", "2026-11.figures" or "2026-11.note" to the name of the file; false: none of them. */
static bool opening_name(struct span param, char name[32])
{
	struct span suffix = span_from_offset(param, FIGURES_MONTH_LEN);

	if (param.len < FIGURES_MONTH_LEN || (suffix.len > 0 && !span_is(suffix, ".note") && !span_is(suffix, ".figures")) ||
	    !figures_month_valid(span_from(param.at, FIGURES_MONTH_LEN)))
		return false;
	snprintf(name, 32, "openings/%.*s", (int)param.len, param.at);
	return true;
}

/* It may be long: sent from the disk, and known by its time and length. */
void log_opening(const struct call *args, struct http_exchange *exchange)
{
	const struct sealed_log *log = log_of(args, exchange);
	struct http_file body;
	struct http_reply reply = { .status = 200, .type = TYPE_TEXT, .file = &body };
	struct logs_file file;
	uint64_t print[2];
	char name[32];

	if (log == NULL)
		return;
	if (!opening_name(args->param[1], name) || !logs_open(args->app->logs, log, name, &file)) {
		public_absent(exchange, "Nothing of this month is open in this log.");
		return;
	}
	body = (struct http_file){ .fd = file.fd, .bytes = file.bytes };
	print[0] = file.version;
	print[1] = file.bytes;
	public_fields(exchange, &reply, PUBLIC_AN_HOUR, public_tag(span_from(print, sizeof(print)), http_exchange_arena(exchange)));
	http_exchange_reply(exchange, &reply);
}

/* --- what is told of a log --------------------------------------------------------------------- */

static void put_json(struct http_exchange *exchange, const char *cache, const struct buf *body)
{
	public_give(exchange, &(struct public_file){ .type = PUBLIC_JSON, .cache = cache, .body = buf_span(body) });
}

void log_openings(const struct call *args, struct http_exchange *exchange)
{
	const struct sealed_log *log = log_of(args, exchange);
	struct published_months months;
	struct buf body = { 0 };
	struct json_out json = json_out_to(&body);

	if (log == NULL)
		return;
	published_months(args->app->logs, log, &months);
	json_open(&json, '{');
	json_text(&json, "log", span_of(log->name));
	json_open_member(&json, "months", '[');
	for (size_t i = 0; i < months.n; i++)
		json_text(&json, NULL, span_of(months.at[i]));
	json_close(&json, ']');
	json_close(&json, '}');
	put_json(exchange, PUBLIC_ASK, &body);
	buf_release(&body);
}

void log_list(const struct call *args, struct http_exchange *exchange)
{
	struct logs *logs = args->app->logs;
	struct buf body = { 0 };
	struct json_out json = json_out_to(&body);

	json_open(&json, '{');
	json_open_member(&json, "logs", '[');
	for (size_t i = 0; i < logs_count(logs); i++) {
		const struct sealed_log *log = logs_at(logs, i);

		json_open(&json, '{');
		json_text(&json, "log", span_of(log->name));
		json_text(&json, "origin", note_key_name(&log->key));
		json_text(&json, "key", span_of(log->key_text));
		json_close(&json, '}');
	}
	json_close(&json, ']');
	json_close(&json, '}');
	put_json(exchange, PUBLIC_AN_HOUR, &body);
	buf_release(&body);
}

static void put_root(struct json_out *json, const struct log_state *state)
{
	struct buf root = { 0 };

	if (!state->any) {
		json_none(json, "root");
		return;
	}
	base64_add(&root, state->root.bytes, MERKLE_HASH_BYTES);
	json_text(json, "root", buf_span(&root));
	buf_release(&root);
}

void log_status(const struct call *args, struct http_exchange *exchange)
{
	struct sealed_log *log = log_of(args, exchange);
	struct buf body = { 0 };
	struct json_out json = json_out_to(&body);
	struct log_state state;

	if (log == NULL)
		return;
	log_state_read(args->app->logs, log, &state);
	json_open(&json, '{');
	json_text(&json, "log", span_of(log->name));
	json_text(&json, "origin", note_key_name(&log->key));
	json_u64(&json, "size", state.size);
	put_root(&json, &state);
	log_state_put(&state, &json);
	json_close(&json, '}');
	put_json(exchange, PUBLIC_ASK, &body);
	buf_release(&body);
}
