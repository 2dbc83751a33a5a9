/*
 * Rewards and what they hold; see audit_register.h.
 */
#include "daemon/money/audit_register.h"

#include "daemon/base/civil_time.h"

#include <stdlib.h>

/* What a leg did to a budget's account, which grows by credits; 0 for any other account. */
static int64_t effect(const struct audit_leg *leg, unsigned code)
{
	if (leg->code != code)
		return 0;
	return leg->debit ? -leg->fen : leg->fen;
}

static void take_legs(struct audit_register *all, struct audit_register_row *row, const struct audit_leg *legs, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int64_t encumbered = effect(&legs[i], LEDGER_ENCUMBERED), expended = effect(&legs[i], LEDGER_EXPENDED);

		all->encumbered_fen += encumbered;
		all->expended_fen += expended;
		if (row == NULL)
			continue;
		row->encumbered_fen += encumbered;
		row->expended_fen += expended;
	}
}

static void begin_row(const struct audit_view *view, size_t place, struct audit_register_row *row)
{
	const struct audit_reward *reward = &view->rewards[place];
	char date[CIVIL_DATE_MAX];

	*row = (struct audit_register_row){ .reward = reward };
	row->proposed_ms = audit_view_row(view, (size_t)reward->is->seq - 1)->at_ms;
	civil_write_date(row->proposed_ms, CIVIL_BEIJING_MINUTES, date);
	memcpy(row->month, date, AUDIT_MONTH_MAX - 1);
}

struct audit_register audit_register(const struct audit_view *view)
{
	struct audit_register all = { .rows = arena_array(view->arena, struct audit_register_row, view->nrewards + 1),
				      .n = view->nrewards };

	for (size_t i = 0; i < view->nrewards; i++)
		begin_row(view, i, &all.rows[i]);
	for (size_t i = 0; i < view->n; i++) {
		const struct audit_row *row = audit_view_row(view, i);
		const struct audit_reward *reward = audit_view_of(view, row);
		struct audit_register_row *of = reward != NULL ? &all.rows[reward - view->rewards] : NULL;

		if (of != NULL)
			audit_seqs_add(&of->seqs, i + 1, view->arena);
		if (audit_view_sees(view, row))
			take_legs(&all, of, audit_log_legs(view->log, row), row->nlegs);
	}
	return all;
}

bool audit_register_fits(const struct audit_view *view, const struct audit_register_row *row,
			 const struct audit_register_wish *wish)
{
	const struct audit_reward *reward = row->reward;

	return (wish->state < 0 || reward->state == (enum reward_state)wish->state) && (!wish->held || reward->held) &&
	       (span_empty(wish->month) || span_is(wish->month, row->month)) &&
	       (span_empty(wish->case_id) || span_is(wish->case_id, audit_view_text(view, reward->is->case_id))) &&
	       span_starts(span_of(audit_view_text(view, reward->is->region)), wish->bureau);
}

/* --- by month ----------------------------------------------------------------------------- */

static int by_month(const void *a, const void *b)
{
	const struct audit_month *left = a, *right = b;
	int order = strcmp(left->month, right->month);

	return order != 0 ? order : (int)left->state - (int)right->state;
}

/* Equal ones stand together. */
static size_t merge(struct audit_month *months, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		if (kept > 0 && by_month(&months[kept - 1], &months[i]) == 0) {
			months[kept - 1].rewards += months[i].rewards;
			months[kept - 1].fen += months[i].fen;
		} else {
			months[kept++] = months[i];
		}
	}
	return kept;
}

size_t audit_register_months(const struct audit_view *view, const struct audit_register *of,
			     const struct audit_register_wish *wish, struct audit_month **months)
{
	size_t n = 0;

	*months = arena_array(view->arena, struct audit_month, of->n + 1);
	for (size_t i = 0; i < of->n; i++) {
		const struct audit_register_row *row = &of->rows[i];

		if (!audit_register_fits(view, row, wish))
			continue;
		(*months)[n] = (struct audit_month){ .state = row->reward->state, .rewards = 1, .fen = row->reward->is->fen };
		memcpy((*months)[n++].month, row->month, AUDIT_MONTH_MAX);
	}
	if (n > 0)
		qsort(*months, n, sizeof(**months), by_month);
	return merge(*months, n);
}
