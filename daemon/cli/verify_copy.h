/*
 * A copy of a store that stands still, for looking into it: the files are
 * copied to a directory of our own and a redis-server started there, on a Unix
 * socket. What was given is read and never written.
 */
#ifndef TIPLINE_CLI_VERIFY_COPY_H
#define TIPLINE_CLI_VERIFY_COPY_H

#include "daemon/base/complaint.h"

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

struct verify_copy {
	char dir[PATH_MAX];       /* ours */
	char address[PATH_MAX];   /* "unix:..." */
	pid_t pid;
};

/*
 * `from` is a state directory, its directory redis/, another data directory
 * of Redis, an .rdb or an .aof file. Waits until the copy answers. A torn end
 * of the append-only file is cut off in the copy, as the daemon would. False: `why` tells,
 * and nothing is left behind.
 */
bool verify_copy_open(const char *from, struct verify_copy *copy, struct complaint *why);

/* Ends the server and removes the copy. */
void verify_copy_close(struct verify_copy *copy);

#endif
