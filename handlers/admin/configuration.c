/*
 * The configuration as it holds in this process; see admin.h.
 *
 * Of an option that is a secret only whether it is set is told. An address is
 * told without its user, its password and what stands behind a question mark:
 * services put passwords there.
 */
#include "daemon/base/json_out.h"
#include "daemon/sys/config.h"
#include "daemon/sys/config_said.h"
#include "daemon/sys/options.h"
#include "handlers/admin/admin.h"
#include "handlers/answer.h"

#include <stdio.h>

struct telling {
	const struct config *config;
	struct json_out *json;
};

/* --- values ------------------------------------------------------------------------------- */

static void put_address(struct span value, struct json_out *json)
{
	const char *question = memchr(value.at, '?', value.len), *at;
	struct span rest = value, scheme = { 0 };
	struct buf shown = { 0 };

	if (question != NULL)
		rest.len = (size_t)(question - value.at);
	if (rest.len > 8 && memcmp(rest.at, "https://", 8) == 0)
		scheme = SPAN("https://");
	else if (rest.len > 7 && memcmp(rest.at, "http://", 7) == 0)
		scheme = SPAN("http://");
	rest = span_from_offset(rest, scheme.len);
	at = memchr(rest.at, '@', rest.len);
	if (at != NULL && memchr(rest.at, '/', (size_t)(at - rest.at)) == NULL)
		rest = span_from_offset(rest, (size_t)(at - rest.at) + 1);
	buf_add_span(&shown, scheme);
	buf_add_span(&shown, rest);
	if (question != NULL)
		buf_add_text(&shown, "?...");
	json_text(json, "value", buf_span(&shown));
	buf_release(&shown);
}

static void put_value(const struct option_row *row, struct span value, struct json_out *json)
{
	if (row->secret)
		json_none(json, "value");
	else if (row->type == OPTION_URL && value.len > 0)
		put_address(value, json);
	else
		json_text(json, "value", value);
	json_bool(json, "secret", row->secret);
	json_bool(json, "set", value.len > 0);
}

/* --- where they come from ------------------------------------------------------------------- */

static void put_source(const struct config_place *place, bool from_secret_file, struct json_out *json)
{
	if (place == NULL) {
		json_text(json, "source", from_secret_file ? SPAN("secret_file") : SPAN("default"));
		return;
	}
	if (place->line == 0) {
		json_text(json, "source", SPAN("command_line"));
		return;
	}
	json_text(json, "source", SPAN("file"));
	json_text(json, "file", span_of(place->source));
	json_u64(json, "line", place->line);
}

static void put_key(const struct option_row *row, const char *name, struct json_out *json)
{
	const char *star = strchr(row->key, '*');
	char text[2 * OPTION_KEY_MAX];

	if (star == NULL) {
		json_text(json, "key", span_of(row->key));
		return;
	}
	snprintf(text, sizeof(text), "%.*s%s%s", (int)(star - row->key), row->key, name, star + 1);
	json_text(json, "key", span_of(text));
}

static void put_option(void *ctx, const struct option_row *row, const char *name, const void *base)
{
	const struct telling *t = ctx;
	const struct config_place *place = config_said_find(t->config, row, name);
	struct buf value = { 0 };

	option_show(row, base, &value);
	json_open(t->json, '{');
	put_key(row, name, t->json);
	put_value(row, buf_span(&value), t->json);
	json_text(t->json, "preset", span_of(row->preset));
	json_bool(t->json, "live", row->live);
	put_source(place, row->secret && value.len > 0, t->json);
	json_text(t->json, "help", span_of(row->help));
	json_close(t->json, '}');
	buf_release(&value);
}

void configuration_read(const struct call *args, struct http_exchange *exchange)
{
	struct buf body = { 0 };
	struct json_out json = json_out_to(&body);
	struct telling telling = { .config = args->app->config, .json = &json };

	json_open(&json, '{');
	json_open_member(&json, "options", '[');
	config_each(args->app->config, put_option, &telling);
	json_close(&json, ']');
	json_close(&json, '}');
	answer_json(exchange, 200, buf_span(&body));
	buf_release(&body);
}
