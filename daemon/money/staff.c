/*
 * Staff as of a time; see staff.h.
 */
#include "daemon/money/staff.h"

#include "daemon/base/memory.h"

#include <stdlib.h>

#define ALONE (MONEY_AUDITOR | MONEY_ADMIN | MONEY_CASHIER)

void staff_free(struct staff_register *staff)
{
	free(staff->entries);
	*staff = (struct staff_register){ 0 };
}

void staff_add(struct staff_register *staff, const struct staff_entry *entry)
{
	if (staff->n == staff->size) {
		size_t size = staff->size > 0 ? 2 * staff->size : 16;
		struct staff_entry *entries = memory_zeroes(size, sizeof(*entries));

		if (staff->n > 0)
			memcpy(entries, staff->entries, staff->n * sizeof(*entries));
		free(staff->entries);
		staff->entries = entries;
		staff->size = size;
	}
	staff->entries[staff->n++] = *entry;
}

static bool holds(const struct staff_entry *entry, int64_t at_ms)
{
	return entry->from_ms <= at_ms && (entry->until_ms == 0 || at_ms < entry->until_ms);
}

/* The newest entry that has begun decides, also when it has ended since. */
const struct staff_entry *staff_find(const struct staff_register *staff, struct span account, int64_t at_ms)
{
	for (size_t i = staff->n; i > 0; i--) {
		const struct staff_entry *entry = &staff->entries[i - 1];

		if (span_is(account, entry->account) && entry->from_ms <= at_ms)
			return holds(entry, at_ms) ? entry : NULL;
	}
	return NULL;
}

/* --- the same person ----------------------------------------------------------------------- */

#define NAMES_MAX 16

struct names {
	const char *at[NAMES_MAX];
	size_t n;
	bool too_many;
};

static void add_name(struct names *names, const char *name)
{
	if (name == NULL || name[0] == '\0')
		return;
	for (size_t i = 0; i < names->n; i++)
		if (strcmp(names->at[i], name) == 0)
			return;
	if (names->n == NAMES_MAX)
		names->too_many = true;
	else
		names->at[names->n++] = name;
}

/* The list grows while it is walked: a deputy's deputy stands for both. */
static void stands_for(const struct staff_register *staff, const struct staff_act *act, struct names *names)
{
	add_name(names, act->person);
	add_name(names, act->deputy_of);
	for (size_t i = 0; i < names->n; i++)
		for (size_t k = 0; k < staff->n; k++) {
			const struct staff_entry *entry = &staff->entries[k];

			if (entry->deputy_of[0] != '\0' && entry->roles != 0 && strcmp(entry->person, names->at[i]) == 0 &&
			    staff_find(staff, span_of(entry->account), act->at_ms) == entry)
				add_name(names, entry->deputy_of);
		}
}

bool staff_same(const struct staff_register *staff, const struct staff_act *a, const struct staff_act *b)
{
	struct names left = { .n = 0 }, right = { .n = 0 };

	stands_for(staff, a, &left);
	stands_for(staff, b, &right);
	/* Who stands for more than can be told apart is told apart from nobody. */
	if (left.too_many || right.too_many)
		return true;
	for (size_t i = 0; i < left.n; i++)
		for (size_t k = 0; k < right.n; k++)
			if (strcmp(left.at[i], right.at[k]) == 0)
				return true;
	return false;
}

/* --- roles that stand alone ------------------------------------------------------------------ */

static bool is(const char *a, const char *b)
{
	return a[0] != '\0' && strcmp(a, b) == 0;
}

static bool related(const struct staff_entry *a, const struct staff_entry *b)
{
	return is(a->person, b->person) || is(a->person, b->deputy_of) || is(a->deputy_of, b->person) ||
	       is(a->deputy_of, b->deputy_of);
}

static int64_t end_of(const struct staff_entry *entry)
{
	return entry->until_ms != 0 ? entry->until_ms : INT64_MAX;
}

/* Until when it decides for its account: its end, or the beginning of one that was set after it. */
static int64_t decides_until(const struct staff_register *staff, size_t index)
{
	const struct staff_entry *entry = &staff->entries[index];
	int64_t until_ms = end_of(entry);

	for (size_t i = index + 1; i < staff->n; i++)
		if (strcmp(staff->entries[i].account, entry->account) == 0 && staff->entries[i].from_ms < until_ms)
			until_ms = staff->entries[i].from_ms;
	return until_ms;
}

static bool goes_with(unsigned roles, unsigned others)
{
	return roles == 0 || others == 0 || roles == others || ((roles | others) & ALONE) == 0;
}

unsigned staff_conflict(const struct staff_register *staff, const struct staff_entry *entry)
{
	unsigned alone = entry->roles & ALONE;

	if (alone != 0 && entry->roles != (alone & (0U - alone)))
		return alone;
	for (size_t i = 0; i < staff->n; i++) {
		const struct staff_entry *other = &staff->entries[i];

		if (strcmp(other->account, entry->account) == 0 || !related(other, entry) ||
		    goes_with(entry->roles, other->roles))
			continue;
		if (other->from_ms < end_of(entry) && entry->from_ms < decides_until(staff, i) &&
		    other->from_ms < decides_until(staff, i))
			return other->roles;
	}
	return 0;
}

bool staff_titled(const struct staff_entry *entry, const char *title)
{
	for (size_t i = 0; i < entry->ntitles; i++)
		if (strcmp(entry->titles[i], title) == 0)
			return true;
	return false;
}

bool staff_covers(const struct staff_entry *entry, struct span bureau)
{
	size_t len = strlen(entry->region);

	while (len >= 2 && entry->region[len - 1] == '0' && entry->region[len - 2] == '0')
		len -= 2;
	return span_starts(bureau, span_from(entry->region, len));
}

unsigned staff_role(struct span name)
{
	for (unsigned role = 1; role <= MONEY_CLAIMANT; role <<= 1)
		if (span_is(name, money_role_name((enum money_role)role)))
			return role;
	return 0;
}
