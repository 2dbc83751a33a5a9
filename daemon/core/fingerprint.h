/*
 * The fingerprint: a keyed sketch of the text and keyed marks of its entities.
 *
 * Sketch: hashes of character 3-grams (5-grams of other scripts than Han) of
 * the folded text without punctuation, of which one in four is kept by its
 * value, so that two texts keep the same ones. Keyed, so that a stolen store
 * cannot be matched against guessed texts. Broder 1997 for the idea of
 * sampling by value.
 */
#ifndef TIPLINE_CORE_FINGERPRINT_H
#define TIPLINE_CORE_FINGERPRINT_H

#include "daemon/core/entity.h"

#define FINGERPRINT_KEY_BYTES 32
#define FINGERPRINT_SECRET_BYTES 192
#define FINGERPRINT_MARK_KEY_BYTES 16
#define SKETCH_MAX 64            /* hashes kept of one text */
#define SKETCH_ONE_IN 4          /* every kept hash is a multiple of it */

struct fingerprint_key {
	unsigned char bytes[FINGERPRINT_KEY_BYTES];
};

/* The key made ready: what hashing needs, derived once. As secret as the key. */
struct fingerprinter {
	unsigned char secret[FINGERPRINT_SECRET_BYTES];      /* of XXH3, for grams */
	unsigned char mark_key[FINGERPRINT_MARK_KEY_BYTES];  /* of SipHash, for entities */
};

struct fingerprint {
	uint32_t sketch[SKETCH_MAX];  /* ascending, no doubles; full: the smallest of those kept */
	size_t nsketch;
	struct fingerprint_mark {
		enum entity_kind kind;
		uint64_t mark;
	} marks[ENTITIES_MAX];        /* in order of the text, no doubles; ages and times carry none */
	size_t nmarks;
};

/* Ready for any number of texts and threads; holds no memory, wipe it after use. */
void fingerprinter_init(struct fingerprinter *fingerprinter, const struct fingerprint_key *key);

/* `entities` were found in `folded`. The arena holds working memory only. */
void fingerprint(const struct fingerprinter *fingerprinter, struct span folded, const struct entities *entities,
		 struct arena *arena, struct fingerprint *out);

/* The bytes stored in the journal: both counts, little-endian sketch, then kind and mark of each entity. */
struct span fingerprint_pack(const struct fingerprint *in, struct arena *arena);

/* False for bytes that fingerprint_pack() could not have made. */
bool fingerprint_unpack(struct span packed, struct fingerprint *out);

#endif
