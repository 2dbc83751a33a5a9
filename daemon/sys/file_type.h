/*
 * What a file is, by its bytes (libmagic), and whether it is wanted.
 */
#ifndef TIPLINE_SYS_FILE_TYPE_H
#define TIPLINE_SYS_FILE_TYPE_H

#include "daemon/base/complaint.h"
#include "daemon/base/span.h"

struct file_types;

/* Loads the magic database. `allowed`: MIME types; "image/x" or a family, "image/" and a star. */
struct file_types *file_types_new(const char *const *allowed, size_t n, struct complaint *why);
void file_types_free(struct file_types *types);

/* MIME type by the file's first bytes; static until the next call. "application/octet-stream" when unknown. */
const char *file_type_of(struct file_types *types, struct span start);

bool file_type_allowed(const struct file_types *types, const char *type);

#endif
