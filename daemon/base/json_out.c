/*
 * Writing JSON; see json_out.h.
 */
#include "daemon/base/json_out.h"

struct json_out json_out_to(struct buf *to)
{
	return (struct json_out){ .to = to };
}

static const char *escape_of(unsigned char c)
{
	switch (c) {
	case '"':
		return "\\\"";
	case '\\':
		return "\\\\";
	case '\n':
		return "\\n";
	case '\r':
		return "\\r";
	case '\t':
		return "\\t";
	default:
		return NULL;
	}
}

static void put_escaped(struct buf *to, unsigned char c)
{
	const char *escape = escape_of(c);

	if (escape != NULL)
		buf_add_text(to, escape);
	else
		buf_printf(to, "\\u%04x", c);
}

static bool plain(unsigned char c)
{
	return c >= 0x20 && c != '"' && c != '\\' && c != '<' && c != 0x7f;
}

static void put_string(struct buf *to, struct span text)
{
	size_t from = 0;

	buf_add_byte(to, '"');
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.at[i];

		if (plain(c))
			continue;
		buf_add(to, text.at + from, i - from);
		put_escaped(to, c);
		from = i + 1;
	}
	if (from < text.len)
		buf_add(to, text.at + from, text.len - from);
	buf_add_byte(to, '"');
}

static void begin(struct json_out *json, const char *name)
{
	if (json->comma)
		buf_add_byte(json->to, ',');
	json->comma = true;
	if (name != NULL) {
		put_string(json->to, span_of(name));
		buf_add_byte(json->to, ':');
	}
}

void json_open_member(struct json_out *json, const char *name, char bracket)
{
	begin(json, name);
	buf_add_byte(json->to, bracket);
	json->comma = false;
}

void json_open(struct json_out *json, char bracket)
{
	json_open_member(json, NULL, bracket);
}

void json_close(struct json_out *json, char bracket)
{
	buf_add_byte(json->to, bracket);
	json->comma = true;
}

void json_text(struct json_out *json, const char *name, struct span value)
{
	begin(json, name);
	put_string(json->to, value);
}

void json_u64(struct json_out *json, const char *name, uint64_t value)
{
	begin(json, name);
	buf_add_u64(json->to, value);
}

void json_i64(struct json_out *json, const char *name, int64_t value)
{
	begin(json, name);
	buf_printf(json->to, "%lld", (long long)value);
}

void json_bool(struct json_out *json, const char *name, bool value)
{
	begin(json, name);
	buf_add_text(json->to, value ? "true" : "false");
}

void json_none(struct json_out *json, const char *name)
{
	begin(json, name);
	buf_add_text(json->to, "null");
}

void json_raw(struct json_out *json, const char *name, struct span value)
{
	begin(json, name);
	buf_add_span(json->to, value);
}
