/*
 * The query of the figures; see transparency_ask.h.
 */
#include "handlers/log/transparency_ask.h"

#include "daemon/core/judge.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/config.h"

struct span transparency_param(struct http_exchange *exchange, const char *name)
{
	struct buf value = { 0 };
	struct span kept = { 0 };

	if (http_param_find(http_exchange_request(exchange)->query, name, &value) && value.len > 0)
		kept = arena_dup(http_exchange_arena(exchange), buf_span(&value));
	buf_release(&value);
	return kept;
}

enum transparency_asked transparency_ask(const struct call *args, struct http_exchange *exchange, const struct sealed_log **log,
					 struct transparency **out)
{
	struct app *app = args->app;
	struct arena *arena = http_exchange_arena(exchange);
	struct span name = transparency_param(exchange, "log");
	struct transparency_wish wish = { .logs = app->logs, .gazetteer = judge_gazetteer(app->judge),
					  .month = transparency_param(exchange, "month"), .after_days = app->config->log.openings_after_days,
					  .now_ms = clock_wall_ms() };

	if (!span_empty(wish.month) && !figures_month_valid(wish.month))
		return TRANSPARENCY_NO_MONTH;
	wish.log = span_empty(name) ? NULL : logs_find(app->logs, name);
	if (!span_empty(name) && wish.log == NULL)
		return TRANSPARENCY_NO_LOG;
	*log = wish.log;
	*out = arena_new(arena, struct transparency);
	return transparency_gather(&wish, arena, *out) ? TRANSPARENCY_FOUND : TRANSPARENCY_CLOSED;
}
