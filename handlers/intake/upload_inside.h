/*
 * Attachments on their way in: what upload.c (the body and its fields) and
 * upload_file.c (one file, from its first byte to its place) share.
 */
#ifndef TIPLINE_HANDLERS_INTAKE_UPLOAD_INSIDE_H
#define TIPLINE_HANDLERS_INTAKE_UPLOAD_INSIDE_H

#include "daemon/http/multipart.h"
#include "handlers/intake/upload.h"

#include <sodium.h>

struct clean;

/* The file that is arriving. */
struct arriving {
	struct sealed_file file;
	struct sealed_file copy;   /* without metadata; not open: there is none */
	struct clean *clean;       /* makes the copy; NULL likewise */
	struct buf start;          /* what came before the type was looked at */
	crypto_hash_sha256_state sum;
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
	struct span *(*field_of)(void *ctx, struct span name);   /* NULL: into `input` */
	void *field_ctx;
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

/* Both are false, for the caller to return; upload_problem() tells it. */
bool upload_fail(struct upload *upload, int status, const char *code, const char *detail, const char *field);
bool upload_unavailable(struct upload *upload);

/* One file: its head, its bytes as they come, its end. False as above. */
bool upload_file_begin(struct upload *upload, const struct multipart_part *part);
bool upload_file_data(struct upload *upload, struct span piece);
bool upload_file_end(struct upload *upload);

/* Lets go of the one that is arriving, where there is one; what is on the disk stays. */
void upload_file_close(struct arriving *now);

/* A file and its copy leave the disk. */
void upload_file_remove(const struct upload *upload, const struct tip_file *file);

#endif
