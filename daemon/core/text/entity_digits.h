/*
 * Numbers that name somebody or something: the forms that start with a digit.
 *
 * Part of core/text/entity.c, which walks the text and calls this at each run of
 * digits. Nobody else includes it.
 */
#ifndef TIPLINE_CORE_ENTITY_DIGITS_H
#define TIPLINE_CORE_ENTITY_DIGITS_H

#include "daemon/core/text/entity.h"

/*
 * The number that starts at `at`: the first digit of a run, or a '+' before
 * one. Forms with a checksum are tried first, so a resident ID is never taken
 * for a card. False: no form fits; *found is then undefined.
 */
bool entity_digits_at(struct span folded, size_t at, struct entity *found);

/* GB 11643: 17 digits and a check character (ISO 7064 MOD 11-2), upper case. */
bool entity_id_number_valid(struct span number);

/* ISO/IEC 7812-1 annex B (Luhn), digits only. */
bool entity_luhn_valid(struct span digits);

/* The text goes on with these bytes at `at`. */
static inline bool entity_says(struct span text, size_t at, struct span word)
{
	return at <= text.len && text.len - at >= word.len && memcmp(text.at + at, word.at, word.len) == 0;
}

/* The byte at `at`, or 0 past the end. */
static inline char entity_byte(struct span text, size_t at)
{
	return at < text.len ? text.at[at] : '\0';
}

static inline bool entity_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool entity_is_letter(char c)
{
	return c >= 'a' && c <= 'z';
}

static inline bool entity_is_alnum(char c)
{
	return entity_is_digit(c) || entity_is_letter(c);
}

#endif
