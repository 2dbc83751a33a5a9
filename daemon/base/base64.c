/*
 * Base 64; see base64.h.
 */
#include "daemon/base/base64.h"

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static char *put_three(char *out, const unsigned char *in)
{
	unsigned long bits = (unsigned long)in[0] << 16 | (unsigned long)in[1] << 8 | in[2];

	*out++ = letters[bits >> 18];
	*out++ = letters[bits >> 12 & 63];
	*out++ = letters[bits >> 6 & 63];
	*out++ = letters[bits & 63];
	return out;
}

void base64_add(struct buf *to, const void *bytes, size_t n)
{
	const unsigned char *in = bytes;
	char *out = buf_reserve(to, BASE64_LEN(n));

	to->len += BASE64_LEN(n);
	for (; n >= 3; n -= 3, in += 3)
		out = put_three(out, in);
	if (n > 0) {
		unsigned char last[3] = { in[0], n > 1 ? in[1] : 0, 0 };

		put_three(out, last);
		out[3] = '=';
		if (n == 1)
			out[2] = '=';
	}
}

static int value_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : -1;
}

/* Four letters of which the last `padding` (0 to 2) are '='; false when they are not in their one form. */
static bool get_three(const char *in, size_t padding, unsigned char out[3])
{
	unsigned long bits = 0;

	for (size_t i = 0; i < 4; i++) {
		int value = i < 4 - padding ? value_of(in[i]) : 0;

		if (value < 0)
			return false;
		bits = bits << 6 | (unsigned long)value;
	}
	out[0] = (unsigned char)(bits >> 16);
	out[1] = (unsigned char)(bits >> 8);
	out[2] = (unsigned char)bits;
	return padding == 0 || (out[2] == 0 && (padding == 1 || out[1] == 0));
}

static size_t padding_of(struct span text)
{
	if (text.len == 0 || text.at[text.len - 1] != '=')
		return 0;
	return text.at[text.len - 2] == '=' ? 2 : 1;
}

bool base64_get(struct span text, void *bytes, size_t max, size_t *n)
{
	unsigned char *out = bytes, three[3];
	size_t padding;

	*n = 0;
	if (text.len % 4 != 0)
		return false;
	padding = padding_of(text);
	if (text.len / 4 * 3 - padding > max)
		return false;
	for (size_t at = 0; at < text.len; at += 4) {
		size_t missing = at + 4 == text.len ? padding : 0;

		if (!get_three(text.at + at, missing, three))
			return false;
		memcpy(out + *n, three, 3 - missing);
		*n += 3 - missing;
	}
	return true;
}
