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

void *memory_grow(void *array, size_t n, size_t size)
{
	/* It has room for the next power of two. */
	if (n > 0 && (n & (n - 1)) != 0)
		return array;
	array = realloc(array, size * (n > 0 ? 2 * n : 1));
	if (array == NULL) {
		fputs("out of memory\n", stderr);
		exit(EXIT_FAILURE);
	}
	return array;
}
