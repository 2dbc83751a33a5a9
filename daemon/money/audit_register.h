/*
 * The register of rewards as it was: what each holds of the budget, and what
 * they come to by month and state.
 */
#ifndef TIPLINE_MONEY_AUDIT_REGISTER_H
#define TIPLINE_MONEY_AUDIT_REGISTER_H

#include "daemon/money/audit_view.h"

#define AUDIT_MONTH_MAX 8   /* "2026-11" with NUL */

struct audit_register_row {
	const struct audit_reward *reward;
	int64_t proposed_ms;
	char month[AUDIT_MONTH_MAX];             /* of the proposal, in China */
	int64_t encumbered_fen, expended_fen;    /* that its records posted on the budget's accounts */
	struct audit_seqs seqs;
};

struct audit_register {
	struct audit_register_row *rows;         /* in the order of proposal */
	size_t n;
	int64_t encumbered_fen, expended_fen;    /* that all records posted which are seen, those of no reward too */
};

/* In the arena of the view. */
struct audit_register audit_register(const struct audit_view *view);

/* Empty spans, -1 and false: any. */
struct audit_register_wish {
	int state;                               /* enum reward_state */
	bool held;
	struct span month, case_id, bureau;      /* bureau: its first digits */
};

bool audit_register_fits(const struct audit_view *view, const struct audit_register_row *row,
			 const struct audit_register_wish *wish);

struct audit_month {
	char month[AUDIT_MONTH_MAX];
	enum reward_state state;
	size_t rewards;
	int64_t fen;
};

/* Of the rows that fit; months rise, states in their order, none without rewards. Returns how many. */
size_t audit_register_months(const struct audit_view *view, const struct audit_register *of,
			     const struct audit_register_wish *wish, struct audit_month **months);

#endif
