/*
 * What the subcommands of `tipctl log` share: one file a subcommand, each a row
 * of the table in tipctl_log.c. They work on the files of a log as they are
 * served, offline, and believe nothing but the key or the policy they are given.
 */
#ifndef TIPLINE_CLI_TIPCTL_LOG_H
#define TIPLINE_CLI_TIPCTL_LOG_H

#include "daemon/cli/tipctl.h"
#include "daemon/tlog/quorum.h"

int tipctl_log_verify(int argc, char **argv);
int tipctl_log_fetch(int argc, char **argv);
int tipctl_log_key(int argc, char **argv);
int tipctl_log_prove(int argc, char **argv);
int tipctl_log_find(int argc, char **argv);
int tipctl_log_check(int argc, char **argv);
int tipctl_log_recount(int argc, char **argv);

/* --- whom to believe (tipctl_log_trust.c) --------------------------------------------------- */

struct log_trust {
	struct note_key key;              /* of the log */
	const struct quorum *quorum;      /* NULL: the key alone */
	struct arena arena;
};

/*
 * Reads a key, as a key text or from a file with one, and a policy file; either
 * may be NULL. With neither, the key that stands in DIR is taken (`dir` may be
 * NULL too). With a policy the log's key is known once a checkpoint was judged.
 * False: it is said why. The caller releases it whatever the result.
 */
bool log_trust_load(struct log_trust *trust, const char *key, const char *policy, const char *dir);
void log_trust_release(struct log_trust *trust);

/* A key text, or a file that holds one. */
bool log_key_read(const char *argument, struct note_key *key, struct complaint *why);

/*
 * Judges a signed checkpoint; *out borrows from the bytes. `old`: an earlier one,
 * of which no cosignatures are asked. False: `why` says what is wrong with it.
 */
bool log_trust_judge(struct log_trust *trust, struct span note, bool old, struct checkpoint *out, struct complaint *why);

/* The newest checkpoint in DIR, judged. False: it is said. */
bool log_trust_newest(struct log_trust *trust, const char *dir, struct buf *note, struct checkpoint *out);

#endif
