/*
 * Figures of the archive; see metrics_archive.h.
 */
#include "handlers/ops/metrics_archive.h"

#include "daemon/jobs/archiver.h"
#include "daemon/store/archived.h"
#include "handlers/ops/exposition.h"

static void put_reads(const struct app *app, struct buf *out)
{
	struct archived_figures figures = archived_figures(app->store);

	metric_one(out, "tipline_archive_read_events_total", METRIC_COUNTER, "Journal events read from files.",
		   (double)figures.events);
	metric_one(out, "tipline_archive_read_failures_total", METRIC_COUNTER,
		   "Readings of a journal that found a file missing or changed.", (double)figures.failures);
}

void metrics_archive(const struct app *app, struct buf *out)
{
	struct archiver_figures figures;

	put_reads(app, out);
	if (app->archiver == NULL)
		return;
	figures = archiver_figures(app->archiver);
	metric_one(out, "tipline_archive_segments_total", METRIC_COUNTER, "Files this process wrote and the store let go of.",
		   (double)figures.segments);
	metric_one(out, "tipline_archive_events_total", METRIC_COUNTER, "Journal events in them.", (double)figures.events);
	metric_one(out, "tipline_archive_bytes_total", METRIC_COUNTER, "Bytes of them.", (double)figures.bytes);
	metric_one(out, "tipline_archive_faults", METRIC_GAUGE, "Journals with a file that is missing or is another one.",
		   (double)figures.faults);
	metric_one(out, "tipline_archive_unchecked", METRIC_GAUGE, "Journals of which not every file was looked at yet.",
		   (double)figures.unchecked);
}
