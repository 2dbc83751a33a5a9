/*
 * The GSM 7-bit alphabet (3GPP TS 23.038, clause 6): septets to characters and
 * back, packed and one an octet.
 *
 * Pure. Reading refuses nothing: a septet without a character becomes U+FFFD.
 */
#ifndef TIPLINE_CORE_SMS_GSM7_H
#define TIPLINE_CORE_SMS_GSM7_H

#include "daemon/base/buf.h"
#include "daemon/core/sms/coding.h"

#define GSM7_ESCAPE 0x1B
#define GSM7_ALL SIZE_MAX

/*
 * Appends the text of septets that lie one in an octet, as UTF-8. An octet
 * above 0x7F is no septet. 0x00 is '@' (in tables that have it there), no end.
 * An escape before a septet that the single shift table lacks is passed over:
 * the septet means what it means without. Two escapes, or one at the end, are
 * a space.
 */
void gsm7_decode(struct span septets, struct sms_tables tables, struct buf *out);

/*
 * Appends the septets of a text, one an octet. False, and nothing appended,
 * when the tables lack one of its characters or it is not valid UTF-8.
 */
bool gsm7_encode(struct span text, struct sms_tables tables, struct buf *out);

/* Septets a character takes: 1, 2 with an escape, or 0 when the tables lack it. */
unsigned gsm7_septets(uint32_t character, struct sms_tables tables);

/* Bits between a header of that many octets (its length octet counted) and the first septet: 0..6. */
unsigned gsm7_fill_bits(size_t header_octets);

/*
 * Appends `n` septets, one an octet, of a packed text that begins behind
 * `fill_bits`; fewer when the octets hold fewer. GSM7_ALL: as many as there
 * are, but not a last one of zeroes that only fills its octet up (for peers
 * that do not tell the number; who knows it gives it, since 0 is '@').
 */
void gsm7_unpack(struct span octets, unsigned fill_bits, size_t n, struct buf *out);

/* Appends septets packed, behind `fill_bits` of zero; the rest of the last octet is zero. */
void gsm7_pack(struct span septets, unsigned fill_bits, struct buf *out);

#endif
