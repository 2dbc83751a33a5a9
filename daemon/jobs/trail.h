/*
 * The audit trail: events are on disk before anything is shown.
 *
 *   who shows something    trail_show(): waits, and shows when it is told so
 *   what just happens      trail_note(): kept in memory until it is written
 *
 * All events of a turn go out in one call, one call at a time, so they stand
 * in the journal in the order in which they came. Fails closed: a store that
 * is away, or does not write to disk before it answers, takes no events, and
 * whoever waits is told so at once. Nothing is shown twice for one event, but
 * an event whose answer was lost may stand there though nothing was shown, and
 * notes are sent again: the same `run` and `n` say that it is the same event.
 */
#ifndef TIPLINE_JOBS_TRAIL_H
#define TIPLINE_JOBS_TRAIL_H

#include "daemon/core/journal/trail_event.h"

struct loop;
struct store;
struct trail;

#define TRAIL_QUEUE_MAX 4096   /* events that wait, those in the call included */

struct trail_wait {
	/* Once, from the loop, never from within trail_show(): the event is on disk, or it is not and nothing may be shown. */
	void (*done)(void *ctx, bool written);
	void *ctx;
};

struct trail_figures {
	uint64_t written;   /* events */
	uint64_t calls;     /* that took them */
	uint64_t refused;   /* of those that waited */
	uint64_t lost;      /* notes that found no room */
};

struct trail *trail_new(struct loop *loop, struct store *store);

/* Tells all that wait that nothing may be shown, and forgets the notes. The store is freed before or lives on. */
void trail_free(struct trail *trail);

/*
 * An event that must be there before something is shown. at_ms, run and n are
 * put by the trail; all is copied. False: the queue is full and `wait` is not
 * called.
 */
bool trail_show(struct trail *trail, const struct trail_event *event, struct trail_wait wait)
	__attribute__((warn_unused_result));

/* An event that is written as soon as the store takes it; likewise. */
void trail_note(struct trail *trail, const struct trail_event *event);

/* A token came that is none: one event a minute tells how many. */
void trail_sign_in_failed(struct trail *trail);

/*
 * The token of that id is used: notes `event`, when it is the first time in this
 * process and hour; and once more when the first was unattended and this is not.
 */
void trail_signed_in(struct trail *trail, const struct trail_event *event);

/* Nothing is under way, and what waits cannot be written now. */
bool trail_idle(const struct trail *trail);

size_t trail_waiting(const struct trail *trail);

/* Number of the last event that this process wrote; 0: none yet. Who was told that his is written finds it at or below. */
uint64_t trail_last(const struct trail *trail);
const struct trail_figures *trail_figures(const struct trail *trail);

#endif
