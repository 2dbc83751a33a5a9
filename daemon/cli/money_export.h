/*
 * Exports of the money journal: the same records in forms that auditors read
 * with programs of their own.
 *
 *   jsonl    the canonical records, one a line, with a trailer; verifiable offline
 *   csv      RFC 4180, a row a posting, safe to open in a spreadsheet
 *   hledger  a journal that `hledger check` accepts: declared accounts, dates in
 *            order, a balance assertion on every posting
 *
 * The same records, filter and key give the same bytes. Bytes gather in `out`;
 * whoever drives takes them away as often as he likes. No I/O here.
 */
#ifndef TIPLINE_CLI_MONEY_EXPORT_H
#define TIPLINE_CLI_MONEY_EXPORT_H

#include "daemon/base/buf.h"
#include "daemon/cli/money_line.h"
#include "daemon/cli/money_map.h"

#include <sodium.h>

struct money_export;

/* A format: one file each. */
struct money_format {
	const char *name;
	bool prefix_only;     /* takes no filter but an end: it carries balances */
	bool carries_trailer; /* else the trailer is a file of its own */
	void (*begin)(struct money_export *export);
	void (*record)(struct money_export *export, struct span text, const struct money_line *line);
};

extern const struct money_format money_format_jsonl, money_format_csv, money_format_hledger;

/* NULL: no such format. */
const struct money_format *money_format_find(struct span name);

/* What is exported; all zero: everything. */
struct money_filter {
	uint64_t from, to;           /* sequence numbers, both inclusive; 0: open */
	struct span kind;            /* records whose kind begins so */
	struct span subject;         /* records of exactly this subject */
};

struct money_account_sum {
	int64_t fen;                 /* debits less credits */
};

struct money_export {
	const struct money_format *format;
	struct money_filter filter;
	bool bom;                    /* csv: begin with a byte order mark */
	struct buf out;
	uint64_t rows;               /* lines, rows or transactions written */
	uint64_t count, first, last; /* records */
	unsigned char head[MONEY_HASH_BYTES];
	int64_t fin, bgt;            /* debits */
	int64_t credits;             /* of both; so that no balance leaves its range */
	crypto_hash_sha256_state sha;
	unsigned char sha256[MONEY_HASH_BYTES];   /* after money_export_end(): of all that was exported, trailer aside */
	struct buf trailer;          /* likewise: the trailer's line */
	struct money_map accounts;   /* hledger: balances so far */
	struct money_account_sum *sums;
	size_t nsums;
};

void money_export_begin(struct money_export *export, const struct money_format *format,
			const struct money_filter *filter, bool bom);
void money_export_release(struct money_export *export);

/*
 * Takes the next record of the journal; one that the filter leaves out changes
 * nothing. False: it cannot be read or is not what its hash says.
 */
bool money_export_record(struct money_export *export, struct span text, struct complaint *why);

/* Ends it; `seed` (Ed25519, 32 bytes) signs the trailer, NULL leaves it unsigned. */
void money_export_end(struct money_export *export, const unsigned char *seed);

/* --- for the formats -------------------------------------------------------------------- */

void money_export_put(struct money_export *export, struct span bytes);
void money_export_text(struct money_export *export, const char *text);

/* Name of an account of the chart, "payable"; "unknown" for a code that is not in it. */
const char *money_export_account(unsigned code);

/* "2026-11-21" of that time in China, which has had one offset since 1992. */
#define MONEY_DATE_MAX 32
const char *money_export_date(int64_t at_ms, char out[MONEY_DATE_MAX]);
/* "2026-11-21T22:10:05.123+08:00" */
const char *money_export_time(int64_t at_ms, char out[MONEY_DATE_MAX]);

/* The filter in words: "all" or "from=3 to=9 kind=reward. subject=R7". */
void money_export_filter(const struct money_filter *filter, struct buf *out);

#endif
