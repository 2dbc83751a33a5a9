/*
 * The push parser for multipart/form-data; see multipart.h and RFC 2046, 5.1.
 *
 * The delimiter begins with CR and holds no other CR, so when a match breaks
 * off, what was matched is data and only the byte at hand can start a new one:
 * no bytes need to be kept, the delimiter itself has a copy of them.
 */
#include "daemon/http/multipart.h"

#include "daemon/http/multipart_head.h"

#include <assert.h>

/* RFC 2046: bchars, without the blank that is lawful in the middle and sent by nobody. */
static bool boundary_fits(struct span boundary)
{
	if (boundary.len == 0 || boundary.len > MULTIPART_BOUNDARY_MAX)
		return false;
	for (size_t i = 0; i < boundary.len; i++) {
		char c = boundary.at[i];
		bool alnum = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');

		if (!alnum && (c == '\0' || strchr("'()+_,-./:=?", c) == NULL))
			return false;
	}
	return true;
}

/* A quoted value without escapes, or a token with the characters that a boundary may have. */
static struct span bare_value(struct span text)
{
	if (text.len >= 2 && text.at[0] == '"' && text.at[text.len - 1] == '"')
		return span_from(text.at + 1, text.len - 2);
	return text;
}

bool multipart_boundary(struct span content_type, struct span *boundary)
{
	struct span part, name;
	bool found = false;

	if (!span_cut(&content_type, ';', &part) ||
	    !span_eq_nocase(span_trim(part), SPAN("multipart/form-data")))
		return false;
	while (span_cut(&content_type, ';', &part)) {
		part = span_trim(part);
		if (!span_cut(&part, '=', &name) || !span_eq_nocase(name, SPAN("boundary")))
			continue;
		if (found)
			return false;
		found = true;
		*boundary = bare_value(part);
	}
	return found && boundary_fits(*boundary);
}

void multipart_init(struct multipart *parser, struct span boundary, const struct multipart_limits *limits,
		    const struct multipart_sink *sink)
{
	assert(boundary_fits(boundary) && limits->head_bytes <= MULTIPART_HEAD_MAX);
	parser->sink = *sink;
	parser->limits = *limits;
	parser->state = MULTIPART_DATA;
	memcpy(parser->delimiter, "\r\n--", 4);
	memcpy(parser->delimiter + 4, boundary.at, boundary.len);
	parser->delimiter_len = 4 + boundary.len;
	parser->matched = 2; /* the first boundary stands at the very beginning */
	parser->ntail = 0;
	parser->head_len = 0;
	parser->nparts = 0;
	parser->part_bytes = 0;
}

static bool emit(struct multipart *parser, struct span piece, struct complaint *complaint)
{
	if (piece.len == 0)
		return true;
	if (parser->nparts == 0)
		return complain(complaint, 0, "the body does not begin with its boundary");
	if (piece.len > parser->limits.part_bytes - parser->part_bytes)
		return complain(complaint, 0, "part %zu is longer than %llu bytes", parser->nparts,
				(unsigned long long)parser->limits.part_bytes);
	parser->part_bytes += piece.len;
	return parser->sink.data(parser->sink.ctx, piece);
}

static bool found_boundary(struct multipart *parser)
{
	parser->matched = 0;
	parser->ntail = 0;
	parser->state = MULTIPART_BOUNDARY;
	return parser->nparts == 0 || parser->sink.end(parser->sink.ctx);
}

/* Data until something that may be a boundary; takes what it can off `rest`. */
static bool take_data(struct multipart *parser, struct span *rest, struct complaint *complaint)
{
	size_t before = parser->matched, n = 0;

	while (parser->matched > 0 && n < rest->len && rest->at[n] == parser->delimiter[parser->matched]) {
		n++;
		if (++parser->matched == parser->delimiter_len) {
			*rest = span_from_offset(*rest, n);
			return found_boundary(parser);
		}
	}
	if (parser->matched > 0) {
		if (n == rest->len) {
			*rest = span_from_offset(*rest, n);
			return true;
		}
		/* No boundary after all: what an earlier piece and this one brought of it is data. */
		parser->matched = 0;
		if (!emit(parser, span_from(parser->delimiter, before), complaint))
			return false;
	}
	const char *stop = memchr(rest->at + n, '\r', rest->len - n);
	size_t len = stop != NULL ? (size_t)(stop - rest->at) : rest->len;

	if (!emit(parser, span_from(rest->at, len), complaint))
		return false;
	*rest = span_from_offset(*rest, len);
	if (stop != NULL) {
		parser->matched = 1;
		*rest = span_from_offset(*rest, 1);
	}
	return true;
}

static bool take_tail(struct multipart *parser, struct span *rest, struct complaint *complaint)
{
	parser->tail[parser->ntail++] = rest->at[0];
	*rest = span_from_offset(*rest, 1);
	if (parser->ntail < 2)
		return true;
	parser->ntail = 0;
	if (memcmp(parser->tail, "--", 2) == 0) {
		parser->state = MULTIPART_EPILOGUE;
		return true;
	}
	if (memcmp(parser->tail, "\r\n", 2) != 0)
		return complain(complaint, 0, "the boundary behind part %zu is malformed", parser->nparts);
	if (parser->nparts == parser->limits.parts)
		return complain(complaint, 0, "the body has more than %zu parts", parser->limits.parts);
	parser->head_len = 0;
	parser->state = MULTIPART_HEAD;
	return true;
}

static bool begin_part(struct multipart *parser, struct complaint *complaint)
{
	struct multipart_part part;

	parser->nparts++;
	parser->part_bytes = 0;
	parser->matched = 0;
	parser->state = MULTIPART_DATA;
	return multipart_head_read(parser->head, parser->head_len, parser->nparts, &part, complaint) &&
	       parser->sink.begin(parser->sink.ctx, &part);
}

/* Lines up to the empty one; a part without fields has that line alone. */
static bool take_head(struct multipart *parser, struct span *rest, struct complaint *complaint)
{
	const char *feed = memchr(rest->at, '\n', rest->len);
	size_t n = feed != NULL ? (size_t)(feed - rest->at) + 1 : rest->len;
	size_t len = parser->head_len + n;

	if (len > parser->limits.head_bytes)
		return complain(complaint, 0, "part %zu has fields of more than %zu bytes",
				parser->nparts + 1, parser->limits.head_bytes);
	memcpy(parser->head + parser->head_len, rest->at, n);
	parser->head_len = len;
	*rest = span_from_offset(*rest, n);
	if (feed == NULL)
		return true;
	if (len == 2 || (len >= 4 && memcmp(parser->head + len - 4, "\r\n\r\n", 4) == 0))
		return begin_part(parser, complaint);
	return true;
}

/* Behind the last boundary one line end may follow. */
static bool take_epilogue(struct multipart *parser, struct span *rest, struct complaint *complaint)
{
	if (parser->ntail == 2 || rest->at[0] != "\r\n"[parser->ntail])
		return complain(complaint, 0, "the body goes on behind its last boundary");
	parser->ntail++;
	*rest = span_from_offset(*rest, 1);
	return true;
}

static bool step(struct multipart *parser, struct span *rest, struct complaint *complaint)
{
	switch (parser->state) {
	case MULTIPART_DATA:
		return take_data(parser, rest, complaint);
	case MULTIPART_BOUNDARY:
		return take_tail(parser, rest, complaint);
	case MULTIPART_HEAD:
		return take_head(parser, rest, complaint);
	case MULTIPART_EPILOGUE:
		return take_epilogue(parser, rest, complaint);
	case MULTIPART_FAILED:
		return false;
	}
	return false;
}

bool multipart_feed(struct multipart *parser, struct span bytes, struct complaint *complaint)
{
	while (bytes.len > 0) {
		if (step(parser, &bytes, complaint))
			continue;
		parser->state = MULTIPART_FAILED;
		return false;
	}
	return true;
}

bool multipart_finish(const struct multipart *parser, struct complaint *complaint)
{
	if (parser->state == MULTIPART_EPILOGUE && parser->ntail != 1)
		return true;
	if (parser->state == MULTIPART_FAILED)
		return false;
	return complain(complaint, 0, "the body ends in part %zu, before its last boundary", parser->nparts);
}
