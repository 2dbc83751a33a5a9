/*
 * Clean copies of JPEG: of any bytes, and with the segments that must not be
 * left in one.
 */
#include "tests/support/fuzz_clean.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* From segment to segment, up to the first scan; the parser under test does it by another way. */
static void assert_segments(struct span copy)
{
	const unsigned char *at = (const unsigned char *)copy.at;

	for (size_t i = 2; at[i + 1] != 0xDA; i += 2 + (size_t)(at[i + 2] << 8 | at[i + 3])) {
		unsigned code = at[i + 1];

		assert(i + 4 <= copy.len && at[i] == 0xFF && code != 0xFE);
		assert(code < 0xE0 || code == 0xE0 || code == 0xE1 || code == 0xEE);
		assert(code != 0xE1 || (at[i + 2] == 0 && at[i + 3] == 34));
		assert(code != 0xE0 || (at[i + 2] == 0 && at[i + 3] == 16));
	}
	assert(at[copy.len - 2] == 0xFF && at[copy.len - 1] == 0xD9);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf out = { 0 };

	if (fuzz_clean("image/jpeg", span_from(data, size), &out))
		assert_segments(buf_span(&out));
	buf_release(&out);
	return 0;
}
