/*
 * Kinds of attached files: whether the bytes are what libmagic took them for,
 * and under which type and ending they go to an officer.
 *
 * A file that could be read as two things (a photo that is a web page as well)
 * is application/octet-stream, and so is one whose first bytes are not those
 * of its kind: refused, unless the operator takes files of that type.
 */
#ifndef TIPLINE_CORE_FILE_KIND_H
#define TIPLINE_CORE_FILE_KIND_H

#include "daemon/base/span.h"

#define FILE_KIND_UNKNOWN "application/octet-stream"
/* So far into a file programs look for what it might be instead. */
#define FILE_KIND_LOOK_BYTES 2048u

/* How a file leaves the desk. */
struct file_kind {
	const char *type;     /* never one that a browser would run: no page, no script, no SVG */
	const char *ending;   /* ".jpg" */
};

/* `found`: what libmagic says of the bytes that begin with `start`. Gives it back under its common name, or FILE_KIND_UNKNOWN. */
struct span file_kind_judge(struct span found, struct span start);

/* The row of a kept type; an octet stream for all that has none. */
const struct file_kind *file_kind_of(struct span type);

#endif
