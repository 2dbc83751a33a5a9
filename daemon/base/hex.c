/*
 * Hexadecimal; see hex.h.
 */
#include "daemon/base/hex.h"

void hex_put(const void *bytes, size_t n, char *out)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *at = bytes;

	for (size_t i = 0; i < n; i++) {
		out[2 * i] = digits[at[i] >> 4];
		out[2 * i + 1] = digits[at[i] & 15];
	}
}

char *hex_text(struct arena *arena, const void *bytes, size_t n)
{
	char *text = arena_alloc(arena, 2 * n + 1);

	hex_put(bytes, n, text);
	return text;
}

int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool hex_get(struct span digits, void *bytes, size_t n)
{
	unsigned char *out = bytes;

	if (digits.len != 2 * n)
		return false;
	for (size_t i = 0; i < n; i++) {
		int high = hex_digit(digits.at[2 * i]);
		int low = hex_digit(digits.at[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		out[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}
