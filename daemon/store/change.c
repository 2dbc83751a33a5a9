/*
 * What a move makes of a row; see change.h.
 */
#include "daemon/store/change.h"

/* It comes back because of what the informant wrote. */
static bool is_brought_back(const struct store_row *row, const struct tip_move *move)
{
	return row->state == TIP_CLOSED && move->to == TIP_QUEUED && (move->by & TIP_BY_STAFF) == 0;
}

/* The outcome of a tip that is closed now is for the caller to say. */
static void follow_end(struct store_change *change, const struct store_row *row, const struct tip_move *move)
{
	change->end = row->end;
	if (tip_state_open(move->to))
		change->end = (struct store_end){ .erased = 0 };
	if (move->on == TIP_EV_TRANSFER_AWAY)
		change->end = (struct store_end){ .outcome = SPAN("transferred"), .at_ms = CLOCK_NOW };
}

static void follow_hold(struct store_change *change, const struct store_row *row, const struct tip_move *move, struct span by)
{
	change->hold = row->hold;
	if (move->on == TIP_EV_HOLD)
		change->hold = (struct store_hold){ .by = by };
	else if (move->on == TIP_EV_ASK_LIFT)
		change->hold.asked = by;
	else if (move->on == TIP_EV_LIFT)
		change->hold = (struct store_hold){ .by = { 0 } };
}

void store_change_follow(struct store_change *change, const struct store_row *row, const struct tip_move *move,
			 struct span by)
{
	bool told;

	change->clock = clock_turned(row->clock, move->turn, CLOCK_NOW, &told);
	change->raise_ends = move->on == TIP_EV_TRANSFER || move->on == TIP_EV_TRANSFER_AWAY;
	change->reopens = row->reopens + is_brought_back(row, move);
	change->closer = move->on == TIP_EV_CLOSE ? by : row->closer;
	follow_end(change, row, move);
	follow_hold(change, row, move, by);
}

static void plan_raise(struct store_escalation *out, const struct store_row *row)
{
	out->raise = row->raise;
	out->raise.why = out->why;
	if (out->raise.times++ == 0)
		memcpy(out->raise.home, row->region, sizeof(out->raise.home));
}

bool store_escalation_plan(struct store_escalation *out, const struct store_row *row, const char region[7],
			   const struct clock_limits *limits, int64_t now_ms)
{
	const struct tip_move *move = tip_move_find(row->state, TIP_EV_ESCALATE, TIP_BY_SYSTEM);
	int64_t due_ms;
	bool told;

	*out = (struct store_escalation){ .id = row->id, .expect_rev = row->rev, .points = row->points };
	if (move == NULL || !clock_next(row->clock, limits, priority_of(row->points), &out->why, &out->since_ms, &due_ms) ||
	    due_ms > now_ms)
		return false;
	out->limit_ms = due_ms - out->since_ms;
	out->state = move->to;
	memcpy(out->region, region, sizeof(out->region));
	out->clock = clock_turned(row->clock, move->turn, CLOCK_NOW, &told);
	out->reopens = row->reopens + is_brought_back(row, move);
	out->closer = row->closer;
	plan_raise(out, row);
	return true;
}
