/*
 * V6 with keys: the leaves of a batch made again from the journal, one batch at
 * a time, and handed out in the order in which they stand in the log.
 */
#ifndef TIPLINE_CLI_VERIFY_LEAVES_H
#define TIPLINE_CLI_VERIFY_LEAVES_H

#include "daemon/cli/verify.h"
#include "daemon/sys/leaves.h"
#include "daemon/sys/tiles.h"

struct verify_leaves;

/* Of the log of that name; verify->keys is there. */
struct verify_leaves *verify_leaves_new(struct verify *verify, const char *log);
void verify_leaves_free(struct verify_leaves *leaves);

/*
 * Makes those of a batch from the events behind `before`: of the archive, as far as the store has let go of them.
 * False: not all of them can be read, `why` says which; then nothing may be taken until the next batch.
 */
bool verify_leaves_begin(struct verify_leaves *leaves, uint64_t before, const struct tiles_batch *batch,
			 struct complaint *why);

/* Are these the bytes of the next one? */
bool verify_leaves_take(struct verify_leaves *leaves, struct span bytes);

/* Those of the batch at hand, in their order. */
const struct leaves *verify_leaves_all(const struct verify_leaves *leaves);

#endif
