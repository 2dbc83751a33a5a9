/*
 * From approved to claimed: E09 to E15, and holds (E25).
 *
 * That the claimant is the one was proved outside, against a secret that this
 * book never sees; here is told how, and a proof counts once.
 */
#include "daemon/money/book_state.h"

static int64_t cooling_ms(const struct plan *plan)
{
	return policy_payee_cooling_hours(plan->dossier->policy) * HOUR_MS;
}

static int64_t panel_wait_ms(const struct plan *plan)
{
	return policy_panel_wait_days(plan->dossier->policy) * DAY_MS;
}

/* --- publish, expire, extend, reinstate ------------------------------------------------------ */

static void open_window(struct plan *plan)
{
	plan->after.window_ms = (int64_t)policy_claim_days(plan->dossier->policy) * DAY_MS;
	plan->after.is.deadline_ms = plan->now_ms + plan->after.window_ms;
	plan->after.extended = false;
	plan_put_number(plan, "deadline", plan->after.is.deadline_ms);
	plan_to(plan, REWARD_CLAIMABLE);
}

bool guard_publish(struct plan *plan)
{
	open_window(plan);
	return true;
}

bool guard_expire(struct plan *plan)
{
	if (plan->now_ms < plan->dossier->is.deadline_ms)
		return plan_refuse(plan, 409, "TOO_EARLY", "the deadline has not come");
	pay_cancel_rest(plan);
	plan_to(plan, REWARD_EXPIRED);
	return true;
}

bool guard_extend(struct plan *plan)
{
	int64_t more = plan_number(plan, "days");
	int64_t clock_ms = plan->dossier->is.held ? plan->dossier->held_ms : plan->now_ms;

	if (plan->dossier->extended)
		return plan_refuse(plan, 409, "EXTENDED", "it was extended once");
	if (more < 1 || more > plan->dossier->window_ms / DAY_MS)
		return plan_refuse(plan, 400, "WRONG_FIELD", "days: at most the first window again");
	if (clock_ms >= plan->dossier->is.deadline_ms)
		return plan_refuse(plan, 409, "EXPIRED", "the deadline has passed");
	plan->after.extended = true;
	plan->after.is.deadline_ms += more * DAY_MS;
	plan_put_number(plan, "deadline", plan->after.is.deadline_ms);
	plan_to(plan, REWARD_CLAIMABLE);
	return true;
}

bool guard_reinstate(struct plan *plan)
{
	if (!case_still_eligible(plan))
		return false;
	if (!review_is_first(plan->book, plan->dossier) || !review_reserve(plan))
		return plan_refuse(plan, 409, "BUDGET", "not enough is available");
	open_window(plan);
	return true;
}

/* --- claim -------------------------------------------------------------------------------------- */

static bool nonce_is_new(struct plan *plan)
{
	unsigned char mark[MARK_BYTES];
	uint64_t seq;

	name_mark("nonce", plan_field(plan, "nonce"), mark);
	if (mark_map_get(&plan->book->nonces, mark, &seq))
		return plan_refuse(plan, 409, "NONCE_USED", "this proof was used before");
	return true;
}

void take_nonce(struct book *book, const struct plan *plan)
{
	unsigned char mark[MARK_BYTES];

	name_mark("nonce", plan_field(plan, "nonce"), mark);
	mark_map_set(&book->nonces, mark, plan->seq);
}

static bool in_time(struct plan *plan)
{
	if (plan->dossier->is.state == REWARD_CLAIMABLE && plan->now_ms >= plan->dossier->is.deadline_ms)
		return plan_refuse(plan, 409, "EXPIRED", "the deadline has passed");
	return true;
}

/* Payee and rail are bound; a release that was given to another payee is void. */
static void bind_payee(struct plan *plan, struct span payee, struct span rail, int64_t wait_ms)
{
	struct dossier *after = &plan->after;

	NAME_PUT(after->is.payee, payee);
	NAME_PUT(after->is.rail, rail);
	after->is.cooling_until_ms = plan->now_ms + wait_ms;
	after->failures = 0;
	plan_put_number(plan, "cooling_until", after->is.cooling_until_ms);
	plan_to(plan, REWARD_CLAIMED);
}

bool guard_claim(struct plan *plan)
{
	if (!in_time(plan) || !nonce_is_new(plan))
		return false;
	bind_payee(plan, plan_field(plan, "payee"), plan_field(plan, "rail"), cooling_ms(plan));
	return true;
}

/* For one who lost the secret, or has died: two officers who had no other part, a document, a long wait. */
bool guard_panel(struct plan *plan)
{
	bool claimable = plan->dossier->is.state == REWARD_CLAIMABLE;

	if (!span_is(plan_field(plan, "cause"), "heir") && !span_is(plan_field(plan, "cause"), "lost_secret"))
		return plan_refuse(plan, 400, "WRONG_FIELD", "cause: heir or lost_secret");
	if (!plan_may(plan, claimable ? REWARD_EV_CLAIM : REWARD_EV_CHANGE_PAYEE, MONEY_CLAIMANT) ||
	    !in_time(plan) || !nonce_is_new(plan))
		return false;
	plan->persons = 2;
	bind_payee(plan, plan_field(plan, "payee"), plan_field(plan, "rail"), panel_wait_ms(plan));
	return true;
}

bool guard_decline(struct plan *plan)
{
	if (!span_is(plan_field(plan, "confirm"), "1"))
		return plan_refuse(plan, 400, "NOT_CONFIRMED", "confirm: has to be 1");
	if (!in_time(plan) || !nonce_is_new(plan))
		return false;
	pay_cancel_rest(plan);
	plan_to(plan, REWARD_DECLINED);
	return true;
}

/* What came back goes out again: the informant confirms where to, finance agrees without saying where. */
bool guard_reissue(struct plan *plan)
{
	const struct dossier *dossier = plan->dossier;
	struct posting_facts facts = { .x = ledger_balance(plan->book->ledger, dossier->is.book, LEDGER_RETURNED,
							   dossier->is.id) };

	if (plan->role == MONEY_CLAIMANT) {
		if (!plan_given(plan, "payee") || !plan_given(plan, "rail") || !plan_given(plan, "nonce"))
			return plan_refuse(plan, 400, "MISSING_FIELD", "payee, rail and nonce");
		return nonce_is_new(plan);
	}
	if (plan_given(plan, "payee") || plan_given(plan, "rail") || plan_given(plan, "nonce"))
		return plan_refuse(plan, 403, "ROLE", "where to is said by the informant alone");
	plan_put(plan, "payee_bound", span_of(dossier->payee_next));
	plan_put(plan, "rail_bound", span_of(dossier->rail_next));
	bind_payee(plan, span_of(dossier->payee_next), span_of(dossier->rail_next), cooling_ms(plan));
	return plan_post(plan, POSTING_REISSUED, &facts);
}

/* The informant's half of a reissue. */
void take_reissue_vote(struct book *book, const struct plan *plan)
{
	take_nonce(book, plan);
	NAME_PUT(plan->dossier->payee_next, plan_field(plan, "payee"));
	NAME_PUT(plan->dossier->rail_next, plan_field(plan, "rail"));
}

/* --- holds ------------------------------------------------------------------------------------ */

void claim_hold(struct dossier *dossier, const struct staff_entry *by, int64_t now_ms)
{
	dossier->is.held = true;
	dossier->held_ms = now_ms;
	NAME_PUT(dossier->holder, span_of(by->person));
	NAME_PUT(dossier->holder_for, span_of(by->deputy_of));
}

bool guard_hold(struct plan *plan)
{
	if (plan->dossier->is.held)
		return plan_refuse(plan, 409, "HELD", "it is on hold");
	claim_hold(&plan->after, &plan->actor, plan->now_ms);
	plan_to(plan, plan->dossier->is.state);
	return true;
}

/* The claimant's clock stood still. */
bool guard_lift(struct plan *plan)
{
	struct dossier *after = &plan->after;

	if (!plan->dossier->is.held)
		return plan_refuse(plan, 409, "NOT_HELD", "it is not on hold");
	if (plan->role == MONEY_SYSTEM)
		return plan_refuse(plan, 403, "ROLE", "a person lifts a hold");
	after->is.held = false;
	after->holder[0] = '\0';
	after->holder_for[0] = '\0';
	if (after->is.state == REWARD_CLAIMABLE) {
		after->is.deadline_ms += plan->now_ms - after->held_ms;
		plan_put_number(plan, "deadline", after->is.deadline_ms);
	}
	plan_to(plan, plan->dossier->is.state);
	return true;
}
