/*
 * Marks of entities, and the stored form; see fingerprint.h.
 *
 * SipHash for the entities, where the words of a text have a faster hash: a
 * guess is cheap here (a telephone number has 10^9 values), and the hash must
 * stand against one who chooses the texts.
 */
#include "daemon/core/incident/fingerprint.h"

#include "daemon/base/wipe.h"

#include <sodium.h>

/* Ages and times are shared by strangers; they say nothing about who is meant. */
static bool marked(enum entity_kind kind)
{
	return kind != ENTITY_AGE && kind != ENTITY_TIME;
}

static uint64_t get_le(const unsigned char *at, size_t bytes)
{
	uint64_t number = 0;

	for (size_t i = 0; i < bytes; i++)
		number |= (uint64_t)at[i] << (8 * i);
	return number;
}

static uint64_t mark_of(const struct fingerprinter *fingerprinter, const struct entity *entity)
{
	unsigned char named[1 + sizeof(entity->value)];
	unsigned char hash[crypto_shorthash_BYTES];
	size_t len = strlen(entity->value);

	named[0] = (unsigned char)entity->kind;
	memcpy(named + 1, entity->value, len);
	crypto_shorthash(hash, named, 1 + len, fingerprinter->mark_key);
	wipe(named, 1 + len);
	return get_le(hash, FINGERPRINT_MARK_BITS / 8);
}

static bool marks_hold(const struct fingerprint *print, uint64_t mark)
{
	for (size_t i = 0; i < print->nmarks; i++)
		if (print->marks[i].mark == mark)
			return true;
	return false;
}

void fingerprint(const struct fingerprinter *fingerprinter, const struct fingerprint_input *in,
		 struct arena *arena, struct fingerprint *out)
{
	const struct feature_input words = { .original = in->original, .text = in->text, .hits = in->hits };

	feature_extract(fingerprinter, &words, arena, &out->feature);
	out->nmarks = 0;
	for (size_t i = 0; i < in->entities->n; i++) {
		const struct entity *entity = &in->entities->at[i];
		uint64_t mark = mark_of(fingerprinter, entity);

		if (marked(entity->kind) && !marks_hold(out, mark))
			out->marks[out->nmarks++] =
				(struct fingerprint_mark){ .kind = entity->kind, .mark = mark };
	}
}

/* --- the stored form ------------------------------------------------------------------ */

#define FORM 0x80 /* in the first byte, beside the number of marks */
#define MARK_BYTES (FINGERPRINT_MARK_BITS / 8)
#define PACKED_MARK (1 + MARK_BYTES)
#define PACKED_MAX (1 + ENTITIES_MAX * PACKED_MARK + FEATURE_PACKED_MAX)

_Static_assert(ENTITIES_MAX < FORM, "the number of marks has seven bits");

static unsigned char *put_mark(const struct fingerprint_mark *mark, unsigned char *at)
{
	*at++ = (unsigned char)mark->kind;
	for (size_t i = 0; i < MARK_BYTES; i++)
		*at++ = (unsigned char)(mark->mark >> (8 * i));
	return at;
}

struct span fingerprint_pack(const struct fingerprint *in, struct arena *arena)
{
	unsigned char bytes[PACKED_MAX];
	unsigned char *at = bytes;

	*at++ = (unsigned char)(FORM | in->nmarks);
	for (size_t i = 0; i < in->nmarks; i++)
		at = put_mark(&in->marks[i], at);
	at += feature_write(&in->feature, at);
	return arena_dup(arena, span_from(bytes, (size_t)(at - bytes)));
}

static bool get_mark(const unsigned char *at, struct fingerprint *out)
{
	uint64_t mark = get_le(at + 1, MARK_BYTES);

	if (at[0] >= ENTITY_KINDS || !marked((enum entity_kind)at[0]) || marks_hold(out, mark))
		return false;
	out->marks[out->nmarks++] =
		(struct fingerprint_mark){ .kind = (enum entity_kind)at[0], .mark = mark };
	return true;
}

bool fingerprint_unpack(struct span packed, struct fingerprint *out)
{
	const unsigned char *bytes = (const unsigned char *)packed.at;
	size_t nmarks, head;

	out->nmarks = 0;
	if (packed.len == 0 || (bytes[0] & FORM) == 0)
		return false;
	nmarks = bytes[0] & (FORM - 1);
	head = 1 + nmarks * PACKED_MARK;
	if (nmarks > ENTITIES_MAX || packed.len < head)
		return false;
	while (out->nmarks < nmarks)
		if (!get_mark(bytes + 1 + out->nmarks * PACKED_MARK, out))
			return false;
	return feature_unpack(span_from(packed.at + head, packed.len - head), &out->feature);
}
