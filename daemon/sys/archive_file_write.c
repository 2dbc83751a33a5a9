/*
 * One file of the archive, writing; see archive_file.h. A frame is packed as
 * soon as it is full, so what is held is one frame and what was packed.
 */
#include "daemon/sys/archive_file_parts.h"

#include "daemon/base/memory.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <zstd.h>

#define LEVEL 6

struct archive_writer {
	struct archive_head head;
	struct buf plain;             /* of the frame that is being filled */
	unsigned entries;             /* in it */
	struct buf packed;            /* frames before it */
	size_t bytes;                 /* of all entries */
	uint64_t next;
	ZSTD_CCtx *zstd;
};

struct archive_writer *archive_writer_new(const char *journal, uint64_t first, const struct archive_digest *before)
{
	struct archive_writer *writer = memory_zeroes(1, sizeof(*writer));

	assert(strlen(journal) > 0 && strlen(journal) <= ARCHIVE_JOURNAL_MAX && first > 0);
	snprintf(writer->head.journal, sizeof(writer->head.journal), "%s", journal);
	writer->head.first = first;
	writer->head.before = *before;
	writer->next = first;
	writer->zstd = ZSTD_createCCtx();
	assert(writer->zstd != NULL);
	return writer;
}

void archive_writer_free(struct archive_writer *writer)
{
	if (writer == NULL)
		return;
	buf_release(&writer->plain);
	buf_release(&writer->packed);
	archive_head_release(&writer->head);
	ZSTD_freeCCtx(writer->zstd);
	free(writer);
}

static void add_number(struct buf *buf, uint64_t number, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		buf_add_byte(buf, (int)(number >> (8 * i) & 0xff));
}

static void pack_frame(struct archive_writer *writer)
{
	size_t room = ZSTD_compressBound(writer->plain.len), n;
	struct archive_frame *frame;
	char *at;

	if (writer->entries == 0)
		return;
	writer->head.frames = memory_grow(writer->head.frames, writer->head.nframes, sizeof(*frame));
	frame = &writer->head.frames[writer->head.nframes++];
	at = buf_reserve(&writer->packed, room);
	n = ZSTD_compressCCtx(writer->zstd, at, room, writer->plain.at, writer->plain.len, LEVEL);
	assert(!ZSTD_isError(n));
	writer->packed.len += n;
	*frame = (struct archive_frame){ .entries = writer->entries, .bytes = writer->plain.len, .packed = n };
	crypto_hash_sha256(frame->digest.bytes, (const unsigned char *)at, n);
	buf_clear(&writer->plain);
	writer->entries = 0;
}

static size_t size_of(const struct archive_entry *entry)
{
	size_t size = 1;

	for (size_t i = 0; i < entry->nfields; i++)
		size += 5 + entry->fields[i].name.len + entry->fields[i].value.len;
	return size;
}

static bool fits(const struct archive_writer *writer, const struct archive_entry *entry, struct complaint *why)
{
	if (entry->number != writer->next)
		return complain(why, 0, "entry %llu where %llu was expected", (unsigned long long)entry->number,
				(unsigned long long)writer->next);
	if (entry->nfields > ARCHIVE_FIELDS_MAX || writer->head.nframes + 1 >= ARCHIVE_FRAMES_MAX)
		return complain(why, 0, "entry %llu: too many fields, or too many frames before it",
				(unsigned long long)entry->number);
	for (size_t i = 0; i < entry->nfields; i++)
		if (entry->fields[i].name.len == 0 || entry->fields[i].name.len > 255 ||
		    entry->fields[i].value.len > ARCHIVE_VALUE_MAX)
			return complain(why, 0, "entry %llu: field %zu is too large", (unsigned long long)entry->number, i + 1);
	return size_of(entry) <= ARCHIVE_ENTRY_MAX ||
	       complain(why, 0, "entry %llu: it is too large", (unsigned long long)entry->number);
}

/* A frame ends before an entry that would make it too large, and when it is full. */
static bool wants_new_frame(const struct archive_writer *writer, const struct archive_entry *entry)
{
	return writer->entries >= ARCHIVE_FRAME_ENTRIES || writer->plain.len + size_of(entry) > ARCHIVE_FRAME_BYTES;
}

bool archive_writer_add(struct archive_writer *writer, const struct archive_entry *entry, struct complaint *why)
{
	size_t before;

	if (!fits(writer, entry, why))
		return false;
	if (wants_new_frame(writer, entry))
		pack_frame(writer);
	before = writer->plain.len;
	buf_add_byte(&writer->plain, (int)entry->nfields);
	for (size_t i = 0; i < entry->nfields; i++) {
		buf_add_byte(&writer->plain, (int)entry->fields[i].name.len);
		buf_add_span(&writer->plain, entry->fields[i].name);
		add_number(&writer->plain, entry->fields[i].value.len, 4);
		buf_add_span(&writer->plain, entry->fields[i].value);
	}
	writer->bytes += writer->plain.len - before;
	writer->entries++;
	writer->next++;
	return true;
}

uint64_t archive_writer_next(const struct archive_writer *writer)
{
	return writer->next;
}

size_t archive_writer_bytes(const struct archive_writer *writer)
{
	return writer->bytes;
}

static void add_head(const struct archive_head *head, struct buf *out)
{
	add_number(out, ARCHIVE_SKIPPABLE, 4);
	add_number(out, ARCHIVE_HEAD_FIXED + head->nframes * ARCHIVE_HEAD_FRAME, 4);
	buf_add_text(out, ARCHIVE_MAGIC);
	buf_add(out, head->journal, ARCHIVE_JOURNAL_MAX);
	add_number(out, head->first, 8);
	add_number(out, head->last, 8);
	buf_add(out, head->before.bytes, sizeof(head->before.bytes));
	add_number(out, head->nframes, 4);
	for (size_t i = 0; i < head->nframes; i++) {
		add_number(out, head->frames[i].entries, 4);
		add_number(out, head->frames[i].bytes, 4);
		add_number(out, head->frames[i].packed, 4);
		buf_add(out, head->frames[i].digest.bytes, ARCHIVE_DIGEST_BYTES);
	}
}

void archive_writer_end(struct archive_writer *writer, struct buf *out, struct archive_digest *digest)
{
	size_t start = out->len;

	assert(writer->next > writer->head.first);
	pack_frame(writer);
	writer->head.last = writer->next - 1;
	add_head(&writer->head, out);
	crypto_hash_sha256(digest->bytes, (const unsigned char *)out->at + start, out->len - start);
	buf_add(out, digest->bytes, sizeof(digest->bytes));
	buf_add_span(out, buf_span(&writer->packed));
}
