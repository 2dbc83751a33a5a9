/*
 * The event loop: libevent's base, timers, signals and the post queue.
 */
#ifndef TIPLINE_LOOP_LOOP_H
#define TIPLINE_LOOP_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct event_base;
struct loop;
struct loop_timer;

typedef void loop_call(void *ctx);

struct loop *loop_new(void);
void loop_free(struct loop *loop);
struct event_base *loop_base(struct loop *loop);

/* Runs until loop_stop(). */
void loop_run(struct loop *loop);
void loop_stop(struct loop *loop);

/* Milliseconds on the monotonic clock, read at most once a turn and never from before its wait. */
uint64_t loop_now_ms(struct loop *loop);

/*
 * Calls `call` later in this turn, after the library callbacks that are
 * running. What is posted by a posted call runs in the same turn too.
 */
void loop_post(struct loop *loop, loop_call *call, void *ctx);

/*
 * Calls `call` once, after everything that was posted in this turn has run:
 * where work that was gathered during the turn is sent off in one piece.
 */
void loop_post_last(struct loop *loop, loop_call *call, void *ctx);

/* Takes back what was posted with this call and ctx and has not run yet. */
void loop_post_cancel(struct loop *loop, loop_call *call, const void *ctx);

/* Calls `call` every period_ms, first after one period. */
struct loop_timer *loop_every(struct loop *loop, unsigned period_ms, loop_call *call, void *ctx);
/* Calls once after delay_ms; the timer is freed by itself. */
struct loop_timer *loop_after(struct loop *loop, unsigned delay_ms, loop_call *call, void *ctx);
void loop_timer_cancel(struct loop_timer *timer);

/* Calls on a signal, from the loop. */
void loop_on_signal(struct loop *loop, int signal, loop_call *call, void *ctx);

#endif
