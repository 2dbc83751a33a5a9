/*
 * Request memory; see arena.h.
 */
#include "daemon/base/arena.h"

#include "daemon/base/wipe.h"

#include <assert.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_CHUNK_BYTES 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_CHUNK_BYTES 0
#endif
#endif
#ifndef ARENA_CHUNK_BYTES
#define ARENA_CHUNK_BYTES 8000
#endif

struct arena_chunk {
	struct arena_chunk *next;
	size_t used;
	size_t size;
	alignas(max_align_t) unsigned char bytes[];
};

void arena_init(struct arena *arena)
{
	*arena = (struct arena){ 0 };
}

void arena_release(struct arena *arena)
{
	struct arena_chunk *chunk = arena->chunks;

	while (chunk != NULL) {
		struct arena_chunk *next = chunk->next;

		wipe(chunk->bytes, chunk->used);
		free(chunk);
		chunk = next;
	}
	arena_init(arena);
}

void arena_clear(struct arena *arena)
{
	struct arena_chunk *kept = arena->chunks;

	if (kept == NULL || kept->size != ARENA_CHUNK_BYTES || ARENA_CHUNK_BYTES == 0) {
		arena_release(arena);
		return;
	}
	arena->chunks = kept->next;
	arena_release(arena);
	wipe(kept->bytes, kept->used);
	kept->used = 0;
	kept->next = NULL;
	arena->chunks = kept;
}

static struct arena_chunk *chunk_new(size_t size)
{
	struct arena_chunk *chunk = malloc(sizeof(*chunk) + size);

	if (chunk == NULL) {
		fputs("out of memory\n", stderr);
		exit(EXIT_FAILURE);
	}
	*chunk = (struct arena_chunk){ .size = size };
	return chunk;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	size_t step = alignof(max_align_t);
	size_t need;
	struct arena_chunk *chunk = arena->chunks;
	void *object;

	assert(size <= SIZE_MAX / 2);
	need = (size + step - 1) / step * step;
	if (need == 0)
		need = step;
	if (chunk == NULL || chunk->size - chunk->used < need) {
		chunk = chunk_new(need > ARENA_CHUNK_BYTES ? need : ARENA_CHUNK_BYTES);
		chunk->next = arena->chunks;
		arena->chunks = chunk;
	}
	object = chunk->bytes + chunk->used;
	chunk->used += need;
	arena->used += need;
	return memset(object, 0, need);
}

struct span arena_dup(struct arena *arena, struct span bytes)
{
	char *copy = arena_alloc(arena, bytes.len + 1);

	if (bytes.len > 0)
		memcpy(copy, bytes.at, bytes.len);
	return span_from(copy, bytes.len);
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
	va_list args;
	char *text;
	int len;

	va_start(args, format);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	assert(len >= 0);
	text = arena_alloc(arena, (size_t)len + 1);
	va_start(args, format);
	vsnprintf(text, (size_t)len + 1, format, args);
	va_end(args);
	return text;
}
