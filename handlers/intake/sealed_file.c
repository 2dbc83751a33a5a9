/*
 * Files of sealed pieces; see sealed_file.h.
 */
#include "handlers/intake/sealed_file.h"

#include "daemon/base/hex.h"
#include "daemon/base/wipe.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/files.h"
#include "daemon/sys/log.h"
#include "daemon/sys/random.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define FLUSH_BYTES (UINT64_C(512) << 10)   /* written pages are handed to the disk this often, so that the last sync is short */

static const struct tip_id file_id = { .text = SEALED_FILE_ID };

/* --- paths ------------------------------------------------------------------------------ */

static bool stored_name_ok(struct span stored)
{
	for (size_t i = 0; i < stored.len; i++)
		if (stored.at[i] == '\0' || strchr("0123456789abcdef", stored.at[i]) == NULL)
			return false;
	return stored.len == 32;
}

bool sealed_file_path(const char *dir, struct span stored, char *path, size_t size)
{
	if (!stored_name_ok(stored))
		return false;
	return snprintf(path, size, "%s/%.2s/%.32s", dir, stored.at, stored.at) < (int)size;
}

static void incoming_path(const char *dir, struct span stored, char path[4096])
{
	snprintf(path, 4096, "%s/incoming/%.32s", dir, stored.at);
}

bool sealed_files_prepare(const char *dir, struct complaint *why)
{
	char path[4096];

	for (int i = 0; i < 256; i++) {
		snprintf(path, sizeof(path), "%s/%02x", dir, i);
		if (!files_make_dir_in(dir, path, why))
			return false;
	}
	snprintf(path, sizeof(path), "%s/incoming", dir);
	return files_make_dir_in(dir, path, why);
}

/* --- writing ---------------------------------------------------------------------------- */

static bool failed(const char *event)
{
	log_rarely(LOG_LEVEL_ERROR, event, strerror(errno));
	return false;
}

bool sealed_file_open(struct sealed_file *file, const char *dir, unsigned number, const struct seal_key *key)
{
	unsigned char random[16];
	char path[4096];

	*file = (struct sealed_file){ .dir = dir, .fd = -1 };
	random_bytes(random, sizeof(random));
	hex_put(random, sizeof(random), file->stored);
	file->stored[32] = '\0';
	incoming_path(dir, span_of(file->stored), path);
	file->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (file->fd < 0)
		return failed("upload.open_failed");
	if (!files_share(file->fd, dir)) {
		failed("upload.open_failed");
		sealed_file_close(file);
		unlink(path);
		return false;
	}
	file->stream = seal_stream_new(&file_id, number, key, &file->sealed);
	return true;
}

static bool write_sealed(struct sealed_file *file)
{
	if (!files_write_all(file->fd, buf_span(&file->sealed)))
		return failed("upload.write_failed");
	file->unflushed += file->sealed.len;
	buf_release(&file->sealed);   /* not held from piece to piece: there may be thousands of uploads */
	if (file->unflushed >= FLUSH_BYTES) {
		sync_file_range(file->fd, 0, 0, SYNC_FILE_RANGE_WRITE);
		file->unflushed = 0;
	}
	return true;
}

static bool seal_piece(struct sealed_file *file, bool last)
{
	seal_stream_push(file->stream, buf_span(&file->piece), last, &file->sealed);
	wipe(file->piece.at, file->piece.len);
	buf_clear(&file->piece);
	return write_sealed(file);
}

bool sealed_file_add(struct sealed_file *file, struct span bytes)
{
	file->bytes += bytes.len;
	while (bytes.len > 0) {
		size_t room = SEAL_PIECE_BYTES - file->piece.len;
		size_t take = bytes.len < room ? bytes.len : room;

		/* A full piece waits for the next byte, because only then it is not the last one. */
		if (room == 0 && !seal_piece(file, false))
			return false;
		if (room == 0)
			continue;
		buf_add(&file->piece, bytes.at, take);
		bytes = span_from_offset(bytes, take);
	}
	return true;
}

bool sealed_file_finish(struct sealed_file *file)
{
	bool fine = seal_piece(file, true);

	if (fine && fdatasync(file->fd) != 0)
		fine = failed("upload.write_failed");
	sealed_file_close(file);
	return fine;
}

void sealed_file_close(struct sealed_file *file)
{
	if (file->fd >= 0)
		close(file->fd);
	file->fd = -1;
	seal_stream_free(file->stream);
	file->stream = NULL;
	buf_release(&file->piece);
	buf_release(&file->sealed);
}

/* --- its place ------------------------------------------------------------------------------ */

static bool sync_place(const char *dir, struct span stored)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/%.2s", dir, stored.at);
	return files_sync_dir(path, NULL);
}

bool sealed_file_keep(const char *dir, struct span stored)
{
	char from[4096], to[4096];

	if (!sealed_file_path(dir, stored, to, sizeof(to)))
		return false;
	incoming_path(dir, stored, from);
	if (rename(from, to) != 0 || !sync_place(dir, stored))
		return failed("upload.keep_failed");
	return true;
}

void sealed_file_remove(const char *dir, struct span stored)
{
	char path[4096];

	if (!stored_name_ok(stored))
		return;
	incoming_path(dir, stored, path);
	unlink(path);
	if (sealed_file_path(dir, stored, path, sizeof(path)))
		unlink(path);
}

static bool old_enough(int dir, const char *name, unsigned age_s)
{
	struct stat status;

	return fstatat(dir, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(status.st_mode) &&
	       clock_wall_ms() / 1000 - (int64_t)status.st_mtime >= (int64_t)age_s;
}

unsigned sealed_files_sweep(const char *dir, unsigned age_s)
{
	char path[4096];
	struct dirent *entry;
	unsigned n = 0;
	DIR *incoming;

	snprintf(path, sizeof(path), "%s/incoming", dir);
	incoming = opendir(path);
	while (incoming != NULL && (entry = readdir(incoming)) != NULL)
		if (stored_name_ok(span_of(entry->d_name)) && old_enough(dirfd(incoming), entry->d_name, age_s) &&
		    unlinkat(dirfd(incoming), entry->d_name, 0) == 0)
			n++;
	if (incoming != NULL)
		closedir(incoming);
	else
		failed("upload.sweep_failed");
	if (n > 0)
		log_event(LOG_LEVEL_WARNING, "upload.swept", "files", log_u64(n), NULL);
	return n;
}

/* --- reading ------------------------------------------------------------------------------------ */

/* Opens all pieces of a sealed file into `clear`; false when one was changed or the end is missing. */
static bool open_pieces(struct seal_reader *reader, struct span sealed, struct buf *clear)
{
	bool last = false;

	while (sealed.len > 0 && !last) {
		size_t full = SEAL_PIECE_BYTES + SEAL_PIECE_OVERHEAD;
		size_t take = sealed.len < full ? sealed.len : full;

		if (!seal_reader_pull(reader, span_from(sealed.at, take), clear, &last))
			return false;
		sealed = span_from_offset(sealed, take);
	}
	return last && sealed.len == 0;
}

static void lead_in_front(struct buf *clear, size_t from, size_t lead)
{
	struct buf front = { 0 };
	size_t rest = clear->len - from - lead;

	buf_add(&front, clear->at + from + rest, lead);
	memmove(clear->at + from + lead, clear->at + from, rest);
	memcpy(clear->at + from, front.at, lead);
	buf_release(&front);
}

bool sealed_file_read(const char *dir, struct span stored, unsigned number, const struct seal_key *key, uint64_t bytes,
		      uint64_t lead, struct buf *clear)
{
	size_t from = clear->len;
	struct buf sealed = { 0 };
	struct seal_reader *reader;
	char path[4096];
	bool fine = sealed_file_path(dir, stored, path, sizeof(path)) &&
		    files_read(path, bytes * 2 + 65536, &sealed, NULL) && sealed.len > SEAL_STREAM_HEADER_BYTES;

	if (fine) {
		reader = seal_reader_new(&file_id, number, key, span_from(sealed.at, SEAL_STREAM_HEADER_BYTES));
		fine = open_pieces(reader, span_from_offset(buf_span(&sealed), SEAL_STREAM_HEADER_BYTES), clear) &&
		       clear->len - from == bytes && lead <= bytes;
		seal_reader_free(reader);
	}
	if (fine && lead > 0)
		lead_in_front(clear, from, (size_t)lead);
	buf_release(&sealed);
	return fine;
}
