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

static bool ends_before(const struct staff_entry *entry, int64_t at_ms)
{
	return entry->until_ms != 0 && entry->until_ms <= at_ms;
}

static bool newest(const struct staff_register *staff, size_t index)
{
	for (size_t i = index + 1; i < staff->n; i++)
		if (strcmp(staff->entries[i].account, staff->entries[index].account) == 0)
			return false;
	return true;
}

unsigned staff_conflict(const struct staff_register *staff, const struct staff_entry *entry)
{
	unsigned alone = entry->roles & ALONE;

	if (alone != 0 && entry->roles != (alone & (0U - alone)))
		return alone;
	for (size_t i = 0; i < staff->n; i++) {
		const struct staff_entry *other = &staff->entries[i];

		if (strcmp(other->person, entry->person) != 0 || strcmp(other->account, entry->account) == 0 ||
		    !newest(staff, i) || ends_before(other, entry->from_ms) || other->roles == 0)
			continue;
		if (((other->roles | entry->roles) & ALONE) != 0 && entry->roles != 0 && other->roles != entry->roles)
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
