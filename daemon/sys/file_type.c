/*
 * File types; see file_type.h.
 */
#include "daemon/sys/file_type.h"

#include <assert.h>
#include <magic.h>
#include <stdlib.h>

struct file_types {
	magic_t magic;
	char **allowed;
	size_t n;
};

struct file_types *file_types_new(const char *const *allowed, size_t n, struct complaint *why)
{
	struct file_types *types = calloc(1, sizeof(*types));

	assert(types != NULL);
	types->magic = magic_open(MAGIC_MIME_TYPE | MAGIC_NO_CHECK_COMPRESS | MAGIC_NO_CHECK_ELF);
	if (types->magic == NULL || magic_load(types->magic, NULL) != 0) {
		complain(why, 0, "the magic database of libmagic cannot be loaded: %s",
			 types->magic != NULL ? magic_error(types->magic) : "out of memory");
		file_types_free(types);
		return NULL;
	}
	types->allowed = calloc(n + 1, sizeof(*types->allowed));
	assert(types->allowed != NULL);
	for (size_t i = 0; i < n; i++)
		types->allowed[types->n++] = strdup(allowed[i]);
	return types;
}

void file_types_free(struct file_types *types)
{
	if (types == NULL)
		return;
	if (types->magic != NULL)
		magic_close(types->magic);
	for (size_t i = 0; i < types->n; i++)
		free(types->allowed[i]);
	free(types->allowed);
	free(types);
}

const char *file_type_of(struct file_types *types, struct span start)
{
	const char *type = magic_buffer(types->magic, start.at, start.len);

	return type != NULL ? type : "application/octet-stream";
}

bool file_type_allowed(const struct file_types *types, const char *type)
{
	for (size_t i = 0; i < types->n; i++) {
		struct span allowed = span_of(types->allowed[i]);

		if (allowed.len > 1 && allowed.at[allowed.len - 1] == '*') {
			allowed.len--;
			if (span_starts(span_of(type), allowed))
				return true;
		} else if (span_is(allowed, type)) {
			return true;
		}
	}
	return false;
}
