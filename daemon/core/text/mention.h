/*
 * Where a folded text speaks of places, and what a place is to the event.
 *
 * Between scan and route: takes the hits of the gazetteer's names and of the
 * cue words, drops what is only part of a longer name, and says of each
 * mention whether the event happened there ("在", "现住"), whether somebody
 * merely comes from there ("老家", "口音"), or whether it is no place at all
 * (北京路, 重庆火锅). Which region a name means is for survey.c to settle.
 */
#ifndef TIPLINE_CORE_MENTION_H
#define TIPLINE_CORE_MENTION_H

#include "daemon/core/text/gazetteer.h"
#include "daemon/core/text/normalize.h"
#include "daemon/core/text/scan.h"

enum mention_role {
	MENTION_PLAIN,  /* nothing is said about it */
	MENTION_EVENT,  /* somebody or something is or was there */
	MENTION_ASIDE,  /* something was there before, or goes there, or belongs there */
	MENTION_ORIGIN, /* somebody comes from there */
	MENTION_NOT,    /* road, brand, dish, person, or denied: no place */
};

enum mention_form {
	FORM_BARE, /* nothing behind the name */
	FORM_KIND, /* a kind word behind it: "鹿泉" 市, "jianyang" city */
	FORM_TOWN, /* a smaller place bears the name: 长安镇 */
};

struct mention {
	uint32_t from;                /* bytes in the folded text */
	uint32_t to;                  /* with the kind word */
	const struct scan_hit *names; /* hits of the same words; meaning: index of a gazetteer name */
	size_t nnames;
	enum mention_role role;
	enum mention_form form;
	unsigned kinds;    /* bit by bit: the enum gazetteer_name_kind of its names */
	unsigned run;      /* mentions with only separators between them share a number */
	uint32_t run_from; /* where that run begins */
};

#define MENTIONS_MAX 64

/* True when one of the meanings bears the words as a name of that kind. */
static inline bool mention_has(const struct mention *m, enum gazetteer_name_kind kind)
{
	return (m->kinds >> kind & 1) != 0;
}

struct mentions {
	struct mention at[MENTIONS_MAX]; /* in order of the text; later ones are left out */
	size_t n;
};

/* Adds the gazetteer's names and the cue words to the set. */
void mentions_add_patterns(const struct gazetteer *gazetteer, struct scan_set *set);

/* `text` is tightened (core/text/tight.h); `hits` is borrowed as long as `out` is used. */
void mentions_find(const struct gazetteer *gazetteer, const struct folded *text, const struct scan_hits *hits,
		   struct mentions *out);

/* Bytes of the separator (comma, blank, slash, bracket ...) at `at`; 0 when there is none. */
size_t mention_separator(struct span text, size_t at);

#endif
