/*
 * Figures of the treasury; see metrics_money.h. No amounts: those are for
 * auditors, not for whoever watches the machine.
 */
#include "handlers/ops/metrics_money.h"

#include "daemon/jobs/treasury.h"
#include "handlers/ops/exposition.h"

void metrics_money(const struct app *app, struct buf *out)
{
	struct treasury_figures figures;

	if (app->treasury == NULL)
		return;
	treasury_figures(app->treasury, &figures);
	metric_one(out, "tipline_money_ready", METRIC_GAUGE, "1 when the money journal was read, follows, and is written on.",
		   figures.ready);
	metric_one(out, "tipline_money_quarantine", METRIC_GAUGE,
		   "1 when the journal was restored from a copy and is not reconciled: nothing is paid.", figures.quarantine);
	metric_one(out, "tipline_money_leading", METRIC_GAUGE, "1 when this process does what is due.", figures.leading);
	metric_one(out, "tipline_money_records", METRIC_GAUGE, "Records of the journal that were taken in.",
		   (double)figures.seq);
	metric_one(out, "tipline_money_bad_record", METRIC_GAUGE, "First record that does not follow; 0: none.",
		   (double)figures.bad_seq);
	metric_one(out, "tipline_money_mirror_failing", METRIC_GAUGE, "1 when the mirror cannot be written.",
		   figures.mirror_failing);
	metric_one(out, "tipline_money_appended_total", METRIC_COUNTER, "Records that this process wrote.",
		   (double)figures.appended);
	metric_one(out, "tipline_money_refused_total", METRIC_COUNTER, "Commands that the book refused.",
		   (double)figures.refused);
	metric_one(out, "tipline_money_conflicts_total", METRIC_COUNTER, "Records that another process was faster than.",
		   (double)figures.conflicts);
	metric_one(out, "tipline_money_lost_answers_total", METRIC_COUNTER,
		   "Records whose answer got lost and was asked for again.", (double)figures.lost);
}
