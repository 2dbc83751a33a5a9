/*
 * V6, inside: the batches of one log as the store has them, and the files of a log.
 */
#ifndef TIPLINE_CLI_VERIFY_LOG_H
#define TIPLINE_CLI_VERIFY_LOG_H

#include "daemon/cli/verify.h"
#include "daemon/sys/tiles.h"

#define VERIFY_LOGS (REPLAY_SHARDS + 2)   /* of the shards, of money, of the audit trail */
#define VERIFY_MERGE_MS 60000

struct verify_log_state {
	char name[8];                 /* "15", "money", "audit" */
	struct tiles_batch *batches;  /* as the store has them, oldest first */
	size_t n, room;
	uint64_t on_disk;             /* batches there were on disk before the store was read, which may have more by now */
	/* While the journal is walked: */
	size_t at;                    /* batch that covers the event */
	uint64_t last;                /* number of its last event */
};

/* "b" of an entry; the number is the entry's. False: it cannot be read. */
bool verify_batch_read(struct span text, uint64_t number, struct tiles_batch *batch);

/* NULL, or why it cannot stand behind the one before (which may be NULL). */
const char *verify_batch_follows(const struct tiles_batch *before, const struct tiles_batch *batch);

/* NULL, or why the signed checkpoint does not say what the batch does. */
const char *verify_batch_note(const struct tiles_batch *batch, const char *log, struct span note);

/*
 * The log of that name on the disk, against what the store has of it; with keys
 * each leaf is made again from the journal.
 */
void verify_log_files(struct verify *verify, struct verify_result *result, const struct verify_log_state *log);

/* Batches on disk of the log of that name; 0 without one. */
uint64_t verify_log_on_disk(const struct verify *verify, const char *log);

/* Index of the log of a key "{15}:log" or "{15}:journal"; VERIFY_LOGS: none. */
size_t verify_log_of(struct span key);

#endif
