/*
 * Attachments on their way in; see upload.h.
 */
#include "handlers/intake/upload.h"

#include "daemon/base/wipe.h"
#include "daemon/core/files/clean.h"
#include "daemon/core/files/file_kind.h"
#include "daemon/core/files/file_name.h"
#include "daemon/http/multipart.h"
#include "daemon/sys/random.h"

#define PARTS_MAX 64

/* The file that is arriving. */
struct arriving {
	struct sealed_file file;
	struct sealed_file copy;   /* without metadata; not open: there is none */
	struct clean *clean;       /* makes the copy; NULL likewise */
	struct buf start;          /* what came before the type was looked at */
	uint64_t bytes;
	bool typed;
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
	bool (*may)(void *ctx, const struct tip_input *input);   /* NULL: all files are taken */
	void *may_ctx;
	bool passing;              /* over a file */
	bool held;                 /* some bytes of one were */
	struct arriving now;
};

static bool fail(struct upload *upload, int status, const char *code, const char *detail, const char *field)
{
	upload->problem = (struct problem){ .status = status, .code = code, .detail = detail, .field = field };
	return false;
}

static bool unavailable(struct upload *upload)
{
	return fail(upload, 503, "files_unavailable", "Files cannot be taken at the moment.", "file");
}

/* --- one file -------------------------------------------------------------------------------- */

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

static bool begin_file(struct upload *upload, const struct multipart_part *part)
{
	struct buf name = { 0 };

	if (upload->nfiles >= upload->limits.files || upload->nfiles >= TIP_FILES_MAX)
		return fail(upload, 413, "too_many_files", "A tip may have fewer files than this.", "file");
	upload->nfiles++;
	upload->in_file = true;
	file_name_clean(part->filename, &name);
	last_file(upload)->name = text_of(upload, &name);
	if (!sealed_file_open(&upload->now.file, upload->dir, (unsigned)upload->nfiles, &upload->key))
		return unavailable(upload);
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
		return unavailable(upload);
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
	       fail(upload, 415, "file_type_refused", "Files of this kind are not taken; photos and documents are.",
		    "file");
}

static bool add_cleaned(struct upload *upload, struct buf *cleaned)
{
	bool fine = sealed_file_add(&upload->now.copy, buf_span(cleaned)) || unavailable(upload);

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
		return unavailable(upload);
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

static bool file_data(struct upload *upload, struct span piece)
{
	struct arriving *now = &upload->now;
	size_t room, take;

	now->bytes += piece.len;
	if (now->bytes > upload->limits.file_bytes)
		return fail(upload, 413, "file_too_large", "This file is larger than may be sent.", "file");
	if (now->typed)
		return pass_on(upload, piece);
	room = SEAL_PIECE_BYTES - now->start.len;
	take = piece.len < room ? piece.len : room;
	buf_add(&now->start, piece.at, take);
	if (now->start.len < SEAL_PIECE_BYTES)
		return true;
	return pass_start(upload) && pass_on(upload, span_from_offset(piece, take));
}

static void close_arriving(struct arriving *now)
{
	sealed_file_close(&now->file);
	sealed_file_close(&now->copy);
	clean_free(now->clean);
	buf_release(&now->start);
	*now = (struct arriving){ .file.fd = -1, .copy.fd = -1 };
}

static void remove_file(const struct upload *upload, const struct tip_file *file)
{
	sealed_file_remove(upload->dir, file->stored);
	sealed_file_remove(upload->dir, file->clean);
}

static bool drop_last_file(struct upload *upload)
{
	close_arriving(&upload->now);
	remove_file(upload, last_file(upload));
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
	return sealed_file_finish(&now->copy) || unavailable(upload);
}

static bool end_file(struct upload *upload)
{
	bool fine;

	upload->in_file = false;
	/* A browser sends an empty part for a file field that was left empty. */
	if (upload->now.bytes == 0)
		return drop_last_file(upload);
	last_file(upload)->bytes = upload->now.bytes;
	fine = (upload->now.typed || pass_start(upload)) && end_copy(upload);
	if (fine && !sealed_file_finish(&upload->now.file))
		fine = unavailable(upload);
	close_arriving(&upload->now);
	return fine;
}

/* --- events of the parser --------------------------------------------------------------------- */

static bool part_begin(void *ctx, const struct multipart_part *part)
{
	struct upload *upload = ctx;

	buf_clear(&upload->value);
	upload->field = NULL;
	if (part->filename.at != NULL && upload->may != NULL && !upload->may(upload->may_ctx, &upload->input)) {
		upload->passing = true;
		return true;
	}
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

	if (upload->passing)
		upload->held |= piece.len > 0;
	if (upload->passing)
		return true;
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

	if (upload->passing) {
		upload->passing = false;
		return true;
	}
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
	upload->now = (struct arriving){ .file.fd = -1, .copy.fd = -1 };
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

void upload_hold(struct upload *upload, bool (*may)(void *ctx, const struct tip_input *input), void *ctx)
{
	upload->may = may;
	upload->may_ctx = ctx;
}

bool upload_held(const struct upload *upload)
{
	return upload->held;
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

static bool keep_file(const struct upload *upload, const struct tip_file *file)
{
	return sealed_file_keep(upload->dir, file->stored) &&
	       (file->clean.len == 0 || sealed_file_keep(upload->dir, file->clean));
}

bool upload_keep(struct upload *upload)
{
	for (size_t i = 0; i < upload->nfiles; i++)
		if (!keep_file(upload, &upload->files[i]))
			return unavailable(upload);
	return true;
}

void upload_end(struct upload *upload, bool keep)
{
	close_arriving(&upload->now);
	for (size_t i = 0; !keep && i < upload->nfiles; i++)
		remove_file(upload, &upload->files[i]);
	buf_release(&upload->value);
	wipe(&upload->key, sizeof(upload->key));
}
