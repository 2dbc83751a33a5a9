/*
 * Cue words: what the words around a place say about it.
 *
 * "在", "现住", "seen in" say that it happened there; "老家", "口音", "from" that
 * somebody comes from there; "走失", "以前" that something was there before;
 * "不是" that it was not there; "火锅", "银行" that the name is no place here.
 * Data and its reading; which mention a cue belongs to is for mention.c.
 */
#ifndef TIPLINE_CORE_CUE_H
#define TIPLINE_CORE_CUE_H

#include "daemon/core/text/scan.h"

enum cue_side {
	CUE_BEFORE, /* the cue stands before the place */
	CUE_AFTER,
};

enum cue_effect {
	CUE_NEUTRAL,  /* hides the shorter cues within it: 人民 is not 人 */
	CUE_EVENT,    /* it happened there */
	CUE_ASIDE,    /* it was there before, or will be, or belongs to there */
	CUE_ORIGIN,   /* somebody comes from there */
	CUE_NO_PLACE, /* a dish, a make, a hotel: the bare name is no place */
	CUE_NAME,     /* a person's name follows: one surname may stand between */
	CUE_DENIAL,   /* it was not there */
};

/* `reach`: bytes that may stand between cue and place, no other place and no end of a clause among them. */
struct cue {
	const char *words; /* with "|" between them */
	enum cue_side side;
	enum cue_effect effect;
	unsigned reach;
};

void cues_add_patterns(struct scan_set *set);

/* The cue that a SCAN_CUE hit means. */
const struct cue *cue_of(const struct scan_hit *hit);

#endif
