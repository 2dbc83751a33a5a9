/*
 * Where the scoring rules come from: the program's own files or a directory,
 * and the campaigns beside them.
 *
 * Reads bytes and nothing more; what they say is core/score/rules.h.
 */
#ifndef TIPLINE_SYS_RULE_FILES_H
#define TIPLINE_SYS_RULE_FILES_H

#include "daemon/base/complaint.h"
#include "daemon/core/score/rules.h"
#include "daemon/sys/config.h"

#define RULE_FILES_MAX 128
#define RULE_FILE_BYTES_MAX (1u << 20)

/* One of zeroes is empty. */
struct rule_files {
	struct arena arena;  /* names and bytes of what was read from directories */
	struct rule_file at[RULE_FILES_MAX];
	size_t n;
};

void rule_files_release(struct rule_files *files);

/* The files that the program carries inside itself. */
void rule_files_add_own(struct rule_files *files);

/*
 * All NAME.yaml of a directory, by name; those whose name begins with a dot
 * are passed over. False and a complaint: it, or one of them, cannot be read.
 */
bool rule_files_add_dir(struct rule_files *files, const char *dir, struct complaint *why);

/* What the configuration names: rules.dir or the program's own, then campaigns.dir. */
bool rule_files_read(struct rule_files *files, const struct config *config, struct complaint *why);

#endif
