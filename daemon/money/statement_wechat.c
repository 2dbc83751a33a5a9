/*
 * WeChat's fund bill of a day:
 *
 *   记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),...
 *   `2026-11-20 10:11:12,`4200..,`1900..,`商家转账,`交易,`支出,`8500.00,`1500.00,`API,`remark,`R7A2..
 *   资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额
 *   `1.0,`0.0,`0.00,`1.0,`8500.00
 *
 * It says neither whose it is nor of which day; every time in it has to be of the
 * day that was asked for.
 */
#include "daemon/money/statement.h"

#include "daemon/base/civil_time.h"
#include "daemon/money/book.h"

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
	struct statement_line *lines;
	size_t n;
	size_t count[2];          /* of debits, of credits */
	int64_t sum[2];
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

static bool refuse(const struct reader *r, const char *what)
{
	return complain(r->why, r->line, "line %zu of the bill: %s", r->line, what);
}

/* A payment names its instruction, and so does its return; of the rest fees alone have a meaning for us. */
static enum statement_kind kind_of(const struct span *cells, bool credit)
{
	if (is_instruction(cells[AT_VOUCHER]))
		return credit ? STATEMENT_RETURN : STATEMENT_PAYMENT;
	if (span_find(cells[AT_KIND], SPAN("手续费")) < cells[AT_KIND].len ||
	    span_find(cells[AT_NAME], SPAN("手续费")) < cells[AT_NAME].len)
		return STATEMENT_FEE;
	return STATEMENT_OTHER;
}

static bool read_direction(const struct reader *r, struct span word, bool *credit)
{
	*credit = span_is(word, "收入");
	return *credit || span_is(word, "支出") || refuse(r, "neither income nor expense");
}

static bool read_row(struct reader *r, struct span line, struct statement_line *out, int64_t *balance)
{
	struct span cells[COLUMNS];
	int64_t booked_ms;

	if (!cut_cells(line, cells, COLUMNS))
		return refuse(r, "it has not eleven cells");
	if (!civil_read_local(cells[AT_TIME], CIVIL_BEIJING_MINUTES, &booked_ms) || booked_ms < r->day_ms ||
	    booked_ms >= r->day_ms + DAY_MS)
		return refuse(r, "the time is none, or not of the day");
	if (!read_direction(r, cells[AT_DIRECTION], &out->credit))
		return false;
	if (!money_read_yuan(cells[AT_AMOUNT], &out->fen) || !money_read_yuan(cells[AT_BALANCE], balance))
		return refuse(r, "an amount is not in yuan");
	if (out->fen == 0 || cells[AT_FLOW].len == 0)
		return refuse(r, "it has no amount or number");
	out->id = cells[AT_FLOW];
	out->reference = cells[AT_REF];
	out->kind = kind_of(cells, out->credit);
	if (is_instruction(cells[AT_VOUCHER]))
		out->instruction = cells[AT_VOUCHER];
	memcpy(out->booked, cells[AT_TIME].at, STATEMENT_DATE_LEN);
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

static bool read_summary(struct reader *r)
{
	struct span line, cells[SUMMARY_COLUMNS];
	size_t all, count[2];
	int64_t sum[2];

	if (!next_line(r, &line) || !cut_cells(line, cells, SUMMARY_COLUMNS) || !read_count(cells[0], &all) ||
	    !read_count(cells[1], &count[1]) || !money_read_yuan(cells[2], &sum[1]) ||
	    !read_count(cells[3], &count[0]) || !money_read_yuan(cells[4], &sum[0]))
		return refuse(r, "the summary is missing or not as it should be");
	if (all != r->n || memcmp(count, r->count, sizeof(count)) != 0 || memcmp(sum, r->sum, sizeof(sum)) != 0)
		return refuse(r, "the summary tells of other lines than there are");
	return !next_line(r, &line) || refuse(r, "something stands behind the summary");
}

/* The balance before a line. */
static bool before(const struct statement_line *line, int64_t balance, int64_t *out)
{
	return line->credit ? money_subtract(balance, line->fen, out) : money_add(balance, line->fen, out);
}

static bool count_row(struct reader *r, const struct statement_line *row, int64_t balance, struct statement *out)
{
	if (!money_add(r->sum[row->credit], row->fen, &r->sum[row->credit]) ||
	    (r->n == 0 && !before(row, balance, &out->opening)))
		return refuse(r, "a sum is out of range");
	r->count[row->credit]++;
	r->n++;
	return true;
}

/* All rows; ends at the heading of the summary, the first line that begins with no backtick. */
static bool read_rows(struct reader *r, struct statement *out)
{
	struct span line;

	while (next_line(r, &line) && line.at[0] == '`') {
		struct statement_line *row = &r->lines[r->n];

		if (r->n == STATEMENT_LINES_MAX)
			return refuse(r, "more lines than a statement may have");
		if (!read_row(r, line, row, &out->closing) || !count_row(r, row, out->closing, out))
			return false;
	}
	out->silent = r->n == 0;
	return span_starts(line, SPAN("资金流水总笔数")) || refuse(r, "no summary follows the lines");
}

bool statement_read_wechat(struct span file, struct span account, struct span date, struct arena *arena,
			   struct statement *out, struct complaint *why)
{
	struct reader r = { .rest = file, .why = why };
	struct span heading;

	*out = (struct statement){ .account = account, .currency = "CNY" };
	if (!statement_date_read(date, out->date) || !civil_read_date(date, CIVIL_BEIJING_MINUTES, &r.day_ms))
		return complain(why, 0, "the bill does not say of which day it is");
	if (file.len > STATEMENT_BYTES_MAX)
		return complain(why, 0, "longer than %d bytes", STATEMENT_BYTES_MAX);
	if (span_starts(r.rest, SPAN(BOM)))
		r.rest = span_from_offset(r.rest, strlen(BOM));
	if (!next_line(&r, &heading) || !span_starts(heading, SPAN("记账时间,微信支付业务单号,资金流水单号,")))
		return refuse(&r, "the heading is another one");
	r.lines = statement_lines_new(file, arena);
	return read_rows(&r, out) && read_summary(&r) && statement_finish(out, file, r.lines, r.n, arena, why);
}
