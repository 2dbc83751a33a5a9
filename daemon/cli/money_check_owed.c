/*
 * I04, I05, I07: what the ledger holds for a reward is what follows from what
 * happened to it, and no record touches the accounts of another one.
 */
#include "daemon/cli/money_check_parts.h"

#include "daemon/base/table.h"

/* Accounts whose detail names a reward. */
static bool of_a_reward(unsigned code)
{
	return code == MONEY_PAYABLE || code == MONEY_TAX || code == MONEY_RETURNED || code == MONEY_OVERPAID ||
	       code == MONEY_CLAWBACK;
}

/* All books together: what a reward owes may be handed on to another year. */
static struct span sum_name(struct money_check *check, unsigned code)
{
	return span_of(arena_printf(&check->arena, "%u", code));
}

static int64_t *sum_of(struct money_check *check, unsigned code, struct span detail)
{
	struct span name = sum_name(check, code);
	size_t index = money_map_get(&check->by_detail, name, detail);

	if (index == MONEY_MAP_NONE) {
		index = check->sums.n;
		money_map_add(&check->by_detail, name, detail, index);
		money_list_add(&check->sums, sizeof(int64_t));
	}
	return &((int64_t *)check->sums.at)[index];
}

static struct span flight_name(struct money_check *check, const struct money_attempt *attempt)
{
	return span_of(arena_printf(&check->arena, "%.*s:%.*s", (int)attempt->rail.len, attempt->rail.at,
				    (int)attempt->id.len, attempt->id.at));
}

static bool is_own(struct money_check *check, const struct money_act *act, const struct money_leg *leg)
{
	if (act->reward == NULL)
		return false;
	if (leg->code == MONEY_INFLIGHT)
		return act->attempt != NULL && span_eq(leg->detail, flight_name(check, act->attempt));
	return span_eq(leg->detail, act->reward->id);
}

static void add_legs(struct money_check *check, const struct money_act *act)
{
	const struct money_line *line = check->line;

	for (size_t i = 0; i < line->nlegs; i++) {
		const struct money_leg *leg = &line->legs[i];
		int64_t *sum;

		if (!of_a_reward(leg->code) && leg->code != MONEY_INFLIGHT)
			continue;
		sum = sum_of(check, leg->code, leg->detail);
		check->ledger.lost = !money_add(*sum, leg->debit ? leg->fen : -leg->fen, sum) || check->ledger.lost;
		if (!is_own(check, act, leg))
			money_broken(check, leg->code == MONEY_INFLIGHT ? MONEY_I07_INFLIGHT : MONEY_I04_REWARD,
				     "it posts to %u %.*s, which it is not about", leg->code, (int)leg->detail.len,
				     leg->detail.at);
	}
}

static void compare(struct money_check *check, const struct money_reward *reward)
{
	const struct {
		unsigned code;
		int64_t expected;      /* on the normal side */
		bool debit;
		enum money_invariant invariant;
		const char *name;
	} rows[] = {
		{ .code = MONEY_PAYABLE, .expected = reward->payable, .invariant = MONEY_I04_REWARD, .name = "payable" },
		{ .code = MONEY_TAX, .expected = reward->tax_left, .invariant = MONEY_I04_REWARD, .name = "tax withheld" },
		{ .code = MONEY_RETURNED, .expected = reward->returned, .invariant = MONEY_I04_REWARD, .name = "returned" },
		{ .code = MONEY_OVERPAID, .expected = reward->overpaid, .debit = true, .invariant = MONEY_I05_PAID_ONCE,
		  .name = "overpaid" },
		{ .code = MONEY_CLAWBACK, .expected = reward->clawback, .debit = true, .invariant = MONEY_I05_PAID_ONCE,
		  .name = "claimed back" },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		int64_t sum = *sum_of(check, rows[i].code, reward->id);
		int64_t balance = rows[i].debit ? sum : -sum;

		if (balance != rows[i].expected)
			money_broken(check, rows[i].invariant, "%.*s: %lld fen are %s, the ledger has %lld",
				     (int)reward->id.len, reward->id.at, (long long)rows[i].expected, rows[i].name,
				     (long long)balance);
	}
}

static void compare_flight(struct money_check *check, const struct money_attempt *attempt)
{
	int64_t expected = money_attempt_is_live(attempt) ? attempt->fen : 0;
	int64_t balance = -*sum_of(check, MONEY_INFLIGHT, flight_name(check, attempt));

	if (balance != expected)
		money_broken(check, MONEY_I07_INFLIGHT, "%.*s: %lld fen are under way, the ledger has %lld",
			     (int)attempt->id.len, attempt->id.at, (long long)expected, (long long)balance);
}

/* Accrued is payable, under way, paid, returned, cancelled or tax; paid out is due, or told as overpaid. */
static void compare_whole(struct money_check *check, const struct money_reward *reward)
{
	const struct money_attempt *live = money_live_attempt(check, reward);
	int64_t there = reward->payable + (live != NULL ? live->fen : 0) + reward->paid + reward->returned +
			reward->cancelled + reward->tax_left + reward->tax_paid;

	if (reward->accrued != there)
		money_broken(check, MONEY_I04_REWARD, "%.*s: %lld fen were accrued, %lld are told of", (int)reward->id.len,
			     reward->id.at, (long long)reward->accrued, (long long)there);
	if (reward->succeeded > reward->fen - reward->tax_fen &&
	    reward->succeeded - (reward->fen - reward->tax_fen) > reward->overpaid)
		money_broken(check, MONEY_I05_PAID_ONCE, "%.*s: %lld fen went out, %lld were due", (int)reward->id.len,
			     reward->id.at, (long long)reward->succeeded, (long long)(reward->fen - reward->tax_fen));
}

void money_owed_look(struct money_check *check, const struct money_act *act)
{
	add_legs(check, act);
	if (act->reward == NULL || check->ledger.lost)
		return;
	compare(check, act->reward);
	if (act->attempt != NULL)
		compare_flight(check, act->attempt);
	compare_whole(check, act->reward);
}
