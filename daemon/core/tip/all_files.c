/*
 * All files of a tip; see all_files.h.
 */
#include "daemon/core/tip/all_files.h"

#include "daemon/base/wipe.h"
#include "daemon/core/tip/content.h"

/* Some of them that came together. */
struct lot {
	const struct tip_file *files;
	size_t n;
	const struct seal_key *key;
};

/* The report's are lot 0, those of message i lot i + 1. */
static struct lot lot_at(const struct all_files *of, size_t at, struct arena *arena, struct tip_message *message)
{
	if (at == 0)
		return (struct lot){ .files = of->content->files, .n = of->content->nfiles, .key = of->tip_key };
	if (!seal_open_message(of->id, of->messages[at - 1], of->tip_key, arena, message))
		return (struct lot){ .n = 0 };
	return (struct lot){ .files = message->files, .n = message->nfiles, .key = &message->files_key };
}

static size_t lots_of(const struct all_files *of)
{
	return 1 + (of->messages != NULL ? of->nmessages : 0);
}

bool all_files_find(const struct all_files *of, uint64_t number, struct arena *arena, struct all_files_one *out)
{
	struct tip_message message = { .nfiles = 0 };
	uint64_t before = 0;

	for (size_t i = 0; i < lots_of(of) && number > before; i++) {
		struct lot lot = lot_at(of, i, arena, &message);

		if (number - before <= lot.n) {
			*out = (struct all_files_one){ .file = lot.files[number - before - 1], .key = *lot.key,
						       .sealed_as = (unsigned)(number - before) };
			wipe(&message, sizeof(message));
			return true;
		}
		before += lot.n;
	}
	wipe(&message, sizeof(message));
	return false;
}

struct all_files_sum all_files_sum(const struct all_files *of, struct arena *arena)
{
	struct all_files_sum sum = { .files = 0 };
	struct tip_message message = { .nfiles = 0 };

	for (size_t i = 0; i < lots_of(of); i++) {
		struct lot lot = lot_at(of, i, arena, &message);

		sum.files += lot.n;
		for (size_t j = 0; j < lot.n; j++)
			sum.bytes += lot.files[j].bytes;
	}
	wipe(&message, sizeof(message));
	return sum;
}

struct span all_files_names(const struct all_files *of, struct arena *arena)
{
	struct buf names = { 0 };
	struct tip_message message = { .nfiles = 0 };
	struct span kept;

	for (size_t i = 0; i < lots_of(of); i++) {
		struct lot lot = lot_at(of, i, arena, &message);
		struct span more = content_file_names(lot.files, lot.n, arena);

		if (names.len > 0 && more.len > 0)
			buf_add_byte(&names, ' ');
		buf_add_span(&names, more);
	}
	kept = arena_dup(arena, buf_span(&names));
	buf_release(&names);
	wipe(&message, sizeof(message));
	return kept;
}
