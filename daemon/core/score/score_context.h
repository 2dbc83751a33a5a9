/*
 * What is known of a tip from other tips.
 *
 * Nothing at its acceptance; the linker tells it afterwards, the store keeps
 * it with the tip, and rules whose predicate is about it (core/score/predicate.h)
 * change the points.
 */
#ifndef TIPLINE_CORE_SCORE_CONTEXT_H
#define TIPLINE_CORE_SCORE_CONTEXT_H

#include "daemon/base/span.h"

struct score_context {
	unsigned others;      /* tips of other people about the same incident, copies apart */
	unsigned copies;      /* copies of this very message */
	unsigned verified;    /* earlier tips under the same sender's mark that proved true */
	unsigned unfounded;   /* ...that did not */
	unsigned pranks;      /* ...that were pranks */
};

/* As kept in the store: five numbers with a blank between; at most SCORE_CONTEXT_BYTES with NUL. */
#define SCORE_CONTEXT_BYTES 64
struct span score_context_write(const struct score_context *context, char out[SCORE_CONTEXT_BYTES]);

/* Empty bytes are a context of nothing; false, and *out untouched, for bytes that are none. */
bool score_context_read(struct span written, struct score_context *out);

#endif
