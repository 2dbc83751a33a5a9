/*
 * The treasury's answer to a flow; see submit.h.
 */
#include "handlers/reward/submit.h"

#include "daemon/base/memory.h"

#include <stdlib.h>

struct waiting {
	struct loop *loop;
	struct flow_ref ref;
	struct submitted *out;
};

static bool copy_record(const struct treasury_answer *answer, struct arena *arena, struct record *out)
{
	struct complaint why;

	return record_read(arena_dup(arena, answer->json), arena, out, &why);
}

static void copy(const struct treasury_answer *answer, struct arena *arena, struct submitted *out)
{
	*out = (struct submitted){ .outcome = answer->outcome, .repeated = answer->repeated };
	if (answer->outcome == TREASURY_DONE && !copy_record(answer, arena, &out->record))
		out->outcome = TREASURY_AWAY;
	if (answer->outcome != TREASURY_REFUSED)
		return;
	out->refusal = *answer->refusal;
	if (out->refusal.field != NULL)
		out->refusal.field = arena_dup(arena, span_of(out->refusal.field)).at;
}

static void answered(void *ctx, const struct treasury_answer *answer)
{
	struct waiting *waiting = ctx;
	struct flow *flow = flow_resolve(waiting->loop, waiting->ref);

	if (flow != NULL) {
		copy(answer, flow_arena(flow), waiting->out);
		flow_resume(waiting->loop, waiting->ref);
	}
	free(waiting);
}

enum flow_next submit_flow(struct flow *flow, struct treasury *treasury, const struct book_command *command,
			   struct submitted *out)
{
	struct waiting *waiting = memory_zeroes(1, sizeof(*waiting));

	*waiting = (struct waiting){ .loop = flow_loop(flow), .ref = flow_ref(flow), .out = out };
	treasury_submit(treasury, command, (struct treasury_wait){ .done = answered, .ctx = waiting });
	return FLOW_WAIT;
}
