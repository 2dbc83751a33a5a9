/*
 * Clean copies of WebP: of any bytes, with a length in front that is that of
 * the copy and none but the chunks that may stay.
 */
#include "tests/support/fuzz_clean.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint32_t number(const uint8_t *at)
{
	return (uint32_t)at[3] << 24 | (uint32_t)at[2] << 16 | (uint32_t)at[1] << 8 | at[0];
}

static void assert_chunks(struct span copy)
{
	static const char allowed[] = "VP8XVP8 VP8LALPHANIMANMFEXIF";
	const uint8_t *at = (const uint8_t *)copy.at;
	size_t i = 12;

	assert(copy.len >= 20 && number(at + 4) == copy.len - 8);
	while (i < copy.len) {
		bool known = false;

		assert(i + 8 <= copy.len && number(at + i + 4) <= copy.len - i - 8);
		for (size_t k = 0; k < sizeof(allowed) - 1; k += 4)
			known |= memcmp(at + i, allowed + k, 4) == 0;
		assert(known && (memcmp(at + i, "EXIF", 4) != 0 || number(at + i + 4) == 26));
		i += 8 + number(at + i + 4) + (number(at + i + 4) & 1);
	}
	assert(i == copy.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf out = { 0 };

	if (fuzz_clean("image/webp", span_from(data, size), &out))
		assert_chunks(buf_span(&out));
	buf_release(&out);
	return 0;
}
