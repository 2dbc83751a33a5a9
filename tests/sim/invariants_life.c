/*
 * Lives: only the legal moves, nothing after the end, one live attempt,
 * instruction ids that derive again, nobody paid twice for a case (I06, I12,
 * I15, I19, I20).
 */
#include "tests/sim/invariants_state.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

/* --- the table of moves, once more ------------------------------------------------------ */

#define S(state) (1u << REWARD_##state)
#define OPEN ((1u << REWARD_REJECTED) - 1)   /* not over */
#define OWING (S(APPROVED) | S(CLAIMABLE) | S(CLAIMED) | S(RELEASED) | S(RETURNED))

static const struct move {
	const char *kind;
	unsigned from, to;
	bool stays;        /* or the state stays as it is */
	bool held;         /* also on hold */
	enum reward_event event;
} moves[] = {
	{ "reward.submit", S(DRAFT), S(IN_REVIEW), false, false, REWARD_EV_SUBMIT },
	{ "reward.approve", S(IN_REVIEW), S(IN_REVIEW) | S(APPROVED) | S(AWAITING_FUNDS), false, false, REWARD_EV_APPROVE_STEP },
	{ "reward.funds", S(AWAITING_FUNDS), S(APPROVED) | S(IN_REVIEW), false, false, REWARD_EV_FUNDS },
	{ "reward.return", S(IN_REVIEW), S(DRAFT), false, true, REWARD_EV_RETURN },
	{ "reward.reject", S(IN_REVIEW), S(REJECTED), false, true, REWARD_EV_REJECT },
	{ "reward.withdraw", S(DRAFT) | S(IN_REVIEW) | S(AWAITING_FUNDS), S(WITHDRAWN), false, true, REWARD_EV_WITHDRAW },
	{ "reward.publish", S(APPROVED), S(CLAIMABLE), false, false, REWARD_EV_PUBLISH },
	{ "reward.claim", S(CLAIMABLE), S(CLAIMED), false, false, REWARD_EV_CLAIM },
	{ "reward.change_payee", S(CLAIMED) | S(RELEASED), S(CLAIMED), false, false, REWARD_EV_CHANGE_PAYEE },
	{ "reward.panel", S(CLAIMABLE) | S(CLAIMED) | S(RELEASED), S(CLAIMED), false, false, REWARD_EV_CLAIM },
	{ "reward.decline", S(CLAIMABLE) | S(CLAIMED), S(DECLINED), false, false, REWARD_EV_DECLINE },
	{ "reward.expire", S(CLAIMABLE), S(EXPIRED), false, false, REWARD_EV_EXPIRE },
	{ "reward.extend", S(CLAIMABLE), S(CLAIMABLE), false, true, REWARD_EV_EXTEND },
	{ "reward.reinstate", S(EXPIRED), S(CLAIMABLE), false, false, REWARD_EV_REINSTATE },
	{ "reward.hold", OPEN, 0, true, false, REWARD_EV_HOLD },
	{ "reward.lift", OPEN, 0, true, true, REWARD_EV_HOLD },
	{ "reward.release", S(CLAIMED), S(RELEASED), false, false, REWARD_EV_RELEASE },
	{ "attempt.start", S(RELEASED), S(PAYING), false, false, REWARD_EV_START },
	{ "attempt.cancel", S(PAYING), S(CLAIMED), false, true, REWARD_EV_FAILED },
	{ "reward.reissue", S(RETURNED), S(CLAIMED), false, false, REWARD_EV_REISSUE },
	{ "reward.revoke", OWING, S(REVOKED), false, true, REWARD_EV_REVOKE },
	{ "reward.void", S(PAID), S(REVERSED), false, true, REWARD_EV_VOID },
	{ "reward.offset", S(CLAIMED) | S(RELEASED), S(PAID), true, true, REWARD_EV_LATE_SUCCESS },
	{ "reward.close", S(PAID), S(CLOSED), false, false, REWARD_EV_CLOSE },
};

static const struct move *move_of(struct span kind)
{
	for (size_t i = 0; i < sizeof(moves) / sizeof(moves[0]); i++)
		if (span_is(kind, moves[i].kind))
			return &moves[i];
	return NULL;
}

enum reward_event coverage_event(struct span kind)
{
	const struct move *move = move_of(kind);

	return move != NULL ? move->event : REWARD_EVENTS;
}

static void count(struct coverage *coverage, enum reward_state from, enum reward_event on, enum reward_state to)
{
	if (coverage != NULL)
		coverage->rewards[from][on][to]++;
}

/* --- birth --------------------------------------------------------------------------------------- */

bool inv_counts(const struct owed *owed)
{
	return owed->state != REWARD_REJECTED && owed->state != REWARD_WITHDRAWN && owed->state != REWARD_DECLINED &&
	       owed->state != REWARD_REVOKED && owed->state != REWARD_REVERSED;
}

static const struct policy *policy_of(const struct invariants *inv, struct span hash)
{
	char digits[65];

	for (size_t i = 0; i < inv->npolicies; i++) {
		for (size_t b = 0; b < POLICY_HASH_BYTES; b++)
			snprintf(digits + 2 * b, 3, "%02x", policy_hash(inv->policies[i])[b]);
		if (span_is(hash, digits))
			return inv->policies[i];
	}
	return NULL;
}

static int64_t paid(const struct owed *owed)
{
	int64_t fen = owed->offset;

	for (size_t i = 0; i < owed->ntried; i++)
		if (owed->tried[i].state == ATTEMPT_SUCCEEDED && !owed->tried[i].overpaid)
			fen += owed->tried[i].fen;
	return fen;
}

/* Nobody twice for a case, and all of a case within its cap, with what was paid of rewards that are over. */
static bool within_case(struct invariants *inv, const struct owed *born, const struct policy *policy)
{
	int64_t sum = 0;

	for (size_t i = 0; i < inv->rewards.n; i++) {
		const struct owed *other = &inv->owed[i];

		if (strcmp(other->case_id, born->case_id) != 0)
			continue;
		if (other != born && inv_counts(other) && strcmp(other->claimant, born->claimant) == 0)
			return inv_fail(inv, "I15", "%s is for the same case and claimant", other->id);
		if (other != born && inv_counts(other) && strcmp(other->tip, born->tip) == 0 && other->member == born->member)
			return inv_fail(inv, "I15", "%s is for the same share", other->id);
		sum += inv_counts(other) ? other->fen : other->state != REWARD_REVERSED ? paid(other) : 0;
	}
	if (sum > policy_case_cap(policy))
		return inv_fail(inv, "I15", "%lld fen for %s, the cap is %lld", (long long)sum, born->case_id,
				(long long)policy_case_cap(policy));
	return true;
}

/* The tip's line of `facts`: received before the police knew, or signed as more detailed. */
static bool came_first(struct invariants *inv, const struct owed *born)
{
	int64_t known_ms = inv_number(inv, "known_at"), at_ms = 0;
	const struct json_member *facts = json_member_find(&inv->data, "facts");
	struct json_array array;
	struct json_member line;

	if (known_ms == 0 || facts == NULL || !json_array_within(inv->record.data, facts, &array))
		return facts != NULL || inv_fail(inv, "I19", "no facts");
	while (json_array_next(&array, &inv->arena, &line)) {
		struct span rest = line.text, id, at;

		span_cut(&rest, ' ', &id);
		span_cut(&rest, ' ', &at);
		if (!span_is(id, born->tip))
			continue;
		money_read(span_from_offset(at, strlen("at=")), false, &at_ms);
		if (at_ms >= known_ms && span_find(rest, SPAN("detailed=1")) == rest.len)
			return inv_fail(inv, "I19", "the police knew before tip %s", born->tip);
	}
	return true;
}

static void take_born(const struct invariants *inv, struct owed *born)
{
	const struct known_case *known;
	size_t index = names_find(&inv->cases, inv_text(inv, "case"));

	snprintf(born->id, sizeof(born->id), "R%llu", (unsigned long long)inv->record.seq);
	INV_PUT(born->case_id, inv_text(inv, "case"));
	INV_PUT(born->claimant, inv_text(inv, "claimant"));
	INV_PUT(born->tip, inv_text(inv, "tip"));
	INV_PUT(born->programme, inv_text(inv, "programme"));
	born->member = (unsigned)inv_number(inv, "member");
	born->fen = inv_number(inv, "fen");
	born->tax_fen = inv_number(inv, "tax");
	known = index != NAMES_NONE ? &inv->known[index] : NULL;
	INV_PUT(born->bureau, span_of(known != NULL ? known->bureau : ""));
	born->dids.at = inv_room(NULL, &born->dids.size, 0, sizeof(*born->dids.at));
	born->dids.at[born->dids.n++].part = 'p';
	INV_PUT(born->dids.at[0].person, inv->record.person);
	INV_PUT(born->dids.at[0].deputy_of, span_of(inv_deputy_of(inv)));
	born->dids.at[0].at_ms = inv->record.at_ms;
}

static bool take_propose(struct invariants *inv, struct coverage *coverage)
{
	const struct policy *policy = policy_of(inv, inv_text(inv, "policy"));
	size_t index = names_add(&inv->rewards, inv->record.subject);
	struct owed *born;
	int64_t tax = 0;

	inv->owed = inv_room(inv->owed, &inv->owed_size, index, sizeof(*inv->owed));
	born = inv->of = &inv->owed[index];
	take_born(inv, born);
	born->policy = policy;
	if (policy == NULL || !span_is(inv_text(inv, "to"), "DRAFT") || !span_is(inv->record.subject, born->id))
		return inv_fail(inv, "I12", "a birth that is none");
	if (!money_scale(born->fen, policy_tax_bp(policy), POLICY_BP, &tax) || tax != born->tax_fen || born->fen <= 0)
		return inv_fail(inv, "I11", "the tax of %lld is %lld", (long long)born->fen, (long long)tax);
	if (coverage != NULL)
		coverage->rewards[REWARD_DRAFT][REWARD_EV_PROPOSE][REWARD_DRAFT]++;
	return within_case(inv, born, policy) && came_first(inv, born);
}

/* --- attempts -------------------------------------------------------------------------------------- */

/* RFC 4648 base32 of the MAC over case, claimant and ordinal, bit by bit. */
void inv_derive(const struct invariants *inv, const struct owed *owed, unsigned ordinal, char out[INSTRUCTION_ID_LEN + 1])
{
	unsigned char mac[crypto_auth_hmacsha256_BYTES];
	char name[128];
	int len = snprintf(name, sizeof(name), "%s\n%s\n%u", owed->case_id, owed->claimant, ordinal);

	crypto_auth_hmacsha256(mac, (const unsigned char *)name, (unsigned)len, inv->key);
	for (size_t i = 0; i < INSTRUCTION_ID_LEN; i++) {
		unsigned digit = 0;

		for (size_t bit = 5 * i; bit < 5 * i + 5; bit++)
			digit = digit << 1 | (mac[bit / 8] >> (7 - bit % 8) & 1);
		out[i] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[digit];
	}
	out[INSTRUCTION_ID_LEN] = '\0';
}

/* The last instruction of that claimant for that case that may have gone out. */
static unsigned last_sent(const struct invariants *inv, const struct owed *owed)
{
	unsigned last = 0;

	for (size_t i = 0; i < inv->rewards.n; i++) {
		const struct owed *other = &inv->owed[i];

		for (size_t n = 0; n < other->ntried && inv_same_payment(other, owed); n++)
			if (other->tried[n].sent && other->tried[n].ordinal > last)
				last = other->tried[n].ordinal;
	}
	return last;
}

/* Begun for a debit it may be any that was lost; else it is the next one. */
static bool derives(const struct invariants *inv, const struct owed *owed, struct tried *tried)
{
	unsigned next = last_sent(inv, owed) + 1;
	char id[INSTRUCTION_ID_LEN + 1];

	for (tried->ordinal = tried->sent ? 1 : next; tried->ordinal < next + (tried->sent ? 16 : 1); tried->ordinal++) {
		inv_derive(inv, owed, tried->ordinal, id);
		if (strcmp(id, tried->instruction) == 0)
			return true;
	}
	return false;
}

static bool take_start(struct invariants *inv)
{
	struct owed *owed = inv->of;
	struct tried *tried;
	char name[48];

	for (size_t i = 0; i < owed->ntried; i++)
		if (attempt_live(owed->tried[i].state))
			return inv_fail(inv, "I06", "%s-%zu is still live", owed->id, i + 1);
	if (owed->overpaid > 0)
		return inv_fail(inv, "I05", "%s is paid again, with %lld fen of it overpaid already", owed->id,
				(long long)owed->overpaid);
	owed->tried = realloc(owed->tried, (owed->ntried + 1) * sizeof(*owed->tried));
	tried = &owed->tried[owed->ntried++];
	*tried = (struct tried){ .state = ATTEMPT_CREATED, .fen = inv_number(inv, "fen") };
	tried->sent = !span_empty(inv_text(inv, "line"));
	if (tried->sent)
		tried->state = ATTEMPT_UNKNOWN;
	if (inv->quarantine && !tried->sent)
		return inv_fail(inv, "I05", "started before the restore was reconciled");
	INV_PUT(tried->instruction, inv_text(inv, "instruction"));
	INV_PUT(tried->payee, inv_text(inv, "payee"));
	INV_PUT(tried->rail, inv_text(inv, "rail"));
	snprintf(name, sizeof(name), "%s-%zu", owed->id, owed->ntried);
	if (!derives(inv, owed, tried) || !span_is(inv_text(inv, "attempt"), name))
		return inv_fail(inv, "I20", "the instruction of %s is not derived", name);
	if (tried->fen > owed->payable)
		return inv_fail(inv, "I04", "%s is of %lld, owed are %lld", name, (long long)tried->fen, (long long)owed->payable);
	return true;
}

static struct tried *tried_of(const struct invariants *inv)
{
	struct span subject = inv->record.subject;
	uint64_t number = 0;

	if (inv->of == NULL || !span_u64(span_from_offset(subject, span_find(subject, SPAN("-")) + 1), &number) ||
	    number == 0 || number > inv->of->ntried)
		return NULL;
	return &inv->of->tried[number - 1];
}

/* How it ended is told anew only by something surer (A4). */
static bool surer(struct invariants *inv, struct tried *tried, enum attempt_state from, enum attempt_state to)
{
	enum evidence by = EVIDENCE_ANSWER;

	if (!inv_is(inv, "attempt.observe"))
		return true;
	if (!evidence_parse(inv_text(inv, "by"), &by))
		return inv_fail(inv, "I12", "by no evidence");
	if (from != to && !attempt_live(from) && (by == EVIDENCE_ANSWER || by < tried->by))
		return inv_fail(inv, "I12", "%s, known by %s, follows from %s", attempt_state_name(to), evidence_name(tried->by),
				evidence_name(by));
	if (from != to || (span_is(inv_text(inv, "state"), attempt_state_name(to)) && by > tried->by))
		tried->by = by;
	return true;
}

/* Money moves with a posting and nothing else does. */
static bool moves_money(struct invariants *inv, enum attempt_state from, enum attempt_state to)
{
	bool ends = from != to && (to >= ATTEMPT_FAILED);
	bool posts = inv->record.entry.nlegs > 0;

	return ends == posts || inv_fail(inv, "I05", "%s to %s with%s an entry", attempt_state_name(from), attempt_state_name(to),
					 posts ? "" : "out");
}

static bool take_attempt(struct invariants *inv, struct coverage *coverage, enum attempt_state *from, enum attempt_state *to)
{
	struct tried *tried = tried_of(inv);
	struct span told = inv_text(inv, inv_is(inv, "attempt.send") ? "to" : "attempt_to");

	if (tried == NULL)
		return inv_fail(inv, "I12", "of no attempt");
	*from = *to = tried->state;
	if (inv_is(inv, "attempt.query"))
		return true;
	if (inv->quarantine && (inv_is(inv, "attempt.send") || span_is(inv->record.role, "cashier")))
		return inv_fail(inv, "I05", "paid before the restore was reconciled");
	tried->sent = tried->sent || inv_is(inv, "attempt.send");
	if (!attempt_state_parse(told, to))
		return inv_fail(inv, "I12", "to no state");
	if (*from == ATTEMPT_SUCCEEDED && *to != ATTEMPT_SUCCEEDED && *to != ATTEMPT_RETURNED)
		return inv_fail(inv, "I12", "%s follows a success", attempt_state_name(*to));
	if (*from == ATTEMPT_RETURNED && *to != ATTEMPT_RETURNED)
		return inv_fail(inv, "I12", "%s follows a return", attempt_state_name(*to));
	if (!attempt_live(*from) && attempt_live(*to))
		return inv_fail(inv, "I12", "%s lives again", attempt_state_name(*from));
	if (inv_is(inv, "attempt.send") && *from != ATTEMPT_CREATED && *from != ATTEMPT_UNKNOWN)
		return inv_fail(inv, "I12", "sent from %s", attempt_state_name(*from));
	if (*to == ATTEMPT_SUCCEEDED && *from != ATTEMPT_SUCCEEDED && inv_number(inv, "fen") != tried->fen)
		return inv_fail(inv, "I05", "paid another amount");
	if (!surer(inv, tried, *from, *to))
		return false;
	tried->state = *to;
	tried->overpaid = tried->overpaid || span_starts(span_of(inv->record.entry.id), SPAN("L11:"));
	if (coverage != NULL && *from != *to)
		coverage->attempts[*from][*to]++;
	return moves_money(inv, *from, *to);
}

/* What a report means for the reward. */
static enum reward_event event_of(enum attempt_state from, enum attempt_state to)
{
	if (from == to)
		return REWARD_EV_UNKNOWN;
	if (to == ATTEMPT_SUCCEEDED)
		return attempt_live(from) ? REWARD_EV_SUCCESS : REWARD_EV_LATE_SUCCESS;
	if (to == ATTEMPT_FAILED || to == ATTEMPT_CANCELLED)
		return REWARD_EV_FAILED;
	return to == ATTEMPT_RETURNED ? REWARD_EV_RETURNED : REWARD_EV_UNKNOWN;
}

/* All of the claimant's that is open stops with an overpayment. */
static void hold_all(struct invariants *inv)
{
	for (size_t i = 0; i < inv->rewards.n; i++)
		if (strcmp(inv->owed[i].claimant, inv->of->claimant) == 0 && !reward_terminal(inv->owed[i].state) &&
		    !inv->owed[i].held) {
			inv->owed[i].held = true;
			INV_PUT(inv->owed[i].holder, inv->record.person);
			inv->owed[i].holder_for[0] = '\0';
		}
}

static bool take_observe(struct invariants *inv, struct coverage *coverage)
{
	struct owed *owed = inv->of;
	enum attempt_state from, to;
	enum reward_state before = owed != NULL ? owed->state : REWARD_DRAFT, after;
	enum reward_event event;

	if (!take_attempt(inv, coverage, &from, &to))
		return false;
	event = event_of(from, to);
	after = before;
	if (!span_empty(inv_text(inv, "to")) && !reward_state_parse(inv_text(inv, "to"), &after))
		return inv_fail(inv, "I12", "to no state");
	if (event == REWARD_EV_SUCCESS && after != REWARD_PAID && after != REWARD_RELEASED)
		return inv_fail(inv, "I12", "a success leads to %s", reward_state_name(after));
	if (event == REWARD_EV_FAILED && after != REWARD_CLAIMED && after != REWARD_RELEASED)
		return inv_fail(inv, "I12", "a failure leads to %s", reward_state_name(after));
	if (event == REWARD_EV_LATE_SUCCESS && after != before &&
	    !((before == REWARD_CLAIMED || before == REWARD_RELEASED) && after == REWARD_PAID))
		return inv_fail(inv, "I12", "a late success leads from %s to %s", reward_state_name(before), reward_state_name(after));
	if (event == REWARD_EV_RETURNED && after != before && !(before == REWARD_PAID && after == REWARD_RETURNED))
		return inv_fail(inv, "I12", "a return leads from %s to %s", reward_state_name(before), reward_state_name(after));
	if (event == REWARD_EV_UNKNOWN && after != before)
		return inv_fail(inv, "I12", "moved by no news");
	owed->state = after;
	if (span_is(inv_text(inv, "incident"), "overpaid"))
		hold_all(inv);
	if (from != to || event != REWARD_EV_UNKNOWN || to == ATTEMPT_UNKNOWN)
		count(coverage, before, event, after);
	return true;
}

/* --- moves ------------------------------------------------------------------------------------------- */

static bool in_time(struct invariants *inv, const struct owed *owed)
{
	int64_t now_ms = inv->record.at_ms;
	bool claims = inv_is(inv, "reward.claim") || inv_is(inv, "reward.decline") || inv_is(inv, "reward.panel");

	if (claims && owed->state == REWARD_CLAIMABLE && now_ms >= owed->deadline_ms)
		return inv_fail(inv, "I18", "past the deadline");
	if (inv_is(inv, "reward.expire") && now_ms < owed->deadline_ms)
		return inv_fail(inv, "I18", "before the deadline");
	if (inv_is(inv, "reward.release") && now_ms < owed->cooling_ms)
		return inv_fail(inv, "I12", "before the cooling time is over");
	return true;
}

static int64_t cooling_of(const struct invariants *inv, const struct owed *owed)
{
	return inv_is(inv, "reward.panel") ? policy_panel_wait_days(owed->policy) * DAY
					   : policy_payee_cooling_hours(owed->policy) * (DAY / 24);
}

static bool note(struct invariants *inv, struct owed *owed)
{
	if (!span_empty(inv_text(inv, "deadline")))
		owed->deadline_ms = inv_number(inv, "deadline");
	if (!span_empty(inv_text(inv, "cooling_until")))
		owed->cooling_ms = inv_number(inv, "cooling_until");
	if (owed->state == REWARD_CLAIMED && !span_empty(inv_text(inv, "cooling_until")) &&
	    owed->cooling_ms != inv->record.at_ms + cooling_of(inv, owed))
		return inv_fail(inv, "I12", "the payee cools for another time");
	if (!span_empty(inv_text(inv, "round")))
		owed->round = (unsigned)inv_number(inv, "round");
	if (!span_empty(inv_text(inv, "book")))
		INV_PUT(owed->book, inv_text(inv, "book"));
	if (inv_is(inv, "reward.hold") || inv_is(inv, "reward.lift")) {
		owed->held = inv_is(inv, "reward.hold");
		INV_PUT(owed->holder, owed->held ? inv->record.person : span_of(""));
		INV_PUT(owed->holder_for, span_of(owed->held ? inv_deputy_of(inv) : ""));
		owed->held_ms = inv->record.at_ms;
	}
	return true;
}

static enum reward_event event_told(const struct invariants *inv, const struct move *move, enum reward_state before,
				    enum reward_state after)
{
	if (move->event == REWARD_EV_APPROVE_STEP && after != REWARD_IN_REVIEW)
		return REWARD_EV_APPROVE_FINAL;
	return inv_is(inv, "reward.panel") && before != REWARD_CLAIMABLE ? REWARD_EV_CHANGE_PAYEE : move->event;
}

static bool nonce_once(struct invariants *inv)
{
	size_t n = inv->nonces.n;

	if (span_empty(inv_text(inv, "nonce")))
		return true;
	return names_add(&inv->nonces, inv_text(inv, "nonce")) == n || inv_fail(inv, "I14", "the proof was used before");
}

static bool take_move(struct invariants *inv, const struct move *move, struct coverage *coverage)
{
	struct owed *owed = inv->of;
	enum reward_state after = REWARD_STATES, before;

	if (owed == NULL || !reward_state_parse(inv_text(inv, "to"), &after))
		return inv_fail(inv, "I12", "of no reward, or to no state");
	before = owed->state;
	if ((move->from & 1u << before) == 0 || !((move->to & 1u << after) != 0 || (move->stays && after == before)))
		return inv_fail(inv, "I12", "%s to %s", reward_state_name(before), reward_state_name(after));
	if (owed->held && !move->held)
		return inv_fail(inv, "I12", "%s is on hold", owed->id);
	if (!in_time(inv, owed) || !nonce_once(inv))
		return false;
	count(coverage, before, event_told(inv, move, before, after), after);
	owed->state = after;
	return note(inv, owed) && (!inv_is(inv, "attempt.start") || take_start(inv));
}

/* --- the whole ------------------------------------------------------------------------------------------ */

static bool take_draft(struct invariants *inv)
{
	struct policy *policy = policy_load("policy", inv_text(inv, "text"), inv->why);

	if (policy == NULL)
		return false;
	inv->policies = realloc(inv->policies, (inv->npolicies + 1) * sizeof(struct policy *));
	inv->policies[inv->npolicies++] = policy;
	return true;
}

/* All that is open may have been sent. */
static bool take_restored(struct invariants *inv)
{
	int64_t open = 0;

	for (size_t i = 0; i < inv->rewards.n; i++)
		for (size_t n = 0; n < inv->owed[i].ntried; n++) {
			struct tried *tried = &inv->owed[i].tried[n];

			if (!attempt_live(tried->state))
				continue;
			tried->state = ATTEMPT_UNKNOWN;
			tried->by = EVIDENCE_ANSWER;
			tried->sent = true;
			open++;
		}
	inv->quarantine = true;
	return open == inv_number(inv, "attempts") || inv_fail(inv, "I12", "%lld attempts were open", (long long)open);
}

static bool take_reconciled(struct invariants *inv)
{
	bool was = inv->quarantine;

	inv->quarantine = false;
	return was || inv_fail(inv, "I12", "nothing was restored");
}

bool inv_life(struct invariants *inv, struct coverage *coverage)
{
	const struct move *move = move_of(inv->record.kind);
	enum attempt_state from, to;

	/* The informant's half of a reissue is proved; of a panel only the act uses its papers up. */
	if (inv_is(inv, "vote"))
		return !span_is(inv_text(inv, "act"), "reward.reissue") || nonce_once(inv);
	if (inv_is(inv, "policy.draft"))
		return take_draft(inv);
	if (inv_is(inv, "book.restored"))
		return take_restored(inv);
	if (inv_is(inv, "book.reconciled"))
		return take_reconciled(inv);
	if (inv_is(inv, "reward.propose"))
		return take_propose(inv, coverage);
	if (inv_is(inv, "attempt.send") || inv_is(inv, "attempt.query"))
		return take_attempt(inv, coverage, &from, &to);
	if (inv_is(inv, "attempt.observe"))
		return take_observe(inv, coverage);
	if (inv_is(inv, "attempt.cancel")) {
		if (!take_attempt(inv, coverage, &from, &to))
			return false;
		return to != ATTEMPT_CANCELLED || take_move(inv, move, coverage);
	}
	return move == NULL || take_move(inv, move, coverage);
}
