/*
 * The auditor's figures: budgets, rewards by state, what is open, the last
 * statements; and what the journal says of itself. Each with its records.
 */
#ifndef TIPLINE_MONEY_AUDIT_SUMMARY_H
#define TIPLINE_MONEY_AUDIT_SUMMARY_H

#include "daemon/money/audit_view.h"

struct audit_figure {
	const char *part, *book, *name;   /* "budget", "150600/anti-trafficking/2026", "available" */
	uint64_t count;
	int64_t fen;
	int64_t at_ms;                    /* of the oldest thing in it; 0: of none */
	struct audit_seqs seqs;
};

struct audit_figures {
	struct audit_figure *at;          /* in the arena of the view */
	size_t n;
};

/* Budgets and statements by name; states in their order, those of no reward too. */
struct audit_figures audit_summary(const struct audit_view *view);

/* Restores, reconciliations, exports, and the hits of the clock, as figures of `part` journal. */
struct audit_figures audit_journal_figures(const struct audit_view *view);

/* Of each record: whether it opened a break that is open still. In the arena of the view. */
const bool *audit_open_breaks(const struct audit_view *view);

#endif
