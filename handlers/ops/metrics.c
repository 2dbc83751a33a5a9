/*
 * GET /metrics: all figures, by part. No id, no region, no person as a label.
 */
#include "daemon/base/table.h"
#include "daemon/http/server.h"
#include "daemon/http/tls.h"
#include "daemon/jobs/escalation.h"
#include "daemon/jobs/leavers.h"
#include "daemon/jobs/linker.h"
#include "daemon/jobs/model.h"
#include "daemon/jobs/trail.h"
#include "daemon/loop/flow.h"
#include "daemon/store/spool.h"
#include "daemon/sys/process.h"
#include "daemon/sys/sandbox.h"
#include "handlers/answer.h"
#include "handlers/intake/intake_env.h"
#include "handlers/intake/sms.h"
#include "handlers/intake/proofs.h"
#include "handlers/limits.h"
#include "handlers/ops/exposition.h"
#include "handlers/ops/metrics_archive.h"
#include "handlers/ops/metrics_log.h"
#include "handlers/ops/metrics_links.h"
#include "handlers/ops/metrics_courier.h"
#include "handlers/ops/metrics_money.h"
#include "handlers/ops/metrics_retention.h"
#include "handlers/ops/metrics_witnesses.h"
#include "handlers/ops/ops.h"
#include "handlers/ops/readiness.h"
#include "handlers/payout/payout_metrics.h"
#include "handlers/staff/entry.h"

static void put_intake(const struct app *app, struct buf *out)
{
	const struct intake_figures *figures = intake_figures(app->intake);

	metric_head(out, "tipline_intake_total", METRIC_COUNTER, "Tips that came in, by how it ended.");
	for (enum intake_verdict v = 0; v < COUNT_OF(figures->by_verdict); v++)
		metric_sample(out, "tipline_intake_total", "verdict", intake_verdict_name(v),
			      (double)figures->by_verdict[v]);
	metric_head(out, "tipline_tips_accepted_total", METRIC_COUNTER, "Accepted tips, by channel.");
	for (enum tip_channel c = 0; c < COUNT_OF(figures->by_channel); c++)
		metric_sample(out, "tipline_tips_accepted_total", "channel", tip_channel_name(c),
			      (double)figures->by_channel[c]);
	metric_head(out, "tipline_tips_priority_total", METRIC_COUNTER, "Accepted tips, by priority.");
	for (enum priority p = 0; p < COUNT_OF(figures->by_priority); p++)
		metric_sample(out, "tipline_tips_priority_total", "priority", priority_name(p),
			      (double)figures->by_priority[p]);
	metric_one(out, "tipline_tips_unrouted_total", METRIC_COUNTER,
		   "Accepted tips that went to the national queue.", (double)figures->unrouted);
}

static void put_commit(const struct app *app, struct buf *out)
{
	const struct commit_figures *figures = commit_figures(app->commit);

	metric_one(out, "tipline_commit_batches_total", METRIC_COUNTER, "Group commits.", (double)figures->batches);
	metric_one(out, "tipline_commit_stored_total", METRIC_COUNTER, "Tips committed to the store.",
		   (double)figures->stored);
	metric_one(out, "tipline_commit_spooled_total", METRIC_COUNTER, "Tips committed to the spool.",
		   (double)figures->spooled);
	metric_one(out, "tipline_commit_refused_total", METRIC_COUNTER, "Tips that neither could take.",
		   (double)figures->refused);
}

static void put_spool(const struct app *app, struct buf *out)
{
	const struct spool_figures *figures = spool_figures(app->spool);

	metric_one(out, "tipline_spool_depth", METRIC_GAUGE, "Tips waiting in the spool.", (double)figures->depth);
	metric_one(out, "tipline_spool_bytes", METRIC_GAUGE, "Bytes waiting in the spool.", (double)figures->bytes);
	metric_one(out, "tipline_spool_drained_total", METRIC_COUNTER, "Tips moved from the spool to the store.",
		   (double)figures->drained);
	metric_one(out, "tipline_spool_damaged_total", METRIC_COUNTER, "Spool records that could not be read.",
		   (double)figures->damaged);
}

static void put_store(const struct app *app, struct buf *out)
{
	const struct readiness_view *view = readiness_view(app->readiness);

	metric_one(out, "tipline_store_up", METRIC_GAUGE, "1 when Redis answers.", app->store->up);
	metric_one(out, "tipline_store_durable", METRIC_GAUGE, "1 when its settings keep what it acknowledged.",
		   view->store_durable);
	metric_one(out, "tipline_store_memory_bytes", METRIC_GAUGE, "Memory that Redis uses.",
		   (double)view->store_memory_bytes);
}

static void put_trail(const struct app *app, struct buf *out)
{
	const struct trail_figures *figures = trail_figures(app->trail);

	metric_one(out, "tipline_trail_events_total", METRIC_COUNTER, "Events written to the audit trail.", (double)figures->written);
	metric_one(out, "tipline_trail_calls_total", METRIC_COUNTER, "Calls that wrote them.", (double)figures->calls);
	metric_one(out, "tipline_trail_refused_total", METRIC_COUNTER,
		   "Requests that were not answered because their event could not be written.", (double)figures->refused);
	metric_one(out, "tipline_trail_lost_total", METRIC_COUNTER, "Events of the process that found no room while they waited.",
		   (double)figures->lost);
	metric_one(out, "tipline_trail_waiting", METRIC_GAUGE, "Events that are not written yet.", (double)trail_waiting(app->trail));
}

static void put_model(const struct app *app, struct buf *out)
{
	struct model_figures figures;

	if (app->model == NULL)
		return;
	model_figures(app->model, &figures);
	metric_one(out, "tipline_model_on", METRIC_GAUGE, "1 when what was learned from outcomes enters the score.",
		   figures.on);
	metric_head(out, "tipline_model_outcomes", METRIC_GAUGE, "Outcomes that the model was taught, by kind.");
	metric_sample(out, "tipline_model_outcomes", "kind", "wanted", (double)figures.wanted);
	metric_sample(out, "tipline_model_outcomes", "kind", "unwanted", (double)figures.unwanted);
	metric_one(out, "tipline_model_unreadable_total", METRIC_COUNTER,
		   "Examples in the journal that did not open with this key.", (double)figures.unreadable);
	metric_one(out, "tipline_model_written_timestamp_seconds", METRIC_GAUGE,
		   "When its file was written; 0 when there is none.", (double)figures.written_ms / 1000);
}

static void put_limits(const struct app *app, struct buf *out)
{
	metric_head(out, "tipline_limited_total", METRIC_COUNTER, "Requests refused because there were too many.");
	for (enum limit_kind k = 0; k < LIMIT_KINDS; k++)
		metric_sample(out, "tipline_limited_total", "limit", limit_name(k), (double)limits_refused(app->limits, k));
}

static void put_proofs(const struct app *app, struct buf *out)
{
	const struct proofs_figures *figures;

	if (app->proofs == NULL)
		return;
	figures = proofs_figures(app->proofs);
	metric_one(out, "tipline_proofs_asked_total", METRIC_COUNTER,
		   "Forms that were given with work to do, because a limit ran low.", (double)figures->asked);
	metric_head(out, "tipline_proofs_total", METRIC_COUNTER,
		    "Forms that came while a limit was used up, by what they brought.");
	metric_sample(out, "tipline_proofs_total", "result", "worked", (double)figures->worked);
	metric_sample(out, "tipline_proofs_total", "result", "waited", (double)figures->waited);
	metric_sample(out, "tipline_proofs_total", "result", "refused", (double)figures->refused);
}

static void put_staff(const struct app *app, struct buf *out)
{
	if (app->entry == NULL)
		return;
	metric_head(out, "tipline_sign_ins_total", METRIC_COUNTER, "Tries to sign in with a password, by how they ended.");
	for (enum entry_result r = 0; r < ENTRY_RESULTS; r++)
		metric_sample(out, "tipline_sign_ins_total", "result", entry_result_name(r), (double)app->entry->results[r]);
	metric_one(out, "tipline_sessions", METRIC_GAUGE, "Sessions of staff.", (double)sessions_count(app->entry->sessions));
	metric_one(out, "tipline_work_queue", METRIC_GAUGE, "Passwords that are calculated, or wait for it.",
		   (double)work_depth(app->entry->work));
}

static void put_linker_totals(const struct linker_figures *figures, struct buf *out)
{
	metric_one(out, "tipline_linker_read_total", METRIC_COUNTER, "Journal events read.", (double)figures->read);
	metric_one(out, "tipline_linker_unreadable_total", METRIC_COUNTER, "Journal events that could not be read.",
		   (double)figures->unreadable);
	metric_one(out, "tipline_linker_links_total", METRIC_COUNTER, "Tips put under an earlier one.",
		   (double)figures->linked);
	metric_one(out, "tipline_linker_suggestions_total", METRIC_COUNTER, "Suggestions made to officers.",
		   (double)figures->suggested);
	metric_one(out, "tipline_linker_scores_total", METRIC_COUNTER, "Tips whose points changed by others.",
		   (double)figures->rescored);
	metric_one(out, "tipline_linker_refused_total", METRIC_COUNTER, "Decisions that the store did not take.",
		   (double)figures->refused);
}

static void put_linker(const struct app *app, struct buf *out)
{
	struct linker_figures figures;

	if (app->linker == NULL)
		return;
	linker_figures(app->linker, &figures);
	metric_one(out, "tipline_linker_leading", METRIC_GAUGE, "1 when this process links.", figures.leading);
	metric_one(out, "tipline_linker_warm", METRIC_GAUGE, "1 when it has read all there was at its start.",
		   figures.warm);
	metric_one(out, "tipline_linker_warm_seconds", METRIC_GAUGE, "How long that took.",
		   (double)figures.warm_ms / 1000);
	metric_one(out, "tipline_linker_behind", METRIC_GAUGE, "Journal events read and not judged.",
		   (double)figures.behind);
	metric_one(out, "tipline_linker_open", METRIC_GAUGE, "Decisions the store has not answered.",
		   (double)figures.open);
	metric_one(out, "tipline_linker_tips", METRIC_GAUGE, "Tips held in memory.", (double)figures.casebook.tips);
	metric_one(out, "tipline_linker_incidents", METRIC_GAUGE, "Incidents of two tips or more held in memory.",
		   (double)figures.casebook.incidents);
	metric_one(out, "tipline_linker_bytes_limit", METRIC_GAUGE, "Memory it never exceeds.",
		   (double)figures.casebook.bytes);
	put_linker_totals(&figures, out);
}

static void put_escalation(const struct app *app, struct buf *out)
{
	struct escalation_figures figures;

	if (app->leavers != NULL)
		metric_one(out, "tipline_leavers_released_total", METRIC_COUNTER,
			   "Tips that went back to their queues because their officer left.",
			   (double)leavers_released(app->leavers));
	if (app->escalation == NULL)
		return;
	escalation_figures(app->escalation, &figures);
	metric_one(out, "tipline_escalation_leading", METRIC_GAUGE,
		   "1 when this process passes overdue tips on in one shard or more.", figures.leading);
	metric_head(out, "tipline_escalated_total", METRIC_COUNTER, "Tips passed to the level above, by why.");
	for (enum clock_wait why = 0; why < CLOCK_WAITS; why++)
		metric_sample(out, "tipline_escalated_total", "why", clock_wait_name(why), (double)figures.escalated[why]);
	metric_one(out, "tipline_escalation_refused_total", METRIC_COUNTER,
		   "Tips that changed, or were not due, when they were to be passed on.", (double)figures.refused);
}

static void put_sms(const struct app *app, struct buf *out)
{
	const struct sms_figures *figures;

	if (app->sms == NULL)
		return;
	figures = sms_figures(app->sms);
	metric_head(out, "tipline_sms_total", METRIC_COUNTER, "Messages from SMS gateways, by kind.");
	metric_sample(out, "tipline_sms_total", "kind", "text", (double)figures->heard[SMS_AS_TIP]);
	metric_sample(out, "tipline_sms_total", "kind", "supplement", (double)figures->heard[SMS_AS_SUPPLEMENT]);
	metric_sample(out, "tipline_sms_total", "kind", "claim",
		      (double)(figures->heard[SMS_AS_CLAIM] + sms_parts_figures_of(app->sms)->claims));
	metric_sample(out, "tipline_sms_total", "kind", "question", (double)figures->heard[SMS_AS_QUESTION]);
	metric_sample(out, "tipline_sms_total", "kind", "repetition", (double)figures->heard[SMS_AS_REPETITION]);
	metric_sample(out, "tipline_sms_total", "kind", "part", (double)figures->parts);
	metric_sample(out, "tipline_sms_total", "kind", "joined", (double)sms_parts_figures_of(app->sms)->joined);
	metric_sample(out, "tipline_sms_total", "kind", "incomplete", (double)sms_parts_figures_of(app->sms)->incomplete);
	metric_sample(out, "tipline_sms_total", "kind", "late", (double)sms_parts_figures_of(app->sms)->late);
	metric_sample(out, "tipline_sms_total", "kind", "ignored", (double)figures->ignored);
	metric_sample(out, "tipline_sms_total", "kind", "stop", (double)figures->heard[SMS_AS_STOP]);
	metric_sample(out, "tipline_sms_total", "kind", "forbidden", (double)figures->forbidden);
	metric_sample(out, "tipline_sms_total", "kind", "malformed", (double)figures->malformed);
	metric_sample(out, "tipline_sms_total", "kind", "again", (double)figures->again);
}

static const char *const site_names[SITES] = {
	[SITE_PUBLIC] = "public",
	[SITE_STAFF] = "staff",
	[SITE_OPS] = "ops",
};

static void put_by_site(const struct app *app, struct buf *out, const char *name, enum metric_kind kind,
			const char *help, size_t offset)
{
	metric_head(out, name, kind, help);
	for (enum site s = 0; s < SITES; s++) {
		uint64_t value;

		if (app->listeners[s] == NULL)
			continue;
		memcpy(&value, (const char *)http_server_figures(app->listeners[s]) + offset, sizeof(value));
		metric_sample(out, name, "listener", site_names[s], (double)value);
	}
}

static void put_http(const struct app *app, struct buf *out)
{
	put_by_site(app, out, "tipline_http_requests_total", METRIC_COUNTER, "Requests whose head was whole.",
		    offsetof(struct http_figures, requests));
	put_by_site(app, out, "tipline_http_connections", METRIC_GAUGE, "Open connections.",
		    offsetof(struct http_figures, connections_open));
	put_by_site(app, out, "tipline_http_connections_total", METRIC_COUNTER, "Connections accepted.",
		    offsetof(struct http_figures, connections_total));
	put_by_site(app, out, "tipline_http_tls_handshakes_total", METRIC_COUNTER, "TLS handshakes done.",
		    offsetof(struct http_figures, greetings));
	put_by_site(app, out, "tipline_http_tls_failures_total", METRIC_COUNTER, "TLS handshakes that broke off.",
		    offsetof(struct http_figures, greetings_failed));
	if (app->tls != NULL)
		metric_one(out, "tipline_tls_certificate_expiry_timestamp_seconds", METRIC_GAUGE,
			   "When the certificate's time ends.", (double)tls_expires_s(app->tls));
	put_by_site(app, out, "tipline_http_received_bytes_total", METRIC_COUNTER, "Bytes read.",
		    offsetof(struct http_figures, bytes_in));
	put_by_site(app, out, "tipline_http_sent_bytes_total", METRIC_COUNTER, "Bytes written.",
		    offsetof(struct http_figures, bytes_out));
}

static void put_sandbox(const struct app *app, struct buf *out)
{
	static const struct sandbox_state none = { .calls = false, .network = true };
	const struct sandbox_state *state = app->sandbox != NULL ? app->sandbox : &none;

	metric_head(out, "tipline_sandbox", METRIC_GAUGE, "1 when it holds, by what it is about.");
	metric_sample(out, "tipline_sandbox", "part", "calls", state->calls);
	metric_sample(out, "tipline_sandbox", "part", "files", state->files && state->threads_outside == 0);
	metric_sample(out, "tipline_sandbox", "part", "network", state->calls && !state->network);
	metric_sample(out, "tipline_sandbox", "part", "programs", state->calls && !state->programs);
}

static void put_process(const struct app *app, struct buf *out)
{
	struct process_figures figures;

	process_figures(&figures);
	metric_one(out, "tipline_process_cpu_seconds_total", METRIC_COUNTER, "CPU time used.", figures.cpu_seconds);
	metric_one(out, "tipline_process_resident_memory_bytes", METRIC_GAUGE, "Resident memory.",
		   (double)figures.resident_bytes);
	metric_one(out, "tipline_process_open_fds", METRIC_GAUGE, "Open file descriptors.", figures.open_fds);
	metric_one(out, "tipline_flows", METRIC_GAUGE, "Pieces of work under way.", (double)flow_count(app->loop));
	metric_head(out, "tipline_build_info", METRIC_GAUGE, "1, with the version.");
	metric_sample(out, "tipline_build_info", "version", TIPLINE_VERSION, 1);
}

void ops_metrics(const struct call *call, struct http_exchange *exchange)
{
	struct buf out = { 0 };

	put_intake(call->app, &out);
	put_commit(call->app, &out);
	put_spool(call->app, &out);
	put_store(call->app, &out);
	put_trail(call->app, &out);
	put_model(call->app, &out);
	put_limits(call->app, &out);
	put_proofs(call->app, &out);
	put_staff(call->app, &out);
	metrics_courier(call->app, &out);
	put_linker(call->app, &out);
	put_escalation(call->app, &out);
	metrics_retention(call->app, &out);
	metrics_archive(call->app, &out);
	metrics_money(call->app, &out);
	metrics_log(call->app, &out);
	metrics_witnesses(call->app, &out);
	payout_metrics(call->app, &out);
	put_sms(call->app, &out);
	metrics_links(call->app, &out);
	put_http(call->app, &out);
	put_sandbox(call->app, &out);
	put_process(call->app, &out);
	answer_text(exchange, 200, "text/plain; version=0.0.4; charset=utf-8", buf_span(&out));
	buf_release(&out);
}
