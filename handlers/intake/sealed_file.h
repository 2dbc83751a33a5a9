/*
 * A file of sealed pieces that is being written: clear bytes in, 64 KiB sealed
 * at a time, never whole in memory and never on disk in clear.
 *
 * It is written as <dir>/incoming/<random name>; sealed_file_keep() moves it to
 * its place.
 */
#ifndef TIPLINE_HANDLERS_INTAKE_SEALED_FILE_H
#define TIPLINE_HANDLERS_INTAKE_SEALED_FILE_H

#include "daemon/base/complaint.h"
#include "daemon/core/tip/seal.h"

/* Files are sealed before their tip has an id: this one stands in; the stored name is random and unique. */
#define SEALED_FILE_ID "00-0000000000"
/* The clean copy of a tip's file `n` is sealed as number n + this. */
#define SEALED_FILE_CLEAN 128u

struct sealed_file {
	const char *dir;
	char stored[33];           /* its name */
	int fd;                    /* -1: not open */
	struct seal_stream *stream;
	struct buf piece;          /* clear bytes that do not fill a piece yet */
	struct buf sealed;
	uint64_t bytes;            /* clear bytes of the whole */
	uint64_t unflushed;
};

/* `dir` must outlive it. False, and logged: it cannot be made. */
bool sealed_file_open(struct sealed_file *file, const char *dir, unsigned number, const struct seal_key *key);

/* Takes clear bytes; false, and logged: the disk refuses. */
bool sealed_file_add(struct sealed_file *file, struct span bytes);

/* Writes what is left and has it on the disk. The file is closed, whatever comes. */
bool sealed_file_finish(struct sealed_file *file);

/* Closes and wipes what is in memory; the file stays. Harmless when it is closed. */
void sealed_file_close(struct sealed_file *file);

/* Moves a finished file to its place, durably; false, and logged. */
bool sealed_file_keep(const char *dir, struct span stored);

/* Removes it from wherever it is. */
void sealed_file_remove(const char *dir, struct span stored);

/* The path of a kept file by its stored name; false when it is no such name. */
bool sealed_file_path(const char *dir, struct span stored, char *path, size_t size);

/*
 * Opens a whole kept file into `clear`, the last `lead` bytes of it put in
 * front; at most `bytes` of them. False: it is gone, was changed, or its end
 * is missing.
 */
bool sealed_file_read(const char *dir, struct span stored, unsigned number, const struct seal_key *key, uint64_t bytes,
		      uint64_t lead, struct buf *clear);

/* Makes the directories. False: see why. */
bool sealed_files_prepare(const char *dir, struct complaint *why);

/*
 * Removes what uploads left in incoming that never ended (a process was killed),
 * when nobody wrote to it for `age_s`; says how many. Other names are left alone.
 */
unsigned sealed_files_sweep(const char *dir, unsigned age_s);

#endif
