/*
 * What comes next for a reward, done by those whose turn it is; now and then
 * something else that is legal there, or nearly.
 */
#include "tests/sim/sim.h"

#include "daemon/base/hex.h"

static void put_payee(struct sim *sim, struct book_command *command)
{
	static const char *const rails[] = { "voucher", "wallet", "bank" };

	order_put(sim, command, "payee", "v-%u", ++sim->next_payee);
	order_put(sim, command, "rail", "%s", RANDOM_PICK(&sim->random, rails));
	order_put(sim, command, "nonce", "n-%u", random_one_in(&sim->random, 20) ? sim->next_nonce : ++sim->next_nonce);
}

static struct book_command *by_role(struct sim *sim, const char *kind, unsigned role, const struct book_reward *reward)
{
	return order(sim, kind, staff_with(sim, role, NULL), reward->id);
}

static void done_by(struct sim *sim, struct book_command *command, unsigned role)
{
	order_both(sim, command, role);
}

static void with_reason(struct sim *sim, const char *kind, unsigned role, const struct book_reward *reward)
{
	struct book_command *command = by_role(sim, kind, role, reward);

	order_put(sim, command, "reason", "because");
	done_by(sim, command, role);
}

/* --- review --------------------------------------------------------------------------------- */

static void approve(struct sim *sim, const struct book_reward *reward)
{
	const struct daemon *daemon = &sim->daemons[0];
	const struct policy *policy = book_policy(daemon->book, reward->policy);
	const char *titles[POLICY_STEPS_MAX];
	size_t n = policy_approvals(policy, reward->fen, false, titles);
	struct book_command *command;
	const char *title;

	if (n <= reward->step)
		n = policy_approvals(policy, reward->fen, true, titles);
	/* The policy goes with the book when the daemon is killed. */
	title = reward->step < n ? sim_text(sim, "%s", titles[reward->step]) : NULL;
	for (unsigned tries = 0; tries < 8; tries++) {
		command = order(sim, "reward.approve",
				staff_with(sim, MONEY_APPROVER, title), reward->id);
		order_put(sim, command, "digest", "%s", hex_text(&sim->arena, reward->digest, RECORD_HASH_BYTES));
		if (daemon_do(sim, daemon_any(sim), command) == SAID_RECORD) {
			order_keep(sim, command);
			return;
		}
	}
}

static void in_review(struct sim *sim, const struct book_reward *reward)
{
	switch (random_below(&sim->random, 16)) {
	case 0:
		with_reason(sim, "reward.return", MONEY_APPROVER, reward);
		break;
	case 1:
		with_reason(sim, "reward.reject", MONEY_APPROVER, reward);
		break;
	case 2:
		with_reason(sim, "reward.withdraw", MONEY_PROPOSER, reward);
		break;
	default:
		approve(sim, reward);
	}
}

static void draft(struct sim *sim, const struct book_reward *reward)
{
	if (random_one_in(&sim->random, 10))
		with_reason(sim, "reward.withdraw", MONEY_PROPOSER, reward);
	else
		done_by(sim, by_role(sim, "reward.submit", MONEY_PROPOSER, reward), MONEY_PROPOSER);
}

/* --- claim ------------------------------------------------------------------------------------- */

static void claim(struct sim *sim, const char *kind, const struct book_reward *reward)
{
	struct book_command *command = order(sim, kind, "claimant", reward->id);

	put_payee(sim, command);
	if (daemon_do(sim, daemon_any(sim), command) == SAID_RECORD)
		order_keep(sim, command);
}

static void decline(struct sim *sim, const struct book_reward *reward)
{
	struct book_command *command = order(sim, "reward.decline", "claimant", reward->id);

	order_put(sim, command, "confirm", "%d", random_one_in(&sim->random, 4) ? 0 : 1);
	order_put(sim, command, "nonce", "n-%u", ++sim->next_nonce);
	daemon_do(sim, daemon_any(sim), command);
}

static void panel(struct sim *sim, const struct book_reward *reward)
{
	struct book_command *command = by_role(sim, "reward.panel", MONEY_APPROVER, reward);

	order_put(sim, command, "cause", random_one_in(&sim->random, 2) ? "heir" : "lost_secret");
	order_put(sim, command, "document", "%064d", 3);
	put_payee(sim, command);
	done_by(sim, command, MONEY_APPROVER);
}

static void claimable(struct sim *sim, const struct book_reward *reward)
{
	struct book_command *command;

	switch (random_below(&sim->random, 13)) {
	case 12:
		with_reason(sim, "reward.revoke", MONEY_APPROVER, reward);
		break;
	case 0:
		decline(sim, reward);
		break;
	case 1:
		panel(sim, reward);
		break;
	case 2:
		command = by_role(sim, "reward.extend", MONEY_APPROVER, reward);
		order_put(sim, command, "days", "%d", (int)random_between(&sim->random, 1, 5));
		order_put(sim, command, "reason", "ill");
		done_by(sim, command, MONEY_APPROVER);
		break;
	case 3:
	case 4:
		break;   /* nobody comes */
	case 5:
		/* At the very millisecond, or one before it. */
		if (reward->deadline_ms > sim->now_ms && reward->deadline_ms - sim->now_ms < 9 * SIM_DAY)
			sim->now_ms = reward->deadline_ms - (int64_t)random_below(&sim->random, 2);
		claim(sim, "reward.claim", reward);
		break;
	default:
		claim(sim, "reward.claim", reward);
	}
}

/* --- payment --------------------------------------------------------------------------------------- */

static const char *source_of(struct sim *sim, const struct book_reward *reward)
{
	static const char *const others[] = { "bank:main", "cash:b1", "float:wallet", "cash:b9" };

	if (random_one_in(&sim->random, 10))
		return RANDOM_PICK(&sim->random, others);
	if (strcmp(reward->rail, "voucher") == 0)
		return "cash:b1";
	return strcmp(reward->rail, "wallet") == 0 ? "float:wallet" : "bank:main";
}

static void release(struct sim *sim, const struct book_reward *reward)
{
	struct book_command *command = by_role(sim, "reward.release", MONEY_FINANCE, reward);

	if (reward->cooling_until_ms > sim->now_ms && !random_one_in(&sim->random, 6))
		sim->now_ms = reward->cooling_until_ms - (int64_t)random_below(&sim->random, 2);
	order_put(sim, command, "source", "%s", source_of(sim, reward));
	if (random_one_in(&sim->random, 2))
		order_put(sim, command, "instalment", "%lld",
			  (long long)random_between(&sim->random, reward->fen / 4 + 1, reward->fen));
	done_by(sim, command, MONEY_FINANCE);
}

static void claimed(struct sim *sim, const struct book_reward *reward)
{
	switch (random_below(&sim->random, 24)) {
	case 0:
		claim(sim, "reward.change_payee", reward);
		break;
	case 1:
		panel(sim, reward);
		break;
	case 2:
		decline(sim, reward);
		break;
	case 3:
		with_reason(sim, "reward.revoke", MONEY_APPROVER, reward);
		break;
	case 4:
	case 5:
	case 6:
		break;   /* finance takes its time */
	default:
		release(sim, reward);
	}
}

static void released(struct sim *sim, const struct book_reward *reward)
{
	if (random_one_in(&sim->random, 9))
		claim(sim, "reward.change_payee", reward);
	else if (random_one_in(&sim->random, 12))
		with_reason(sim, "reward.revoke", MONEY_APPROVER, reward);
}

/* The counter has paid: the provider of vouchers knows it too. */
static void redeem(struct sim *sim, const struct book_reward *reward)
{
	const struct book_attempt *attempt = &reward->attempts[reward->nattempts - 1];
	const struct payment *payment = provider_payment(&sim->provider, attempt->instruction);
	struct book_command *command;

	if (payment == NULL || payment->state != ATTEMPT_SUCCEEDED)
		return;
	command = order(sim, "attempt.observe", staff_with(sim, MONEY_CASHIER, NULL),
			sim_text(sim, "%s-%zu", reward->id, reward->nattempts));
	order_put(sim, command, "state", "SUCCEEDED");
	order_put(sim, command, "by", "webhook");
	order_put(sim, command, "fen", "%lld", (long long)payment->is.fen);
	daemon_do(sim, daemon_any(sim), command);
}

static void paying(struct sim *sim, const struct book_reward *reward)
{
	if (reward->attempts[reward->nattempts - 1].state == ATTEMPT_UNKNOWN && random_one_in(&sim->random, 3)) {
		daemon_send_again(sim, daemon_any(sim), reward);
		return;
	}
	if (random_one_in(&sim->random, 5))
		daemon_cancel(sim, daemon_any(sim), reward);
	else if (random_one_in(&sim->random, 6))
		claim(sim, "reward.change_payee", reward);
	else
		redeem(sim, reward);
}

static void paid(struct sim *sim, const struct book_reward *reward)
{
	struct book_command *command;

	if (!random_one_in(&sim->random, 12))
		return;
	command = by_role(sim, "reward.void", MONEY_APPROVER, reward);
	order_put(sim, command, "code", "fraud");
	order_put(sim, command, "document", "%064d", 5);
	done_by(sim, command, MONEY_APPROVER);
}

static void returned(struct sim *sim, const struct book_reward *reward)
{
	struct book_command *command;

	if (random_one_in(&sim->random, 3))
		return;
	if (random_one_in(&sim->random, 5)) {
		with_reason(sim, "reward.revoke", MONEY_APPROVER, reward);
		return;
	}
	command = order(sim, "reward.reissue", "claimant", reward->id);
	put_payee(sim, command);
	daemon_do(sim, daemon_any(sim), command);
	if (!random_one_in(&sim->random, 4))
		daemon_do(sim, daemon_any(sim), by_role(sim, "reward.reissue", MONEY_FINANCE, reward));
}

/* --- holds ---------------------------------------------------------------------------------------------- */

static void hold(struct sim *sim, const struct book_reward *reward)
{
	unsigned role = random_one_in(&sim->random, 2) ? MONEY_AUDITOR : MONEY_APPROVER;
	struct book_command *command = by_role(sim, reward->held ? "reward.lift" : "reward.hold", role, reward);

	order_put(sim, command, "reason", "looks odd");
	daemon_do(sim, daemon_any(sim), command);
}

static void rail(struct sim *sim)
{
	static const char *const rails[] = { "voucher", "wallet", "bank" };
	bool lift = !random_one_in(&sim->random, 9);
	struct book_command *command = order(sim, lift ? "rail.lift" : "rail.hold",
					     staff_with(sim, random_one_in(&sim->random, 2) ? MONEY_AUDITOR : MONEY_FINANCE, NULL),
					     RANDOM_PICK(&sim->random, rails));

	order_put(sim, command, "reason", "looks odd");
	daemon_do(sim, daemon_any(sim), command);
}

/* --- whose turn it is ------------------------------------------------------------------------------------ */

static void go_on(struct sim *sim, const struct book_reward *reward)
{
	switch (reward->state) {
	case REWARD_DRAFT:
		draft(sim, reward);
		break;
	case REWARD_IN_REVIEW:
		in_review(sim, reward);
		break;
	case REWARD_AWAITING_FUNDS:
		if (random_one_in(&sim->random, 8))
			with_reason(sim, "reward.withdraw", MONEY_PROPOSER, reward);
		break;
	case REWARD_APPROVED:
		if (random_one_in(&sim->random, 6))
			with_reason(sim, "reward.revoke", MONEY_APPROVER, reward);
		break;
	case REWARD_CLAIMABLE:
		claimable(sim, reward);
		break;
	case REWARD_CLAIMED:
		claimed(sim, reward);
		break;
	case REWARD_RELEASED:
		released(sim, reward);
		break;
	case REWARD_PAYING:
		paying(sim, reward);
		break;
	case REWARD_PAID:
		paid(sim, reward);
		break;
	case REWARD_RETURNED:
		returned(sim, reward);
		break;
	case REWARD_EXPIRED:
		if (random_one_in(&sim->random, 2))
			with_reason(sim, "reward.reinstate", MONEY_APPROVER, reward);
		break;
	case REWARD_REJECTED:
	case REWARD_WITHDRAWN:
	case REWARD_DECLINED:
	case REWARD_REVOKED:
	case REWARD_REVERSED:
	case REWARD_CLOSED:
	case REWARD_STATES:
		break;
	}
}

/* One that is not over; the newest half the time. */
static const struct book_reward *pick(struct sim *sim, struct daemon *daemon)
{
	size_t n = book_rewards(daemon->book), last = n < 12 ? n : 12;

	for (unsigned tries = 0; tries < 8 && n > 0; tries++) {
		bool newest = random_one_in(&sim->random, 2);
		const struct book_reward *reward =
			book_reward_at(daemon->book, n - 1 - random_below(&sim->random, newest ? last : n));

		if (!reward_terminal(reward->state))
			return reward;
	}
	return NULL;
}

void people_reward(struct sim *sim)
{
	struct daemon *daemon = &sim->daemons[0];
	const struct book_reward *reward;
	struct book_reward copy;

	daemon_catch_up(sim, daemon);
	reward = pick(sim, daemon);
	if (reward == NULL)
		return;
	/* The book moves on while it is acted on. */
	copy = *reward;
	copy.attempts = arena_array(&sim->arena, struct book_attempt, copy.nattempts + 1);
	if (copy.nattempts > 0)
		memcpy((void *)(uintptr_t)copy.attempts, reward->attempts, copy.nattempts * sizeof(*copy.attempts));
	if (random_one_in(&sim->random, copy.held ? 3 : 50))
		hold(sim, &copy);
	else if (random_one_in(&sim->random, 9))
		rail(sim);
	else
		go_on(sim, &copy);
}
