/*
 * A flow is one piece of work that waits now and then: steps in a row, one
 * arena, one deadline per waiting step, one way to end.
 *
 * A step runs straight through and says what comes next. Whatever it waits
 * for holds a flow_ref (slot and generation), never a pointer: when the answer
 * comes and the reference does not resolve any more, the answer is dropped.
 * Flows are resumed from the loop's post queue only, never from within a
 * library's callback, so starting a call never completes it in the same stack.
 */
#ifndef TIPLINE_LOOP_FLOW_H
#define TIPLINE_LOOP_FLOW_H

#include "daemon/base/arena.h"

struct flow;
struct loop;

enum flow_next {
	FLOW_NEXT,   /* run the next step now */
	FLOW_WAIT,   /* something was started that will resume the flow, at the next step */
	FLOW_DONE,   /* end well */
	FLOW_FAIL,   /* end badly */
};

struct flow_step {
	const char *name;      /* named in the log when its wait times out */
	enum flow_next (*run)(struct flow *flow);
	unsigned timeout_ms;   /* of the wait this step starts; 0: the kind's default */
};

/* The kind of a flow. */
struct flow_kind {
	const char *name;                    /* in logs and figures */
	const struct flow_step *steps;
	size_t nsteps;
	size_t state_bytes;                  /* zeroed memory for flow_state() */
	unsigned timeout_ms;                 /* default of a wait */
	/* A wait timed out; returns what comes next. NULL: FLOW_FAIL. */
	enum flow_next (*timed_out)(struct flow *flow, const struct flow_step *step);
	/* Called once at the end, whatever the end; answers if nobody has. The arena is freed after it. */
	void (*end)(struct flow *flow, bool well);
};

struct flow_ref {
	uint32_t slot;
	uint32_t generation;
};

/* Starts a flow; its first step runs from the post queue. `init` (may be NULL) fills the state. */
struct flow *flow_start(struct loop *loop, const struct flow_kind *kind, void (*init)(struct flow *, void *),
			void *ctx);

void *flow_state(struct flow *flow);
struct arena *flow_arena(struct flow *flow);
struct loop *flow_loop(struct flow *flow);
struct flow_ref flow_ref(const struct flow *flow);

/* Milliseconds on the monotonic clock since the flow started. */
uint64_t flow_age_ms(const struct flow *flow);

/* The step that runs after the current one returns FLOW_NEXT or is resumed: by index in steps[]. */
void flow_jump(struct flow *flow, size_t step);

/* The flow behind a reference, or NULL when it has ended. */
struct flow *flow_resolve(struct loop *loop, struct flow_ref ref);

/* Lets a waiting flow go on, from the post queue. A reference that does not resolve is ignored. */
void flow_resume(struct loop *loop, struct flow_ref ref);

/* Ends a flow from outside (its owner is going away); never from within one of its own steps. */
void flow_abort(struct loop *loop, struct flow_ref ref);

/* How many flows live. */
size_t flow_count(const struct loop *loop);

#endif
