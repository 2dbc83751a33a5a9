/*
 * What `tipctl log verify` keeps between two runs.
 *
 *   tipline-log-verify/v1
 *   KEY                            the log's key, as NAME+ID+BASE64
 *   proven SIZE base64(ROOT)       the newest signed head that held
 *   base64(FRONTIER)
 *   reached SIZE base64(ROOT)      how far the files were walked; not above a signed head yet, perhaps
 *   base64(FRONTIER)
 *
 * and checkpoints that were seen, in a file of signed notes one behind the other.
 */
#ifndef TIPLINE_CLI_TIPCTL_LOG_STATE_H
#define TIPLINE_CLI_TIPCTL_LOG_STATE_H

#include "daemon/base/complaint.h"
#include "daemon/tlog/note.h"
#include "daemon/tlog/tree.h"

struct log_state {
	struct note_key key;
	struct frontier proven, reached;
};

enum log_state_read {
	LOG_STATE_READ,
	LOG_STATE_ABSENT,   /* no such file: the first run */
	LOG_STATE_REFUSED,  /* there, and not what log_state_write() makes: `why` */
};

enum log_state_read log_state_read(const char *path, struct log_state *state, struct complaint *why);

/* On disk when it returns true, whole or as it was before. */
bool log_state_write(const char *path, const struct log_state *state, struct complaint *why);

/* The form of such a file, without the file. */
bool log_state_parse(struct span text, struct log_state *state);

/* Takes the next signed note off a row of them: all up to the end of its signature lines. False: none is left. */
bool log_notes_next(struct span *rest, struct span *note);

#endif
