/*
 * Rule files of the program and of the operator; see rule_files.h.
 */
#include "daemon/sys/rule_files.h"

#include "daemon/base/asset.h"
#include "daemon/sys/files.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>

void rule_files_release(struct rule_files *files)
{
	arena_release(&files->arena);
	files->n = 0;
}

static bool add(struct rule_files *files, const char *name, struct span yaml)
{
	if (files->n == RULE_FILES_MAX)
		return false;
	files->at[files->n++] = (struct rule_file){ .name = name, .yaml = yaml };
	return true;
}

void rule_files_add_own(struct rule_files *files)
{
	for (size_t i = 0; asset_name(i) != NULL; i++)
		if (span_starts(span_of(asset_name(i)), SPAN("config/rules/")))
			add(files, asset_name(i), asset_find(asset_name(i)));
}

static int is_rule_file(const struct dirent *entry)
{
	struct span name = span_of(entry->d_name);
	struct span end = SPAN(".yaml");

	return name.at[0] != '.' && name.len > end.len &&
	       span_eq(span_from_offset(name, name.len - end.len), end);
}

static bool add_file(struct rule_files *files, const char *dir, const char *name, struct complaint *why)
{
	const char *path = arena_printf(&files->arena, "%s/%s", dir, name);
	struct buf bytes = { 0 };
	bool well = files_read(path, RULE_FILE_BYTES_MAX, &bytes, why);

	if (well && !add(files, path, arena_dup(&files->arena, buf_span(&bytes))))
		well = complain(why, 0, "%s: more than %d rule files", path, RULE_FILES_MAX);
	buf_release(&bytes);
	return well;
}

/* The C library's order by locale would make the order of the rules depend on who starts the daemon. */
static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

bool rule_files_add_dir(struct rule_files *files, const char *dir, struct complaint *why)
{
	struct dirent **entries;
	int n = scandir(dir, &entries, is_rule_file, by_bytes);
	bool well = true;

	if (n < 0)
		return complain(why, 0, "cannot read the directory %s: %s", dir, strerror(errno));
	for (int i = 0; i < n; i++) {
		well = well && add_file(files, dir, entries[i]->d_name, why);
		free(entries[i]);
	}
	free(entries);
	return well;
}

bool rule_files_read(struct rule_files *files, const struct config *config, struct complaint *why)
{
	const char *rules = config->rules.dir, *campaigns = config->campaigns.dir;

	if (rules[0] == '\0')
		rule_files_add_own(files);
	else if (!rule_files_add_dir(files, rules, why))
		return false;
	/* No rule at all is a wrong path; no campaign is an ordinary day. */
	if (files->n == 0)
		return complain(why, 0, "%s (rules.dir): no file NAME.yaml is there", rules);
	return campaigns[0] == '\0' || rule_files_add_dir(files, campaigns, why);
}
