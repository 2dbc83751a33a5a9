/*
 * Who may: role, registration as of the time, region, and whether the person
 * had another part in it before. The one place in front of every command.
 *
 * People are told apart by person, never by account, each as the register was
 * at the time of the act; a deputy carries the exclusions of the one whose
 * place is taken.
 */
#include "daemon/money/book_state.h"

static bool plays(const struct plan *plan, unsigned role, const char *name)
{
	return (plan->command->roles & plan->kind->by & role) != 0 && span_is(plan->command->person, name) &&
	       span_is(plan->command->account, name);
}

/* Nobody signed in: timers and rails, or whoever proved to be the informant. */
static bool take_nobody(struct plan *plan, unsigned role, const char *name)
{
	plan->role = role;
	NAME_PUT(plan->actor.person, span_of(name));
	NAME_PUT(plan->actor.account, span_of(name));
	return true;
}

static bool take_staff(struct plan *plan)
{
	const struct staff_entry *entry = staff_find(&plan->book->staff, plan->command->account, plan->now_ms);
	unsigned roles;

	if (entry == NULL || !span_is(plan->command->person, entry->person))
		return plan_refuse(plan, 403, "NOT_STAFF", "the account is not registered for this person now");
	roles = plan->command->roles & entry->roles & plan->kind->by;
	if (roles == 0)
		return plan_refuse(plan, 403, "ROLE", "%s is not for the roles of this account", plan->kind->kind);
	plan->role = roles & (0U - roles);
	plan->actor = *entry;
	return true;
}

bool plan_actor(struct plan *plan)
{
	if (plays(plan, MONEY_SYSTEM, "system"))
		return take_nobody(plan, MONEY_SYSTEM, "system");
	if (plays(plan, MONEY_CLAIMANT, "claimant"))
		return take_nobody(plan, MONEY_CLAIMANT, "claimant");
	return take_staff(plan);
}

static bool nobody(const struct plan *plan)
{
	return plan->role == MONEY_SYSTEM || plan->role == MONEY_CLAIMANT;
}

/* --- the same person ------------------------------------------------------------------- */

struct staff_act plan_act(const struct plan *plan)
{
	return (struct staff_act){ .person = plan->actor.person, .deputy_of = plan->actor.deputy_of, .at_ms = plan->now_ms };
}

bool same_person(const struct plan *plan, const char *person, const char *deputy_of, int64_t at_ms)
{
	struct staff_act actor = plan_act(plan), other = { .person = person, .deputy_of = deputy_of, .at_ms = at_ms };

	return staff_same(&plan->book->staff, &actor, &other);
}

static const struct {
	unsigned did;
	const char *told;
} names[] = {
	{ .did = PART_INTAKE, .told = "took the tip in" },
	{ .did = PART_VERIFIER, .told = "verified the case" },
	{ .did = PART_PROPOSER, .told = "proposed the reward" },
	{ .did = PART_APPROVER, .told = "approved it" },
	{ .did = PART_FINANCE, .told = "released it" },
	{ .did = PART_HOLDER, .told = "put it on hold" },
	{ .did = PART_PANEL, .told = "spoke for the informant" },
	{ .did = PART_DRAFTER, .told = "drafted the policy" },
	{ .did = PART_CASHIER, .told = "paid it out" },
	{ .did = PART_IMPORTER, .told = "brought the statement that says it came back" },
};

static bool refuse(struct plan *plan, unsigned did)
{
	const char *told = "";

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].did == did)
			told = names[i].told;
	return plan_refuse(plan, 403, "SEPARATION", "this person %s", told);
}

/* Approvals of a round that was sent back are void. */
static bool counts(const struct plan *plan, const struct part *part)
{
	return part->did != PART_APPROVER || plan->dossier == NULL || part->round == plan->dossier->round;
}

/* The counter pays what others have decided on: whoever comes to it from another office keeps what was done there. */
static unsigned apart_from(const struct plan *plan)
{
	if (plan->role != MONEY_CASHIER)
		return plan->kind->rule->apart;
	return PART_INTAKE | PART_VERIFIER | PART_PROPOSER | PART_APPROVER | PART_FINANCE | PART_PANEL;
}

static bool parts_apart(struct plan *plan, const struct part *parts)
{
	for (const struct part *part = parts; part != NULL; part = part->next)
		if ((part->did & apart_from(plan)) != 0 && counts(plan, part) &&
		    same_person(plan, part->person, part->deputy_of, part->at_ms))
			return refuse(plan, part->did);
	return true;
}

static bool holder_apart(struct plan *plan)
{
	if ((plan->kind->rule->apart & PART_HOLDER) == 0)
		return true;
	if (plan->dossier != NULL && same_person(plan, plan->dossier->holder, plan->dossier->holder_for, plan->dossier->held_ms))
		return refuse(plan, PART_HOLDER);
	if (plan->rail != NULL && same_person(plan, plan->rail->person, plan->rail->deputy_of, plan->rail->at_ms))
		return refuse(plan, PART_HOLDER);
	return true;
}

static bool drafter_apart(struct plan *plan)
{
	if ((plan->kind->rule->apart & PART_DRAFTER) != 0 && plan->draft != NULL &&
	    same_person(plan, plan->draft->person, plan->draft->deputy_of, plan->draft->at_ms))
		return refuse(plan, PART_DRAFTER);
	return true;
}

static struct span bureau_of(const struct plan *plan)
{
	if (plan->dossier != NULL)
		return span_of(plan->dossier->bureau);
	if (plan->kase != NULL)
		return span_of(plan->kase->bureau);
	return span_from(plan->subject, strcspn(plan->subject, "/"));
}

static bool region_covers(struct plan *plan)
{
	bool bound = plan->dossier != NULL || plan->kase != NULL || plan->kind->rule->subject == SUBJECT_LEDGER;

	if (bound && !staff_covers(&plan->actor, bureau_of(plan)))
		return plan_refuse(plan, 403, "REGION", "this bureau is outside of the person's region");
	return true;
}

bool plan_apart(struct plan *plan)
{
	if (nobody(plan))
		return true;
	return region_covers(plan) && (plan->dossier == NULL || parts_apart(plan, plan->dossier->parts)) &&
	       (plan->kase == NULL || parts_apart(plan, plan->kase->parts)) && holder_apart(plan) &&
	       drafter_apart(plan);
}

const struct part *part_new(struct arena *store, const struct part *next, const struct staff_act *by, unsigned did,
			    unsigned round)
{
	struct part *part = arena_new(store, struct part);

	*part = (struct part){ .at_ms = by->at_ms, .did = did, .round = round, .next = next };
	NAME_PUT(part->person, span_of(by->person));
	NAME_PUT(part->deputy_of, span_of(by->deputy_of));
	return part;
}
