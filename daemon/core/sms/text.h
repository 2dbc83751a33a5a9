/*
 * The text of a short message, whatever its octets are.
 *
 * Pure. Nothing here refuses a text: what cannot be read becomes U+FFFD,
 * because a damaged clue is still a clue.
 */
#ifndef TIPLINE_CORE_SMS_TEXT_H
#define TIPLINE_CORE_SMS_TEXT_H

#include "daemon/base/buf.h"
#include "daemon/core/sms/coding.h"

/*
 * Appends the text as valid UTF-8. A byte order mark in front, NUL, and an odd
 * last octet of UTF-16 are left out; surrogates that stand alone and bytes
 * that are no UTF-8 become U+FFFD. SMS_OCTETS: see sms_octets_decode().
 */
void sms_text_decode(enum sms_coding coding, struct span octets, struct buf *out);

/* The same; SMS_GSM7 is read with the national tables its header named. */
void sms_text_decode_with(enum sms_coding coding, struct sms_tables tables, struct span octets, struct buf *out);

/*
 * Appends data that is plainly a text, in UTF-8 or UTF-16; false, and nothing
 * appended, when it is not: a picture, a ring tone, a setting of the phone.
 */
bool sms_octets_decode(struct span octets, struct buf *out);

/* Appends the octets of "%06%05" or "0605"; false when it is neither. */
bool sms_octets_parse(struct span encoded, struct buf *out);

/* "zh-CN" when the text has a Han character, else "en". */
const char *sms_text_lang(struct span text);

/* True when the whole message is a wish to get no more answers (STOP, TD, 退订, ...). */
bool sms_text_is_stop(struct span text);

/* A character as it was meant: full-width letters, any case, any blank. */
uint32_t sms_text_plain(uint32_t c);

#endif
