/*
 * The configuration as it holds in this process; see admin.h.
 *
 * Of an option that is a secret only whether it is set is told. An address is
 * told without its user, its password and what stands behind a question mark,
 * and that of a webhook without its path: services put keys there.
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

static size_t cut_at(struct span text, const char *letters)
{
	size_t at = 0;

	while (at < text.len && strchr(letters, text.at[at]) == NULL)
		at++;
	return at;
}

/* Behind the last @: passwords have some of their own. */
static struct span without_user(struct span host)
{
	size_t at = host.len;

	while (at > 0 && host.at[at - 1] != '@')
		at--;
	return span_from_offset(host, at);
}

/* Scheme and host; the path, if it is no key; and that there is more. */
static void put_address(struct span value, bool with_path, struct json_out *json)
{
	size_t scheme = span_find(value, SPAN("://")) + strlen("://");
	struct span rest = span_from_offset(value, scheme), host = span_from(rest.at, cut_at(rest, "/?#"));
	struct span path = span_from_offset(rest, host.len);
	size_t end = with_path ? cut_at(path, "?#") : 0;
	struct buf shown = { 0 };

	buf_add(&shown, value.at, scheme);
	buf_add_span(&shown, without_user(host));
	buf_add(&shown, path.at, end < path.len ? end + 1 : end);
	if (end + 1 < path.len)
		buf_add_text(&shown, "...");
	json_text(json, "value", buf_span(&shown));
	buf_release(&shown);
}

static void put_value(const struct option_row *row, struct span value, struct json_out *json)
{
	if (row->secret)
		json_none(json, "value");
	else if (row->type == OPTION_URL && value.len > 0)
		put_address(value, !row->secret_path, json);
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
