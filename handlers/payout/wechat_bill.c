/*
 * The fund bill; see wechat_bill.h.
 */
#include "handlers/payout/wechat_bill.h"

#include "daemon/base/civil_time.h"
#include "daemon/money/book.h"
#include "handlers/payout/rail_statement.h"

#define COLUMNS 11
#define SUMMARY_COLUMNS 5
#define DAY_MS INT64_C(86400000)
#define BOM "\xEF\xBB\xBF"

enum column {
	AT_TIME, AT_REF, AT_FLOW, AT_NAME, AT_KIND, AT_DIRECTION, AT_AMOUNT, AT_BALANCE, AT_WHO, AT_REMARK, AT_VOUCHER,
};

struct reader {
	struct span rest;
	size_t line;
	int64_t day_ms;           /* the bill's day begins, Beijing time */
	struct complaint *why;
};

/* The next line without its end; false, and an empty one, behind the last. Empty lines are passed over. */
static bool next_line(struct reader *r, struct span *line)
{
	while (span_cut(&r->rest, '\n', line)) {
		r->line++;
		if (line->len > 0 && line->at[line->len - 1] == '\r')
			line->len--;
		if (line->len > 0)
			return true;
	}
	*line = (struct span){ 0 };
	return false;
}

/*
 * The cells of a line. Those of the lines begin with a backtick each, and the
 * remark may hold commas: so the separator is ",`", never a comma alone.
 */
static bool cut_cells(struct span line, struct span *cells, size_t n)
{
	if (line.len == 0 || line.at[0] != '`')
		return false;
	line = span_from_offset(line, 1);
	for (size_t i = 0; i < n; i++) {
		size_t end = span_find(line, SPAN(",`"));

		if ((end == line.len) != (i == n - 1))
			return false;
		cells[i] = span_from(line.at, end);
		line = span_from_offset(line, end + 2);
	}
	return true;
}

static bool is_instruction(struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!((text.at[i] >= '0' && text.at[i] <= '9') || (text.at[i] >= 'A' && text.at[i] <= 'Z')))
			return false;
	return text.len == INSTRUCTION_ID_LEN;
}

static bool refuse(struct reader *r, const char *what)
{
	return complain(r->why, r->line, "line %zu of the bill: %s", r->line, what);
}

static bool read_row(struct reader *r, struct span line, struct rail_line *out, int64_t *balance)
{
	struct span cells[COLUMNS];

	if (!cut_cells(line, cells, COLUMNS))
		return refuse(r, "it has not eleven cells");
	if (!civil_read_local(cells[AT_TIME], CIVIL_BEIJING_MINUTES, &out->booked_ms) || out->booked_ms < r->day_ms ||
	    out->booked_ms >= r->day_ms + DAY_MS)
		return refuse(r, "the time is none, or not of the day");
	out->debit = span_is(cells[AT_DIRECTION], "支出");
	if (!out->debit && !span_is(cells[AT_DIRECTION], "收入"))
		return refuse(r, "neither income nor expense");
	if (!money_read_yuan(cells[AT_AMOUNT], &out->fen) || !money_read_yuan(cells[AT_BALANCE], balance))
		return refuse(r, "an amount is not in yuan");
	if (out->fen == 0 || cells[AT_FLOW].len == 0)
		return refuse(r, "it has no amount or number");
	out->line_id = cells[AT_FLOW];
	out->provider_ref = cells[AT_REF];
	out->kind = cells[AT_KIND];
	if (is_instruction(cells[AT_VOUCHER]))
		out->instruction_id = cells[AT_VOUCHER];
	return true;
}

/* A count is printed as "17.0". */
static bool read_count(struct span cell, size_t *count)
{
	struct span whole;
	uint64_t n;

	if (!span_cut(&cell, '.', &whole) || !span_u64(whole, &n) || n > SIZE_MAX)
		return false;
	for (size_t i = 0; i < cell.len; i++)
		if (cell.at[i] != '0')
			return false;
	*count = (size_t)n;
	return true;
}

static bool read_summary(struct reader *r, struct rail_statement *out)
{
	struct span line, cells[SUMMARY_COLUMNS];
	size_t all, credits, debits, found = 0;

	if (!next_line(r, &line) || !cut_cells(line, cells, SUMMARY_COLUMNS) || !read_count(cells[0], &all) ||
	    !read_count(cells[1], &credits) || !money_read_yuan(cells[2], &out->credits) ||
	    !read_count(cells[3], &debits) || !money_read_yuan(cells[4], &out->debits))
		return refuse(r, "the summary is missing or not as it should be");
	for (size_t i = 0; i < out->nlines; i++)
		found += out->lines[i].debit;
	if (all != out->nlines || debits != found || credits != out->nlines - found)
		return refuse(r, "the summary counts other lines than there are");
	return !next_line(r, &line) || refuse(r, "something stands behind the summary");
}

/* The balance before a line. */
static bool before(const struct rail_line *line, int64_t balance, int64_t *out)
{
	return line->debit ? money_add(balance, line->fen, out) : money_subtract(balance, line->fen, out);
}

/* All rows; ends at the heading of the summary, the first line that begins with no backtick. */
static bool read_rows(struct reader *r, struct rail_line *lines, struct rail_statement *out)
{
	struct span line;
	int64_t balance = 0;

	while (next_line(r, &line) && line.at[0] == '`') {
		struct rail_line *row = &lines[out->nlines];

		if (!read_row(r, line, row, &balance))
			return false;
		if (out->nlines == 0 && !before(row, balance, &out->opening))
			return refuse(r, "the balance is out of range");
		out->nlines++;
	}
	out->closing = balance;
	out->lines = lines;
	return span_starts(line, SPAN("资金流水总笔数")) || refuse(r, "no summary follows the lines");
}

static size_t count_lines(struct span csv)
{
	size_t n = 1;

	for (size_t i = 0; i < csv.len; i++)
		n += csv.at[i] == '\n';
	return n;
}

bool wechat_bill_read(struct span csv, const char *account, struct span date, struct arena *arena,
		      struct rail_statement *out, struct complaint *why)
{
	struct reader r = { .rest = csv, .why = why };
	struct span heading;

	*out = (struct rail_statement){ .account = span_of(account) };
	if (!civil_read_date(date, CIVIL_BEIJING_MINUTES, &r.day_ms))
		return refuse(&r, "the day asked for is none");
	memcpy(out->date, date.at, sizeof(out->date) - 1);
	rail_hash(csv, out->hash);
	if (span_starts(r.rest, SPAN(BOM)))
		r.rest = span_from_offset(r.rest, strlen(BOM));
	if (!next_line(&r, &heading) || !span_starts(heading, SPAN("记账时间,微信支付业务单号,资金流水单号,")))
		return refuse(&r, "the heading is another one");
	return read_rows(&r, arena_array(arena, struct rail_line, count_lines(csv)), out) && read_summary(&r, out) &&
	       rail_statement_adds_up(out, arena, why);
}
