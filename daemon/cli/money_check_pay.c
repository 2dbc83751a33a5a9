/*
 * Attempts: one at a time (I06), and money that moves only on what is known for
 * sure.
 */
#include "daemon/cli/money_check_parts.h"

#include "daemon/base/memory.h"
#include "daemon/base/table.h"

/* --- attempt states -------------------------------------------------------------------------- */

/* Where an attempt may go from where; the words are those of the journal. */
static const struct flow {
	const char *from, *to;
} flows[] = {
	{ .from = "CREATED", .to = "SENDING CANCELLED" },
	{ .from = "SENDING", .to = "ACCEPTED NEEDS_PAYEE PROCESSING UNKNOWN FAILED CANCELLED SUCCEEDED CANCELLING" },
	{ .from = "ACCEPTED", .to = "ACCEPTED NEEDS_PAYEE PROCESSING UNKNOWN FAILED CANCELLED SUCCEEDED CANCELLING" },
	{ .from = "NEEDS_PAYEE", .to = "ACCEPTED NEEDS_PAYEE PROCESSING UNKNOWN FAILED CANCELLED SUCCEEDED CANCELLING" },
	{ .from = "PROCESSING", .to = "ACCEPTED NEEDS_PAYEE PROCESSING UNKNOWN FAILED CANCELLED SUCCEEDED CANCELLING" },
	{ .from = "UNKNOWN",
	  .to = "SENDING ACCEPTED NEEDS_PAYEE PROCESSING UNKNOWN FAILED CANCELLED SUCCEEDED CANCELLING" },
	{ .from = "CANCELLING", .to = "CANCELLING CANCELLED SUCCEEDED UNKNOWN FAILED" },
	{ .from = "FAILED", .to = "FAILED SUCCEEDED" },
	{ .from = "CANCELLED", .to = "CANCELLED SUCCEEDED" },
	{ .from = "SUCCEEDED", .to = "SUCCEEDED RETURNED" },
	{ .from = "RETURNED", .to = "RETURNED" },
};

static bool word_among(const char *words, struct span word)
{
	struct span rest = span_of(words), one;

	while (span_cut(&rest, ' ', &one))
		if (span_eq(one, word))
			return true;
	return false;
}

/* The state as a literal; empty: there is none of that name. */
static struct span state_of(struct span name)
{
	for (size_t i = 0; i < COUNT_OF(flows); i++)
		if (span_is(name, flows[i].from))
			return span_of(flows[i].from);
	return NO_SPAN;
}

static void move(struct money_check *check, struct money_attempt *attempt, struct span to)
{
	struct span state = state_of(to);

	for (size_t i = 0; i < COUNT_OF(flows); i++)
		if (span_is(attempt->state, flows[i].from) && !word_among(flows[i].to, state))
			money_broken(check, MONEY_I12_TRANSITIONS, "attempt %.*s goes from %s to %.*s",
				     (int)attempt->id.len, attempt->id.at, flows[i].from, (int)to.len, to.at);
	if (!span_empty(state))
		attempt->state = state;
}

/* --- release and start --------------------------------------------------------------------------- */

void money_take_release(struct money_check *check, struct money_act *act)
{
	struct money_reward *reward = act->reward;

	if (reward->policy != NULL && reward->fen > reward->policy->alone_fen)
		money_vote_needed(check, act);
	if (check->line->at_ms < reward->cooling_ms)
		money_broken(check, MONEY_I12_TRANSITIONS, "released while the payee cools");
	money_still_eligible(check, reward);
	reward->source = money_keep(check, money_line_text(check->line, "source"));
}

static void check_first(struct money_check *check, const struct money_act *act, const struct money_attempt *attempt)
{
	const struct money_reward *reward = act->reward;
	const char *id = arena_printf(&check->arena, "%.*s-%zu", (int)reward->id.len, reward->id.at,
				      reward->attempts.n + 1);

	if (money_live_attempt(check, reward) != NULL)
		money_broken(check, MONEY_I06_ONE_ATTEMPT, "%.*s is live already", (int)money_live_attempt(check, reward)->id.len,
			     money_live_attempt(check, reward)->id.at);
	if (!span_is(attempt->id, id))
		money_broken(check, MONEY_I12_TRANSITIONS, "the next attempt is %s", id);
	if (attempt->fen <= 0 || attempt->fen > reward->payable)
		money_broken(check, MONEY_I05_PAID_ONCE, "an attempt of %lld fen, %lld are owed", (long long)attempt->fen,
			     (long long)reward->payable);
}

void money_take_start(struct money_check *check, struct money_act *act)
{
	struct money_attempt *attempt = arena_new(&check->store, struct money_attempt);
	const struct money_line *line = check->line;

	attempt->id = money_keep(check, money_line_text(line, "attempt"));
	attempt->rail = money_keep(check, money_line_text(line, "rail"));
	attempt->instruction = money_keep(check, money_line_text(line, "instruction"));
	attempt->number = (int64_t)act->reward->attempts.n + 1;
	attempt->state = SPAN("CREATED");
	attempt->reward = money_map_get(&check->by_reward, act->reward->id, NO_SPAN);
	attempt->source = act->reward->source;
	(void)money_fen(check, "fen", &attempt->fen);
	check_first(check, act, attempt);
	money_instruction_look(check, act->reward, attempt);
	money_still_eligible(check, act->reward);
	act->reward->payable -= attempt->fen;
	act->attempt = attempt;
	*(size_t *)money_list_add(&act->reward->attempts, sizeof(size_t)) = check->attempts.n;
	money_map_add(&check->by_attempt, attempt->id, NO_SPAN, check->attempts.n);
	money_list_push(&check->attempts, attempt);
}

void money_take_send(struct money_check *check, struct money_act *act)
{
	move(check, act->attempt, money_line_text(check->line, "to"));
	if (!span_is(act->attempt->state, "SENDING"))
		money_broken(check, MONEY_I12_TRANSITIONS, "what is sent is SENDING");
	if (!span_empty(act->attempt->seen))
		money_broken(check, MONEY_I05_PAID_ONCE, "sent, and it was begun for a debit of a statement");
	act->attempt->sent = true;
	act->to = act->from;
}

/* --- what is reported --------------------------------------------------------------------------------- */

static void pay(struct money_check *check, struct money_act *act)
{
	struct money_reward *reward = act->reward;

	reward->paid += act->attempt->fen;
	reward->paid_ms = check->line->at_ms;
	reward->succeeded += act->attempt->fen;
	act->attempt->paid_ms = check->line->at_ms;
	act->attempt->paid_seq = check->seq;
}

static void expect(struct money_check *check, const struct money_act *act, bool fits)
{
	if (!fits)
		money_broken(check, MONEY_I12_TRANSITIONS, "attempt %.*s is %.*s, and the reward goes from %s to %s",
			     (int)act->attempt->id.len, act->attempt->id.at, (int)act->attempt->state.len,
			     act->attempt->state.at, money_state_name(act->from), money_state_name(act->to));
}

static void hold_all_of(struct money_check *check, const struct money_reward *reward)
{
	size_t at = money_map_get(&check->by_claimant, reward->claimant, NO_SPAN);

	for (; at != MONEY_MAP_NONE; at = money_reward_at(check, at)->next_of_claimant) {
		struct money_reward *other = money_reward_at(check, at);

		if (other->held || other->state >= MONEY_REJECTED)
			continue;
		other->held = true;
		other->held_ms = check->line->at_ms;
		other->holder = (struct money_actor){ .person = NO_SPAN, .deputy_of = NO_SPAN };
		other->last_seq = check->seq;
	}
}

/* A5: paid after it was said not to be. */
static void take_late(struct money_check *check, struct money_act *act)
{
	struct money_reward *reward = act->reward;
	bool open = act->from == MONEY_CLAIMED || act->from == MONEY_RELEASED;

	if (open && reward->payable >= act->attempt->fen) {
		reward->payable -= act->attempt->fen;
		pay(check, act);
		expect(check, act, act->to == (reward->payable == 0 ? MONEY_PAID : act->from));
		return;
	}
	reward->overpaid += act->attempt->fen;
	reward->succeeded += act->attempt->fen;
	act->attempt->paid_ms = check->line->at_ms;
	act->attempt->paid_seq = check->seq;
	act->attempt->overpaid = true;
	expect(check, act, act->to == act->from);
	hold_all_of(check, reward);
}

static void take_success(struct money_check *check, struct money_act *act, bool was_live)
{
	int64_t fen = 0;

	if (!money_fen(check, "fen", &fen) || fen != act->attempt->fen)
		money_broken(check, MONEY_I05_PAID_ONCE, "a success of %lld fen, the attempt is of %lld", (long long)fen,
			     (long long)act->attempt->fen);
	if (!was_live) {
		take_late(check, act);
		return;
	}
	pay(check, act);
	expect(check, act, act->from == MONEY_PAYING && act->to == (act->reward->payable == 0 ? MONEY_PAID : MONEY_RELEASED));
}

static void take_failure(struct money_check *check, struct money_act *act)
{
	act->reward->payable += act->attempt->fen;
	expect(check, act, act->from == MONEY_PAYING && (act->to == MONEY_RELEASED || act->to == MONEY_CLAIMED));
	if (span_is(money_line_text(check->line, "fault"), "payee") && act->to != MONEY_CLAIMED)
		expect(check, act, false);
}

static void take_return(struct money_check *check, struct money_act *act)
{
	struct money_reward *reward = act->reward;

	reward->succeeded -= act->attempt->fen;
	if (act->attempt->overpaid) {
		reward->overpaid -= act->attempt->fen;
		expect(check, act, act->to == act->from);
		return;
	}
	expect(check, act, act->to == (act->from == MONEY_PAID ? MONEY_RETURNED_TO_US : act->from));
	if (act->from == MONEY_EXPIRED || act->from == MONEY_DECLINED || act->from == MONEY_REVOKED) {
		money_cancel_paid(check, reward, act->attempt->fen);
		return;
	}
	reward->paid -= act->attempt->fen;
	if (act->from == MONEY_REVERSED) {
		reward->cancelled += act->attempt->fen;
		reward->clawback -= act->attempt->fen;
		return;
	}
	if (act->from == MONEY_CLOSED)
		money_broken(check, MONEY_I12_TRANSITIONS, "money came back to a reward that is closed");
	if (act->from == MONEY_PAID || act->from == MONEY_RETURNED_TO_US)
		reward->returned += act->attempt->fen;
	else
		reward->payable += act->attempt->fen;
}

/* answer < webhook < query < statement */
static int rank_of(struct span by)
{
	static const char *const ranks[] = { "answer", "webhook", "query", "statement" };

	for (size_t i = 0; i < COUNT_OF(ranks); i++)
		if (span_is(by, ranks[i]))
			return (int)i;
	return -1;
}

/* Once it is told how it ended, the call's own answer says nothing else, nor does what is less sure (A4). */
static void check_evidence(struct money_check *check, struct money_attempt *attempt, bool was_live)
{
	int rank = rank_of(money_line_text(check->line, "by"));

	if (rank < 0 || (!was_live && (rank == 0 || rank < attempt->rank)))
		money_broken(check, MONEY_I12_TRANSITIONS, "an attempt that had ended is moved by something less sure");
	attempt->rank = rank;
}

/* Where a payment was really taken from, or came back to. */
static void note_account(struct money_check *check, struct money_attempt *attempt)
{
	struct span told = money_line_text(check->line, "source");

	if (span_is(attempt->state, "SUCCEEDED") && !span_empty(told))
		attempt->source = money_keep(check, told);
	if (span_is(attempt->state, "RETURNED"))
		attempt->back = span_empty(told) ? attempt->source : money_keep(check, told);
}

/* Who brought the statement that says it came back does not send it out again. */
static void note_importer(struct money_check *check, struct money_act *act)
{
	const struct money_actor *importer = money_line_importer(check);

	if (importer != NULL && span_is(act->attempt->state, "RETURNED"))
		money_staff_did(&act->reward->did, importer, MONEY_PART_IMPORTER, 0);
}

void money_take_observe(struct money_check *check, struct money_act *act)
{
	struct money_attempt *attempt = act->attempt;
	struct span before = attempt->state;
	bool was_live = money_attempt_is_live(attempt);

	if (!attempt->sent)
		money_broken(check, MONEY_I12_TRANSITIONS, "%.*s was never sent", (int)attempt->id.len, attempt->id.at);
	money_line_look(check, attempt);
	if (!span_eq(before, money_line_text(check->line, "attempt_to")))
		move(check, attempt, money_line_text(check->line, "attempt_to"));
	if (span_eq(before, attempt->state)) {
		expect(check, act, act->to == act->from);
		if (span_eq(before, money_line_text(check->line, "state")) &&
		    rank_of(money_line_text(check->line, "by")) > attempt->rank)
			attempt->rank = rank_of(money_line_text(check->line, "by"));
		return;
	}
	check_evidence(check, attempt, was_live);
	note_importer(check, act);
	note_account(check, attempt);
	/* That the rail does not know it is neither success nor failure. */
	if (!span_eq(attempt->state, span_is(money_line_text(check->line, "state"), "NOT_FOUND")
					     ? SPAN("UNKNOWN") : money_line_text(check->line, "state")))
		money_broken(check, MONEY_I12_TRANSITIONS, "the attempt becomes what was not reported");
	if (span_is(attempt->state, "SUCCEEDED"))
		take_success(check, act, was_live);
	else if (span_is(attempt->state, "FAILED") || span_is(attempt->state, "CANCELLED"))
		take_failure(check, act);
	else if (span_is(attempt->state, "RETURNED"))
		take_return(check, act);
	else
		expect(check, act, act->to == act->from);
}

void money_take_cancel(struct money_check *check, struct money_act *act)
{
	move(check, act->attempt, money_line_text(check->line, "attempt_to"));
	if (span_is(act->attempt->state, "CANCELLED"))
		take_failure(check, act);
	else
		expect(check, act, act->to == act->from && span_is(act->attempt->state, "CANCELLING"));
}
