/*
 * UTF-8; see utf8.h. The ranges are table 3-7 of the Unicode standard.
 */
#include "daemon/base/utf8.h"

static bool follows(unsigned char c)
{
	return (c & 0xc0) == 0x80;
}

/* The least and greatest second byte that may follow this first one. */
static void second_range(unsigned char first, unsigned char *low, unsigned char *high)
{
	*low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
	*high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
}

/* Length of the character at the start, or 0 when it is not well formed. */
static size_t character(const unsigned char *at, size_t left)
{
	unsigned char low;
	unsigned char high;
	size_t len;

	if (at[0] < 0x80)
		return 1;
	if (at[0] < 0xc2 || at[0] > 0xf4)
		return 0;
	len = at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;
	second_range(at[0], &low, &high);
	if (left < len || at[1] < low || at[1] > high)
		return 0;
	for (size_t i = 2; i < len; i++)
		if (!follows(at[i]))
			return 0;
	return len;
}

bool utf8_valid(struct span text)
{
	const unsigned char *at = (const unsigned char *)text.at;

	for (size_t i = 0; i < text.len;) {
		size_t len = character(at + i, text.len - i);

		if (len == 0)
			return false;
		i += len;
	}
	return true;
}

size_t utf8_count(struct span text)
{
	size_t n = 0;

	for (size_t i = 0; i < text.len; i++)
		n += !follows((unsigned char)text.at[i]);
	return n;
}

struct span utf8_cut(struct span text, size_t max)
{
	if (text.len <= max)
		return text;
	while (max > 0 && follows((unsigned char)text.at[max]))
		max--;
	return span_from(text.at, max);
}
