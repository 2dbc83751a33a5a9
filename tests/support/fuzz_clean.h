/*
 * What every clean copy owes, whatever the file: the same copy for pieces of
 * any size, memory that is bounded, and a copy of the copy that is the copy.
 */
#ifndef TIPLINE_TESTS_FUZZ_CLEAN_H
#define TIPLINE_TESTS_FUZZ_CLEAN_H

#include "tests/support/clean_rig.h"

#include <assert.h>

#define HELD_BACK_MAX (70u << 10)

static inline void fuzz_clean_bounds(const char *type, struct span file)
{
	struct clean *clean = clean_new(span_of(type));
	struct buf out = { 0 };
	size_t lead;

	if (clean_feed(clean, file, &out)) {
		assert(out.len <= file.len + HELD_BACK_MAX);
		if (clean_finish(clean, &out, &lead))
			assert(lead <= out.len);
	}
	clean_free(clean);
	buf_release(&out);
}

/* True when there is a copy, which is in `out` then. */
static inline bool fuzz_clean(const char *type, struct span file, struct buf *out)
{
	struct buf slow = { 0 }, again = { 0 };
	bool fine = clean_rig_copy(type, file, file.len + 1, out);

	fuzz_clean_bounds(type, file);
	assert(clean_rig_copy(type, file, 1, &slow) == fine);
	assert(span_eq(buf_span(out), buf_span(&slow)));
	if (fine) {
		assert(clean_rig_copy(type, buf_span(out), 7, &again));
		assert(span_eq(buf_span(out), buf_span(&again)));
	}
	buf_release(&slow);
	buf_release(&again);
	return fine;
}

/* Whether the bytes stand anywhere in it. */
static inline bool fuzz_clean_has(const struct buf *out, struct span bytes)
{
	return span_find(buf_span(out), bytes) < out->len;
}

#endif
