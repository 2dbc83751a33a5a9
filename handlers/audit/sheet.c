/*
 * Lists of rows in three forms; see sheet.h.
 */
#include "handlers/audit/sheet.h"

#include "daemon/base/hex.h"
#include "daemon/sys/clock.h"
#include "handlers/trailing.h"

#include <assert.h>
#include <sodium.h>

#define BOM "\xEF\xBB\xBF"

static bool is_money(const char *column)
{
	size_t len = strlen(column);

	return strcmp(column, "fen") == 0 || (len > 4 && strcmp(column + len - 4, "_fen") == 0);
}

/* "fen" and "yuan"; "paid_fen" and "paid_yuan". */
static void put_header(struct sheet *sheet)
{
	struct csv_out csv = csv_out_to(&sheet->out);

	for (size_t i = 0; sheet->columns[i] != NULL; i++) {
		struct span name = span_of(sheet->columns[i]);

		csv_text(&csv, name);
		if (!is_money(sheet->columns[i]))
			continue;
		buf_add_byte(&sheet->out, ',');
		buf_add(&sheet->out, name.at, name.len - 3);
		buf_add_text(&sheet->out, "yuan");
	}
	csv_end(&csv);
}

void sheet_begin(struct sheet *sheet, enum sheet_format format, bool bom, const char *const *columns)
{
	*sheet = (struct sheet){ .format = format, .columns = columns };
	sheet->json = json_out_to(&sheet->out);
	if (format == SHEET_JSON)
		json_open(&sheet->json, '{');
	if (format == SHEET_CSV && bom)
		buf_add_text(&sheet->out, BOM);
	if (format == SHEET_CSV)
		put_header(sheet);
}

void sheet_list(struct sheet *sheet, const char *name)
{
	if (sheet->format == SHEET_JSON)
		json_open_member(&sheet->json, name, '[');
}

void sheet_list_end(struct sheet *sheet)
{
	if (sheet->format == SHEET_JSON)
		json_close(&sheet->json, ']');
}

/* --- cells ------------------------------------------------------------------------------- */

/* The cell of a column in CSV, emptied; NULL: it has none. */
static struct buf *cell(struct sheet *sheet, const char *name)
{
	for (size_t i = 0; sheet->columns[i] != NULL; i++) {
		assert(i < SHEET_COLUMNS_MAX);
		if (strcmp(sheet->columns[i], name) == 0) {
			buf_clear(&sheet->cells[i]);
			return &sheet->cells[i];
		}
	}
	return NULL;
}

void sheet_text(struct sheet *sheet, const char *name, const char *text)
{
	if (sheet->format == SHEET_CSV) {
		struct buf *to = cell(sheet, name);
		struct csv_out csv = csv_out_to(to);

		if (to != NULL)
			csv_text(&csv, span_of(text));
	} else {
		json_text(&sheet->json, name, span_of(text));
	}
}

void sheet_number(struct sheet *sheet, const char *name, int64_t number)
{
	if (sheet->format == SHEET_CSV) {
		struct buf *to = cell(sheet, name);
		struct csv_out csv = csv_out_to(to);

		if (to != NULL)
			csv_number(&csv, number);
	} else {
		json_i64(&sheet->json, name, number);
	}
}

void sheet_fen(struct sheet *sheet, const char *name, int64_t fen)
{
	if (sheet->format == SHEET_CSV) {
		struct buf *to = cell(sheet, name);
		struct csv_out csv = csv_out_to(to);

		if (to == NULL)
			return;
		csv_number(&csv, fen);
		csv_yuan(&csv, fen);
	} else {
		json_i64(&sheet->json, name, fen);
	}
}

void sheet_bool(struct sheet *sheet, const char *name, bool value)
{
	if (sheet->format == SHEET_CSV)
		sheet_text(sheet, name, value ? "yes" : "no");
	else
		json_bool(&sheet->json, name, value);
}

void sheet_none(struct sheet *sheet, const char *name)
{
	if (sheet->format != SHEET_CSV)
		json_none(&sheet->json, name);
}

void sheet_time(struct sheet *sheet, const char *name, int64_t at_ms)
{
	char text[21];

	if (sheet->format != SHEET_CSV) {
		clock_put(&sheet->json, name, at_ms);
	} else if (at_ms != 0) {
		clock_text(at_ms, text);
		sheet_text(sheet, name, text);
	}
}

static void seqs_csv(struct sheet *sheet, const struct audit_seqs *seqs)
{
	struct buf *to = cell(sheet, "journal"), text = { 0 };
	struct csv_out csv = csv_out_to(to);

	if (to == NULL)
		return;
	for (size_t i = 0; i < audit_seqs_told(seqs); i++)
		buf_printf(&text, "%s%llu", i > 0 ? " " : "", (unsigned long long)audit_seqs_at(seqs, i));
	csv_text(&csv, buf_span(&text));
	buf_release(&text);
}

void sheet_seqs(struct sheet *sheet, const struct audit_seqs *seqs)
{
	sheet_number(sheet, "records", (int64_t)seqs->n);
	if (sheet->format == SHEET_CSV) {
		seqs_csv(sheet, seqs);
		return;
	}
	json_open_member(&sheet->json, "seqs", '[');
	for (size_t i = 0; i < audit_seqs_told(seqs); i++)
		json_u64(&sheet->json, NULL, audit_seqs_at(seqs, i));
	json_close(&sheet->json, ']');
}

/* --- rows ------------------------------------------------------------------------------------ */

static bool tells_kind(const struct sheet *sheet)
{
	return strcmp(sheet->columns[0], "row") == 0;
}

void sheet_row(struct sheet *sheet, const char *kind)
{
	if (sheet->format == SHEET_JSONL)
		sheet->json = json_out_to(&sheet->out);
	if (sheet->format != SHEET_CSV)
		json_open(&sheet->json, '{');
	if (sheet->format != SHEET_JSON && tells_kind(sheet))
		sheet_text(sheet, "row", kind);
}

static void row_csv(struct sheet *sheet)
{
	for (size_t i = 0; sheet->columns[i] != NULL; i++) {
		if (i > 0)
			buf_add_byte(&sheet->out, ',');
		buf_add_span(&sheet->out, buf_span(&sheet->cells[i]));
		if (sheet->cells[i].len == 0 && is_money(sheet->columns[i]))
			buf_add_byte(&sheet->out, ',');
		buf_clear(&sheet->cells[i]);
	}
	buf_add_text(&sheet->out, "\r\n");
}

void sheet_row_end(struct sheet *sheet)
{
	sheet->rows++;
	if (sheet->format == SHEET_CSV) {
		row_csv(sheet);
		return;
	}
	json_close(&sheet->json, '}');
	if (sheet->format == SHEET_JSONL)
		buf_add_byte(&sheet->out, '\n');
}

/* --- the answer ------------------------------------------------------------------------------ */

struct sending {
	struct http_exchange *exchange;
	const char *type;
	struct span body;
};

static void written(void *ctx, bool well)
{
	const struct sending *sending = ctx;

	if (well)
		answer_text(sending->exchange, 200, sending->type, sending->body);
	else
		trailing_refuse(sending->exchange);
}

static void send_file(const struct sheet *sheet, const struct call *call, struct http_exchange *exchange)
{
	static const char *const types[] = { [SHEET_CSV] = "text/csv; charset=utf-8", [SHEET_JSONL] = "application/jsonl" };
	struct arena *arena = http_exchange_arena(exchange);
	struct sending *sending = arena_new(arena, struct sending);
	unsigned char hash[crypto_hash_sha256_BYTES];

	*sending = (struct sending){ .exchange = exchange, .type = types[sheet->format],
				     .body = arena_dup(arena, buf_span(&sheet->out)) };
	crypto_hash_sha256(hash, (const unsigned char *)sending->body.at, sending->body.len);
	if (!trailing_file(call, exchange, sheet->rows, span_of(hex_text(arena, hash, sizeof(hash))),
			   (struct trail_wait){ .done = written, .ctx = sending }))
		trailing_refuse(exchange);
}

void sheet_answer(struct sheet *sheet, const struct call *call, struct http_exchange *exchange)
{
	if (sheet->format == SHEET_JSON) {
		json_close(&sheet->json, '}');
		answer_json(exchange, 200, buf_span(&sheet->out));
	} else {
		send_file(sheet, call, exchange);
	}
	for (size_t i = 0; i < SHEET_COLUMNS_MAX; i++)
		buf_release(&sheet->cells[i]);
	buf_release(&sheet->out);
}
