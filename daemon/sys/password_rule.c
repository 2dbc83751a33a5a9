/*
 * Which passwords are taken; see password_rule.h.
 */
#include "daemon/sys/password_rule.h"

#include "daemon/base/utf8.h"
#include "daemon/sys/person_keys.h"

#define GROUP_MAX 4        /* bytes of a group that may not make up the whole */
#define NAME_BESIDES 8     /* characters that must stand beside the account's name */
#define DISTINCT_MIN 5     /* different bytes */

/* "abababab...": all of it is its first `group` bytes again. */
static bool repeats(struct span password, size_t group)
{
	for (size_t i = group; i < password.len; i++)
		if (password.at[i] != password.at[i - group])
			return false;
	return true;
}

static bool is_short_group_again(struct span password)
{
	for (size_t group = 1; group <= GROUP_MAX; group++)
		if (repeats(password, group))
			return true;
	return false;
}

/* "123456789012", "zyxwvutsrqpo": each byte is the one before, plus or minus one; 9 and 0 are neighbours. */
static bool is_row(struct span password)
{
	size_t up = 0, down = 0;

	for (size_t i = 1; i < password.len; i++) {
		char before = password.at[i - 1], now = password.at[i];

		up += now == before + 1 || (before == '9' && now == '0');
		down += now == before - 1 || (before == '0' && now == '9');
	}
	return up + 1 >= password.len || down + 1 >= password.len;
}

static bool few_letters(struct span password)
{
	bool seen[256] = { false };
	size_t distinct = 0;

	for (size_t i = 0; i < password.len; i++) {
		unsigned char byte = (unsigned char)password.at[i];

		distinct += !seen[byte];
		seen[byte] = true;
	}
	return distinct < DISTINCT_MIN;
}

/* The account's name stands in it, in any case, and hardly anything besides. */
static bool is_name_and_little(struct span person, struct span password)
{
	for (size_t at = 0; person.len > 0 && at + person.len <= password.len; at++)
		if (span_eq_nocase(span_from(password.at + at, person.len), person))
			return utf8_count(password) < utf8_count(person) + NAME_BESIDES;
	return false;
}

bool password_rule(struct span person, struct span password, struct complaint *why)
{
	if (password.len > PERSON_PASSWORD_MAX || !utf8_valid(password) || utf8_count(password) < PERSON_PASSWORD_MIN)
		return complain(why, 0, "password: expected %d characters or more, and at most %d bytes of UTF-8", PERSON_PASSWORD_MIN,
				PERSON_PASSWORD_MAX);
	if (is_name_and_little(person, password))
		return complain(why, 0, "password: expected %d characters or more besides the account's name", NAME_BESIDES);
	if (is_short_group_again(password) || is_row(password) || few_letters(password))
		return complain(why, 0, "password: expected more than a few letters again and again, or a row of them; take four words");
	return true;
}
