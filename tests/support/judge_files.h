/*
 * The repository's own tables for tests and benches of judging, read from the
 * working directory (the repository's root).
 */
#ifndef TIPLINE_TESTS_JUDGE_FILES_H
#define TIPLINE_TESTS_JUDGE_FILES_H

#include "daemon/core/judge.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>

#define JUDGE_FILES_MAX 32

struct judge_files {
	struct arena arena;
	struct rule_file rules[JUDGE_FILES_MAX];
	struct judge_sources sources;
};

static inline struct span judge_file_read(struct arena *arena, const char *path)
{
	FILE *file = fopen(path, "rb");
	char *bytes;
	long size;

	if (file == NULL || fseek(file, 0, SEEK_END) != 0 || (size = ftell(file)) < 0) {
		fprintf(stderr, "%s: not readable; run from the repository's root\n", path);
		exit(EXIT_FAILURE);
	}
	bytes = arena_alloc(arena, (size_t)size + 1);
	rewind(file);
	if (fread(bytes, 1, (size_t)size, file) != (size_t)size)
		exit(EXIT_FAILURE);
	fclose(file);
	return span_from(bytes, (size_t)size);
}

static inline void judge_files_read(struct judge_files *files)
{
	glob_t paths;

	*files = (struct judge_files){ 0 };
	if (glob("config/rules/*.yaml", 0, NULL, &paths) != 0 || paths.gl_pathc > JUDGE_FILES_MAX) {
		fprintf(stderr, "config/rules/*.yaml: none found; run from the repository's root\n");
		exit(EXIT_FAILURE);
	}
	for (size_t i = 0; i < paths.gl_pathc; i++) {
		files->rules[i].name = arena_dup(&files->arena, span_of(paths.gl_pathv[i])).at;
		files->rules[i].yaml = judge_file_read(&files->arena, paths.gl_pathv[i]);
	}
	files->sources = (struct judge_sources){
		.regions_tsv = judge_file_read(&files->arena, "config/regions/regions.tsv"),
		.towns_tsv = judge_file_read(&files->arena, "config/regions/towns.tsv"),
		.segments = judge_file_read(&files->arena, "config/regions/segments.bin"),
		.rule_files = files->rules,
		.nrule_files = paths.gl_pathc,
		.key = { .bytes = "only for tests, never for tips.." },
	};
	globfree(&paths);
}

static inline void judge_files_release(struct judge_files *files)
{
	arena_release(&files->arena);
}

#endif
