/*
 * An arena owns everything that one request needs and frees it at once.
 *
 * What lives in an arena is wiped when the arena is released, because a tip in
 * clear lives in nothing else. Under AddressSanitizer every object is its own
 * allocation, so that overruns and use after release are seen.
 * Running out of memory ends the process: writes are atomic, the service
 * manager restarts, and no caller has to test.
 */
#ifndef TIPLINE_BASE_ARENA_H
#define TIPLINE_BASE_ARENA_H

#include "daemon/base/span.h"

struct arena_chunk;

struct arena {
	struct arena_chunk *chunks;  /* newest first */
	size_t used;                 /* bytes handed out, for limits and figures */
};

/* An arena of zeroes is ready for use. */
void arena_init(struct arena *arena);

/* Wipes and frees everything; the arena is then empty and usable again. */
void arena_release(struct arena *arena);

/* Wipes everything and keeps one chunk for the next use; all that lived in it is gone. */
void arena_clear(struct arena *arena);

/* `size` bytes of zeroes, aligned for any type; never NULL. */
void *arena_alloc(struct arena *arena, size_t size);

/* A copy of the bytes, with a terminating NUL behind them. */
struct span arena_dup(struct arena *arena, struct span bytes);

/* A formatted string in the arena. */
char *arena_printf(struct arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#define arena_new(arena, type) ((type *)arena_alloc((arena), sizeof(type)))
#define arena_array(arena, type, n) ((type *)arena_alloc((arena), sizeof(type) * (n)))

#endif
