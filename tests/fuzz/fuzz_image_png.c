/*
 * Clean copies of PNG. Random bytes never have the right checksums, so they
 * are made right first, and every eighth input is taken as it stands.
 */
#include "tests/support/fuzz_clean.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint32_t checksum(const uint8_t *at, size_t len)
{
	uint32_t sum = 0xFFFFFFFF;

	for (size_t i = 0; i < len; i++) {
		sum ^= at[i];
		for (int bit = 0; bit < 8; bit++)
			sum = sum & 1 ? sum >> 1 ^ 0xEDB88320 : sum >> 1;
	}
	return ~sum;
}

static uint32_t number(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void make_right(uint8_t *at, size_t size)
{
	for (size_t i = 8; i + 12 <= size && number(at + i) <= size - i - 12; i += 12 + number(at + i)) {
		size_t len = number(at + i);
		uint32_t sum = checksum(at + i + 4, 4 + len);

		for (size_t b = 0; b < 4; b++)
			at[i + 8 + len + b] = (uint8_t)(sum >> (24 - 8 * b));
	}
}

static void assert_chunks(struct span copy)
{
	static const char allowed[] = "IHDRgAMAsRGBPLTEtRNSIDATeXIfIEND";
	const uint8_t *at = (const uint8_t *)copy.at;
	size_t i = 8;

	while (i < copy.len) {
		bool known = false;

		assert(i + 12 <= copy.len && number(at + i) <= copy.len - i - 12);
		for (size_t k = 0; k < sizeof(allowed) - 1; k += 4)
			known |= memcmp(at + i + 4, allowed + k, 4) == 0;
		assert(known && (memcmp(at + i + 4, "eXIf", 4) != 0 || number(at + i) == 26));
		assert(number(at + i + 8 + number(at + i)) == checksum(at + i + 4, 4 + number(at + i)));
		i += 12 + number(at + i);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf out = { 0 };
	uint8_t *file = malloc(size + 1);

	if (file == NULL)
		return 0;
	if (size > 0)
		memcpy(file, data, size);
	if (size < 1 || data[size - 1] % 8 != 0)
		make_right(file, size);
	if (fuzz_clean("image/png", span_from(file, size), &out))
		assert_chunks(buf_span(&out));
	free(file);
	buf_release(&out);
	return 0;
}
