/*
 * Anything by anybody: a command of the table with fields by their types,
 * right, odd and wrong, about whatever there is or is not.
 */
#include "tests/sim/sim.h"

#include <stdio.h>

static const char *a_reward(struct sim *sim, bool attempt)
{
	struct daemon *daemon = &sim->daemons[0];
	size_t n = book_rewards(daemon->book);
	const struct book_reward *reward;

	if (n == 0 || random_one_in(&sim->random, 16))
		return "R999999";
	reward = book_reward_at(daemon->book, random_below(&sim->random, n));
	if (!attempt)
		return sim_text(sim, "%s", reward->id);
	return sim_text(sim, "%s-%zu", reward->id, random_one_in(&sim->random, 4) ? 1 : reward->nattempts);
}

static const char *a_ledger(struct sim *sim)
{
	return sim_text(sim, "%s/%s/%d", sim->bureaus[random_below(&sim->random, sim->nbureaus)],
			sim->programmes[random_below(&sim->random, sim->nprogrammes)].name,
			(int)random_between(&sim->random, 2025, 2029));
}

static bool begins(const char *kind, const char *with)
{
	return strncmp(kind, with, strlen(with)) == 0;
}

static const char *a_subject(struct sim *sim, const char *kind)
{
	if (random_one_in(&sim->random, 40))
		return "";
	if (begins(kind, "reward.propose") || begins(kind, "policy.draft"))
		return "";
	if (begins(kind, "reward.") || begins(kind, "attempt.start") || begins(kind, "budget.tax"))
		return a_reward(sim, false);
	if (begins(kind, "attempt."))
		return a_reward(sim, true);
	if (begins(kind, "budget.correct"))
		return sim_text(sim, "L0%d:%s:%d", (int)random_between(&sim->random, 1, 3), a_ledger(sim),
				(int)random_between(&sim->random, 1, 3));
	if (begins(kind, "budget.") || begins(kind, "statement."))
		return a_ledger(sim);
	if (begins(kind, "case."))
		return sim_text(sim, "case-%zu", random_below(&sim->random, sim->naffairs + 1));
	if (begins(kind, "rail."))
		return random_one_in(&sim->random, 2) ? "voucher" : "bank";
	if (begins(kind, "break.") || begins(kind, "suspense."))
		return sim_text(sim, "B%zu", random_below(&sim->random, sim->journal.n + 1));
	return staff_any(sim);
}

static const char *a_number(struct sim *sim)
{
	static const char *const odd[] = { "0", "1", "2", "3", "60", "850000", "01", "-1", "9007199254740992", "x" };

	if (random_one_in(&sim->random, 2))
		return RANDOM_PICK(&sim->random, odd);
	return sim_text(sim, "%lld", (long long)random_between(&sim->random, 1, 1000000));
}

static const char *an_id(struct sim *sim, const char *name)
{
	static const char *const states[] = { "ACCEPTED", "NEEDS_PAYEE", "PROCESSING", "UNKNOWN", "FAILED", "CANCELLED",
					      "SUCCEEDED", "RETURNED", "NOT_FOUND", "SENDING" };
	static const char *const sure[] = { "answer", "webhook", "query", "statement" };
	static const char *const words[] = { "voucher", "wallet", "bank", "heir", "payee", "overpaid", "clawback", "R5", "R1" };

	if (strcmp(name, "state") == 0)
		return RANDOM_PICK(&sim->random, states);
	if (strcmp(name, "by") == 0)
		return RANDOM_PICK(&sim->random, sure);
	if (strcmp(name, "programme") == 0)
		return sim->programmes[random_below(&sim->random, sim->nprogrammes)].name;
	if (strcmp(name, "case") == 0)
		return sim_text(sim, "case-%zu", random_below(&sim->random, sim->naffairs + 1));
	return RANDOM_PICK(&sim->random, words);
}

static const char *a_value(struct sim *sim, const char *name, const char *type)
{
	if (strcmp(type, "fen") == 0 || strcmp(type, "number") == 0)
		return a_number(sim);
	if (strcmp(type, "ms") == 0)
		return sim_text(sim, "%lld", (long long)(sim->now_ms + random_between(&sim->random, -5, 5) * SIM_HOUR));
	if (strcmp(type, "hash") == 0)
		return sim_text(sim, "%064d", (int)random_below(&sim->random, 3));
	if (strcmp(type, "yes") == 0)
		return random_one_in(&sim->random, 2) ? "1" : "0";
	if (strcmp(type, "account") == 0)
		return random_one_in(&sim->random, 2) ? "bank:main" : "cash:b1";
	if (strcmp(type, "list") == 0)
		return random_one_in(&sim->random, 2) ? "[\"approver\"]" : "[\"x\",";
	return an_id(sim, name);
}

/* The truth is what a provider tells: what nobody would have told of a payment is not made up here. */
static bool is_evidence(const char *kind)
{
	return strcmp(kind, "attempt.observe") == 0 || strcmp(kind, "statement.import") == 0 ||
	       strcmp(kind, "attempt.send") == 0;
}

static const char *an_actor(struct sim *sim, const struct book_command_kind *kind)
{
	/* What the system does by itself is what is due; it has no other will. */
	if ((kind->by & MONEY_CLAIMANT) != 0 && random_one_in(&sim->random, 2))
		return "claimant";
	return sim->staff[random_below(&sim->random, sim->nstaff)].account;
}

void noise(struct sim *sim)
{
	size_t n;
	const struct book_command_kind *kinds = book_command_kinds(&n), *kind = &kinds[random_below(&sim->random, n)];
	struct book_command *command;

	if (is_evidence(kind->kind))
		return;
	daemon_catch_up(sim, &sim->daemons[0]);
	command = order(sim, kind->kind, an_actor(sim, kind), a_subject(sim, kind->kind));
	for (size_t i = 0; i < BOOK_FIELDS_MAX && kind->fields[i].name != NULL; i++)
		if (kind->fields[i].required ? !random_one_in(&sim->random, 30) : random_one_in(&sim->random, 3))
			order_put(sim, command, kind->fields[i].name, "%s",
				  a_value(sim, kind->fields[i].name, kind->fields[i].type));
	if (daemon_do(sim, daemon_any(sim), command) == SAID_RECORD)
		order_keep(sim, command);
}
