/*
 * From claimed to a live attempt: E16, E17, and what is said to the rail.
 *
 * Intent comes first: an attempt is in the journal before the first byte goes
 * out. Where a statement has told of the payment before, the attempt is begun
 * as one that was sent, for this debit, and never goes out.
 */
#include "daemon/money/book_state.h"

#include <stdio.h>

#define RETENTION_DAYS 30              /* how long a rail knows an id, unless it says otherwise */
#define FROZEN_MS (72 * HOUR_MS)       /* unknown for so long: nothing more to that claimant */

int64_t pay_left(const struct book *book, const struct dossier *dossier)
{
	return ledger_balance(book->ledger, dossier->is.book, LEDGER_PAYABLE, dossier->is.id);
}

/* --- release -------------------------------------------------------------------------------- */

static bool read_slice(struct plan *plan)
{
	int64_t left = pay_left(plan->book, plan->dossier), slice = plan_number(plan, "instalment");
	int64_t times = slice > 0 ? (left + slice - 1) / slice : 1;

	if (times > (int64_t)policy_instalments_max(plan->dossier->policy))
		return plan_refuse(plan, 409, "INSTALMENTS", "the policy allows at most %u",
				   policy_instalments_max(plan->dossier->policy));
	plan->after.slice_fen = slice;
	return true;
}

bool guard_release(struct plan *plan)
{
	if (plan->now_ms < plan->dossier->is.cooling_until_ms)
		return plan_refuse(plan, 409, "COOLING", "the payee was set less than the cooling time ago");
	if (!case_still_eligible(plan) || !read_slice(plan))
		return false;
	if (plan->dossier->is.fen > policy_release_two_persons_above(plan->dossier->policy))
		plan->persons = 2;
	posting_account_parse(plan_field(plan, "source"), &plan->after.source);
	plan->after.failures = 0;
	plan->after.start_ms = plan->now_ms;
	plan_to(plan, REWARD_RELEASED);
	return true;
}

/* --- start ------------------------------------------------------------------------------------ */

static bool frozen(const struct plan *plan, const struct dossier *dossier)
{
	const struct book_attempt *last;

	if (dossier->is.state != REWARD_PAYING || strcmp(dossier->is.rail, plan->dossier->is.rail) != 0)
		return false;
	last = &dossier->attempts[dossier->is.nattempts - 1];
	return last->state == ATTEMPT_UNKNOWN && plan->now_ms >= last->sent_ms + FROZEN_MS;
}

static bool claimant_is_free(struct plan *plan)
{
	size_t at = claimant_first(plan->book, plan->dossier->is.claimant);

	for (; at != NO_INDEX; at = dossier_at(plan->book, at)->next_of_claimant)
		if (frozen(plan, dossier_at(plan->book, at)))
			return plan_refuse(plan, 409, "CLAIMANT_FROZEN", "the outcome of %s is not known",
					   dossier_at(plan->book, at)->is.id);
	return true;
}

/* The debit that is given is this payment; what it says is taken, whatever else would keep it from being sent. */
static bool may_adopt(struct plan *plan, int64_t fen, const struct instruction_next *next)
{
	if (next->line == NULL || !span_is(plan_field(plan, "line"), next->line_id))
		return plan_refuse(plan, 409, "LINE_DIFFERS", "this debit does not name this payment");
	if (!instruction_fits(next, fen, &plan->dossier->source))
		return plan_refuse(plan, 409, "LINE_DIFFERS", "%s is of another amount or account", next->line_id);
	return true;
}

static bool may_start(struct plan *plan, int64_t fen, const struct instruction_next *next)
{
	const struct dossier *dossier = plan->dossier;
	const struct rail_hold *rail = rail_hold_find(plan->book, span_of(dossier->is.rail));

	if (plan_given(plan, "line"))
		return may_adopt(plan, fen, next);
	if (next->line != NULL)
		return plan_refuse(plan, 409, "STATEMENT_NAMES_IT", "%s is a debit for this payment", next->line_id);
	if (plan->now_ms < dossier->start_ms)
		return plan_refuse(plan, 409, "TOO_EARLY", "the attempt before failed too short a time ago");
	if (rail != NULL && rail->held)
		return plan_refuse(plan, 409, "RAIL_HELD", "nothing is started on %s", dossier->is.rail);
	if (offset_fen(plan->book, dossier) > 0)
		return plan_refuse(plan, 409, "PAID_BEFORE", "an overpayment has to be taken for it first");
	if (fen <= 0 || account_left(plan->book, dossier->is.book, &dossier->source) < fen)
		return plan_refuse(plan, 409, "SOURCE_SHORT", "the account does not hold enough");
	return claimant_is_free(plan) && case_still_eligible(plan);
}

static void put_attempt(struct plan *plan, const struct book_attempt *attempt)
{
	plan_put(plan, "attempt", span_of(arena_printf(plan->arena, "%s-%u", plan->after.is.id, attempt->number)));
	plan_put(plan, "instruction", span_of(attempt->instruction));
	plan_put(plan, "rail", span_of(attempt->rail));
	plan_put(plan, "payee", span_of(plan->after.is.payee));
	plan_put_number(plan, "fen", attempt->fen);
}

int64_t start_fen(const struct book *book, const struct dossier *dossier)
{
	int64_t left = pay_left(book, dossier);

	return dossier->slice_fen > 0 && dossier->slice_fen < left ? dossier->slice_fen : left;
}

/* As if it had gone out now: it is asked about, told of, and not sent. */
static void adopt(struct plan *plan, struct book_attempt *attempt, const struct instruction_next *next)
{
	memcpy(attempt->seen, next->line_id, sizeof(attempt->seen));
	attempt->state = ATTEMPT_UNKNOWN;
	attempt->sent_ms = plan->now_ms;
	attempt->retention_ms = plan->now_ms + RETENTION_DAYS * DAY_MS;
	attempt->next_query_ms = attempt_query_at(attempt, plan->now_ms);
	plan_put(plan, "attempt_to", span_of(attempt_state_name(attempt->state)));
}

bool guard_start(struct plan *plan)
{
	const struct dossier *dossier = plan->dossier;
	int64_t fen = start_fen(plan->book, dossier);
	struct posting_facts facts = { .x = fen };
	struct book_attempt *attempt = &plan->attempt_after;
	struct instruction_next next;

	instruction_next(plan->book, dossier, &next);
	if (!may_start(plan, fen, &next))
		return false;
	*attempt = (struct book_attempt){ .number = (unsigned)dossier->is.nattempts + 1, .state = ATTEMPT_CREATED,
					  .fen = fen, .started_ms = plan->now_ms, .changed_ms = plan->now_ms,
					  .source = dossier->source, .ordinal = next.ordinal };
	NAME_PUT(attempt->rail, span_of(dossier->is.rail));
	memcpy(attempt->instruction, next.id, sizeof(attempt->instruction));
	put_attempt(plan, attempt);
	if (plan_given(plan, "line"))
		adopt(plan, attempt, &next);
	plan->reserve_fen = fen;
	plan->reserve_of = dossier->source;
	plan_to(plan, REWARD_PAYING);
	return plan_post(plan, POSTING_STARTED, &facts);
}

/* --- send, query, cancel ------------------------------------------------------------------------ */

/* Once more is allowed of what is unknown: the same id, the same bytes, while the rail remembers. */
static bool may_resend(struct plan *plan)
{
	const struct book_attempt *attempt = plan->attempt;

	if (plan->now_ms >= attempt->retention_ms)
		return plan_refuse(plan, 409, "RETENTION_OVER", "the rail may have forgotten this instruction");
	if (attempt->body[0] != '\0' && !span_is(plan_field(plan, "body"), attempt->body))
		return plan_refuse(plan, 409, "BODY_DIFFERS", "the same instruction has the same bytes");
	return true;
}

/* A hold stops what has not gone out; it never stops asking what became of the rest. */
static bool may_send(struct plan *plan)
{
	const struct rail_hold *rail = rail_hold_find(plan->book, span_of(plan->attempt->rail));

	if (plan->attempt->seen[0] != '\0')
		return plan_refuse(plan, 409, "STATEMENT_NAMES_IT", "%s is a debit for this payment", plan->attempt->seen);
	if (plan->dossier->is.held)
		return plan_refuse(plan, 409, "HELD", "%s is on hold", plan->dossier->is.id);
	if (rail != NULL && rail->held)
		return plan_refuse(plan, 409, "RAIL_HELD", "nothing is sent on %s", plan->attempt->rail);
	return true;
}

static int64_t retention_of(const struct plan *plan)
{
	int64_t days = plan_number(plan, "retention_days");

	return plan->now_ms + (days > 0 && days < 3660 ? days : RETENTION_DAYS) * DAY_MS;
}

bool guard_send(struct plan *plan)
{
	struct book_attempt *attempt = &plan->attempt_after;

	if (!attempt_may(attempt->state, attempt->by, ATTEMPT_SENDING, EVIDENCE_ANSWER))
		return plan_refuse(plan, 409, "ILLEGAL_TRANSITION", "SENDING does not follow %s",
				   attempt_state_name(attempt->state));
	if (!may_send(plan) || (attempt->sent_ms != 0 && !may_resend(plan)))
		return false;
	if (attempt->sent_ms == 0) {
		attempt->sent_ms = plan->now_ms;
		attempt->retention_ms = retention_of(plan);
	}
	/* Of one that a restored book calls never sent the bytes are told now. */
	if (attempt->body[0] == '\0')
		NAME_PUT(attempt->body, plan_field(plan, "body"));
	attempt->state = ATTEMPT_SENDING;
	attempt->changed_ms = plan->now_ms;
	attempt->not_found = 0;
	attempt->queries = 0;
	attempt->next_query_ms = attempt_query_at(attempt, plan->now_ms);
	plan_put(plan, "to", span_of(attempt_state_name(attempt->state)));
	return true;
}

/* A query is about to go out: told before, so that the next one waits its time whatever happens to this one. */
bool guard_query(struct plan *plan)
{
	struct book_attempt *attempt = &plan->attempt_after;

	if (!attempt_asks(attempt->state, attempt->by))
		return plan_refuse(plan, 409, "NOT_LIVE", "there is nothing to ask");
	/* Of a payment that was thought to be over the questions begin anew. */
	if (!attempt_live(attempt->state) && attempt->next_query_ms == 0)
		attempt->queries = 0;
	attempt->queries++;
	attempt->next_query_ms = attempt_query_at(attempt, plan->now_ms);
	plan_put_number(plan, "next", attempt->next_query_ms);
	return true;
}

/* A request and no outcome: a success may still win. What was never sent is cancelled at once. */
bool guard_attempt_cancel(struct plan *plan)
{
	struct book_attempt *attempt = &plan->attempt_after;
	struct posting_facts facts = { .x = attempt->fen };

	if (attempt->state == ATTEMPT_CREATED) {
		if (!plan_may(plan, REWARD_EV_FAILED, MONEY_SYSTEM))
			return false;
		attempt->state = ATTEMPT_CANCELLED;
		plan->reserve_fen = -attempt->fen;
		plan->reserve_of = attempt->source;
		plan_to(plan, REWARD_CLAIMED);
		plan_post(plan, POSTING_FAILED, &facts);
	} else if (attempt_may(attempt->state, attempt->by, ATTEMPT_CANCELLING, EVIDENCE_ANSWER)) {
		attempt->state = ATTEMPT_CANCELLING;
		attempt->queries = 0;
		attempt->next_query_ms = attempt_query_at(attempt, plan->now_ms);
	} else {
		return plan_refuse(plan, 409, "ILLEGAL_TRANSITION", "CANCELLING does not follow %s",
				   attempt_state_name(attempt->state));
	}
	attempt->changed_ms = plan->now_ms;
	plan_put(plan, "attempt_to", span_of(attempt_state_name(attempt->state)));
	return true;
}

/* --- rails ---------------------------------------------------------------------------------------- */

bool guard_rail_hold(struct plan *plan)
{
	if (plan->rail != NULL && plan->rail->held)
		return plan_refuse(plan, 409, "HELD", "it is on hold");
	return true;
}

bool guard_rail_lift(struct plan *plan)
{
	if (plan->rail == NULL || !plan->rail->held)
		return plan_refuse(plan, 409, "NOT_HELD", "it is not on hold");
	return true;
}

void take_rail(struct book *book, const struct plan *plan)
{
	struct rail_hold *rail = plan->rail != NULL ? plan->rail : list_add(&book->rails, sizeof(*rail));

	NAME_PUT(rail->rail, plan->command->subject);
	rail->held = plan->kind->rule->guard == guard_rail_hold;
	rail->seq = plan->seq;
	rail->since_ms = plan->now_ms;
	rail->why = arena_dup(&book->store, plan_field(plan, "reason"));
	NAME_PUT(rail->person, span_of(plan->actor.person));
	NAME_PUT(rail->deputy_of, span_of(plan->actor.deputy_of));
	rail->at_ms = plan->now_ms;
}

bool book_hold_at(const struct book *book, size_t index, struct book_hold *out)
{
	const struct rail_hold *rails = book->rails.at;

	if (index >= book->rails.n)
		return false;
	*out = (struct book_hold){ .rail = rails[index].rail, .person = rails[index].person, .held = rails[index].held,
				   .seq = rails[index].seq, .since_ms = rails[index].since_ms, .why = rails[index].why };
	return true;
}
