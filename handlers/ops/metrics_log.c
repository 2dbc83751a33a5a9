/*
 * Figures of the sealed logs; see metrics_log.h. Those of the shards are added
 * up: a label per shard would tell where something came in, and when.
 */
#include "handlers/ops/metrics_log.h"

#include "daemon/base/table.h"
#include "daemon/jobs/sealer.h"
#include "daemon/sys/clock.h"
#include "handlers/ops/exposition.h"

#define SIZE "tipline_log_size"
#define UNSEALED "tipline_log_unsealed_events"
#define AGE "tipline_log_unsealed_seconds"
#define BATCHES "tipline_log_batches_total"

enum kind {
	KIND_SHARDS,
	KIND_MONEY,
	KIND_AUDIT,
	KINDS,
};

static const char *const kind_names[KINDS] = {
	[KIND_SHARDS] = "shards",
	[KIND_MONEY] = "money",
	[KIND_AUDIT] = "audit",
};

struct sums {
	uint64_t size[KINDS], unsealed[KINDS];
	int64_t since_ms[KINDS];      /* 0: nothing waits */
	uint64_t refusing;
};

static enum kind kind_of(const struct sealer_log *log)
{
	for (enum kind kind = KIND_MONEY; kind < KINDS; kind++)
		if (span_is(log->name, kind_names[kind]))
			return kind;
	return KIND_SHARDS;
}

static void add(const struct sealer_log *log, struct sums *sums)
{
	enum kind kind = kind_of(log);

	sums->size[kind] += log->size;
	sums->unsealed[kind] += log->unsealed;
	sums->refusing += log->refusing;
	if (log->unsealed_since_ms != 0 && (sums->since_ms[kind] == 0 || log->unsealed_since_ms < sums->since_ms[kind]))
		sums->since_ms[kind] = log->unsealed_since_ms;
}

static void put_sums(const struct sums *sums, int64_t now_ms, struct buf *out)
{
	metric_head(out, SIZE, METRIC_GAUGE, "Leaves of the sealed logs, dummies among them.");
	for (enum kind kind = 0; kind < KINDS; kind++)
		metric_sample(out, SIZE, "log", kind_names[kind], (double)sums->size[kind]);
	metric_head(out, UNSEALED, METRIC_GAUGE, "Events of the journals that no checkpoint covers yet.");
	for (enum kind kind = 0; kind < KINDS; kind++)
		metric_sample(out, UNSEALED, "log", kind_names[kind], (double)sums->unsealed[kind]);
	metric_head(out, AGE, METRIC_GAUGE, "Since when the oldest of them has been seen waiting; 0: none waits.");
	for (enum kind kind = 0; kind < KINDS; kind++)
		metric_sample(out, AGE, "log", kind_names[kind],
			      sums->since_ms[kind] == 0 ? 0 : (double)(now_ms - sums->since_ms[kind]) / 1000);
	metric_one(out, "tipline_log_refusing", METRIC_GAUGE,
		   "Sealed logs that are neither signed nor published here, because something does not fit.",
		   (double)sums->refusing);
}

static void put_work(const struct sealer_figures *figures, struct buf *out)
{
	const struct {
		const char *end;
		uint64_t n;
	} ends[] = {
		{ .end = "sealed", .n = figures->sealed },       { .end = "followed", .n = figures->followed },
		{ .end = "published", .n = figures->published }, { .end = "overtaken", .n = figures->overtaken },
		{ .end = "fenced", .n = figures->fenced },       { .end = "failed", .n = figures->failed },
	};

	metric_head(out, BATCHES, METRIC_COUNTER, "Batches of the sealed logs, by what this process did with them.");
	for (size_t i = 0; i < COUNT_OF(ends); i++)
		metric_sample(out, BATCHES, "end", ends[i].end, (double)ends[i].n);
	metric_one(out, "tipline_log_leaves_total", METRIC_COUNTER, "Leaves in batches that were followed.",
		   (double)figures->leaves);
	metric_one(out, "tipline_log_seal_seconds_total", METRIC_COUNTER,
		   "Time it took to make, sign and append those that were sealed, waiting included.",
		   (double)figures->seal_ns / 1e9);
	metric_one(out, "tipline_log_write_seconds_total", METRIC_COUNTER,
		   "Time it took to write and sync the files of those that were followed.", (double)figures->write_ns / 1e9);
}

void metrics_log(const struct app *app, struct buf *out)
{
	struct sums sums = { .refusing = 0 };
	struct sealer_figures figures;

	if (app->sealer == NULL)
		return;
	for (size_t i = 0; i < sealer_count(app->sealer); i++) {
		struct sealer_log log;

		sealer_at(app->sealer, i, &log);
		add(&log, &sums);
	}
	put_sums(&sums, clock_wall_ms(), out);
	sealer_figures(app->sealer, &figures);
	put_work(&figures, out);
}
