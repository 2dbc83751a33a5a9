/*
 * Cells of CSV; see csv_out.h.
 */
#include "daemon/base/csv_out.h"

#include "daemon/base/money.h"
#include "daemon/base/table.h"

#define DIGITS_KEPT 11   /* of longer ones a spreadsheet makes 1.2E+12 */

struct csv_out csv_out_to(struct buf *to)
{
	return (struct csv_out){ .to = to };
}

static void begin(struct csv_out *csv)
{
	if (csv->comma)
		buf_add_byte(csv->to, ',');
	csv->comma = true;
}

static bool begins_formula(struct span text)
{
	static const char *const signs[] = { "=", "+", "-", "@", "\t", "\r", "\n", "\xEF\xBC\x9D", "\xEF\xBC\x8B",
					     "\xEF\xBC\x8D", "\xEF\xBC\xA0" };

	for (size_t i = 0; i < COUNT_OF(signs); i++)
		if (span_starts(text, span_of(signs[i])))
			return true;
	return false;
}

static size_t leading_digits(struct span text)
{
	size_t n = 0;

	while (n < text.len && text.at[n] >= '0' && text.at[n] <= '9')
		n++;
	return n;
}

/* "e5", "E-5" */
static bool is_power(struct span text)
{
	size_t sign = text.len > 1 && (text.at[1] == '+' || text.at[1] == '-');

	return text.len > 0 && (text.at[0] | 0x20) == 'e' && span_digits(span_from_offset(text, 1 + sign));
}

/* "123456789012", "007", "12e5", "1.50": a number to a spreadsheet, and then another one. */
static bool loses_digits(struct span text)
{
	size_t n = leading_digits(text), behind;
	struct span rest = span_from_offset(text, n);

	if (n == 0)
		return false;
	if (rest.len == 0)
		return n > DIGITS_KEPT || (n > 1 && text.at[0] == '0');
	if (rest.at[0] != '.')
		return is_power(rest);
	rest = span_from_offset(rest, 1);
	behind = leading_digits(rest);
	rest = span_from_offset(rest, behind);
	return behind > 0 && (rest.len == 0 || is_power(rest));
}

static bool needs_quotes(struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		if (strchr("\",\r\n ", text.at[i]) != NULL && text.at[i] != '\0')
			return true;
	return false;
}

static void put_quoted(struct buf *to, struct span text, bool apostrophe)
{
	buf_add_text(to, apostrophe ? "\"'" : "\"");
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] == '"')
			buf_add_byte(to, '"');
		buf_add_byte(to, text.at[i]);
	}
	buf_add_byte(to, '"');
}

void csv_text(struct csv_out *csv, struct span text)
{
	bool apostrophe = begins_formula(text) || loses_digits(text);

	begin(csv);
	if (apostrophe || needs_quotes(text))
		put_quoted(csv->to, text, apostrophe);
	else
		buf_add_span(csv->to, text);
}

void csv_number(struct csv_out *csv, int64_t number)
{
	begin(csv);
	buf_printf(csv->to, "%lld", (long long)number);
}

void csv_yuan(struct csv_out *csv, int64_t fen)
{
	char text[MONEY_TEXT_MAX];

	begin(csv);
	buf_add_span(csv->to, money_write_yuan(fen, text));
}

void csv_empty(struct csv_out *csv)
{
	begin(csv);
}

void csv_end(struct csv_out *csv)
{
	buf_add_text(csv->to, "\r\n");
	csv->comma = false;
}
