/*
 * Openings of a month; see openings.h.
 */
#include "daemon/tlog/openings.h"

#include "daemon/base/hex.h"
#include "daemon/tlog/line.h"
#include "daemon/tlog/note.h"

#include <sodium.h>

#define FIRST_LINE "tipline-openings/v1"
#define HEAD_LINES 7

/* --- writing ---------------------------------------------------------------------------------------- */

static void add_line(struct buf *out, struct span line)
{
	buf_add_span(out, line);
	buf_add_byte(out, '\n');
}

void openings_write_head(const struct openings_head *head, struct buf *out)
{
	add_line(out, SPAN(FIRST_LINE));
	add_line(out, head->origin);
	add_line(out, head->month);
	buf_add_text(out, "leaves ");
	buf_add_u64(out, head->first);
	buf_add_byte(out, ' ');
	buf_add_u64(out, head->end);
	buf_add_text(out, "\nroot ");
	line_add_hash(out, &head->root);
	buf_add_text(out, "small ");
	buf_add_u64(out, head->small);
	buf_add_text(out, "\n\n");
}

void openings_write_leaf(uint64_t index, struct span opening, struct buf *out)
{
	buf_add_u64(out, index);
	buf_add_byte(out, ' ');
	add_line(out, opening);
}

static void add_digest(struct buf *out, const char *name, struct span bytes)
{
	unsigned char digest[crypto_hash_sha256_BYTES];
	char digits[2 * sizeof(digest)];

	crypto_hash_sha256(digest, (const unsigned char *)bytes.at, bytes.len);
	hex_put(digest, sizeof(digest), digits);
	buf_add_text(out, name);
	buf_add_byte(out, ' ');
	add_line(out, span_from(digits, sizeof(digits)));
}

void openings_write_note(struct span origin, struct span month, struct span openings, struct span figures, struct buf *out)
{
	add_line(out, SPAN(FIRST_LINE));
	add_line(out, origin);
	add_line(out, month);
	add_digest(out, "openings", openings);
	add_digest(out, "figures", figures);
}

/* --- reading -------------------------------------------------------------------------------------------- */

/* "NAME WORD...": takes the name and the blank off. */
static bool take_name(struct span *line, const char *name)
{
	struct span part;

	return span_cut(line, ' ', &part) && span_is(part, name) && line->at != NULL;
}

static bool read_leaves(struct span line, struct openings_head *head)
{
	struct span first;

	return take_name(&line, "leaves") && span_cut(&line, ' ', &first) && line_number(first, &head->first) && line.at != NULL &&
	       line_number(line, &head->end) && head->first <= head->end;
}

static bool read_small(struct span line, struct openings_head *head)
{
	return take_name(&line, "small") && line_number(line, &head->small) && head->small > 0;
}

static bool read_head(struct span *rest, struct openings_head *head)
{
	struct span line;

	if (!line_next(rest, &line) || !span_is(line, FIRST_LINE) || !line_next(rest, &head->origin) ||
	    !note_name_valid(head->origin) || !line_next(rest, &head->month) || !figures_month_valid(head->month))
		return false;
	if (!line_next(rest, &line) || !read_leaves(line, head))
		return false;
	if (!line_next(rest, &line) || !take_name(&line, "root") || !line_hash(line, &head->root))
		return false;
	return line_next(rest, &line) && read_small(line, head) && line_next(rest, &line) && span_empty(line);
}

/* Reads the line of the next leaf of which something is open. */
static bool next_line(struct openings *openings, struct complaint *why)
{
	struct span line, index;
	uint64_t before = openings->index;
	bool first = openings->line == HEAD_LINES;

	openings->more = openings->rest.len > 0;
	if (!openings->more)
		return true;
	openings->line++;
	if (!line_next(&openings->rest, &line) || !span_cut(&line, ' ', &index) || !line_number(index, &openings->index) ||
	    line.at == NULL || !leaf_opening_read(line, &openings->opening))
		return complain(why, openings->line, "line %zu is not an index and an opening", openings->line);
	if (openings->opening.open == 0)
		return complain(why, openings->line, "line %zu opens nothing", openings->line);
	if (openings->index < openings->head.first || openings->index >= openings->head.end || (!first && openings->index <= before))
		return complain(why, openings->line, "line %zu is of leaf %llu, which does not stand there", openings->line,
				(unsigned long long)openings->index);
	return true;
}

static size_t count_lines(struct span text)
{
	size_t n = 0;

	for (size_t i = 0; i < text.len; i++)
		n += text.at[i] == '\n';
	return n;
}

bool openings_begin(struct span text, struct arena *arena, struct openings *openings, struct complaint *why)
{
	*openings = (struct openings){ .rest = text, .line = HEAD_LINES };
	if (!read_head(&openings->rest, &openings->head))
		return complain(why, 1, "the head is not one of openings");
	openings->at = openings->head.first;
	openings->leaves = arena_array(arena, struct figures_leaf, count_lines(openings->rest) + 1);
	return next_line(openings, why);
}

/* --- along the leaves ------------------------------------------------------------------------------- */

static bool take_leaf(struct openings *openings, const struct leaf *leaf, struct complaint *why)
{
	const struct leaf_opening *opening = &openings->opening;

	if (!leaf_opens(leaf, opening))
		return complain(why, openings->line, "line %zu: leaf %llu does not commit to it", openings->line,
				(unsigned long long)openings->index);
	openings->leaves[openings->n++] = (struct figures_leaf){
		.index = openings->index, .class = leaf->class, .values = opening->values, .open = opening->open };
	return next_line(openings, why);
}

bool openings_leaf(struct openings *openings, struct span bytes, struct complaint *why)
{
	uint64_t at = openings->at++;
	struct leaf leaf;

	if (at >= openings->head.end)
		return complain(why, 0, "leaf %llu is not of this month", (unsigned long long)at);
	if (!leaf_parse(bytes, &leaf))
		return complain(why, 0, "leaf %llu is none", (unsigned long long)at);
	if (openings->more && openings->index == at)
		return take_leaf(openings, &leaf, why);
	openings->closed[leaf.class]++;
	return true;
}

static bool rows_large(const struct openings *openings, const struct figures *figures, struct complaint *why)
{
	for (size_t i = 0; i < figures->n; i++) {
		const struct figures_row *row = &figures->rows[i];

		if (row->count < openings->head.small)
			return complain(why, 0, "%.*s %.*s %.*s: %llu leaves, fewer than %llu", (int)row->event.len, row->event.at,
					(int)row->outcome.len, row->outcome.at, (int)row->region.len, row->region.at,
					(unsigned long long)row->count, (unsigned long long)openings->head.small);
	}
	return true;
}

bool openings_count(struct openings *openings, struct arena *arena, struct figures *figures, struct complaint *why)
{
	if (openings->at != openings->head.end)
		return complain(why, 0, "leaf %llu was not looked at", (unsigned long long)openings->at);
	*figures = (struct figures){ .origin = openings->head.origin, .month = openings->head.month };
	if (!figures_count(openings->leaves, openings->n, arena, figures))
		return complain(why, 0, "a leaf is opened in a way that cannot be counted");
	for (size_t i = 0; i < LEAF_CLASSES_END; i++)
		figures->closed[i] += openings->closed[i];
	return rows_large(openings, figures, why);
}
