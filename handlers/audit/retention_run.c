/*
 * A round of retention right now, for who does not want to wait for the next
 * one: begun by the process that has the job, judged by the same rules and the
 * same clock as ever. What it deleted is in the report.
 */
#include "daemon/base/json_out.h"
#include "daemon/jobs/retention.h"
#include "handlers/answer.h"
#include "handlers/audit/audit.h"

static void refuse(struct http_exchange *exchange, const char *code, const char *detail)
{
	answer_problem(exchange, &(struct problem){ .status = 409, .code = code, .detail = detail });
}

static void answer_begun(const struct app *app, struct http_exchange *exchange)
{
	struct retention_figures figures;
	struct buf body = { 0 };
	struct json_out json = json_out_to(&body);

	retention_figures(app->retention, &figures);
	json_open(&json, '{');
	json_bool(&json, "clock_waits", figures.waiting);
	if (figures.round_ms > 0)
		json_i64(&json, "last_round_at", figures.round_ms);
	else
		json_none(&json, "last_round_at");
	json_u64(&json, "due", figures.due);
	json_u64(&json, "held", figures.held);
	json_close(&json, '}');
	answer_json(exchange, 200, buf_span(&body));
	buf_release(&body);
}

void audit_retention_run(const struct call *args, struct http_exchange *exchange)
{
	struct retention *job = args->app->retention;

	if (job == NULL)
		refuse(exchange, "no_jobs", "Retention is done by another process: reload that one, and it begins a round.");
	else if (!retention_is_on(job))
		refuse(exchange, "retention_off", "retention.enabled is false, or its rules cannot be read.");
	else if (!retention_run(job))
		answer_unavailable(exchange);
	else
		answer_begun(args->app, exchange);
}
