/*
 * The store's answer to a flow; see wait.h. What waits is a slot and a
 * generation, so nothing dangles when the flow ends first.
 */
#include "daemon/store/wait.h"

#include "daemon/store/replies.h"

#include <assert.h>
#include <stdlib.h>

struct waiting {
	struct loop *loop;
	struct flow_ref ref;
	struct store_reply *out;
};

static void answered(void *ctx, const struct store_reply *reply)
{
	struct waiting *waiting = ctx;
	struct flow *flow = flow_resolve(waiting->loop, waiting->ref);

	if (flow != NULL) {
		reply_copy(reply, flow_arena(flow), waiting->out);
		flow_resume(waiting->loop, waiting->ref);
	}
	free(waiting);
}

enum flow_next store_wait_flow(struct flow *flow, struct store *store, const struct store_request *request,
			       struct store_reply *out)
{
	struct waiting *waiting = malloc(sizeof(*waiting));
	struct store_wait wait = { .done = answered, .ctx = waiting };

	assert(waiting != NULL);
	*waiting = (struct waiting){ .loop = flow_loop(flow), .ref = flow_ref(flow), .out = out };
	store_submit(store, request, wait);
	return FLOW_WAIT;
}
