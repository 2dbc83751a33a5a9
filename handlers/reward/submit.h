/*
 * A command to the treasury from a flow.
 *
 *   case: return submit_flow(flow, treasury, &command, &state->submitted);
 *
 * The flow goes on at its next step when the answer is there; all that *out
 * points to lies in the flow's arena.
 */
#ifndef TIPLINE_HANDLERS_REWARD_SUBMIT_H
#define TIPLINE_HANDLERS_REWARD_SUBMIT_H

#include "daemon/jobs/treasury.h"
#include "daemon/loop/flow.h"

struct submitted {
	enum treasury_outcome outcome;
	bool repeated;
	struct record record;              /* TREASURY_DONE */
	struct book_refusal refusal;       /* TREASURY_REFUSED */
};

/* Always FLOW_WAIT. */
enum flow_next submit_flow(struct flow *flow, struct treasury *treasury, const struct book_command *command,
			   struct submitted *out);

#endif
