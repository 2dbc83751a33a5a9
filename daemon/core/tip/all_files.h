/*
 * All files of a tip: those of its report, and those that came with messages
 * afterwards. They are numbered through from 1 in the order in which they came,
 * so that a number stays with its file for as long as the tip has any.
 *
 * Pure, given the tip's key. A message that it does not open has no files here.
 */
#ifndef TIPLINE_CORE_ALL_FILES_H
#define TIPLINE_CORE_ALL_FILES_H

#include "daemon/core/tip/seal.h"

/* What is walked; all of it is borrowed. */
struct all_files {
	const struct tip_id *id;
	const struct seal_key *tip_key;
	const struct tip_content *content;
	const struct span *messages;   /* sealed; may be NULL */
	size_t nmessages;
};

/* One of them, and how it is sealed. */
struct all_files_one {
	struct tip_file file;
	struct seal_key key;
	unsigned sealed_as;            /* its number under that key */
};

/* The file of that number; false: there is none. Its spans live in the arena or in the content. */
bool all_files_find(const struct all_files *of, uint64_t number, struct arena *arena, struct all_files_one *out);

/* How many there are, and how many bytes their originals have. */
struct all_files_sum {
	uint64_t files;
	uint64_t bytes;
};

struct all_files_sum all_files_sum(const struct all_files *of, struct arena *arena);

/* Their stored names, as in content_file_names(). */
struct span all_files_names(const struct all_files *of, struct arena *arena);

#endif
