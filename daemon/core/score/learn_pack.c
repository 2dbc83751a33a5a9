/*
 * An example as few bytes; see learn.h.
 *
 *   packed = count (2 bytes, little-endian), then for each place the gap from
 *            the one before it, as a Rice code: gap >> shift ones, a zero, and
 *            the low `shift` bits; filled up with zeroes
 *
 * The places of a text are spread evenly by their hash, so a Rice code is near
 * the best there is; the shift follows from the count. 300 features take about
 * 380 bytes. Rice, Plaunt 1971.
 */
#include "daemon/core/score/learn.h"

#define HEAD_BYTES 2
#define ID_TAIL 10             /* the characters of an id that a transfer keeps */
#define LABEL "learn example"

/* Low bits of a gap that are written as they are: about the logarithm of the mean gap. */
static unsigned shift_of(size_t n)
{
	unsigned shift = 0;

	while ((LEARN_PLACES / n) >> (shift + 1) != 0)
		shift++;
	return shift;
}

/* --- bits ------------------------------------------------------------------------------ */

/* The lowest bit of a byte is the first. */
struct bit_writer {
	unsigned char *at;     /* zeroes so far */
	size_t next;
};

struct bit_reader {
	const char *at;
	size_t len;            /* bits */
	size_t next;
};

static void put_bit(struct bit_writer *bits, unsigned bit)
{
	bits->at[bits->next / 8] |= (unsigned char)(bit << bits->next % 8);
	bits->next++;
}

static bool get_bit(struct bit_reader *bits, unsigned *bit)
{
	if (bits->next == bits->len)
		return false;
	*bit = (unsigned)(unsigned char)bits->at[bits->next / 8] >> bits->next % 8 & 1u;
	bits->next++;
	return true;
}

static void put_gap(struct bit_writer *bits, uint32_t gap, unsigned shift)
{
	for (uint32_t ones = gap >> shift; ones > 0; ones--)
		put_bit(bits, 1);
	put_bit(bits, 0);
	for (unsigned i = 0; i < shift; i++)
		put_bit(bits, gap >> i & 1);
}

/* False at the end of the bytes, or when the gap leads out of the model. */
static bool get_gap(struct bit_reader *bits, unsigned shift, uint32_t *gap)
{
	unsigned bit = 1;

	*gap = 0;
	while (get_bit(bits, &bit) && bit == 1)
		if ((*gap += 1u << shift) >= LEARN_PLACES)
			return false;
	if (bit == 1)
		return false;
	for (unsigned i = 0; i < shift; i++) {
		if (!get_bit(bits, &bit))
			return false;
		*gap |= bit << i;
	}
	return true;
}

/* Fewer than eight zeroes fill the last byte. */
static bool filled_up(struct bit_reader *bits)
{
	unsigned bit = 0;

	if (bits->len - bits->next >= 8)
		return false;
	while (get_bit(bits, &bit))
		if (bit != 0)
			return false;
	return true;
}

/* --- both ways --------------------------------------------------------------------------- */

/* Bits that the gaps take at most: the ones of all gaps together are no more than this. */
static size_t bits_most(size_t n, unsigned shift)
{
	return n * (1 + shift) + (LEARN_PLACES >> shift);
}

struct span learn_pack(const struct learn_example *in, struct arena *arena)
{
	unsigned shift = in->n > 0 ? shift_of(in->n) : 0;
	unsigned char *bytes = arena_alloc(arena, HEAD_BYTES + (in->n > 0 ? bits_most(in->n, shift) / 8 + 1 : 0));
	struct bit_writer bits = { .at = bytes + HEAD_BYTES };
	uint32_t from = 0;

	bytes[0] = (unsigned char)in->n;
	bytes[1] = (unsigned char)(in->n >> 8);
	for (size_t i = 0; i < in->n; i++) {
		put_gap(&bits, in->features[i] - from, shift);
		from = in->features[i] + 1u;
	}
	return span_from(bytes, HEAD_BYTES + (bits.next + 7) / 8);
}

bool learn_unpack(struct span packed, struct learn_example *out)
{
	const unsigned char *head = (const unsigned char *)packed.at;
	struct bit_reader bits;
	uint32_t from = 0, gap;
	size_t n;

	out->n = 0;
	if (packed.len < HEAD_BYTES)
		return false;
	n = (size_t)head[0] | (size_t)head[1] << 8;
	if (n > LEARN_FEATURES_MAX)
		return false;
	bits = (struct bit_reader){ .at = packed.at + HEAD_BYTES, .len = (packed.len - HEAD_BYTES) * 8 };
	for (size_t i = 0; i < n; i++, from += gap + 1) {
		if (!get_gap(&bits, shift_of(n), &gap) || from + gap >= LEARN_PLACES)
			return false;
		out->features[i] = (uint16_t)(from + gap);
	}
	if (!filled_up(&bits))
		return false;
	out->n = n;
	return true;
}

/* --- sealed --------------------------------------------------------------------------------- */

static struct span tail_of(const struct tip_id *id)
{
	return span_from(id->text + TIP_ID_LEN - ID_TAIL, ID_TAIL);
}

struct span learn_seal(const struct seal_key *key, const struct tip_id *id, const struct learn_example *in,
		       struct arena *arena)
{
	struct buf clear = { 0 }, sealed = { 0 };
	struct span out;

	buf_add_span(&clear, tail_of(id));
	buf_add_span(&clear, learn_pack(in, arena));
	seal_blob(key, LABEL, buf_span(&clear), &sealed);
	out = arena_dup(arena, buf_span(&sealed));
	buf_release(&clear);
	buf_release(&sealed);
	return out;
}

bool learn_open(const struct seal_key *key, const struct tip_id *id, struct span sealed, struct arena *arena,
		struct learn_example *out)
{
	struct span clear;

	out->n = 0;
	return seal_open_blob(key, LABEL, sealed, arena, &clear) && span_starts(clear, tail_of(id)) &&
	       learn_unpack(span_from_offset(clear, ID_TAIL), out);
}
