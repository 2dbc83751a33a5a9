/*
 * A span is a borrowed view of bytes: pointer and length, no terminator.
 *
 * Spans never own. A function that keeps the bytes beyond its call says so in
 * its header and copies them. An empty span may have a NULL pointer.
 */
#ifndef TIPLINE_BASE_SPAN_H
#define TIPLINE_BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct span {
	const char *at;
	size_t len;
};

/* A span over a string literal. */
#define SPAN(literal) ((struct span){ .at = (literal), .len = sizeof(literal) - 1 })

/* The same as an initialiser, for tables of static storage, where C17 takes no compound literal. */
#define SPAN_INIT(literal) { .at = (literal), .len = sizeof(literal) - 1 }

static inline struct span span_of(const char *text)
{
	return (struct span){ .at = text, .len = text != NULL ? strlen(text) : 0 };
}

static inline struct span span_from(const void *at, size_t len)
{
	return (struct span){ .at = at, .len = len };
}

static inline bool span_empty(struct span s)
{
	return s.len == 0;
}

static inline bool span_eq(struct span a, struct span b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

static inline bool span_is(struct span s, const char *text)
{
	return span_eq(s, span_of(text));
}

/* The bytes from `from` on; empty when `from` is past the end. */
static inline struct span span_from_offset(struct span s, size_t from)
{
	if (from >= s.len)
		return (struct span){ .at = s.at, .len = 0 };
	return (struct span){ .at = s.at + from, .len = s.len - from };
}

/* Equal when ASCII letters are compared without case. */
bool span_eq_nocase(struct span a, struct span b);

bool span_starts(struct span s, struct span prefix);

/* Without ASCII spaces and tabs at both ends. */
struct span span_trim(struct span s);

/* Nothing in it that could be read: spaces of any width, control characters of ASCII, marks of no width. */
bool span_is_blank(struct span s);

/* Position of `needle`'s first byte in s, or s.len when it is not there. */
size_t span_find(struct span s, struct span needle);

/*
 * Cuts the next part off `rest`, up to `separator` (which is dropped).
 * False when rest is exhausted; "a,,b" gives "a", "", "b".
 */
bool span_cut(struct span *rest, char separator, struct span *part);

/* A decimal number without sign or blanks; false when it is none or overflows. */
bool span_u64(struct span s, uint64_t *number);

/* True when every byte is an ASCII digit (and there is at least one). */
bool span_digits(struct span s);

#endif
