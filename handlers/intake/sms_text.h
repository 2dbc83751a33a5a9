/*
 * What every SMS gateway needs to read a message: characters, user data
 * headers, percent-encoding.
 *
 * Pure. Nothing here refuses a text: what cannot be read becomes U+FFFD,
 * because a damaged clue is still a clue.
 */
#ifndef TIPLINE_HANDLERS_INTAKE_SMS_TEXT_H
#define TIPLINE_HANDLERS_INTAKE_SMS_TEXT_H

#include "daemon/base/arena.h"
#include "daemon/base/buf.h"

enum sms_coding {
	SMS_UTF8,
	SMS_UTF16,    /* big-endian, called UCS-2 by everybody (3GPP TS 23.038) */
	SMS_LATIN1,
	SMS_OCTETS,   /* "8 bit": data, or a text whose sender said so */
	SMS_CODINGS,
};

/*
 * Appends the text as valid UTF-8. A byte order mark in front, NUL, and an odd
 * last octet of UTF-16 are left out; surrogates that stand alone and bytes
 * that are no UTF-8 become U+FFFD. SMS_OCTETS: see sms_octets_decode().
 */
void sms_text_decode(enum sms_coding coding, struct span octets, struct buf *out);

/*
 * Appends data that is plainly a text, in UTF-8 or UTF-16; false, and nothing
 * appended, when it is not: a picture, a ring tone, a setting of the phone.
 */
bool sms_octets_decode(struct span octets, struct buf *out);

/* "zh-CN" when the text has a Han character, else "en". */
const char *sms_text_lang(struct span text);

/* True when the text can be sent in the GSM 7-bit alphabet at one septet a character. */
bool sms_text_is_gsm(struct span text);

/* True when the text fits into one message: 160 septets, or 70 UTF-16 units. */
bool sms_text_is_single(struct span text);

/* True when the whole message is a wish to get no more answers (STOP, TD, 退订, ...). */
bool sms_text_is_stop(struct span text);

/* A character as it was meant: full-width letters, any case, any blank. */
uint32_t sms_text_plain(uint32_t c);

/* What a user data header says (3GPP TS 23.040, 9.2.3.24). */
struct sms_header {
	bool part;            /* one of several, and the numbers make sense */
	unsigned width;       /* bits of the reference: 8 or 16 */
	unsigned reference;
	unsigned total;       /* 2..255 */
	unsigned number;      /* 1..total */
	bool ports;           /* meant for a program on the phone, not for a reader */
};

/*
 * Reads a header with its length octet in front. Elements that do not fit are
 * passed over; part 0, part above total and a total below 2 make no part.
 */
void sms_header_read(struct span header, struct sms_header *out);

/* Appends the octets of "%06%05" or "0605"; false when it is neither. */
bool sms_octets_parse(struct span encoded, struct buf *out);

#endif
