/*
 * Where a request comes from; see origin.h.
 */
#include "handlers/staff/origin.h"

static bool site_is_ours(const struct http_request *request)
{
	struct span site = http_field_find(request, "Sec-Fetch-Site");

	if (site.at == NULL || span_is(site, "same-origin"))
		return true;
	/* Typed in, or out of a bookmark: nobody's page asks. Nothing is changed that way. */
	return span_is(site, "none") && (request->method == HTTP_GET || request->method == HTTP_HEAD);
}

bool origin_is_ours(const struct http_request *request, bool secure)
{
	struct span origin = http_field_find(request, "Origin"), host = http_field_find(request, "Host");

	if (!site_is_ours(request))
		return false;
	if (origin.at == NULL)
		return true;
	if (span_starts(origin, SPAN("https://")))
		origin = span_from_offset(origin, 8);
	else if (!secure && span_starts(origin, SPAN("http://")))
		origin = span_from_offset(origin, 7);
	else
		return false;
	return host.len > 0 && span_eq_nocase(origin, host);
}
