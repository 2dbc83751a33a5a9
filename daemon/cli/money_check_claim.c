/*
 * From approved to claimed, and holds: deadlines (I18), proofs that count
 * once, and a hold that another person lifts.
 */
#include "daemon/cli/money_check_parts.h"

#define TICK_MS INT64_C(3600000)   /* a timer may be late by that much while a daemon is at work */
#define GAP_MS INT64_C(600000)     /* where something is due and nothing is written for longer, none was */
#define DAYS_MAX 3660
#define HOUR_MS INT64_C(3600000)

/* --- I18 ----------------------------------------------------------------------------------------- */

struct waiting {
	size_t reward;
	int64_t deadline_ms;
	int64_t seen_ms;    /* on the clock of work: the first record at or after the deadline */
};

/*
 * A daemon at work does what is due at once, so a long silence past a deadline
 * is an outage, which is no fault of the record behind it: of each silence
 * only so much counts. What goes on being written while a reward stays open
 * is seen after an hour of it.
 */
static void clock_of_work(struct money_check *check)
{
	int64_t gap_ms = check->line->at_ms - check->last_ms;

	if (gap_ms > 0)
		check->work_ms += gap_ms < GAP_MS ? gap_ms : GAP_MS;
}

static bool still_waits(struct money_check *check, const struct waiting *waiting)
{
	const struct money_reward *reward = money_reward_at(check, waiting->reward);

	return reward->state == MONEY_CLAIMABLE && reward->deadline_ms == waiting->deadline_ms && !reward->held;
}

/* A heap by deadline; the root is the next one to fall due. */
static void sift_up(struct waiting *heap, size_t at)
{
	for (; at > 0 && heap[(at - 1) / 2].deadline_ms > heap[at].deadline_ms; at = (at - 1) / 2) {
		struct waiting swap = heap[at];

		heap[at] = heap[(at - 1) / 2];
		heap[(at - 1) / 2] = swap;
	}
}

static void drop_root(struct money_list *list)
{
	struct waiting *heap = list->at;
	size_t at = 0, least;

	heap[0] = heap[--list->n];
	for (;; at = least) {
		struct waiting swap = heap[at];

		least = at;
		for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < list->n; child++)
			if (heap[child].deadline_ms < heap[least].deadline_ms)
				least = child;
		if (least == at)
			return;
		heap[at] = heap[least];
		heap[least] = swap;
	}
}

void money_deadline(struct money_check *check, const struct money_reward *reward)
{
	struct waiting *waiting = money_list_add(&check->deadlines, sizeof(*waiting));

	*waiting = (struct waiting){ .reward = money_map_get(&check->by_reward, reward->id, NO_SPAN),
				     .deadline_ms = reward->deadline_ms };
	sift_up(check->deadlines.at, check->deadlines.n - 1);
}

static void look_at_overdue(struct money_check *check)
{
	struct waiting *overdue = check->overdue.at;
	size_t left = 0;

	for (size_t i = 0; i < check->overdue.n; i++) {
		const struct money_reward *reward = money_reward_at(check, overdue[i].reward);

		if (!still_waits(check, &overdue[i]))
			continue;
		if (check->work_ms - overdue[i].seen_ms > TICK_MS)
			money_broken(check, MONEY_I18_EXPIRY, "%.*s is still open, past its deadline", (int)reward->id.len,
				     reward->id.at);
		overdue[left++] = overdue[i];
	}
	check->overdue.n = left;
}

void money_look_expired(struct money_check *check)
{
	struct waiting *heap = check->deadlines.at;

	clock_of_work(check);
	if (check->overdue.n > 0)
		look_at_overdue(check);
	while (check->deadlines.n > 0 && heap[0].deadline_ms <= check->line->at_ms) {
		heap[0].seen_ms = check->work_ms;
		if (still_waits(check, &heap[0])) {
			struct waiting due = heap[0];

			*(struct waiting *)money_list_add(&check->overdue, sizeof(due)) = due;
		}
		drop_root(&check->deadlines);
	}
}

static void set_deadline(struct money_check *check, struct money_reward *reward, int64_t expected)
{
	if (!money_line_number(check->line, "deadline", &reward->deadline_ms) || reward->deadline_ms != expected)
		money_broken(check, MONEY_I18_EXPIRY, "the deadline has to be %lld", (long long)expected);
	money_deadline(check, reward);
}

/* --- the window ------------------------------------------------------------------------------------ */

void money_take_publish(struct money_check *check, struct money_act *act)
{
	struct money_reward *reward = act->reward;

	reward->window_ms = reward->policy != NULL ? reward->policy->claim_days * MONEY_DAY_MS : 0;
	reward->extended = false;
	set_deadline(check, reward, check->line->at_ms + reward->window_ms);
}

void money_take_extend(struct money_check *check, struct money_act *act)
{
	struct money_reward *reward = act->reward;
	int64_t days = 0;

	if (!money_line_number(check->line, "days", &days) || days < 1 || days > reward->window_ms / MONEY_DAY_MS)
		money_broken(check, MONEY_I18_EXPIRY, "extended by more than the window");
	if (reward->extended)
		money_broken(check, MONEY_I18_EXPIRY, "extended a second time");
	if (!reward->held && check->line->at_ms >= reward->deadline_ms)
		money_broken(check, MONEY_I18_EXPIRY, "extended after the deadline");
	reward->extended = true;
	if (days <= DAYS_MAX)
		set_deadline(check, reward, reward->deadline_ms + days * MONEY_DAY_MS);
}

void money_take_expire(struct money_check *check, struct money_act *act)
{
	if (check->line->at_ms < act->reward->deadline_ms)
		money_broken(check, MONEY_I18_EXPIRY, "expired before its deadline");
	money_cancel_rest(check, act->reward);
}

static void in_time(struct money_check *check, const struct money_act *act)
{
	if (act->from == MONEY_CLAIMABLE && check->line->at_ms >= act->reward->deadline_ms)
		money_broken(check, MONEY_I18_EXPIRY, "%s at or after the deadline", act->kind->kind);
}

/* --- claims ------------------------------------------------------------------------------------------ */

static void use_nonce(struct money_check *check)
{
	struct span nonce = money_line_text(check->line, "nonce");

	if (span_empty(nonce) || !money_map_add(&check->by_nonce, nonce, NO_SPAN, check->seq))
		money_broken(check, MONEY_I14_IDEMPOTENCY, "a proof is used a second time");
}

static int64_t cooling_ms(const struct money_reward *reward)
{
	return reward->policy != NULL ? reward->policy->cooling_hours * HOUR_MS : 0;
}

static int64_t panel_ms(const struct money_reward *reward)
{
	return reward->policy != NULL ? reward->policy->panel_days * MONEY_DAY_MS : 0;
}

static void bind_payee(struct money_check *check, struct money_act *act, int64_t wait_ms)
{
	struct money_reward *reward = act->reward;

	if (!money_line_number(check->line, "cooling_until", &reward->cooling_ms) ||
	    reward->cooling_ms < check->line->at_ms + wait_ms)
		money_broken(check, MONEY_I12_TRANSITIONS, "the payee may cool for less than it has to");
	if (money_live_attempt(check, reward) != NULL)
		money_broken(check, MONEY_I12_TRANSITIONS, "the payee is changed while an attempt is live");
}

void money_take_claim(struct money_check *check, struct money_act *act)
{
	in_time(check, act);
	use_nonce(check);
	bind_payee(check, act, cooling_ms(act->reward));
}

void money_take_panel(struct money_check *check, struct money_act *act)
{
	in_time(check, act);
	use_nonce(check);
	bind_payee(check, act, panel_ms(act->reward));
}

/* Declined or revoked. */
void money_take_end(struct money_check *check, struct money_act *act)
{
	if (act->to == MONEY_DECLINED) {
		in_time(check, act);
		use_nonce(check);
		if (!span_is(money_line_text(check->line, "confirm"), "1"))
			money_broken(check, MONEY_I12_TRANSITIONS, "declined without a second confirmation");
	}
	if (money_live_attempt(check, act->reward) != NULL)
		money_broken(check, MONEY_I12_TRANSITIONS, "%s while an attempt is live", act->kind->kind);
	money_cancel_rest(check, act->reward);
}

void money_take_reissue(struct money_check *check, struct money_act *act)
{
	struct money_reward *reward = act->reward;

	if (act->vote != NULL && !span_is(act->vote->role, "claimant"))
		money_broken(check, MONEY_I10_SEPARATION, "the informant has to say first where to");
	if (!span_is(check->line->role, "finance"))
		money_broken(check, MONEY_I10_SEPARATION, "finance has to agree");
	bind_payee(check, act, cooling_ms(reward));
	reward->payable += reward->returned;
	reward->returned = 0;
}

/* --- holds ----------------------------------------------------------------------------------------------- */

void money_take_hold(struct money_check *check, struct money_act *act)
{
	struct money_reward *reward = act->reward;

	if (reward->held)
		money_broken(check, MONEY_I12_TRANSITIONS, "it is on hold already");
	if (act->to != act->from)
		money_broken(check, MONEY_I12_TRANSITIONS, "a hold moves nothing");
	reward->held = true;
	reward->held_ms = check->line->at_ms;
	reward->holder = act->staff != NULL ? act->actor : (struct money_actor){ .person = NO_SPAN };
}

/* The claimant's clock stood still. */
void money_take_lift(struct money_check *check, struct money_act *act)
{
	struct money_reward *reward = act->reward;

	if (!reward->held)
		money_broken(check, MONEY_I12_TRANSITIONS, "it is not on hold");
	if (act->to != act->from)
		money_broken(check, MONEY_I12_TRANSITIONS, "lifting a hold moves nothing");
	if (money_same_person(check, &act->actor, &reward->holder))
		money_broken(check, MONEY_I10_SEPARATION, "a hold is lifted by the one who put it");
	reward->held = false;
	if (reward->state == MONEY_CLAIMABLE)
		set_deadline(check, reward, reward->deadline_ms + check->line->at_ms - reward->held_ms);
}
