/*
 * What is wrong with an input, in words for the person who wrote it.
 */
#ifndef TIPLINE_BASE_COMPLAINT_H
#define TIPLINE_BASE_COMPLAINT_H

#include <stddef.h>

struct complaint {
	size_t line;      /* from 1; 0 when it concerns the whole input */
	size_t column;    /* from 1; 0 when unknown */
	char text[240];   /* one sentence: what is wrong, where, what is expected */
};

/* Formats the text; long ones are cut. Always returns false, for `return complain(...)`. */
int complain(struct complaint *complaint, size_t line, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The analyzer looks into no other file; "always false" has to stand here for it. */
#ifdef __clang_analyzer__
#define complain(...) ((complain)(__VA_ARGS__), 0)
#endif

#endif
