/*
 * The sealed log over HTTP; see log.h.
 *
 * A tile has one content for ever, a partial one too: it is named with its
 * width. The checkpoint is asked for anew each time and costs nothing when it
 * is the same (ETag). A file that is not there is not remembered by anybody.
 */
#include "handlers/log/log.h"

#include "daemon/base/base64.h"
#include "daemon/base/hex.h"
#include "daemon/base/json_out.h"
#include "daemon/sys/clock.h"
#include "handlers/answer.h"
#include "handlers/log/logs.h"

#include <sodium.h>
#include <stdio.h>

#define CACHE_FOR_EVER "public, max-age=31536000, immutable"
#define CACHE_AN_HOUR "public, max-age=3600"
#define CACHE_ASK "no-cache"

#define TYPE_TEXT "text/plain; charset=utf-8"
#define TYPE_BYTES "application/octet-stream"
#define TYPE_JSON "application/json"

#define TAG_BYTES ((size_t)16)

/* --- answers ---------------------------------------------------------------------------------- */

struct public_file {
	const char *type;
	const char *cache;
	struct span body;
};

static void not_there(struct http_exchange *exchange, const char *detail)
{
	answer_problem(exchange, &(struct problem){ .status = 404, .code = "not_found", .detail = detail, .any_origin = true });
}

static struct span tag_of(struct span body, struct arena *arena)
{
	unsigned char hash[TAG_BYTES];

	crypto_generichash(hash, sizeof(hash), (const unsigned char *)body.at, body.len, NULL, 0);
	return span_of(arena_printf(arena, "\"%s\"", hex_text(arena, hash, sizeof(hash))));
}

/* Is the tag among those of If-None-Match (RFC 9110 section 13.1.2, compared weakly)? */
static bool is_known(const struct http_request *request, struct span tag)
{
	struct span list = http_field_find(request, "If-None-Match");
	struct span known;

	if (span_is(list, "*"))
		return true;
	while (span_cut(&list, ',', &known)) {
		known = span_trim(known);
		if (span_starts(known, SPAN("W/")))
			known = span_from_offset(known, 2);
		if (span_eq(known, tag))
			return true;
	}
	return false;
}

static void put_fields(struct http_exchange *exchange, struct http_reply *reply, const char *cache, struct span tag)
{
	if (is_known(http_exchange_request(exchange), tag))
		reply->status = 304;
	http_reply_field(reply, "Cache-Control", span_of(cache));
	http_reply_field(reply, "ETag", tag);
	http_reply_field(reply, "Access-Control-Allow-Origin", SPAN("*"));
	http_reply_field(reply, "Cross-Origin-Resource-Policy", SPAN("cross-origin"));
	http_reply_field(reply, "X-Content-Type-Options", SPAN("nosniff"));
	http_reply_field(reply, "Referrer-Policy", SPAN("no-referrer"));
	http_reply_field(reply, "Content-Security-Policy", SPAN("default-src 'none'; frame-ancestors 'none'"));
}

static void give(struct http_exchange *exchange, const struct public_file *file)
{
	struct http_reply reply = { .status = 200, .type = file->type, .body = file->body };

	put_fields(exchange, &reply, file->cache, tag_of(file->body, http_exchange_arena(exchange)));
	http_exchange_reply(exchange, &reply);
}

/* The log of the path; NULL: it was answered. */
static struct sealed_log *log_of(const struct call *args, struct http_exchange *exchange)
{
	struct sealed_log *log = logs_find(args->app->logs, args->param[0]);

	if (log == NULL)
		not_there(exchange, "There is no log of this name; see /log.");
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
		give(exchange, &(struct public_file){ TYPE_TEXT, CACHE_ASK, buf_span(&note) });
	else
		not_there(exchange, "This log has no checkpoint yet.");
	buf_release(&note);
}

void log_key(const struct call *args, struct http_exchange *exchange)
{
	const struct sealed_log *log = log_of(args, exchange);

	if (log != NULL)
		give(exchange, &(struct public_file){ TYPE_TEXT, CACHE_AN_HOUR, span_of(log->key_text) });
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
		give(exchange, &(struct public_file){ TYPE_BYTES, CACHE_FOR_EVER, buf_span(&bytes) });
	else
		not_there(exchange, "This log has no such tile.");
	buf_release(&bytes);
}

/* "2026-11", "2026-11.figures" or "2026-11.note" to the name of the file; false: none of them. */
static bool opening_name(struct span param, char name[32])
{
	struct span suffix = span_from_offset(param, 7);
	uint64_t year;
	uint64_t month;

	if (param.len < 7 || param.at[4] != '-' || (suffix.len > 0 && !span_is(suffix, ".note") && !span_is(suffix, ".figures")) ||
	    !span_digits(span_from(param.at, 4)) || !span_digits(span_from(param.at + 5, 2)) ||
	    !span_u64(span_from(param.at, 4), &year) || !span_u64(span_from(param.at + 5, 2), &month) || month < 1 || month > 12)
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
		not_there(exchange, "Nothing of this month is open in this log.");
		return;
	}
	body = (struct http_file){ .fd = file.fd, .bytes = file.bytes };
	print[0] = file.version;
	print[1] = file.bytes;
	put_fields(exchange, &reply, CACHE_AN_HOUR, tag_of(span_from(print, sizeof(print)), http_exchange_arena(exchange)));
	http_exchange_reply(exchange, &reply);
}

/* --- what is told of a log --------------------------------------------------------------------- */

static void put_json(struct http_exchange *exchange, const char *cache, const struct buf *body)
{
	give(exchange, &(struct public_file){ TYPE_JSON, cache, buf_span(body) });
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
	put_json(exchange, CACHE_AN_HOUR, &body);
	buf_release(&body);
}

/* When the tree of the checkpoint was sealed. */
static bool sealed_at(const struct tiles *tiles, uint64_t size, int64_t *at_ms)
{
	struct tiles_batch batch;

	for (uint64_t n = tiles_batches(tiles); n > 0 && tiles_batch(tiles, n - 1, &batch); n--) {
		*at_ms = batch.at_ms;
		if (batch.size <= size)
			return batch.size == size;
	}
	return false;
}

static void put_time(struct json_out *json, const char *name, bool known, int64_t at_ms)
{
	char text[21];

	if (!known) {
		json_none(json, name);
		return;
	}
	clock_text(at_ms, text);
	json_text(json, name, span_of(text));
}

static void put_head(struct json_out *json, const struct tiles *tiles)
{
	struct checkpoint checkpoint = { .head = { .size = 0 } };
	struct buf note = { 0 };
	struct buf root = { 0 };
	int64_t at_ms = 0;
	bool any = tiles != NULL && leaf_trail_head(tiles, &note, &checkpoint);
	bool dated;

	json_u64(json, "size", any ? checkpoint.head.size : 0);
	if (any) {
		base64_add(&root, checkpoint.head.root.bytes, MERKLE_HASH_BYTES);
		json_text(json, "root", buf_span(&root));
	} else {
		json_none(json, "root");
	}
	dated = any && sealed_at(tiles, checkpoint.head.size, &at_ms);
	put_time(json, "sealed", dated, at_ms);
	buf_release(&root);
	buf_release(&note);
}

static void put_health(struct json_out *json, const struct logs *logs, const struct sealed_log *log)
{
	struct log_health health = { .refusing = false };

	if (!logs_health(logs, log, &health)) {
		json_none(json, "refusing");
		json_none(json, "quorum");
		json_none(json, "quorum_missing_since");
		return;
	}
	json_bool(json, "refusing", health.refusing);
	if (health.wants_quorum)
		json_bool(json, "quorum", health.quorum);
	else
		json_none(json, "quorum");
	put_time(json, "quorum_missing_since", health.wants_quorum && health.missing_since_ms != 0, health.missing_since_ms);
}

void log_status(const struct call *args, struct http_exchange *exchange)
{
	struct sealed_log *log = log_of(args, exchange);
	struct buf body = { 0 };
	struct json_out json = json_out_to(&body);

	if (log == NULL)
		return;
	json_open(&json, '{');
	json_text(&json, "log", span_of(log->name));
	json_text(&json, "origin", note_key_name(&log->key));
	put_head(&json, logs_tiles(args->app->logs, log));
	put_health(&json, args->app->logs, log);
	json_close(&json, '}');
	put_json(exchange, CACHE_ASK, &body);
	buf_release(&body);
}
