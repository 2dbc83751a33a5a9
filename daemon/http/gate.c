/*
 * The strict head parser; see gate.h.
 *
 * RFC 9112 (message syntax), RFC 9110 (fields), RFC 3986 (targets, hosts).
 */
#include "daemon/http/gate.h"

#include "daemon/base/table.h"

#include <assert.h>

/* What a byte may be part of. */
#define T 1  /* token: method, field name */
#define U 2  /* target, RFC 3986 path and query; '%' is looked at apart */
#define V 4  /* field value: visible, blank, 8-bit */
#define H 8  /* host: registered name or IPv4 address */
#define D 16 /* decimal digit */
#define X 32 /* hexadecimal digit */
#define L 64 /* request line: visible or space */

#define VIS (V | L)
#define TGT (VIS | U)
#define TOK (VIS | T)
#define TOT (TOK | U)
#define NAM (TOT | H)
#define HEX (NAM | X)
#define NUM (HEX | D)

/* ASCII, sixteen a row; what lies above may stand in field values alone. */
static const unsigned char classes[128] = {
	/* clang-format off */
	['\t'] = V,
	[0x20] = VIS, TOT, VIS, TOK, TOT, TOT, TOT, TOT, TGT, TGT, TOT, TOT, TGT, NAM, NAM, TGT,  /*  !"#$%&'()*+,-./ */
	[0x30] = NUM, NUM, NUM, NUM, NUM, NUM, NUM, NUM, NUM, NUM, TGT, TGT, VIS, TGT, VIS, TGT,  /* 0123456789:;<=>? */
	[0x40] = TGT, HEX, HEX, HEX, HEX, HEX, HEX, NAM, NAM, NAM, NAM, NAM, NAM, NAM, NAM, NAM,  /* @ABCDEFGHIJKLMNO */
	[0x50] = NAM, NAM, NAM, NAM, NAM, NAM, NAM, NAM, NAM, NAM, NAM, VIS, VIS, VIS, TOK, NAM,  /* PQRSTUVWXYZ[\]^_ */
	[0x60] = TOK, HEX, HEX, HEX, HEX, HEX, HEX, NAM, NAM, NAM, NAM, NAM, NAM, NAM, NAM, NAM,  /* `abcdefghijklmno */
	[0x70] = NAM, NAM, NAM, NAM, NAM, NAM, NAM, NAM, NAM, NAM, NAM, VIS, TOK, VIS, TOT, 0,  /* pqrstuvwxyz{|}~ */
	/* clang-format on */
};

static bool is(char c, unsigned class)
{
	unsigned char byte = (unsigned char)c;

	return ((byte < COUNT_OF(classes) ? classes[byte] : V) & class) != 0;
}

static bool all(struct span s, unsigned class)
{
	for (size_t i = 0; i < s.len; i++)
		if (!is(s.at[i], class))
			return false;
	return true;
}

static bool refuse(struct gate *gate, int status, const char *reason)
{
	gate->status = status;
	gate->reason = reason;
	return false;
}

/* --- the request line ---------------------------------------------------------- */

static const struct {
	struct span name;
	enum http_method method;
	bool body; /* may carry one */
} methods[] = {
	{ .name = { .at = "GET", .len = 3 }, .method = HTTP_GET },
	{ .name = { .at = "POST", .len = 4 }, .method = HTTP_POST, .body = true },
	{ .name = { .at = "HEAD", .len = 4 }, .method = HTTP_HEAD },
	{ .name = { .at = "PUT", .len = 3 }, .method = HTTP_PUT, .body = true },
	{ .name = { .at = "PATCH", .len = 5 }, .method = HTTP_PATCH, .body = true },
	{ .name = { .at = "DELETE", .len = 6 }, .method = HTTP_DELETE, .body = true },
	{ .name = { .at = "OPTIONS", .len = 7 }, .method = HTTP_OPTIONS },
};

static bool take_method(struct gate *gate, struct span name, struct http_request *request)
{
	for (size_t i = 0; i < COUNT_OF(methods); i++)
		if (span_eq(methods[i].name, name)) {
			request->method = methods[i].method;
			return true;
		}
	if (span_eq(name, SPAN("CONNECT")) || span_eq(name, SPAN("TRACE")))
		return refuse(gate, 405, "method_refused");
	return refuse(gate, 501, "method_unknown");
}

static bool method_takes_body(enum http_method method)
{
	for (size_t i = 0; i < COUNT_OF(methods); i++)
		if (methods[i].method == method)
			return methods[i].body;
	return false;
}

/* "HTTP/1.0" and "HTTP/1.1"; other single digits are versions we do not speak, the rest is noise. */
static bool take_version(struct gate *gate, struct span version, struct http_request *request)
{
	if (version.len != 8 || memcmp(version.at, "HTTP/", 5) != 0 || !is(version.at[5], D) ||
	    version.at[6] != '.' || !is(version.at[7], D))
		return refuse(gate, 400, "version_malformed");
	if (version.at[5] != '1' || version.at[7] > '1')
		return refuse(gate, 505, "version_unsupported");
	request->minor = version.at[7] == '1';
	return true;
}

/* Every '%' has two digits behind it. */
static bool escapes_fit(struct span target)
{
	for (const char *at = target.at, *end = target.at + target.len;
	     (at = memchr(at, '%', (size_t)(end - at))) != NULL; at += 3)
		if (end - at < 3 || !is(at[1], X) || !is(at[2], X))
			return false;
	return true;
}

static bool take_target(struct gate *gate, struct span target, struct http_request *request)
{
	const char *mark;

	if (target.len == 0 || target.at[0] != '/')
		return refuse(gate, 400, "target_form");
	if (!all(target, U) || !escapes_fit(target))
		return refuse(gate, 400, "target_malformed");
	mark = memchr(target.at, '?', target.len);
	request->path = span_from(target.at, mark != NULL ? (size_t)(mark - target.at) : target.len);
	request->query = (struct span){ 0 };
	if (mark != NULL)
		request->query = span_from_offset(target, request->path.len + 1);
	/* A NUL in the path ends strings too early somewhere; the query of an SMS gateway is full of them. */
	if (span_find(request->path, SPAN("%00")) != request->path.len)
		return refuse(gate, 400, "target_malformed");
	return true;
}

/* method SP target SP version, and no other blank. */
static bool take_request_line(struct gate *gate, struct span line, struct http_request *request)
{
	struct span method, target;

	if (!span_cut(&line, ' ', &method) || !span_cut(&line, ' ', &target) || line.at == NULL)
		return refuse(gate, 400, "request_line");
	if (method.len == 0 || !all(method, T))
		return refuse(gate, 400, "method_malformed");
	return take_version(gate, line, request) && take_method(gate, method, request) &&
	       take_target(gate, target, request);
}

/* --- fields ---------------------------------------------------------------------- */

/* What the fields said that must be weighed together. */
struct facts {
	uint32_t seen; /* bit n: the single field whose name has n letters was there */
	bool says_close;
	bool says_keep_alive;
	bool coding_is_chunked;
	bool expects;
};

static bool port_fits(struct span port)
{
	uint64_t number;

	return port.len <= 5 && span_u64(port, &number) && number <= 65535;
}

/* RFC 3986: uri-host [ ":" port ]; an IPv6 address stands in brackets. */
static bool take_host(struct gate *gate, struct facts *facts, struct span value, struct http_request *request)
{
	struct span host = value, rest;
	size_t end = 0;

	(void)facts;
	(void)request;
	if (host.len > 0 && host.at[0] == '[') {
		for (end = 1;
		     end < host.len && (is(host.at[end], X) || host.at[end] == ':' || host.at[end] == '.');)
			end++;
		if (end < 3 || end == host.len || host.at[end] != ']')
			return refuse(gate, 400, "host_malformed");
		end++;
	} else {
		while (end < host.len && is(host.at[end], H))
			end++;
	}
	rest = span_from_offset(host, end);
	if (end == 0 || (rest.len > 0 && (rest.at[0] != ':' || !port_fits(span_from_offset(rest, 1)))))
		return refuse(gate, 400, "host_malformed");
	return true;
}

static bool take_length(struct gate *gate, struct facts *facts, struct span value,
			struct http_request *request)
{
	(void)facts;
	if (!span_digits(value))
		return refuse(gate, 400, "length_malformed");
	if (!span_u64(value, &request->content_length) || request->content_length > INT64_MAX)
		return refuse(gate, 413, "length_absurd");
	return true;
}

static bool take_coding(struct gate *gate, struct facts *facts, struct span value,
			struct http_request *request)
{
	(void)gate;
	(void)request;
	facts->coding_is_chunked = span_eq_nocase(value, SPAN("chunked"));
	return true;
}

static bool take_connection(struct gate *gate, struct facts *facts, struct span value,
			    struct http_request *request)
{
	struct span token;

	(void)request;
	while (span_cut(&value, ',', &token)) {
		token = span_trim(token);
		if (!all(token, T))
			return refuse(gate, 400, "connection_malformed");
		if (span_eq_nocase(token, SPAN("close")))
			facts->says_close = true;
		else if (span_eq_nocase(token, SPAN("keep-alive")))
			facts->says_keep_alive = true;
	}
	return true;
}

static bool take_expect(struct gate *gate, struct facts *facts, struct span value,
			struct http_request *request)
{
	(void)request;
	if (!span_eq_nocase(value, SPAN("100-continue")))
		return refuse(gate, 417, "expectation_unknown");
	facts->expects = true;
	return true;
}

/*
 * Fields the gate itself heeds or allows once only, because two values would
 * be read differently by two programs. No two names are equally long: the
 * length is the index.
 */
#define LONGEST_SPECIAL 17
#define SEEN(literal) (UINT32_C(1) << (sizeof(literal) - 1))

static const struct special {
	const char *name;
	bool many;
	bool (*take)(struct gate *, struct facts *, struct span value, struct http_request *);
} specials[LONGEST_SPECIAL + 1] = {
	[4] = { .name = "Host", .take = take_host },
	[6] = { .name = "Expect", .take = take_expect },
	[10] = { .name = "Connection", .take = take_connection, .many = true },
	[12] = { .name = "Content-Type" },
	[13] = { .name = "Authorization" },
	[14] = { .name = "Content-Length", .take = take_length },
	[15] = { .name = "Idempotency-Key" },
	[17] = { .name = "Transfer-Encoding", .take = take_coding },
};

static bool heed(struct gate *gate, struct facts *facts, const struct http_field *field,
		 struct http_request *request)
{
	const struct special *special = &specials[field->name.len <= LONGEST_SPECIAL ? field->name.len : 0];
	uint32_t bit;

	if (special->name == NULL || !span_eq_nocase(field->name, span_from(special->name, field->name.len)))
		return true;
	bit = UINT32_C(1) << field->name.len;
	if ((facts->seen & bit) != 0 && !special->many)
		return refuse(gate, 400, "field_repeated");
	facts->seen |= bit;
	return special->take == NULL || special->take(gate, facts, field->value, request);
}

/* One line without its CRLF: name ":" value. A blank in front (a folded line) is no token. */
static bool take_field(struct gate *gate, struct facts *facts, struct span line, struct http_request *request)
{
	struct http_field *field = &request->fields[request->nfields];
	size_t name = 0;

	while (name < line.len && is(line.at[name], T))
		name++;
	if (name == 0 || name == line.len || line.at[name] != ':')
		return refuse(gate, 400, "field_name");
	if (request->nfields == HTTP_FIELDS_MAX)
		return refuse(gate, 431, "fields_many");
	field->name = span_from(line.at, name);
	field->value = span_trim(span_from_offset(line, name + 1));
	if (!all(field->value, V))
		return refuse(gate, 400, "field_value");
	request->nfields++;
	return heed(gate, facts, field, request);
}

/* What the fields mean together, RFC 9112 section 6. */
static bool settle_body(struct gate *gate, const struct facts *facts, struct http_request *request)
{
	if ((facts->seen & SEEN("Transfer-Encoding")) != 0) {
		if ((facts->seen & SEEN("Content-Length")) != 0)
			return refuse(gate, 400, "length_and_coding");
		if (request->minor == 0 || !facts->coding_is_chunked)
			return refuse(gate, 501, "coding_unknown");
		return refuse(gate, 411, "length_required");
	}
	request->has_body = request->content_length > 0;
	if (request->has_body && !method_takes_body(request->method))
		return refuse(gate, 400, "body_unexpected");
	/* RFC 9110, 10.1.1: an expectation of a 1.0 client is to be ignored. */
	gate->expects_continue = facts->expects && request->has_body && request->minor == 1;
	return true;
}

static bool settle(struct gate *gate, const struct facts *facts, struct http_request *request)
{
	if (request->minor == 1 && (facts->seen & SEEN("Host")) == 0)
		return refuse(gate, 400, "host_missing");
	request->keep_alive = !facts->says_close && (request->minor == 1 || facts->says_keep_alive);
	return settle_body(gate, facts, request);
}

/* --- the head ---------------------------------------------------------------------- */

static void request_reset(struct http_request *request)
{
	request->nfields = 0;
	request->content_length = 0;
	request->has_body = false;
	request->keep_alive = false;
	request->body = (struct span){ 0 };
}

static bool take_head(struct gate *gate, struct span bytes, struct http_request *request)
{
	struct facts facts = { 0 };
	const char *at = bytes.at + gate->first_end + 2;
	const char *end = bytes.at + gate->length - 2;

	request_reset(request);
	if (gate->first_end == 0)
		return refuse(gate, 400, "request_line");
	if (!take_request_line(gate, span_from(bytes.at + gate->start, gate->first_end - gate->start),
			       request))
		return false;
	while (at < end) {
		const char *stop = memchr(at, '\r', (size_t)(end - at));

		assert(stop != NULL);
		if (stop[1] != '\n')
			return refuse(gate, 400, "line_end");
		if (!take_field(gate, &facts, span_from(at, (size_t)(stop - at)), request))
			return false;
		at = stop + 2;
	}
	return settle(gate, &facts, request);
}

/* One more line ends at `feed`, the place of a line feed. True when it is the empty line of the end. */
static bool end_line(struct gate *gate, size_t feed)
{
	size_t len = feed - 1 - gate->line;

	gate->line = feed + 1;
	gate->searched = feed + 1;
	if (len > 0) {
		if (gate->first_end == 0)
			gate->first_end = feed - 1;
		return false;
	}
	if (feed == 1) {
		gate->start = 2; /* RFC 9112, 2.2: an empty line before the request is forgiven */
		return false;
	}
	gate->length = feed + 1;
	return true;
}

static enum gate_verdict find_end(struct gate *gate, struct span bytes)
{
	while (gate->searched < bytes.len) {
		const char *feed = memchr(bytes.at + gate->searched, '\n', bytes.len - gate->searched);
		size_t at;

		if (feed == NULL) {
			gate->searched = bytes.len;
			break;
		}
		at = (size_t)(feed - bytes.at);
		if (at == gate->line || feed[-1] != '\r') {
			refuse(gate, 400, "line_end");
			return GATE_REFUSED;
		}
		if (end_line(gate, at))
			return GATE_WHOLE;
	}
	return GATE_MORE;
}

/* A request line that is not whole must at least look like one: what speaks TLS is told off at once. */
static bool first_line_fits(struct gate *gate, struct span bytes, size_t from)
{
	/* The byte before may have been a CR whose follower was not there yet. */
	from = from > gate->start ? from - 1 : gate->start;
	for (size_t i = from; i < bytes.len; i++)
		if (!is(bytes.at[i], L) &&
		    !(bytes.at[i] == '\r' && (i + 1 == bytes.len || bytes.at[i + 1] == '\n')))
			return refuse(gate, 400, "request_line");
	return true;
}

/* What can be said of a head that is not whole yet. */
static bool judge_part(struct gate *gate, struct span bytes, size_t from, struct http_request *request)
{
	if (gate->first_end == 0)
		return first_line_fits(gate, bytes, from);
	if (gate->line_judged)
		return true;
	gate->line_judged = true;
	return take_request_line(gate, span_from(bytes.at + gate->start, gate->first_end - gate->start),
				 request);
}

static bool too_long(struct gate *gate, size_t len, size_t max_bytes)
{
	if (len <= max_bytes)
		return false;
	if (gate->first_end == 0 || gate->first_end > max_bytes)
		refuse(gate, 414, "target_long");
	else
		refuse(gate, 431, "head_long");
	return true;
}

enum gate_verdict gate_judge(struct gate *gate, struct span bytes, size_t max_bytes,
			     struct http_request *request)
{
	size_t from = gate->searched;

	switch (find_end(gate, bytes)) {
	case GATE_REFUSED:
		return GATE_REFUSED;
	case GATE_WHOLE:
		if (too_long(gate, gate->length, max_bytes) || !take_head(gate, bytes, request))
			return GATE_REFUSED;
		return GATE_WHOLE;
	case GATE_MORE:
		break;
	}
	if (too_long(gate, bytes.len, max_bytes) || !judge_part(gate, bytes, from, request))
		return GATE_REFUSED;
	return GATE_MORE;
}
