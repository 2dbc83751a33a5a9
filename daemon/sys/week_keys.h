/*
 * The weekly keys: without its week's key nothing that was taken in within that
 * week can be opened, in any copy. Destroying the file is deletion.
 *
 *   <dir>/week-NNNN.key   64 hex digits; NNNN = whole weeks since Monday 1970-01-05
 *
 * The directory (0700; 2770 with files 0660 where processes of several users
 * share it by group) lies outside Redis, its backups and the directory of keys;
 * its own copies must lose what is destroyed here (scripts/backup --weeks).
 * What lies under it: seal_cover() in core/tip/cover.h.
 *
 * Any process may make the key of the present week; it is made whole or not at
 * all, and two that try at once get the same. Destroying leaves a line in
 * <dir>/destroyed.jsonl, so that a week that was destroyed is never made again.
 */
#ifndef TIPLINE_SYS_WEEK_KEYS_H
#define TIPLINE_SYS_WEEK_KEYS_H

#include "daemon/base/complaint.h"
#include "daemon/core/tip/seal.h"

#define WEEK_MS (7 * 86400000LL)

struct week_keys;

/* The number of the week of a time, 1 and up. */
unsigned week_of(int64_t at_ms);
int64_t week_begins(unsigned week);

/* `create`: makes the directory. NULL: `why` names the file and the mend. */
struct week_keys *week_keys_open(const char *dir, bool create, struct complaint *why);
void week_keys_free(struct week_keys *weeks);

/* The key of the week of that time, made when it is missing and never was. False: `why`; nothing may be sealed then. */
bool week_keys_present(struct week_keys *weeks, int64_t now_ms, unsigned *week, struct seal_key *key, struct complaint *why);

enum week_key_outcome {
	WEEK_KEY_FOUND,
	WEEK_KEY_GONE,       /* destroyed */
	WEEK_KEY_MISSING,    /* neither here nor destroyed: a copy must be brought back */
};

/* Looks on the disk again for what it does not know, at most once a second. */
enum week_key_outcome week_keys_find(struct week_keys *weeks, unsigned week, struct seal_key *key);

/* Numbers of the weeks whose keys are here, ascending; the caller frees. */
size_t week_keys_list(struct week_keys *weeks, unsigned **out);

/* Overwrites and removes the file, and writes it down; true also when it was destroyed before. Never the present week. */
bool week_keys_destroy(struct week_keys *weeks, unsigned week, int64_t now_ms, struct complaint *why);

#endif
