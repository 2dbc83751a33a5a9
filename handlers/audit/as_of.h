/*
 * The book as it was after a record: the journal folded again from its
 * beginning, some records at a time, beside the work of the daemon.
 */
#ifndef TIPLINE_HANDLERS_AUDIT_AS_OF_H
#define TIPLINE_HANDLERS_AUDIT_AS_OF_H

#include "handlers/app.h"
#include "handlers/reward/office.h"

/*
 * Once, from the loop. `book` and `record` (the one numbered `seq`) are
 * borrowed; NULL: the store is away, there is no such record, or the journal
 * does not follow.
 */
typedef void as_of_done(void *ctx, const struct book *book, const struct record *record);

/* False: too many are under way, and `done` is not called. */
bool as_of(const struct app *app, uint64_t seq, as_of_done *done, void *ctx);

#endif
