/*
 * V5, the shapes: which keys a store has, what type each is of, and what may
 * stand in it. A key or a value that no row knows is a finding: nothing of a
 * tip's words or of a person can lie in a place that nobody looks at.
 *
 * Names stand in store/keys.h too; here they are written once more, from
 * docs/ARCHITECTURE.md.
 */
#ifndef TIPLINE_CLI_VERIFY_SHAPE_H
#define TIPLINE_CLI_VERIFY_SHAPE_H

#include "daemon/cli/verify_scan.h"

struct verify_shape;

/* NULL: a store has no such key. */
const struct verify_shape *verify_shape_of(struct span key);
enum verify_type verify_shape_type(const struct verify_shape *shape);

/* NULL, or what is wrong with it, without any of its bytes. */
const char *verify_shape_judge(const struct verify_shape *shape, const struct verify_piece *piece);

#endif
