/*
 * Leaves and their openings, of any bytes.
 */
#include "daemon/tlog/leaf.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const unsigned char seed[LEAF_KEY_BYTES] = { 1 };
	struct span bytes = span_from(data, size);
	struct leaf_field fields[16];
	struct buf again = { 0 };
	struct leaf leaf;
	size_t n;

	if (leaf_parse(bytes, &leaf)) {
		assert(size == LEAF_BYTES && leaf.day <= LEAF_DAY_MAX);
		assert(!leaf_is_of(&leaf, seed) && !leaf_opens(&leaf, seed, bytes));
	}
	if (leaf_opening_read(bytes, fields, 16, &n)) {
		bool well = leaf_opening_write(fields, n, &again);

		assert(well && span_eq(buf_span(&again), bytes));
	}
	buf_release(&again);
	return 0;
}
