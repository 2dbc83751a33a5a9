/*
 * The feature: what the linker knows of a text, in keyed form and few bytes.
 *
 * Grams: 12 bits of the hash of each 3-gram (5-gram of other scripts than Han)
 * of the letters, sampled by value when there are many, so that two texts can
 * be held against each other. Keys: more bits of the first of them, by which
 * the index finds a text again (core/incident/link.h). Marks: what makes two
 * cases out of one wording (numbers, directions, days, gender words, places,
 * names), each with a hash of the words it stands behind. Terms: hashes of
 * words, by which reports in other words are compared (core/incident/incident.h).
 * Nothing can be read from it without the key of the fingerprinter.
 */
#ifndef TIPLINE_CORE_FEATURE_H
#define TIPLINE_CORE_FEATURE_H

#include "daemon/core/tip/fingerprinter.h"
#include "daemon/core/text/normalize.h"
#include "daemon/core/text/scan.h"

#define FEATURE_GRAMS_MAX 64
#define FEATURE_KEYS_MAX 10
#define FEATURE_MARKS_MAX 32
#define FEATURE_TERMS_MAX 48
#define FEATURE_PACKED_MAX 376

enum feature_kind {
	FEATURE_NUMBER,
	FEATURE_DIRECTION,
	FEATURE_GENDER,
	FEATURE_DAY,    /* weekday, month, part of the day */
	FEATURE_COLOUR,
	FEATURE_PLACE,
	FEATURE_NAME,
	FEATURE_KINDS,
};

#define FEATURE_DIGITS_MAX 15

struct feature_mark {
	uint8_t kind;     /* enum feature_kind */
	uint8_t digits;   /* of a number, place or name: how many digits or letters, FEATURE_DIGITS_MAX for more; else 0 */
	bool open;        /* a number the text ends in: it may have been cut; of FEATURE_DIGITS_MAX: it is masked */
	uint16_t context; /* 12 bits, of what stands before it; 0: it begins the text */
	uint8_t head;     /* hashes of the value, or of its beginning... */
	uint8_t tail;     /* ...and its end, where one of them may be damaged; 0 where the head is all */
	uint8_t sum;      /* 4 bits; of the digits or letters, which no other order changes; of a place, its first letter's hash */
};

struct feature {
	uint8_t level;                        /* each gram was kept with a chance of 1 in 2^level */
	bool han;                             /* most letters are Han: grams serve as terms */
	uint16_t grams[FEATURE_GRAMS_MAX];    /* 12 bits, ascending, no doubles */
	size_t ngrams;
	uint32_t keys[FEATURE_KEYS_MAX];      /* 24 more bits of the first grams' hashes */
	size_t nkeys;                         /* at most ngrams */
	struct feature_mark marks[FEATURE_MARKS_MAX];  /* in order of the text */
	size_t nmarks;
	uint16_t terms[FEATURE_TERMS_MAX];    /* hash << 1 | has a capital (never when han); ascending, twice when said again */
	size_t nterms;
};

/* Where a mark stands: bytes in the folded text. Never kept: only who has the text can be shown it. */
struct feature_spot {
	uint32_t from;
	uint32_t to;
};

struct feature_input {
	struct span original;            /* the text as it came: capitals are seen there; may be empty */
	const struct folded *text;
	const struct scan_hits *hits;    /* the places among them are used; may be NULL */
	struct feature_spot *spots;      /* one for each mark, room for FEATURE_MARKS_MAX; NULL: not wanted */
};

/* A function of the input and the key. The arena holds working memory only. */
void feature_extract(const struct fingerprinter *key, const struct feature_input *in, struct arena *arena,
		     struct feature *out);

/* The bytes for the journal; about one a gram, three a key, three or five a mark, one and a half a term. */
struct span feature_pack(const struct feature *in, struct arena *arena);

/* The same into memory of the caller; returns how many bytes. */
size_t feature_write(const struct feature *in, unsigned char bytes[FEATURE_PACKED_MAX]);

/* False for bytes that feature_pack() could not have made. */
bool feature_unpack(struct span packed, struct feature *out);

/*
 * How far two texts have one wording, 0 to 1: the share of the shorter one's
 * grams that the other has too, less where they are few and where much of the
 * longer one is unmatched. Symmetric; 1 for equal grams.
 */
double feature_wording(const struct feature *a, const struct feature *b);

/* What the marks of one text say about another, or about all texts of an incident. */
struct feature_agreement {
	unsigned agree;
	unsigned conflict;  /* the same words before it, another value */
	unsigned missing;   /* nothing to hold it against */
};

/*
 * Places that only `of` names and places that only `known` names, whichever
 * are fewer: places that may stand for each other, wherever they stand.
 */
unsigned feature_places_exchanged(const struct feature_mark *of, size_t n,
				  const struct feature_mark *known, size_t nknown);

/*
 * Which marks agree: pairs of an index into `of` and one into `known`, as feature_compare() counts them. Returns how
 * many; at most `max`.
 */
struct feature_pair {
	uint8_t of;
	uint8_t known;
};
size_t feature_agreeing(const struct feature_mark *of, size_t n, const struct feature_mark *known, size_t nknown,
			struct feature_pair *pairs, size_t max);

/* `of` against the union of `known` (marks of one or more texts). */
struct feature_agreement feature_compare(const struct feature_mark *of, size_t n,
					 const struct feature_mark *known, size_t nknown);

#endif
