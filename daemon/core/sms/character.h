/*
 * One character at a time, out of UTF-8 and UTF-16 as phones send it, and into
 * UTF-8 that is always valid.
 */
#ifndef TIPLINE_CORE_SMS_CHARACTER_H
#define TIPLINE_CORE_SMS_CHARACTER_H

#include "daemon/base/buf.h"

#define SMS_REPLACEMENT 0xFFFDu

/* Appends a character as UTF-8; NUL is left out. */
void sms_character_add(struct buf *out, uint32_t c);

/* Cuts the next character off a text that is not empty; bytes that make none are one U+FFFD each. */
uint32_t sms_character_next(struct span *text);

struct sms_utf16 {
	struct span rest;  /* at an end when fewer than two octets are left */
	bool little;       /* by its mark; the standard knows big-endian alone */
};

/* Behind the byte order mark, if there is one. */
struct sms_utf16 sms_utf16_of(struct span octets);

/* The next character of at least two octets; a surrogate that stands alone is U+FFFD. */
uint32_t sms_utf16_next(struct sms_utf16 *in);

#endif
