/*
 * Memory that is there or the process ends, as in arena.h and buf.h.
 */
#ifndef TIPLINE_BASE_MEMORY_H
#define TIPLINE_BASE_MEMORY_H

#include <stddef.h>

/* `count` objects of `size` bytes, all zero, to be freed with free(); never NULL. */
void *memory_zeroes(size_t count, size_t size);

/*
 * Room for one more object behind the `n` of an array that only grows by this
 * call and began as NULL; returns where the array is now.
 */
void *memory_grow(void *array, size_t n, size_t size);

#endif
