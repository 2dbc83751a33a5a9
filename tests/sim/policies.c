/*
 * Policies of a world: those of config/policy, and small ones made up, with
 * short windows, taxes, instalments, ways to split.
 */
#include "tests/sim/sim.h"

#include "daemon/base/hex.h"
#include "daemon/base/table.h"

#include <stdio.h>

static const char *const ordos_bands[] = { "buyer_identified", "fugitive_located", "trafficker_arrested", "victim_located",
					   "gang_dismantled" };
static const char *const ordos_factors[] = { "specificity", "timeliness", "evidence", "risk_to_informant" };
static const char *const hebei_bands[] = { "category_1", "category_2", "category_3", "category_4", "category_5" };
static const char *const own_bands[] = { "low", "high" };
static const char *const own_factors[] = { "evidence" };

static void adopt(struct sim *sim, struct programme *programme, const char *text)
{
	struct daemon *daemon = &sim->daemons[0];
	struct book_command *command = order(sim, "policy.draft", staff_with(sim, MONEY_ADMIN, NULL), "");
	struct complaint why = { .text = "" };
	struct policy *policy = policy_load(programme->name, span_of(text), &why);

	if (policy == NULL)
		sim_fail(sim, "the policy of the world is wrong: %s\n%s", why.text, text);
	order_put(sim, command, "text", "%s", text);
	if (daemon_do(sim, daemon, command) == SAID_RECORD) {
		command = order(sim, "policy.adopt", staff_with(sim, MONEY_APPROVER, NULL),
				hex_text(&sim->arena, policy_hash(policy), POLICY_HASH_BYTES));
		if (random_one_in(&sim->random, 4) && programme->version > 1)
			order_put(sim, command, "from", "%lld", (long long)(sim->now_ms + SIM_DAY));
		daemon_do(sim, daemon, command);
		programme->max = policy_max(policy);
	}
	policy_free(policy);
}

static const char *approvals(struct sim *sim)
{
	static const char *const ways[] = {
		"[[null,[\"unit_head\"]]]",
		"[[300000,[\"unit_head\"]],[null,[\"unit_head\",\"chief\"]]]",
		"[[null,[\"unit_head\",\"finance_check\",\"meeting:3\"]]]",
	};

	return RANDOM_PICK(&sim->random, ways);
}

static const char *split(struct sim *sim)
{
	static const char *const ways[] = {
		"\"rule\":\"first_only\"",
		"\"rule\":\"first_plus_new_facts\",\"supplement_pool_bp\":8000",
		"\"rule\":\"weighted\"",
	};

	return RANDOM_PICK(&sim->random, ways);
}

/* Some are content with what holds where a file is silent. */
static const char *waits(struct sim *sim)
{
	if (random_one_in(&sim->random, 3))
		return "";
	return sim_text(sim,
			",\"payee_cooling_hours\":%d,\"panel_wait_days\":%d,\"release_two_persons_above\":%d",
			(int)random_between(&sim->random, 0, 72), (int)random_between(&sim->random, 1, 10),
			(int)(1000 * random_between(&sim->random, 0, 600)));
}

/* Amounts around the limit above which two of finance release. */
static const char *own_text(struct sim *sim, const struct programme *programme)
{
	int64_t low = 100 * random_between(&sim->random, 1, 3000), high = low + 100 * random_between(&sim->random, 0, 7000);
	int64_t cap = (high + 90000) * random_between(&sim->random, 1, 3);

	return sim_text(sim,
			"{\"policy\":\"%s\",\"version\":%u,\"currency\":\"CNY\",\"effective_from\":\"2026-01-01\",\"min\":%lld,"
			"\"max\":%lld,\"case_cap\":%lld,\"round_to\":%d,\"round\":\"half_up\",\"band_rule\":\"highest_only\","
			"\"bands\":{\"low\":%lld,\"high\":%lld},\"per_point\":10000,\"factors\":{\"evidence\":[-2,3]},"
			"\"split\":{%s,\"min_applies_to\":\"%s\",\"on_conflict\":\"manual\","
			"\"remainder\":\"largest_then_lowest_index\"},\"exclude\":[\"offender\",\"duty\"],"
			"\"approval_bands\":%s,\"claim_days\":%d,\"tax_bp\":%d,\"instalments_max\":%d,"
			"\"external_award\":\"%s\"%s}",
			programme->name, programme->version, (long long)low, (long long)(high + 30000), (long long)cap,
			random_one_in(&sim->random, 2) ? 1 : 100, (long long)low, (long long)high, split(sim),
			random_one_in(&sim->random, 2) ? "pool" : "recipient", approvals(sim),
			(int)random_between(&sim->random, 30, 33),
			(int)(random_one_in(&sim->random, 2) ? 0 : 333 * random_between(&sim->random, 1, 8)),
			(int)random_between(&sim->random, 1, 4), random_one_in(&sim->random, 2) ? "block" : "net", waits(sim));
}

static const char *file_text(struct sim *sim, const char *path)
{
	static char text[POLICY_BYTES_MAX + 1];
	FILE *file = fopen(path, "r");
	size_t n;

	if (file == NULL)
		sim_fail(sim, "%s cannot be read; start from the root of the repository", path);
	n = fread(text, 1, POLICY_BYTES_MAX, file);
	text[n] = '\0';
	fclose(file);
	return text;
}

static void of_config(struct sim *sim, const char *name, const char *const *bands, size_t nbands,
		      const char *const *factors, size_t nfactors)
{
	struct programme *programme = &sim->programmes[sim->nprogrammes++];

	*programme = (struct programme){ .bands = bands, .nbands = nbands, .factors = factors, .nfactors = nfactors,
					 .version = 1 };
	snprintf(programme->name, sizeof(programme->name), "%s", name);
	adopt(sim, programme, file_text(sim, sim_text(sim, "config/policy/%s.json", name)));
}

static void of_own(struct sim *sim, const char *name)
{
	struct programme *programme = &sim->programmes[sim->nprogrammes++];

	*programme = (struct programme){ .bands = own_bands, .nbands = COUNT_OF(own_bands), .factors = own_factors,
					 .nfactors = COUNT_OF(own_factors), .version = 1, .own = true };
	snprintf(programme->name, sizeof(programme->name), "%s", name);
	adopt(sim, programme, own_text(sim, programme));
}

void world_policies(struct sim *sim)
{
	of_own(sim, "small");
	if (random_one_in(&sim->random, 2))
		of_config(sim, "ordos-anti-trafficking", ordos_bands, COUNT_OF(ordos_bands), ordos_factors,
			  COUNT_OF(ordos_factors));
	if (random_one_in(&sim->random, 2))
		of_config(sim, "hebei-categories", hebei_bands, COUNT_OF(hebei_bands), NULL, 0);
	else
		of_own(sim, "other");
}

/* A new version of one that was made up. */
void people_policy(struct sim *sim)
{
	struct programme *programme = &sim->programmes[random_below(&sim->random, sim->nprogrammes)];

	if (!programme->own)
		return;
	programme->version++;
	adopt(sim, programme, own_text(sim, programme));
}
