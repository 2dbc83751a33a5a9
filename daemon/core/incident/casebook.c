/*
 * The casebook; see casebook.h.
 */
#include "daemon/core/incident/casebook_inside.h"

#include "daemon/base/memory.h"

#include <assert.h>
#include <stdlib.h>

/* Of grams and marks, on average. With all else it makes 160 bytes a tip. */
#define BYTES_PER_TIP 70

struct casebook *casebook_new(const struct casebook_limits *limits, const struct rules *rules, uint64_t seed)
{
	struct casebook *book = memory_zeroes(1, sizeof(*book));

	assert(limits->max_senders > 0 && limits->max_senders <= CASEBOOK_SENDERS_MAX);
	book->limits = *limits;
	book->rules = rules;
	book->seed = seed;
	book->link = link_new(&(struct link_limits){ .max_texts = limits->max_tips,
						     .bytes_per_text = BYTES_PER_TIP,
						     .max_age_ms = limits->max_age_ms });
	book->reports = reports_new(limits->max_incidents);
	tips_init(book);
	mark_ring_init(&book->incidents, limits->max_incidents, seed);
	book->counts = memory_zeroes(limits->max_incidents, sizeof(*book->counts));
	mark_ring_init(&book->senders, limits->max_senders, seed);
	book->histories = memory_zeroes(limits->max_senders, sizeof(*book->histories));
	mark_ring_init(&book->moved, MOVED_MAX, seed);
	book->moves = memory_zeroes(MOVED_MAX, sizeof(*book->moves));
	mark_ring_init(&book->suggested, SUGGESTED_MAX, seed);
	book->declined = memory_zeroes(DECLINED_MAX, sizeof(*book->declined));
	book->waiting = memory_zeroes(WAITING_MAX, sizeof(*book->waiting));
	return book;
}

void casebook_free(struct casebook *book)
{
	if (book == NULL)
		return;
	link_free(book->link);
	reports_free(book->reports);
	tips_release(book);
	mark_ring_release(&book->incidents);
	mark_ring_release(&book->senders);
	mark_ring_release(&book->moved);
	mark_ring_release(&book->suggested);
	free(book->counts);
	free(book->histories);
	free(book->moves);
	free(book->declined);
	free(book->waiting);
	free(book);
}

void casebook_set_rules(struct casebook *book, const struct rules *rules)
{
	book->rules = rules;
}

static size_t bytes_of(const struct casebook *book)
{
	const struct casebook_limits *limits = &book->limits;

	return sizeof(*book) + link_bytes(book->link) + reports_bytes(book->reports) + tips_bytes(limits) +
	       mark_ring_bytes(limits->max_incidents) + limits->max_incidents * sizeof(*book->counts) +
	       mark_ring_bytes(limits->max_senders) + limits->max_senders * sizeof(*book->histories) +
	       mark_ring_bytes(MOVED_MAX) + MOVED_MAX * sizeof(*book->moves) + mark_ring_bytes(SUGGESTED_MAX) +
	       DECLINED_MAX * sizeof(*book->declined) + WAITING_MAX * sizeof(*book->waiting);
}

void casebook_figures(const struct casebook *book, struct casebook_figures *out)
{
	*out = book->figures;
	out->tips = link_count(book->link);
	out->incidents = mark_ring_count(&book->incidents);
	out->bytes = bytes_of(book);
}

bool casebook_root(const struct casebook *book, const struct tip_id *id, struct tip_id *root)
{
	uint32_t text = tip_find(book, tip_tail(id));
	struct tip_facts facts;

	if (text == 0)
		return false;
	facts = tip_facts(book, tip_root(book, text));
	tip_name(&facts, root);
	return true;
}
