/*
 * What tipctl itself tells the audit trail: a command that reads what a store
 * holds, past the daemon, leaves an event there first.
 */
#ifndef TIPLINE_CLI_TIPCTL_TRAIL_H
#define TIPLINE_CLI_TIPCTL_TRAIL_H

#include "daemon/base/complaint.h"
#include "daemon/core/journal/trail_event.h"
#include "daemon/sys/archive.h"
#include "daemon/base/span.h"

/*
 * Appends an event "tool" to the trail of the store at that address: the user
 * of the operating system, the command, and its options in `query` ("name=value"
 * with blanks between them, each made like a name or an id; or empty). A store
 * without functions of this version has no daemon, and no trail to write to:
 * that is said on standard error and is no mistake. False: it does not answer,
 * or does not take it; nothing is to be read then.
 */
bool ctl_trail(const char *address, const char *command, struct span query, struct complaint *why);

/* The same for an event of another kind; `by` is the user of the operating system where it is empty. */
bool ctl_trail_event(const char *address, const struct trail_event *event, struct complaint *why);

/*
 * Appends events as they are, each a line of trail_event_write(). False also when
 * the store has no functions: nothing was written.
 */
bool ctl_trail_events(const char *address, const struct span events[], size_t n, struct complaint *why);

/* Who runs this: "os:" and the name, else the number. */
#define CTL_TRAIL_USER_MAX 96
struct span ctl_trail_user(char text[CTL_TRAIL_USER_MAX]);

/*
 * Prints the events of the trail from number `from` on, one JSON object a line with its
 * number in front; out of the archive (which may be NULL) what the store has let go of.
 * False: `why` tells, also which file of which events is missing or changed.
 */
bool ctl_trail_print(const char *address, const struct archive *archive, uint64_t from, struct complaint *why);

#endif
