/*
 * People of a world: who does what, some by two accounts, some for others,
 * some leaving.
 */
#include "tests/sim/sim.h"

#include "daemon/base/table.h"

#include <stdio.h>

static const char *const titles[] = { "unit_head", "finance_check", "leader", "chief", "meeting", "treasury", "approver" };

static struct person *hire(struct sim *sim, unsigned roles, const char *title)
{
	struct person *person = &sim->staff[sim->nstaff];

	if (sim->nstaff == SIM_STAFF)
		return NULL;
	*person = (struct person){ .roles = roles };
	snprintf(person->account, sizeof(person->account), "a%zu", sim->nstaff);
	snprintf(person->name, sizeof(person->name), "p-%zu", sim->nstaff);
	snprintf(person->title, sizeof(person->title), "%s", title);
	sim->nstaff++;
	return person;
}

static const char *roles_text(struct sim *sim, unsigned roles)
{
	struct buf text = { 0 };
	const char *copy;

	for (unsigned role = 1; role < MONEY_SYSTEM; role <<= 1)
		if ((roles & role) != 0)
			buf_printf(&text, "%s\"%s\"", text.len > 0 ? "," : "", money_role_name((enum money_role)role));
	copy = sim_text(sim, "[%.*s]", (int)text.len, text.len > 0 ? text.at : "");
	buf_release(&text);
	return copy;
}

static struct book_command *registration(struct sim *sim, const struct person *person, const char *by)
{
	struct book_command *command = order(sim, "staff.set", by, person->account);

	order_put(sim, command, "person", "%s", person->name);
	if (person->deputy_of[0] != '\0')
		order_put(sim, command, "deputy_of", "%s", person->deputy_of);
	order_put(sim, command, "roles", "%s", roles_text(sim, person->gone ? 0 : person->roles));
	if (person->title[0] != '\0')
		order_put(sim, command, "titles", "[\"%s\"]", person->title);
	if (person->region[0] != '\0')
		order_put(sim, command, "region", "%s", person->region);
	return command;
}

static void hire_all(struct sim *sim)
{
	/* "meeting:3" takes three, and who had another part may not. */
	for (size_t i = 0; i < COUNT_OF(titles); i++)
		for (unsigned n = strcmp(titles[i], "meeting") == 0 || strcmp(titles[i], "approver") == 0 ? 4 : 2; n > 0; n--)
			hire(sim, MONEY_APPROVER, titles[i]);
	for (unsigned n = 0; n < 3; n++) {
		hire(sim, MONEY_APPROVER, "");
		hire(sim, MONEY_VERIFIER, "");
		hire(sim, MONEY_PROPOSER, "");
		hire(sim, MONEY_FINANCE, "");
	}
	hire(sim, MONEY_FINANCE, "");
	hire(sim, MONEY_CASHIER, "");
	hire(sim, MONEY_CASHIER, "");
	hire(sim, MONEY_AUDITOR, "");
	hire(sim, MONEY_AUDITOR, "");
	hire(sim, MONEY_ADMIN, "");
	hire(sim, MONEY_ADMIN, "");
	/* One with everything that goes together. */
	hire(sim, MONEY_PROPOSER | MONEY_APPROVER | MONEY_FINANCE | MONEY_VERIFIER, "unit_head");
}

/* A second account of one person, and a deputy. */
static void double_up(struct sim *sim)
{
	for (unsigned n = 0; n < 4; n++) {
		const struct person *first = &sim->staff[random_below(&sim->random, sim->nstaff)];
		struct person *second = hire(sim, random_one_in(&sim->random, 2) ? first->roles : MONEY_APPROVER,
					     n % 2 == 0 ? "chief" : "unit_head");

		if (second != NULL && n < 2)
			snprintf(second->name, sizeof(second->name), "%s", first->name);
		else if (second != NULL)
			snprintf(second->deputy_of, sizeof(second->deputy_of), "%s", first->name);
	}
}

void world_staff(struct sim *sim)
{
	hire_all(sim);
	double_up(sim);
	for (size_t i = 0; i < sim->nstaff; i++)
		daemon_do(sim, &sim->daemons[0], registration(sim, &sim->staff[i], "system"));
}

/* Somebody leaves, comes back, moves to another region, or is to change later. */
void people_staff(struct sim *sim)
{
	struct person *person = &sim->staff[random_below(&sim->random, sim->nstaff)], changed = *person;
	struct book_command *command;
	int64_t now_ms = daemon_clock(sim, &sim->daemons[0]);

	switch (random_below(&sim->random, 5)) {
	case 0:
		changed.gone = !person->gone;
		break;
	case 1:
		snprintf(changed.region, sizeof(changed.region), "%s",
			 person->region[0] == '\0' ? sim->bureaus[random_below(&sim->random, sim->nbureaus)] : "");
		break;
	case 2:
		changed.gone = false;
		break;
	case 3:
		changed.roles = 1U << random_below(&sim->random, 7);
		break;
	case 4:
		changed.roles |= 1U << random_below(&sim->random, 7);
		break;
	}
	command = registration(sim, &changed, staff_with(sim, MONEY_ADMIN, NULL));
	if (random_one_in(&sim->random, 4))
		order_put(sim, command, "from", "%lld", (long long)(now_ms + random_between(&sim->random, 0, 3 * SIM_DAY)));
	if (random_one_in(&sim->random, 4))
		order_put(sim, command, "until", "%lld", (long long)(now_ms + random_between(&sim->random, 0, 9 * SIM_DAY)));
	if (daemon_do(sim, daemon_any(sim), command) == SAID_RECORD)
		*person = changed;
}
