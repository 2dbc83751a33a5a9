/*
 * UTF-8 (RFC 3629): is it, and how many characters?
 */
#ifndef TIPLINE_BASE_UTF8_H
#define TIPLINE_BASE_UTF8_H

#include "daemon/base/span.h"

/* Well formed: no overlong form, no surrogate, nothing above U+10FFFF. */
bool utf8_valid(struct span text);

/* Characters (code points) of a valid text. */
size_t utf8_count(struct span text);

/* The longest start of a valid text that has at most `max` bytes and cuts no character. */
struct span utf8_cut(struct span text, size_t max);

/*
 * Reading one character at a time, for the modules that walk a folded text.
 * Bytes that are not UTF-8 still move the reader on and never let it look past
 * the end.
 */
#define UTF8_BROKEN 0xFFFDu

static inline bool utf8_continues(char c)
{
	return ((unsigned char)c & 0xC0) == 0x80;
}

/* Bytes the character takes by its first byte; 1 for a byte that cannot start one. */
static inline size_t utf8_length(unsigned char first)
{
	if (first < 0xC0)
		return 1;
	if (first < 0xE0)
		return 2;
	return first < 0xF0 ? 3 : 4;
}

/* The character at `at` (which is within the text); *length tells the bytes it takes. */
static inline uint32_t utf8_at(struct span text, size_t at, size_t *length)
{
	unsigned char first = (unsigned char)text.at[at];
	size_t n = utf8_length(first);
	uint32_t c;

	*length = 1;
	if (first < 0x80)
		return first;
	if (n == 1 || text.len - at < n)
		return UTF8_BROKEN;
	c = first & (0x7Fu >> n);
	for (size_t i = 1; i < n; i++) {
		if (!utf8_continues(text.at[at + i]))
			return UTF8_BROKEN;
		c = c << 6 | ((unsigned char)text.at[at + i] & 0x3F);
	}
	*length = n;
	return c;
}

/* Where the character before `at` starts; `at` is above zero. */
static inline size_t utf8_before(struct span text, size_t at)
{
	size_t from = at - 1;

	while (from > 0 && at - from < 4 && utf8_continues(text.at[from]))
		from--;
	return from;
}

#endif
