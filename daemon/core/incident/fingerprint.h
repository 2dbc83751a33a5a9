/*
 * The fingerprint: what the journal keeps of a text, for the linker alone.
 *
 * The feature (core/incident/feature.h) finds copies and look-alikes; the marks are
 * keyed hashes of what names a car, a telephone, a person or an account, by
 * which reports in other words are known to be of one thing (core/incident/report.h).
 * Nothing can be read from it without the key.
 */
#ifndef TIPLINE_CORE_FINGERPRINT_H
#define TIPLINE_CORE_FINGERPRINT_H

#include "daemon/core/text/entity.h"
#include "daemon/core/incident/feature.h"

#define FINGERPRINT_MARK_BITS 48

struct fingerprint {
	struct feature feature;
	struct fingerprint_mark {
		enum entity_kind kind;
		uint64_t mark;        /* below 2^FINGERPRINT_MARK_BITS */
	} marks[ENTITIES_MAX];        /* in order of the text, no doubles; ages and times carry none */
	size_t nmarks;
};

struct fingerprint_input {
	struct span original;            /* the text as it came; may be empty */
	const struct folded *text;
	const struct scan_hits *hits;    /* found in `text`; may be NULL */
	const struct entities *entities; /* found in `text` */
};

/* A function of the input and the key. The arena holds working memory only. */
void fingerprint(const struct fingerprinter *fingerprinter, const struct fingerprint_input *in,
		 struct arena *arena, struct fingerprint *out);

/* The bytes of the journal's field `k`: how many marks, seven bytes for each, then the feature. */
struct span fingerprint_pack(const struct fingerprint *in, struct arena *arena);

/* False for bytes that fingerprint_pack() could not have made. */
bool fingerprint_unpack(struct span packed, struct fingerprint *out);

#endif
