/*
 * camt.053 and camt.054 inside: what both files of the reader work on.
 */
#ifndef TIPLINE_MONEY_ISO20022_CAMT_H
#define TIPLINE_MONEY_ISO20022_CAMT_H

#include "daemon/money/iso20022.h"
#include "daemon/money/iso20022_xml.h"

/* Sum and number as a summary of the bank tells them. */
struct camt_summary {
	bool has_sum, has_count;
	int64_t sum, count;
};

struct camt_entry {
	int64_t fen;
	bool has_fen, has_sign, credit, reversal;
	bool booked;
	enum statement_kind kind;
	struct span reference, number;   /* AcctSvcrRef, NtryRef */
	char date[STATEMENT_DATE_LEN + 1];
	size_t first;                    /* line of its first detail */
	struct camt_summary batch;
};

struct camt_detail {
	struct statement_line line;
	bool has_fen, has_sign;
};

struct camt {
	struct statement *out;
	struct statement_line *lines;
	size_t n;
	struct camt_entry entry;
	struct camt_detail detail;
	size_t entries, statements;
	/* a balance, while it is read */
	char balance[8];
	int64_t balance_fen;
	bool has_balance, balance_debit, balance_sign;
	char balance_date[STATEMENT_DATE_LEN + 1];
	bool opened, closed;
	struct camt_summary all, credits, debits;
};

/* Rules of entries and their details: iso20022_entry.c */
#define CAMT_ENTRY_RULES 23
extern const struct xml_rule camt_entry_rules[CAMT_ENTRY_RULES];

/* --- leaves: iso20022_camt.c --------------------------------------------------------------- */

/* Names of statements are words; what a bank writes with blanks in them is no id of ours and counts as none. */
void camt_word(const struct xml_at *at, struct span *word);
/* An amount of an element with Ccy. Another currency is remembered, and nothing of the file is taken. */
bool camt_money(struct camt *r, const struct xml_at *at, int64_t *fen);
bool camt_sign(const struct xml_at *at, bool *credit);
/* "2026-11-20" or a time of that day by the bank's clock. */
bool camt_day(const struct xml_at *at, char date[STATEMENT_DATE_LEN + 1]);
bool camt_number(const struct xml_at *at, int64_t *number);
bool camt_sum(struct camt_summary *summary, const struct xml_at *at);
bool camt_count(struct camt_summary *summary, const struct xml_at *at);
/* Whether what the bank summed up is what there is; false after xml_refuse(). */
bool camt_sums_up(const struct camt_summary *summary, const struct xml_at *at, int64_t sum, size_t count);

#endif
