/*
 * A clean copy of bytes in memory, fed in pieces of a size of choice, its lead
 * where it belongs. In a header: tests of the core link nothing but the core.
 */
#ifndef TIPLINE_TESTS_CLEAN_RIG_H
#define TIPLINE_TESTS_CLEAN_RIG_H

#include "daemon/core/files/clean.h"

/* False: there is no copy; `out` is empty then, and released by the caller in any case. */
static inline bool clean_rig_copy(const char *type, struct span file, size_t step, struct buf *out)
{
	struct clean *clean = clean_new(span_of(type));
	struct buf made = { 0 };
	size_t lead = 0;
	bool fine = true;

	for (; fine && file.len > 0; file = span_from_offset(file, step))
		fine = clean_feed(clean, span_from(file.at, file.len < step ? file.len : step), &made);
	fine = fine && clean_finish(clean, &made, &lead);
	if (fine) {
		buf_add(out, made.at + made.len - lead, lead);
		buf_add(out, made.at, made.len - lead);
	}
	clean_free(clean);
	buf_release(&made);
	return fine;
}

#endif
