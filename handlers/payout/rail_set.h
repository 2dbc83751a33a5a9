/*
 * The rails that are configured: settings with their keys, profile, breaker.
 *
 * A reward names a rail by its name in the configuration ("payout.rails.NAME").
 * Several names may have the same driver. On a reload other entries stand here
 * (rail_reload.h); work that is under way holds the one that it began with.
 */
#ifndef TIPLINE_HANDLERS_PAYOUT_RAIL_SET_H
#define TIPLINE_HANDLERS_PAYOUT_RAIL_SET_H

#include "handlers/payout/breaker.h"
#include "handlers/payout/rail.h"

#define RAIL_SET_MAX 32      /* those configured, and those that are gone but have payments open */

struct rail_entry {
	const struct rail *rail;
	struct rail_config config;
	struct rail_profile profile;     /* ours, narrowed by what the provider said last */
	struct breaker breaker;
	const char *ledger;              /* book of what a statement line cannot be matched to; "": statements are not fetched */
	const char *statement_account;   /* "bank:main", as the ledger has it */
	bool gone;                       /* not configured any more: payments on it are asked about, none is sent */
	char day[11];                    /* of daily_sent_fen, in China */
	int64_t daily_sent_fen;          /* sent for the first time on that day */
	uint64_t sent, asked, cancelled, unanswered;   /* figures */
	int64_t profile_ms;              /* daily.c: taken then, on the store's clock; 0: never */
	uint64_t profile_rest_ms, statement_rest_ms;   /* likewise, on the loop's: not before */
	struct arena arena;              /* of texts and keys; wiped with it */
	unsigned holders;
};

struct rail_set {
	struct rail_entry *entries[RAIL_SET_MAX];
	size_t n;
};

/* Takes the entry's config (its texts live as long as the entry). False: the driver is none, or finds a setting wrong. */
bool rail_set_add(struct rail_set *set, const struct rail_config *config, struct complaint *why);

/* The last one is not in the set any more; who holds it keeps it. */
void rail_set_remove(struct rail_set *set, size_t index);
void rail_set_release(struct rail_set *set);

/* NULL: no rail of that name. */
struct rail_entry *rail_set_find(const struct rail_set *set, struct span name);

/* Whether something may go out on it: it is enabled and still configured. */
bool rail_entry_sends(const struct rail_entry *entry);

/* Keeps an entry beyond a reload; the last rail_entry_drop() wipes its keys. */
struct rail_entry *rail_entry_hold(struct rail_entry *entry);
void rail_entry_drop(struct rail_entry *entry);

#endif
