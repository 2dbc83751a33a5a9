/*
 * A tip with attachments, taken while it arrives: fields into memory, files
 * piece by piece into sealed files. No attachment is ever whole in memory, and
 * none is ever on disk in clear.
 *
 * Files are sealed under the tip's key before the tip exists, each under a
 * random name (sealed_file.h); upload_keep() moves them to their place once the
 * tip is about to be committed. What is not kept is removed. Beside a picture a
 * clean copy without metadata is sealed in the same pass (core/files/clean.h).
 */
#ifndef TIPLINE_HANDLERS_INTAKE_UPLOAD_H
#define TIPLINE_HANDLERS_INTAKE_UPLOAD_H

#include "daemon/core/tip/seal.h"
#include "daemon/sys/file_type.h"
#include "handlers/intake/sealed_file.h"
#include "handlers/intake/tip_input.h"

struct upload;

struct upload_limits {
	unsigned files;
	uint64_t file_bytes;
	size_t field_bytes;
};

/* `dir` is the directory of sealed files; `boundary` is borrowed for the call. The rest lives in the arena. */
struct upload *upload_new(const char *dir, struct span boundary, const struct upload_limits *limits,
			  struct file_types *types, struct arena *arena);

/*
 * From now on fields are not a tip's: `field` says where the one of that name
 * goes, or NULL; upload_input() stays empty. Values live in the arena.
 */
void upload_fields(struct upload *upload, struct span *(*field)(void *ctx, struct span name), void *ctx);

/* From now on files are passed over, unread, where `may` says so; it sees the fields that came before. */
void upload_hold(struct upload *upload, bool (*may)(void *ctx, const struct tip_input *input), void *ctx);

/* Whether a file was passed over. */
bool upload_held(const struct upload *upload);

/* Takes a piece of the body; false: upload_problem() says why, and nothing more is taken. */
bool upload_feed(struct upload *upload, struct span piece);

/* The body is over; false as above. */
bool upload_finish(struct upload *upload);

const struct problem *upload_problem(const struct upload *upload);
const struct tip_input *upload_input(const struct upload *upload);
const struct tip_file *upload_files(const struct upload *upload, size_t *n);
const struct seal_key *upload_key(const struct upload *upload);

/* Moves the files to where they stay, durably; false when the disk refuses. */
bool upload_keep(struct upload *upload);

/* Closes and wipes; removes all files unless `keep`. Call exactly once. */
void upload_end(struct upload *upload, bool keep);

#endif
