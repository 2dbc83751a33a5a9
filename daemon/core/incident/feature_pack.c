/*
 * The bytes of a feature; see feature.h.
 *
 * Head: level, Han or not, four counts. Grams and terms ascend, so the steps
 * between them are stored: of grams one byte each, where 255 means "255 and
 * more"; of terms a Rice code (Rice, Plaunt 1971), whose length follows from
 * their number. The rest is little-endian.
 */
#include "daemon/core/incident/feature.h"

#define HEAD 5
#define MARK 5
#define SMALL_MARK 3
#define LEVEL_MAX 20
#define GRAM_LIMIT 0x1000
#define TERM_LIMIT 0x8000
#define HAN_FLAG 0x80
#define STEP_MORE 255

/* A value of few kinds: one hash of it is enough. */
static bool small(unsigned kind)
{
	return kind == FEATURE_DIRECTION || kind == FEATURE_GENDER || kind == FEATURE_DAY ||
	       kind == FEATURE_COLOUR;
}

/* Bits of a step between terms that are written as they are: the steps of n terms are so long on average. */
static unsigned low_bits(size_t nterms)
{
	unsigned low = 0;

	while (nterms > 0 && nterms << (low + 1) <= TERM_LIMIT)
		low++;
	return low;
}

/* --- writing ------------------------------------------------------------------------------ */

static unsigned char *put_grams(const struct feature *in, unsigned char *at)
{
	unsigned last = 0;

	for (size_t i = 0; i < in->ngrams; i++) {
		unsigned way = in->grams[i] - last;

		for (; way >= STEP_MORE; way -= STEP_MORE)
			*at++ = STEP_MORE;
		*at++ = (unsigned char)way;
		last = in->grams[i];
	}
	return at;
}

static unsigned char *put_mark(const struct feature_mark *mark, unsigned char *at)
{
	bool is_small = small(mark->kind);
	int above = mark->context >> 8;

	at[0] = (unsigned char)(mark->kind << 5 | mark->open << 4 | (is_small ? above : mark->digits));
	at[1] = (unsigned char)mark->context;
	at[2] = mark->head;
	if (is_small)
		return at + SMALL_MARK;
	at[3] = mark->tail;
	at[4] = (unsigned char)(mark->sum << 4 | above);
	return at + MARK;
}

struct bits {
	unsigned char *at;
	unsigned filled; /* bits of *at */
};

static void put_bit(struct bits *bits, unsigned bit)
{
	if (bits->filled == 0)
		*bits->at = 0;
	*bits->at |= (unsigned char)(bit << bits->filled);
	if (++bits->filled == 8) {
		bits->filled = 0;
		bits->at++;
	}
}

static unsigned char *put_terms(const struct feature *in, unsigned char *at)
{
	struct bits bits = { .at = at };
	unsigned low = low_bits(in->nterms), last = 0;

	for (size_t i = 0; i < in->nterms; i++) {
		unsigned term = in->terms[i] >> 1, way = term - last;

		for (unsigned n = way >> low; n > 0; n--)
			put_bit(&bits, 1);
		put_bit(&bits, 0);
		for (unsigned b = 0; b < low; b++)
			put_bit(&bits, way >> b & 1);
		if (!in->han)
			put_bit(&bits, in->terms[i] & 1);
		last = term;
	}
	return bits.filled > 0 ? bits.at + 1 : bits.at;
}

size_t feature_write(const struct feature *in, unsigned char bytes[FEATURE_PACKED_MAX])
{
	unsigned char *at = bytes + HEAD;

	bytes[0] = (unsigned char)(in->level | (in->han ? HAN_FLAG : 0));
	bytes[1] = (unsigned char)in->ngrams;
	bytes[2] = (unsigned char)in->nkeys;
	bytes[3] = (unsigned char)in->nmarks;
	bytes[4] = (unsigned char)in->nterms;
	at = put_grams(in, at);
	for (size_t i = 0; i < in->nmarks; i++)
		at = put_mark(&in->marks[i], at);
	for (size_t i = 0; i < in->nkeys; i++)
		for (unsigned shift = 0; shift < 24; shift += 8)
			*at++ = (unsigned char)(in->keys[i] >> shift);
	return (size_t)(put_terms(in, at) - bytes);
}

struct span feature_pack(const struct feature *in, struct arena *arena)
{
	unsigned char bytes[FEATURE_PACKED_MAX];
	size_t len = feature_write(in, bytes);

	return arena_dup(arena, span_from(bytes, len));
}

/* --- reading ------------------------------------------------------------------------------ */

struct packed {
	const unsigned char *at;
	const unsigned char *end;
};

static bool get_grams(struct packed *p, size_t n, struct feature *out)
{
	unsigned gram = 0;

	while (out->ngrams < n) {
		unsigned way;

		if (p->at == p->end)
			return false;
		way = *p->at++;
		gram += way;
		if (gram >= GRAM_LIMIT || (way == 0 && out->ngrams > 0 && p->at[-2] != STEP_MORE))
			return false;
		if (way != STEP_MORE)
			out->grams[out->ngrams++] = (uint16_t)gram;
	}
	return true;
}

static bool get_mark(struct packed *p, struct feature_mark *mark)
{
	size_t left = (size_t)(p->end - p->at);
	const unsigned char *at = p->at;
	unsigned low;

	if (left < SMALL_MARK)
		return false;
	low = at[0] & 0xF;
	*mark = (struct feature_mark){ .kind = at[0] >> 5, .open = (at[0] >> 4 & 1) != 0, .head = at[2] };
	if (mark->kind >= FEATURE_KINDS)
		return false;
	if (small(mark->kind)) {
		mark->context = (uint16_t)(low << 8 | at[1]);
		p->at += SMALL_MARK;
		return true;
	}
	if (left < MARK)
		return false;
	mark->digits = (uint8_t)low;
	mark->tail = at[3];
	mark->sum = at[4] >> 4;
	mark->context = (uint16_t)((at[4] & 0xF) << 8 | at[1]);
	p->at += MARK;
	return true;
}

static bool get_marks(struct packed *p, size_t n, struct feature *out)
{
	while (out->nmarks < n)
		if (!get_mark(p, &out->marks[out->nmarks++]))
			return false;
	return true;
}

static bool get_keys(struct packed *p, size_t n, struct feature *out)
{
	if ((size_t)(p->end - p->at) < 3 * n)
		return false;
	for (; out->nkeys < n; p->at += 3)
		out->keys[out->nkeys++] =
			(uint32_t)p->at[0] | (uint32_t)p->at[1] << 8 | (uint32_t)p->at[2] << 16;
	return true;
}

/* Zeroes behind the end; whoever reads them looks afterwards whether that was too far. */
static unsigned get_bit(struct packed *p, size_t *read)
{
	size_t at = (*read)++;

	return at / 8 < (size_t)(p->end - p->at) ? (unsigned)p->at[at / 8] >> at % 8 & 1 : 0;
}

static bool get_term(struct packed *p, size_t *read, unsigned low, struct feature *out)
{
	unsigned term = out->nterms > 0 ? out->terms[out->nterms - 1] >> 1 : 0;

	while (get_bit(p, read) != 0)
		term += 1u << low;
	for (unsigned b = 0; b < low; b++)
		term += get_bit(p, read) << b;
	if (term >= TERM_LIMIT)
		return false;
	out->terms[out->nterms++] = (uint16_t)(term << 1 | (out->han ? 0 : get_bit(p, read)));
	return true;
}

/* The terms are all that is left, to the last byte; bits behind them are zero. */
static bool get_terms(struct packed *p, size_t n, struct feature *out)
{
	unsigned low = low_bits(n);
	size_t read = 0;

	while (out->nterms < n)
		if (!get_term(p, &read, low, out))
			return false;
	if ((read + 7) / 8 != (size_t)(p->end - p->at))
		return false;
	while (read % 8 != 0)
		if (get_bit(p, &read) != 0)
			return false;
	return true;
}

bool feature_unpack(struct span packed, struct feature *out)
{
	const unsigned char *head = (const unsigned char *)packed.at;
	struct packed p = { .at = head + HEAD, .end = head + packed.len };

	*out = (struct feature){ 0 };
	if (packed.len < HEAD || (head[0] & ~HAN_FLAG) > LEVEL_MAX || head[1] > FEATURE_GRAMS_MAX ||
	    head[2] > FEATURE_KEYS_MAX || head[2] > head[1] || head[3] > FEATURE_MARKS_MAX ||
	    head[4] > FEATURE_TERMS_MAX)
		return false;
	out->level = head[0] & (unsigned char)~HAN_FLAG;
	out->han = (head[0] & HAN_FLAG) != 0;
	return get_grams(&p, head[1], out) && get_marks(&p, head[3], out) && get_keys(&p, head[2], out) &&
	       get_terms(&p, head[4], out);
}
