/*
 * The names of the key files in a directory, and which came or went since.
 */
#ifndef TIPLINE_SYS_KEY_NAMES_H
#define TIPLINE_SYS_KEY_NAMES_H

#include "daemon/base/arena.h"

#include <stdbool.h>

/* In order; zeroes are none. */
struct key_names {
	struct arena arena;
	const char **at;
	size_t n;
};

/* Reads the names anew, in place of those there were; a directory that is not there has none. */
void key_names_read(struct key_names *names, const char *dir);
void key_names_release(struct key_names *names);

/* Tells of each name that is in one of the two alone, in order. */
void key_names_compare(const struct key_names *before, const struct key_names *now,
		       void (*changed)(void *ctx, const char *name, bool came), void *ctx);

#endif
