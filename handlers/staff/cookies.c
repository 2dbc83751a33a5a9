/*
 * Cookies of staff (RFC 6265); see cookies.h.
 */
#include "handlers/staff/cookies.h"

#define PREFIX "__Host-"

static const char *const names[] = {
	[COOKIE_SESSION] = "tipline-session",
	[COOKIE_DEVICE] = "tipline-device",
};

static bool is_named(struct span name, enum cookie cookie, bool secure)
{
	if (!secure)
		return span_is(name, names[cookie]);
	return span_starts(name, SPAN(PREFIX)) && span_is(span_from_offset(name, strlen(PREFIX)), names[cookie]);
}

static size_t count_fields(const struct http_request *request)
{
	size_t n = 0;

	for (size_t i = 0; i < request->nfields; i++)
		n += span_eq_nocase(request->fields[i].name, SPAN("Cookie"));
	return n;
}

enum cookie_found cookie_find(const struct http_request *request, enum cookie cookie, bool secure, struct span *value)
{
	struct span rest = http_field_find(request, "Cookie"), pair, name;
	enum cookie_found found = COOKIE_NONE;

	if (count_fields(request) > 1)
		return COOKIE_REFUSED;
	while (span_cut(&rest, ';', &pair)) {
		pair = span_trim(pair);
		if (span_find(pair, SPAN("=")) == pair.len || !span_cut(&pair, '=', &name) || !is_named(name, cookie, secure))
			continue;
		if (found != COOKIE_NONE)
			return COOKIE_REFUSED;
		found = COOKIE_FOUND;
		*value = pair;
	}
	return found;
}

static void put(enum cookie cookie, bool secure, struct span value, struct buf *to)
{
	buf_add_text(to, secure ? PREFIX : "");
	buf_add_text(to, names[cookie]);
	buf_add_text(to, "=");
	buf_add_span(to, value);
	buf_add_text(to, "; Path=/; HttpOnly; SameSite=Strict");
	buf_add_text(to, secure ? "; Secure" : "");
}

void cookie_put(enum cookie cookie, bool secure, struct span value, unsigned days, struct buf *to)
{
	put(cookie, secure, value, to);
	if (days > 0)
		buf_printf(to, "; Max-Age=%u", days * 86400);
}

void cookie_put_gone(enum cookie cookie, bool secure, struct buf *to)
{
	put(cookie, secure, (struct span){ 0 }, to);
	buf_add_text(to, "; Max-Age=0");
}
