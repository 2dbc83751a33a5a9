/*
 * Patterns of paths, as the route table has them.
 *
 * A path is matched segment by segment, raw as it was sent. {name} takes one
 * segment that is not empty; {name...}, which can only stand last, takes all
 * that is left, one segment or more, with the slashes between them. What a
 * parameter took comes from outside: whoever uses it looks at it first.
 */
#ifndef TIPLINE_HANDLERS_PATH_PATTERN_H
#define TIPLINE_HANDLERS_PATH_PATTERN_H

#include "daemon/base/span.h"

#define PATH_PARAMS_MAX 4

/* True when the path is of that pattern; `param` then borrows from the path, in the order of the pattern. */
bool path_matches(const char *pattern, struct span path, struct span param[PATH_PARAMS_MAX]);

#endif
