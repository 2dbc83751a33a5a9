/*
 * Files of test data as text in an arena; the tests run in the root of the tree.
 */
#ifndef TIPLINE_TESTS_TEXT_FILE_H
#define TIPLINE_TESTS_TEXT_FILE_H

#include "daemon/base/arena.h"

#include <stdio.h>

static inline struct span text_file(struct arena *arena, const char *path)
{
	FILE *file = fopen(path, "rb");
	char *at = arena_alloc(arena, 1 << 20);
	size_t len;

	if (file == NULL)
		return (struct span){ 0 };
	len = fread(at, 1, (1 << 20) - 1, file);
	fclose(file);
	return span_from(at, len);
}

/* The text with the first `what` replaced; empty when it is not in it. */
static inline struct span text_replaced(struct arena *arena, struct span text, const char *what, const char *with)
{
	size_t at = span_find(text, span_of(what));

	if (at == text.len)
		return (struct span){ 0 };
	return span_of(arena_printf(arena, "%.*s%s%.*s", (int)at, text.at, with,
				    (int)(text.len - at - strlen(what)), text.at + at + strlen(what)));
}

#endif
