/*
 * The shape of a file of the archive (archive_file.h), for those who write it
 * and those who read it; nobody else includes it.
 */
#ifndef TIPLINE_SYS_ARCHIVE_FILE_PARTS_H
#define TIPLINE_SYS_ARCHIVE_FILE_PARTS_H

#include "daemon/sys/archive_file.h"

#define ARCHIVE_SKIPPABLE 0x184D2A50u        /* RFC 8878, 3.1.2: readers of zstd pass over such a frame */
#define ARCHIVE_MAGIC "tiplseg1"
#define ARCHIVE_HEAD_FRAME (3 * 4 + ARCHIVE_DIGEST_BYTES)

/* Behind the start, without frames: magic, name, numbers, two digests, count. */
#define ARCHIVE_HEAD_FIXED \
	(sizeof(ARCHIVE_MAGIC) - 1 + ARCHIVE_JOURNAL_MAX + 2 * sizeof(uint64_t) + 2 * ARCHIVE_DIGEST_BYTES + 4)

#endif
