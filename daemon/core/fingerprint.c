/*
 * Sketches and marks; see fingerprint.h.
 *
 * A gram starts at each character that is no punctuation; its length goes by
 * the script of that first character, so mixed text ("有3个小孩") needs no
 * splitting. XXH3 with a secret of our own hashes the grams, SipHash the
 * entities: there a guess is cheaper (a phone number has 10^9 values) and the
 * hash must stand against one who chooses the texts.
 */
#include "daemon/core/fingerprint.h"

#include "daemon/base/wipe.h"
#include "daemon/base/utf8.h"

#include <sodium.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#define HAN_GRAM 3
#define OTHER_GRAM 5

static void derive(const struct fingerprint_key *key, const char *label, unsigned char *out, size_t len)
{
	crypto_generichash(out, len, (const unsigned char *)label, strlen(label), key->bytes,
			   sizeof(key->bytes));
}

void fingerprinter_init(struct fingerprinter *fingerprinter, const struct fingerprint_key *key)
{
	static const char *const labels[] = { "tipline sketch 0", "tipline sketch 1", "tipline sketch 2" };
	unsigned char *secret = fingerprinter->secret;

	_Static_assert(FINGERPRINT_SECRET_BYTES >= XXH3_SECRET_SIZE_MIN, "XXH3 wants a longer secret");
	_Static_assert(FINGERPRINT_SECRET_BYTES == 3 * crypto_generichash_BYTES_MAX, "one label a block");
	_Static_assert(FINGERPRINT_MARK_KEY_BYTES == crypto_shorthash_KEYBYTES, "key of SipHash");
	for (size_t i = 0; i < 3; i++)
		derive(key, labels[i], secret + i * crypto_generichash_BYTES_MAX,
		       crypto_generichash_BYTES_MAX);
	derive(key, "tipline marks", fingerprinter->mark_key, sizeof(fingerprinter->mark_key));
}

/* --- the sketch ------------------------------------------------------------------- */

/* The text as its grams see it: punctuation gone, with the start of each character. */
struct letters {
	char *bytes;
	uint32_t *starts; /* n + 1 entries; the last is the length */
	size_t n;
};

static bool han_start(char first)
{
	/* U+2E80 and up: the scripts of East Asia, and all of the upper planes. */
	return (unsigned char)first >= 0xE3;
}

/* Marks and symbols of the blocks that Chinese and Latin texts take theirs from. */
static bool punctuation(uint32_t c)
{
	if (c < 0x80)
		return !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'));
	return c < 0xC0 || (c >= 0x2000 && c < 0x2C00) || (c >= 0x3000 && c < 0x3040 && c != U'〇') ||
	       c == UTF8_BROKEN || (c >= 0xFE00 && c < 0xFE70) || (c >= 0xFF00 && c < 0xFF10);
}

/* A blank counts between two words that need it to stay apart, not next to Han. */
static bool blank_counts(const struct letters *letters, size_t len, struct span text, size_t at)
{
	return len > 0 && at + 1 < text.len && !han_start(text.at[at + 1]) &&
	       !han_start(letters->bytes[letters->starts[letters->n - 1]]) && letters->bytes[len - 1] != ' ';
}

static void letters_of(struct span text, struct arena *arena, struct letters *letters)
{
	size_t len = 0, length;

	letters->bytes = arena_alloc(arena, text.len + 1);
	letters->starts = arena_array(arena, uint32_t, text.len + 1);
	letters->n = 0;
	for (size_t at = 0; at < text.len; at += length) {
		uint32_t c = utf8_at(text, at, &length);

		if (c == ' ' ? !blank_counts(letters, len, text, at) : punctuation(c))
			continue;
		letters->starts[letters->n++] = (uint32_t)len;
		memcpy(letters->bytes + len, text.at + at, length);
		len += length;
	}
	letters->starts[letters->n] = (uint32_t)len;
}

/* Into the ascending sketch; a full one lets its largest go. */
static void sketch_add(struct fingerprint *out, uint32_t hash)
{
	size_t at = out->nsketch;

	if (at == SKETCH_MAX && hash >= out->sketch[at - 1])
		return;
	while (at > 0 && out->sketch[at - 1] > hash)
		at--;
	if (at > 0 && out->sketch[at - 1] == hash)
		return;
	if (out->nsketch < SKETCH_MAX)
		out->nsketch++;
	memmove(out->sketch + at + 1, out->sketch + at, (out->nsketch - 1 - at) * sizeof(*out->sketch));
	out->sketch[at] = hash;
}

static void sketch(const struct fingerprinter *fingerprinter, const struct letters *letters,
		   struct fingerprint *out)
{
	for (size_t i = 0; i < letters->n; i++) {
		const char *gram = letters->bytes + letters->starts[i];
		size_t characters = han_start(*gram) ? HAN_GRAM : OTHER_GRAM;
		uint32_t hash;

		if (i + characters > letters->n)
			continue;
		hash = (uint32_t)XXH3_64bits_withSecret(gram,
							letters->starts[i + characters] - letters->starts[i],
							fingerprinter->secret, sizeof(fingerprinter->secret));
		if (hash % SKETCH_ONE_IN == 0)
			sketch_add(out, hash);
	}
}

/* --- the marks --------------------------------------------------------------------- */

/* Ages and times are shared by strangers; they say nothing about who is meant. */
static bool marked(enum entity_kind kind)
{
	return kind != ENTITY_AGE && kind != ENTITY_TIME;
}

static uint64_t mark_of(const struct fingerprinter *fingerprinter, const struct entity *entity)
{
	unsigned char named[1 + sizeof(entity->value)];
	unsigned char hash[crypto_shorthash_BYTES];
	size_t len = strlen(entity->value);
	uint64_t mark = 0;

	named[0] = (unsigned char)entity->kind;
	memcpy(named + 1, entity->value, len);
	crypto_shorthash(hash, named, 1 + len, fingerprinter->mark_key);
	wipe(named, 1 + len);
	for (size_t i = 0; i < sizeof(hash); i++)
		mark |= (uint64_t)hash[i] << (8 * i);
	return mark;
}

static void marks_add(struct fingerprint *out, enum entity_kind kind, uint64_t mark)
{
	for (size_t i = 0; i < out->nmarks; i++)
		if (out->marks[i].mark == mark)
			return;
	out->marks[out->nmarks].kind = kind;
	out->marks[out->nmarks++].mark = mark;
}

void fingerprint(const struct fingerprinter *fingerprinter, struct span folded,
		 const struct entities *entities, struct arena *arena, struct fingerprint *out)
{
	struct letters letters;

	out->nsketch = 0;
	out->nmarks = 0;
	letters_of(folded, arena, &letters);
	sketch(fingerprinter, &letters, out);
	for (size_t i = 0; i < entities->n; i++)
		if (marked(entities->at[i].kind))
			marks_add(out, entities->at[i].kind, mark_of(fingerprinter, &entities->at[i]));
}

/* --- the stored form ------------------------------------------------------------------ */

#define PACKED_HEAD 2
#define PACKED_HASH 4
#define PACKED_MARK 9

static void put_le(unsigned char *at, uint64_t number, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		at[i] = (unsigned char)(number >> (8 * i));
}

static uint64_t get_le(const unsigned char *at, size_t bytes)
{
	uint64_t number = 0;

	for (size_t i = 0; i < bytes; i++)
		number |= (uint64_t)at[i] << (8 * i);
	return number;
}

struct span fingerprint_pack(const struct fingerprint *in, struct arena *arena)
{
	size_t size = PACKED_HEAD + in->nsketch * PACKED_HASH + in->nmarks * PACKED_MARK;
	unsigned char *bytes = arena_alloc(arena, size);
	unsigned char *at = bytes + PACKED_HEAD;

	bytes[0] = (unsigned char)in->nsketch;
	bytes[1] = (unsigned char)in->nmarks;
	for (size_t i = 0; i < in->nsketch; i++, at += PACKED_HASH)
		put_le(at, in->sketch[i], PACKED_HASH);
	for (size_t i = 0; i < in->nmarks; i++, at += PACKED_MARK) {
		at[0] = (unsigned char)in->marks[i].kind;
		put_le(at + 1, in->marks[i].mark, PACKED_MARK - 1);
	}
	return span_from(bytes, size);
}

static bool sketch_unpack(const unsigned char *at, struct fingerprint *out)
{
	for (size_t i = 0; i < out->nsketch; i++, at += PACKED_HASH) {
		out->sketch[i] = (uint32_t)get_le(at, PACKED_HASH);
		if (out->sketch[i] % SKETCH_ONE_IN != 0 || (i > 0 && out->sketch[i] <= out->sketch[i - 1]))
			return false;
	}
	return true;
}

static bool marks_unpack(const unsigned char *at, struct fingerprint *out)
{
	for (size_t n = out->nmarks; n > 0; n--, at += PACKED_MARK) {
		size_t before = out->nmarks - n;

		if (at[0] >= ENTITY_KINDS || !marked((enum entity_kind)at[0]))
			return false;
		out->marks[before].kind = (enum entity_kind)at[0];
		out->marks[before].mark = get_le(at + 1, PACKED_MARK - 1);
		for (size_t i = 0; i < before; i++)
			if (out->marks[i].mark == out->marks[before].mark)
				return false;
	}
	return true;
}

bool fingerprint_unpack(struct span packed, struct fingerprint *out)
{
	const unsigned char *at = (const unsigned char *)packed.at;

	out->nsketch = 0;
	out->nmarks = 0;
	if (packed.len < PACKED_HEAD || at[0] > SKETCH_MAX || at[1] > ENTITIES_MAX ||
	    packed.len != PACKED_HEAD + at[0] * (size_t)PACKED_HASH + at[1] * (size_t)PACKED_MARK)
		return false;
	out->nsketch = at[0];
	out->nmarks = at[1];
	return sketch_unpack(at + PACKED_HEAD, out) &&
	       marks_unpack(at + PACKED_HEAD + out->nsketch * PACKED_HASH, out);
}
