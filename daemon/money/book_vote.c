/*
 * Acts of two persons: the first one's call is a vote, the call of a second
 * and different person for the same act is the act.
 *
 * What is voted on is pinned by a digest over act, subject, fields, and the
 * last record of the reward: whatever happens to it in between makes the vote
 * void, and so does time.
 */
#include "daemon/money/book_state.h"

#include <sodium.h>

#define VOTE_MS (30 * DAY_MS)

static void set_digest(struct plan *plan)
{
	struct buf text = { 0 };
	struct json_out json = json_out_to(&text);

	json_open(&json, '{');
	json_text(&json, "act", span_of(plan->kind->kind));
	json_text(&json, "subject", span_of(plan->subject));
	/* Finance agrees to what the informant said, and does not say it. */
	if ((plan->kind->by & MONEY_CLAIMANT) == 0)
		command_put_fields(plan, &json);
	if (plan->dossier != NULL)
		json_u64(&json, "after", plan->dossier->is.last_seq);
	json_close(&json, '}');
	crypto_hash_sha256(plan->digest, (const unsigned char *)text.at, text.len);
	buf_release(&text);
}

static const struct vote *find(const struct plan *plan)
{
	const struct vote *votes = plan->book->votes.at;

	for (size_t i = 0; i < plan->book->votes.n; i++)
		if (memcmp(votes[i].digest, plan->digest, sizeof(plan->digest)) == 0 &&
		    plan->now_ms < votes[i].at_ms + VOTE_MS)
			return &votes[i];
	return NULL;
}

/* Of an informant and a member of staff each says their own. */
static bool takes_both(struct plan *plan)
{
	bool mixed = (plan->kind->by & MONEY_CLAIMANT) != 0;

	if (mixed && plan->vote == NULL && plan->role != MONEY_CLAIMANT)
		return plan_refuse(plan, 409, "CLAIMANT_FIRST", "the informant has to confirm first");
	if (mixed && plan->vote != NULL && plan->role == MONEY_CLAIMANT)
		return plan_refuse(plan, 409, "SECOND_PERSON", "this was confirmed; staff has to agree");
	return true;
}

bool plan_votes(struct plan *plan)
{
	if (plan->persons < 2)
		return true;
	set_digest(plan);
	plan->vote = find(plan);
	if (!takes_both(plan))
		return false;
	if (plan->vote == NULL) {
		plan->voting = true;
		return true;
	}
	if (same_person(plan, plan->vote->person, plan->vote->deputy_of, plan->vote->at_ms))
		return plan_refuse(plan, 403, "SECOND_PERSON", "a second, different person has to agree");
	return true;
}

void vote_take(struct book *book, const struct plan *plan)
{
	struct vote *vote = list_add(&book->votes, sizeof(*vote));

	*vote = (struct vote){ .role = plan->role, .at_ms = plan->now_ms, .seq = plan->seq, .act = plan->kind->kind };
	NAME_PUT(vote->subject, span_of(plan->subject));
	memcpy(vote->digest, plan->digest, sizeof(vote->digest));
	memcpy(vote->person, plan->actor.person, sizeof(vote->person));
	memcpy(vote->deputy_of, plan->actor.deputy_of, sizeof(vote->deputy_of));
}

/* The vote has had its effect; those that are void by now go with it. */
void vote_done(struct book *book, const struct plan *plan)
{
	const struct vote *votes = book->votes.at;

	for (size_t i = book->votes.n; i > 0; i--)
		if (memcmp(votes[i - 1].digest, plan->digest, sizeof(plan->digest)) == 0 ||
		    plan->now_ms >= votes[i - 1].at_ms + VOTE_MS)
			list_drop(&book->votes, sizeof(*votes), i - 1);
}

bool book_vote_at(const struct book *book, size_t index, int64_t now_ms, struct book_vote *out)
{
	const struct vote *votes = book->votes.at;

	if (index >= book->votes.n)
		return false;
	*out = (struct book_vote){ .act = votes[index].act, .subject = votes[index].subject, .person = votes[index].person,
				   .seq = votes[index].seq, .at_ms = votes[index].at_ms,
				   .stands = now_ms < votes[index].at_ms + VOTE_MS };
	return true;
}
