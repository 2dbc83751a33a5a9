/*
 * Incidents grow and split.
 */
#include "daemon/core/incident/casebook_inside.h"

#include "daemon/base/memory.h"

#include <assert.h>
#include <stdlib.h>

/* --- counts ----------------------------------------------------------------------------------- */

static void group_key(uint32_t group, unsigned char key[MARK_BYTES])
{
	memset(key, 0, MARK_BYTES);
	memcpy(key, &group, sizeof(group));
}

struct incident_counts *counts_find(const struct casebook *book, uint32_t group)
{
	unsigned char key[MARK_BYTES];
	size_t place;

	group_key(group, key);
	return mark_ring_find(&book->incidents, key, &place) ? &book->counts[place] : NULL;
}

struct incident_counts *counts_make(struct casebook *book, uint32_t group)
{
	unsigned char key[MARK_BYTES];
	bool fresh;
	size_t place;

	group_key(group, key);
	place = mark_ring_take(&book->incidents, key, &fresh);
	if (fresh)
		book->counts[place] = (struct incident_counts){ .points = NOT_TOLD };
	return &book->counts[place];
}

static struct incident_counts counts_drop(struct casebook *book, uint32_t group)
{
	const struct incident_counts *found = counts_find(book, group);
	struct incident_counts counts = { .points = NOT_TOLD };
	unsigned char key[MARK_BYTES];

	if (found != NULL)
		counts = *found;
	group_key(group, key);
	mark_ring_drop(&book->incidents, key);
	return counts;
}

/* False when the sender is in the incident already. */
static bool add_sender(struct incident_counts *counts, uint32_t sender)
{
	for (size_t i = 0; sender != 0 && i < counts->nsenders; i++)
		if (counts->senders[i] == sender)
			return false;
	if (sender != 0 && counts->nsenders < SENDERS_PER_INCIDENT)
		counts->senders[counts->nsenders++] = sender;
	return true;
}

static void count(struct incident_counts *counts, enum tip_part part)
{
	counts->copies += part == PART_COPY;
	counts->others += part == PART_OTHER;
}

static void count_off(struct incident_counts *counts, enum tip_part part)
{
	counts->copies -= part == PART_COPY && counts->copies > 0;
	counts->others -= part == PART_OTHER && counts->others > 0;
}

/* Decides how a tip counts that comes to hang under `parent`, and counts it. */
static void take_part(struct casebook *book, struct incident_counts *counts, uint32_t text, uint32_t parent,
		      bool copy)
{
	struct tip_facts facts = tip_facts(book, text);

	add_sender(counts, tip_facts(book, tip_root(book, parent)).sender);
	facts.part = copy ? PART_COPY : add_sender(counts, facts.sender) ? PART_OTHER : PART_SAME;
	count(counts, facts.part);
	tip_set(book, text, &facts);
	tip_set_parent(book, text, parent);
}

/* --- growing ------------------------------------------------------------------------------------- */

void tree_hang_new(struct casebook *book, uint32_t text, uint32_t parent, bool copy)
{
	take_part(book, counts_make(book, link_group(book->link, text)), text, parent, copy);
}

void tree_hang(struct casebook *book, uint32_t text, uint32_t parent, bool copy)
{
	uint32_t group = link_group(book->link, parent), other = link_group(book->link, text), name;
	struct incident_counts mine, theirs;
	struct incident_counts *counts;

	if (tip_within(book, parent, text))
		return;
	if (group == other) {
		tree_hang_new(book, text, parent, copy);
		return;
	}
	mine = counts_drop(book, other);
	theirs = counts_drop(book, group);
	name = link_join(book->link, text, parent);
	reports_join(book->reports, name, name == group ? other : group);
	counts = counts_make(book, name);
	*counts = theirs;
	counts->others += mine.others;
	counts->copies += mine.copies;
	take_part(book, counts, text, parent, copy);
	for (size_t i = 0; i < mine.nsenders; i++)
		add_sender(counts, mine.senders[i]);
}

/* --- splitting ----------------------------------------------------------------------------------- */

/* The tip and all that hangs under it; to be freed. */
static uint32_t *branch_of(const struct casebook *book, uint32_t text, size_t *n, size_t *whole)
{
	uint32_t *branch;
	uint32_t at = text;

	*whole = 0;
	do
		(*whole)++;
	while ((at = link_next(book->link, at)) != text);
	branch = memory_zeroes(*whole, sizeof(*branch));
	*n = 0;
	do
		if (tip_within(book, at, text))
			branch[(*n)++] = at;
	while ((at = link_next(book->link, at)) != text);
	return branch;
}

/* They become a group of their own, the first of them its first tip. */
static void split_off(struct casebook *book, const uint32_t *branch, size_t n)
{
	uint32_t old = link_group(book->link, branch[0]);
	struct incident_counts *from = counts_find(book, old);
	struct incident_counts own = { .points = NOT_TOLD };

	for (size_t i = 0; i < n; i++) {
		struct tip_facts facts = tip_facts(book, branch[i]);

		link_move(book->link, branch[i], i == 0 ? 0 : branch[0]);
		if (from != NULL)
			count_off(from, facts.part);
		if (i > 0)
			count(&own, facts.part);
		add_sender(&own, facts.sender);
	}
	if (n > 1)
		*counts_make(book, link_group(book->link, branch[0])) = own;
}

void tree_cut(struct casebook *book, uint32_t text)
{
	struct tip_facts facts;
	size_t n, whole;
	uint32_t *branch = branch_of(book, text, &n, &whole);
	uint32_t old = link_group(book->link, text);

	assert(branch[0] == text);
	if (n < whole)
		split_off(book, branch, n);
	if (whole - n == 1)
		counts_drop(book, old);
	free(branch);
	facts = tip_facts(book, text);
	facts.part = PART_FIRST;
	tip_set(book, text, &facts);
	tip_set_parent(book, text, 0);
}
