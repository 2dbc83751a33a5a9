/*
 * Configured rails; see rail_set.h.
 */
#include "handlers/payout/rail_set.h"

#define FINAL_CODE_MAX 35   /* as the journal takes a code */

static bool codes_fit(const struct rail_config *config, struct complaint *why)
{
	for (size_t i = 0; i < config->nfinals; i++)
		if (strlen(config->finals[i].code) > FINAL_CODE_MAX)
			return complain(why, 0, "final code %.40s... is longer than %d letters", config->finals[i].code,
					FINAL_CODE_MAX);
	return true;
}

bool rail_set_add(struct rail_set *set, const struct rail_config *config, struct complaint *why)
{
	struct rail_entry *entry = &set->entries[set->n];

	if (set->n == RAIL_SET_MAX)
		return complain(why, 0, "more than %d rails", RAIL_SET_MAX);
	if (rail_set_find(set, span_of(config->name)) != NULL)
		return complain(why, 0, "there is another rail of this name");
	*entry = (struct rail_entry){ .rail = rail_find(config->driver), .config = *config, .ledger = "",
				      .statement_account = "" };
	if (entry->rail == NULL)
		return complain(why, 0, "driver %s is not known", config->driver);
	if (!entry->rail->check(config, why) || !codes_fit(config, why))
		return false;
	entry->rail->profile(&entry->config, &entry->profile);
	set->n++;
	return true;
}

void rail_set_release(struct rail_set *set)
{
	arena_release(&set->arena);
	*set = (struct rail_set){ 0 };
}

struct rail_entry *rail_set_find(struct rail_set *set, struct span name)
{
	for (size_t i = 0; i < set->n; i++)
		if (span_is(name, set->entries[i].config.name))
			return &set->entries[i];
	return NULL;
}
