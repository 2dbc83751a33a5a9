/*
 * Writing CSV (RFC 4180, CRLF) that is safe to open in a spreadsheet.
 *
 * A cell that begins with = + - @ (also the full-width ones, which input
 * methods make of them), a tab or a CR is a formula there, and a number of many
 * digits, or with a nought before it, is rounded or cut: an apostrophe before
 * such a cell makes it a text. Amounts and counts alone stay numbers.
 */
#ifndef TIPLINE_BASE_CSV_OUT_H
#define TIPLINE_BASE_CSV_OUT_H

#include "daemon/base/buf.h"

struct csv_out {
	struct buf *to;
	bool comma;   /* the next cell needs one */
};

struct csv_out csv_out_to(struct buf *to);

void csv_text(struct csv_out *csv, struct span text);
void csv_number(struct csv_out *csv, int64_t number);
/* "8500.00" of so many fen. */
void csv_yuan(struct csv_out *csv, int64_t fen);
void csv_empty(struct csv_out *csv);
void csv_end(struct csv_out *csv);

#endif
