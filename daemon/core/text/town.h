/*
 * Towns, townships and street offices: which county one lies in.
 *
 * The second stage of routing: a text that names a prefecture or a province
 * and a town, but no county ("江苏省常州湟里镇"). Read from
 * config/regions/towns.tsv (facts; scripts/regions builds it). Names are kept
 * as 23 bits of their hash: a name that is none of them is taken for one about
 * once in 70,000 within a prefecture, once in 200 within the nation.
 */
#ifndef TIPLINE_CORE_TOWN_H
#define TIPLINE_CORE_TOWN_H

#include "daemon/core/text/gazetteer.h"
#include "daemon/core/text/normalize.h"

struct towns;

/*
 * The names are folded like the texts. NULL and a complaint with the line when
 * the table is not well formed. Keeps nothing of what it is given.
 */
struct towns *towns_new(struct span tsv, const struct normalizer *normalizer, struct complaint *why);
void towns_free(struct towns *towns);

/* Bytes the table takes. */
size_t towns_bytes(const struct towns *towns);

/* Where a town stands in the text, its county, and whether several counties have one of the name. */
struct town_match {
	const struct region *county; /* NULL: none, or several */
	size_t from;
	size_t to;
};

/*
 * The first town named in `text` from byte `from` on that lies within the
 * division `within` and in one county alone. Within the nation the kind word
 * must be right as well; elsewhere a town may have become a street office.
 */
struct town_match towns_find(const struct towns *towns, const struct gazetteer *gazetteer, struct span text,
			     size_t from, const struct region *within);

#endif
