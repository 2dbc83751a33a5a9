/*
 * Entries of the money journal that fit a wish, and what they did on an
 * account: where every figure ends.
 */
#ifndef TIPLINE_MONEY_AUDIT_ENTRIES_H
#define TIPLINE_MONEY_AUDIT_ENTRIES_H

#include "daemon/money/audit_view.h"

/* Empty spans and 0: any. */
struct audit_entries_wish {
	uint64_t from, to;              /* numbers, both among them */
	struct span kind;               /* its beginning */
	struct span subject, person;    /* subject R7: also R7-1 and all else about that reward */
	struct span book, detail;       /* a leg of the entry is there */
	unsigned code;                  /* account; figures are told of it alone */
};

struct audit_entry {
	uint64_t seq;
	int64_t debit_fen, credit_fen;  /* on the account */
	int64_t balance_fen;            /* of the account after it, on its normal side */
};

struct audit_entries {
	struct audit_entry *at;         /* in the order of the journal */
	size_t n;
	int64_t opening_fen;            /* of the account before the first number asked for */
	int64_t closing_fen;            /* and after the last one */
};

/* In the arena of the view; records that are not seen are not there and move nothing. */
struct audit_entries audit_entries(const struct audit_view *view, const struct audit_entries_wish *wish);

#endif
