/*
 * One multi-pattern pass over a folded text (Hyperscan, literals only).
 *
 * Whoever wants words found adds them to a scan_set, each with its family and
 * a number that means something to that family (an index into the gazetteer,
 * a term of a rule). One scanner serves all families, so a text is read once.
 */
#ifndef TIPLINE_CORE_SCAN_H
#define TIPLINE_CORE_SCAN_H

#include "daemon/base/arena.h"
#include "daemon/base/buf.h"

enum scan_family {
	SCAN_PLACE,  /* meaning: core/text/gazetteer.c */
	SCAN_CUE,    /* words that say what a place is to the event: core/text/route.c */
	SCAN_TERM,   /* terms of the scoring rules: core/score/rules.c */
};

struct scan_set;
struct scanner;
struct scan_scratch;  /* working memory of one thread */

struct scan_hit {
	uint32_t from;  /* byte offsets in the folded text */
	uint32_t to;
	uint32_t meaning;
	enum scan_family family;
};

struct scan_hits {
	struct scan_hit *at;  /* in order of `from`, then longer first */
	size_t n;
};

struct scan_set *scan_set_new(void);
void scan_set_free(struct scan_set *set);

/* Adds a literal, already folded. The same literal may be added with several meanings. */
void scan_set_add(struct scan_set *set, enum scan_family family, uint32_t meaning, struct span literal);

/*
 * Where compiled sets are kept from one start to the next, because compiling
 * takes half a second. The name follows from the set, the library and the
 * processor, so what is kept under it is the same for ever.
 */
#define SCAN_NAME_BYTES 32
struct scan_keep {
	bool (*get)(void *ctx, const unsigned char name[SCAN_NAME_BYTES], struct buf *into);  /* false: not kept */
	void (*put)(void *ctx, const unsigned char name[SCAN_NAME_BYTES], struct span bytes); /* may fail in silence */
	void *ctx;
};

/* Compiles the set, which may be freed afterwards. NULL and *why (static text) on failure. */
struct scanner *scanner_new(const struct scan_set *set, const char **why);

/* The same, from `keep` if it is there. What is kept is believed: its place is as private as the keys. */
struct scanner *scanner_new_kept(const struct scan_set *set, const struct scan_keep *keep, const char **why);
void scanner_free(struct scanner *scanner);

struct scan_scratch *scan_scratch_new(const struct scanner *scanner);
void scan_scratch_free(struct scan_scratch *scratch);

/* Every occurrence of every literal, overlapping ones too. `hits` lives in the arena. */
void scan(const struct scanner *scanner, struct scan_scratch *scratch, struct span folded,
	  struct arena *arena, struct scan_hits *hits);

#endif
