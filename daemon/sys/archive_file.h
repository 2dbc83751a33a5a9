/*
 * One file of the archive: entries of a journal, in the order of their numbers.
 *
 * A head in a skippable frame of zstd, then zstd frames of their own with up
 * to ARCHIVE_FRAME_ENTRIES entries each; `zstd -t` takes it, too. All numbers
 * are little-endian.
 *
 *   head   u32 0x184D2A50, u32 length of what follows, "tiplseg1",
 *          8 bytes name of the journal, u64 first, u64 last, 32 bytes digest of
 *          the file before, u32 frames, per frame u32 entries, u32 bytes, u32
 *          bytes packed, 32 bytes SHA-256 of the packed ones;
 *          32 bytes SHA-256 of all that: the file's digest
 *   entry  u8 fields, per field u8 length, name, u32 length, value
 *
 * So the digest stands for every byte of the file, and a frame is checked before
 * it is unpacked. Entries carry no number: the first of the file is `first`, and
 * none is missing. Same entries and same libzstd give the same bytes.
 *
 * Pure: bytes in, bytes out. Files are sys/archive.h.
 */
#ifndef TIPLINE_SYS_ARCHIVE_FILE_H
#define TIPLINE_SYS_ARCHIVE_FILE_H

#include "daemon/base/buf.h"
#include "daemon/base/complaint.h"

#define ARCHIVE_DIGEST_BYTES ((size_t)32)
#define ARCHIVE_JOURNAL_MAX 8
#define ARCHIVE_FIELDS_MAX 16
#define ARCHIVE_NUMBER_MAX UINT64_C(999999999999999)
#define ARCHIVE_FRAME_ENTRIES 1000u
#define ARCHIVE_FRAME_BYTES ((size_t)1 << 20)        /* a frame ends when it has as many */
#define ARCHIVE_VALUE_MAX ((size_t)8 << 20)
#define ARCHIVE_ENTRY_MAX ((size_t)16 << 20)         /* of all its fields */
#define ARCHIVE_FRAME_MAX ((size_t)32 << 20)         /* no frame is larger, packed or not */
#define ARCHIVE_FRAMES_MAX 65536u
#define ARCHIVE_HEAD_START ((size_t)8)               /* so many bytes tell how long the head is */

struct archive_field {
	struct span name;             /* 1..255 bytes */
	struct span value;
};

struct archive_entry {
	uint64_t number;
	struct archive_field fields[ARCHIVE_FIELDS_MAX];
	size_t nfields;
};

struct archive_digest {
	unsigned char bytes[ARCHIVE_DIGEST_BYTES];
};

struct archive_frame {
	uint64_t first;               /* number of its first entry */
	unsigned entries;
	size_t bytes, packed;
	uint64_t at;                  /* offset in the file */
	struct archive_digest digest; /* of the packed bytes */
};

struct archive_head {
	char journal[ARCHIVE_JOURNAL_MAX + 1];
	uint64_t first, last;
	struct archive_digest before; /* zeros: it is the first file */
	struct archive_digest digest;
	struct archive_frame *frames;
	size_t nframes;
	uint64_t bytes;               /* of the whole file */
};

/* --- writing -------------------------------------------------------------------------- */

struct archive_writer;

/* Nothing has a name longer than ARCHIVE_JOURNAL_MAX. */
struct archive_writer *archive_writer_new(const char *journal, uint64_t first, const struct archive_digest *before);
void archive_writer_free(struct archive_writer *writer);

/*
 * The next entry; its number has to be the next one. False with a complaint:
 * it cannot be put into a file (too many fields, too large), nothing was added.
 */
bool archive_writer_add(struct archive_writer *writer, const struct archive_entry *entry, struct complaint *why);

/* Number of the entry that comes next; bytes of all entries so far. */
uint64_t archive_writer_next(const struct archive_writer *writer);
size_t archive_writer_bytes(const struct archive_writer *writer);

/* The whole file, of one entry or more, behind what `out` holds. Nothing is added to it afterwards. */
void archive_writer_end(struct archive_writer *writer, struct buf *out, struct archive_digest *digest);

/* --- reading ---------------------------------------------------------------------------- */

/* Length of the head, by the first ARCHIVE_HEAD_START bytes of a file; 0: it is none of ours. */
size_t archive_head_length(struct span start);

/*
 * Reads a head, whole. `size` is that of the file. Frames are made by it and freed
 * by archive_head_release(), which may be called whatever it says.
 */
bool archive_head_read(struct span bytes, uint64_t size, struct archive_head *head, struct complaint *why);
void archive_head_release(struct archive_head *head);

/* The entries of a frame, unpacked into `out`, which is cleared before. `packed` has frame->packed bytes. */
bool archive_frame_open(const struct archive_frame *frame, struct span packed, struct buf *out, struct complaint *why);

/* Cuts the next entry off; its spans lie in `rest`. False: what is there is none. Its number is the caller's. */
bool archive_entry_cut(struct span *rest, struct archive_entry *entry);

/* The value of a field, or an empty span. */
struct span archive_entry_field(const struct archive_entry *entry, const char *name);

#endif
