/*
 * Unclaimed rewards; see audit_unclaimed.h.
 */
#include "daemon/money/audit_unclaimed.h"

#include <stdlib.h>

#define DAY_MS INT64_C(86400000)

const char *audit_unclaimed_name(enum audit_unclaimed_why why)
{
	static const char *const names[AUDIT_WHYS] = { [AUDIT_OPEN] = "open", [AUDIT_NEAR] = "near",
						       [AUDIT_EXPIRED] = "expired",
						       [AUDIT_REINSTATED] = "reinstated", [AUDIT_LATE] = "late" };

	return names[why];
}

bool audit_claimed_late(const struct audit_reward *reward, int64_t late_percent)
{
	int64_t window = reward->deadline_ms - reward->publish_ms, left = reward->deadline_ms - reward->claim_ms;

	return reward->claim_seq != 0 && left * 100 <= window * late_percent;
}

/* Whole days, rounded down: the day on which it is over is 0, and -1 begins with it. */
static int64_t whole_days(int64_t ms)
{
	return ms >= 0 ? ms / DAY_MS : -((-ms + DAY_MS - 1) / DAY_MS);
}

/* AUDIT_WHYS: nothing to be told of. */
static enum audit_unclaimed_why why_of(const struct audit_view *view, const struct audit_reward *reward,
				       int64_t soon_days, int64_t late_percent)
{
	if (audit_claimed_late(reward, late_percent))
		return AUDIT_LATE;
	if (reward->reinstate_seq != 0)
		return AUDIT_REINSTATED;
	if (reward->state == REWARD_EXPIRED)
		return AUDIT_EXPIRED;
	if (reward->state != REWARD_CLAIMABLE)
		return AUDIT_WHYS;
	return reward->deadline_ms - view->at_ms <= soon_days * DAY_MS ? AUDIT_NEAR : AUDIT_OPEN;
}

static void put(const struct audit_view *view, const struct audit_reward *reward, enum audit_unclaimed_why why,
		struct audit_unclaimed *out)
{
	const uint64_t seqs[] = { reward->decide_seq, reward->publish_seq,
				  reward->deadline_seq != reward->publish_seq ? reward->deadline_seq : 0,
				  reward->expire_seq, reward->claim_seq };

	*out = (struct audit_unclaimed){ .reward = reward, .why = why, .waits = reward->claim_seq == 0,
					 .days_left = whole_days(reward->deadline_ms - view->at_ms) };
	for (size_t i = 0; i < sizeof(seqs) / sizeof(seqs[0]); i++)
		audit_seqs_add(&out->seqs, seqs[i], view->arena);
}

/* --- days to the claim ------------------------------------------------------------------ */

static int by_claim_days(const void *a, const void *b)
{
	const struct audit_reward *left = ((const struct audit_choice *)a)->reward;
	const struct audit_reward *right = ((const struct audit_choice *)b)->reward;
	int64_t l = whole_days(left->claim_ms - left->publish_ms), r = whole_days(right->claim_ms - right->publish_ms);

	if (l != r)
		return l < r ? -1 : 1;
	return left->claim_seq < right->claim_seq ? -1 : left->claim_seq > right->claim_seq;
}

static void count_days(const struct audit_view *view, struct audit_unclaimed_all *all)
{
	struct audit_choice *claims = arena_array(view->arena, struct audit_choice, view->nrewards + 1);
	size_t n = 0;

	for (size_t i = 0; i < view->nrewards; i++)
		if (view->rewards[i].claim_seq != 0)
			claims[n++].reward = &view->rewards[i];
	if (n > 0)
		qsort(claims, n, sizeof(*claims), by_claim_days);
	all->days = arena_array(view->arena, struct audit_days, n + 1);
	for (size_t i = 0; i < n; i++) {
		int64_t days = whole_days(claims[i].reward->claim_ms - claims[i].reward->publish_ms);

		if (all->ndays == 0 || all->days[all->ndays - 1].days != days)
			all->days[all->ndays++].days = days;
		all->days[all->ndays - 1].claims++;
		all->days[all->ndays - 1].fen += claims[i].reward->is->fen;
		audit_seqs_add(&all->days[all->ndays - 1].seqs, claims[i].reward->claim_seq, view->arena);
	}
}

struct audit_unclaimed_all audit_unclaimed(const struct audit_view *view, int64_t soon_days, int64_t late_percent)
{
	struct audit_unclaimed_all all = { .nrewards = 0 };

	all.rewards = arena_array(view->arena, struct audit_unclaimed, view->nrewards + 1);
	for (size_t i = 0; i < view->nrewards; i++) {
		enum audit_unclaimed_why why = why_of(view, &view->rewards[i], soon_days, late_percent);

		if (why != AUDIT_WHYS)
			put(view, &view->rewards[i], why, &all.rewards[all.nrewards++]);
	}
	count_days(view, &all);
	return all;
}
