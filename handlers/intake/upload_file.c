/*
 * One attachment while it arrives: its type by its first bytes, then piece by
 * piece sealed, and beside a picture its clean copy; see upload_inside.h.
 */
#include "handlers/intake/upload_inside.h"

#include "daemon/core/files/clean.h"
#include "daemon/core/files/file_kind.h"
#include "daemon/core/files/file_name.h"

static struct span text_of(struct upload *upload, struct buf *text)
{
	struct span copy = arena_dup(upload->arena, buf_span(text));

	buf_release(text);
	return copy;
}

static struct tip_file *last_file(struct upload *upload)
{
	return &upload->files[upload->nfiles - 1];
}

bool upload_file_begin(struct upload *upload, const struct multipart_part *part)
{
	struct buf name = { 0 };

	if (upload->nfiles >= upload->limits.files || upload->nfiles >= TIP_FILES_MAX)
		return upload_fail(upload, 413, "too_many_files", "A tip may have fewer files than this.", "file");
	upload->nfiles++;
	upload->in_file = true;
	crypto_hash_sha256_init(&upload->now.sum);
	file_name_clean(part->filename, &name);
	last_file(upload)->name = text_of(upload, &name);
	if (!sealed_file_open(&upload->now.file, upload->dir, (unsigned)upload->nfiles, &upload->key))
		return upload_unavailable(upload);
	last_file(upload)->stored = arena_dup(upload->arena, span_of(upload->now.file.stored));
	return true;
}

static void drop_copy(struct upload *upload)
{
	sealed_file_close(&upload->now.copy);
	sealed_file_remove(upload->dir, last_file(upload)->clean);
	last_file(upload)->clean = (struct span){ 0 };
	clean_free(upload->now.clean);
	upload->now.clean = NULL;
}

static bool begin_copy(struct upload *upload)
{
	struct arriving *now = &upload->now;

	now->clean = clean_new(last_file(upload)->type);
	if (now->clean == NULL)
		return true;
	if (!sealed_file_open(&now->copy, upload->dir, (unsigned)upload->nfiles + SEALED_FILE_CLEAN, &upload->key))
		return upload_unavailable(upload);
	last_file(upload)->clean = arena_dup(upload->arena, span_of(now->copy.stored));
	return true;
}

static bool check_type(struct upload *upload)
{
	struct span start = buf_span(&upload->now.start);
	struct span type = file_kind_judge(span_of(file_type_of(upload->types, start)), start);

	upload->now.typed = true;
	type = arena_dup(upload->arena, type);
	last_file(upload)->type = type;
	return file_type_allowed(upload->types, type.at) ||
	       upload_fail(upload, 415, "file_type_refused", "Files of this kind are not taken; photos and documents are.",
		    "file");
}

static bool add_cleaned(struct upload *upload, struct buf *cleaned)
{
	bool fine = sealed_file_add(&upload->now.copy, buf_span(cleaned)) || upload_unavailable(upload);

	buf_release(cleaned);
	return fine;
}

/* What cannot be parsed has no copy; a disk that refuses is another matter. */
static bool add_to_copy(struct upload *upload, struct span piece)
{
	struct buf cleaned = { 0 };

	if (upload->now.clean == NULL)
		return true;
	if (clean_feed(upload->now.clean, piece, &cleaned))
		return add_cleaned(upload, &cleaned);
	buf_release(&cleaned);
	drop_copy(upload);
	return true;
}

static bool pass_on(struct upload *upload, struct span bytes)
{
	if (!sealed_file_add(&upload->now.file, bytes))
		return upload_unavailable(upload);
	crypto_hash_sha256_update(&upload->now.sum, (const unsigned char *)bytes.at, bytes.len);
	while (bytes.len > 0) {
		size_t take = bytes.len < SEAL_PIECE_BYTES ? bytes.len : SEAL_PIECE_BYTES;

		if (!add_to_copy(upload, span_from(bytes.at, take)))
			return false;
		bytes = span_from_offset(bytes, take);
	}
	return true;
}

/* The first bytes are there, or all: nothing is sealed of a file that is not wanted. */
static bool pass_start(struct upload *upload)
{
	bool fine = check_type(upload) && begin_copy(upload) && pass_on(upload, buf_span(&upload->now.start));

	buf_release(&upload->now.start);
	return fine;
}

bool upload_file_data(struct upload *upload, struct span piece)
{
	struct arriving *now = &upload->now;
	size_t room, take;

	now->bytes += piece.len;
	if (now->bytes > upload->limits.file_bytes)
		return upload_fail(upload, 413, "file_too_large", "This file is larger than may be sent.", "file");
	if (now->typed)
		return pass_on(upload, piece);
	room = SEAL_PIECE_BYTES - now->start.len;
	take = piece.len < room ? piece.len : room;
	buf_add(&now->start, piece.at, take);
	if (now->start.len < SEAL_PIECE_BYTES)
		return true;
	return pass_start(upload) && pass_on(upload, span_from_offset(piece, take));
}

void upload_file_close(struct arriving *now)
{
	sealed_file_close(&now->file);
	sealed_file_close(&now->copy);
	clean_free(now->clean);
	buf_release(&now->start);
	*now = (struct arriving){ .file.fd = -1, .copy.fd = -1 };
}

void upload_file_remove(const struct upload *upload, const struct tip_file *file)
{
	sealed_file_remove(upload->dir, file->stored);
	sealed_file_remove(upload->dir, file->clean);
}

static bool drop_last_file(struct upload *upload)
{
	upload_file_close(&upload->now);
	upload_file_remove(upload, last_file(upload));
	upload->files[--upload->nfiles] = (struct tip_file){ 0 };
	return true;
}

static bool end_copy(struct upload *upload)
{
	struct arriving *now = &upload->now;
	struct tip_file *file = last_file(upload);
	struct buf cleaned = { 0 };
	size_t lead;

	if (now->clean == NULL)
		return true;
	if (!clean_finish(now->clean, &cleaned, &lead)) {
		buf_release(&cleaned);
		drop_copy(upload);
		return true;
	}
	if (!add_cleaned(upload, &cleaned))
		return false;
	file->clean_bytes = now->copy.bytes;
	file->clean_lead = lead;
	return sealed_file_finish(&now->copy) || upload_unavailable(upload);
}

static void note_sum(struct upload *upload)
{
	unsigned char sum[crypto_hash_sha256_BYTES];

	crypto_hash_sha256_final(&upload->now.sum, sum);
	last_file(upload)->sum = arena_dup(upload->arena, span_from(sum, TIP_FILE_SUM_BYTES));
}

bool upload_file_end(struct upload *upload)
{
	bool fine;

	upload->in_file = false;
	/* A browser sends an empty part for a file field that was left empty. */
	if (upload->now.bytes == 0)
		return drop_last_file(upload);
	last_file(upload)->bytes = upload->now.bytes;
	fine = (upload->now.typed || pass_start(upload)) && end_copy(upload);
	if (fine && !sealed_file_finish(&upload->now.file))
		fine = upload_unavailable(upload);
	note_sum(upload);
	upload_file_close(&upload->now);
	return fine;
}
