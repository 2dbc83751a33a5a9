/*
 * Attachments on their way in; see upload.h.
 */
#include "handlers/intake/upload_inside.h"

#include "daemon/base/wipe.h"
#include "daemon/sys/random.h"

#define PARTS_MAX 64

bool upload_fail(struct upload *upload, int status, const char *code, const char *detail, const char *field)
{
	upload->problem = (struct problem){ .status = status, .code = code, .detail = detail, .field = field };
	return false;
}

bool upload_unavailable(struct upload *upload)
{
	return upload_fail(upload, 503, "files_unavailable", "Files cannot be taken at the moment.", "file");
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
		return upload_file_begin(upload, part);
	/* Passed over it would be lost without a word. */
	if (span_is(part->name, "file"))
		return upload_fail(upload, 400, "file_without_name", "A file must be sent with a filename.", "file");
	upload->field = upload->field_of != NULL ? upload->field_of(upload->field_ctx, part->name)
						 : tip_input_field(&upload->input, part->name);
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
		return upload_file_data(upload, piece);
	if (upload->value.len + piece.len > upload->limits.field_bytes)
		return upload_fail(upload, 413, "field_too_long", "A field of the form is too long.", "text");
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
		return upload_file_end(upload);
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
		.part_bytes = UINT64_MAX,   /* upload_file_data() and part_data() know which limit a part has */
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
	return upload_fail(upload, 400, "multipart_invalid", upload->complaint.text, NULL);
}

void upload_fields(struct upload *upload, struct span *(*field)(void *ctx, struct span name), void *ctx)
{
	upload->field_of = field;
	upload->field_ctx = ctx;
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
			return upload_unavailable(upload);
	return true;
}

void upload_end(struct upload *upload, bool keep)
{
	upload_file_close(&upload->now);
	for (size_t i = 0; !keep && i < upload->nfiles; i++)
		upload_file_remove(upload, &upload->files[i]);
	buf_release(&upload->value);
	wipe(&upload->key, sizeof(upload->key));
}
