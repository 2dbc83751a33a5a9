/*
 * Names to small numbers, in order of their first use; for tables beside them.
 */
#ifndef TIPLINE_TESTS_SIM_NAMES_H
#define TIPLINE_TESTS_SIM_NAMES_H

#include "daemon/base/span.h"

#define NAMES_NONE SIZE_MAX

struct names {
	char **at;          /* by number */
	size_t n, size;
	size_t *slots;      /* number + 1; 0: free */
	size_t nslots;
};

/* Names of zeroes are empty and ready for use. */
void names_release(struct names *names);

/* Its number; a new one when it was not there: names->n - 1 then. */
size_t names_add(struct names *names, struct span name);

/* NAMES_NONE when it is not there. */
size_t names_find(const struct names *names, struct span name);

#endif
