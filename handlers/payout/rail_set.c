/*
 * Configured rails; see rail_set.h.
 */
#include "handlers/payout/rail_set.h"

#include "daemon/base/memory.h"

#include <assert.h>
#include <stdlib.h>

#define FINAL_CODE_MAX 35   /* as the journal takes a code */

static bool codes_fit(const struct rail_config *config, struct complaint *why)
{
	for (size_t i = 0; i < config->nfinals; i++)
		if (strlen(config->finals[i].code) > FINAL_CODE_MAX)
			return complain(why, 0, "finals: code %.40s... is longer than %d letters",
					config->finals[i].code, FINAL_CODE_MAX);
	return true;
}

bool rail_set_add(struct rail_set *set, const struct rail_config *config, struct complaint *why)
{
	const struct rail *rail = rail_find(config->driver);
	struct rail_entry *entry;

	if (set->n == RAIL_SET_MAX)
		return complain(why, 0, "driver: more than %d rails", RAIL_SET_MAX);
	if (rail_set_find(set, span_of(config->name)) != NULL)
		return complain(why, 0, "driver: there is another rail of this name");
	if (rail == NULL)
		return complain(why, 0, "driver: %.40s is not known; expected http, voucher, wechat or iso20022",
				config->driver);
	if (!rail->check(config, why) || !codes_fit(config, why))
		return false;
	entry = memory_zeroes(1, sizeof(*entry));
	*entry = (struct rail_entry){ .rail = rail, .config = *config, .ledger = "", .statement_account = "",
				      .holders = 1 };
	rail->profile(&entry->config, &entry->profile);
	set->entries[set->n++] = entry;
	return true;
}

void rail_set_remove(struct rail_set *set, size_t index)
{
	assert(index < set->n);
	rail_entry_drop(set->entries[index]);
	set->n--;
	for (size_t i = index; i < set->n; i++)
		set->entries[i] = set->entries[i + 1];
}

void rail_set_release(struct rail_set *set)
{
	while (set->n > 0)
		rail_set_remove(set, set->n - 1);
}

struct rail_entry *rail_set_find(const struct rail_set *set, struct span name)
{
	for (size_t i = 0; i < set->n; i++)
		if (span_is(name, set->entries[i]->config.name))
			return set->entries[i];
	return NULL;
}

bool rail_entry_sends(const struct rail_entry *entry)
{
	return !entry->config.off && !entry->gone;
}

struct rail_entry *rail_entry_hold(struct rail_entry *entry)
{
	entry->holders++;
	return entry;
}

void rail_entry_drop(struct rail_entry *entry)
{
	assert(entry->holders > 0);
	if (--entry->holders > 0)
		return;
	arena_release(&entry->arena);
	free(entry);
}
