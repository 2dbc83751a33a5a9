/*
 * A text into the short messages that carry it.
 *
 * Pure. The GSM 7-bit alphabet when it has all characters, else UTF-16. A part
 * holds at most 140 octets with its header: 160 septets or 70 units alone,
 * 153 or 67 with an 8-bit reference, 152 or 66 with 16 bits (3GPP TS 23.040,
 * 9.2.3.24.1), fewer with national tables. An escape and its septet, and the
 * two halves of a surrogate pair, are never parted.
 */
#ifndef TIPLINE_CORE_SMS_SPLIT_H
#define TIPLINE_CORE_SMS_SPLIT_H

#include "daemon/base/arena.h"
#include "daemon/core/sms/coding.h"

#define SMS_PARTS_MAX 255
#define SMS_OCTETS_MAX 140  /* of header and text, septets packed */

struct sms_split_how {
	struct sms_tables tables;  /* national tables the receiver is known to read; zeroes: none */
	bool utf16;                /* whatever the characters: for carriers without the 7-bit alphabet */
	unsigned width;            /* bits of the reference: 8 or 16; 0 is 8 */
	unsigned reference;        /* cut to `width` bits */
};

struct sms_piece {
	struct span header;        /* with its length octet; empty: none */
	struct span octets;        /* SMS_GSM7: one septet an octet; SMS_UTF16 */
};

struct sms_split {
	enum sms_coding coding;    /* SMS_GSM7 or SMS_UTF16 */
	struct sms_tables tables;
	size_t units;              /* septets or UTF-16 units of the whole text */
	size_t n;
	const struct sms_piece *at;
};

/*
 * False: more than 255 parts. What is not UTF-8 goes as U+FFFD, an empty text
 * as one empty part. All of it lies in the arena.
 */
bool sms_split(struct span text, const struct sms_split_how *how, struct arena *arena, struct sms_split *out);

/* Parts the text takes with default tables and an 8-bit reference; 0: more than 255. */
size_t sms_split_count(struct span text);

/* True when the GSM 7-bit default alphabet and its extension have all characters of the text. */
bool sms_text_is_gsm(struct span text);

/* True when the text fits into one message: 160 septets, or 70 UTF-16 units. */
bool sms_text_is_single(struct span text);

#endif
