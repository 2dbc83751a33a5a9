/*
 * Where a mainland mobile number was sold, by its first seven digits.
 *
 * Weak evidence: it says where the card comes from and not where its owner is.
 * Read in place from config/regions/segments.bin (facts; scripts/regions
 * builds it and tells the format).
 */
#ifndef TIPLINE_CORE_SEGMENT_H
#define TIPLINE_CORE_SEGMENT_H

#include "daemon/base/complaint.h"
#include "daemon/base/span.h"

/* A view of the table; the bytes are borrowed and must outlive it. Zeroes: a table that knows nothing. */
struct segments {
	struct span regions;
	struct span blocks;
	struct span runs;
};

/* False and a complaint when the bytes are no such table. */
bool segments_open(struct span bytes, struct segments *out, struct complaint *why);

/*
 * The code of the prefecture (or first-level region) for a number: "+86" or
 * "86" and eleven digits, or eleven digits. False for other numbers and
 * unknown segments; `code` is then untouched.
 */
bool segments_find(const struct segments *segments, struct span number, char code[7]);

#endif
