/*
 * What is reported of an attempt: E18 to E21, E26.
 *
 * Success, final failure and return move money; unknown never does. A report
 * that is weaker or older than what is known is written down and moves
 * nothing. Money that went out is always recorded: where the account of the
 * book does not hold it, it stands in suspense until finance has told where it
 * came from.
 */
#include "daemon/money/book_state.h"

#define FAILURES_MAX 3   /* then finance looks at it again */

struct report {
	enum attempt_state state;
	enum evidence by;
	bool not_found;          /* the rail does not know the id: neither success nor failure */
};

static bool read_report(struct plan *plan, struct report *report)
{
	if (!evidence_parse(plan_field(plan, "by"), &report->by))
		return plan_refuse(plan, 400, "WRONG_FIELD", "by: answer, webhook, query or statement");
	report->not_found = span_is(plan_field(plan, "state"), "NOT_FOUND");
	report->state = ATTEMPT_UNKNOWN;
	if (!report->not_found && (!attempt_state_parse(plan_field(plan, "state"), &report->state) ||
				   report->state == ATTEMPT_CREATED || report->state == ATTEMPT_SENDING ||
				   report->state == ATTEMPT_CANCELLING))
		return plan_refuse(plan, 400, "WRONG_FIELD", "state: not one that is reported");
	return true;
}

/* Only what fits the attempt in every field is its outcome. */
static bool fits(struct plan *plan, const struct report *report)
{
	const struct book_attempt *attempt = plan->attempt;
	bool money = report->state == ATTEMPT_SUCCEEDED || report->state == ATTEMPT_RETURNED;

	if (attempt->sent_ms == 0)
		return plan_refuse(plan, 409, "NOT_SENT", "nothing was sent");
	if (plan_given(plan, "instruction") && !span_is(plan_field(plan, "instruction"), attempt->instruction))
		return plan_refuse(plan, 409, "INSTRUCTION_DIFFERS", "this report is about another instruction");
	if (money && plan_number(plan, "fen") != attempt->fen)
		return plan_refuse(plan, 409, "AMOUNT_DIFFERS", "this is not the amount of the attempt");
	if (report->state == ATTEMPT_FAILED && !plan_given(plan, "code"))
		return plan_refuse(plan, 400, "MISSING_FIELD", "code: why it failed for good");
	if (plan->role == MONEY_CASHIER &&
	    (strcmp(attempt->rail, "voucher") != 0 || report->state != ATTEMPT_SUCCEEDED))
		return plan_refuse(plan, 403, "ROLE", "a cashier pays out vouchers");
	if (plan->role == MONEY_FINANCE && (report->by != EVIDENCE_STATEMENT || !plan_given(plan, "line")))
		return plan_refuse(plan, 403, "ROLE", "what a person tells of a payment rests on a line of a statement");
	return true;
}

static bool line_is_new(struct plan *plan, const struct report *report)
{
	unsigned char mark[MARK_BYTES];
	uint64_t seq;

	if (!plan_given(plan, "line"))
		return true;
	if (report->by != EVIDENCE_STATEMENT || plan_field(plan, "line").len >= sizeof(plan->attempt->line))
		return plan_refuse(plan, 400, "WRONG_FIELD", "line: of a statement");
	name_mark("line", plan_field(plan, "line"), mark);
	if (mark_map_get(&plan->book->lines, mark, &seq))
		return plan_refuse(plan, 409, "LINE_USED", "this line was matched before");
	if (plan->attempt->line[0] != '\0' && report->state == ATTEMPT_SUCCEEDED)
		return plan_refuse(plan, 409, "MATCHED", "this payment has its line");
	return line_proves(plan, report->state);
}

/* --- where the money went ------------------------------------------------------------------- */

/* The account it was paid from, or suspense while the book knows of no such money there. */
static void set_source(struct plan *plan, struct posting_facts *facts, bool was_reserved)
{
	const struct book_attempt *attempt = plan->attempt;
	struct posting_account account = attempt->source;
	int64_t left;

	if (plan_given(plan, "source"))
		posting_account_parse(plan_field(plan, "source"), &account);
	left = account_left(plan->book, plan->dossier->is.book, &account);
	if (was_reserved && account.code == attempt->source.code &&
	    strcmp(account.detail, attempt->source.detail) == 0)
		left += attempt->fen;
	facts->source = account;
	plan->attempt_after.source = account;
	if (left >= attempt->fen)
		return;
	facts->source = (struct posting_account){ .code = LEDGER_SUSPENSE_CREDIT };
	NAME_PUT(facts->source.detail, span_of(attempt->instruction));
	plan_put(plan, "suspense", span_of(attempt->instruction));
}

static void free_reserve(struct plan *plan)
{
	plan->reserve_fen = -plan->attempt->fen;
	plan->reserve_of = plan->attempt->source;
}

static void paid(struct plan *plan)
{
	const char *spent_in = fiscal_now(plan->book, plan->dossier->is.book);

	plan->after.is.paid_fen += plan->attempt->fen;
	plan->after.paid_ms = plan->now_ms;
	NAME_PUT(plan->after.spent_in, span_of(spent_in));
	NAME_PUT(plan->attempt_after.spent_in, span_of(spent_in));
}

static bool take_success(struct plan *plan)
{
	struct posting_facts facts = { .x = plan->attempt->fen };
	bool whole = ledger_balance(plan->book->ledger, plan->dossier->is.book, LEDGER_PAYABLE,
				    plan->dossier->is.id) == 0;

	if (!plan_may(plan, REWARD_EV_SUCCESS, MONEY_SYSTEM))
		return false;
	free_reserve(plan);
	set_source(plan, &facts, true);
	paid(plan);
	plan_to(plan, whole ? REWARD_PAID : REWARD_RELEASED);
	return plan_post(plan, POSTING_SUCCEEDED, &facts);
}

/* Said to have failed, and paid after all (A5). */
static bool take_late_success(struct plan *plan)
{
	struct posting_facts facts = { .x = plan->attempt->fen };
	enum reward_state state = plan->dossier->is.state;
	int64_t left = ledger_balance(plan->book->ledger, plan->dossier->is.book, LEDGER_PAYABLE,
				      plan->dossier->is.id);
	bool owed = (state == REWARD_CLAIMED || state == REWARD_RELEASED) && left >= plan->attempt->fen;

	if (!plan_may(plan, REWARD_EV_LATE_SUCCESS, MONEY_SYSTEM))
		return false;
	set_source(plan, &facts, false);
	if (owed) {
		paid(plan);
		plan_to(plan, left == plan->attempt->fen ? REWARD_PAID : state);
		return plan_post(plan, POSTING_LATE, &facts);
	}
	plan->attempt_after.overpaid = true;
	plan->hold_claimant = true;
	plan_put(plan, "incident", SPAN("overpaid"));
	plan_to(plan, state);
	return plan_post(plan, POSTING_OVERPAID, &facts);
}

static enum reward_state after_failure(struct plan *plan)
{
	bool payee_fault = span_is(plan_field(plan, "fault"), "payee");

	plan->after.failures++;
	plan->after.start_ms = plan->now_ms + (MINUTE_MS << (2 * plan->after.failures));
	return payee_fault || plan->after.failures >= FAILURES_MAX ? REWARD_CLAIMED : REWARD_RELEASED;
}

static bool take_failure(struct plan *plan)
{
	struct posting_facts facts = { .x = plan->attempt->fen };

	if (!plan_may(plan, REWARD_EV_FAILED, MONEY_SYSTEM))
		return false;
	free_reserve(plan);
	plan_to(plan, after_failure(plan));
	return plan_post(plan, POSTING_FAILED, &facts);
}

/* Nothing is owed any more: the budget has it again, and the tax that would have gone with it is not due. */
static bool take_return_over(struct plan *plan, struct posting_facts *facts)
{
	facts->tax = pay_tax_of(plan, facts->x);
	facts->a = facts->x + facts->tax;
	plan->after.is.paid_fen -= facts->x;
	plan_put_number(plan, "cancelled", facts->a);
	return plan_post(plan, POSTING_RETURNED_OVER, facts);
}

/* Claimed back meanwhile, and back by itself; the ledger refuses more than is outstanding. */
static bool take_return_voided(struct plan *plan, struct posting_facts *facts)
{
	facts->when = POSTING_OF_CLAWBACK | pay_year_of(plan, plan->attempt->spent_in);
	plan->after.is.paid_fen -= facts->x;
	return plan_post(plan, POSTING_RECOVERED, facts);
}

/* Paid, and the money came back. */
static bool take_return(struct plan *plan)
{
	struct posting_facts facts = { .x = plan->attempt->fen, .source = plan->attempt->source,
				       .spent = plan->attempt->spent_in };
	const char *now = fiscal_now(plan->book, plan->dossier->is.book);
	enum reward_state state = plan->dossier->is.state;

	if (plan_given(plan, "source"))
		posting_account_parse(plan_field(plan, "source"), &facts.source);
	if (plan->attempt->overpaid) {
		facts.when = POSTING_OF_OVERPAID;
		return plan_post(plan, POSTING_RECOVERED, &facts);
	}
	if (state == REWARD_EXPIRED || state == REWARD_DECLINED || state == REWARD_REVOKED)
		return take_return_over(plan, &facts);
	if (state == REWARD_REVERSED)
		return take_return_voided(plan, &facts);
	if (reward_terminal(state))
		return plan_refuse(plan, 409, "ILLEGAL_TRANSITION", "what comes back now is in suspense");
	facts.when = strcmp(now, plan->attempt->spent_in) == 0 ? POSTING_SAME_YEAR : POSTING_PRIOR_YEAR;
	facts.when |= state == REWARD_PAID || state == REWARD_RETURNED ? POSTING_WHOLE : POSTING_PART;
	plan->after.is.paid_fen -= plan->attempt->fen;
	if (state == REWARD_PAID) {
		if (!plan_may(plan, REWARD_EV_RETURNED, MONEY_SYSTEM))
			return false;
		plan->after.returned_ms = plan->now_ms;
		plan_to(plan, REWARD_RETURNED);
	}
	return plan_post(plan, POSTING_RETURNED, &facts);
}

/* --- the attempt itself ----------------------------------------------------------------------- */

static bool move_money(struct plan *plan, const struct report *report)
{
	bool late = !attempt_live(plan->attempt->state);

	switch (report->state) {
	case ATTEMPT_SUCCEEDED:
		return late ? take_late_success(plan) : take_success(plan);
	case ATTEMPT_FAILED:
	case ATTEMPT_CANCELLED:
		return take_failure(plan);
	case ATTEMPT_RETURNED:
		return take_return(plan);
	case ATTEMPT_UNKNOWN:
	case ATTEMPT_ACCEPTED:
	case ATTEMPT_NEEDS_PAYEE:
	case ATTEMPT_PROCESSING:
	case ATTEMPT_CREATED:
	case ATTEMPT_SENDING:
	case ATTEMPT_CANCELLING:
	case ATTEMPT_STATES:
		break;
	}
	return true;
}

static void note(struct plan *plan, const struct report *report)
{
	struct book_attempt *after = &plan->attempt_after;

	if (plan_given(plan, "code"))
		NAME_PUT(after->code, plan_field(plan, "code"));
	if (plan_given(plan, "provider_ref"))
		NAME_PUT(after->provider_ref, plan_field(plan, "provider_ref"));
	if (plan_given(plan, "line") && report->state == ATTEMPT_SUCCEEDED)
		NAME_PUT(after->line, plan_field(plan, "line"));
	if (plan_given(plan, "line") && report->state == ATTEMPT_RETURNED)
		NAME_PUT(after->return_line, plan_field(plan, "line"));
	if (report->not_found && after->not_found++ == 0)
		after->not_found_ms = plan->now_ms;
	if (!report->not_found)
		after->not_found = 0;
}

static bool move(struct plan *plan, const struct report *report)
{
	struct book_attempt *after = &plan->attempt_after;

	if (!move_money(plan, report))
		return false;
	if (report->state == ATTEMPT_RETURNED) {
		after->back = plan->attempt->source;
		if (plan_given(plan, "source"))
			posting_account_parse(plan_field(plan, "source"), &after->back);
	}
	after->state = report->state;
	after->by = report->by;
	after->changed_ms = plan->now_ms;
	after->queries = 0;
	after->next_query_ms = attempt_live(after->state) ? attempt_query_at(after, plan->now_ms) : 0;
	return true;
}

/* Less sure than the success it speaks against: it moves nothing, but the rail is asked (A4). */
static void ask_whether_returned(struct plan *plan, const struct report *report)
{
	struct book_attempt *after = &plan->attempt_after;

	if (report->state != ATTEMPT_RETURNED || !attempt_asks(after->state, after->by) || attempt_live(after->state))
		return;
	after->queries = 0;
	after->next_query_ms = attempt_query_at(after, plan->now_ms);
}

bool guard_observe(struct plan *plan)
{
	struct report report;
	struct book_attempt *after = &plan->attempt_after;
	bool same;

	if (!read_report(plan, &report) || !fits(plan, &report) || !line_is_new(plan, &report))
		return false;
	/* The line of a payment that has come back meanwhile says nothing new either. */
	same = report.state == plan->attempt->state ||
	       (plan_given(plan, "line") && report.state == ATTEMPT_SUCCEEDED && plan->attempt->state == ATTEMPT_RETURNED);
	note(plan, &report);
	if (!same && attempt_may(plan->attempt->state, plan->attempt->by, report.state, report.by)) {
		if (!move(plan, &report))
			return false;
	} else if (!same && plan_given(plan, "line")) {
		return plan_refuse(plan, 409, "ILLEGAL_TRANSITION", "%s does not follow %s",
				   attempt_state_name(report.state), attempt_state_name(plan->attempt->state));
	} else if (!same) {
		ask_whether_returned(plan, &report);
	} else if (report.by > after->by) {
		after->by = report.by;
		if (!attempt_asks(after->state, after->by))
			after->next_query_ms = 0;
	}
	plan_put(plan, "attempt_to", span_of(attempt_state_name(after->state)));
	return true;
}

static void hold_all_of(struct book *book, const struct plan *plan)
{
	size_t at = claimant_first(book, plan->dossier->is.claimant);

	for (; at != NO_INDEX; at = dossier_at(book, at)->next_of_claimant) {
		struct dossier *dossier = dossier_at(book, at);

		if (dossier->is.held || reward_terminal(dossier->is.state))
			continue;
		claim_hold(dossier, &plan->actor, plan->now_ms);
		dossier->is.last_seq = plan->seq;
		dossier_wake(book, dossier);
	}
}

void take_observe(struct book *book, const struct plan *plan)
{
	unsigned char mark[MARK_BYTES];

	if (plan_given(plan, "line")) {
		name_mark("line", plan_field(plan, "line"), mark);
		mark_map_set(&book->lines, mark, plan->seq);
	}
	line_take(book, plan);
	if (plan->hold_claimant)
		hold_all_of(book, plan);
}
