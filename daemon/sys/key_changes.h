/*
 * Changes of keys that the audit trail is to hear of: STATE/key-changes.jsonl.
 *
 * Who changes for whom a key opens writes the event here first, changes, tells
 * the trail, and takes the line out. What was cut short in between, or found no
 * store, is told by the daemon, which looks here at its start and every minute.
 * A line is an event as trail_event_write() makes it; its time stands in it, to
 * the minute, as `query`. An event may so be told twice, and never not at all.
 */
#ifndef TIPLINE_SYS_KEY_CHANGES_H
#define TIPLINE_SYS_KEY_CHANGES_H

#include "daemon/base/arena.h"
#include "daemon/base/complaint.h"
#include "daemon/core/journal/trail_event.h"

#define KEY_CHANGES_FILE "key-changes.jsonl"

/*
 * The event with its time in `query`, and as a line without its newline, in the
 * arena; `event` points into the arena then.
 */
struct span key_change_line(struct trail_event *event, int64_t now_ms, struct arena *arena);

/* Reads a line back; spans in the arena. False: it is none. */
bool key_change_read(struct span line, struct arena *arena, struct trail_event *event);

/* Appends a line; on the disk when it returns true. */
bool key_changes_add(const char *state_dir, struct span line, struct complaint *why);

/* Takes the first such line out; true also when it is not there (any more). */
bool key_changes_drop(const char *state_dir, struct span line, struct complaint *why);

/* All of the file, for span_cut() by '\n'; the caller releases it. A missing one is empty. */
bool key_changes_text(const char *state_dir, struct buf *into, struct complaint *why);

#endif
