/*
 * The directory of the private Redis: where things are, its settings file, who
 * still works in it, and what is cut off a torn file.
 */
#ifndef TIPLINE_STORE_EMBEDDED_HOME_H
#define TIPLINE_STORE_EMBEDDED_HOME_H

#include "daemon/base/complaint.h"
#include "daemon/base/span.h"

#include <limits.h>

struct embedded_home {
	char dir[PATH_MAX];       /* STATE/redis, absolute */
	char conf[PATH_MAX];
	char lock[PATH_MAX];
	char manifest[PATH_MAX];  /* of the append-only files; may be missing */
	char address[PATH_MAX];   /* "unix:" and the socket's path */
	const char *socket;       /* within address */
};

/* Makes the directories. The socket goes elsewhere when its path would be too long for one. */
bool embedded_home_open(struct embedded_home *home, const char *state_dir, struct complaint *why);

/* Writes the settings file. */
bool embedded_home_write(const struct embedded_home *home, struct complaint *why);

/* Sends a signal to each Redis process that works in the directory; returns how many there are. */
unsigned embedded_home_signal(const struct embedded_home *home, int signal);

/* What redis-check-aof found. */
struct embedded_tear {
	char file[256];           /* within appendonlydir */
	uint64_t whole_bytes;     /* up to the last whole change */
	uint64_t torn_bytes;      /* behind it */
};

/* Reads an "AOF analyzed: ..." line; false when it is another line or nothing is torn. */
bool embedded_tear_parse(struct span line, struct embedded_tear *tear);

/* Copies the torn end to a file beside (its name in `kept`), synced. */
bool embedded_tear_keep(const struct embedded_home *home, const struct embedded_tear *tear, char kept[PATH_MAX],
			struct complaint *why);

#endif
