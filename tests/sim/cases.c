/*
 * What happened, and proposals: cases with one to four tips, some known to
 * the police before, some of people who are excluded, some of one informant
 * twice.
 */
#include "tests/sim/sim.h"

#include "daemon/base/memory.h"

#include <stdio.h>

static void happen(struct sim *sim, struct affair *affair)
{
	*affair = (struct affair){ .programme = random_below(&sim->random, sim->nprogrammes),
				   .ntips = (size_t)random_between(&sim->random, 1, random_one_in(&sim->random, 3) ? 4 : 1) };
	snprintf(affair->id, sizeof(affair->id), "case-%zu", sim->naffairs);
	snprintf(affair->bureau, sizeof(affair->bureau), "%s", sim->bureaus[random_below(&sim->random, sim->nbureaus)]);
	if (random_one_in(&sim->random, 5))
		affair->known_ms = sim->now_ms - random_between(&sim->random, 0, 40) * SIM_HOUR;
	for (size_t i = 0; i < affair->ntips; i++) {
		struct affair_tip *tip = &affair->tips[i];

		snprintf(tip->id, sizeof(tip->id), "15-T%u", ++sim->next_tip);
		snprintf(tip->claimant, sizeof(tip->claimant), "c-%zu", random_below(&sim->random, 40));
		snprintf(tip->intake, sizeof(tip->intake), "%s",
			 sim->staff[random_below(&sim->random, sim->nstaff)].name);
		tip->flags = random_one_in(&sim->random, 12) ? 1U << random_below(&sim->random, 4) : 0;
		tip->at_ms = sim->now_ms - random_between(&sim->random, 1, 60) * SIM_HOUR;
	}
}

static const char *tip_line(struct sim *sim, const struct affair *affair, const struct affair_tip *tip)
{
	const struct programme *programme = &sim->programmes[affair->programme];
	const char *band = programme->bands[random_below(&sim->random, programme->nbands)];

	return sim_text(sim, "\"%s at=%lld bands=%s%s%s%s%s%s%s intake=%s\"", tip->id, (long long)tip->at_ms, band,
			random_one_in(&sim->random, 5) ? "" : " new=1", (tip->flags & 1) != 0 ? " detailed=1" : "",
			(tip->flags & 2) != 0 ? " offender=1" : "", (tip->flags & 4) != 0 ? " duty=1" : "",
			(tip->flags & 8) != 0 ? " members=3" : "",
			(tip->flags & 8) != 0 && random_one_in(&sim->random, 2) ? " ratio=5000+3000+2000" : "",
			tip->intake);
}

static const char *tip_lines(struct sim *sim, const struct affair *affair)
{
	const char *text = "";

	for (size_t i = 0; i < affair->ntips; i++)
		text = sim_text(sim, "%s%s%s", text, i > 0 ? "," : "", tip_line(sim, affair, &affair->tips[i]));
	return sim_text(sim, "[%s]", text);
}

static bool verify(struct sim *sim, struct affair *affair)
{
	struct book_command *command = order(sim, "case.verified", staff_with(sim, MONEY_VERIFIER, NULL), affair->id);

	order_put(sim, command, "bureau", "%s", affair->bureau);
	order_put(sim, command, "tips", "%s", tip_lines(sim, affair));
	if (affair->known_ms > 0)
		order_put(sim, command, "known_at", "%lld", (long long)affair->known_ms);
	order_put(sim, command, "reason", "more of it");
	return order_both(sim, command, MONEY_VERIFIER) == SAID_RECORD;
}

static const char *factors(struct sim *sim, const struct affair *affair)
{
	const struct programme *programme = &sim->programmes[affair->programme];
	const char *text = "";
	unsigned left = POLICY_BP;

	for (size_t i = 0; i < affair->ntips; i++) {
		unsigned weight = i + 1 == affair->ntips ? left : left / 2;

		left -= weight;
		text = sim_text(sim, "%s%s\"%s weight=%u", text, i > 0 ? "," : "", affair->tips[i].id, weight);
		for (size_t f = 0; f < programme->nfactors; f++)
			if (random_one_in(&sim->random, 2))
				text = sim_text(sim, "%s %s=%d", text, programme->factors[f],
						(int)random_below(&sim->random, 3));
		text = sim_text(sim, "%s\"", text);
	}
	return sim_text(sim, "[%s]", text);
}

static void propose(struct sim *sim, const struct affair *affair)
{
	const struct affair_tip *tip = &affair->tips[random_below(&sim->random, affair->ntips)];
	struct book_command *command = order(sim, "reward.propose", staff_with(sim, MONEY_PROPOSER, NULL), "");

	order_put(sim, command, "case", "%s", affair->id);
	order_put(sim, command, "tip", "%s", tip->id);
	order_put(sim, command, "claimant", "%s", tip->claimant);
	order_put(sim, command, "programme", "%s", sim->programmes[affair->programme].name);
	if ((tip->flags & 8) != 0)
		order_put(sim, command, "member", "%zu", random_below(&sim->random, 3));
	order_put(sim, command, "factors", "%s", factors(sim, affair));
	order_put(sim, command, "external_award", "%d", random_one_in(&sim->random, 12) ? 12345 : 0);
	if (random_one_in(&sim->random, 8)) {
		order_put(sim, command, "override_fen", "%lld",
			  (long long)random_between(&sim->random, 1, sim->programmes[affair->programme].max));
		order_put(sim, command, "override_reason", "by hand");
	}
	if (daemon_do(sim, daemon_any(sim), command) == SAID_RECORD)
		order_keep(sim, command);
}

void people_case(struct sim *sim)
{
	struct affair *affair;

	/* Mostly news; else of an older case: another tip of it, or recorded anew. */
	if (sim->naffairs == 0 || (sim->naffairs < SIM_CASES && random_one_in(&sim->random, 2))) {
		affair = &sim->affairs[sim->naffairs];
		happen(sim, affair);
		sim->naffairs++;
		affair->told = verify(sim, affair);
		if (affair->told && !random_one_in(&sim->random, 4))
			propose(sim, affair);
		return;
	}
	affair = &sim->affairs[sim->naffairs - 1 - random_below(&sim->random, sim->naffairs < 20 ? sim->naffairs : 20)];
	if (random_one_in(&sim->random, 6) && random_one_in(&sim->random, 2))
		affair->tips[random_below(&sim->random, affair->ntips)].flags ^= 2;
	if (!affair->told || random_one_in(&sim->random, 5))
		affair->told = verify(sim, affair) || affair->told;
	else
		propose(sim, affair);
}
