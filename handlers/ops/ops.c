/*
 * Health and readiness calls; see ops.h.
 */
#include "handlers/ops/ops.h"

#include "handlers/answer.h"
#include "handlers/ops/readiness.h"

void ops_health(const struct call *call, struct http_exchange *exchange)
{
	(void)call;
	answer_json(exchange, 200, SPAN("{\"alive\":true}"));
}

void ops_ready(const struct call *call, struct http_exchange *exchange)
{
	struct buf body = { 0 };
	bool ready = readiness_json(call->app->readiness, &body);

	answer_json(exchange, ready ? 200 : 503, buf_span(&body));
	buf_release(&body);
}
