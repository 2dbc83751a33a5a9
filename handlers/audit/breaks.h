/*
 * Breaks: who sees them, and the open ones counted by class and age with the
 * money of theirs in suspense.
 */
#ifndef TIPLINE_HANDLERS_AUDIT_BREAKS_H
#define TIPLINE_HANDLERS_AUDIT_BREAKS_H

#include "daemon/base/json_out.h"
#include "daemon/money/book.h"
#include "handlers/endpoint.h"

struct break_counts {
	uint64_t by[BREAK_CLASSES][BREAK_AGES];
	uint64_t open, suspended;
	int64_t debit_fen, credit_fen;   /* in suspense */
};

/* By region; a file that was refused for an account that had none before is of no ledger, and nobody's region hides it. */
bool breaks_are_seen(const struct staff *reader, const struct book_break *broken);

/* One that is resolved counts nothing. */
void breaks_count(const struct book_break *broken, int64_t now_ms, struct break_counts *counts);

/* As the members "open" and "ages" of the open object: {"R1":{"0-1":2,...},...}. */
void breaks_tell(const struct break_counts *counts, struct json_out *json);

#endif
