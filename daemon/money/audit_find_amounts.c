/*
 * Tests of amounts: near a limit, in parts, set by hand.
 */
#include "daemon/money/audit_exceptions.h"

#include <stdlib.h>

#define DAY_MS INT64_C(86400000)

/* What the policy brought to its highest amount may be the limit as well: that is no choice of anybody. */
static bool is_near(const struct policy *policy, const struct audit_reward *reward, int64_t percent, int64_t *below)
{
	int64_t limit = policy_approval_limit(policy, reward->is->fen), margin;

	if (limit == INT64_MAX || (reward->is->clamped_max && !reward->is->overridden) ||
	    !money_scale(limit, percent, 100, &margin))
		return false;
	*below = limit - reward->is->fen;
	return *below <= margin;
}

void audit_find_below_band(struct audit_finding *finding)
{
	for (size_t i = 0; i < finding->view->nrewards; i++) {
		const struct audit_reward *reward = &finding->view->rewards[i];
		const struct policy *policy = book_policy(finding->book, reward->is->policy);
		struct audit_hit *hit;
		int64_t below;

		if (reward->submit_seq == 0 || policy == NULL)
			continue;
		finding->population++;
		if (!is_near(policy, reward, finding->parameters[AUDIT_MARGIN_PERCENT], &below))
			continue;
		hit = audit_hit_new(finding, reward);
		hit->value = below;
		hit->note = reward->is->overridden ? "override" : "";
		hit->at_ms = reward->submit_ms;
		audit_hit_seq(finding, hit, reward->is->seq);
		audit_hit_seq(finding, hit, reward->submit_seq);
	}
}

/* --- several rewards of a case ----------------------------------------------------------- */

static int by_case(const void *a, const void *b)
{
	const struct audit_reward *left = ((const struct audit_choice *)a)->reward;
	const struct audit_reward *right = ((const struct audit_choice *)b)->reward;

	if (left->is->case_id != right->is->case_id)
		return left->is->case_id < right->is->case_id ? -1 : 1;
	return left->number < right->number ? -1 : left->number > right->number;
}

static int64_t proposed_ms(const struct audit_finding *finding, const struct audit_reward *reward)
{
	return audit_view_row(finding->view, reward->is->seq - 1)->at_ms;
}

/* Whether more persons would have approved the sum than approved the largest of them. */
static bool crosses_band(const struct audit_finding *finding, const struct audit_choice *list, size_t n, int64_t sum)
{
	const struct policy *policy = book_policy(finding->book, list[0].reward->is->policy);
	int64_t largest = 0;

	for (size_t i = 0; i < n; i++)
		largest = list[i].reward->is->fen > largest ? list[i].reward->is->fen : largest;
	return policy != NULL && policy_approval_limit(policy, largest) < sum;
}

static void put_parts(struct audit_finding *finding, const struct audit_choice *list, size_t n)
{
	struct audit_hit *hit;

	if (n < 2)
		return;
	hit = audit_hit_new(finding, NULL);
	hit->subject = audit_view_text(finding->view, list[0].reward->is->case_id);
	hit->rewards = n;
	hit->at_ms = proposed_ms(finding, list[0].reward);
	hit->value = (proposed_ms(finding, list[n - 1].reward) - hit->at_ms) / DAY_MS;
	for (size_t i = 0; i < n; i++) {
		hit->fen += list[i].reward->is->fen;
		audit_hit_seq(finding, hit, list[i].reward->is->seq);
	}
	hit->note = crosses_band(finding, list, n, hit->fen) ? "band" : "";
}

/* Of one case: those that follow the first of a group within the time. */
static size_t group(const struct audit_finding *finding, const struct audit_choice *list, size_t n)
{
	int64_t until = proposed_ms(finding, list[0].reward) + finding->parameters[AUDIT_CASE_DAYS] * DAY_MS;
	size_t same = 1;

	while (same < n && list[same].reward->is->case_id == list[0].reward->is->case_id &&
	       proposed_ms(finding, list[same].reward) <= until)
		same++;
	return same;
}

void audit_find_splitting(struct audit_finding *finding)
{
	const struct audit_view *view = finding->view;
	struct audit_choice *list = arena_array(view->arena, struct audit_choice, view->nrewards + 1);
	size_t n = 0, same;

	/* What was never decided on, or was taken back, is no part of anything. */
	for (size_t i = 0; i < view->nrewards; i++)
		if (view->rewards[i].state != REWARD_REJECTED && view->rewards[i].state != REWARD_WITHDRAWN)
			list[n++].reward = &view->rewards[i];
	finding->population = n;
	if (n > 0)
		qsort(list, n, sizeof(*list), by_case);
	for (size_t i = 0; i < n; i += same) {
		same = group(finding, list + i, n - i);
		put_parts(finding, list + i, same);
	}
}

/* --- by hand -------------------------------------------------------------------------------- */

struct bent {
	const char *note;
	bool (*is)(const struct audit_proposal *proposal);
};

static bool is_override(const struct audit_proposal *proposal)
{
	return proposal->overridden;
}

static bool is_max(const struct audit_proposal *proposal)
{
	return proposal->clamped_max;
}

static bool is_min(const struct audit_proposal *proposal)
{
	return proposal->clamped_min;
}

struct tally {
	size_t all;
	struct audit_hit *hit;   /* NULL: none yet */
};

static void count_bent(struct audit_finding *finding, const struct bent *bent)
{
	const struct audit_view *view = finding->view;
	struct tally *tallies = arena_array(view->arena, struct tally, audit_log_texts(view->log));

	for (size_t i = 0; i < view->nrewards; i++) {
		const struct audit_proposal *proposal = view->rewards[i].is;
		uint32_t person = audit_view_row(view, proposal->seq - 1)->person;
		struct tally *tally = &tallies[person];

		tally->all++;
		if (bent->is(proposal)) {
			if (tally->hit == NULL) {
				tally->hit = audit_hit_new(finding, NULL);
				tally->hit->subject = audit_view_text(view, person);
				tally->hit->note = bent->note;
			}
			tally->hit->rewards++;
			tally->hit->fen += proposal->fen;
			audit_hit_seq(finding, tally->hit, proposal->seq);
		}
		if (tally->hit != NULL)
			tally->hit->value = (int64_t)(100 * tally->hit->rewards / tally->all);
	}
}

void audit_find_overrides(struct audit_finding *finding)
{
	static const struct bent kinds[] = {
		{ .note = "override", .is = is_override },
		{ .note = "clamp_max", .is = is_max },
		{ .note = "clamp_min", .is = is_min },
	};

	finding->population = finding->view->nrewards;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		count_bent(finding, &kinds[i]);
}
