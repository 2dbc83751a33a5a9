/*
 * Scoring rules as data: what the files of config/rules/ say.
 *
 * A rule has a name, points, a reason text per language, and terms (groups of
 * words, each group to be met), a predicate, or both. Its own test texts stand
 * in the file and are judged when the judge is made, so a rule that does not
 * do what its author wrote is refused with file, line and text. A campaign is
 * a rule that holds in a region and for some days.
 * config/rules/README.md is the manual of the format.
 */
#ifndef TIPLINE_CORE_RULES_H
#define TIPLINE_CORE_RULES_H

#include "daemon/base/arena.h"
#include "daemon/base/complaint.h"
#include "daemon/core/text/scan.h"
#include "daemon/core/score/score_context.h"

#define RULES_MAX 512
#define RULE_POINTS_MAX 100
#define RULE_GROUPS_MAX 4
#define RULE_WITH_MAX 4

struct rules;
struct predicate;

struct rule {
	struct span name;       /* stable; in the journal and the API */
	int points;             /* -100..100, never 0 */
	struct span reason_zh;
	struct span reason_en;

	/* For core/score/score.c: what it takes to match. */
	unsigned groups;                   /* groups of terms, each of which must be met */
	uint32_t within;                   /* bytes of folded text that hold one term of each group; 0: anywhere */
	const struct predicate *when;      /* or NULL */
	int64_t when_value;                /* what stands behind the predicate's name */
	uint16_t with[RULE_WITH_MAX];      /* rules before this one that must match too */
	size_t nwith;
	bool keep;                         /* what was learned takes no such tip below the band standard */

	/* Of a campaign; the others hold everywhere and always. */
	bool campaign;
	struct span region;                /* first digits of the code; empty: everywhere */
	int64_t from_ms;                   /* tips received at or after this; 0: no beginning */
	int64_t until_ms;                  /* ...and before this; 0: no end */
};

/* One rule file: its bytes and the name used in complaints. */
struct rule_file {
	const char *name;
	struct span yaml;
};

/* NULL and a complaint ("file:line: rule 'x': field: ...") when a file is wrong. Copies what it keeps. */
struct rules *rules_new(const struct rule_file *files, size_t n, struct complaint *why);
void rules_free(struct rules *rules);

size_t rules_count(const struct rules *rules);
const struct rule *rules_at(const struct rules *rules, size_t index);

/* Hash of all the files' bytes, pinned to each score in the journal: 8 hex digits and NUL. */
const char *rules_version(const struct rules *rules);

/* Adds the terms, folded, to the set; the meaning of a hit is the term's number. */
struct normalizer;
void rules_add_patterns(const struct rules *rules, const struct normalizer *normalizer,
			struct scan_set *set);

/* --- for core/score/score.c and core/judge.c ------------------------------------------- */

/* A group by this number takes the rule back when one of its words stands in the text. */
#define RULE_GROUP_UNLESS RULE_GROUPS_MAX
/* Inside a word of this one no word of the rule counts: "open" in "opening hours". */
#define RULE_GROUP_EXCEPT (RULE_GROUPS_MAX + 1)

struct rule_term {
	struct span word;   /* as written, without the '*' */
	uint16_t rule;
	uint8_t group;
	bool open_end;      /* written with '*': a Latin word may go on behind it */
};

/* The term of a hit's meaning, or NULL for a number that is none. */
const struct rule_term *rules_term(const struct rules *rules, uint32_t meaning);

/* A rule's own test: a tip, and whether the rule has to match it. */
struct rule_sample {
	const char *file;   /* lives as long as the rules */
	size_t line;
	size_t rule;        /* index */
	struct span text;   /* as written; empty for a rule about the context */
	struct span region; /* chosen on the form, or empty */
	struct span category;
	struct score_context context;
	bool matches;
};

size_t rules_samples(const struct rules *rules, const struct rule_sample **samples);

#endif
