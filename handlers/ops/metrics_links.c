/*
 * Figures of the links to carriers, by the name the operator gave them.
 */
#include "handlers/ops/metrics_links.h"

#include "daemon/base/table.h"
#include "daemon/link/links.h"
#include "handlers/ops/exposition.h"

#include <stdio.h>

enum value_kind { VALUE_U64, VALUE_SIZE, VALUE_UNSIGNED };

static const struct row {
	const char *name;
	enum metric_kind kind;
	const char *help;
	size_t at;
	enum value_kind value;
} rows[] = {
	{ .name = "tipline_link_sessions", .kind = METRIC_GAUGE, .help = "Connections a link should have.",
	  .at = offsetof(struct link_figures, sessions), .value = VALUE_UNSIGNED },
	{ .name = "tipline_link_up", .kind = METRIC_GAUGE, .help = "Connections that are logged in.",
	  .at = offsetof(struct link_figures, up), .value = VALUE_UNSIGNED },
	{ .name = "tipline_link_logins_total", .kind = METRIC_COUNTER, .help = "Logins tried.",
	  .at = offsetof(struct link_figures, logins), .value = VALUE_U64 },
	{ .name = "tipline_link_logins_refused_total", .kind = METRIC_COUNTER, .help = "Logins that the carrier refused.",
	  .at = offsetof(struct link_figures, logins_refused), .value = VALUE_U64 },
	{ .name = "tipline_link_losses_total", .kind = METRIC_COUNTER, .help = "Connections that ended without our wish.",
	  .at = offsetof(struct link_figures, losses), .value = VALUE_U64 },
	{ .name = "tipline_link_in_total", .kind = METRIC_COUNTER, .help = "Messages and reports answered as taken.",
	  .at = offsetof(struct link_figures, in), .value = VALUE_U64 },
	{ .name = "tipline_link_reports_total", .kind = METRIC_COUNTER, .help = "Delivery reports that came.",
	  .at = offsetof(struct link_figures, reports), .value = VALUE_U64 },
	{ .name = "tipline_link_again_total", .kind = METRIC_COUNTER,
	  .help = "Messages that could not be stored and that the carrier has to send again.",
	  .at = offsetof(struct link_figures, again), .value = VALUE_U64 },
	{ .name = "tipline_link_broken_total", .kind = METRIC_COUNTER, .help = "PDUs that could not be read.",
	  .at = offsetof(struct link_figures, broken), .value = VALUE_U64 },
	{ .name = "tipline_link_throttled_total", .kind = METRIC_COUNTER, .help = "Times the carrier said that we are too fast.",
	  .at = offsetof(struct link_figures, throttled), .value = VALUE_U64 },
	{ .name = "tipline_link_queued", .kind = METRIC_GAUGE, .help = "Messages out that wait for a connection with room.",
	  .at = offsetof(struct link_figures, queued), .value = VALUE_SIZE },
	{ .name = "tipline_link_open", .kind = METRIC_GAUGE, .help = "Messages out that wait for the carrier's answer.",
	  .at = offsetof(struct link_figures, open), .value = VALUE_SIZE },
};

static double value_of(const struct row *row, const struct link_figures *figures)
{
	const char *at = (const char *)figures + row->at;
	uint64_t wide;
	size_t size;
	unsigned number;

	switch (row->value) {
	case VALUE_U64:
		memcpy(&wide, at, sizeof(wide));
		return (double)wide;
	case VALUE_SIZE:
		memcpy(&size, at, sizeof(size));
		return (double)size;
	case VALUE_UNSIGNED:
		memcpy(&number, at, sizeof(number));
		return number;
	}
	return 0;
}

static void put_out(const struct link_figures *figures, size_t n, struct buf *out)
{
	static const char *const ends[] = {
		[LINK_END_SENT] = "sent", [LINK_END_LATER] = "later", [LINK_END_REFUSED] = "refused", [LINK_END_UNKNOWN] = "unknown",
	};
	char name[64];

	for (size_t e = 0; e < COUNT_OF(ends); e++) {
		snprintf(name, sizeof(name), "tipline_link_out_%s_total", ends[e]);
		metric_head(out, name, METRIC_COUNTER, "Messages out, by how they ended.");
		for (size_t i = 0; i < n; i++)
			metric_sample(out, name, "link", figures[i].name, (double)figures[i].out[e]);
	}
}

void metrics_links(const struct app *app, struct buf *out)
{
	struct link_figures figures[LINKS_MAX];
	size_t n = app->links != NULL ? links_figures(app->links, figures, LINKS_MAX) : 0;

	if (n == 0)
		return;
	for (size_t r = 0; r < COUNT_OF(rows); r++) {
		metric_head(out, rows[r].name, rows[r].kind, rows[r].help);
		for (size_t i = 0; i < n; i++)
			metric_sample(out, rows[r].name, "link", figures[i].name, value_of(&rows[r], &figures[i]));
	}
	put_out(figures, n, out);
}
