/*
 * Rights by region; see rights.h.
 */
#include "handlers/bureau/rights.h"

static void add(struct shard_list *list, struct span digits)
{
	memcpy(list->at[list->n], digits.at, 2);
	list->at[list->n++][2] = '\0';
}

void shards_of_region(const struct gazetteer *gazetteer, struct span region, struct shard_list *out)
{
	out->n = 0;
	if (!span_is(region, REGION_NATIONAL)) {
		add(out, span_from(region.at, 2));
		return;
	}
	add(out, SPAN(SHARD_NATIONAL));
	for (uint32_t i = 0; i < gazetteer_count(gazetteer) && out->n < SHARDS_MAX; i++)
		if (gazetteer_at(gazetteer, i)->level == REGION_PROVINCE)
			add(out, span_from(gazetteer_at(gazetteer, i)->code, 2));
}
