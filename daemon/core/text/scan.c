/*
 * The one pass over a text; see scan.h.
 *
 * Hyperscan gets every distinct literal once; what it means to whom is kept
 * beside it. It reports where a match ends; where it begins follows from the
 * length of the literal, so that its costlier start-of-match is not needed.
 */
#include "daemon/core/text/scan.h"

#include <assert.h>
#include <hs/hs.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

struct literal {
	size_t at; /* in the pool */
	size_t len;
	enum scan_family family;
	uint32_t meaning;
	const char *pool; /* set for sorting */
};

struct scan_set {
	struct buf pool;
	struct literal *literals;
	size_t n;
	size_t size;
};

struct meaning {
	enum scan_family family;
	uint32_t meaning;
};

struct scanner {
	hs_database_t *database;  /* NULL when there are no literals */
	struct meaning *meanings; /* grouped by literal */
	uint32_t *first;          /* per literal: its first meaning; one more at the end */
	uint32_t *len;            /* per literal: its bytes */
};

struct scan_scratch {
	hs_scratch_t *scratch;
	struct scan_hit *hits;
	size_t n;
	size_t size;
	const struct scanner *scanner;
};

static void *checked(void *at)
{
	if (at == NULL) {
		fputs("out of memory\n", stderr);
		exit(EXIT_FAILURE);
	}
	return at;
}

struct scan_set *scan_set_new(void)
{
	return checked(calloc(1, sizeof(struct scan_set)));
}

void scan_set_free(struct scan_set *set)
{
	if (set == NULL)
		return;
	buf_release(&set->pool);
	free(set->literals);
	free(set);
}

void scan_set_add(struct scan_set *set, enum scan_family family, uint32_t meaning, struct span literal)
{
	assert(literal.len > 0);
	if (set->n == set->size) {
		set->size = set->size > 0 ? set->size * 2 : 1024;
		set->literals = checked(realloc(set->literals, set->size * sizeof(*set->literals)));
	}
	set->literals[set->n++] = (struct literal){
		.at = set->pool.len,
		.len = literal.len,
		.family = family,
		.meaning = meaning,
	};
	buf_add_span(&set->pool, literal);
}

static struct span literal_span(const struct literal *l)
{
	return span_from(l->pool + l->at, l->len);
}

static int compare_bytes(struct span a, struct span b)
{
	int order = memcmp(a.at, b.at, a.len < b.len ? a.len : b.len);

	return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static int compare_literals(const void *a, const void *b)
{
	const struct literal *x = a;
	const struct literal *y = b;
	int order = compare_bytes(literal_span(x), literal_span(y));

	if (order == 0)
		order = (x->family > y->family) - (x->family < y->family);
	return order != 0 ? order : (x->meaning > y->meaning) - (x->meaning < y->meaning);
}

/* A copy of the set's literals in order, without repetitions. */
static struct literal *sorted_literals(const struct scan_set *set, size_t *n)
{
	struct literal *sorted = checked(calloc(set->n + 1, sizeof(*sorted)));
	size_t kept = 0;

	for (size_t i = 0; i < set->n; i++) {
		sorted[i] = set->literals[i];
		sorted[i].pool = set->pool.at;
	}
	qsort(sorted, set->n, sizeof(*sorted), compare_literals);
	for (size_t i = 0; i < set->n; i++)
		if (kept == 0 || compare_literals(&sorted[kept - 1], &sorted[i]) != 0)
			sorted[kept++] = sorted[i];
	*n = kept;
	return sorted;
}

/* Groups the meanings by literal; returns the number of distinct literals and their texts. */
static unsigned group(struct scanner *scanner, const struct literal *sorted, size_t n, const char **texts,
		      size_t *lengths)
{
	unsigned distinct = 0;

	for (size_t i = 0; i < n; i++) {
		struct span text = literal_span(&sorted[i]);

		if (i == 0 || !span_eq(text, literal_span(&sorted[i - 1]))) {
			texts[distinct] = text.at;
			lengths[distinct] = text.len;
			scanner->len[distinct] = (uint32_t)text.len;
			scanner->first[distinct++] = (uint32_t)i;
		}
		scanner->meanings[i] = (struct meaning){ sorted[i].family, sorted[i].meaning };
	}
	scanner->first[distinct] = (uint32_t)n;
	return distinct;
}

/* The distinct literals, as Hyperscan takes them. */
struct words {
	const char **texts;
	size_t *lengths;
	unsigned n;
};

static bool compile(hs_database_t **database, const struct words *words)
{
	unsigned *flags = checked(calloc(words->n, sizeof(*flags)));
	unsigned *ids = checked(calloc(words->n, sizeof(*ids)));
	hs_compile_error_t *error = NULL;
	hs_error_t result;

	for (unsigned i = 0; i < words->n; i++)
		ids[i] = i;
	result = hs_compile_lit_multi(words->texts, flags, ids, words->lengths, words->n, HS_MODE_BLOCK, NULL,
				      database, &error);
	if (error != NULL)
		hs_free_compile_error(error);
	free(flags);
	free(ids);
	return result == HS_SUCCESS;
}

/* --- kept between starts --------------------------------------------------------------- */

static void name_of(const struct words *words, unsigned char name[SCAN_NAME_BYTES])
{
	crypto_generichash_state state;
	hs_platform_info_t platform = { 0 };
	uint64_t features;

	hs_populate_platform(&platform);
	features = platform.cpu_features;
	crypto_generichash_init(&state, NULL, 0, SCAN_NAME_BYTES);
	crypto_generichash_update(&state, (const unsigned char *)hs_version(), strlen(hs_version()) + 1);
	crypto_generichash_update(&state, (const unsigned char *)&platform.tune, sizeof(platform.tune));
	crypto_generichash_update(&state, (const unsigned char *)&features, sizeof(features));
	for (unsigned i = 0; i < words->n; i++) {
		crypto_generichash_update(&state, (const unsigned char *)&words->lengths[i], sizeof(*words->lengths));
		crypto_generichash_update(&state, (const unsigned char *)words->texts[i], words->lengths[i]);
	}
	crypto_generichash_final(&state, name, SCAN_NAME_BYTES);
}

static void keep_database(const struct scan_keep *keep, const unsigned char *name, const hs_database_t *database)
{
	char *bytes = NULL;
	size_t len = 0;

	if (hs_serialize_database(database, &bytes, &len) == HS_SUCCESS)
		keep->put(keep->ctx, name, span_from(bytes, len));
	free(bytes);
}

static bool kept_database(const struct scan_keep *keep, const unsigned char *name, hs_database_t **database)
{
	struct buf bytes = { 0 };
	bool found = keep->get(keep->ctx, name, &bytes) &&
		     hs_deserialize_database(bytes.at, bytes.len, database) == HS_SUCCESS;

	buf_release(&bytes);
	return found;
}

static bool open_database(hs_database_t **database, const struct words *words, const struct scan_keep *keep)
{
	unsigned char name[SCAN_NAME_BYTES];

	if (keep == NULL)
		return compile(database, words);
	name_of(words, name);
	if (kept_database(keep, name, database))
		return true;
	if (!compile(database, words))
		return false;
	keep_database(keep, name, *database);
	return true;
}

/* --- life ------------------------------------------------------------------------------ */

struct scanner *scanner_new(const struct scan_set *set, const char **why)
{
	return scanner_new_kept(set, NULL, why);
}

struct scanner *scanner_new_kept(const struct scan_set *set, const struct scan_keep *keep, const char **why)
{
	struct scanner *scanner = checked(calloc(1, sizeof(*scanner)));
	size_t n;
	struct literal *sorted = sorted_literals(set, &n);
	struct words words = { .texts = checked(calloc(n + 1, sizeof(*words.texts))),
			       .lengths = checked(calloc(n + 1, sizeof(*words.lengths))) };

	scanner->meanings = checked(calloc(n + 1, sizeof(*scanner->meanings)));
	scanner->first = checked(calloc(n + 1, sizeof(*scanner->first)));
	scanner->len = checked(calloc(n + 1, sizeof(*scanner->len)));
	words.n = group(scanner, sorted, n, words.texts, words.lengths);
	if (words.n > 0 && !open_database(&scanner->database, &words, keep)) {
		*why = "the words to look for could not be compiled";
		scanner_free(scanner);
		scanner = NULL;
	}
	free(sorted);
	free(words.texts);
	free(words.lengths);
	return scanner;
}

void scanner_free(struct scanner *scanner)
{
	if (scanner == NULL)
		return;
	hs_free_database(scanner->database);
	free(scanner->meanings);
	free(scanner->first);
	free(scanner->len);
	free(scanner);
}

struct scan_scratch *scan_scratch_new(const struct scanner *scanner)
{
	struct scan_scratch *scratch = checked(calloc(1, sizeof(*scratch)));

	scratch->scanner = scanner;
	if (scanner->database != NULL && hs_alloc_scratch(scanner->database, &scratch->scratch) != HS_SUCCESS)
		checked(NULL);
	return scratch;
}

void scan_scratch_free(struct scan_scratch *scratch)
{
	if (scratch == NULL)
		return;
	hs_free_scratch(scratch->scratch);
	free(scratch->hits);
	free(scratch);
}

/* Earlier first; where they begin together the longer first; then by family and meaning. */
static bool before(const struct scan_hit *a, const struct scan_hit *b)
{
	if (a->from != b->from)
		return a->from < b->from;
	if (a->to != b->to)
		return a->to > b->to;
	return a->family != b->family ? a->family < b->family : a->meaning < b->meaning;
}

/*
 * Matches arrive in order of their ends, so the place of a new one is never
 * farther back than the longest literal reaches: inserting is cheap.
 */
static void insert(struct scan_scratch *s, struct scan_hit hit)
{
	size_t i;

	if (s->n == s->size) {
		s->size = s->size > 0 ? s->size * 2 : 256;
		s->hits = checked(realloc(s->hits, s->size * sizeof(*s->hits)));
	}
	for (i = s->n++; i > 0 && before(&hit, &s->hits[i - 1]); i--)
		s->hits[i] = s->hits[i - 1];
	s->hits[i] = hit;
}

static int on_match(unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void *arg)
{
	struct scan_scratch *s = arg;
	const struct scanner *scanner = s->scanner;

	(void)from;
	(void)flags;
	for (uint32_t i = scanner->first[id]; i < scanner->first[id + 1]; i++)
		insert(s, (struct scan_hit){
				  .from = (uint32_t)to - scanner->len[id],
				  .to = (uint32_t)to,
				  .meaning = scanner->meanings[i].meaning,
				  .family = scanner->meanings[i].family,
			  });
	return 0;
}

void scan(const struct scanner *scanner, struct scan_scratch *scratch, struct span folded,
	  struct arena *arena, struct scan_hits *hits)
{
	assert(scratch->scanner == scanner && folded.len < UINT32_MAX);
	scratch->n = 0;
	if (scanner->database != NULL && folded.len > 0) {
		hs_error_t result = hs_scan(scanner->database, folded.at, (unsigned)folded.len, 0,
					    scratch->scratch, on_match, scratch);

		assert(result == HS_SUCCESS);
		(void)result;
	}
	hits->n = scratch->n;
	hits->at = arena_array(arena, struct scan_hit, scratch->n);
	if (scratch->n > 0)
		memcpy(hits->at, scratch->hits, scratch->n * sizeof(*hits->at));
}
