/*
 * From the state of a reward to the word its claimant is told; see claim_status.h.
 */
#include "handlers/reward/claim_status.h"

#include "daemon/base/table.h"

/* In order of what is told first when there are several. */
static const unsigned ranks[CLAIM_WORDS] = {
	[CLAIM_NONE] = 0, [CLAIM_OVER] = 1,   [CLAIM_DECLINED] = 2, [CLAIM_EXPIRED] = 3,
	[CLAIM_PAID] = 4, [CLAIM_MOVING] = 5, [CLAIM_RETURNED] = 6, [CLAIM_OPEN] = 7,
};

static enum claim_word word_of(const struct book_reward *reward)
{
	switch (reward->state) {
	case REWARD_CLAIMABLE:
		return reward->held ? CLAIM_MOVING : CLAIM_OPEN;
	case REWARD_CLAIMED:
	case REWARD_RELEASED:
	case REWARD_PAYING:
		return CLAIM_MOVING;
	case REWARD_RETURNED:
		return CLAIM_RETURNED;
	case REWARD_PAID:
	case REWARD_CLOSED:
		return CLAIM_PAID;
	case REWARD_DECLINED:
		return CLAIM_DECLINED;
	case REWARD_EXPIRED:
		return CLAIM_EXPIRED;
	case REWARD_REVOKED:
	case REWARD_REVERSED:
		return CLAIM_OVER;
	case REWARD_DRAFT:
	case REWARD_IN_REVIEW:
	case REWARD_AWAITING_FUNDS:
	case REWARD_APPROVED:
	case REWARD_REJECTED:
	case REWARD_WITHDRAWN:
	case REWARD_STATES:
		break;
	}
	return CLAIM_NONE;
}

struct claim_status claim_status(const struct book *book, struct span claimant)
{
	struct claim_status best = { .word = CLAIM_NONE };

	for (size_t i = 0; i < book_rewards(book); i++) {
		const struct book_reward *reward = book_reward_at(book, i);
		enum claim_word word = word_of(reward);

		if (span_is(claimant, reward->claimant) && word != CLAIM_NONE && ranks[word] >= ranks[best.word])
			best = (struct claim_status){ .word = word, .reward = reward };
	}
	return best;
}

static bool is_under_way(const struct claim_status *status)
{
	return status->word == CLAIM_OPEN || status->word == CLAIM_MOVING;
}

void claim_status_panel(const struct money_index *index, int64_t now_ms, struct claim_status *status)
{
	struct index_panel panel;

	status->panel = CLAIM_PANEL_NONE;
	if (!is_under_way(status))
		return;
	panel = money_index_panel(index, span_of(status->reward->id));
	if (panel.asked_ms > 0 && now_ms < panel.asked_ms + INDEX_PANEL_MS)
		status->panel = CLAIM_PANEL_ASKED;
	else if (panel.bound_ms > 0)
		status->panel = CLAIM_PANEL_BOUND;
}

bool claim_may(const struct claim_status *status, enum claim_action action)
{
	const struct book_reward *reward = status->reward;

	if (reward == NULL || reward->held)
		return false;
	switch (action) {
	case CLAIM_CLAIM:
		return status->word == CLAIM_OPEN;
	case CLAIM_CHANGE:
		return status->word == CLAIM_RETURNED || reward->state == REWARD_CLAIMED ||
		       reward->state == REWARD_RELEASED;
	case CLAIM_DECLINE:
		return status->word == CLAIM_OPEN || reward->state == REWARD_CLAIMED;
	case CLAIM_OBJECT:
		return is_under_way(status) && status->panel != CLAIM_PANEL_NONE;
	case CLAIM_LOOK:
	case CLAIM_ACTIONS:
		break;
	}
	return false;
}

const char *claim_kind(const struct claim_status *status, enum claim_action action)
{
	switch (action) {
	case CLAIM_CHANGE:
		return status->word == CLAIM_RETURNED ? "reward.reissue" : "reward.change_payee";
	case CLAIM_DECLINE:
		return "reward.decline";
	case CLAIM_OBJECT:
		return "reward.hold";
	case CLAIM_CLAIM:
	case CLAIM_LOOK:
	case CLAIM_ACTIONS:
		break;
	}
	return "reward.claim";
}

/* --- words ------------------------------------------------------------------------------ */

const char *claim_word_name(enum claim_word word)
{
	static const char *const names[CLAIM_WORDS] = {
		[CLAIM_NONE] = "none",	       [CLAIM_OPEN] = "open",	      [CLAIM_MOVING] = "in_progress",
		[CLAIM_RETURNED] = "returned", [CLAIM_PAID] = "paid",	      [CLAIM_DECLINED] = "declined",
		[CLAIM_EXPIRED] = "expired",   [CLAIM_OVER] = "taken_back",
	};

	return names[word];
}

const char *claim_panel_name(enum claim_panel panel)
{
	static const char *const names[CLAIM_PANELS] = { [CLAIM_PANEL_ASKED] = "asked", [CLAIM_PANEL_BOUND] = "bound" };

	return names[panel];
}

static const char *const action_names[CLAIM_ACTIONS] = {
	[CLAIM_LOOK] = "look", [CLAIM_CLAIM] = "claim", [CLAIM_CHANGE] = "change", [CLAIM_DECLINE] = "decline",
	[CLAIM_OBJECT] = "object",
};

const char *claim_action_name(enum claim_action action)
{
	return action_names[action];
}

bool claim_action_parse(struct span name, enum claim_action *action)
{
	for (size_t i = 0; i < COUNT_OF(action_names); i++)
		if (span_is(name, action_names[i])) {
			*action = (enum claim_action)i;
			return true;
		}
	return false;
}
