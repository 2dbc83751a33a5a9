/*
 * Attachments on their way in; see upload.h.
 */
#include "handlers/intake/upload.h"

#include "daemon/base/hex.h"
#include "daemon/base/utf8.h"
#include "daemon/base/wipe.h"
#include "daemon/http/multipart.h"
#include "daemon/sys/files.h"
#include "daemon/sys/log.h"
#include "daemon/sys/random.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define PARTS_MAX 64
#define NAME_MAX_BYTES 120
#define FLUSH_BYTES (UINT64_C(512) << 10)   /* written pages are handed to the disk this often, so that the last sync is short */

/* The file that is arriving. */
struct arriving {
	int fd;
	struct seal_stream *stream;
	struct buf piece;          /* clear bytes that do not fill a piece yet */
	struct buf sealed;
	uint64_t bytes;
	uint64_t unflushed;
	bool typed;                /* its type was looked at */
};

struct upload {
	const char *dir;
	struct upload_limits limits;
	struct file_types *types;
	struct arena *arena;
	struct multipart parser;
	struct complaint complaint;
	struct problem problem;
	struct tip_input input;
	struct buf value;          /* of the text field that is arriving */
	struct span *field;        /* where it goes; NULL: not one of ours */
	struct seal_key key;
	struct tip_file files[TIP_FILES_MAX];
	size_t nfiles;
	bool in_file;
	struct arriving now;
	size_t nkept;              /* files moved to their place */
};

static bool fail(struct upload *upload, int status, const char *code, const char *detail, const char *field)
{
	upload->problem = (struct problem){ .status = status, .code = code, .detail = detail, .field = field };
	return false;
}

/* --- paths ------------------------------------------------------------------------------ */

static bool stored_name_ok(struct span stored)
{
	for (size_t i = 0; i < stored.len; i++)
		if (strchr("0123456789abcdef", stored.at[i]) == NULL || stored.at[i] == '\0')
			return false;
	return stored.len == 32;
}

bool upload_path(const char *dir, struct span stored, char *path, size_t size)
{
	if (!stored_name_ok(stored))
		return false;
	return snprintf(path, size, "%s/%.2s/%.32s", dir, stored.at, stored.at) < (int)size;
}

static void incoming_path(const struct upload *upload, struct span stored, char path[4096])
{
	snprintf(path, 4096, "%s/incoming/%.32s", upload->dir, stored.at);
}

static bool clear_incoming(const char *path, struct complaint *why)
{
	DIR *dir = opendir(path);
	struct dirent *entry;

	if (dir == NULL)
		return complain(why, 0, "cannot read %s: %s", path, strerror(errno));
	while ((entry = readdir(dir)) != NULL)
		if (stored_name_ok(span_of(entry->d_name)))
			unlinkat(dirfd(dir), entry->d_name, 0);
	closedir(dir);
	return true;
}

bool upload_prepare_dir(const char *dir, struct complaint *why)
{
	char path[4096];

	for (int i = 0; i < 256; i++) {
		snprintf(path, sizeof(path), "%s/%02x", dir, i);
		if (!files_make_dir_in(dir, path, why))
			return false;
	}
	snprintf(path, sizeof(path), "%s/incoming", dir);
	return files_make_dir_in(dir, path, why) && clear_incoming(path, why);
}

/* --- one file -------------------------------------------------------------------------------- */

/* A stream is bound to the stand-in id and the number of the file. */
static const struct tip_id file_id = { .text = UPLOAD_FILE_ID };

static struct span safe_name(struct upload *upload, struct span name)
{
	for (size_t i = name.len; i > 0; i--)
		if (name.at[i - 1] == '/' || name.at[i - 1] == '\\')
			return arena_dup(upload->arena, utf8_cut(span_from_offset(name, i), NAME_MAX_BYTES));
	return arena_dup(upload->arena, utf8_cut(name, NAME_MAX_BYTES));
}

static bool begin_file(struct upload *upload, const struct multipart_part *part)
{
	struct tip_file *file = &upload->files[upload->nfiles];
	unsigned char random[16];
	char path[4096];

	if (upload->nfiles >= upload->limits.files || upload->nfiles >= TIP_FILES_MAX)
		return fail(upload, 413, "too_many_files", "A tip may have fewer files than this.", "file");
	random_bytes(random, sizeof(random));
	file->name = safe_name(upload, part->filename);
	file->stored = span_of(hex_text(upload->arena, random, sizeof(random)));
	incoming_path(upload, file->stored, path);
	upload->now = (struct arriving){ .fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600) };
	upload->nfiles++;
	upload->in_file = true;
	if (upload->now.fd >= 0 && !files_share(upload->now.fd, upload->dir)) {
		close(upload->now.fd);
		upload->now.fd = -1;
	}
	if (upload->now.fd < 0) {
		log_rarely(LOG_LEVEL_ERROR, "upload.open_failed", strerror(errno));
		return fail(upload, 503, "files_unavailable", "Files cannot be taken at the moment.", "file");
	}
	upload->now.stream = seal_stream_new(&file_id, (unsigned)upload->nfiles, &upload->key, &upload->now.sealed);
	return true;
}

static bool check_type(struct upload *upload)
{
	struct tip_file *file = &upload->files[upload->nfiles - 1];
	const char *type;

	if (upload->now.typed)
		return true;
	upload->now.typed = true;
	type = file_type_of(upload->types, buf_span(&upload->now.piece));
	file->type = arena_dup(upload->arena, span_of(type));
	return file_type_allowed(upload->types, type) ||
	       fail(upload, 415, "file_type_refused", "Files of this kind are not taken; photos and documents are.",
		    "file");
}

static bool write_sealed(struct upload *upload)
{
	struct arriving *now = &upload->now;
	struct span rest = buf_span(&now->sealed);

	while (rest.len > 0) {
		ssize_t put = write(now->fd, rest.at, rest.len);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0) {
			log_rarely(LOG_LEVEL_ERROR, "upload.write_failed", strerror(errno));
			return fail(upload, 503, "files_unavailable", "Files cannot be taken at the moment.", "file");
		}
		rest = span_from_offset(rest, (size_t)put);
		now->unflushed += (uint64_t)put;
	}
	buf_clear(&now->sealed);
	if (now->unflushed >= FLUSH_BYTES) {
		sync_file_range(now->fd, 0, 0, SYNC_FILE_RANGE_WRITE);
		now->unflushed = 0;
	}
	return true;
}

static bool seal_piece(struct upload *upload, bool last)
{
	struct arriving *now = &upload->now;

	if (!check_type(upload))
		return false;
	seal_stream_push(now->stream, buf_span(&now->piece), last, &now->sealed);
	wipe(now->piece.at, now->piece.len);
	buf_clear(&now->piece);
	return write_sealed(upload);
}

static bool file_data(struct upload *upload, struct span piece)
{
	struct arriving *now = &upload->now;

	now->bytes += piece.len;
	if (now->bytes > upload->limits.file_bytes)
		return fail(upload, 413, "file_too_large", "This file is larger than may be sent.", "file");
	while (piece.len > 0) {
		size_t room = SEAL_PIECE_BYTES - now->piece.len;
		size_t take = piece.len < room ? piece.len : room;

		buf_add(&now->piece, piece.at, take);
		piece = span_from_offset(piece, take);
		/* A full piece waits for the next byte, because only then it is not the last one. */
		if (piece.len > 0 && now->piece.len == SEAL_PIECE_BYTES && !seal_piece(upload, false))
			return false;
	}
	return true;
}

static void close_arriving(struct arriving *now)
{
	if (now->fd >= 0)
		close(now->fd);
	if (now->stream != NULL)
		seal_stream_free(now->stream);
	buf_release(&now->piece);
	buf_release(&now->sealed);
	*now = (struct arriving){ .fd = -1 };
}

static bool drop_last_file(struct upload *upload)
{
	char path[4096];

	close_arriving(&upload->now);
	incoming_path(upload, upload->files[upload->nfiles - 1].stored, path);
	unlink(path);
	upload->files[--upload->nfiles] = (struct tip_file){ 0 };
	return true;
}

static bool end_file(struct upload *upload)
{
	bool fine;

	upload->in_file = false;
	/* A browser sends an empty part for a file field that was left empty. */
	if (upload->now.bytes == 0)
		return drop_last_file(upload);
	upload->files[upload->nfiles - 1].bytes = upload->now.bytes;
	fine = seal_piece(upload, true);
	if (fine && fdatasync(upload->now.fd) != 0)
		fine = fail(upload, 503, "files_unavailable", "Files cannot be taken at the moment.", "file");
	close_arriving(&upload->now);
	return fine;
}

/* --- events of the parser --------------------------------------------------------------------- */

static bool part_begin(void *ctx, const struct multipart_part *part)
{
	struct upload *upload = ctx;

	buf_clear(&upload->value);
	upload->field = NULL;
	if (part->filename.at != NULL)
		return begin_file(upload, part);
	/* Passed over it would be lost without a word. */
	if (span_is(part->name, "file"))
		return fail(upload, 400, "file_without_name", "A file must be sent with a filename.", "file");
	upload->field = tip_input_field(&upload->input, part->name);
	return true;
}

static bool part_data(void *ctx, struct span piece)
{
	struct upload *upload = ctx;

	if (upload->in_file)
		return file_data(upload, piece);
	if (upload->value.len + piece.len > upload->limits.field_bytes)
		return fail(upload, 413, "field_too_long", "A field of the form is too long.", "text");
	buf_add_span(&upload->value, piece);
	return true;
}

static bool part_end(void *ctx)
{
	struct upload *upload = ctx;

	if (upload->in_file)
		return end_file(upload);
	if (upload->field != NULL)
		*upload->field = arena_dup(upload->arena, buf_span(&upload->value));
	return true;
}

/* --- the whole ------------------------------------------------------------------------------------ */

struct upload *upload_new(const char *dir, struct span boundary, const struct upload_limits *limits,
			  struct file_types *types, struct arena *arena)
{
	struct upload *upload = arena_new(arena, struct upload);
	struct multipart_limits parts = {
		.parts = PARTS_MAX,
		.head_bytes = MULTIPART_HEAD_MAX,
		.part_bytes = UINT64_MAX,   /* file_data() and part_data() know which limit a part has */
	};

	upload->dir = dir;
	upload->limits = *limits;
	upload->types = types;
	upload->arena = arena;
	upload->now.fd = -1;
	random_bytes(upload->key.bytes, sizeof(upload->key.bytes));
	multipart_init(&upload->parser, boundary, &parts,
		       &(struct multipart_sink){
			       .begin = part_begin, .data = part_data, .end = part_end, .ctx = upload });
	return upload;
}

/* The parser's own complaint becomes the problem, unless an event has set one. */
static bool refused(struct upload *upload)
{
	if (upload->problem.status != 0)
		return false;
	return fail(upload, 400, "multipart_invalid", upload->complaint.text, NULL);
}

bool upload_feed(struct upload *upload, struct span piece)
{
	return multipart_feed(&upload->parser, piece, &upload->complaint) || refused(upload);
}

bool upload_finish(struct upload *upload)
{
	return multipart_finish(&upload->parser, &upload->complaint) || refused(upload);
}

const struct problem *upload_problem(const struct upload *upload)
{
	return &upload->problem;
}

const struct tip_input *upload_input(const struct upload *upload)
{
	return &upload->input;
}

const struct tip_file *upload_files(const struct upload *upload, size_t *n)
{
	*n = upload->nfiles;
	return upload->files;
}

const struct seal_key *upload_key(const struct upload *upload)
{
	return &upload->key;
}

static bool sync_dir(const char *dir, struct span stored)
{
	char path[4096];
	int fd;
	bool fine;

	snprintf(path, sizeof(path), "%s/%.2s", dir, stored.at);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	fine = fd >= 0 && fsync(fd) == 0;
	if (fd >= 0)
		close(fd);
	return fine;
}

bool upload_keep(struct upload *upload)
{
	for (; upload->nkept < upload->nfiles; upload->nkept++) {
		struct span stored = upload->files[upload->nkept].stored;
		char from[4096];
		char to[4096];

		incoming_path(upload, stored, from);
		if (!upload_path(upload->dir, stored, to, sizeof(to)) || rename(from, to) != 0 ||
		    !sync_dir(upload->dir, stored)) {
			log_rarely(LOG_LEVEL_ERROR, "upload.keep_failed", strerror(errno));
			return fail(upload, 503, "files_unavailable", "Files cannot be taken at the moment.", "file");
		}
	}
	return true;
}

static void remove_files(const struct upload *upload)
{
	char path[4096];

	for (size_t i = 0; i < upload->nfiles; i++) {
		incoming_path(upload, upload->files[i].stored, path);
		unlink(path);
		if (upload_path(upload->dir, upload->files[i].stored, path, sizeof(path)))
			unlink(path);
	}
}

void upload_end(struct upload *upload, bool keep)
{
	if (upload->in_file || upload->now.stream != NULL)
		close_arriving(&upload->now);
	if (!keep)
		remove_files(upload);
	buf_release(&upload->value);
	wipe(&upload->key, sizeof(upload->key));
}
