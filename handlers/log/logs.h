/*
 * The sealed logs that this process serves: name, origin, key, and the files.
 *
 * A log is found by its name in this table and in no other way, so nothing that
 * a visitor typed becomes part of a path. Its files are opened when they are
 * first asked for, by one handle each; a log without a checkpoint has none yet.
 * What was found out about tips is remembered under a keyed hash, so that who
 * looks twice at a receipt has the log searched once.
 */
#ifndef TIPLINE_HANDLERS_LOG_LOGS_H
#define TIPLINE_HANDLERS_LOG_LOGS_H

#include "daemon/sys/leaf_trail.h"
#include "daemon/tlog/note.h"

#define LOGS_MAX 48
#define LOGS_PATH_MAX 4352
#define LOGS_CHECKED_BYTES 32

/* What the sealer and the witnesses say of a log. */
struct log_health {
	bool refusing;              /* nothing more is signed until an operator decides */
	bool wants_quorum;          /* a policy names witnesses */
	bool quorum;                /* enough of them have cosigned the newest checkpoint */
	int64_t missing_since_ms;   /* since when they have not; 0: they have */
};

struct logs_plan {
	const char *dir;            /* STATE/log: one directory below it for each */
	/* False: this process does not know. NULL: likewise. */
	bool (*health)(void *ctx, struct span log, struct log_health *health);
	void *ctx;
};

struct sealed_log {
	char name[LEAF_LOG_MAX + 1];
	struct note_key key;        /* its name is the log's origin */
	char key_text[NOTE_KEY_TEXT_MAX];
	struct tiles *tiles;        /* NULL: not opened yet; ask logs_tiles() */
	unsigned char checked[LOGS_CHECKED_BYTES];   /* hash of the checkpoint that was found signed last; log_state.h */
};

struct logs;

struct logs *logs_new(const struct logs_plan *plan);
void logs_free(struct logs *logs);

/* One more log, at most LOGS_MAX; it is listed in this order. */
void logs_add(struct logs *logs, struct span name, const struct note_key *key);

size_t logs_count(const struct logs *logs);
struct sealed_log *logs_at(struct logs *logs, size_t n);

/* NULL: there is no log of that name. `logs` may be NULL: then there is none at all. */
struct sealed_log *logs_find(struct logs *logs, struct span name);

/* Its files; NULL: there are none yet. */
struct tiles *logs_tiles(struct logs *logs, struct sealed_log *log);

/*
 * Opens one of the files beside tiles and checkpoint, named by the caller and
 * never by a visitor: "openings/2026-11". The caller closes it. False: there is
 * no such file.
 */
struct logs_file {
	int fd;
	uint64_t bytes;
	uint64_t version;           /* another one when the file was replaced */
};
bool logs_open(const struct logs *logs, const struct sealed_log *log, const char *name, struct logs_file *file);

/* Where that file lies; false: the path is too long. */
bool logs_path(const struct logs *logs, const struct sealed_log *log, const char *name, char path[LOGS_PATH_MAX]);

/* The figures that were read; published.h. */
struct published *logs_published(const struct logs *logs);

bool logs_health(const struct logs *logs, const struct sealed_log *log, struct log_health *health);

/*
 * The search for the leaves of a seed in a log, gone on with where it was left.
 * A new one has `next` 0 and nothing found. The pointer is good until the next
 * call.
 */
struct leaf_trail *logs_trail(struct logs *logs, const struct sealed_log *log, const unsigned char *seed);

#endif
