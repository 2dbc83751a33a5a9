/*
 * A bank statement as plain values: one account, one day, its lines.
 *
 * Whatever file it came in (camt.053, a connector's JSON, the CSV template, a
 * wallet's bill), the readers make this of it or refuse the whole file; no
 * line is guessed, none left out. What it means for the book is reconcile.h.
 * Amounts are fen; balances may be below zero, amounts of lines are above it.
 */
#ifndef TIPLINE_MONEY_STATEMENT_H
#define TIPLINE_MONEY_STATEMENT_H

#include "daemon/base/arena.h"
#include "daemon/base/complaint.h"
#include "daemon/base/json_out.h"
#include "daemon/base/money.h"

#define STATEMENT_BYTES_MAX (4 * 1024 * 1024)   /* of a file, in any format */
#define STATEMENT_LINES_MAX 4000
#define STATEMENT_NAME_MAX 64                   /* bytes of an account, id, instruction, reference; shorter than this */
#define STATEMENT_HASH_BYTES 32
#define STATEMENT_DATE_LEN 10                   /* "2026-11-20" */

/* What the bank says a line is. */
enum statement_kind {
	STATEMENT_PAYMENT,
	STATEMENT_RETURN,   /* a payment that came back */
	STATEMENT_FEE,
	STATEMENT_OTHER,    /* funding and whatever else */
	STATEMENT_KINDS,
};

struct statement_line {
	struct span id;            /* within its statement, never twice */
	struct span instruction;   /* as the bank repeats it; empty: it names none */
	struct span reference;     /* the bank's own; empty: none */
	bool credit;               /* the account got it; else it paid */
	int64_t fen;
	char booked[STATEMENT_DATE_LEN + 1];
	enum statement_kind kind;
};

struct statement {
	struct span account;       /* as the file names it */
	char date[STATEMENT_DATE_LEN + 1];
	char currency[4];
	bool foreign;              /* an amount in it is of another currency: nothing of it can be taken */
	int64_t sequence;          /* the bank's number of the statement; 0: it gives none */
	int64_t opening, closing;
	bool silent;               /* it tells no balance: opening and closing are 0, and are those of the day before */
	bool sealed;               /* JSON: it holds the SHA-256 of its lines, which fits */
	const struct statement_line *lines;
	size_t n;
	unsigned char hash[STATEMENT_HASH_BYTES];   /* SHA-256 of the file */
};

/*
 * What every statement has to fulfil, whoever read it: a date, names of
 * printable ASCII, ids only once, amounts above zero, and opening plus credits
 * less debits is closing (not asked of a foreign one). `why` names the line,
 * counted from 1. The readers have called it.
 */
bool statement_check(const struct statement *statement, struct complaint *why);

/* Lines in the order in which they are judged, told by what is in them: the order in the file says nothing. In the arena. */
void statement_sort(struct statement *statement, struct arena *arena);

/*
 * Lines as they stand in the journal, one text each:
 *   "<id> <Dr or Cr> <fen> <booked> <kind> <instruction or -> <reference or ->"
 * Names hold no blank. _read() takes only what _write() makes.
 */
struct span statement_line_write(const struct statement_line *line, struct arena *arena);
bool statement_line_read(struct span text, struct statement_line *line);

/* A name as statements have it: 1 to 63 of printable ASCII without a blank. */
bool statement_name_valid(struct span name);

const char *statement_kind_name(enum statement_kind kind);
bool statement_kind_parse(struct span name, enum statement_kind *kind);

/* "2026-11-20", a day there is; copies it. */
bool statement_date_read(struct span text, char date[STATEMENT_DATE_LEN + 1]);

/* Days since 1970-01-01 of a date that was read. */
int64_t statement_day(const char date[STATEMENT_DATE_LEN + 1]);

/* --- readers: a whole file or nothing. Names lie in the file or in the arena ---------- */

enum statement_format {
	STATEMENT_CAMT053,
	STATEMENT_JSON,     /* GET /v1/statements/{account}/{date} of a connector */
	STATEMENT_CSV,
	STATEMENT_WECHAT,   /* fund bill of a day */
	STATEMENT_FORMATS,
};

/* What a file is expected to be. */
struct statement_wish {
	enum statement_format format;   /* STATEMENT_FORMATS: by its first bytes */
	bool sealed;                    /* JSON: the SHA-256 of its lines may not be left out */
	struct span account;            /* as the file names it; empty: any */
	struct span date;               /* "2026-11-20"; empty: any */
};

/* What the file looks like by its first bytes. */
enum statement_format statement_format_of(struct span file);
const char *statement_format_name(enum statement_format format);   /* "camt.053", "json", "csv", "wechat" */
bool statement_format_parse(struct span name, enum statement_format *format);

/*
 * Picks the reader, and refuses what is of another account or day. A fund bill
 * names neither: both have to be wished for.
 */
bool statement_read(struct span file, const struct statement_wish *wish, struct arena *arena, struct statement *out,
		    struct complaint *why);

/* {"account":..,"date":..,"opening":{"minor":..,"currency":"CNY"},..,"lines":[..]}; see docs/REWARDS.md. */
bool statement_read_json(struct span file, struct arena *arena, struct statement *out, struct complaint *why);

/* Two parts: one "statement" row, then "line" rows, each behind a row of headings; RFC 4180, amounts in yuan. */
bool statement_read_csv(struct span file, struct arena *arena, struct statement *out, struct complaint *why);

/*
 * WeChat's fund bill: amounts in yuan, every cell of the lines behind a
 * backtick, a summary at the end. The id of a line is the number of its flow
 * (column 3), the reference that of WeChat (column 2), the instruction the last
 * column when it has the form of one. The opening balance is the first line's
 * before it; a day without lines is silent.
 */
bool statement_read_wechat(struct span file, struct span account, struct span date, struct arena *arena,
			   struct statement *out, struct complaint *why);

/* For the readers: room for as many lines as a file of that size can have (no line takes less than 8 bytes), in the arena. */
struct statement_line *statement_lines_new(struct span file, struct arena *arena);

/* For the readers: ends the statement with hash and lines, sorted, and checks it. */
bool statement_finish(struct statement *out, struct span file, struct statement_line *lines, size_t n,
		      struct arena *arena, struct complaint *why);

#endif
