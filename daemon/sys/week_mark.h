/*
 * A mark in the directory of the weekly keys: somebody keeps tips that are under
 * a week's key and not in the store yet. Whoever would destroy a key sees the
 * spools of all processes by it, wherever they lie.
 *
 *   <weeks dir>/waits-<16 hex digits>   one line: which host and directory
 *
 * The name is drawn once for a directory of waiting tips and kept there ("id"),
 * so a process that died leaves a mark that its next start takes over. A spool
 * that will never be read again leaves one that the operator removes.
 */
#ifndef TIPLINE_SYS_WEEK_MARK_H
#define TIPLINE_SYS_WEEK_MARK_H

#include "daemon/base/complaint.h"

#include <stdbool.h>
#include <stddef.h>

#define WEEK_MARK_NAME_MAX 32

struct week_mark;

/* `dir` is the directory of waiting tips, which is there. NULL: `why`. */
struct week_mark *week_mark_open(const char *weeks_dir, const char *dir, struct complaint *why);

/* The mark stays as it is. */
void week_mark_free(struct week_mark *mark);

/* Before the first tip waits: durably there. False: `why`; another call tries again. Cheap when it is there. */
bool week_mark_put(struct week_mark *mark, struct complaint *why);

/*
 * After the last one was stored. It stays while the directory holds what the
 * store did not take: set-aside records, damaged segments.
 */
void week_mark_take_away(struct week_mark *mark);

/* Whether anybody's is there; `name` then. True also where nobody can look. */
bool week_marks_any(const char *weeks_dir, char name[WEEK_MARK_NAME_MAX]);

#endif
