/*
 * The GSM 7-bit alphabet; see gsm7.h.
 */
#include "daemon/core/sms/gsm7.h"

#include "daemon/core/sms/character.h"
#include "daemon/core/sms/gsm7_tables.h"

/* --- tables ------------------------------------------------------------------ */

static const uint16_t *locking_of(struct sms_tables tables)
{
	return gsm7_locking[tables.locking < GSM7_LANGUAGES ? tables.locking : 0];
}

static const struct gsm7_single *single_of(struct sms_tables tables)
{
	return &gsm7_single[tables.single < GSM7_LANGUAGES ? tables.single : 0];
}

/* The character behind an escape, or 0. */
static uint32_t shifted(struct sms_tables tables, unsigned septet)
{
	const struct gsm7_single *single = single_of(tables);

	for (size_t i = 0; i < single->n; i++)
		if (single->at[i].septet == septet)
			return single->at[i].character;
	return 0;
}

/* The septet that means the character without an escape, else GSM7_SEPTETS. */
static unsigned find_plain(uint32_t c, struct sms_tables tables)
{
	const uint16_t *locking = locking_of(tables);
	unsigned septet = 0;

	while (septet < GSM7_SEPTETS && (locking[septet] == 0 || locking[septet] != c))
		septet++;
	return septet;
}

static unsigned find_shifted(uint32_t c, struct sms_tables tables)
{
	const struct gsm7_single *single = single_of(tables);

	for (size_t i = 0; i < single->n; i++)
		if (single->at[i].character == c)
			return single->at[i].septet;
	return GSM7_SEPTETS;
}

unsigned gsm7_septets(uint32_t character, struct sms_tables tables)
{
	if (find_plain(character, tables) < GSM7_SEPTETS)
		return 1;
	return find_shifted(character, tables) < GSM7_SEPTETS ? 2 : 0;
}

/* --- reading ------------------------------------------------------------------- */

static uint32_t plain(struct sms_tables tables, unsigned septet)
{
	uint32_t c = septet < GSM7_SEPTETS ? locking_of(tables)[septet] : 0;

	return c != 0 ? c : SMS_REPLACEMENT;
}

static unsigned take_septet(struct span *rest)
{
	unsigned septet = (unsigned char)rest->at[0];

	*rest = span_from_offset(*rest, 1);
	return septet;
}

static uint32_t next_character(struct span *rest, struct sms_tables tables)
{
	unsigned septet = take_septet(rest);

	if (septet != GSM7_ESCAPE)
		return plain(tables, septet);
	if (rest->len == 0)
		return ' ';
	septet = take_septet(rest);
	if (septet == GSM7_ESCAPE)
		return ' ';
	uint32_t c = shifted(tables, septet);

	return c != 0 ? c : plain(tables, septet);
}

void gsm7_decode(struct span septets, struct sms_tables tables, struct buf *out)
{
	while (septets.len > 0)
		sms_character_add(out, next_character(&septets, tables));
}

/* --- writing ---------------------------------------------------------------------- */

static bool add_septets(uint32_t c, struct sms_tables tables, struct buf *out)
{
	unsigned septet = find_plain(c, tables);

	if (septet == GSM7_SEPTETS) {
		septet = find_shifted(c, tables);
		if (septet == GSM7_SEPTETS)
			return false;
		buf_add_byte(out, GSM7_ESCAPE);
	}
	buf_add_byte(out, (int)septet);
	return true;
}

bool gsm7_encode(struct span text, struct sms_tables tables, struct buf *out)
{
	size_t before = out->len;

	while (text.len > 0) {
		if (!add_septets(sms_character_next(&text), tables, out)) {
			out->len = before;
			return false;
		}
	}
	return true;
}

/* --- packed ------------------------------------------------------------------------ */

unsigned gsm7_fill_bits(size_t header_octets)
{
	return (unsigned)((7 - header_octets * 8 % 7) % 7);
}

/* Seven bits from `bit` on; they are within the octets. */
static unsigned septet_at(struct span octets, size_t bit)
{
	unsigned two = (unsigned char)octets.at[bit / 8];

	if (bit % 8 > 1)
		two |= (unsigned)(unsigned char)octets.at[bit / 8 + 1] << 8;
	return two >> (bit % 8) & 0x7F;
}

void gsm7_unpack(struct span octets, unsigned fill_bits, size_t n, struct buf *out)
{
	size_t bits = octets.len * 8 > fill_bits ? octets.len * 8 - fill_bits : 0;
	size_t all = bits / 7;

	if (n == GSM7_ALL && bits % 7 == 0 && all > 0 && septet_at(octets, fill_bits + (all - 1) * 7) == 0)
		all--;
	for (size_t i = 0; i < all && i < n; i++)
		buf_add_byte(out, (int)septet_at(octets, fill_bits + i * 7));
}

void gsm7_pack(struct span septets, unsigned fill_bits, struct buf *out)
{
	unsigned held = 0, nbits = septets.len > 0 ? fill_bits : 0;

	for (size_t i = 0; i < septets.len; i++) {
		held |= ((unsigned)(unsigned char)septets.at[i] & 0x7F) << nbits;
		for (nbits += 7; nbits >= 8; nbits -= 8, held >>= 8)
			buf_add_byte(out, (int)(held & 0xFF));
	}
	if (nbits > 0)
		buf_add_byte(out, (int)held);
}
