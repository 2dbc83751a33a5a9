/*
 * The publisher: opens a month of each sealed log once it is over for some days.
 *
 * Every process that has the files of a log publishes beside them, the same
 * bytes each: DIR/<log>/openings/YYYY-MM, its figures and the signed note over both
 * (tlog/openings.h), the note last. A month is that of its batches' times on a clock eight hours
 * ahead of UTC; one whose note is there is done, one without batches is passed over.
 *
 *   gather   batch by batch, the events from the store, their leaves made again (sys/leaves.h)
 *   plan     which fields are opened (tlog/figures.h)
 *   write    a few leaves in each turn of the loop, each held against the entry in the files
 *
 * A leaf that is not the one in the files ends it for this month: nothing is
 * published, publisher_fault() says so, and it is tried again later.
 */
#ifndef TIPLINE_JOBS_PUBLISHER_H
#define TIPLINE_JOBS_PUBLISHER_H

#include "daemon/base/complaint.h"
#include "daemon/jobs/sealer.h"
#include "daemon/store/store.h"

struct publisher;

struct publisher_env {
	struct loop *loop;
	struct store *store;
	const struct keys *keys;
	const struct sealer *sealer;     /* whose logs */
	struct span dir;                 /* DIR */
	unsigned after_days;             /* behind the end of a month */
	unsigned small;                  /* FIGURES_SMALL */
	unsigned look_ms;                /* between two looks at a log */
	int64_t (*wall_ms)(void *ctx);   /* NULL: clock_wall_ms() */
	void *ctx;
};

/* What `env` points at outlives the job. */
struct publisher *publisher_new(const struct publisher_env *env);
void publisher_free(struct publisher *publisher);
void publisher_set_days(struct publisher *publisher, unsigned after_days);

struct publisher_figures {
	uint64_t months;      /* that this process published */
	uint64_t leaves;      /* in those */
	uint64_t failed;
};

struct publisher_figures publisher_figures(const struct publisher *publisher);

/* Why the last month that failed did; NULL: none since one was published. */
const char *publisher_fault(const struct publisher *publisher);

#endif
