/*
 * The CSV template of a statement, for banks that send something of their own:
 *
 *   statement,account,date,sequence,opening,closing,count
 *   statement,main,2026-11-20,41,100000.00,91500.00,1
 *   line,line_id,instruction_id,provider_ref,direction,amount,booked_at,kind
 *   line,1,0A1B..,BK77,debit,8500.00,2026-11-20,payment
 *
 * RFC 4180, UTF-8 with or without a byte order mark, lines end with CR LF or
 * LF. The rows of headings have to be there as they stand: a column that moved
 * is refused and not guessed. Amounts are yuan.
 */
#include "daemon/money/statement.h"

#include "daemon/base/table.h"

#define CELLS_MAX 8
#define CELL_MAX 256

struct csv {
	struct span rest;
	size_t line;                       /* of the file, from 1 */
	struct span cells[CELLS_MAX];
	size_t n;
	struct arena *arena;
	struct complaint *why;
};

/* --- RFC 4180 -------------------------------------------------------------------------- */

static struct span unquoted(const struct csv *csv, struct span quoted)
{
	char *at = arena_alloc(csv->arena, quoted.len + 1);
	size_t n = 0;

	for (size_t i = 0; i < quoted.len; i++) {
		at[n++] = quoted.at[i];
		if (quoted.at[i] == '"')
			i++;
	}
	return span_from(at, n);
}

/* A cell between quotes, which may hold what it likes but no line end. */
static bool take_quoted(struct csv *csv, struct span *cell)
{
	struct span rest = span_from_offset(csv->rest, 1);

	for (size_t i = 0; i < rest.len && i <= CELL_MAX && rest.at[i] != '\n'; i++) {
		if (rest.at[i] != '"')
			continue;
		if (i + 1 < rest.len && rest.at[i + 1] == '"') {
			i++;
			continue;
		}
		*cell = unquoted(csv, span_from(rest.at, i));
		csv->rest = span_from_offset(rest, i + 1);
		return true;
	}
	return complain(csv->why, csv->line, "a quoted cell has no end on its line");
}

static bool take_plain(struct csv *csv, struct span *cell)
{
	size_t n = 0;

	while (n < csv->rest.len && memchr(",\r\n", csv->rest.at[n], 3) == NULL) {
		if (csv->rest.at[n] == '"' || n == CELL_MAX)
			return complain(csv->why, csv->line, "a quote inside a cell, or a cell above %d bytes", CELL_MAX);
		n++;
	}
	*cell = span_from(csv->rest.at, n);
	csv->rest = span_from_offset(csv->rest, n);
	return true;
}

/* What stands behind a cell: ',' or '\n'; the end of the file counts as the end of a line; 0: neither. */
static char take_separator(struct csv *csv)
{
	char c = '\n';

	if (span_starts(csv->rest, SPAN("\r\n")))
		csv->rest = span_from_offset(csv->rest, 1);
	if (csv->rest.len > 0)
		c = csv->rest.at[0];
	csv->rest = span_from_offset(csv->rest, 1);
	return c == ',' || c == '\n' ? c : '\0';
}

/* False at the end of the file, or with a complaint. */
static bool next_row(struct csv *csv)
{
	char behind = ',';

	if (csv->rest.len == 0)
		return false;
	csv->line++;
	for (csv->n = 0; behind == ','; csv->n++) {
		struct span cell = { 0 };

		if (csv->n == CELLS_MAX)
			return complain(csv->why, csv->line, "more than %d cells", CELLS_MAX);
		if (!(csv->rest.len > 0 && csv->rest.at[0] == '"' ? take_quoted : take_plain)(csv, &cell))
			return false;
		csv->cells[csv->n] = cell;
		behind = take_separator(csv);
	}
	if (behind == '\0')
		return complain(csv->why, csv->line, "something stands behind a quoted cell or a lone CR");
	return true;
}

/* --- the template ------------------------------------------------------------------------- */

static const char *const statement_head[] = { "statement", "account", "date", "sequence",
					      "opening",   "closing", "count" };
static const char *const line_head[] = { "line",      "line_id", "instruction_id", "provider_ref",
					 "direction", "amount",  "booked_at",      "kind" };

static bool take_head(struct csv *csv, const char *const *head, size_t n)
{
	bool well = next_row(csv) && csv->n == n;

	for (size_t i = 0; well && i < n; i++)
		well = span_is(csv->cells[i], head[i]);
	if (!well && csv->why->text[0] == '\0')
		complain(csv->why, csv->line, "the row of headings of \"%s\" is not that of the template", head[0]);
	return well;
}

static bool take_statement(struct csv *csv, struct statement *out, uint64_t *count)
{
	const struct span *cell = csv->cells;

	if (!next_row(csv) || csv->n != COUNT_OF(statement_head) || !span_is(cell[0], "statement"))
		return csv->why->text[0] != '\0' ? false : complain(csv->why, csv->line, "no row \"statement\"");
	out->account = cell[1];
	if (!statement_date_read(cell[2], out->date))
		return complain(csv->why, csv->line, "the date is no day");
	if (!span_empty(cell[3]) && !money_read(cell[3], false, &out->sequence))
		return complain(csv->why, csv->line, "the sequence is no number");
	if (!money_read_yuan(cell[4], &out->opening) || !money_read_yuan(cell[5], &out->closing))
		return complain(csv->why, csv->line, "a balance is no amount in yuan");
	return span_u64(cell[6], count) || complain(csv->why, csv->line, "the count is no number");
}

static bool take_line(struct csv *csv, struct statement_line *line)
{
	const struct span *cell = csv->cells;

	if (csv->n != COUNT_OF(line_head) || !span_is(cell[0], "line"))
		return complain(csv->why, csv->line, "no row \"line\" of the template");
	*line = (struct statement_line){ .id = cell[1], .instruction = cell[2], .reference = cell[3],
					 .credit = span_is(cell[4], "credit") };
	if (!line->credit && !span_is(cell[4], "debit"))
		return complain(csv->why, csv->line, "the direction is debit or credit");
	if (!money_read_yuan(cell[5], &line->fen))
		return complain(csv->why, csv->line, "the amount is none in yuan");
	if (!statement_date_read(cell[6], line->booked))
		return complain(csv->why, csv->line, "the booking date is no day");
	return statement_kind_parse(cell[7], &line->kind) ||
	       complain(csv->why, csv->line, "the kind is payment, return, fee or other");
}

static bool take_lines(struct csv *csv, struct statement_line *lines, size_t *n)
{
	while (next_row(csv)) {
		if (*n == STATEMENT_LINES_MAX)
			return complain(csv->why, csv->line, "more than %d lines", STATEMENT_LINES_MAX);
		if (!take_line(csv, &lines[(*n)++]))
			return false;
	}
	return csv->why->text[0] == '\0';
}

bool statement_read_csv(struct span file, struct arena *arena, struct statement *out, struct complaint *why)
{
	struct span bom = SPAN("\xEF\xBB\xBF");
	struct csv csv = { .rest = span_from_offset(file, span_starts(file, bom) ? bom.len : 0), .arena = arena,
			   .why = why };
	struct statement_line *lines = statement_lines_new(file, arena);
	uint64_t count;
	size_t n = 0;

	*out = (struct statement){ .currency = "CNY" };
	*why = (struct complaint){ .text = "" };
	if (file.len > STATEMENT_BYTES_MAX)
		return complain(why, 0, "longer than %d bytes", STATEMENT_BYTES_MAX);
	if (!take_head(&csv, statement_head, COUNT_OF(statement_head)) || !take_statement(&csv, out, &count) ||
	    !take_head(&csv, line_head, COUNT_OF(line_head)) || !take_lines(&csv, lines, &n))
		return false;
	if (count != n)
		return complain(why, 0, "the count is %llu, lines are %zu", (unsigned long long)count, n);
	return statement_finish(out, file, lines, n, arena, why);
}
