/*
 * Names of key files; see key_names.h.
 */
#include "daemon/sys/key_names.h"

#include "daemon/sys/key_files.h"

#include <string.h>

#define NAMES_MAX 4096

static bool take(void *ctx, const char *name)
{
	struct key_names *names = ctx;

	if (names->n < NAMES_MAX)
		names->at[names->n++] = arena_dup(&names->arena, span_of(name)).at;
	return true;
}

void key_names_read(struct key_names *names, const char *dir)
{
	const struct key_dir where = { .path = dir, .lock = -1 };
	struct complaint ignored = { .text = "" };

	arena_clear(&names->arena);
	names->at = arena_array(&names->arena, const char *, NAMES_MAX);
	names->n = 0;
	(void)key_dir_each(&where, take, names, &ignored);
}

void key_names_release(struct key_names *names)
{
	arena_release(&names->arena);
	*names = (struct key_names){ .n = 0 };
}

void key_names_compare(const struct key_names *before, const struct key_names *now,
		       void (*changed)(void *ctx, const char *name, bool came), void *ctx)
{
	size_t i = 0, k = 0;

	while (i < before->n || k < now->n) {
		int order = i == before->n ? 1 : k == now->n ? -1 : strcmp(before->at[i], now->at[k]);

		if (order < 0)
			changed(ctx, before->at[i], false);
		if (order > 0)
			changed(ctx, now->at[k], true);
		i += order <= 0;
		k += order >= 0;
	}
}
