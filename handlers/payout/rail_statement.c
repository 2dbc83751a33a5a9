/*
 * Statements; see rail_statement.h.
 */
#include "handlers/payout/rail_statement.h"

#include <sodium.h>
#include <stdlib.h>

void rail_hash(struct span bytes, unsigned char out[RAIL_HASH_BYTES])
{
	crypto_hash_sha256(out, (const unsigned char *)bytes.at, bytes.len);
}

static int compare_spans(const void *a, const void *b)
{
	const struct span *x = a, *y = b;
	int order = memcmp(x->at, y->at, x->len < y->len ? x->len : y->len);

	return order != 0 ? order : (x->len > y->len) - (x->len < y->len);
}

static bool ids_differ(const struct rail_statement *statement, struct arena *arena, struct complaint *why)
{
	struct span *ids = arena_array(arena, struct span, statement->nlines + 1);

	for (size_t i = 0; i < statement->nlines; i++)
		ids[i] = statement->lines[i].line_id;
	qsort(ids, statement->nlines, sizeof(*ids), compare_spans);
	for (size_t i = 1; i < statement->nlines; i++)
		if (span_eq(ids[i - 1], ids[i]))
			return complain(why, 0, "two lines have the same id");
	return true;
}

static bool sums_fit(const struct rail_statement *statement)
{
	int64_t debits = 0, credits = 0, closing;

	for (size_t i = 0; i < statement->nlines; i++) {
		int64_t *sum = statement->lines[i].debit ? &debits : &credits;

		if (!money_add(*sum, statement->lines[i].fen, sum))
			return false;
	}
	return debits == statement->debits && credits == statement->credits &&
	       money_subtract(statement->opening, debits, &closing) && money_add(closing, credits, &closing) &&
	       closing == statement->closing;
}

bool rail_statement_adds_up(const struct rail_statement *statement, struct arena *arena, struct complaint *why)
{
	if (!sums_fit(statement))
		return complain(why, 0, "the lines do not add up to the sums, or opening and turnover not to the closing balance");
	return ids_differ(statement, arena, why);
}
