/*
 * The weekly keys: without its week's key nothing that was taken in within that
 * week can be opened, in any copy. Destroying the file is deletion.
 *
 *   <dir>/week-NNNN.key   64 hex digits; NNNN = whole weeks since Monday 1970-01-05, 00:00 UTC
 *   <dir>/destroyed.jsonl one line a week that was destroyed: {"week":NNNN,"at":"2026-11-21T18:06:27Z"}
 *
 * The directory (0700; 2770 with files 0660 where processes of several users
 * share it by group) lies outside Redis, its backups and the directory of keys;
 * its own copies must lose what is destroyed here (scripts/backup --weeks).
 * What lies under it: cover_seal() in core/tip/cover.h.
 *
 * Any process may make the key of the present week; it is made whole or not at
 * all, and two that try at once get the same. Destroying leaves its line first,
 * so that a week that was destroyed is never made again, and what was cut short
 * is ended by the next who opens the directory.
 *
 * Keys that were read stay in guarded memory. One that another process destroys
 * leaves it at the next question, at most a second later. One thread at a time.
 */
#ifndef TIPLINE_SYS_WEEK_KEYS_H
#define TIPLINE_SYS_WEEK_KEYS_H

#include "daemon/base/complaint.h"
#include "daemon/core/tip/cover.h"

#define WEEK_MS (7 * 86400000LL)
#define WEEK_KEYS_AHEAD_MS 3600000LL          /* the next week's key is made so long before */
#define WEEK_KEYS_GRACE_MS (6 * 3600000LL)    /* so long the last week's key serves when a new one cannot be made */

struct week_keys;

/* The number of the week of a time, 1 and up. */
unsigned week_of(int64_t at_ms);
int64_t week_begins(unsigned week);

/* `create`: makes the directory, and ends what was cut short. NULL: `why` names the file and the mend. */
struct week_keys *week_keys_open(const char *dir, bool create, struct complaint *why);
void week_keys_free(struct week_keys *weeks);

/*
 * The key of the week of that time, made when it is missing and never was.
 * Where it cannot be made (a full disk) the last week's serves for
 * WEEK_KEYS_GRACE_MS; where it was destroyed (the clock went back) the next
 * later one. False: `why`; nothing may be sealed then.
 */
bool week_keys_present(struct week_keys *weeks, int64_t now_ms, unsigned *week, struct seal_key *key, struct complaint *why);

/* Makes the keys of this week and, within WEEK_KEYS_AHEAD_MS of it, the next: for a timer, so that no tip waits for the disk. */
bool week_keys_ahead(struct week_keys *weeks, int64_t now_ms, struct complaint *why);

enum week_key_outcome {
	WEEK_KEY_FOUND,
	WEEK_KEY_GONE,       /* destroyed */
	WEEK_KEY_MISSING,    /* neither here nor destroyed: a copy must be brought back */
};

/* Looks on the disk for what it does not know. */
enum week_key_outcome week_keys_find(struct week_keys *weeks, unsigned week, struct seal_key *key);

/*
 * What is stored without its cover; *sealed lies in the arena, or is `stored`
 * where nothing covers it. MISSING also where the key of that number is another
 * one than it was covered with. `weeks` may be NULL: all but week 0 is missing.
 */
enum week_key_outcome week_keys_uncover(struct week_keys *weeks, const struct tip_id *id, enum cover_kind kind, struct span stored,
					struct arena *arena, struct span *sealed);

/* The week that was last found to be missing; 0: none. What /readyz warns of. */
unsigned week_keys_missed(const struct week_keys *weeks);

/* Numbers of the weeks whose keys are here, ascending; the caller frees. */
size_t week_keys_list(struct week_keys *weeks, unsigned **out);

/* The same of those that were destroyed. */
size_t week_keys_list_destroyed(struct week_keys *weeks, unsigned **out);

/*
 * Overwrites and removes the file, and writes it down; true also when it was
 * destroyed before. Never the present week, nor the last one within
 * WEEK_KEYS_GRACE_MS. Overwriting is of use where the file system writes in
 * place; where it does not, the medium must be trusted or encrypted.
 */
bool week_keys_destroy(struct week_keys *weeks, unsigned week, int64_t now_ms, struct complaint *why);

#endif
