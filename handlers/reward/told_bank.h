/*
 * Statements, their lines and breaks as JSON: one form for all answers.
 *
 * Amounts are whole fen, times RFC 3339 or null. An account is "bank:main" as
 * the ledger names it, a line "S12:3", a break "B45".
 */
#ifndef TIPLINE_HANDLERS_REWARD_TOLD_BANK_H
#define TIPLINE_HANDLERS_REWARD_TOLD_BANK_H

#include "daemon/base/json_out.h"
#include "daemon/money/book.h"

/* What became of the lines of a statement so far. */
struct told_counts {
	size_t matched, breaks, waiting;
};
struct told_counts told_counts(const struct book_statement *statement);

/* Its ends and counts, as members of the open object. */
void told_statement(const struct book_statement *statement, struct json_out *json);

/* Line `index` of a statement. */
void told_line(const struct book_statement *statement, size_t index, const char *name, struct json_out *json);

/* Account of a break as people name it: "bank:main", "suspense_credit:B45", or "". */
struct span told_break_account(const struct book *book, const struct book_break *broken, struct arena *arena);

/* "open", "suspense" (its money is there), "cleared" (and out of it again), "resolved". */
const char *told_break_state(const struct book_break *broken);

/* Its members in the open object. `now_ms` 0: without its age, so that the same journal gives the same bytes. */
void told_break(const struct book *book, const struct book_break *broken, int64_t now_ms, struct arena *arena,
		struct json_out *json);

/* The line that a break is about, or NULL. */
const struct book_statement *told_break_line(const struct book *book, const struct book_break *broken, size_t *index);

#endif
