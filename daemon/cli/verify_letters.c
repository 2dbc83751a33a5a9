/*
 * Letters of values; see verify_letters.h.
 */
#include "daemon/cli/verify_letters.h"

#include "daemon/core/tip/tip.h"

bool verify_letters(struct span text, const char *allowed, size_t max)
{
	if (text.len == 0 || text.len > max)
		return false;
	for (size_t i = 0; i < text.len; i++)
		if (text.at[i] == '\0' || strchr(allowed, text.at[i]) == NULL)
			return false;
	return true;
}

bool verify_is_hex(struct span text, size_t digits)
{
	return text.len == digits && verify_letters(text, DIGITS "abcdef", digits);
}

bool verify_is_id(struct span text)
{
	struct tip_id id;

	return tip_id_parse(text, &id);
}

bool verify_is_region(struct span text)
{
	return text.len == 6 && span_digits(text);
}
