/*
 * Money and budgets of a world: finance appropriates, receives, moves,
 * corrects; years are opened and closed.
 */
#include "tests/sim/sim.h"

#include "daemon/base/civil_time.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const accounts[] = { "bank:main", "cash:b1", "float:wallet" };

static int year_of(int64_t now_ms)
{
	char date[CIVIL_DATE_MAX];

	civil_write_date(now_ms, CIVIL_BEIJING_MINUTES, date);
	return (int)strtol(date, NULL, 10);
}

static const char *ledger_name(struct sim *sim, int year)
{
	return sim_text(sim, "%s/%s/%04d", sim->bureaus[random_below(&sim->random, sim->nbureaus)],
			sim->programmes[random_below(&sim->random, sim->nprogrammes)].name, year);
}

static enum said finance(struct sim *sim, const char *kind, const char *subject, const char *account, int64_t fen)
{
	struct book_command *command = order(sim, kind, staff_with(sim, MONEY_FINANCE, NULL), subject);
	enum said said;

	order_put(sim, command, "fen", "%lld", (long long)fen);
	if (account != NULL)
		order_put(sim, command, "account", "%s", account);
	order_put(sim, command, "reason", "decision");
	said = daemon_do(sim, daemon_any(sim), command);
	if (said == SAID_RECORD)
		order_keep(sim, command);
	return said;
}

static void fund(struct sim *sim, const char *ledger, const char *to, int64_t fen)
{
	struct book_command *command = order(sim, "budget.fund", staff_with(sim, MONEY_FINANCE, NULL), ledger);

	order_put(sim, command, "fen", "%lld", (long long)fen);
	order_put(sim, command, "from", "bank:main");
	order_put(sim, command, "to", "%s", to);
	daemon_do(sim, daemon_any(sim), command);
}

/* Of every bureau and programme, in short or plenty. */
void world_money(struct sim *sim)
{
	for (size_t b = 0; b < sim->nbureaus; b++)
		for (size_t p = 0; p < sim->nprogrammes; p++) {
			const char *ledger = sim_text(sim, "%s/%s/2026", sim->bureaus[b], sim->programmes[p].name);
			int64_t fen = sim->programmes[p].max * random_between(&sim->random, 1, 12);

			finance(sim, "budget.appropriate", ledger, NULL, fen);
			finance(sim, "budget.receive", ledger, "bank:main", 3 * fen);
			fund(sim, ledger, "cash:b1", fen);
			fund(sim, ledger, "float:wallet", fen);
		}
}

/* The next year is opened, then the one before is closed by two. */
static void turn_of_year(struct sim *sim)
{
	int year = year_of(sim->now_ms);
	size_t bureau = random_below(&sim->random, sim->nbureaus), programme = random_below(&sim->random, sim->nprogrammes);
	const char *name = sim_text(sim, "%s/%s", sim->bureaus[bureau], sim->programmes[programme].name);
	struct book_command *command;

	/* Now and then one that is not over yet, or was long ago: what is open is carried all the same. */
	if (random_one_in(&sim->random, 3))
		year += (int)random_between(&sim->random, sim->habits.years ? 0 : -1, 2);
	if (random_one_in(&sim->random, 3)) {
		order_both(sim, order(sim, "budget.open_year", staff_with(sim, MONEY_FINANCE, NULL),
				      sim_text(sim, "%s/%d", name, year)), MONEY_FINANCE);
	} else {
		finance(sim, "budget.appropriate", sim_text(sim, "%s/%d", name, year), NULL,
			sim->programmes[programme].max * random_between(&sim->random, 1, 6));
		finance(sim, "budget.receive", sim_text(sim, "%s/%d", name, year), "bank:main",
			sim->programmes[programme].max * random_between(&sim->random, 1, 9));
	}
	command = order(sim, "budget.close_year", staff_with(sim, MONEY_FINANCE, NULL), sim_text(sim, "%s/%d", name, year - 1));
	order_put(sim, command, "next", "%s/%d", name, year);
	order_both(sim, command, MONEY_FINANCE);
}

static void correct(struct sim *sim, const char *ledger)
{
	static const char *const rows[] = { "L01", "L02", "L15", "L17" };
	struct book_command *command =
		order(sim, "budget.correct", staff_with(sim, MONEY_FINANCE, NULL),
		      sim_text(sim, "%s:%s:%zu", RANDOM_PICK(&sim->random, rows), ledger, 1 + random_below(&sim->random, 4)));

	order_put(sim, command, "reason", "a wrong number");
	order_both(sim, command, MONEY_FINANCE);
}

static const struct book_reward *any_reward(struct sim *sim, struct daemon *daemon)
{
	size_t n = book_rewards(daemon->book);

	return n > 0 ? book_reward_at(daemon->book, random_below(&sim->random, n)) : NULL;
}

/* What somebody owes comes back, or never does. */
static void receivable(struct sim *sim)
{
	struct daemon *daemon = daemon_any(sim);
	const struct book_reward *reward = any_reward(sim, daemon);
	bool overpaid = random_one_in(&sim->random, 2), recovered = !random_one_in(&sim->random, 3);
	int64_t owed = 0;
	struct book_command *command;

	for (size_t i = 0; i < 20 && reward != NULL && owed == 0; i++, reward = any_reward(sim, daemon)) {
		owed = ledger_balance(book_ledger(daemon->book), reward->book, overpaid ? LEDGER_OVERPAID : LEDGER_CLAWBACK,
				      reward->id);
		if (owed > 0)
			break;
	}
	if (reward == NULL)
		return;
	command = order(sim, recovered ? "reward.recover" : "reward.write_off",
			staff_with(sim, recovered ? MONEY_FINANCE : MONEY_APPROVER, NULL), reward->id);
	order_put(sim, command, "of", overpaid ? "overpaid" : "clawback");
	order_put(sim, command, "fen", "%lld", (long long)(owed > 0 ? random_between(&sim->random, 1, owed) : 1));
	if (recovered)
		order_put(sim, command, "account", "%s", RANDOM_PICK(&sim->random, accounts));
	else
		order_put(sim, command, "document", "%064d", 7);
	order_both(sim, command, MONEY_APPROVER);
}

static void tax(struct sim *sim)
{
	const struct book_reward *reward = any_reward(sim, daemon_any(sim));
	struct book_command *command;

	if (reward == NULL)
		return;
	command = order(sim, "budget.tax", staff_with(sim, MONEY_FINANCE, NULL), reward->id);
	order_put(sim, command, "account", "bank:main");
	daemon_do(sim, daemon_any(sim), command);
}

void people_money(struct sim *sim)
{
	int year = year_of(sim->now_ms) - (random_one_in(&sim->random, 6) ? 1 : 0);
	const char *ledger = ledger_name(sim, year), *account = RANDOM_PICK(&sim->random, accounts);
	int64_t fen = random_between(&sim->random, 1, 4 * sim->programmes[0].max);

	switch (sim->habits.years && random_one_in(&sim->random, 3) ? 11 : random_below(&sim->random, 12)) {
	case 0:
	case 1:
		finance(sim, "budget.appropriate", ledger, NULL, fen);
		break;
	case 2:
	case 3:
		finance(sim, "budget.receive", ledger, "bank:main", fen);
		break;
	case 4:
	case 5:
		fund(sim, ledger, random_one_in(&sim->random, 2) ? "cash:b1" : "float:wallet", fen);
		break;
	case 6:
		finance(sim, "budget.fee", ledger, account, random_between(&sim->random, 1, 500));
		break;
	case 7:
		correct(sim, ledger);
		break;
	case 8:
	case 9:
		receivable(sim);
		break;
	case 10:
		tax(sim);
		break;
	case 11:
		if (sim->habits.years || random_one_in(&sim->random, 4))
			turn_of_year(sim);
		break;
	}
}
