/*
 * Postings, texts and their bodies; see link.h.
 *
 * Postings: buckets of one cache line, sixteen slots of 8 bits of the key and
 * 24 bits of the text's number. A key looks at one bucket, so a lookup costs
 * what it costs however many texts there are. A slot whose text has left is
 * free without anybody clearing it. A key that many texts share keeps its
 * latest few: it would find everything and so tell nothing.
 *
 * Texts: a ring of records; bodies: a ring of bytes, of packed features
 * without keys and terms. Both lose their oldest first. The records of a group
 * are chained in both directions, so that one leaves in the same time whatever
 * the group's size.
 */
#include "daemon/core/incident/link.h"

#include "daemon/base/memory.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#define SLOTS 16
#define SLOTS_PER_KEY 6
#define LOAD_PERCENT 88
#define TEXT_BITS 24
#define TEXT_MASK ((1u << TEXT_BITS) - 1)
#define HITS_MAX (FEATURE_KEYS_MAX * SLOTS)
#define CHECKED_MAX 32 /* candidates whose grams are compared */
#define TICK_MS 60000
#define KEY_BITS 24

struct bucket {
	_Alignas(64) uint32_t slots[SLOTS];
};

struct text_record {
	uint32_t body;  /* offset of a length byte and the packed feature */
	uint32_t tick;  /* when it came, in minutes since the index's first text */
	uint32_t group; /* name */
	uint32_t after; /* texts of the same group, in a ring */
	uint32_t before;
};

struct link {
	struct bucket *buckets;
	size_t nbuckets;
	struct text_record *texts; /* text number n is at n % max_texts */
	size_t max_texts;
	uint32_t oldest;
	uint32_t next;
	uint32_t split; /* the name that the last group of its own got; they descend */
	unsigned char *bodies;
	size_t bodies_size;
	size_t bodies_at; /* where the next body goes */
	int64_t start_ms;
	uint32_t now;
	uint32_t max_ticks;
};

/* --- life -------------------------------------------------------------------------------- */

static struct bucket *buckets_new(size_t n)
{
	struct bucket *buckets = aligned_alloc(sizeof(*buckets), n * sizeof(*buckets));

	if (buckets == NULL) {
		fputs("out of memory\n", stderr);
		exit(EXIT_FAILURE);
	}
	memset(buckets, 0, n * sizeof(*buckets));
	return buckets;
}

struct link *link_new(const struct link_limits *limits)
{
	struct link *link = memory_zeroes(1, sizeof(*link));

	assert(limits->max_texts > 0 && limits->max_texts <= LINK_TEXTS_MAX);
	link->max_texts = limits->max_texts;
	link->nbuckets = limits->max_texts * FEATURE_KEYS_MAX * 100 / (SLOTS * LOAD_PERCENT) + 1;
	link->buckets = buckets_new(link->nbuckets);
	link->texts = memory_zeroes(link->max_texts, sizeof(*link->texts));
	link->bodies_size = limits->max_texts * limits->bytes_per_text + 2 * FEATURE_PACKED_MAX;
	link->bodies = memory_zeroes(1, link->bodies_size);
	link->max_ticks = (uint32_t)(limits->max_age_ms / TICK_MS);
	link->oldest = 1;
	link->next = 1;
	link->split = UINT32_MAX;
	assert(link->bodies_size < UINT32_MAX);
	return link;
}

void link_free(struct link *link)
{
	if (link == NULL)
		return;
	free(link->buckets);
	free(link->texts);
	free(link->bodies);
	free(link);
}

size_t link_bytes(const struct link *link)
{
	return sizeof(*link) + link->nbuckets * sizeof(*link->buckets) +
	       link->max_texts * sizeof(*link->texts) + link->bodies_size;
}

size_t link_count(const struct link *link)
{
	return link->next - link->oldest;
}

uint32_t link_oldest(const struct link *link)
{
	return link->oldest;
}

/* --- texts ------------------------------------------------------------------------------- */

static struct text_record *record(const struct link *link, uint32_t text)
{
	return &link->texts[text % link->max_texts];
}

static bool held(const struct link *link, uint32_t text)
{
	return text >= link->oldest && text < link->next;
}

/* The number whose low bits a slot holds, or 0 when no such text is held. */
static uint32_t text_of_slot(const struct link *link, uint32_t slot)
{
	uint32_t age = (link->next - slot) & TEXT_MASK;

	return age >= 1 && age <= link_count(link) ? link->next - age : 0;
}

static bool read_body(const struct link *link, uint32_t text, struct feature *out)
{
	const unsigned char *body = link->bodies + record(link, text)->body;

	return feature_unpack(span_from(body + 1, body[0]), out);
}

size_t link_marks(const struct link *link, uint32_t text, struct feature_mark out[FEATURE_MARKS_MAX])
{
	struct feature feature;

	if (!held(link, text) || !read_body(link, text, &feature))
		return 0;
	memcpy(out, feature.marks, feature.nmarks * sizeof(*out));
	return feature.nmarks;
}

/* --- groups ------------------------------------------------------------------------------- */

uint32_t link_group(const struct link *link, uint32_t text)
{
	return held(link, text) ? record(link, text)->group : text;
}

uint32_t link_next(const struct link *link, uint32_t text)
{
	return held(link, text) ? record(link, text)->after : text;
}

/* Out of its ring, into one of its own. */
static void part(struct link *link, uint32_t text)
{
	struct text_record *r = record(link, text);

	record(link, r->before)->after = r->after;
	record(link, r->after)->before = r->before;
	r->after = text;
	r->before = text;
}

/* Makes one ring of two: `other` comes right before `text`. */
static void chain(struct link *link, uint32_t text, uint32_t other)
{
	struct text_record *here = record(link, text), *there = record(link, other);
	uint32_t last_here = here->before, last_there = there->before;

	record(link, last_here)->after = other;
	there->before = last_here;
	record(link, last_there)->after = text;
	here->before = last_there;
}

static void name_ring(struct link *link, uint32_t text, uint32_t name)
{
	uint32_t at = text;

	do {
		record(link, at)->group = name;
		at = record(link, at)->after;
	} while (at != text);
}

uint32_t link_join(struct link *link, uint32_t a, uint32_t b)
{
	uint32_t one = link_group(link, a), other = link_group(link, b);

	if (!held(link, a) || !held(link, b))
		return held(link, b) ? other : one;
	if (one == other)
		return one;
	name_ring(link, one < other ? b : a, one < other ? one : other);
	chain(link, a, b);
	return one < other ? one : other;
}

uint32_t link_move(struct link *link, uint32_t text, uint32_t to)
{
	struct text_record *r = record(link, text);

	if (!held(link, text) || (to != text && held(link, to) && record(link, to)->group == r->group))
		return link_group(link, text);
	if (to != text && held(link, to)) {
		part(link, text);
		chain(link, to, text);
		r->group = record(link, to)->group;
	} else if (r->after != text) {
		part(link, text);
		r->group = link->split--;
	}
	return r->group;
}

/* --- leaving ------------------------------------------------------------------------------ */

static void drop_oldest(struct link *link)
{
	part(link, link->oldest);
	link->oldest++;
}

static void drop_old(struct link *link)
{
	while (link->max_ticks > 0 && link_count(link) > 0 &&
	       link->now - record(link, link->oldest)->tick > link->max_ticks)
		drop_oldest(link);
}

static void drop_bodies(struct link *link, size_t from, size_t to)
{
	while (link_count(link) > 0 && record(link, link->oldest)->body >= from &&
	       record(link, link->oldest)->body < to)
		drop_oldest(link);
}

size_t link_used(const struct link *link)
{
	size_t start = link_count(link) > 0 ? record(link, link->oldest)->body : link->bodies_at;
	size_t bodies = link->bodies_at >= start ? link->bodies_at - start
						 : link->bodies_size - start + link->bodies_at;

	return sizeof(*link) + link->nbuckets * sizeof(*link->buckets) +
	       link_count(link) * sizeof(*link->texts) + bodies;
}

/* Where a body of `len` bytes goes; the texts whose bodies lay there leave. */
static size_t make_room(struct link *link, size_t len)
{
	size_t at = link->bodies_at;

	if (at + len > link->bodies_size) {
		drop_bodies(link, at, link->bodies_size);
		at = 0;
	}
	drop_bodies(link, at, at + len);
	link->bodies_at = at + len;
	return at;
}

/* --- postings ----------------------------------------------------------------------------- */

/* The whole key: the bits kept for it and those of its gram, at any level of sampling the same. */
static uint64_t key_of(const struct feature *feature, size_t i)
{
	uint64_t whole = (uint64_t)(feature->grams[i] >> feature->level) << KEY_BITS | feature->keys[i];

	return whole * 0x9E3779B97F4A7C15u;
}

static struct bucket *bucket_of(const struct link *link, uint64_t key)
{
	return &link->buckets[(key >> 32) * link->nbuckets >> 32];
}

static uint32_t tag_of(uint64_t key)
{
	return (uint32_t)(key >> 20 & 0xFF) << TEXT_BITS;
}

/* The slot that a posting of this tag should take. */
static uint32_t *choose_slot(const struct link *link, struct bucket *bucket, uint32_t tag)
{
	uint32_t *empty = NULL, *oldest = NULL, *alike = NULL;
	uint32_t oldest_text = UINT32_MAX, alike_text = UINT32_MAX;
	size_t nalike = 0;

	for (size_t i = 0; i < SLOTS; i++) {
		uint32_t *slot = &bucket->slots[i];
		uint32_t text = text_of_slot(link, *slot & TEXT_MASK);
		bool same = (*slot & ~TEXT_MASK) == tag;

		if (text == 0) {
			empty = slot;
			continue;
		}
		nalike += same;
		if (text < oldest_text) {
			oldest = slot;
			oldest_text = text;
		}
		if (same && text < alike_text) {
			alike = slot;
			alike_text = text;
		}
	}
	if (nalike >= SLOTS_PER_KEY)
		return alike;
	return empty != NULL ? empty : oldest;
}

static void post(struct link *link, const struct feature *feature, uint32_t text)
{
	for (size_t i = 0; i < feature->nkeys; i++)
		__builtin_prefetch(bucket_of(link, key_of(feature, i)), 1);
	for (size_t i = 0; i < feature->nkeys; i++) {
		uint64_t key = key_of(feature, i);
		uint32_t tag = tag_of(key);

		*choose_slot(link, bucket_of(link, key), tag) = tag | (text & TEXT_MASK);
	}
}

static void add_body(struct link *link, const struct feature *feature, struct text_record *record)
{
	struct feature body = *feature;
	unsigned char bytes[FEATURE_PACKED_MAX];
	size_t len, at;

	body.nkeys = 0;
	body.nterms = 0;
	len = feature_write(&body, bytes);
	assert(len <= UINT8_MAX);
	at = make_room(link, len + 1);
	link->bodies[at] = (unsigned char)len;
	memcpy(link->bodies + at + 1, bytes, len);
	record->body = (uint32_t)at;
}

static void tell_time(struct link *link, int64_t at_ms)
{
	int64_t tick;

	if (link->next == 1)
		link->start_ms = at_ms;
	tick = (at_ms - link->start_ms) / TICK_MS;
	if (tick > (int64_t)link->now)
		link->now = tick < UINT32_MAX ? (uint32_t)tick : UINT32_MAX;
}

uint32_t link_insert(struct link *link, const struct feature *feature, int64_t at_ms, uint32_t beside)
{
	uint32_t text = link->next;
	struct text_record new = { .group = text, .after = text, .before = text };

	tell_time(link, at_ms);
	drop_old(link);
	if (link_count(link) == link->max_texts)
		drop_oldest(link);
	add_body(link, feature, &new);
	new.tick = link->now;
	*record(link, text) = new;
	link->next++;
	post(link, feature, text);
	link_move(link, text, beside);
	return text;
}

/* --- finding ------------------------------------------------------------------------------ */

struct candidate {
	uint32_t text;
	unsigned hits;
};

static void add_hit(struct candidate *candidates, size_t *n, uint32_t text)
{
	for (size_t i = *n; i > 0; i--) {
		if (candidates[i - 1].text == text) {
			candidates[i - 1].hits++;
			return;
		}
	}
	candidates[(*n)++] = (struct candidate){ .text = text, .hits = 1 };
}

static size_t collect(const struct link *link, const struct feature *feature,
		      struct candidate candidates[HITS_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < feature->nkeys; i++)
		__builtin_prefetch(bucket_of(link, key_of(feature, i)));
	for (size_t i = 0; i < feature->nkeys; i++) {
		const struct bucket *bucket = bucket_of(link, key_of(feature, i));
		uint32_t tag = tag_of(key_of(feature, i));

		for (size_t j = 0; j < SLOTS; j++) {
			uint32_t text = (bucket->slots[j] & ~TEXT_MASK) == tag
						? text_of_slot(link, bucket->slots[j] & TEXT_MASK)
						: 0;

			if (text != 0)
				add_hit(candidates, &n, text);
		}
	}
	return n;
}

static int most_hits_first(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	if (x->hits != y->hits)
		return x->hits > y->hits ? -1 : 1;
	return (x->text > y->text) - (x->text < y->text);
}

static bool better(const struct link_match *a, const struct link_match *b)
{
	return a->wording > b->wording || (a->wording == b->wording && a->text < b->text);
}

static size_t rank(struct link_match *out, size_t n, const struct link_match *match)
{
	size_t at = n;

	while (at > 0 && better(match, &out[at - 1]))
		at--;
	if (at == LINK_MATCHES_MAX)
		return n;
	if (n == LINK_MATCHES_MAX)
		n--;
	memmove(out + at + 1, out + at, (n - at) * sizeof(*out));
	out[at] = *match;
	return n + 1;
}

static bool compare(const struct link *link, const struct feature *feature, uint32_t text,
		    struct link_match *match)
{
	struct feature other;

	if (!read_body(link, text, &other))
		return false;
	match->text = text;
	match->group = link_group(link, text);
	match->wording = feature_wording(feature, &other);
	match->nmarks = other.nmarks;
	memcpy(match->marks, other.marks, other.nmarks * sizeof(*match->marks));
	return match->wording > 0;
}

size_t link_find(const struct link *link, const struct feature *feature,
		 struct link_match out[LINK_MATCHES_MAX])
{
	struct candidate candidates[HITS_MAX];
	size_t n = collect(link, feature, candidates), found = 0;
	struct link_match match;

	if (n > CHECKED_MAX) {
		qsort(candidates, n, sizeof(*candidates), most_hits_first);
		n = CHECKED_MAX;
	}
	for (size_t i = 0; i < n; i++)
		__builtin_prefetch(record(link, candidates[i].text));
	for (size_t i = 0; i < n; i++)
		if (compare(link, feature, candidates[i].text, &match))
			found = rank(out, found, &match);
	return found;
}
