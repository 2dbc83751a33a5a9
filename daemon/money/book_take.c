/*
 * Making a plan true. Nothing here decides anything, and nothing can fail.
 */
#include "daemon/base/memory.h"
#include "daemon/money/book_state.h"

#include <assert.h>
#include <stdlib.h>

static void take_key(struct book *book, const struct plan *plan)
{
	struct used_key *key = list_add(&book->keys, sizeof(*key));
	unsigned char mark[MARK_BYTES];

	memcpy(key->print, plan->print, sizeof(key->print));
	key->seq = plan->seq;
	name_mark("key", plan->command->key, mark);
	mark_map_set(&book->by_key, mark, book->keys.n - 1);
}

/* --- ledger ----------------------------------------------------------------------------- */

struct fiscal *fiscal_open(struct book *book, const char *name)
{
	struct fiscal *fiscal = fiscal_find(book, name);

	if (fiscal == NULL) {
		fiscal = list_add(&book->fiscals, sizeof(*fiscal));
		NAME_PUT(fiscal->name, span_of(name));
	}
	return fiscal;
}

static void take_entry(struct book *book, const struct plan *plan)
{
	struct complaint why;
	bool posted;

	if (plan->entry.nlegs == 0)
		return;
	posted = ledger_post(book->ledger, &plan->entry, &why);
	assert(posted);
	(void)posted;
	for (size_t i = 0; i < plan->entry.nlegs; i++)
		fiscal_open(book, plan->entry.legs[i].book);
	if (plan->dossier == NULL)
		fiscal_open(book, plan->entry.legs[0].book)->posted[plan->posting]++;
	take_bank_entry(book, plan);
}

static void take_reserve(struct book *book, const struct plan *plan)
{
	struct reserve *reserves = book->reserves.at;

	if (plan->reserve_fen == 0)
		return;
	for (size_t i = 0; i < book->reserves.n; i++)
		if (reserves[i].account.code == plan->reserve_of.code &&
		    strcmp(reserves[i].account.detail, plan->reserve_of.detail) == 0 &&
		    strcmp(reserves[i].book, plan->after.is.book) == 0) {
			reserves[i].fen += plan->reserve_fen;
			return;
		}
	reserves = list_add(&book->reserves, sizeof(*reserves));
	NAME_PUT(reserves->book, span_of(plan->after.is.book));
	reserves->account = plan->reserve_of;
	reserves->fen = plan->reserve_fen;
}

/* --- reward --------------------------------------------------------------------------------- */

static void take_attempt(struct book *book, const struct plan *plan, struct dossier *dossier)
{
	const struct book_attempt *attempt = &plan->attempt_after;
	unsigned char mark[MARK_BYTES];

	if (attempt->number == 0)
		return;
	if (attempt->number > dossier->is.nattempts) {
		struct book_attempt *grown = memory_zeroes(dossier->is.nattempts + 1, sizeof(*grown));

		if (dossier->is.nattempts > 0)
			memcpy(grown, dossier->attempts, dossier->is.nattempts * sizeof(*grown));
		free(dossier->attempts);
		dossier->attempts = grown;
		dossier->is.attempts = grown;
		dossier->is.nattempts++;
		name_mark("instruction", span_of(attempt->instruction), mark);
		mark_map_set(&book->by_instruction, mark, (uint64_t)dossier->index << 16 | (attempt->number - 1));
	}
	dossier->attempts[attempt->number - 1] = *attempt;
}

static void take_parts(struct book *book, const struct plan *plan, struct dossier *dossier)
{
	unsigned part = plan->role == MONEY_CASHIER ? PART_CASHIER : plan->kind->rule->part;
	struct staff_act by = plan_act(plan);

	if (part == 0 || plan->role == MONEY_SYSTEM || plan->role == MONEY_CLAIMANT)
		return;
	dossier->parts = part_new(&book->store, dossier->parts, &by, part, dossier->round);
	if (plan->vote == NULL || plan->vote->role == MONEY_CLAIMANT)
		return;
	by = (struct staff_act){ .person = plan->vote->person, .deputy_of = plan->vote->deputy_of,
				 .at_ms = plan->vote->at_ms };
	dossier->parts = part_new(&book->store, dossier->parts, &by, part, dossier->round);
}

/* In line for funds, or out of it. */
static void take_waiting(struct book *book, const struct dossier *dossier, enum reward_state before)
{
	size_t *waiting = book->waiting.at;
	bool was = before == REWARD_AWAITING_FUNDS, is = dossier->is.state == REWARD_AWAITING_FUNDS;

	if (is && !was)
		*(size_t *)list_add(&book->waiting, sizeof(size_t)) = dossier->index;
	for (size_t i = 0; was && !is && i < book->waiting.n; i++)
		if (waiting[i] == dossier->index) {
			list_drop(&book->waiting, sizeof(size_t), i);
			return;
		}
}

static void take_dossier(struct book *book, const struct plan *plan)
{
	struct dossier *dossier = plan->dossier;
	enum reward_state before;

	if (dossier == NULL)
		return;
	before = dossier->is.state;
	*dossier = plan->after;
	dossier->is.last_seq = plan->seq;
	take_attempt(book, plan, dossier);
	take_parts(book, plan, dossier);
	take_waiting(book, dossier, before);
	dossier_wake(book, dossier);
}

void dossier_wake(struct book *book, const struct dossier *dossier)
{
	((int64_t *)book->due.at)[dossier->index] = dossier_due(book, dossier);
}

static void take_act(struct book *book, const struct plan *plan)
{
	take_entry(book, plan);
	take_reserve(book, plan);
	take_dossier(book, plan);
	if (plan->kind->rule->take != NULL)
		plan->kind->rule->take(book, plan);
	if (plan->vote != NULL)
		vote_done(book, plan);
}

static void take_vote(struct book *book, const struct plan *plan)
{
	vote_take(book, plan);
	if (plan->kind->rule->voted != NULL)
		plan->kind->rule->voted(book, plan);
}

void book_take(struct book *book, const struct plan *plan)
{
	take_key(book, plan);
	if (!plan->voting)
		take_act(book, plan);
	else
		take_vote(book, plan);
	book->seq = plan->seq;
	book->last_ms = plan->now_ms;
}
