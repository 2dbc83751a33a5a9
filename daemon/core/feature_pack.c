/*
 * The bytes of a feature; see feature.h.
 *
 * Head: level, Han or not, four counts. Grams ascend, so the steps between
 * them are stored, one byte each where 255 means "255 and more". The rest is
 * little-endian.
 */
#include "daemon/core/feature.h"

#define HEAD 5
#define MARK 5
#define LEVEL_MAX 20
#define GRAM_LIMIT 0x1000
#define HAN_FLAG 0x80
#define STEP_MORE 255

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
	at[0] = (unsigned char)(mark->kind << 5 | mark->open << 4 | mark->digits);
	at[1] = (unsigned char)mark->context;
	at[2] = (unsigned char)(mark->context >> 8);
	at[3] = mark->head;
	at[4] = mark->tail;
	return at + MARK;
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
	for (size_t i = 0; i < in->nterms; i++) {
		*at++ = (unsigned char)in->terms[i];
		*at++ = (unsigned char)(in->terms[i] >> 8);
	}
	return (size_t)(at - bytes);
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

static bool get_marks(struct packed *p, size_t n, struct feature *out)
{
	if ((size_t)(p->end - p->at) < MARK * n)
		return false;
	for (; out->nmarks < n; p->at += MARK) {
		struct feature_mark *mark = &out->marks[out->nmarks++];

		mark->kind = p->at[0] >> 5;
		mark->open = (p->at[0] >> 4 & 1) != 0;
		mark->digits = p->at[0] & FEATURE_DIGITS_MAX;
		mark->context = (uint16_t)(p->at[1] | p->at[2] << 8);
		mark->head = p->at[3];
		mark->tail = p->at[4];
		if (mark->kind >= FEATURE_KINDS)
			return false;
	}
	return true;
}

static bool get_keys_and_terms(struct packed *p, size_t nkeys, size_t nterms, struct feature *out)
{
	if ((size_t)(p->end - p->at) != 3 * nkeys + 2 * nterms)
		return false;
	for (; out->nkeys < nkeys; p->at += 3)
		out->keys[out->nkeys++] =
			(uint32_t)p->at[0] | (uint32_t)p->at[1] << 8 | (uint32_t)p->at[2] << 16;
	for (; out->nterms < nterms; p->at += 2) {
		out->terms[out->nterms] = (uint16_t)(p->at[0] | p->at[1] << 8);
		if (out->nterms > 0 && out->terms[out->nterms - 1] >> 1 > out->terms[out->nterms] >> 1)
			return false;
		out->nterms++;
	}
	return true;
}

bool feature_unpack(struct span packed, struct feature *out)
{
	const unsigned char *head = (const unsigned char *)packed.at;
	struct packed p = { .at = head + HEAD, .end = head + packed.len };

	*out = (struct feature){ 0 };
	if (packed.len < HEAD || (head[0] & ~HAN_FLAG) > LEVEL_MAX || head[1] > FEATURE_GRAMS_MAX ||
	    head[2] > FEATURE_KEYS_MAX || head[3] > FEATURE_MARKS_MAX || head[4] > FEATURE_TERMS_MAX)
		return false;
	out->level = head[0] & (unsigned char)~HAN_FLAG;
	out->han = (head[0] & HAN_FLAG) != 0;
	return get_grams(&p, head[1], out) && get_marks(&p, head[3], out) &&
	       get_keys_and_terms(&p, head[2], head[4], out);
}
