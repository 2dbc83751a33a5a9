/*
 * Figures as text; see figures.h.
 */
#include "daemon/tlog/figures.h"

#include "daemon/tlog/line.h"
#include "daemon/tlog/note.h"

#define FIRST_LINE "tipline-figures/v1"
#define CELLS 7

bool figures_month_valid(struct span month)
{
	return month.len == FIGURES_MONTH_LEN && span_digits(span_from(month.at, 4)) && month.at[4] == '-' &&
	       span_digits(span_from(month.at + 5, 2)) && memcmp(month.at + 5, "01", 2) >= 0 && memcmp(month.at + 5, "12", 2) <= 0;
}

/* --- writing ---------------------------------------------------------------------------------------- */

static void add_line(struct buf *out, struct span line)
{
	buf_add_span(out, line);
	buf_add_byte(out, '\n');
}

static void add_classes(struct buf *out, const char *name, const uint64_t counts[LEAF_CLASSES_END])
{
	buf_add_text(out, name);
	for (size_t i = LEAF_RECEIVED; i < LEAF_CLASSES_END; i++) {
		buf_add_byte(out, ' ');
		buf_add_u64(out, counts[i]);
	}
	buf_add_byte(out, '\n');
}

static void add_word(struct buf *out, struct span word)
{
	buf_add_span(out, span_empty(word) ? SPAN("-") : word);
	buf_add_byte(out, ' ');
}

static void add_number(struct buf *out, bool there, uint64_t number)
{
	if (there)
		buf_add_u64(out, number);
	else
		buf_add_byte(out, '-');
}

static void add_row(struct buf *out, const struct figures_row *row)
{
	add_word(out, row->event);
	add_word(out, row->outcome);
	add_word(out, row->region);
	buf_add_u64(out, row->count);
	buf_add_byte(out, ' ');
	add_number(out, row->amounts, (uint64_t)row->amount);
	buf_add_byte(out, ' ');
	add_number(out, row->waits, row->median);
	buf_add_byte(out, ' ');
	add_number(out, row->waits, row->p90);
	buf_add_byte(out, '\n');
}

void figures_write(const struct figures *figures, struct buf *out)
{
	add_line(out, SPAN(FIRST_LINE));
	add_line(out, figures->origin);
	add_line(out, figures->month);
	add_classes(out, "closed", figures->closed);
	add_classes(out, "dummies", figures->dummies);
	for (size_t i = 0; i < figures->n; i++)
		add_row(out, &figures->rows[i]);
}

/* --- reading -------------------------------------------------------------------------------------------- */

static bool read_classes(struct span line, const char *name, uint64_t counts[LEAF_CLASSES_END])
{
	struct span part;

	if (!span_cut(&line, ' ', &part) || !span_is(part, name))
		return false;
	for (size_t i = LEAF_RECEIVED; i < LEAF_CLASSES_END; i++)
		if (!span_cut(&line, ' ', &part) || !line_number(part, &counts[i]))
			return false;
	return line.at == NULL;
}

static bool read_word(struct span part, struct span *word)
{
	*word = span_is(part, "-") ? (struct span){ 0 } : part;
	return part.len > 0 && leaf_value_valid(part);
}

static bool read_number(struct span part, bool *there, uint64_t *number)
{
	*there = !span_is(part, "-");
	*number = 0;
	return !*there || line_number(part, number);
}

static bool read_row(struct span line, struct figures_row *row)
{
	struct span parts[CELLS];
	uint64_t amount;
	bool waits;

	if (line.len > FIGURES_ROW_MAX)
		return false;
	for (size_t i = 0; i < CELLS; i++)
		if (!span_cut(&line, ' ', &parts[i]))
			return false;
	if (line.at != NULL || !read_word(parts[0], &row->event) || !read_word(parts[1], &row->outcome) ||
	    !read_word(parts[2], &row->region) || !line_number(parts[3], &row->count) ||
	    !read_number(parts[4], &row->amounts, &amount) || !read_number(parts[5], &row->waits, &row->median) ||
	    !read_number(parts[6], &waits, &row->p90))
		return false;
	row->amount = (int64_t)amount;
	return !span_empty(row->event) && waits == row->waits && (span_empty(row->region) || (row->region.len == 6 && span_digits(row->region)));
}

static size_t count_lines(struct span text)
{
	size_t n = 0;

	for (size_t i = 0; i < text.len; i++)
		n += text.at[i] == '\n';
	return n;
}

static bool read_head(struct span *rest, struct figures *figures)
{
	struct span line;

	return line_next(rest, &line) && span_is(line, FIRST_LINE) && line_next(rest, &figures->origin) &&
	       note_name_valid(figures->origin) && line_next(rest, &figures->month) && figures_month_valid(figures->month) &&
	       line_next(rest, &line) && read_classes(line, "closed", figures->closed) && line_next(rest, &line) &&
	       read_classes(line, "dummies", figures->dummies);
}

bool figures_read(struct span text, struct arena *arena, struct figures *figures)
{
	struct span rest = text, line;

	*figures = (struct figures){ 0 };
	if (!read_head(&rest, figures))
		return false;
	figures->rows = arena_array(arena, struct figures_row, count_lines(rest));
	while (line_next(&rest, &line))
		if (!read_row(line, &figures->rows[figures->n++]))
			return false;
	return rest.len == 0;
}
