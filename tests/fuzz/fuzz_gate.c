/*
 * The gate on any bytes: whole and byte by byte it must say the same, and what
 * it passes must keep its promises. Where libhttp-parser-dev is installed, a
 * second parser must read what the gate passes in the same way.
 */
#include "daemon/http/gate.h"
#include "tests/support/second_parser.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MAX_BYTES 1024

static bool inside(struct span part, struct span whole)
{
	return part.len == 0 || (part.at >= whole.at && part.at + part.len <= whole.at + whole.len);
}

static void check_whole(const struct gate *gate, struct span bytes, const struct http_request *request)
{
	struct span head = span_from(bytes.at, gate->length);

	assert(gate->length <= bytes.len && gate->length <= MAX_BYTES);
	assert(memcmp(head.at + head.len - 4, "\r\n\r\n", 4) == 0);
	assert(request->path.len > 0 && request->path.at[0] == '/');
	assert(inside(request->path, head) && inside(request->query, head));
	assert(request->nfields <= HTTP_FIELDS_MAX && request->minor <= 1);
	assert(http_field_find(request, "Transfer-Encoding").at == NULL);
	assert(request->minor == 0 || http_field_find(request, "Host").len > 0);
	assert(!request->has_body || http_field_find(request, "Content-Length").len > 0);
	for (size_t i = 0; i < request->nfields; i++) {
		assert(inside(request->fields[i].name, head) && inside(request->fields[i].value, head));
		for (size_t j = 0; j < request->fields[i].value.len; j++)
			assert(strchr("\r\n", request->fields[i].value.at[j]) == NULL);
	}
}

/* A tab behind the value: white space (RFC 9110, 5.6.3). Fields end with CR LF. */
static bool tab_follows(struct span value)
{
	const char *at = value.at + value.len;

	while (*at == ' ')
		at++;
	return *at == '\t';
}

/* That parser takes a name that only begins like the field for it, and no tab behind a length (2.9.4). */
static bool confuses_second(const struct http_request *request)
{
	const struct span coding = SPAN("Transfer-Encoding"), length = http_field_find(request, "Content-Length");

	if (length.len > 0 && tab_follows(length))
		return true;
	for (size_t i = 0; i < request->nfields; i++)
		if (request->fields[i].name.len > coding.len &&
		    span_eq_nocase(span_from(request->fields[i].name.at, coding.len), coding))
			return true;
	return false;
}

/* The same head, to its last octet, with the same method, version and length; and no connection is kept that it would close. */
static void check_second(struct span head, const struct http_request *request)
{
	struct second_opinion opinion;

	if (confuses_second(request) || !second_parser_read(head, &opinion))
		return;
	assert(opinion.whole && !opinion.chunked);
	assert(strcmp(opinion.method, http_method_name(request->method)) == 0);
	assert(opinion.minor == request->minor && opinion.length == request->content_length);
	assert(!request->keep_alive || opinion.upgrade || opinion.keep_alive);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct http_request request, slow;
	struct gate gate = { 0 }, steps = { 0 };
	struct span bytes = span_from(data, size);
	enum gate_verdict verdict = gate_judge(&gate, bytes, MAX_BYTES, &request), last = GATE_MORE;

	if (verdict == GATE_WHOLE)
		check_whole(&gate, bytes, &request);
	if (verdict == GATE_WHOLE)
		check_second(span_from(data, gate.length), &request);
	if (verdict == GATE_REFUSED)
		assert(gate.status >= 400 && gate.status < 600 && gate.reason != NULL);
	for (size_t n = 1; n <= size && last == GATE_MORE; n++) {
		char *copy = malloc(n);

		memcpy(copy, data, n);
		last = gate_judge(&steps, span_from(copy, n), MAX_BYTES, &slow);
		free(copy);
	}
	assert(verdict == last || (size == 0 && verdict == GATE_MORE));
	assert(verdict != GATE_WHOLE || gate.length == steps.length);
	return 0;
}
