/*
 * Recorded requests; see http_sample.h.
 */
#include "tests/support/http_sample.h"

#include <stdio.h>

#define FILE_MAX_BYTES (1 << 16)

static bool cut_line(struct span *rest, struct span *line)
{
	size_t end = span_find(*rest, SPAN("\r\n"));

	if (end == rest->len)
		return false;
	*line = span_from(rest->at, end);
	*rest = span_from_offset(*rest, end + 2);
	return true;
}

static bool take_method(struct span name, struct http_request *request)
{
	for (int m = HTTP_GET; m <= HTTP_OPTIONS; m++)
		if (span_is(name, http_method_name((enum http_method)m))) {
			request->method = (enum http_method)m;
			return true;
		}
	return false;
}

static bool take_first_line(struct span line, struct http_request *request)
{
	struct span method, target;

	if (!span_cut(&line, ' ', &method) || !span_cut(&line, ' ', &target) || !span_cut(&target, '?', &request->path))
		return false;
	request->query = target;
	return take_method(method, request);
}

bool http_sample_parse(struct span bytes, struct http_request *request)
{
	struct span line, name;

	*request = (struct http_request){ 0 };
	if (!cut_line(&bytes, &line) || !take_first_line(line, request))
		return false;
	while (cut_line(&bytes, &line) && line.len > 0) {
		if (request->nfields == HTTP_FIELDS_MAX || !span_cut(&line, ':', &name))
			return false;
		request->fields[request->nfields++] = (struct http_field){ .name = name, .value = span_trim(line) };
	}
	request->body = bytes;
	request->content_length = bytes.len;
	request->has_body = bytes.len > 0;
	return true;
}

struct span http_sample_read(const char *path, struct arena *arena)
{
	FILE *file = fopen(path, "rb");
	char *bytes = arena_alloc(arena, FILE_MAX_BYTES);
	size_t n;

	if (file == NULL)
		return (struct span){ 0 };
	n = fread(bytes, 1, FILE_MAX_BYTES, file);
	fclose(file);
	return span_from(bytes, n);
}
