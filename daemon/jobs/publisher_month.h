/*
 * One month of one log, from leaves to files; see publisher.h. Holds what is
 * gathered, and asks nobody.
 */
#ifndef TIPLINE_JOBS_PUBLISHER_MONTH_H
#define TIPLINE_JOBS_PUBLISHER_MONTH_H

#include "daemon/base/complaint.h"
#include "daemon/sys/leaves.h"
#include "daemon/sys/tiles.h"
#include "daemon/tlog/openings.h"

struct publisher_leaf {
	unsigned char bytes[LEAF_BYTES];
	unsigned char seed[LEAF_SEED_BYTES];
};

struct publisher_month {
	char name[FIGURES_MONTH_LEN + 1];
	const struct tiles *tiles;
	uint64_t batch, end_batch;       /* the next one, and the one behind the last, from 0 */
	struct openings_head head;
	struct arena arena;              /* values of leaves */
	struct figures_leaf *leaves;     /* of head.first on */
	struct publisher_leaf *made;
	size_t n;                        /* gathered */
	size_t written;
	struct buf openings;
	struct buf scratch;
};

/* The first moment of a month, and the month of a moment, on a clock eight hours ahead of UTC. */
int64_t publisher_month_start(int year, int month);
void publisher_month_of(int64_t at_ms, int *year, int *month);

/* Begins with the batches from `batch` to before `end_batch`, at least one. False: the files lack one. */
bool publisher_month_begin(struct publisher_month *month, int year, int number, const struct tiles *tiles, struct span origin,
			   uint64_t small, uint64_t batch, uint64_t end_batch);
void publisher_month_release(struct publisher_month *month);

/* The leaves of the next batch; false: they are not as many as there must be. */
bool publisher_month_take(struct publisher_month *month, const struct leaves *leaves);

/* After the last batch. */
void publisher_month_plan(struct publisher_month *month);

/* Writes the next `most` leaves. False with a complaint: one is not what the files say. */
bool publisher_month_write(struct publisher_month *month, size_t most, struct complaint *why);

/* After the last leaf: all three files, the note last. */
bool publisher_month_put(struct publisher_month *month, const char *dir, const struct note_signer *signer, struct complaint *why);

#endif
