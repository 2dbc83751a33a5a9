/*
 * Metrics of retention; see metrics_retention.h.
 */
#include "handlers/ops/metrics_retention.h"

#include "daemon/jobs/retention.h"
#include "daemon/jobs/shredder.h"
#include "daemon/jobs/weeks.h"
#include "handlers/ops/exposition.h"

static void put_job(const struct retention *job, struct buf *out)
{
	struct retention_figures figures;

	retention_figures(job, &figures);
	metric_head(out, "tipline_erased_total", METRIC_COUNTER, "Parts of tips that retention deleted.");
	for (size_t part = 0; part < RETENTION_PARTS; part++)
		metric_sample(out, "tipline_erased_total", "part", retention_part_word((enum retention_part)part),
			      (double)figures.erased[part]);
	metric_one(out, "tipline_retention_refused_total", METRIC_COUNTER,
		   "Tips that changed, were held or not due by the store's clock when they were to be deleted.", (double)figures.refused);
	metric_one(out, "tipline_retention_due", METRIC_GAUGE, "Tips of which something was due in the last round.",
		   (double)figures.due);
	metric_one(out, "tipline_retention_held", METRIC_GAUGE,
		   "Tips that a legal hold or an unfinished reward kept in the last round.", (double)figures.held);
	metric_one(out, "tipline_retention_round_timestamp_seconds", METRIC_GAUGE, "When the last round ended; 0: none yet.",
		   (double)figures.round_ms / 1000);
	metric_one(out, "tipline_retention_clock_waiting", METRIC_GAUGE, "1 while a clock that jumped ahead is not believed.",
		   figures.waiting);
	metric_one(out, "tipline_retention_leading", METRIC_GAUGE, "1 when this process deletes in one shard or more.",
		   figures.leading);
}

static void put_weeks(const struct weeks_job *job, struct buf *out)
{
	struct weeks_figures figures;

	weeks_job_figures(job, &figures);
	metric_one(out, "tipline_old_keys_moved_total", METRIC_COUNTER, "Tips of past weeks put under the present week's key.",
		   (double)figures.moved);
	metric_one(out, "tipline_old_keys_stayed_total", METRIC_COUNTER,
		   "Tips that were not: they changed meanwhile, or do not open with the key that is here.", (double)figures.stayed);
	metric_one(out, "tipline_old_keys_destroyed_total", METRIC_COUNTER, "Weekly keys destroyed because nothing lay under them.",
		   (double)figures.destroyed);
	metric_one(out, "tipline_old_keys", METRIC_GAUGE, "Weekly keys that are to go by retention.rewrap_weeks and were there in the last round.",
		   (double)figures.old);
	metric_one(out, "tipline_old_keys_tips", METRIC_GAUGE, "Tips under them.", (double)figures.tips);
	metric_one(out, "tipline_old_keys_held_back", METRIC_GAUGE,
		   "1 while tips wait in a spool or between two shards, and no key is destroyed.", figures.held_back);
	metric_one(out, "tipline_old_keys_round_timestamp_seconds", METRIC_GAUGE, "When the last round ended; 0: none yet.",
		   (double)figures.round_ms / 1000);
}

void metrics_retention(const struct app *app, struct buf *out)
{
	struct shredder_figures files;

	if (app->retention != NULL)
		put_job(app->retention, out);
	if (app->weeks_job != NULL)
		put_weeks(app->weeks_job, out);
	if (app->shredder == NULL)
		return;
	shredder_figures(app->shredder, &files);
	metric_one(out, "tipline_shredder_removed_total", METRIC_COUNTER, "Files of deleted tips removed from the disk.",
		   (double)files.removed);
	metric_one(out, "tipline_shredder_failed_total", METRIC_COUNTER, "Files that the disk refused to remove; they are tried again.",
		   (double)files.failed);
}
