/*
 * The one thing that hangs on a loop besides its own parts: the flows.
 * For loop/flow.c alone.
 */
#ifndef TIPLINE_LOOP_ATTACHMENT_H
#define TIPLINE_LOOP_ATTACHMENT_H

struct loop;

/* Freed with the loop, before its timers. At most once a loop. */
void loop_attach(struct loop *loop, void *attachment, void (*release)(void *));

/* NULL when nothing is attached yet. */
void *loop_attached(const struct loop *loop);

#endif
