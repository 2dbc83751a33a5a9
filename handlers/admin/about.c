/*
 * About this process; see admin.h.
 */
#include "daemon/base/json_out.h"
#include "daemon/base/table.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/config.h"
#include "handlers/admin/admin.h"
#include "handlers/answer.h"
#include "handlers/ops/readiness.h"

static void put_roles(unsigned roles, struct json_out *json)
{
	static const char *const names[] = { "intake", "desk", "courier", "jobs" };

	json_open_member(json, "roles", '[');
	for (size_t i = 0; i < COUNT_OF(names); i++)
		if ((roles >> i & 1) != 0)
			json_text(json, NULL, span_of(names[i]));
	json_close(json, ']');
}

void about_read(const struct call *args, struct http_exchange *exchange)
{
	struct buf body = { 0 }, ready = { 0 };
	struct json_out json = json_out_to(&body);

	readiness_json(args->app->readiness, &ready);
	json_open(&json, '{');
	json_text(&json, "version", SPAN(TIPLINE_VERSION));
	clock_put(&json, "started", args->app->started_ms);
	clock_put(&json, "now", clock_wall_ms());
	put_roles(args->app->config->roles, &json);
	json_raw(&json, "readiness", buf_span(&ready));
	json_close(&json, '}');
	answer_json(exchange, 200, buf_span(&body));
	buf_release(&ready);
	buf_release(&body);
}
