/*
 * Answers; see answer.h.
 */
#include "handlers/answer.h"

#include "daemon/base/json_out.h"

#define STORE_RETRY_S 5

static void no_store(struct http_reply *reply)
{
	http_reply_field(reply, "Cache-Control", SPAN("no-store"));
	http_reply_field(reply, "X-Content-Type-Options", SPAN("nosniff"));
	http_reply_field(reply, "Referrer-Policy", SPAN("no-referrer"));
}

static void retry_after(struct http_exchange *exchange, struct http_reply *reply, unsigned seconds)
{
	if (seconds > 0)
		http_reply_field(reply, "Retry-After",
				 span_of(arena_printf(http_exchange_arena(exchange), "%u", seconds)));
}

/*
 * What is left, and the rule (draft-ietf-httpapi-ratelimit-headers-10): the name of a
 * policy with its quota and window, and of the same policy that none is left and when
 * some will be.
 */
static void rate_limit(struct http_exchange *exchange, struct http_reply *reply, const struct limit_refusal *limit)
{
	struct arena *arena = http_exchange_arena(exchange);
	const char *name;

	if (limit == NULL)
		return;
	name = limit_name(limit->kind);
	http_reply_field(reply, "RateLimit-Policy",
			 span_of(arena_printf(arena, "\"%s\";q=%u;w=%u", name, limit->burst, limit->window_s)));
	http_reply_field(reply, "RateLimit", span_of(arena_printf(arena, "\"%s\";r=0;t=%u", name, limit->wait_s)));
}

static void problem_json(const struct problem *problem, struct buf *out)
{
	struct json_out json = json_out_to(out);

	json_open(&json, '{');
	json_text(&json, "type", SPAN("about:blank"));
	json_text(&json, "title", span_of(http_status_text(problem->status)));
	json_u64(&json, "status", (uint64_t)problem->status);
	json_text(&json, "code", span_of(problem->code));
	if (problem->detail != NULL)
		json_text(&json, "detail", span_of(problem->detail));
	if (problem->field != NULL)
		json_text(&json, "field", span_of(problem->field));
	if (problem->reason != NULL)
		json_text(&json, "reason", span_of(problem->reason));
	if (problem->retry_after_s > 0)
		json_u64(&json, "retry_after", problem->retry_after_s);
	json_close(&json, '}');
}

void answer_problem(struct http_exchange *exchange, const struct problem *problem)
{
	struct http_reply reply = { .status = problem->status, .type = "application/problem+json" };
	struct buf body = { 0 };

	problem_json(problem, &body);
	reply.body = buf_span(&body);
	no_store(&reply);
	retry_after(exchange, &reply, problem->retry_after_s);
	rate_limit(exchange, &reply, problem->limit);
	if (problem->allow != NULL)
		http_reply_field(&reply, "Allow", span_of(problem->allow));
	if (problem->set_cookie != NULL)
		http_reply_field(&reply, "Set-Cookie", span_of(problem->set_cookie));
	if (problem->any_origin)
		http_reply_field(&reply, "Access-Control-Allow-Origin", SPAN("*"));
	if (problem->status == 401)
		http_reply_field(&reply, "WWW-Authenticate", SPAN("Bearer realm=\"tipline\""));
	http_exchange_reply(exchange, &reply);
	buf_release(&body);
}

void answer_json(struct http_exchange *exchange, int status, struct span json)
{
	answer_text(exchange, status, "application/json", json);
}

void answer_text(struct http_exchange *exchange, int status, const char *type, struct span text)
{
	struct http_reply reply = { .status = status, .type = type, .body = text };

	no_store(&reply);
	http_exchange_reply(exchange, &reply);
}

void answer_reply(struct http_exchange *exchange, struct http_reply *reply)
{
	no_store(reply);
	http_exchange_reply(exchange, reply);
}

static void fill_page(struct http_reply *reply, struct span html, const char *csp)
{
	reply->type = "text/html; charset=utf-8";
	reply->body = html;
	no_store(reply);
	http_reply_field(reply, "Content-Security-Policy", span_of(csp));
	http_reply_field(reply, "X-Frame-Options", SPAN("DENY"));
	http_reply_field(reply, "Cross-Origin-Opener-Policy", SPAN("same-origin"));
	http_reply_field(reply, "Permissions-Policy", SPAN("geolocation=(), camera=(), microphone=()"));
}

void answer_page_problem(struct http_exchange *exchange, struct span html, const char *csp, const struct problem *problem)
{
	struct http_reply reply = { .status = problem->status };

	fill_page(&reply, html, csp);
	retry_after(exchange, &reply, problem->limit != NULL ? problem->limit->wait_s : problem->retry_after_s);
	rate_limit(exchange, &reply, problem->limit);
	if (problem->allow != NULL)
		http_reply_field(&reply, "Allow", span_of(problem->allow));
	http_exchange_reply(exchange, &reply);
}

void answer_page_into(struct http_exchange *exchange, struct span html, const char *csp, struct http_reply *reply)
{
	fill_page(reply, arena_dup(http_exchange_arena(exchange), html), csp);
}

void answer_page(struct http_exchange *exchange, int status, struct span html, const char *csp,
		 unsigned retry_after_s)
{
	answer_page_problem(exchange, html, csp, &(struct problem){ .status = status, .retry_after_s = retry_after_s });
}

void answer_page_limited(struct http_exchange *exchange, int status, struct span html, const char *csp,
			 const struct limit_refusal *limit)
{
	answer_page_problem(exchange, html, csp, &(struct problem){ .status = status, .limit = limit });
}

void answer_file(struct http_exchange *exchange, const char *type, struct span body, const char *csp)
{
	struct http_reply reply = { .status = 200, .type = type, .body = body };

	http_reply_field(&reply, "Cache-Control", SPAN("public, max-age=3600"));
	http_reply_field(&reply, "X-Content-Type-Options", SPAN("nosniff"));
	http_reply_field(&reply, "Referrer-Policy", SPAN("no-referrer"));
	http_reply_field(&reply, "Content-Security-Policy", span_of(csp));
	http_exchange_reply(exchange, &reply);
}

void answer_unavailable(struct http_exchange *exchange)
{
	answer_problem(exchange, &(struct problem){
					 .status = 503,
					 .code = "store_unavailable",
					 .detail = "The store cannot be reached at the moment. Try again shortly.",
					 .retry_after_s = STORE_RETRY_S,
				 });
}
