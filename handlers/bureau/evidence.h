/*
 * What the words of tips have in common, pair by pair, as links and suggestions show it.
 *
 * Two long texts take milliseconds, and an incident may have hundreds of pairs:
 * so they are compared some at a time, and the loop turns in between. There is
 * a most of them; what comes after is told without evidence.
 */
#ifndef TIPLINE_HANDLERS_BUREAU_EVIDENCE_H
#define TIPLINE_HANDLERS_BUREAU_EVIDENCE_H

#include "daemon/base/json_out.h"
#include "daemon/core/judge.h"
#include "daemon/store/store.h"

#define EVIDENCE_PAIRS_MAX 256
#define EVIDENCE_TURN_BYTES (32u << 10)   /* of text between two turns of the loop: about five milliseconds */

/* Begin with zeroes, the judge and the arena; the texts have to live as long as it. */
struct evidence {
	struct judge *judge;
	struct arena *arena;
	struct evidence_pair *pairs;
	size_t n;
	size_t done;                    /* so many of them are compared */
};

/* Both texts are for the reader. A pair that is there already, or one too many, is left out. */
void evidence_add(struct evidence *evidence, const struct tip_id *here, const struct tip_id *there, struct span one,
		  struct span other);

/* Compares at least one pair, and others while they are short. True: all are compared. */
bool evidence_look(struct evidence *evidence);

/* The member `evidence` of an open object, if that pair was compared. */
void evidence_put(const struct evidence *evidence, const struct tip_id *here, const struct tip_id *there, struct json_out *json);

#endif
