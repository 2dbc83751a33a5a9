/*
 * What is posted when: one table, L01 to L22.
 *
 * A row is an event that moves money or budget; its legs name accounts, not
 * books: where they stand is told by the facts. A leg of zero fen is left out.
 * Every row balances in each sub-ledger whatever the facts are, which a test
 * holds it to. Which command posts which row stands with the commands
 * (book_*.c). The rows are told with their reasons in docs/REWARDS.md.
 */
#ifndef TIPLINE_MONEY_POSTING_H
#define TIPLINE_MONEY_POSTING_H

#include "daemon/base/span.h"
#include "daemon/money/ledger.h"

enum posting {
	POSTING_NONE,
	POSTING_APPROPRIATED,      /* L01 */
	POSTING_RECEIVED,
	POSTING_APPROVED,
	POSTING_STARTED,
	POSTING_SUCCEEDED,         /* L05 */
	POSTING_FAILED,
	POSTING_CANCELLED,         /* expired, declined, revoked */
	POSTING_RETURNED,
	POSTING_REISSUED,
	POSTING_LATE,              /* L10: still owed */
	POSTING_OVERPAID,          /* L11: not owed any more */
	POSTING_VOIDED,
	POSTING_RECOVERED,
	POSTING_WRITTEN_OFF,
	POSTING_FEE,               /* L15 */
	POSTING_TAX,
	POSTING_FUNDED,
	POSTING_SUSPENDED,
	POSTING_CLEARED,
	POSTING_YEAR_END,          /* L20 */
	POSTING_OFFSET,            /* L21: an overpayment taken for what was owed */
	POSTING_RETURNED_OVER,     /* L22: came back when nothing is owed any more */
	POSTINGS,
};

/* Which variant of a row. */
enum posting_when {
	POSTING_SAME_YEAR = 1 << 0,   /* one of these two, always */
	POSTING_PRIOR_YEAR = 1 << 1,
	POSTING_OF_OVERPAID = 1 << 2,
	POSTING_OF_CLAWBACK = 1 << 3,
	POSTING_WHOLE = 1 << 4,       /* L08: the reward is paid no more */
	POSTING_PART = 1 << 5,        /* L08: of an instalment, owed again at once */
	POSTING_DEBIT = 1 << 6,       /* L18, L19: a debit of the statement */
	POSTING_CREDIT = 1 << 7,
};

/* Where money lies: "bank:main", "float:wechat", "cash:150600-01". */
struct posting_account {
	enum ledger_code code;
	char detail[LEDGER_DETAIL_MAX];
};
bool posting_account_parse(struct span text, struct posting_account *account);

struct posting_facts {
	const char *fin, *bgt;        /* books of the two sub-ledgers; bgt is the open year */
	const char *spent;            /* book where it was expended; NULL: bgt */
	const char *next;             /* L20: the new year */
	const char *reward;           /* "R7" */
	const char *flight;           /* "voucher:R7-1" */
	const char *suspense;
	struct posting_account source, target;
	int64_t a;                    /* of the reward, with tax; L20: what is available */
	int64_t net, tax, rest;       /* payable, tax withheld, returned */
	int64_t x;                    /* of the attempt, or simply the amount */
	unsigned when;                /* posting_when */
};

/* The entry "L03:R7:1": row, subject, number. Asserts that legs and names fit. */
void posting_make(enum posting posting, const struct posting_facts *facts, const char *subject, unsigned number,
		  struct ledger_entry *entry);

/* "overpaid", for pages and manuals; the number is that of the row. */
const char *posting_name(enum posting posting);

#endif
