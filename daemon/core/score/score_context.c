/*
 * A score's context as five numbers; see score_context.h.
 */
#include "daemon/core/score/score_context.h"

#include <limits.h>
#include <stdio.h>

#define NUMBERS 5

struct span score_context_write(const struct score_context *context, char out[SCORE_CONTEXT_BYTES])
{
	int len = snprintf(out, SCORE_CONTEXT_BYTES, "%u %u %u %u %u", context->others, context->copies,
			   context->verified, context->unfounded, context->pranks);

	return span_from(out, (size_t)len);
}

bool score_context_read(struct span written, struct score_context *out)
{
	uint64_t numbers[NUMBERS] = { 0 };
	struct span rest = written, part;
	size_t n = 0;

	while (!span_empty(written) && span_cut(&rest, ' ', &part))
		if (n == NUMBERS || !span_u64(part, &numbers[n]) || numbers[n++] > UINT_MAX)
			return false;
	if (n != NUMBERS && !span_empty(written))
		return false;
	*out = (struct score_context){
		.others = (unsigned)numbers[0],
		.copies = (unsigned)numbers[1],
		.verified = (unsigned)numbers[2],
		.unfounded = (unsigned)numbers[3],
		.pranks = (unsigned)numbers[4],
	};
	return true;
}
