/*
 * What is fetched from providers once a day: profile and statement.
 *
 * A profile narrows what our own settings allow and never widens it; it is
 * fetched at the start and anew every day. A statement is asked for when its
 * day is over, every half hour until it is whole, and handed to the book as
 * statement.import; the book matches its lines. Days that were missed are
 * asked for as far back as a week. The process that holds the treasury's lease
 * does it.
 */
#ifndef TIPLINE_HANDLERS_PAYOUT_DAILY_H
#define TIPLINE_HANDLERS_PAYOUT_DAILY_H

#include "daemon/jobs/treasury.h"
#include "handlers/payout/rail_set.h"

struct daily;
struct http_client;

/* All pointers outlive it. */
struct daily_env {
	struct loop *loop;
	struct http_client *http;
	struct treasury *treasury;
	struct rail_set *rails;
	unsigned period_ms;              /* 0: a second */
	int64_t (*wall_ms)(void);        /* of signatures; NULL: clock_wall_ms */
};

struct daily_figures {
	uint64_t profiles, statements;   /* taken */
	uint64_t refused;                /* that could not be used: logged */
};

struct daily *daily_new(const struct daily_env *env);
void daily_free(struct daily *daily);
const struct daily_figures *daily_figures(const struct daily *daily);

#endif
