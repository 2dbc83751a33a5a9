/*
 * The multipart parser on any bytes: cut in any way it tells the same events,
 * and data is never longer than what went in.
 */
#include "daemon/http/multipart.h"

#include "daemon/base/buf.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool note_begin(void *ctx, const struct multipart_part *part)
{
	buf_add_byte(ctx, 'B');
	buf_add_span(ctx, part->name);
	buf_add_span(ctx, part->filename);
	buf_add_span(ctx, part->type);
	buf_add_byte(ctx, ':');
	return true;
}

static bool note_data(void *ctx, struct span piece)
{
	assert(piece.len > 0);
	buf_add_span(ctx, piece);
	return true;
}

static bool note_end(void *ctx)
{
	buf_add_byte(ctx, 'E');
	return true;
}

static bool parse(struct span bytes, size_t step, struct buf *events)
{
	static const struct multipart_limits limits = { .parts = 4, .head_bytes = 200, .part_bytes = 300 };
	struct multipart_sink sink = { .begin = note_begin, .data = note_data, .end = note_end, .ctx = events };
	struct multipart *parser = malloc(sizeof(*parser));
	struct complaint complaint = { 0 };
	bool good = true;

	multipart_init(parser, SPAN("xx"), &limits, &sink);
	while (good && bytes.len > 0) {
		size_t n = bytes.len < step ? bytes.len : step;
		char *copy = malloc(n);

		memcpy(copy, bytes.at, n);
		good = multipart_feed(parser, span_from(copy, n), &complaint);
		free(copy);
		bytes = span_from_offset(bytes, n);
	}
	good = good && multipart_finish(parser, &complaint);
	assert(good || complaint.text[0] != '\0');
	free(parser);
	return good;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf whole = { 0 }, cut = { 0 };
	struct span boundary, bytes = span_from(data, size);
	size_t step = size > 0 ? 1 + data[0] % 16 : 1;
	bool good = parse(bytes, size + 1, &whole);

	assert(parse(bytes, step, &cut) == good);
	/* On a refusal the cut one may have told more of the data that came before. */
	if (good)
		assert(span_eq(buf_span(&whole), buf_span(&cut)));
	if (multipart_boundary(bytes, &boundary))
		assert(boundary.len > 0 && boundary.len <= MULTIPART_BOUNDARY_MAX);
	buf_release(&whole);
	buf_release(&cut);
	return 0;
}
