/*
 * A file of the archive from somebody else: its head, its frames, its entries.
 * The fuzzer does not find SHA-256 by chance: the digests of the head and of
 * the frames are put in for it.
 */
#include "daemon/sys/archive_file.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_entries(struct span rest)
{
	struct archive_entry entry;
	size_t before = rest.len;

	while (archive_entry_cut(&rest, &entry)) {
		size_t bytes = 1;

		for (size_t i = 0; i < entry.nfields; i++)
			bytes += 5 + entry.fields[i].name.len + entry.fields[i].value.len;
		assert(before - rest.len == bytes);
		before = rest.len;
	}
}

static void try_frames(struct span file, const struct archive_head *head)
{
	struct complaint why;
	struct buf plain = { 0 };

	for (size_t i = 0; i < head->nframes; i++) {
		struct archive_frame frame = head->frames[i];
		struct span packed = span_from(file.at + frame.at, frame.packed);

		assert(frame.at + frame.packed <= file.len);
		crypto_hash_sha256(frame.digest.bytes, (const unsigned char *)packed.at, packed.len);
		/* What it says of its size is taken at its word up to a limit; here a smaller one. */
		if (frame.bytes <= 1 << 20 && archive_frame_open(&frame, packed, &plain, &why))
			try_entries(buf_span(&plain));
	}
	buf_release(&plain);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span file = span_from(data, size);
	size_t length = archive_head_length(file);
	struct archive_head head = { .nframes = 0 };
	struct complaint why;
	unsigned char *copy;

	try_entries(file);
	if (length == 0 || length > size)
		return 0;
	copy = malloc(length);
	assert(copy != NULL);
	memcpy(copy, data, length);
	crypto_hash_sha256(copy + length - ARCHIVE_DIGEST_BYTES, copy, length - ARCHIVE_DIGEST_BYTES);
	if (archive_head_read(span_from(copy, length), size, &head, &why))
		try_frames(file, &head);
	archive_head_release(&head);
	free(copy);
	return 0;
}
