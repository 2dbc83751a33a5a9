/*
 * Leaves and their openings, of any bytes.
 */
#include "daemon/tlog/leaf.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* An opening has one text: length and order of its parts follow from what is open. */
static void look_at_opening(struct span text)
{
	static const unsigned char seed[LEAF_SEED_BYTES] = { 1 }, salt[LEAF_SALT_BYTES] = { 1 };
	struct leaf_opening opening, again;
	struct leaf leaf = { 0 };
	struct buf written = { 0 };

	if (!leaf_opening_read(text, &opening))
		return;
	leaf_opening_write(seed, salt, &opening.values, opening.open, &written);
	assert(written.len == text.len);
	assert(leaf_opening_read(buf_span(&written), &again) && again.open == opening.open);
	for (size_t i = 0; i < LEAF_FIELDS; i++)
		assert(span_eq(again.values.at[i], opening.values.at[i]));
	memcpy(leaf.commitment, opening.commitment, sizeof(leaf.commitment));
	assert(leaf_opens(&leaf, &opening));
	leaf.commitment[0] ^= 1;
	assert(!leaf_opens(&leaf, &opening));
	buf_release(&written);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const unsigned char seed[LEAF_SEED_BYTES] = { 1 };
	struct span bytes = span_from(data, size);
	struct leaf leaf;

	if (leaf_parse(bytes, &leaf))
		assert(size == LEAF_BYTES && leaf.day <= LEAF_DAY_MAX && !leaf_is_of(&leaf, seed));
	look_at_opening(bytes);
	return 0;
}
