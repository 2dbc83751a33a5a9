/*
 * Postings as a table (RFC 4180, CRLF); see money_export.h. A record that
 * posts nothing is a row too, with its last cells empty.
 *
 * A spreadsheet takes a cell that begins with = + - @, a tab or a CR for a
 * formula, and long digits for a number that it then rounds. An apostrophe
 * before such a cell makes it a text; amounts alone stay numbers.
 */
#include "daemon/cli/money_export.h"

#include "daemon/base/money.h"

#include <stdio.h>

#define DIGITS_KEPT 11   /* longer numbers lose digits, or are shown as 1.2E+12 */

/* Also the full-width ones, which input methods make of them. */
static bool begins_formula(struct span text)
{
	static const char *const signs[] = { "=", "+", "-", "@", "\t", "\r", "\xEF\xBC\x9D", "\xEF\xBC\x8B",
					     "\xEF\xBC\x8D", "\xEF\xBC\xA0" };

	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
		if (span_starts(text, span_of(signs[i])))
			return true;
	return false;
}

static size_t digits_at(struct span text, size_t at)
{
	size_t n = 0;

	while (at + n < text.len && text.at[at + n] >= '0' && text.at[at + n] <= '9')
		n++;
	return n;
}

/* "123456789012", "007", "12e5": a number to a spreadsheet, but not the same one any more. */
static bool loses_digits(struct span text)
{
	size_t n = digits_at(text, 0);

	if (n == 0)
		return false;
	if (n == text.len)
		return n > DIGITS_KEPT || (n > 1 && text.at[0] == '0');
	return (text.at[n] | 0x20) == 'e' && n + 1 < text.len && digits_at(text, n + 1) == text.len - n - 1;
}

static void put_quoted(struct money_export *export, struct span text, bool apostrophe)
{
	money_export_text(export, apostrophe ? "\"'" : "\"");
	for (size_t from = 0; from < text.len;) {
		struct span rest = span_from_offset(text, from);
		size_t quote = span_find(rest, SPAN("\""));

		money_export_put(export, span_from(rest.at, quote));
		if (quote < rest.len)
			money_export_text(export, "\"\"");
		from += quote + 1;
	}
	money_export_text(export, "\"");
}

static bool needs_quotes(struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		if (strchr("\",\r\n", text.at[i]) != NULL || text.at[i] == ' ')
			return true;
	return false;
}

static void cell(struct money_export *export, struct span text)
{
	bool apostrophe = begins_formula(text) || loses_digits(text);

	if (apostrophe || needs_quotes(text))
		put_quoted(export, text, apostrophe);
	else
		money_export_put(export, text);
	money_export_text(export, ",");
}

static void number(struct money_export *export, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu,", (unsigned long long)value);
	money_export_text(export, text);
}

static void put_record(struct money_export *export, const struct money_line *line)
{
	char time[MONEY_DATE_MAX];

	number(export, line->seq);
	cell(export, span_of(money_export_time(line->at_ms, time)));
	cell(export, line->kind);
	cell(export, line->subject);
	cell(export, line->person);
	cell(export, line->account);
	cell(export, line->role);
	cell(export, line->key);
	cell(export, line->data_text);
	cell(export, line->entry);
}

static void put_leg(struct money_export *export, const struct money_leg *leg)
{
	char text[MONEY_TEXT_MAX];

	cell(export, leg->book);
	number(export, leg->code);
	cell(export, span_of(money_export_account(leg->code)));
	cell(export, leg->detail);
	cell(export, span_of(leg->debit ? "Dr" : "Cr"));
	number(export, (uint64_t)leg->fen);
	money_export_put(export, money_write_yuan(leg->fen, text));
	money_export_text(export, "\r\n");
	export->rows++;
}

static void record(struct money_export *export, struct span text, const struct money_line *line)
{
	(void)text;
	for (size_t i = 0; i < line->nlegs; i++) {
		put_record(export, line);
		put_leg(export, &line->legs[i]);
	}
	if (line->nlegs > 0)
		return;
	put_record(export, line);
	money_export_text(export, ",,,,,,\r\n");
	export->rows++;
}

static void begin(struct money_export *export)
{
	if (export->bom)
		money_export_text(export, "\xEF\xBB\xBF");
	money_export_text(export, "seq,time,kind,subject,person,account,role,key,data,entry,book,code,name,detail,side,"
				  "fen,yuan\r\n");
}

const struct money_format money_format_csv = { .name = "csv", .begin = begin, .record = record };
