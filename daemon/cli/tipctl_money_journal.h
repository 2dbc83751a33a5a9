/*
 * The money journal of a running store, for those subcommands that check,
 * export or reconcile it: record after record, as it stands there.
 *
 * Reads with plain commands alone; nothing is loaded or changed here. That it
 * is read is told to the audit trail before (tipctl_trail.h).
 */
#ifndef TIPLINE_CLI_TIPCTL_MONEY_JOURNAL_H
#define TIPLINE_CLI_TIPCTL_MONEY_JOURNAL_H

#include "daemon/base/complaint.h"
#include "daemon/base/span.h"

struct redisContext;

/* A connection to the store at that address; NULL: `why` tells. For redisFree(). */
struct redisContext *money_journal_link(const char *address, struct complaint *why);

struct money_journal_reader {
	/* The canonical bytes of record `seq`, good during the call; false ends the reading, which is no mistake. */
	bool (*record)(void *ctx, uint64_t seq, struct span json);
	void *ctx;
};

/*
 * The records 1 to `head` of the store at "unix:/PATH" or "host:port", in
 * order; what is appended meanwhile is left for the next time. False: it cannot
 * be reached, a number is missing or there twice, or the head names another
 * record than the last; `why` says which. Whether hashes and chain are right is
 * for the reader to check.
 */
bool money_journal_read(const char *address, const struct money_journal_reader *reader, struct complaint *why);

#endif
