/*
 * Memory that is there; see memory.h.
 */
#include "daemon/base/memory.h"

#include <stdio.h>
#include <stdlib.h>

void *memory_zeroes(size_t count, size_t size)
{
	void *at = calloc(count, size);

	if (at == NULL) {
		fputs("out of memory\n", stderr);
		exit(EXIT_FAILURE);
	}
	return at;
}
