/*
 * The policy file of a house that has its logs witnessed: whom it asks for
 * cosignatures, and whose are needed (tlog/quorum.h). It is the same file that is
 * given to those who check the log, so its lines have to name our logs and key.
 */
#ifndef TIPLINE_SYS_LOG_POLICY_H
#define TIPLINE_SYS_LOG_POLICY_H

#include "daemon/sys/keys.h"
#include "daemon/tlog/quorum.h"

#define LOG_POLICY_WITNESS_URL_MAX 1024

/*
 * Reads and checks the file. NULL: `why` has the line, 0 when it is about the whole
 * file. With keys (may be NULL: then its form alone is checked) every line of a log
 * has to be one of ours: its name ORIGIN/NAME, its key ours. A witness that is asked
 * has an http or https URL; one that the quorum cannot do without has to have one.
 * What is returned lives in the arena.
 */
const struct quorum *log_policy_read(const char *file, struct span origin, const struct keys *keys, struct arena *arena,
				     struct complaint *why);

/* The same from its text. `key`: our public one, or NULL. */
const struct quorum *log_policy_parse(struct span text, struct span origin, const unsigned char key[NOTE_KEY_BYTES],
				      struct arena *arena, struct complaint *why);

#endif
