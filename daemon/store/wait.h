/*
 * Asking the store from a flow.
 *
 *   case: return store_wait_flow(flow, store, &request, &state->reply);
 *
 * The flow goes on at its next step when the answer is there. *out and all it
 * points to live in the flow's arena (out itself in the flow's state). A flow
 * that has ended or whose wait timed out does not resolve any more; the answer
 * is dropped then.
 */
#ifndef TIPLINE_STORE_WAIT_H
#define TIPLINE_STORE_WAIT_H

#include "daemon/loop/flow.h"
#include "daemon/store/store.h"

/* Always FLOW_WAIT: for `return store_wait_flow(...)` in a step. */
enum flow_next store_wait_flow(struct flow *flow, struct store *store, const struct store_request *request,
			       struct store_reply *out);

#endif
