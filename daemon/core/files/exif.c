/*
 * Orientation in Exif; see exif.h. TIFF 6.0, section 2: an order of bytes, a
 * number, the offset of the first directory, entries of twelve bytes.
 */
#include "daemon/core/files/exif.h"

#include <assert.h>

#define HEAD_BYTES 8u
#define ENTRY_BYTES 12u
#define TAG_ORIENTATION 0x0112u
#define TYPE_SHORT 3u

struct tiff {
	const unsigned char *at;
	size_t len;
	bool little;
};

static unsigned number(const struct tiff *tiff, size_t at, unsigned bytes)
{
	unsigned value = 0;

	for (unsigned i = 0; i < bytes; i++)
		value = value << 8 | tiff->at[at + (tiff->little ? bytes - 1 - i : i)];
	return value;
}

static bool head_read(struct span bytes, struct tiff *tiff)
{
	*tiff = (struct tiff){ .at = (const unsigned char *)bytes.at, .len = bytes.len };
	if (bytes.len < HEAD_BYTES)
		return false;
	tiff->little = span_starts(bytes, SPAN("II"));
	return (tiff->little || span_starts(bytes, SPAN("MM"))) && number(tiff, 2, 2) == 42;
}

unsigned exif_orientation(struct span bytes)
{
	struct tiff tiff;
	size_t at, entries;

	if (!head_read(bytes, &tiff))
		return 0;
	at = number(&tiff, 4, 4);
	if (at < HEAD_BYTES || at > tiff.len - 2)
		return 0;
	entries = number(&tiff, at, 2);
	for (at += 2; entries > 0 && tiff.len - at >= ENTRY_BYTES; entries--, at += ENTRY_BYTES) {
		unsigned value = number(&tiff, at + 8, 2);

		if (number(&tiff, at, 2) == TAG_ORIENTATION)
			return number(&tiff, at + 2, 2) == TYPE_SHORT && number(&tiff, at + 4, 4) == 1 && value <= 8 ? value
														      : 0;
	}
	return 0;
}

void exif_orientation_write(unsigned orientation, struct buf *out)
{
	const unsigned char block[EXIF_ORIENTATION_BYTES] = {
		'M', 'M', 0, 42, 0, 0, 0, HEAD_BYTES,
		0, 1, TAG_ORIENTATION >> 8, TAG_ORIENTATION & 0xFF, 0, TYPE_SHORT, 0, 0, 0, 1, 0, (unsigned char)orientation, 0, 0,
		0, 0, 0, 0,
	};

	assert(exif_turned(orientation));
	buf_add(out, block, sizeof(block));
}
