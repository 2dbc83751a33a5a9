/*
 * Statements; see statement.h.
 */
#include "daemon/money/statement.h"

#include "daemon/base/civil_time.h"
#include "daemon/base/memory.h"
#include "daemon/base/table.h"
#include "daemon/money/iso20022.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>

#define MS_PER_DAY INT64_C(86400000)

static const char *const kinds[STATEMENT_KINDS] = {
	[STATEMENT_PAYMENT] = "payment",
	[STATEMENT_RETURN] = "return",
	[STATEMENT_FEE] = "fee",
	[STATEMENT_OTHER] = "other",
};

const char *statement_kind_name(enum statement_kind kind)
{
	assert(kind < STATEMENT_KINDS);
	return kinds[kind];
}

bool statement_kind_parse(struct span name, enum statement_kind *kind)
{
	for (unsigned k = 0; k < STATEMENT_KINDS; k++)
		if (span_is(name, kinds[k])) {
			*kind = (enum statement_kind)k;
			return true;
		}
	return false;
}

bool statement_name_valid(struct span name)
{
	if (name.len == 0 || name.len >= STATEMENT_NAME_MAX)
		return false;
	for (size_t i = 0; i < name.len; i++)
		if (name.at[i] <= ' ' || name.at[i] > '~')
			return false;
	return true;
}

bool statement_date_read(struct span text, char date[STATEMENT_DATE_LEN + 1])
{
	int64_t at;

	if (text.len != STATEMENT_DATE_LEN || !civil_read_date(text, 0, &at))
		return false;
	memcpy(date, text.at, STATEMENT_DATE_LEN);
	date[STATEMENT_DATE_LEN] = '\0';
	return true;
}

int64_t statement_day(const char date[STATEMENT_DATE_LEN + 1])
{
	int64_t at = 0;

	civil_read_date(span_from(date, STATEMENT_DATE_LEN), 0, &at);
	return at / MS_PER_DAY;
}

/* --- checks --------------------------------------------------------------------------- */

static bool optional_name(struct span name)
{
	/* A dash alone stands for none in the journal. */
	return span_empty(name) || (statement_name_valid(name) && !span_is(name, "-"));
}

static bool line_check(const struct statement_line *line, size_t number, struct complaint *why)
{
	char date[STATEMENT_DATE_LEN + 1];

	if (!statement_name_valid(line->id))
		return complain(why, number, "line %zu: the id is missing or no plain word", number);
	if (!optional_name(line->instruction) || !optional_name(line->reference))
		return complain(why, number, "line %zu: instruction or reference is no plain word", number);
	if (line->fen <= 0 || line->fen > MONEY_MAX)
		return complain(why, number, "line %zu: the amount is not above zero", number);
	if (!statement_date_read(span_of(line->booked), date))
		return complain(why, number, "line %zu: the booking date is none", number);
	return true;
}

static int span_order(struct span a, struct span b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int order = n > 0 ? memcmp(a.at, b.at, n) : 0;

	return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static int by_name(const void *a, const void *b)
{
	return span_order(*(const struct span *)a, *(const struct span *)b);
}

static bool ids_check(const struct statement *statement, struct complaint *why)
{
	struct span *ids = memory_zeroes(statement->n + 1, sizeof(*ids));
	bool well = true;

	for (size_t i = 0; i < statement->n; i++)
		ids[i] = statement->lines[i].id;
	qsort(ids, statement->n, sizeof(*ids), by_name);
	for (size_t i = 1; well && i < statement->n; i++)
		if (span_eq(ids[i - 1], ids[i]))
			well = complain(why, 0, "two lines have the id %.*s", (int)ids[i].len, ids[i].at);
	free(ids);
	return well;
}

static bool sums_check(const struct statement *statement, struct complaint *why)
{
	int64_t balance = statement->opening;
	char has[MONEY_TEXT_MAX], wants[MONEY_TEXT_MAX];

	for (size_t i = 0; i < statement->n; i++) {
		const struct statement_line *line = &statement->lines[i];

		if (!(line->credit ? money_add : money_subtract)(balance, line->fen, &balance))
			return complain(why, i + 1, "line %zu: the sum is out of range", i + 1);
	}
	if (balance == statement->closing)
		return true;
	money_write_yuan(balance, has);
	money_write_yuan(statement->closing, wants);
	return complain(why, 0, "opening and lines make %s, the closing balance is %s", has, wants);
}

bool statement_check(const struct statement *statement, struct complaint *why)
{
	char date[STATEMENT_DATE_LEN + 1];

	if (!statement_name_valid(statement->account))
		return complain(why, 0, "the account is missing or no plain word");
	if (!statement_date_read(span_of(statement->date), date))
		return complain(why, 0, "the date of the statement is missing or none");
	if (statement->sequence < 0 || statement->n > STATEMENT_LINES_MAX)
		return complain(why, 0, "more than %d lines, or a sequence below zero", STATEMENT_LINES_MAX);
	for (size_t i = 0; i < statement->n; i++)
		if (!line_check(&statement->lines[i], i + 1, why))
			return false;
	return ids_check(statement, why) && (statement->foreign || sums_check(statement, why));
}

/* --- order ------------------------------------------------------------------------------ */

/* Debits first, so that a payment stands before its return on the same day. */
static int line_order(const void *a, const void *b)
{
	const struct statement_line *x = a, *y = b;
	int order = strcmp(x->booked, y->booked);

	if (order == 0)
		order = x->credit - y->credit;
	if (order == 0)
		order = span_order(x->instruction, y->instruction);
	if (order == 0)
		order = span_order(x->reference, y->reference);
	if (order == 0)
		order = (x->fen > y->fen) - (x->fen < y->fen);
	return order != 0 ? order : span_order(x->id, y->id);
}

void statement_sort(struct statement *statement, struct arena *arena)
{
	struct statement_line *sorted = arena_array(arena, struct statement_line, statement->n + 1);

	if (statement->n > 0)
		memcpy(sorted, statement->lines, statement->n * sizeof(sorted[0]));
	qsort(sorted, statement->n, sizeof(sorted[0]), line_order);
	statement->lines = sorted;
}

struct statement_line *statement_lines_new(struct span file, struct arena *arena)
{
	size_t most = file.len / 8 + 2;

	return arena_array(arena, struct statement_line, most < STATEMENT_LINES_MAX ? most : STATEMENT_LINES_MAX + 1);
}

bool statement_finish(struct statement *out, struct span file, struct statement_line *lines, size_t n,
		      struct arena *arena, struct complaint *why)
{
	out->lines = lines;
	out->n = n;
	crypto_hash_sha256(out->hash, (const unsigned char *)file.at, file.len);
	if (!statement_check(out, why))
		return false;
	statement_sort(out, arena);
	return true;
}

/* --- a line in the journal ----------------------------------------------------------------- */

static struct span or_dash(struct span name)
{
	return span_empty(name) ? SPAN("-") : name;
}

struct span statement_line_write(const struct statement_line *line, struct arena *arena)
{
	struct span instruction = or_dash(line->instruction), reference = or_dash(line->reference);
	char fen[MONEY_TEXT_MAX];

	money_write(line->fen, fen);
	return span_of(arena_printf(arena, "%.*s %s %s %s %s %.*s %.*s", (int)line->id.len, line->id.at,
				    line->credit ? "Cr" : "Dr", fen, line->booked, statement_kind_name(line->kind),
				    (int)instruction.len, instruction.at, (int)reference.len, reference.at));
}

static struct span of_dash(struct span name)
{
	struct span none = { 0 };

	return span_is(name, "-") ? none : name;
}

bool statement_line_read(struct span text, struct statement_line *line)
{
	bool ends_well = text.len > 0 && text.at[text.len - 1] != ' ';
	struct span part[7];
	struct complaint why;
	size_t n = 0;

	for (struct span word; n < COUNT_OF(part) && span_cut(&text, ' ', &word);)
		part[n++] = word;
	if (n < COUNT_OF(part) || !span_empty(text) || !ends_well)
		return false;
	*line = (struct statement_line){ .id = part[0], .credit = span_is(part[1], "Cr"),
					 .instruction = of_dash(part[5]), .reference = of_dash(part[6]) };
	if ((!line->credit && !span_is(part[1], "Dr")) || !money_read(part[2], false, &line->fen))
		return false;
	if (span_empty(part[5]) || span_empty(part[6]))
		return false;
	return statement_date_read(part[3], line->booked) && statement_kind_parse(part[4], &line->kind) &&
	       line_check(line, 1, &why);
}

/* --- formats --------------------------------------------------------------------------------- */

static const char *const formats[STATEMENT_FORMATS] = {
	[STATEMENT_CAMT053] = "camt.053",
	[STATEMENT_JSON] = "json",
	[STATEMENT_CSV] = "csv",
	[STATEMENT_WECHAT] = "wechat",
};

const char *statement_format_name(enum statement_format format)
{
	assert(format < STATEMENT_FORMATS);
	return formats[format];
}

bool statement_format_parse(struct span name, enum statement_format *format)
{
	for (unsigned f = 0; f < STATEMENT_FORMATS; f++)
		if (span_is(name, formats[f])) {
			*format = (enum statement_format)f;
			return true;
		}
	return false;
}

enum statement_format statement_format_of(struct span file)
{
	struct span bom = SPAN("\xEF\xBB\xBF");
	size_t i = span_starts(file, bom) ? bom.len : 0;

	if (span_starts(span_from_offset(file, i), SPAN("记账时间,")))
		return STATEMENT_WECHAT;
	while (i < file.len && memchr(" \t\r\n", file.at[i], 4) != NULL)
		i++;
	if (i < file.len && file.at[i] == '<')
		return STATEMENT_CAMT053;
	return i < file.len && file.at[i] == '{' ? STATEMENT_JSON : STATEMENT_CSV;
}

static bool read_as(struct span file, enum statement_format format, const struct statement_wish *wish,
		    struct arena *arena, struct statement *out, struct complaint *why)
{
	switch (format) {
	case STATEMENT_CAMT053:
		return iso20022_read_statement(file, arena, out, why);
	case STATEMENT_JSON:
		return statement_read_json(file, arena, out, why);
	case STATEMENT_WECHAT:
		return statement_read_wechat(file, wish->account, wish->date, arena, out, why);
	case STATEMENT_CSV:
	case STATEMENT_FORMATS:
		break;
	}
	return statement_read_csv(file, arena, out, why);
}

static bool is_wished(const struct statement *statement, const struct statement_wish *wish, struct complaint *why)
{
	if (!span_empty(wish->account) && !span_eq(wish->account, statement->account))
		return complain(why, 0, "the statement is of account %.*s", (int)statement->account.len,
				statement->account.at);
	if (!span_empty(wish->date) && !span_is(wish->date, statement->date))
		return complain(why, 0, "the statement is of %s", statement->date);
	return !wish->sealed || statement->sealed || complain(why, 0, "\"sha256\" is missing");
}

bool statement_read(struct span file, const struct statement_wish *wish, struct arena *arena, struct statement *out,
		    struct complaint *why)
{
	enum statement_format format = wish->format == STATEMENT_FORMATS ? statement_format_of(file) : wish->format;

	return read_as(file, format, wish, arena, out, why) && is_wished(out, wish, why);
}
