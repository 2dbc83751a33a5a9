/*
 * I10: who did it. The register of staff as it was at the time of a record,
 * and people told apart by person, never by account.
 */
#include "daemon/cli/money_check_parts.h"

static struct money_staff *staff_at(const struct money_check *check, size_t index)
{
	return &((struct money_staff *)check->staff.at)[index];
}

/* --- the register ---------------------------------------------------------------------------- */

static size_t keep_list(struct money_check *check, const char *name, struct span *out, size_t max)
{
	int n = money_line_list(check->line, name, &check->arena, out, max);

	for (int i = 0; i < n; i++)
		out[i] = money_keep(check, out[i]);
	if (n < 0)
		money_broken(check, MONEY_I10_SEPARATION, "its %s cannot be read", name);
	return n > 0 ? (size_t)n : 0;
}

/* From its beginning on, the new entry decides for the account. */
static void replace(struct money_check *check, const struct money_staff *entry)
{
	size_t index = money_map_get(&check->by_account, entry->account, NO_SPAN);

	for (; index != MONEY_MAP_NONE; index = staff_at(check, index)->before)
		if (staff_at(check, index)->end_ms > entry->from_ms)
			staff_at(check, index)->end_ms = entry->from_ms;
}

static bool alone(struct span role)
{
	return span_is(role, "auditor") || span_is(role, "admin") || span_is(role, "cashier");
}

/* Whether all roles of both are one, or none of them has to stand alone. */
static bool compatible(const struct money_staff *a, const struct money_staff *b)
{
	const struct money_staff *both[] = { a, b };
	bool lonely = false, several = false;

	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0; i < both[k]->nroles; i++) {
			lonely = lonely || alone(both[k]->roles[i]);
			several = several || !span_eq(both[k]->roles[i], a->nroles > 0 ? a->roles[0] : b->roles[0]);
		}
	return !lonely || !several;
}

static bool shares_a_person(const struct money_actor *a, const struct money_actor *b);

/* Auditor, admin and cashier hold no other role while they hold that one, by no account and for nobody. */
static void check_alone(struct money_check *check, const struct money_staff *entry)
{
	bool broken = !compatible(entry, entry);

	for (size_t i = 0; i < check->staff.n && entry->nroles > 0; i++) {
		const struct money_staff *other = staff_at(check, i);

		if (other->nroles > 0 && !span_eq(other->account, entry->account) && other->from_ms < other->end_ms &&
		    other->from_ms < entry->end_ms && entry->from_ms < other->end_ms &&
		    shares_a_person(&other->who, &entry->who))
			broken = broken || !compatible(entry, other);
	}
	if (broken)
		money_broken(check, MONEY_I10_SEPARATION, "%.*s gets roles that do not go together",
			     (int)entry->who.person.len, entry->who.person.at);
}

void money_take_staff(struct money_check *check, struct money_act *act)
{
	const struct money_line *line = check->line;
	struct money_staff entry = { .account = money_keep(check, line->subject) };

	entry.who.person = money_keep(check, money_line_text(line, "person"));
	entry.who.deputy_of = money_keep(check, money_line_text(line, "deputy_of"));
	entry.region = money_keep(check, money_line_text(line, "region"));
	entry.nroles = keep_list(check, "roles", entry.roles, MONEY_ROLES_MAX);
	entry.ntitles = keep_list(check, "titles", entry.titles, MONEY_TITLES_MAX);
	if (!money_line_number(line, "since", &entry.from_ms) || entry.from_ms < line->at_ms)
		money_broken(check, MONEY_I10_SEPARATION, "a registration for the past");
	(void)money_line_number(line, "until", &entry.until_ms);
	entry.who.at_ms = line->at_ms;
	if (act->staff != NULL && money_same_person(check, &act->actor, &entry.who))
		money_broken(check, MONEY_I10_SEPARATION, "nobody registers themselves");
	entry.end_ms = entry.until_ms != 0 ? entry.until_ms : INT64_MAX;
	check_alone(check, &entry);
	replace(check, &entry);
	entry.before = money_map_get(&check->by_account, entry.account, NO_SPAN);
	money_map_set(&check->by_account, entry.account, NO_SPAN, check->staff.n);
	*(struct money_staff *)money_list_add(&check->staff, sizeof(entry)) = entry;
}

/* The newest entry of the account that had begun by then. */
static const struct money_staff *registered(const struct money_check *check, struct span account, int64_t at_ms)
{
	size_t index = money_map_get(&check->by_account, account, NO_SPAN);

	while (index != MONEY_MAP_NONE && staff_at(check, index)->from_ms > at_ms)
		index = staff_at(check, index)->before;
	if (index == MONEY_MAP_NONE)
		return NULL;
	return staff_at(check, index)->until_ms == 0 || at_ms < staff_at(check, index)->until_ms ? staff_at(check, index)
													: NULL;
}

/* --- the actor -------------------------------------------------------------------------------- */

static bool word_among(const char *words, struct span word)
{
	struct span rest = span_of(words), one;

	while (span_cut(&rest, ' ', &one))
		if (span_eq(one, word))
			return true;
	return false;
}

static bool has_role(const struct money_staff *staff, struct span role)
{
	for (size_t i = 0; i < staff->nroles; i++)
		if (span_eq(staff->roles[i], role))
			return true;
	return false;
}

static bool nobody(const struct money_line *line, const char *name)
{
	return span_is(line->role, name) && span_is(line->person, name) && span_is(line->account, name);
}

bool money_staff_actor(struct money_check *check, const char *roles, struct money_actor *actor,
		       const struct money_staff **staff)
{
	const struct money_line *line = check->line;

	*actor = (struct money_actor){ .person = line->person, .deputy_of = NO_SPAN, .at_ms = line->at_ms };
	*staff = NULL;
	if (!word_among(roles, line->role)) {
		money_broken(check, MONEY_I10_SEPARATION, "%.*s is not for the role %.*s", (int)line->kind.len,
			     line->kind.at, (int)line->role.len, line->role.at);
		return false;
	}
	if (nobody(line, "system") || nobody(line, "claimant"))
		return true;
	*staff = registered(check, line->account, line->at_ms);
	if (*staff == NULL || !span_eq((*staff)->who.person, line->person) || !has_role(*staff, line->role)) {
		*staff = NULL;
		money_broken(check, MONEY_I10_SEPARATION, "account %.*s was not registered then for %.*s as %.*s",
			     (int)line->account.len, line->account.at, (int)line->person.len, line->person.at,
			     (int)line->role.len, line->role.at);
		return false;
	}
	*actor = (*staff)->who;
	actor->at_ms = line->at_ms;
	return true;
}

bool money_staff_titled(const struct money_staff *staff, struct span title)
{
	for (size_t i = 0; i < staff->ntitles; i++)
		if (span_eq(staff->titles[i], title))
			return true;
	return false;
}

/* "150000" stands for all that begins with 15; nothing stands for everywhere. */
void money_staff_region(struct money_check *check, const struct money_staff *staff, struct span bureau)
{
	struct span region = staff != NULL ? staff->region : NO_SPAN;

	while (region.len >= 2 && region.at[region.len - 1] == '0' && region.at[region.len - 2] == '0')
		region.len -= 2;
	if (!span_starts(bureau, region))
		money_broken(check, MONEY_I10_SEPARATION, "bureau %.*s lies outside of region %.*s", (int)bureau.len,
			     bureau.at, (int)staff->region.len, staff->region.at);
}

/* --- apart ---------------------------------------------------------------------------------------- */

static bool same(struct span a, struct span b)
{
	return !span_empty(a) && span_eq(a, b);
}

static bool shares_a_person(const struct money_actor *a, const struct money_actor *b)
{
	return same(a->person, b->person) || same(a->person, b->deputy_of) || same(a->deputy_of, b->person) ||
	       same(a->deputy_of, b->deputy_of);
}

static bool among(const struct money_list *names, struct span name)
{
	for (size_t i = 0; i < names->n; i++)
		if (span_eq(((const struct span *)names->at)[i], name))
			return true;
	return false;
}

static void add(struct money_list *names, struct span name)
{
	if (!span_empty(name) && !among(names, name))
		*(struct span *)money_list_add(names, sizeof(name)) = name;
}

/* All that somebody was at the time: the person, and step by step whoever these took the place of. */
static void persons_of(const struct money_check *check, const struct money_actor *who, struct money_list *names)
{
	size_t before = 0;

	add(names, who->person);
	add(names, who->deputy_of);
	while (names->n > before) {
		before = names->n;
		for (size_t i = 0; i < check->staff.n; i++) {
			const struct money_staff *entry = staff_at(check, i);

			if (entry->nroles > 0 && entry->from_ms <= who->at_ms && who->at_ms < entry->end_ms &&
			    among(names, entry->who.person))
				add(names, entry->who.deputy_of);
		}
	}
}

bool money_same_person(struct money_check *check, const struct money_actor *a, const struct money_actor *b)
{
	struct money_list left = { .n = 0 }, right = { .n = 0 };
	bool found = false;

	persons_of(check, a, &left);
	persons_of(check, b, &right);
	for (size_t i = 0; i < left.n && !found; i++)
		found = among(&right, ((const struct span *)left.at)[i]);
	money_list_release(&left);
	money_list_release(&right);
	return found;
}

void money_staff_apart(struct money_check *check, const struct money_actor *actor, const struct money_list *did,
		       unsigned parts, int64_t round)
{
	static const char *const told[] = { "took the tip in", "verified the case", "proposed it", "approved it",
					    "released it", "spoke for the informant", "paid it out",
					    "brought the statement that says it came back" };

	for (size_t i = 0; i < did->n; i++) {
		const struct money_did *one = &((const struct money_did *)did->at)[i];
		size_t bit = 0;

		if ((one->part & parts) == 0 || (one->part == MONEY_PART_APPROVER && one->round != round) ||
		    !money_same_person(check, actor, &one->who))
			continue;
		while (one->part >> bit > 1)
			bit++;
		money_broken(check, MONEY_I10_SEPARATION, "%.*s by %.*s, who %s", (int)check->line->kind.len,
			     check->line->kind.at, (int)actor->person.len, actor->person.at, told[bit]);
	}
}

void money_staff_did(struct money_list *did, const struct money_actor *actor, unsigned part, int64_t round)
{
	*(struct money_did *)money_list_add(did, sizeof(struct money_did)) =
		(struct money_did){ .who = *actor, .part = part, .round = round };
}
