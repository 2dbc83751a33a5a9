/*
 * The ledger: double entry in whole fen, two sub-ledgers side by side.
 *
 * FIN is the financial one, BGT the budget. An entry balances in each of them;
 * accounts have a normal side and, most of them, may never fall below zero:
 * the budget control is that BGT 8020 may not. Accounts are kept per book:
 * bureau, programme, fiscal year ("150600/anti-trafficking/2026"). Which event
 * posts what stands in one table (posting.h).
 *
 * Pure and in memory; the balances are a fold of the journal.
 */
#ifndef TIPLINE_MONEY_LEDGER_H
#define TIPLINE_MONEY_LEDGER_H

#include "daemon/base/complaint.h"
#include "daemon/base/money.h"

#define LEDGER_BOOK_MAX 64     /* "150600/anti-trafficking/2026", with NUL */
#define LEDGER_DETAIL_MAX 64   /* "R7", "voucher:R7-1", "main"; may be empty; with NUL */
#define LEDGER_LEGS_MAX 16
#define LEDGER_ENTRY_ID_MAX 64

enum ledger_sub { LEDGER_FIN, LEDGER_BGT, LEDGER_SUBS };

/* Codes as in the chart of accounts. */
enum ledger_code {
	LEDGER_BANK = 1010,              /* detail: bank account */
	LEDGER_FLOAT = 1020,             /* wallet channel */
	LEDGER_CASH_AT_BRANCH = 1030,    /* branch */
	LEDGER_OVERPAID = 1210,          /* reward */
	LEDGER_CLAWBACK = 1220,          /* reward */
	LEDGER_SUSPENSE_DEBIT = 1310,
	LEDGER_PAYABLE = 2010,           /* reward */
	LEDGER_INFLIGHT = 2020,          /* channel:attempt */
	LEDGER_TAX_WITHHELD = 2030,
	LEDGER_RETURNED = 2040,          /* reward */
	LEDGER_SUSPENSE_CREDIT = 2050,
	LEDGER_FUND = 3010,
	LEDGER_PRIOR_YEAR = 3020,
	LEDGER_EXPENSE = 5010,
	LEDGER_FEES = 5020,
	LEDGER_WRITTEN_OFF = 5030,
	LEDGER_AUTHORISED = 8010,
	LEDGER_AVAILABLE = 8020,
	LEDGER_ENCUMBERED = 8030,
	LEDGER_EXPENDED = 8040,
	LEDGER_LAPSED = 8050,
};

/* A row of the chart; NULL for a code that is not in it. */
struct ledger_account_kind {
	enum ledger_code code;
	enum ledger_sub sub;
	const char *name;      /* "payable" */
	bool debit_normal;
	bool limited;          /* its balance on the normal side is never below zero */
};
const struct ledger_account_kind *ledger_kind(unsigned code);
const struct ledger_account_kind *ledger_kinds(size_t *n);

struct ledger_leg {
	char book[LEDGER_BOOK_MAX];
	enum ledger_code code;
	char detail[LEDGER_DETAIL_MAX];
	bool debit;
	int64_t fen;           /* above zero */
};

struct ledger_entry {
	char id[LEDGER_ENTRY_ID_MAX];         /* "L03:R7:1"; never used twice */
	struct ledger_leg legs[LEDGER_LEGS_MAX];
	size_t nlegs;
};

struct ledger;
struct ledger *ledger_new(uint64_t seed);
void ledger_free(struct ledger *ledger);

/* Whether the entry balances (I01), keeps each limit (I02) and its id is new; `why` names the first leg that does not. Changes nothing. */
bool ledger_check(const struct ledger *ledger, const struct ledger_entry *entry, struct complaint *why);

/* Checks and posts, or does neither. */
bool ledger_post(struct ledger *ledger, const struct ledger_entry *entry, struct complaint *why);

/* Balance on the account's normal side; 0 for one that was never posted to. */
int64_t ledger_balance(const struct ledger *ledger, const char *book, enum ledger_code code, const char *detail);

/* All details of a code in a book together. */
int64_t ledger_total(const struct ledger *ledger, const char *book, enum ledger_code code);

struct ledger_row {
	const char *book;
	enum ledger_code code;
	const char *detail;
	int64_t debits, credits;   /* turnover since the beginning */
};

/* How many accounts there are; with room for all of them (`max`) they are written, ordered by book, code, detail. max 0: only counted. */
size_t ledger_rows(const struct ledger *ledger, struct ledger_row *out, size_t max);

#endif
