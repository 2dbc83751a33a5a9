/*
 * tipctl restore-mirror, inside: writing records back into a store, under the
 * lease of those who write money.
 */
#ifndef TIPLINE_CLI_TIPCTL_RESTORE_STORE_H
#define TIPLINE_CLI_TIPCTL_RESTORE_STORE_H

#include "daemon/cli/money_line.h"

struct restore_store;

/*
 * Connects and takes the treasury's lease, which no daemon may hold. NULL:
 * `why` tells; nothing was changed.
 */
struct restore_store *restore_store_open(const char *address, struct complaint *why);

/* Gives the lease back. May be NULL. */
void restore_store_close(struct restore_store *store);

/*
 * Appends a record by compare-and-append, in the bytes that it was written in
 * before. False: the store did not take it, or nobody knows whether it did.
 */
bool restore_store_append(struct restore_store *store, const struct money_line *line, struct span json,
			  struct complaint *why);

#endif
