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
