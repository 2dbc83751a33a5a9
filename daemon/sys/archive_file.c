/*
 * One file of the archive, reading; see archive_file.h. Writing is
 * archive_file_write.c.
 */
#include "daemon/sys/archive_file_parts.h"

#include <sodium.h>
#include <stdlib.h>
#include <zstd.h>

static bool cut(struct span *rest, size_t n, struct span *part)
{
	if (rest->len < n)
		return false;
	*part = span_from(rest->at, n);
	*rest = span_from(rest->at + n, rest->len - n);
	return true;
}

static bool cut_number(struct span *rest, unsigned bytes, uint64_t *number)
{
	struct span part;

	if (!cut(rest, bytes, &part))
		return false;
	*number = 0;
	for (unsigned i = bytes; i > 0; i--)
		*number = *number << 8 | (unsigned char)part.at[i - 1];
	return true;
}

static bool cut_digest(struct span *rest, struct archive_digest *digest)
{
	struct span part;

	if (!cut(rest, sizeof(digest->bytes), &part))
		return false;
	memcpy(digest->bytes, part.at, part.len);
	return true;
}

/* --- the head ---------------------------------------------------------------------------- */

size_t archive_head_length(struct span start)
{
	uint64_t magic, length;

	if (!cut_number(&start, 4, &magic) || !cut_number(&start, 4, &length) || magic != ARCHIVE_SKIPPABLE)
		return 0;
	if (length < ARCHIVE_HEAD_FIXED || length > ARCHIVE_HEAD_FIXED + ARCHIVE_FRAMES_MAX * ARCHIVE_HEAD_FRAME ||
	    (length - ARCHIVE_HEAD_FIXED) % ARCHIVE_HEAD_FRAME != 0)
		return 0;
	return ARCHIVE_HEAD_START + (size_t)length;
}

static bool read_name(struct span *rest, struct archive_head *head)
{
	struct span magic, name;

	if (!cut(rest, sizeof(ARCHIVE_MAGIC) - 1, &magic) || !span_is(magic, ARCHIVE_MAGIC) ||
	    !cut(rest, ARCHIVE_JOURNAL_MAX, &name))
		return false;
	memcpy(head->journal, name.at, name.len);
	for (size_t i = strlen(head->journal); i < ARCHIVE_JOURNAL_MAX; i++)
		if (head->journal[i] != '\0')
			return false;
	return head->journal[0] != '\0';
}

static bool read_frame(struct span *rest, struct archive_frame *frame)
{
	uint64_t entries, bytes, packed;

	if (!cut_number(rest, 4, &entries) || !cut_number(rest, 4, &bytes) || !cut_number(rest, 4, &packed) ||
	    !cut_digest(rest, &frame->digest))
		return false;
	frame->entries = (unsigned)entries;
	frame->bytes = (size_t)bytes;
	frame->packed = (size_t)packed;
	return entries > 0 && entries <= ARCHIVE_FRAME_ENTRIES && bytes >= entries && bytes <= ARCHIVE_FRAME_MAX &&
	       packed > 0 && packed <= ARCHIVE_FRAME_MAX;
}

/* Frames follow each other in numbers and in the file, and nothing follows the last. */
static bool read_frames(struct span *rest, uint64_t length, struct archive_head *head)
{
	uint64_t number = head->first, at = length;

	for (size_t i = 0; i < head->nframes; i++) {
		struct archive_frame *frame = &head->frames[i];

		if (!read_frame(rest, frame))
			return false;
		frame->first = number;
		frame->at = at;
		number += frame->entries;
		at += frame->packed;
	}
	head->bytes = at;
	return number == head->last + 1;
}

static bool read_fields(struct span rest, uint64_t length, struct archive_head *head)
{
	uint64_t nframes;

	if (!read_name(&rest, head) || !cut_number(&rest, 8, &head->first) || !cut_number(&rest, 8, &head->last) ||
	    !cut_digest(&rest, &head->before) || !cut_number(&rest, 4, &nframes))
		return false;
	if (head->first == 0 || head->first > head->last || head->last > ARCHIVE_NUMBER_MAX || nframes == 0 ||
	    length != ARCHIVE_HEAD_START + ARCHIVE_HEAD_FIXED + nframes * ARCHIVE_HEAD_FRAME)
		return false;
	head->nframes = (size_t)nframes;
	head->frames = calloc(head->nframes, sizeof(*head->frames));
	return head->frames != NULL && read_frames(&rest, length, head);
}

bool archive_head_read(struct span bytes, uint64_t size, struct archive_head *head, struct complaint *why)
{
	struct archive_digest digest;
	size_t covered;

	*head = (struct archive_head){ .nframes = 0 };
	if (archive_head_length(bytes) == 0 || archive_head_length(bytes) != bytes.len)
		return complain(why, 0, "offset 0: this is no file of the archive");
	covered = bytes.len - ARCHIVE_DIGEST_BYTES;
	crypto_hash_sha256(head->digest.bytes, (const unsigned char *)bytes.at, covered);
	memcpy(digest.bytes, bytes.at + covered, sizeof(digest.bytes));
	if (memcmp(head->digest.bytes, digest.bytes, sizeof(digest.bytes)) != 0)
		return complain(why, 0, "offset 0: the head (%zu bytes) was changed", bytes.len);
	if (!read_fields(span_from_offset(bytes, ARCHIVE_HEAD_START), bytes.len, head))
		return complain(why, 0, "offset 8: the head says what cannot be");
	if (head->bytes > size)
		return complain(why, 0, "offset %llu: it ends here and should have %llu bytes", (unsigned long long)size,
				(unsigned long long)head->bytes);
	return head->bytes == size || complain(why, 0, "offset %llu: there are bytes behind its end", (unsigned long long)head->bytes);
}

void archive_head_release(struct archive_head *head)
{
	free(head->frames);
	*head = (struct archive_head){ .nframes = 0 };
}

/* --- frames and entries --------------------------------------------------------------------- */

bool archive_frame_open(const struct archive_frame *frame, struct span packed, struct buf *out, struct complaint *why)
{
	struct archive_digest digest;
	size_t n;

	crypto_hash_sha256(digest.bytes, (const unsigned char *)packed.at, packed.len);
	if (packed.len != frame->packed || memcmp(digest.bytes, frame->digest.bytes, sizeof(digest.bytes)) != 0)
		return complain(why, 0, "offset %llu: these %zu bytes were changed", (unsigned long long)frame->at, frame->packed);
	buf_clear(out);
	n = ZSTD_decompress(buf_reserve(out, frame->bytes), frame->bytes, packed.at, packed.len);
	if (ZSTD_isError(n) || n != frame->bytes)
		return complain(why, 0, "offset %llu: this cannot be unpacked", (unsigned long long)frame->at);
	out->len = n;
	return true;
}

bool archive_entry_cut(struct span *rest, struct archive_entry *entry)
{
	uint64_t nfields, length;

	if (!cut_number(rest, 1, &nfields) || nfields > ARCHIVE_FIELDS_MAX)
		return false;
	entry->nfields = (size_t)nfields;
	for (size_t i = 0; i < entry->nfields; i++) {
		struct archive_field *field = &entry->fields[i];

		if (!cut_number(rest, 1, &length) || length == 0 || !cut(rest, (size_t)length, &field->name) ||
		    !cut_number(rest, 4, &length) || length > ARCHIVE_VALUE_MAX || !cut(rest, (size_t)length, &field->value))
			return false;
	}
	return true;
}

struct span archive_entry_field(const struct archive_entry *entry, const char *name)
{
	for (size_t i = 0; i < entry->nfields; i++)
		if (span_is(entry->fields[i].name, name))
			return entry->fields[i].value;
	return (struct span){ .len = 0 };
}
