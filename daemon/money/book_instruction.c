/*
 * The id of the next instruction, and what statements say of it already.
 *
 * A book that was restored does not know what was paid behind its backup, but
 * it knows the ids under which that would have been: they follow from case,
 * claimant and ordinal alone. A debit of a statement that names one of them is
 * a payment of this reward, though no attempt of the book has that id.
 */
#include "daemon/money/book_state.h"

#include <assert.h>
#include <stdio.h>

#define AHEAD 16   /* instructions behind the last known one that may have been lost */

static bool look_up(const struct mark_map *map, const char *use, const char *id, uint64_t *index)
{
	unsigned char mark[MARK_BYTES];

	name_mark(use, span_of(id), mark);
	return mark_map_get(map, mark, index);
}

void instruction_debit(struct book *book, struct span id, size_t statement, size_t line)
{
	unsigned char mark[MARK_BYTES];
	uint64_t before;

	name_mark("debit", id, mark);
	if (!span_empty(id) && !mark_map_get(&book->debits, mark, &before))
		mark_map_set(&book->debits, mark, (uint64_t)statement << 16 | line);
}

/* --- ordinals ----------------------------------------------------------------------------- */

static unsigned last_sent(const struct dossier *dossier)
{
	unsigned last = 0;

	for (size_t i = 0; i < dossier->is.nattempts; i++)
		if (dossier->attempts[i].sent_ms != 0 && dossier->attempts[i].ordinal > last)
			last = dossier->attempts[i].ordinal;
	return last;
}

/* Of all rewards of that claimant for that case. */
static unsigned last_ordinal(const struct book *book, const struct dossier *dossier)
{
	size_t at = claimant_first(book, dossier->is.claimant);
	unsigned last = 0;

	assert(dossier != NULL);
	for (; at != NO_INDEX; at = dossier_at(book, at)->next_of_claimant) {
		const struct dossier *other = dossier_at(book, at);
		unsigned sent = strcmp(other->is.case_id, dossier->is.case_id) == 0 ? last_sent(other) : 0;

		last = sent > last ? sent : last;
	}
	return last;
}

/* --- statements -------------------------------------------------------------------------------- */

/* Whether an attempt of the book went out under that id. */
static bool is_known(const struct book *book, const char *id)
{
	const struct book_attempt *attempt;
	const struct book_reward *reward;

	attempt = book_instruction(book, span_of(id), &reward);
	return attempt != NULL && attempt->sent_ms != 0;
}

/* A debit for an id that no attempt has, of which nobody has said yet what it was. */
static bool find_debit(const struct book *book, const char *id, struct instruction_next *next)
{
	uint64_t index;

	if (!look_up(&book->debits, "debit", id, &index) || is_known(book, id))
		return false;
	next->statement = statement_at(book, (size_t)(index >> 16));
	next->line = &next->statement->lines[index & 0xffff];
	snprintf(next->line_id, sizeof(next->line_id), "%s:%llu", next->statement->is.id,
		 (unsigned long long)(index & 0xffff) + 1);
	if (next->line->taken == 0 || (next->line->broken && break_holds_line(book, next->line_id)))
		return true;
	next->line = NULL;
	return false;
}

void instruction_next(const struct book *book, const struct dossier *dossier, struct instruction_next *next)
{
	struct span kase = span_of(dossier->is.case_id), claimant = span_of(dossier->is.claimant);
	unsigned first = last_ordinal(book, dossier) + 1;
	bool any = book->statements.n > 0;

	*next = (struct instruction_next){ .line = NULL };
	for (unsigned ordinal = 1; any && ordinal < first + AHEAD; ordinal++) {
		next->ordinal = ordinal;
		book_instruction_id(book->instruction_key, kase, claimant, ordinal, next->id);
		if (find_debit(book, next->id, next))
			return;
	}
	next->ordinal = first;
	book_instruction_id(book->instruction_key, kase, claimant, first, next->id);
}

bool instruction_fits(const struct instruction_next *next, int64_t fen, const struct posting_account *source)
{
	return next->line->is.fen == fen && same_place(&next->statement->is.account, source);
}
