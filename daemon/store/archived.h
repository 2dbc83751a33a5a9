/*
 * A store whose journals go on in files: STORE_JOURNAL answers with events of
 * the archive as far as the store has let go of them, and with the store's own
 * behind them, as if all were in one place. Everything else passes.
 *
 * A store that begins with a later event than was asked for has trimmed those
 * before. Where the archive does not have them, or has other bytes than it
 * should, the answer is STORE_BROKEN and log event archive.unreadable names
 * the file and the numbers.
 */
#ifndef TIPLINE_STORE_ARCHIVED_H
#define TIPLINE_STORE_ARCHIVED_H

#include "daemon/store/store.h"
#include "daemon/sys/archive.h"

struct loop;

/* Puts itself in front of a store; goes with it. The archive is borrowed and outlives the store. */
void archived_attach(struct store *store, struct loop *loop, const struct archive *archive);

struct archived_figures {
	uint64_t events;              /* given out of files */
	uint64_t failures;            /* requests that could not be answered */
};

/* Zeros for a store without an archive. */
struct archived_figures archived_figures(const struct store *store);

/* The folder of a journal: "15", and "audit" for STORE_AUDIT_SHARD. */
const char *archived_journal(const char shard[3]);

/* An event as it lies in the archive, and back; bytes stay where they are. */
void archived_entry(const struct store_event *event, struct archive_entry *entry);
void archived_event(const struct archive_entry *entry, struct store_event *event);

#endif
