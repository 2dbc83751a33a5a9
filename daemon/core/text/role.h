/*
 * What the cue words around the mentions of places make of them: see enum mention_role.
 *
 * Mentions of one run (one address) share what is said about it. A cue speaks
 * of the run nearest to it, and not across a comma.
 */
#ifndef TIPLINE_CORE_ROLE_H
#define TIPLINE_CORE_ROLE_H

#include "daemon/core/text/cue.h"
#include "daemon/core/text/mention.h"

#define CUE_HITS_MAX 64

struct cue_hits {
	const struct scan_hit *at[CUE_HITS_MAX]; /* in order of the text; later ones are left out */
	size_t n;
};

/* Adds a hit unless it lies within a longer one that was added before; hits come in the scan's order. */
void cue_hits_add(struct cue_hits *cues, const struct scan_hit *hit);

/* Sets the roles of mentions whose runs are numbered; those that are MENTION_NOT stay so. */
void roles_judge(struct span text, const struct cue_hits *cues, struct mentions *mentions);

#endif
