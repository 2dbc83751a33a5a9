/*
 * Finding what is in the book.
 */
#include "daemon/base/hex.h"
#include "daemon/money/book_state.h"

static bool find(const struct mark_map *map, const char *use, struct span name, uint64_t *value)
{
	unsigned char mark[MARK_BYTES];

	name_mark(use, name, mark);
	return mark_map_get(map, mark, value);
}

struct dossier *dossier_at(const struct book *book, size_t index)
{
	return index < book->dossiers.n ? ((struct dossier **)book->dossiers.at)[index] : NULL;
}

/* Rewards are in order of their record's number, which is their id. */
struct dossier *dossier_find(const struct book *book, struct span id)
{
	size_t low = 0, high = book->dossiers.n;
	uint64_t seq;

	if (id.len < 2 || id.at[0] != 'R' || id.at[1] == '0' || !span_u64(span_from_offset(id, 1), &seq))
		return NULL;
	while (low < high) {
		size_t middle = (low + high) / 2;
		struct dossier *dossier = dossier_at(book, middle);

		if (dossier->is.first_seq == seq)
			return dossier;
		if (dossier->is.first_seq < seq)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* "R7-1" */
struct book_attempt *attempt_find(const struct book *book, struct span id, struct dossier **dossier)
{
	size_t dash = span_find(id, SPAN("-"));
	struct span digits = span_from_offset(id, dash + 1);
	uint64_t number;

	*dossier = dossier_find(book, span_from(id.at, dash));
	if (*dossier == NULL || !span_u64(digits, &number) || digits.at[0] == '0' || number > (*dossier)->is.nattempts)
		return NULL;
	return &(*dossier)->attempts[number - 1];
}

struct book_case *case_find(const struct book *book, struct span id)
{
	uint64_t index;

	return find(&book->by_case, "case", id, &index) ? ((struct book_case **)book->cases.at)[index] : NULL;
}

struct draft *draft_find(const struct book *book, struct span hash)
{
	struct draft *drafts = book->drafts.at;
	unsigned char bytes[POLICY_HASH_BYTES];

	if (!hex_get(hash, bytes, sizeof(bytes)))
		return NULL;
	for (size_t i = 0; i < book->drafts.n; i++)
		if (memcmp(policy_hash(drafts[i].policy), bytes, sizeof(bytes)) == 0)
			return &drafts[i];
	return NULL;
}

struct draft *draft_in_force(const struct book *book, struct span name, int64_t at_ms)
{
	struct draft *drafts = book->drafts.at, *best = NULL;

	for (size_t i = 0; i < book->drafts.n; i++)
		if (drafts[i].adopted && drafts[i].from_ms <= at_ms && span_is(name, policy_name(drafts[i].policy)) &&
		    (best == NULL || policy_version(drafts[i].policy) > policy_version(best->policy)))
			best = &drafts[i];
	return best;
}

struct rail_hold *rail_hold_find(const struct book *book, struct span rail)
{
	struct rail_hold *rails = book->rails.at;

	for (size_t i = 0; i < book->rails.n; i++)
		if (span_is(rail, rails[i].rail))
			return &rails[i];
	return NULL;
}

bool book_rail_held(const struct book *book, struct span rail)
{
	const struct rail_hold *hold = rail_hold_find(book, rail);

	return hold != NULL && hold->held;
}

size_t claimant_first(const struct book *book, const char *claimant)
{
	uint64_t index;

	return find(&book->by_claimant, "claimant", span_of(claimant), &index) ? (size_t)index : NO_INDEX;
}

bool dossier_counts(const struct dossier *dossier)
{
	switch (dossier->is.state) {
	case REWARD_REJECTED:
	case REWARD_WITHDRAWN:
	case REWARD_DECLINED:
	case REWARD_REVOKED:
	case REWARD_REVERSED:
		return false;
	case REWARD_DRAFT:
	case REWARD_IN_REVIEW:
	case REWARD_AWAITING_FUNDS:
	case REWARD_APPROVED:
	case REWARD_CLAIMABLE:
	case REWARD_CLAIMED:
	case REWARD_RELEASED:
	case REWARD_PAYING:
	case REWARD_PAID:
	case REWARD_RETURNED:
	case REWARD_EXPIRED:
	case REWARD_CLOSED:
	case REWARD_STATES:
		break;
	}
	return true;
}

/* --- for others ------------------------------------------------------------------------ */

const struct book_reward *book_reward(const struct book *book, struct span id)
{
	const struct dossier *dossier = dossier_find(book, id);

	return dossier != NULL ? &dossier->is : NULL;
}

const struct book_reward *book_reward_at(const struct book *book, size_t index)
{
	const struct dossier *dossier = dossier_at(book, index);

	return dossier != NULL ? &dossier->is : NULL;
}

size_t book_rewards(const struct book *book)
{
	return book->dossiers.n;
}

const struct book_attempt *book_instruction(const struct book *book, struct span instruction,
					    const struct book_reward **reward)
{
	uint64_t at;
	struct dossier *dossier;

	if (!find(&book->by_instruction, "instruction", instruction, &at))
		return NULL;
	dossier = dossier_at(book, (size_t)(at >> 16));
	*reward = &dossier->is;
	return &dossier->attempts[at & 0xffff];
}

const struct policy *book_policy(const struct book *book, const unsigned char hash[POLICY_HASH_BYTES])
{
	const struct draft *drafts = book->drafts.at;

	for (size_t i = 0; i < book->drafts.n; i++)
		if (memcmp(policy_hash(drafts[i].policy), hash, POLICY_HASH_BYTES) == 0)
			return drafts[i].policy;
	return NULL;
}

const struct policy *book_policy_in_force(const struct book *book, struct span name, int64_t at_ms)
{
	const struct draft *draft = draft_in_force(book, name, at_ms);

	return draft != NULL ? draft->policy : NULL;
}

const struct staff_register *book_staff(const struct book *book)
{
	return &book->staff;
}

uint64_t book_seq(const struct book *book)
{
	return book->seq;
}

int64_t book_now_ms(const struct book *book, int64_t now_ms)
{
	return now_ms > book->last_ms ? now_ms : book->last_ms;
}

const unsigned char *book_head(const struct book *book)
{
	return book->head;
}

const struct ledger *book_ledger(const struct book *book)
{
	return book->ledger;
}
