/*
 * An answer as lists of rows, in the form that was asked for: JSON with
 * everything, CSV and JSON lines with the rows alone.
 *
 *   sheet_begin(&sheet, format, bom, columns); moment_tell(...sheet.json);
 *   sheet_list(&sheet, "pairs");
 *   sheet_row(&sheet, "pair"); sheet_text(&sheet, "person", ...); sheet_row_end(&sheet);
 *   sheet_list_end(&sheet); sheet_answer(&sheet, call, exchange);
 *
 * In JSON a row is an object of the members that were put. In CSV it is one
 * line with all columns, those that were not put empty; a column of money is
 * two, fen and yuan, and a list of journal numbers has blanks between them.
 */
#ifndef TIPLINE_HANDLERS_AUDIT_SHEET_H
#define TIPLINE_HANDLERS_AUDIT_SHEET_H

#include "daemon/base/csv_out.h"
#include "daemon/base/json_out.h"
#include "daemon/money/audit_view.h"
#include "handlers/answer.h"
#include "handlers/endpoint.h"

#define SHEET_COLUMNS_MAX 24

enum sheet_format { SHEET_JSON, SHEET_CSV, SHEET_JSONL };   /* as "json", "csv", "jsonl" */

struct sheet {
	enum sheet_format format;
	const char *const *columns;                 /* NULL behind the last; "fen" and "..._fen" are money, "row" is the kind of row */
	uint64_t rows;
	struct buf out;
	struct json_out json;                       /* SHEET_JSON: for members beside the lists */
	struct buf cells[SHEET_COLUMNS_MAX];        /* SHEET_CSV: of the row, as they will stand */
};

void sheet_begin(struct sheet *sheet, enum sheet_format format, bool bom, const char *const *columns);
void sheet_list(struct sheet *sheet, const char *name);
void sheet_list_end(struct sheet *sheet);

/* `kind` is told in the column "row", where there is one; JSON lists are told apart by their name. */
void sheet_row(struct sheet *sheet, const char *kind);
void sheet_row_end(struct sheet *sheet);

void sheet_text(struct sheet *sheet, const char *name, const char *text);
void sheet_number(struct sheet *sheet, const char *name, int64_t number);
void sheet_fen(struct sheet *sheet, const char *name, int64_t fen);
void sheet_bool(struct sheet *sheet, const char *name, bool value);
void sheet_none(struct sheet *sheet, const char *name);
/* null, or empty, for 0. */
void sheet_time(struct sheet *sheet, const char *name, int64_t at_ms);
/* "records" and "seqs"; in CSV the latter is the column "journal". */
void sheet_seqs(struct sheet *sheet, const struct audit_seqs *seqs);

/*
 * Answers and releases. A file (CSV, JSON lines) is sent when its rows and its SHA-256 stand in the audit trail, beside the
 * event that it was asked for; 503 audit_unavailable where they cannot be written.
 */
void sheet_answer(struct sheet *sheet, const struct call *call, struct http_exchange *exchange);

#endif
