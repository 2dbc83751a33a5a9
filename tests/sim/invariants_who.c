/*
 * Who did it: registered for that person as of the time, with the role, the
 * region, and no part before that excludes it; two persons where two are
 * asked for (I10). Written from the table of the documentation, by person.
 */
#include "tests/sim/invariants_state.h"

#include <stdio.h>

/* --- the register ---------------------------------------------------------------------- */

static unsigned role_bit(struct span name)
{
	for (unsigned role = 1; role <= MONEY_CLAIMANT; role <<= 1)
		if (span_is(name, money_role_name((enum money_role)role)))
			return role;
	return 0;
}

/* The elements of a list in the data, one call each. */
static size_t read_list(struct invariants *inv, const char *name, struct span *out, size_t max)
{
	const struct json_member *member = json_member_find(&inv->data, name);
	struct json_array array;
	struct json_member element;
	size_t n = 0;

	if (member == NULL || !json_array_within(inv->record.data, member, &array))
		return 0;
	while (n < max && json_array_next(&array, &inv->arena, &element))
		out[n++] = element.text;
	return n;
}

static void take_staff(struct invariants *inv)
{
	struct hired *hired;
	struct span words[8];
	size_t n;

	inv->hired = inv_room(inv->hired, &inv->hired_size, inv->nhired, sizeof(*inv->hired));
	hired = &inv->hired[inv->nhired++];
	*hired = (struct hired){ .from_ms = inv_number(inv, "since"), .until_ms = inv_number(inv, "until") };
	INV_PUT(hired->account, inv->record.subject);
	INV_PUT(hired->person, inv_text(inv, "person"));
	INV_PUT(hired->deputy_of, inv_text(inv, "deputy_of"));
	INV_PUT(hired->region, inv_text(inv, "region"));
	n = read_list(inv, "roles", words, 8);
	for (size_t i = 0; i < n; i++)
		hired->roles |= role_bit(words[i]);
	hired->ntitles = read_list(inv, "titles", words, 8);
	for (size_t i = 0; i < hired->ntitles; i++)
		INV_PUT(hired->titles[i], words[i]);
}

static const struct hired *hired_as(const struct invariants *inv, struct span account, int64_t at_ms)
{
	const struct hired *last = NULL;

	for (size_t i = 0; i < inv->nhired; i++)
		if (span_is(account, inv->hired[i].account) && inv->hired[i].from_ms <= at_ms)
			last = &inv->hired[i];
	if (last != NULL && last->until_ms != 0 && at_ms >= last->until_ms)
		return NULL;
	return last;
}

const char *inv_deputy_of(const struct invariants *inv)
{
	const struct hired *who = hired_as(inv, inv->record.account, inv->record.at_ms);

	return who != NULL ? who->deputy_of : "";
}

/* "150000" covers "150600": zeros at the end stand for anything. */
static bool covers(const char *region, const char *bureau)
{
	size_t len = strlen(region);

	while (len >= 2 && region[len - 1] == '0' && region[len - 2] == '0')
		len -= 2;
	return strncmp(region, bureau, len) == 0;
}

/* --- parts ------------------------------------------------------------------------------------ */

static void did(struct dids *dids, struct span person, const char *deputy_of, int64_t at_ms, char part, unsigned round)
{
	struct did *one;

	dids->at = inv_room(dids->at, &dids->size, dids->n, sizeof(*dids->at));
	one = &dids->at[dids->n++];
	*one = (struct did){ .at_ms = at_ms, .part = part, .round = round };
	INV_PUT(one->person, person);
	INV_PUT(one->deputy_of, span_of(deputy_of));
}

static bool is(const char *a, const char *b)
{
	return a[0] != '\0' && strcmp(a, b) == 0;
}

/* Whether somebody was that person at the time, or took that person's place, by whatever account and however far. */
static bool is_also(const struct invariants *inv, const char *somebody, const char *person, int64_t at_ms, int depth)
{
	if (is(somebody, person))
		return true;
	for (size_t i = 0; i < inv->nhired && depth > 0; i++) {
		const struct hired *as = &inv->hired[i];

		if (is(as->person, somebody) && as->roles != 0 && as->deputy_of[0] != '\0' &&
		    hired_as(inv, span_of(as->account), at_ms) == as && is_also(inv, as->deputy_of, person, at_ms, depth - 1))
			return true;
	}
	return false;
}

#define DEPTH 8

/* Whether there is a person whom both stood for, each at their time. */
static bool same_human(const struct invariants *inv, const struct hired *who, const char *person, const char *deputy_of,
		       int64_t at_ms)
{
	int64_t now_ms = inv->record.at_ms;

	for (size_t i = 0; i < inv->nhired; i++) {
		const char *human = inv->hired[i].person;
		bool left = is_also(inv, who->person, human, now_ms, DEPTH) || is_also(inv, who->deputy_of, human, now_ms, DEPTH);

		if (left && (is_also(inv, person, human, at_ms, DEPTH) || is_also(inv, deputy_of, human, at_ms, DEPTH)))
			return true;
	}
	return false;
}

static char found(const struct invariants *inv, const struct dids *dids, const struct hired *who, const char *parts,
		  unsigned round)
{
	for (size_t i = 0; i < dids->n; i++)
		if (strchr(parts, dids->at[i].part) != NULL && (dids->at[i].part != 'a' || dids->at[i].round == round) &&
		    same_human(inv, who, dids->at[i].person, dids->at[i].deputy_of, dids->at[i].at_ms))
			return dids->at[i].part;
	return 0;
}

/* Nobody who had one of these parts. */
static const struct {
	const char *kind, *parts;
} apart[] = {
	{ "case.verified", "ip" },
	{ "reward.submit", "af" },
	{ "reward.approve", "ivpafn" },
	{ "reward.panel", "ivpafnc" },
	{ "reward.return", "ivp" },
	{ "reward.reject", "ivp" },
	{ "reward.reinstate", "ivpfn" },
	{ "reward.release", "ivpanc" },
	{ "reward.reissue", "ivpanc" },
	{ "reward.extend", "p" },
	{ "reward.revoke", "pfc" },
	{ "reward.void", "pfc" },
	{ "reward.write_off", "pfc" },
	{ "reward.recover", "pac" },
	{ "attempt.observe", "pac" },
	{ "attempt.cancel", "pa" },
	{ "budget.tax", "pa" },
};

static const char *what(const struct invariants *inv)
{
	struct span act = inv_text(inv, "act");

	return inv_is(inv, "vote") ? arena_dup((struct arena *)(uintptr_t)&inv->arena, act).at
				   : arena_dup((struct arena *)(uintptr_t)&inv->arena, inv->record.kind).at;
}

static struct known_case *case_of(const struct invariants *inv, struct span id)
{
	size_t index = names_find(&inv->cases, id);

	return index != NAMES_NONE ? &inv->known[index] : NULL;
}

/* A teller had none at all. */
static const char *parts_against(const struct invariants *inv, const char *parts)
{
	return span_is(inv->record.role, "cashier") ? "ivpafn" : parts;
}

static bool stands_apart(struct invariants *inv, const struct hired *who, const char *kind)
{
	const struct owed *owed = inv->of;
	const struct known_case *known =
		owed != NULL ? case_of(inv, span_of(owed->case_id))
		: strcmp(kind, "case.verified") == 0 ? case_of(inv, inv->record.subject) : NULL;
	char part = 0;

	for (size_t i = 0; i < sizeof(apart) / sizeof(apart[0]) && part == 0; i++) {
		if (strcmp(apart[i].kind, kind) != 0)
			continue;
		if (owed != NULL)
			part = found(inv, &owed->dids, who, parts_against(inv, apart[i].parts), owed->round);
		if (part == 0 && known != NULL)
			part = found(inv, &known->dids, who, parts_against(inv, apart[i].parts), 0);
	}
	if (part != 0)
		return inv_fail(inv, "I10", "%s by %s, who did '%c' before", kind, who->person, part);
	if (strcmp(kind, "reward.lift") == 0 && owed != NULL && same_human(inv, who, owed->holder, owed->holder_for, owed->held_ms))
		return inv_fail(inv, "I10", "lifted by who held it");
	return true;
}

/* --- of the person -------------------------------------------------------------------------------- */

/* Auditor, admin and cashier go with nothing else, whatever the account. */
static bool is_alone(struct invariants *inv, const struct hired *who)
{
	const unsigned alone = MONEY_AUDITOR | MONEY_ADMIN | MONEY_CASHIER;
	unsigned roles = 0;

	for (size_t i = 0; i < inv->nhired; i++) {
		const struct hired *as = hired_as(inv, span_of(inv->hired[i].account), inv->record.at_ms);

		if (as == &inv->hired[i] && (is(as->person, who->person) || is(as->person, who->deputy_of) ||
					     is(as->deputy_of, who->person) || is(as->deputy_of, who->deputy_of)))
			roles |= as->roles;
	}
	if ((roles & alone) != 0 && (roles & (roles - 1)) != 0)
		return inv_fail(inv, "I10", "%s acts with roles %x together", who->person, roles);
	return true;
}

static bool in_region(struct invariants *inv, const struct hired *who)
{
	const char *bureau = inv->of != NULL ? inv->of->bureau : NULL;
	struct span of = inv_text(inv, "bureau");

	if (inv_is(inv, "case.verified"))
		bureau = arena_dup(&inv->arena, of).at;
	if (span_starts(inv->record.kind, SPAN("budget.")) && inv->of == NULL && !inv_is(inv, "budget.correct"))
		bureau = arena_dup(&inv->arena, inv->record.subject).at;
	if (bureau != NULL && !covers(who->region, bureau))
		return inv_fail(inv, "I10", "%s is not of %.10s", who->person, bureau);
	return true;
}

static bool is_registered(struct invariants *inv, const struct hired **out)
{
	const struct hired *who = hired_as(inv, inv->record.account, inv->record.at_ms);

	*out = who;
	if (who == NULL || !span_is(inv->record.person, who->person))
		return inv_fail(inv, "I10", "the account is not registered for the person");
	if ((role_bit(inv->record.role) & who->roles) == 0)
		return inv_fail(inv, "I10", "in a role that the account does not have");
	return true;
}

/* --- two of them -------------------------------------------------------------------------------------- */

static const char *const by_two[] = { "reward.reinstate", "reward.revoke", "reward.void", "reward.panel", "reward.reissue",
				      "reward.write_off", "budget.close_year", "budget.correct", "break.resolve",
				      "suspense.clear", "book.reconciled" };

static bool takes_two(const struct invariants *inv, const char *kind)
{
	for (size_t i = 0; i < sizeof(by_two) / sizeof(by_two[0]); i++)
		if (strcmp(by_two[i], kind) == 0)
			return true;
	return strcmp(kind, "reward.release") == 0 && inv->of != NULL && inv->of->policy != NULL &&
	       inv->of->fen > policy_release_two_persons_above(inv->of->policy);
}

static void take_vote(struct invariants *inv, const char *act)
{
	struct voted *vote;

	inv->votes = inv_room(inv->votes, &inv->votes_size, inv->nvotes, sizeof(*inv->votes));
	vote = &inv->votes[inv->nvotes++];
	*vote = (struct voted){ .seq = inv->record.seq, .at_ms = inv->record.at_ms };
	INV_PUT(vote->person, inv->record.person);
	INV_PUT(vote->deputy_of, span_of(inv_deputy_of(inv)));
	INV_PUT(vote->act, span_of(act));
	INV_PUT(vote->subject, inv->record.subject);
}

static bool agreed(struct invariants *inv, const char *kind, const struct hired *who)
{
	int64_t seq = inv_number(inv, "vote");

	if (!takes_two(inv, kind) && seq == 0)
		return true;
	for (size_t i = inv->nvotes; i > 0; i--) {
		const struct voted *vote = &inv->votes[i - 1];

		if ((int64_t)vote->seq != seq)
			continue;
		if (strcmp(vote->act, kind) != 0 || !span_is(inv->record.subject, vote->subject) ||
		    !span_is(inv_text(inv, "with"), vote->person) || inv->record.at_ms >= vote->at_ms + 30 * DAY)
			return inv_fail(inv, "I10", "the vote it names is for something else");
		if (who != NULL && same_human(inv, who, vote->person, vote->deputy_of, vote->at_ms))
			return inv_fail(inv, "I10", "both are one person");
		return true;
	}
	return inv_fail(inv, "I10", "%s by one person alone", kind);
}

/* --- what they did then ---------------------------------------------------------------------------------- */

static const struct {
	const char *kind;
	char part;
} part_of[] = {
	{ "reward.propose", 'p' }, { "reward.submit", 'p' },  { "reward.approve", 'a' },  { "reward.reinstate", 'a' },
	{ "reward.panel", 'n' },   { "reward.release", 'f' }, { "reward.reissue", 'f' },
};

/* The one who voted before. */
static void did_first(struct invariants *inv, struct dids *dids, char part, unsigned round)
{
	int64_t seq = inv_number(inv, "vote");

	for (size_t i = 0; i < inv->nvotes; i++)
		if ((int64_t)inv->votes[i].seq == seq)
			did(dids, span_of(inv->votes[i].person), inv->votes[i].deputy_of, inv->votes[i].at_ms, part, round);
}

static void take_parts(struct invariants *inv, const struct hired *who, const char *kind)
{
	struct span with = inv_text(inv, "with");

	for (size_t i = 0; i < sizeof(part_of) / sizeof(part_of[0]); i++) {
		if (inv->of == NULL || strcmp(part_of[i].kind, kind) != 0)
			continue;
		did(&inv->of->dids, span_of(who->person), who->deputy_of, inv->record.at_ms, part_of[i].part, inv->of->round);
		if (!span_empty(with) && !span_is(with, "claimant"))
			did_first(inv, &inv->of->dids, part_of[i].part, inv->of->round);
	}
	if (inv->of != NULL && span_is(inv->record.role, "cashier"))
		did(&inv->of->dids, span_of(who->person), who->deputy_of, inv->record.at_ms, 'c', inv->of->round);
}

static void take_case(struct invariants *inv, const struct hired *who)
{
	size_t n = inv->cases.n, index = names_add(&inv->cases, inv->record.subject);
	struct span lines[32], intake, with = inv_text(inv, "with");
	size_t nlines = read_list(inv, "tips", lines, 32);
	struct known_case *known;

	inv->known = inv_room(inv->known, &inv->known_size, index, sizeof(*inv->known));
	known = &inv->known[index];
	if (index == n) {
		INV_PUT(known->id, inv->record.subject);
		INV_PUT(known->bureau, inv_text(inv, "bureau"));
	}
	did(&known->dids, span_of(who->person), who->deputy_of, inv->record.at_ms, 'v', 0);
	if (!span_empty(with))
		did_first(inv, &known->dids, 'v', 0);
	for (size_t i = 0; i < nlines; i++) {
		intake = span_from_offset(lines[i], span_find(lines[i], SPAN(" intake=")) + strlen(" intake="));
		if (!span_empty(intake))
			did(&known->dids, span_from(intake.at, span_find(intake, SPAN(" "))), "", 0, 'i', 0);
	}
}

static bool nobody(const struct invariants *inv)
{
	return (span_is(inv->record.account, "system") && span_is(inv->record.role, "system")) ||
	       (span_is(inv->record.account, "claimant") && span_is(inv->record.role, "claimant"));
}

bool inv_who(struct invariants *inv)
{
	const char *kind = what(inv);
	const struct hired *who = NULL;

	if (!nobody(inv) && (!is_registered(inv, &who) || !is_alone(inv, who) || !in_region(inv, who) ||
			     !stands_apart(inv, who, kind)))
		return false;
	if (inv_is(inv, "vote")) {
		take_vote(inv, kind);
		return true;
	}
	if (!agreed(inv, kind, who))
		return false;
	if (inv_is(inv, "staff.set"))
		take_staff(inv);
	if (inv_is(inv, "case.verified"))
		take_case(inv, who);
	/* The proposer's part is taken when the reward is there: invariants_life.c. */
	if (who != NULL && !inv_is(inv, "reward.propose"))
		take_parts(inv, who, kind);
	return true;
}
