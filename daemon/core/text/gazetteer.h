/*
 * The divisions of GB/T 2260: codes, names, parents.
 *
 * Read from config/regions/regions.tsv (facts; scripts/regions builds it, the
 * origin stands in NOTICE). Pure: the caller brings the file's bytes.
 */
#ifndef TIPLINE_CORE_GAZETTEER_H
#define TIPLINE_CORE_GAZETTEER_H

#include "daemon/base/arena.h"
#include "daemon/base/complaint.h"

enum region_level {
	REGION_NATION,
	REGION_PROVINCE,    /* first level: Hong Kong, Macau and Taiwan as well */
	REGION_PREFECTURE,
	REGION_COUNTY,      /* its parent may be a province: municipalities, 429004 and the like */
};

struct region {
	struct span name;     /* full name, simplified */
	const char *en;       /* see region_name_en */
	char code[7];
	uint8_t level;        /* enum region_level */
	uint16_t parent;      /* index; the nation's is itself */
	uint8_t en_bytes;
	uint8_t short_bytes;  /* of the name: see region_short_name */
	bool ordinary;        /* its name is an ordinary word in other towns: 城区 */
};

/* The name without the suffix of its kind, a start of it; may equal the name. */
static inline struct span region_short_name(const struct region *region)
{
	return span_from(region->name.at, region->short_bytes);
}

/* Customary English name or pinyin, "Xi'an"; may be empty. */
static inline struct span region_name_en(const struct region *region)
{
	return span_from(region->en, region->en_bytes);
}

struct gazetteer;

/* NULL and a complaint with the line when the table is not well formed. Copies what it keeps. */
struct gazetteer *gazetteer_new(struct span tsv, struct complaint *why);
void gazetteer_free(struct gazetteer *gazetteer);

/* Bytes the tables take. */
size_t gazetteer_bytes(const struct gazetteer *gazetteer);

/* The regions in force in order of code; index 0 is the nation. */
size_t gazetteer_count(const struct gazetteer *gazetteer);
const struct region *gazetteer_at(const struct gazetteer *gazetteer, uint32_t index);

/* The region in force with this six-digit code, or NULL. "000000" is the nation. */
const struct region *gazetteer_find(const struct gazetteer *gazetteer, struct span code);

/*
 * The region that a code counts as: itself when it is in force, else its
 * successor, else the longest ancestor in force ("110100", which is no
 * division of its own, counts as "110000"). The nation when it is no code at
 * all. Never NULL.
 */
const struct region *gazetteer_resolve(const struct gazetteer *gazetteer, struct span code);

/* How a name says its region; the order is that of trust. */
enum gazetteer_name_kind {
	NAME_FULL,   /* 平城区 */
	NAME_SHORT,  /* 平城 */
	NAME_COMMON, /* a county's short name that is an ordinary word as well: 和平 */
	NAME_ALIAS,  /* in use, no division's own: 凉山州 */
	NAME_OLD,    /* abolished; the region is its successor: 崇文区 */
	NAME_ZONE,   /* development zone in the region */
	NAME_LATIN,  /* pinyin or customary, in small letters: "xi'an", "xian" */
	NAME_WORD,   /* holds a name and is no place: 世界和平; the region is the nation */
};

struct gazetteer_name {
	struct span text;  /* folded */
	uint32_t region;   /* index */
	enum gazetteer_name_kind kind;
};

/* All names of all regions; SCAN_PLACE hits mean an index into them. */
size_t gazetteer_name_count(const struct gazetteer *gazetteer);
struct gazetteer_name gazetteer_name_at(const struct gazetteer *gazetteer, uint32_t index);

/* True when `inner` is `outer` or lies beneath it. */
static inline bool region_lies_within(const struct region *inner, const struct region *outer)
{
	return memcmp(inner->code, outer->code, 2u * outer->level) == 0; /* two digits a level */
}

/* The same for codes, in force or not ("150602" within "150600", "150000", "000000"). */
bool region_within(struct span inner, struct span outer);

#endif
