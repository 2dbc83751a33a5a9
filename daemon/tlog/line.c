/*
 * Lines, numbers, hashes; see line.h.
 */
#include "daemon/tlog/line.h"

#include "daemon/base/base64.h"
#include "daemon/base/utf8.h"

bool line_next(struct span *rest, struct span *line)
{
	const char *end = rest->len > 0 ? memchr(rest->at, '\n', rest->len) : NULL;

	if (end == NULL)
		return false;
	*line = span_from(rest->at, (size_t)(end - rest->at));
	*rest = span_from_offset(*rest, line->len + 1);
	return true;
}

bool line_number(struct span text, uint64_t *number)
{
	if (text.len > 1 && text.at[0] == '0')
		return false;
	return span_u64(text, number) && *number <= LINE_NUMBER_MAX;
}

bool line_base64(struct span text, void *bytes, size_t max, size_t *len)
{
	return text.len > 0 && base64_get(text, bytes, max, len);
}

bool line_hash(struct span text, struct merkle_hash *hash)
{
	size_t len;

	return line_base64(text, hash->bytes, sizeof(hash->bytes), &len) && len == sizeof(hash->bytes);
}

void line_add_hash(struct buf *out, const struct merkle_hash *hash)
{
	base64_add(out, hash->bytes, sizeof(hash->bytes));
	buf_add_byte(out, '\n');
}

bool line_plain(struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.at[i] < 0x20)
			return false;
	return utf8_valid(text);
}

void line_put_u64(unsigned char out[8], uint64_t number)
{
	for (size_t i = 8; i > 0; i--, number >>= 8)
		out[i - 1] = (unsigned char)number;
}

uint64_t line_get_u64(const unsigned char bytes[8])
{
	uint64_t number = 0;

	for (size_t i = 0; i < 8; i++)
		number = number << 8 | bytes[i];
	return number;
}
