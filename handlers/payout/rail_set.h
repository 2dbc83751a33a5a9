/*
 * The rails that are configured: settings with their keys, profile, breaker.
 *
 * A reward names a rail by its name in the configuration ("payout.rails.NAME").
 * Several names may have the same driver.
 */
#ifndef TIPLINE_HANDLERS_PAYOUT_RAIL_SET_H
#define TIPLINE_HANDLERS_PAYOUT_RAIL_SET_H

#include "handlers/payout/breaker.h"
#include "handlers/payout/rail.h"

#define RAIL_SET_MAX 16

struct rail_entry {
	const struct rail *rail;
	struct rail_config config;
	struct rail_profile profile;     /* ours, narrowed by what the provider said last */
	struct breaker breaker;
	const char *ledger;              /* book of what a statement line cannot be matched to; "": statements are not fetched */
	const char *statement_account;   /* "bank:main", as the ledger has it */
	char day[11];                    /* of daily_sent_fen, in China */
	int64_t daily_sent_fen;          /* sent for the first time on that day */
	uint64_t sent, asked, cancelled, unanswered;   /* figures */
};

struct rail_set {
	struct arena arena;              /* of the texts and keys; wiped with it */
	struct rail_entry entries[RAIL_SET_MAX];
	size_t n;
};

/* Takes the entry's config (its texts live as long as the set). False: the driver is none, or finds a setting wrong. */
bool rail_set_add(struct rail_set *set, const struct rail_config *config, struct complaint *why);

void rail_set_release(struct rail_set *set);

/* NULL: no rail of that name. */
struct rail_entry *rail_set_find(struct rail_set *set, struct span name);

#endif
