/*
 * Running incidents; see report.h.
 *
 * A term is a word's hash, or in a Han text the hash of a gram. Each term
 * remembers the latest incidents that hold it, which is how candidates are
 * found; the exact cosine then decides, so a stale entry does no harm.
 */
#include "daemon/core/report.h"

#include "daemon/base/mark_map.h"
#include "daemon/base/memory.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#define WORD_TERMS 32768
#define GRAM_TERMS 4096
#define TERMS (WORD_TERMS + GRAM_TERMS)
#define TERM_GROUPS 32 /* latest incidents that a term remembers */
#define GROUP_TERMS_MAX 96
#define TEXT_TERMS_MAX (FEATURE_TERMS_MAX + FEATURE_GRAMS_MAX)
#define LOOKED_UP_MAX 16 /* rarest terms of a text that find candidates */
#define CANDIDATES_MAX (LOOKED_UP_MAX * TERM_GROUPS)
#define COMPARED_MAX 12
#define KEYS_PER_GROUP 2 /* strong keys are forgotten when there are more of them on average */
#define REGION_NEAR 4    /* digits of a region that make a prefecture */
#define REGION_FAR 2     /* and a province */

const struct report_policy report_policy_default = { .suggest_from = 0.25, .merge_from = 0.34 };

struct weighted {
	uint16_t term;
	float weight;
};

/* The terms of a text or an incident, ascending by term. */
struct vector {
	struct weighted at[TEXT_TERMS_MAX + GROUP_TERMS_MAX];
	size_t n;
};

struct group {
	uint32_t name; /* 0: free */
	uint32_t ntexts;
	int64_t last_ms;
	char region[7]; /* of the first text that had one */
	uint8_t nterms;
	struct weighted terms[GROUP_TERMS_MAX];
};

struct term_seen {
	uint32_t texts;
	uint32_t capitals;
	uint32_t groups[TERM_GROUPS]; /* slot + 1 */
	uint32_t next;
};

struct reports {
	struct group *groups;
	size_t max_groups;
	size_t next;           /* slot that the next new incident takes */
	struct mark_map slots; /* group name -> slot */
	struct mark_map keys;  /* strong key -> group name */
	struct term_seen *terms;
	uint64_t ntexts;
};

const char *report_kind_name(enum report_kind kind)
{
	static const char *const names[] = {
		[REPORT_NEW] = "new",
		[REPORT_SUGGEST] = "suggest",
		[REPORT_JOIN] = "join",
	};

	assert(kind <= REPORT_JOIN);
	return names[kind];
}

/* --- life -------------------------------------------------------------------------------- */

struct reports *reports_new(size_t max_groups)
{
	struct reports *reports = memory_zeroes(1, sizeof(*reports));

	assert(max_groups > 0 && max_groups < UINT32_MAX);
	reports->max_groups = max_groups;
	reports->groups = memory_zeroes(max_groups, sizeof(*reports->groups));
	reports->terms = memory_zeroes(TERMS, sizeof(*reports->terms));
	mark_map_init(&reports->slots, 0);
	mark_map_init(&reports->keys, 0);
	return reports;
}

void reports_free(struct reports *reports)
{
	if (reports == NULL)
		return;
	mark_map_release(&reports->slots);
	mark_map_release(&reports->keys);
	free(reports->groups);
	free(reports->terms);
	free(reports);
}

size_t reports_bytes(const struct reports *reports)
{
	size_t map_slots = (1 + KEYS_PER_GROUP) * 4 * reports->max_groups;

	return sizeof(*reports) + TERMS * sizeof(*reports->terms) +
	       reports->max_groups * sizeof(*reports->groups) + map_slots * (MARK_BYTES + sizeof(uint64_t));
}

/* --- terms -------------------------------------------------------------------------------- */

/* How much a term says: nothing when every text has it, more when it is mostly a name. */
static double rarity(const struct reports *reports, uint16_t term)
{
	const struct term_seen *seen = &reports->terms[term];
	double texts = seen->texts > 0 ? seen->texts : 1;
	double all = reports->ntexts > 0 ? (double)reports->ntexts : 1;

	return all > texts ? log(all / texts) * (1 + seen->capitals / texts) : 0;
}

static void add_weight(struct vector *v, uint16_t term, double weight)
{
	size_t at = v->n;

	while (at > 0 && v->at[at - 1].term > term)
		at--;
	if (at > 0 && v->at[at - 1].term == term) {
		v->at[at - 1].weight += (float)weight;
		return;
	}
	memmove(v->at + at + 1, v->at + at, (v->n - at) * sizeof(*v->at));
	v->at[at] = (struct weighted){ .term = term, .weight = (float)weight };
	v->n++;
}

/* A word that is said again counts more, but not twice. */
#define SAID_AGAIN 0.6

static void vector_of(const struct feature *feature, struct vector *out)
{
	out->n = 0;
	for (size_t i = 0; i < feature->nterms; i++) {
		bool again = i > 0 && feature->terms[i] >> 1 == feature->terms[i - 1] >> 1;

		add_weight(out, (uint16_t)(feature->terms[i] >> 1), again ? SAID_AGAIN : 1);
	}
	for (size_t i = 0; feature->han && i < feature->ngrams; i++)
		add_weight(out, (uint16_t)(WORD_TERMS + (feature->grams[i] >> feature->level)), 1);
}

static void normalize_length(struct vector *v)
{
	double sum = 0;

	for (size_t i = 0; i < v->n; i++)
		sum += (double)v->at[i].weight * (double)v->at[i].weight;
	for (size_t i = 0; i < v->n && sum > 0; i++)
		v->at[i].weight = (float)((double)v->at[i].weight / sqrt(sum));
}

static double cosine(const struct reports *reports, const struct weighted *a, size_t na,
		     const struct weighted *b, size_t nb)
{
	double dot = 0, aa = 0, bb = 0;
	size_t j = 0;

	for (size_t i = 0; i < na; i++) {
		double r = rarity(reports, a[i].term), wa = (double)a[i].weight * r;

		aa += wa * wa;
		while (j < nb && b[j].term < a[i].term)
			j++;
		if (j < nb && b[j].term == a[i].term)
			dot += wa * (double)b[j].weight * r;
	}
	for (j = 0; j < nb; j++) {
		double wb = (double)b[j].weight * rarity(reports, b[j].term);

		bb += wb * wb;
	}
	return dot > 0 ? dot / sqrt(aa * bb) : 0;
}

/* --- groups ------------------------------------------------------------------------------- */

static void name_key(uint32_t name, unsigned char key[MARK_BYTES])
{
	memset(key, 0, MARK_BYTES);
	memcpy(key, &name, sizeof(name));
}

static struct group *group_find(const struct reports *reports, uint32_t name)
{
	unsigned char key[MARK_BYTES];
	uint64_t slot;

	name_key(name, key);
	if (!mark_map_get(&reports->slots, key, &slot) || reports->groups[slot].name == 0)
		return NULL;
	return &reports->groups[slot];
}

/* Forgets the group in the slot and every name by which it was known. */
static struct group *take_slot(struct reports *reports, uint32_t name)
{
	struct group *group = &reports->groups[reports->next];
	unsigned char key[MARK_BYTES];

	if (group->name != 0) {
		name_key(group->name, key);
		mark_map_drop(&reports->slots, key);
	}
	name_key(name, key);
	mark_map_set(&reports->slots, key, reports->next);
	reports->next = (reports->next + 1) % reports->max_groups;
	*group = (struct group){ .name = name };
	return group;
}

static bool known_region(const char *region)
{
	return region != NULL && region[0] != '\0' && memcmp(region, "00", REGION_FAR) != 0;
}

static bool same_region(const struct report *report, const struct group *group, size_t digits)
{
	return known_region(report->region) && known_region(group->region) &&
	       memcmp(report->region, group->region, digits) == 0;
}

static bool far_away(const struct report *report, const struct group *group)
{
	return known_region(report->region) && known_region(group->region) &&
	       !same_region(report, group, REGION_FAR);
}

static bool over(const struct group *group, int64_t now_ms, const struct report_policy *policy)
{
	return policy->window_ms > 0 && now_ms - group->last_ms > policy->window_ms;
}

/* --- strong keys --------------------------------------------------------------------------- */

static void mark_key(const struct fingerprint_mark *mark, unsigned char key[MARK_BYTES])
{
	memset(key, 0, MARK_BYTES);
	memcpy(key, &mark->mark, sizeof(mark->mark));
	key[8] = (unsigned char)mark->kind;
}

static bool judge_keys(const struct reports *reports, const struct report *report,
		       const struct report_policy *policy, struct report_judgement *out)
{
	const struct fingerprint *f = report->fingerprint;

	for (size_t i = 0; f != NULL && i < f->nmarks; i++) {
		unsigned char key[MARK_BYTES];
		const struct group *group;
		uint64_t name;

		mark_key(&f->marks[i], key);
		if (!mark_map_get(&reports->keys, key, &name) || name == report->not_group)
			continue;
		group = group_find(reports, (uint32_t)name);
		if (group == NULL || over(group, report->at_ms, policy))
			continue;
		*out = (struct report_judgement){
			.kind = far_away(report, group) ? REPORT_SUGGEST : REPORT_JOIN,
			.group = group->name,
			.key = f->marks[i].kind,
			.same_place = same_region(report, group, REGION_NEAR),
		};
		return true;
	}
	return false;
}

/* Strong keys of incidents that left are forgotten all at once: rarely, and at a fixed size. */
static void remember_keys(struct reports *reports, const struct fingerprint *f, uint32_t group)
{
	if (f == NULL)
		return;
	if (reports->keys.n + f->nmarks > KEYS_PER_GROUP * reports->max_groups) {
		mark_map_release(&reports->keys);
		mark_map_init(&reports->keys, 0);
	}
	for (size_t i = 0; i < f->nmarks; i++) {
		unsigned char key[MARK_BYTES];

		mark_key(&f->marks[i], key);
		mark_map_set(&reports->keys, key, group);
	}
}

/* --- candidates ----------------------------------------------------------------------------- */

struct candidate {
	uint32_t slot;
	double shared; /* rarity of the terms that found it */
};

struct candidates {
	struct candidate at[CANDIDATES_MAX];
	size_t n;
};

static int by_weight(const void *a, const void *b)
{
	const struct weighted *x = a, *y = b;

	if (x->weight < y->weight || x->weight > y->weight)
		return x->weight > y->weight ? -1 : 1;
	return (x->term > y->term) - (x->term < y->term);
}

static int by_slot(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	return (x->slot > y->slot) - (x->slot < y->slot);
}

static int most_shared_first(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	if (x->shared < y->shared || x->shared > y->shared)
		return x->shared > y->shared ? -1 : 1;
	return by_slot(a, b);
}

static void add_up(struct candidates *c)
{
	size_t n = 0;

	qsort(c->at, c->n, sizeof(*c->at), by_slot);
	for (size_t i = 0; i < c->n; i++) {
		if (n > 0 && c->at[n - 1].slot == c->at[i].slot)
			c->at[n - 1].shared += c->at[i].shared;
		else
			c->at[n++] = c->at[i];
	}
	qsort(c->at, n, sizeof(*c->at), most_shared_first);
	c->n = n < COMPARED_MAX ? n : COMPARED_MAX;
}

static void find_candidates(const struct reports *reports, const struct weighted *terms, size_t n,
			    struct candidates *out)
{
	struct weighted rare[TEXT_TERMS_MAX + GROUP_TERMS_MAX];

	for (size_t i = 0; i < n; i++)
		rare[i] = (struct weighted){ .term = terms[i].term,
					     .weight = (float)rarity(reports, terms[i].term) };
	qsort(rare, n, sizeof(*rare), by_weight);
	out->n = 0;
	for (size_t i = 0; i < n && i < LOOKED_UP_MAX; i++) {
		const struct term_seen *seen = &reports->terms[rare[i].term];

		for (size_t j = 0; j < TERM_GROUPS && seen->groups[j] != 0; j++)
			out->at[out->n++] = (struct candidate){ .slot = seen->groups[j] - 1,
								.shared = (double)rare[i].weight };
	}
	add_up(out);
}

/* --- judging -------------------------------------------------------------------------------- */

/* Two places that are known and far apart take half of the likeness away. */
#define FAR_FACTOR 0.5

static double likeness(const struct reports *reports, const struct report *report, const struct vector *v,
		       const struct group *group, const struct report_policy *policy)
{
	double like;

	if (group->name == 0 || group->name == report->not_group || over(group, report->at_ms, policy))
		return 0;
	like = cosine(reports, v->at, v->n, group->terms, group->nterms);
	return far_away(report, group) ? like * FAR_FACTOR : like;
}

void reports_judge(const struct reports *reports, const struct report *report,
		   const struct report_policy *policy, struct report_judgement *out)
{
	struct candidates candidates;
	struct vector v;

	*out = (struct report_judgement){ .kind = REPORT_NEW };
	if (judge_keys(reports, report, policy, out))
		return;
	vector_of(report->feature, &v);
	find_candidates(reports, v.at, v.n, &candidates);
	for (size_t i = 0; i < candidates.n; i++) {
		const struct group *group = &reports->groups[candidates.at[i].slot];
		double like = likeness(reports, report, &v, group, policy);

		if (like <= out->likeness || like < policy->suggest_from)
			continue;
		*out = (struct report_judgement){ .kind = REPORT_SUGGEST,
						  .group = group->name,
						  .likeness = like,
						  .same_place = same_region(report, group, REGION_NEAR) };
	}
}

/* --- growing -------------------------------------------------------------------------------- */

static void count_terms(struct reports *reports, const struct feature *feature, const struct vector *v)
{
	reports->ntexts++;
	for (size_t i = 0; i < v->n; i++)
		reports->terms[v->at[i].term].texts++;
	for (size_t i = 0; i < feature->nterms; i++)
		if ((i == 0 || feature->terms[i] >> 1 != feature->terms[i - 1] >> 1) && feature->terms[i] & 1)
			reports->terms[feature->terms[i] >> 1].capitals++;
}

static void remember_group(struct term_seen *seen, uint32_t slot)
{
	for (size_t i = 0; i < TERM_GROUPS; i++)
		if (seen->groups[i] == slot + 1)
			return;
	seen->groups[seen->next] = slot + 1;
	seen->next = (seen->next + 1) % TERM_GROUPS;
}

/* The terms that say most stay. */
static void keep_terms(const struct reports *reports, struct vector *v, struct group *group)
{
	struct weighted ranked[TEXT_TERMS_MAX + GROUP_TERMS_MAX];
	float least = 0;

	if (v->n > GROUP_TERMS_MAX) {
		for (size_t i = 0; i < v->n; i++)
			ranked[i] = (struct weighted){ .term = v->at[i].term,
						       .weight = v->at[i].weight *
								 (float)rarity(reports, v->at[i].term) };
		qsort(ranked, v->n, sizeof(*ranked), by_weight);
		least = ranked[GROUP_TERMS_MAX - 1].weight;
	}
	group->nterms = 0;
	for (size_t i = 0; i < v->n && group->nterms < GROUP_TERMS_MAX; i++)
		if (v->at[i].weight * (float)rarity(reports, v->at[i].term) >= least)
			group->terms[group->nterms++] = v->at[i];
}

static void grow(struct reports *reports, struct group *group, const struct weighted *terms, size_t n)
{
	uint32_t slot = (uint32_t)(group - reports->groups);
	struct vector sum = { .n = group->nterms };

	memcpy(sum.at, group->terms, group->nterms * sizeof(*sum.at));
	for (size_t i = 0; i < n; i++)
		add_weight(&sum, terms[i].term, (double)terms[i].weight);
	keep_terms(reports, &sum, group);
	for (size_t i = 0; i < group->nterms; i++)
		remember_group(&reports->terms[group->terms[i].term], slot);
}

/* Another incident that has become like this one. */
static uint32_t grown_alike(const struct reports *reports, const struct report *report,
			    const struct vector *v, const struct group *group,
			    const struct report_policy *policy)
{
	struct candidates candidates;

	find_candidates(reports, v->at, v->n, &candidates);
	for (size_t i = 0; i < candidates.n; i++) {
		const struct group *other = &reports->groups[candidates.at[i].slot];

		if (other == group || likeness(reports, report, v, other, policy) < policy->suggest_from)
			continue;
		if (cosine(reports, group->terms, group->nterms, other->terms, other->nterms) >=
		    policy->merge_from)
			return other->name;
	}
	return 0;
}

uint32_t reports_add(struct reports *reports, const struct report *report, uint32_t name,
		     const struct report_policy *policy)
{
	struct group *group = group_find(reports, name);
	struct vector v;

	vector_of(report->feature, &v);
	count_terms(reports, report->feature, &v);
	normalize_length(&v);
	if (group == NULL)
		group = take_slot(reports, name);
	grow(reports, group, v.at, v.n);
	group->ntexts++;
	if (report->at_ms > group->last_ms)
		group->last_ms = report->at_ms;
	if (!known_region(group->region) && known_region(report->region))
		memcpy(group->region, report->region, sizeof(group->region) - 1);
	remember_keys(reports, report->fingerprint, name);
	return grown_alike(reports, report, &v, group, policy);
}

void reports_join(struct reports *reports, uint32_t name, uint32_t other_name)
{
	struct group *group = group_find(reports, name), *other = group_find(reports, other_name);
	unsigned char key[MARK_BYTES];

	if (other == NULL || other == group)
		return;
	if (group == NULL)
		group = other;
	else
		grow(reports, group, other->terms, other->nterms);
	group->ntexts += group == other ? 0 : other->ntexts;
	group->last_ms = group->last_ms > other->last_ms ? group->last_ms : other->last_ms;
	if (group != other)
		other->name = 0;
	group->name = name;
	name_key(name, key);
	mark_map_set(&reports->slots, key, (uint64_t)(group - reports->groups));
	name_key(other_name, key);
	mark_map_drop(&reports->slots, key);
}
