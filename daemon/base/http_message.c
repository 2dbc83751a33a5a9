/*
 * Requests and replies as values; see http_message.h.
 */
#include "daemon/base/http_message.h"

#include "daemon/base/hex.h"
#include "daemon/base/table.h"

#include <assert.h>

static const char *const method_names[] = {
	[HTTP_GET] = "GET",       [HTTP_HEAD] = "HEAD",   [HTTP_POST] = "POST",       [HTTP_PUT] = "PUT",
	[HTTP_PATCH] = "PATCH",   [HTTP_DELETE] = "DELETE", [HTTP_OPTIONS] = "OPTIONS",
};

/* RFC 9110, section 15, and RFC 6585; what the daemon itself may answer. */
static const struct {
	int status;
	const char *text;
} statuses[] = {
	{ .status = 200, .text = "OK" },
	{ .status = 201, .text = "Created" },
	{ .status = 202, .text = "Accepted" },
	{ .status = 204, .text = "No Content" },
	{ .status = 206, .text = "Partial Content" },
	{ .status = 301, .text = "Moved Permanently" },
	{ .status = 302, .text = "Found" },
	{ .status = 303, .text = "See Other" },
	{ .status = 304, .text = "Not Modified" },
	{ .status = 307, .text = "Temporary Redirect" },
	{ .status = 308, .text = "Permanent Redirect" },
	{ .status = 400, .text = "Bad Request" },
	{ .status = 401, .text = "Unauthorized" },
	{ .status = 403, .text = "Forbidden" },
	{ .status = 404, .text = "Not Found" },
	{ .status = 405, .text = "Method Not Allowed" },
	{ .status = 406, .text = "Not Acceptable" },
	{ .status = 408, .text = "Request Timeout" },
	{ .status = 409, .text = "Conflict" },
	{ .status = 410, .text = "Gone" },
	{ .status = 411, .text = "Length Required" },
	{ .status = 412, .text = "Precondition Failed" },
	{ .status = 413, .text = "Content Too Large" },
	{ .status = 414, .text = "URI Too Long" },
	{ .status = 415, .text = "Unsupported Media Type" },
	{ .status = 416, .text = "Range Not Satisfiable" },
	{ .status = 417, .text = "Expectation Failed" },
	{ .status = 421, .text = "Misdirected Request" },
	{ .status = 422, .text = "Unprocessable Content" },
	{ .status = 423, .text = "Locked" },
	{ .status = 428, .text = "Precondition Required" },
	{ .status = 429, .text = "Too Many Requests" },
	{ .status = 431, .text = "Request Header Fields Too Large" },
	{ .status = 500, .text = "Internal Server Error" },
	{ .status = 501, .text = "Not Implemented" },
	{ .status = 502, .text = "Bad Gateway" },
	{ .status = 503, .text = "Service Unavailable" },
	{ .status = 504, .text = "Gateway Timeout" },
	{ .status = 505, .text = "HTTP Version Not Supported" },
	{ .status = 507, .text = "Insufficient Storage" },
};

const char *http_method_name(enum http_method method)
{
	assert((size_t)method < COUNT_OF(method_names));
	return method_names[method];
}

const char *http_status_text(int status)
{
	for (size_t i = 0; i < COUNT_OF(statuses); i++)
		if (statuses[i].status == status)
			return statuses[i].text;
	return "Unknown";
}

static struct span first_of_name(const struct http_field *fields, size_t n, const char *name)
{
	struct span wanted = span_of(name);

	for (size_t i = 0; i < n; i++)
		if (span_eq_nocase(fields[i].name, wanted))
			return fields[i].value;
	return (struct span){ 0 };
}

struct span http_field_find(const struct http_request *request, const char *name)
{
	return first_of_name(request->fields, request->nfields, name);
}

struct span http_response_field(const struct http_response *response, const char *name)
{
	return first_of_name(response->fields, response->nfields, name);
}

void http_response_head(struct span head, struct http_response *response)
{
	struct span line, name;

	response->nfields = 0;
	while (response->nfields < HTTP_RESPONSE_FIELDS_MAX && span_cut(&head, '\n', &line)) {
		if (line.len > 0 && line.at[line.len - 1] == '\r')
			line.len--;
		if (span_find(line, SPAN(":")) == line.len || !span_cut(&line, ':', &name) || name.len == 0)
			continue;
		response->fields[response->nfields++] = (struct http_field){ .name = name, .value = span_trim(line) };
	}
}

bool http_urldecode(struct span encoded, char *decoded, size_t *len)
{
	size_t n = 0;

	for (size_t i = 0; i < encoded.len; i++) {
		char c = encoded.at[i];

		if (c == '%') {
			int high = i + 2 < encoded.len ? hex_digit(encoded.at[i + 1]) : -1;
			int low = i + 2 < encoded.len ? hex_digit(encoded.at[i + 2]) : -1;

			if (high < 0 || low < 0)
				return false;
			c = (char)(high << 4 | low);
			i += 2;
		} else if (c == '+') {
			c = ' ';
		}
		decoded[n++] = c;
	}
	*len = n;
	return true;
}

/* Decodes in the free space of the buffer. */
static bool decode_into(struct span encoded, struct buf *to)
{
	size_t len;

	if (!http_urldecode(encoded, buf_reserve(to, encoded.len + 1), &len))
		return false;
	to->len += len;
	return true;
}

bool http_param_find(struct span encoded, const char *name, struct buf *value)
{
	struct span pair, wanted = span_of(name);

	while (span_cut(&encoded, '&', &pair)) {
		struct span pair_name;

		buf_clear(value);
		if (!span_cut(&pair, '=', &pair_name) || !decode_into(pair_name, value))
			continue;
		if (!span_eq(buf_span(value), wanted))
			continue;
		buf_clear(value);
		return decode_into(pair, value);
	}
	buf_clear(value);
	return false;
}

void http_reply_field(struct http_reply *reply, const char *name, struct span value)
{
	assert(reply->nfields < HTTP_REPLY_FIELDS_MAX);
	reply->fields[reply->nfields].name = name;
	reply->fields[reply->nfields].value = value;
	reply->nfields++;
}
