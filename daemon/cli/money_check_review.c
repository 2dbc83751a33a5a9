/*
 * From submitted to approved: bands, titles, digests (I10), and that the
 * budget is reserved in the same record.
 */
#include "daemon/cli/money_check_parts.h"

#define APPROVAL_MS (90 * MONEY_DAY_MS)

/* SHA-256 over what was proposed and the round of its approval. */
static void set_digest(struct money_check *check, struct money_reward *reward)
{
	const char *round = arena_printf(&check->arena, "%lld", (long long)reward->round);
	crypto_hash_sha256_state state;

	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, reward->substance, sizeof(reward->substance));
	crypto_hash_sha256_update(&state, (const unsigned char *)round, strlen(round));
	crypto_hash_sha256_final(&state, reward->digest);
}

static bool quotes(const struct money_check *check, const struct money_reward *reward)
{
	char digits[2 * MONEY_HASH_BYTES + 1];

	sodium_bin2hex(digits, sizeof(digits), reward->digest, sizeof(reward->digest));
	return span_is(money_line_text(check->line, "digest"), digits);
}

static void begin_round(struct money_check *check, struct money_reward *reward)
{
	int64_t steps;

	reward->round++;
	reward->step = 0;
	set_digest(check, reward);
	reward->ntitles = reward->policy != NULL
				  ? money_approvals(reward->policy, reward->fen, reward->overridden, reward->titles)
				  : 0;
	if (!quotes(check, reward))
		money_broken(check, MONEY_I10_SEPARATION, "the digest is not that of the proposal");
	if (!money_line_number(check->line, "steps", &steps) || (size_t)steps != reward->ntitles)
		money_broken(check, MONEY_I10_SEPARATION, "the band asks for %zu approvals", reward->ntitles);
}

void money_take_submit(struct money_check *check, struct money_act *act)
{
	begin_round(check, act->reward);
}

/* --- approvals ------------------------------------------------------------------------------ */

static void reserve(struct money_check *check, struct money_reward *reward)
{
	int64_t net = reward->fen - reward->tax_fen;

	reward->accrued += reward->fen;
	reward->payable += net;
	reward->tax_left += reward->tax_fen;
	if (money_legs_sum(check->line, MONEY_EXPENSE, NULL) != reward->fen ||
	    money_legs_sum(check->line, MONEY_ENCUMBERED, NULL) != -reward->fen)
		money_broken(check, MONEY_I04_REWARD, "%lld fen are due, something else is reserved",
			     (long long)reward->fen);
}

static void check_title(struct money_check *check, const struct money_act *act)
{
	const struct money_reward *reward = act->reward;
	struct span title;

	if ((size_t)reward->step >= reward->ntitles) {
		money_broken(check, MONEY_I10_SEPARATION, "more approvals than the band asks for");
		return;
	}
	title = reward->titles[reward->step];
	if (!span_eq(title, money_line_text(check->line, "title")) ||
	    (act->staff != NULL && !money_staff_titled(act->staff, title)))
		money_broken(check, MONEY_I10_SEPARATION, "approval %lld is that of %.*s", (long long)reward->step + 1,
			     (int)title.len, title.at);
}

void money_take_approve(struct money_check *check, struct money_act *act)
{
	struct money_reward *reward = act->reward;
	bool last;

	check_title(check, act);
	if (!quotes(check, reward))
		money_broken(check, MONEY_I10_SEPARATION, "what is approved is not what was submitted");
	reward->step++;
	last = (size_t)reward->step >= reward->ntitles;
	if (!last && act->to != MONEY_IN_REVIEW)
		money_broken(check, MONEY_I10_SEPARATION, "approved after %lld of %zu approvals", (long long)reward->step,
			     reward->ntitles);
	if (last && act->to == MONEY_IN_REVIEW)
		money_broken(check, MONEY_I12_TRANSITIONS, "the last approval leaves it in review");
	if (act->to != MONEY_IN_REVIEW)
		reward->approved_ms = check->line->at_ms;
	if (act->to == MONEY_APPROVED)
		reserve(check, reward);
}

void money_take_funds(struct money_check *check, struct money_act *act)
{
	struct money_reward *reward = act->reward;
	bool stale = check->line->at_ms >= reward->approved_ms + APPROVAL_MS;

	if (act->to == MONEY_IN_REVIEW)
		begin_round(check, reward);
	else
		reserve(check, reward);
	if (stale != (act->to == MONEY_IN_REVIEW))
		money_broken(check, MONEY_I10_SEPARATION, "approvals hold for 90 days");
}

/* --- reinstated ------------------------------------------------------------------------------- */

void money_take_reinstate(struct money_check *check, struct money_act *act)
{
	money_still_eligible(check, act->reward);
	reserve(check, act->reward);
	money_take_publish(check, act);
}
