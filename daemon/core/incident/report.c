/*
 * Running incidents; see report.h.
 *
 * A term is the hash of a word, or of two neighbours in Han. Each term
 * remembers the latest incidents that hold it, which is how candidates are
 * found; the exact cosine then decides, so a stale entry does no harm.
 */
#include "daemon/core/incident/report.h"

#include "daemon/base/mark_map.h"
#include "daemon/base/memory.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#define TERMS 32768
#define TERM_GROUPS 32 /* latest incidents that a term remembers */
#define GROUP_TERMS_MAX 160
#define TEXT_TERMS_MAX FEATURE_TERMS_MAX
#define SUM_TERMS_MAX \
	((TEXT_TERMS_MAX > GROUP_TERMS_MAX ? TEXT_TERMS_MAX : GROUP_TERMS_MAX) + GROUP_TERMS_MAX)
#define LOOKED_UP_MAX 16 /* rarest terms of a text that find candidates */
#define CANDIDATES_MAX (LOOKED_UP_MAX * TERM_GROUPS)
#define COMPARED_MAX 12
#define KEYS_PER_GROUP 4 /* strong keys are forgotten when there are more of them on average */
#define RENAMED_MAX 16   /* a group that was joined more often is not found by its first name */
#define REGION_NEAR 4    /* digits of a region that make a prefecture */
#define REGION_FAR 2     /* and a province */

const struct report_policy report_policy_default = { .suggest_from = 0.27, .merge_from = 0.33 };

struct weighted {
	uint16_t term;
	float weight;
};

/* The terms of a text or an incident, ascending by term. */
struct vector {
	struct weighted at[SUM_TERMS_MAX];
	size_t n;
};

struct group {
	uint32_t name; /* 0: free */
	uint32_t ntexts;
	uint32_t text; /* the latest with a number */
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

/* What rarity() needs of a term, close together. */
struct term_worth {
	float log_texts;
	float names; /* 1, and up to 2 when it is always written with a capital */
};

struct reports {
	struct group *groups;
	size_t max_groups;
	size_t next;           /* slot that the next new incident takes */
	struct mark_map slots; /* group name -> slot */
	struct mark_map keys;  /* strong key -> group name, as it was then */
	struct mark_map names; /* name of a group that was joined -> name it was joined under */
	struct term_seen *terms;
	struct term_worth *worths;
	uint64_t ntexts;
	double log_texts;
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
	reports->worths = memory_zeroes(TERMS, sizeof(*reports->worths));
	for (size_t i = 0; i < TERMS; i++)
		reports->worths[i].names = 1;
	mark_map_init(&reports->slots, 0);
	mark_map_init(&reports->keys, 0);
	mark_map_init(&reports->names, 0);
	return reports;
}

void reports_free(struct reports *reports)
{
	if (reports == NULL)
		return;
	mark_map_release(&reports->slots);
	mark_map_release(&reports->keys);
	mark_map_release(&reports->names);
	free(reports->groups);
	free(reports->terms);
	free(reports->worths);
	free(reports);
}

size_t reports_bytes(const struct reports *reports)
{
	size_t maps = mark_map_bytes(reports->max_groups) +
		      2 * mark_map_bytes(KEYS_PER_GROUP * reports->max_groups + 2 * ENTITIES_MAX);

	return sizeof(*reports) + TERMS * (sizeof(*reports->terms) + sizeof(*reports->worths)) +
	       reports->max_groups * sizeof(*reports->groups) + maps;
}

/* --- terms -------------------------------------------------------------------------------- */

/* How much a term says: nothing when every text has it, more when it is mostly a name. */
static double rarity(const struct reports *reports, uint16_t term)
{
	const struct term_worth *worth = &reports->worths[term];
	double all = reports->log_texts - (double)worth->log_texts;

	return all > 0 ? all * (double)worth->names : 0;
}

static void weigh(struct reports *reports, uint16_t term)
{
	const struct term_seen *seen = &reports->terms[term];
	double texts = seen->texts > 0 ? seen->texts : 1;

	reports->worths[term] = (struct term_worth){ .log_texts = (float)log(texts),
						     .names = (float)(1 + seen->capitals / texts) };
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

/* The name that a group goes by now. */
static uint32_t present_name(const struct reports *reports, uint32_t name)
{
	unsigned char key[MARK_BYTES];
	uint64_t newer;

	for (unsigned i = 0; i < RENAMED_MAX; i++) {
		name_key(name, key);
		if (!mark_map_get(&reports->names, key, &newer))
			break;
		name = (uint32_t)newer;
	}
	return name;
}

/* Forgotten all at once, as strong keys are. */
static void remember_name(struct reports *reports, uint32_t name, uint32_t newer)
{
	unsigned char key[MARK_BYTES];

	if (reports->names.n >= KEYS_PER_GROUP * reports->max_groups)
		mark_map_release(&reports->names);
	name_key(name, key);
	mark_map_set(&reports->names, key, newer);
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

/* Kept for the province of a report and for all: the same plate may be told of in two of them. */
static void mark_key(const struct fingerprint_mark *mark, const char *province, unsigned char key[MARK_BYTES])
{
	memset(key, 0, MARK_BYTES);
	memcpy(key, &mark->mark, sizeof(mark->mark));
	key[8] = (unsigned char)mark->kind;
	if (province != NULL)
		memcpy(key + 9, province, REGION_FAR);
}

static const char *province_of(const struct report *report)
{
	return known_region(report->region) ? report->region : NULL;
}

/* The incident that has a key and is not over, or NULL. */
static const struct group *group_of_key(const struct reports *reports, const struct report *report,
					const unsigned char key[MARK_BYTES], const struct report_policy *policy)
{
	const struct group *group;
	uint64_t name;

	if (!mark_map_get(&reports->keys, key, &name))
		return NULL;
	group = group_find(reports, present_name(reports, (uint32_t)name));
	return group != NULL && !over(group, report->at_ms, policy) ? group : NULL;
}

static void judge_key(const struct reports *reports, const struct report *report,
		      const struct fingerprint_mark *mark, const char *province,
		      const struct report_policy *policy, struct report_judgement *out)
{
	unsigned char key[MARK_BYTES];
	const struct group *group;
	bool far;

	mark_key(mark, province, key);
	group = group_of_key(reports, report, key, policy);
	if (group == NULL || group->name == report->not_group)
		return;
	far = far_away(report, group);
	if (out->kind == REPORT_JOIN || (out->kind == REPORT_SUGGEST && far))
		return;
	*out = (struct report_judgement){
		.kind = far ? REPORT_SUGGEST : REPORT_JOIN,
		.group = group->name,
		.text = group->text,
		.key = mark->kind,
		.same_place = same_region(report, group, REGION_NEAR),
	};
}

static bool judge_keys(const struct reports *reports, const struct report *report,
		       const struct report_policy *policy, struct report_judgement *out)
{
	const struct fingerprint *f = report->fingerprint;

	for (size_t i = 0; i < f->nmarks; i++) {
		if (province_of(report) != NULL)
			judge_key(reports, report, &f->marks[i], province_of(report), policy, out);
		judge_key(reports, report, &f->marks[i], NULL, policy, out);
	}
	return out->kind != REPORT_NEW;
}

/* The first incident keeps a key until it is over. */
static void remember_key(struct reports *reports, const struct report *report,
			 const struct fingerprint_mark *mark, const char *province, uint32_t group,
			 const struct report_policy *policy)
{
	unsigned char key[MARK_BYTES];

	mark_key(mark, province, key);
	if (group_of_key(reports, report, key, policy) == NULL)
		mark_map_set(&reports->keys, key, group);
}

/* Strong keys of incidents that left are forgotten all at once: rarely, and at a fixed size. */
static void remember_keys(struct reports *reports, const struct report *report, uint32_t group,
			  const struct report_policy *policy)
{
	const struct fingerprint *f = report->fingerprint;

	if (reports->keys.n + 2 * f->nmarks > KEYS_PER_GROUP * reports->max_groups) {
		mark_map_release(&reports->keys);
		mark_map_init(&reports->keys, 0);
	}
	for (size_t i = 0; i < f->nmarks; i++) {
		remember_key(reports, report, &f->marks[i], NULL, group, policy);
		if (province_of(report) != NULL)
			remember_key(reports, report, &f->marks[i], province_of(report), group, policy);
	}
}

/* --- candidates ----------------------------------------------------------------------------- */

struct candidate {
	uint32_t slot;
	double shared; /* rarity of the terms that found it */
};

/* Slots as they are found, each once: a small table by which they are found again. */
#define FOUND_BITS 10
#define FOUND_SIZE (1u << FOUND_BITS)

struct candidates {
	struct candidate at[CANDIDATES_MAX];
	size_t n;
	uint16_t found[FOUND_SIZE]; /* place + 1 */
};

_Static_assert(CANDIDATES_MAX < FOUND_SIZE, "the table is never full");

static int by_weight(const void *a, const void *b)
{
	const struct weighted *x = a, *y = b;

	if (x->weight < y->weight || x->weight > y->weight)
		return x->weight > y->weight ? -1 : 1;
	return (x->term > y->term) - (x->term < y->term);
}

static void add_candidate(struct candidates *c, uint32_t slot, double weight)
{
	uint32_t at = slot * 0x9E3779B1u >> (32 - FOUND_BITS);

	while (c->found[at] != 0 && c->at[c->found[at] - 1].slot != slot)
		at = (at + 1) % FOUND_SIZE;
	if (c->found[at] == 0) {
		c->at[c->n++] = (struct candidate){ .slot = slot };
		c->found[at] = (uint16_t)c->n;
	}
	c->at[c->found[at] - 1].shared += weight;
}

static bool shares_more(const struct candidate *a, const struct candidate *b)
{
	return a->shared > b->shared || (a->shared >= b->shared && a->slot < b->slot);
}

/* Those that share most come first; the others are left out. */
static void keep_best(struct candidates *c)
{
	struct candidate best[COMPARED_MAX];
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++) {
		size_t at = n;

		while (at > 0 && shares_more(&c->at[i], &best[at - 1]))
			at--;
		if (at == COMPARED_MAX)
			continue;
		n += n < COMPARED_MAX;
		memmove(best + at + 1, best + at, (n - at - 1) * sizeof(*best));
		best[at] = c->at[i];
	}
	memcpy(c->at, best, n * sizeof(*best));
	c->n = n;
}

static void find_candidates(const struct reports *reports, const struct weighted *terms, size_t n,
			    struct candidates *out)
{
	struct weighted rare[SUM_TERMS_MAX];

	for (size_t i = 0; i < n; i++)
		rare[i] = (struct weighted){ .term = terms[i].term,
					     .weight = (float)rarity(reports, terms[i].term) };
	qsort(rare, n, sizeof(*rare), by_weight);
	out->n = 0;
	memset(out->found, 0, sizeof(out->found));
	for (size_t i = 0; i < n && i < LOOKED_UP_MAX; i++) {
		const struct term_seen *seen = &reports->terms[rare[i].term];

		for (size_t j = 0; j < TERM_GROUPS && seen->groups[j] != 0; j++)
			add_candidate(out, seen->groups[j] - 1, (double)rare[i].weight);
	}
	keep_best(out);
}

/* --- judging -------------------------------------------------------------------------------- */

/* Neighbours in Han overlap: what two texts share is counted about twice. */
#define HAN_FACTOR 0.8

static double scaled(const struct report *report, double like)
{
	return report->fingerprint->feature.han ? like * HAN_FACTOR : like;
}

/* Two places that are known and far apart take half of the likeness away. */
#define FAR_FACTOR 0.5

static double likeness(const struct reports *reports, const struct report *report, const struct vector *v,
		       const struct group *group, const struct report_policy *policy)
{
	double like;

	if (group->name == 0 || group->name == report->not_group || over(group, report->at_ms, policy))
		return 0;
	like = scaled(report, cosine(reports, v->at, v->n, group->terms, group->nterms));
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
	vector_of(&report->fingerprint->feature, &v);
	find_candidates(reports, v.at, v.n, &candidates);
	for (size_t i = 0; i < candidates.n; i++) {
		const struct group *group = &reports->groups[candidates.at[i].slot];
		double like = likeness(reports, report, &v, group, policy);

		if (like <= out->likeness || like < policy->suggest_from)
			continue;
		*out = (struct report_judgement){ .kind = REPORT_SUGGEST,
						  .group = group->name,
						  .text = group->text,
						  .likeness = like,
						  .same_place = same_region(report, group, REGION_NEAR) };
	}
}

/* --- growing -------------------------------------------------------------------------------- */

static void count_terms(struct reports *reports, const struct feature *feature, const struct vector *v)
{
	reports->ntexts++;
	reports->log_texts = log((double)reports->ntexts);
	for (size_t i = 0; i < v->n; i++)
		reports->terms[v->at[i].term].texts++;
	for (size_t i = 0; i < feature->nterms; i++)
		if ((i == 0 || feature->terms[i] >> 1 != feature->terms[i - 1] >> 1) && feature->terms[i] & 1)
			reports->terms[feature->terms[i] >> 1].capitals++;
	for (size_t i = 0; i < v->n; i++)
		weigh(reports, v->at[i].term);
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
	struct weighted ranked[SUM_TERMS_MAX];
	float worth[SUM_TERMS_MAX];

	group->nterms = (uint8_t)(v->n < GROUP_TERMS_MAX ? v->n : GROUP_TERMS_MAX);
	memcpy(group->terms, v->at, group->nterms * sizeof(*v->at));
	if (v->n <= GROUP_TERMS_MAX)
		return;
	for (size_t i = 0; i < v->n; i++) {
		worth[i] = v->at[i].weight * (float)rarity(reports, v->at[i].term);
		ranked[i] = (struct weighted){ .term = v->at[i].term, .weight = worth[i] };
	}
	qsort(ranked, v->n, sizeof(*ranked), by_weight);
	group->nterms = 0;
	for (size_t i = 0; i < v->n && group->nterms < GROUP_TERMS_MAX; i++)
		if (worth[i] >= ranked[GROUP_TERMS_MAX - 1].weight)
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
		if (scaled(report, cosine(reports, group->terms, group->nterms, other->terms,
					  other->nterms)) >= policy->merge_from)
			return other->name;
	}
	return 0;
}

/* The group as it is now that the text is counted. */
static const struct group *count_text(struct reports *reports, const struct report *report, uint32_t name,
				      const struct report_policy *policy, struct vector *v)
{
	struct group *group = group_find(reports, name);

	vector_of(&report->fingerprint->feature, v);
	count_terms(reports, &report->fingerprint->feature, v);
	normalize_length(v);
	if (group == NULL)
		group = take_slot(reports, name);
	grow(reports, group, v->at, v->n);
	group->ntexts++;
	if (report->text > group->text)
		group->text = report->text;
	if (report->at_ms > group->last_ms)
		group->last_ms = report->at_ms;
	if (!known_region(group->region) && known_region(report->region))
		memcpy(group->region, report->region, sizeof(group->region) - 1);
	remember_keys(reports, report, name, policy);
	return group;
}

uint32_t reports_add(struct reports *reports, const struct report *report, uint32_t name,
		     const struct report_policy *policy)
{
	struct vector v;
	const struct group *group = count_text(reports, report, name, policy, &v);

	return grown_alike(reports, report, &v, group, policy);
}

void reports_count(struct reports *reports, const struct report *report, uint32_t name,
		   const struct report_policy *policy)
{
	struct vector v;

	count_text(reports, report, name, policy, &v);
}

void reports_join(struct reports *reports, uint32_t name, uint32_t other_name)
{
	struct group *group = group_find(reports, name), *other = group_find(reports, other_name);
	unsigned char key[MARK_BYTES];

	if (name != other_name)
		remember_name(reports, other_name, name);
	if (other == NULL || other == group)
		return;
	if (group == NULL)
		group = other;
	else
		grow(reports, group, other->terms, other->nterms);
	group->ntexts += group == other ? 0 : other->ntexts;
	group->last_ms = group->last_ms > other->last_ms ? group->last_ms : other->last_ms;
	group->text = group->text > other->text ? group->text : other->text;
	if (group != other)
		other->name = 0;
	group->name = name;
	name_key(name, key);
	mark_map_set(&reports->slots, key, (uint64_t)(group - reports->groups));
	name_key(other_name, key);
	mark_map_drop(&reports->slots, key);
}

uint32_t reports_text(const struct reports *reports, uint32_t name)
{
	const struct group *group = group_find(reports, name);

	return group != NULL ? group->text : 0;
}
