/*
 * Metrics of the courier; see metrics_courier.h.
 */
#include "handlers/ops/metrics_courier.h"

#include "daemon/http/smtp_talk.h"
#include "handlers/notify/courier.h"
#include "handlers/notify/deliveries.h"
#include "handlers/notify/digester.h"
#include "handlers/ops/exposition.h"

#define CONNECTORS_SHOWN 64

static void put_intents(const struct app *app, struct buf *out)
{
	const struct courier_figures *figures;

	figures = courier_figures(app->courier);
	metric_head(out, "tipline_courier_total", METRIC_COUNTER, "Intents of the outbox, by how they ended.");
	metric_sample(out, "tipline_courier_total", "end", "sent", (double)figures->sent);
	metric_sample(out, "tipline_courier_total", "end", "maybe", (double)figures->maybe);
	metric_sample(out, "tipline_courier_total", "end", "refused", (double)figures->refused);
	metric_sample(out, "tipline_courier_total", "end", "expired", (double)figures->expired);
	metric_sample(out, "tipline_courier_total", "end", "later", (double)figures->later);
	metric_sample(out, "tipline_courier_total", "end", "transferred", (double)figures->transferred);
	metric_sample(out, "tipline_courier_total", "end", "reported", (double)figures->reported);
	metric_sample(out, "tipline_courier_total", "end", "noticed", (double)figures->noticed);
	metric_sample(out, "tipline_courier_total", "end", "notice_failed", (double)figures->unnoticed);
	metric_sample(out, "tipline_courier_total", "end", "unreadable", (double)figures->unreadable);
}

static void put_mail(const struct courier_figures *figures, struct buf *out)
{
	metric_head(out, "tipline_mail_total", METRIC_COUNTER, "Notices offered to the mail server, by what it said.");
	for (unsigned i = 0; i < sizeof(figures->mail) / sizeof(figures->mail[0]); i++)
		metric_sample(out, "tipline_mail_total", "end", smtp_outcome_name((enum smtp_outcome)i), (double)figures->mail[i]);
}

static void put_digests(const struct digester_figures *figures, struct buf *out)
{
	metric_head(out, "tipline_digests_total", METRIC_COUNTER, "Digests of a day: put into the outbox, or found to be there.");
	metric_sample(out, "tipline_digests_total", "end", "put", (double)figures->put);
	metric_sample(out, "tipline_digests_total", "end", "there", (double)figures->there);
}

/* Names of connectors are plain words: keys of the configuration. */
static void put_parts(const struct connector_figures *figures, size_t n, struct buf *out)
{
	static const enum sending_state ends[] = { SENDING_ACCEPTED, SENDING_MAYBE, SENDING_FAILED, SENDING_QUEUED };

	metric_head(out, "tipline_connector_parts_total", METRIC_COUNTER,
		    "Messages and parts handed to a connector, by what it said; queued is not taken, to be sent later.");
	for (size_t i = 0; i < n; i++)
		for (size_t e = 0; e < sizeof(ends) / sizeof(ends[0]); e++)
			buf_printf(out, "tipline_connector_parts_total{connector=\"%s\",end=\"%s\"} %llu\n", figures[i].name,
				   sending_state_name(ends[e]), (unsigned long long)figures[i].ends[ends[e]]);
}

static void put_connectors(const struct app *app, struct buf *out)
{
	struct connector_figures figures[CONNECTORS_SHOWN];
	size_t n = courier_connectors(app->courier, figures, CONNECTORS_SHOWN);

	n = n < CONNECTORS_SHOWN ? n : CONNECTORS_SHOWN;
	put_parts(figures, n, out);
	metric_head(out, "tipline_connector_open", METRIC_GAUGE,
		    "Breaker of a connector: 1 when it holds messages back, 0.5 when one may try.");
	for (size_t i = 0; i < n; i++)
		metric_sample(out, "tipline_connector_open", "connector", figures[i].name,
			      figures[i].gate == GATE_CLOSED ? 0 : figures[i].gate == GATE_OPEN ? 1 : 0.5);
	metric_head(out, "tipline_connector_shut_total", METRIC_COUNTER, "Times that its breaker held a message back.");
	for (size_t i = 0; i < n; i++)
		metric_sample(out, "tipline_connector_shut_total", "connector", figures[i].name, (double)figures[i].shut);
}

static void put_deliveries(const struct deliveries_figures *figures, struct buf *out)
{
	metric_head(out, "tipline_delivery_reports_total", METRIC_COUNTER,
		    "Delivery reports, by what they changed; unmatched: none of ours, or before its answer.");
	metric_sample(out, "tipline_delivery_reports_total", "end", "accepted", (double)figures->taken[SENDING_ACCEPTED]);
	metric_sample(out, "tipline_delivery_reports_total", "end", "delivered", (double)figures->taken[SENDING_DELIVERED]);
	metric_sample(out, "tipline_delivery_reports_total", "end", "failed", (double)figures->taken[SENDING_FAILED]);
	metric_sample(out, "tipline_delivery_reports_total", "end", "nothing_new", (double)figures->doubled);
	metric_sample(out, "tipline_delivery_reports_total", "end", "unmatched", (double)figures->early);
	metric_sample(out, "tipline_delivery_reports_total", "end", "senseless", (double)figures->senseless);
}

void metrics_courier(const struct app *app, struct buf *out)
{
	if (app->courier != NULL) {
		put_intents(app, out);
		put_mail(courier_figures(app->courier), out);
		put_digests(digester_figures(app->digester), out);
		put_connectors(app, out);
	}
	if (app->deliveries != NULL)
		put_deliveries(deliveries_figures(app->deliveries), out);
}
