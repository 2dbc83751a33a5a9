/*
 * Views of bytes; see span.h.
 */
#include "daemon/base/span.h"

#include "daemon/base/table.h"

static unsigned char lower(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

bool span_eq_nocase(struct span a, struct span b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (lower(a.at[i]) != lower(b.at[i]))
			return false;
	return true;
}

bool span_starts(struct span s, struct span prefix)
{
	return s.len >= prefix.len && span_eq(span_from(s.at, prefix.len), prefix);
}

static bool blank(char c)
{
	return c == ' ' || c == '\t';
}

struct span span_trim(struct span s)
{
	while (s.len > 0 && blank(s.at[0]))
		s = span_from_offset(s, 1);
	while (s.len > 0 && blank(s.at[s.len - 1]))
		s.len--;
	return s;
}

/* Bytes of the first character, when nothing of it can be seen; else 0. */
static size_t unseen(struct span s)
{
	/* No-break space, ideographic space, byte order mark; spaces of U+2000 to U+200F begin alike. */
	static const struct span wide[] = { SPAN_INIT("\u00a0"), SPAN_INIT("\u3000"), SPAN_INIT("\ufeff") };
	static const struct span thin = SPAN_INIT("\xe2\x80");

	if ((unsigned char)s.at[0] <= ' ')
		return 1;
	for (size_t i = 0; i < COUNT_OF(wide); i++)
		if (span_starts(s, wide[i]))
			return wide[i].len;
	return span_starts(s, thin) && s.len > thin.len && ((unsigned char)s.at[thin.len] & 0xf0) == 0x80 ? thin.len + 1 : 0;
}

bool span_is_blank(struct span s)
{
	for (size_t n; s.len > 0; s = span_from_offset(s, n)) {
		n = unseen(s);
		if (n == 0)
			return false;
	}
	return true;
}

size_t span_find(struct span s, struct span needle)
{
	if (needle.len == 0)
		return 0;
	for (size_t i = 0; i + needle.len <= s.len; i++)
		if (memcmp(s.at + i, needle.at, needle.len) == 0)
			return i;
	return s.len;
}

bool span_cut(struct span *rest, char separator, struct span *part)
{
	const char *end;

	if (rest->at == NULL)
		return false;
	end = rest->len > 0 ? memchr(rest->at, separator, rest->len) : NULL;
	if (end == NULL) {
		*part = *rest;
		*rest = (struct span){ 0 };
		return true;
	}
	*part = span_from(rest->at, (size_t)(end - rest->at));
	*rest = span_from(end + 1, rest->len - part->len - 1);
	return true;
}

bool span_u64(struct span s, uint64_t *number)
{
	uint64_t n = 0;

	if (!span_digits(s))
		return false;
	for (size_t i = 0; i < s.len; i++) {
		uint64_t digit = (uint64_t)(s.at[i] - '0');

		if (n > (UINT64_MAX - digit) / 10)
			return false;
		n = n * 10 + digit;
	}
	*number = n;
	return true;
}

bool span_digits(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.at[i] < '0' || s.at[i] > '9')
			return false;
	return s.len > 0;
}
