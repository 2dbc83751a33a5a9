/*
 * From a request to its row of the route table, past the one check of rights.
 *
 * Paths are matched by path_pattern.h. A path that exists for another method
 * gets 405 with Allow. HEAD is GET whose body the HTTP front leaves out. What
 * programs read (the API, the sealed log) is answered with problems, what
 * people read with pages.
 */
#include "daemon/base/table.h"
#include "daemon/sys/config.h"
#include "daemon/sys/tokens.h"
#include "handlers/answer.h"
#include "handlers/endpoint.h"
#include "handlers/intake/visitor.h"
#include "handlers/staff/gatekeeping.h"
#include "handlers/trailing.h"

/* What the head found, kept in the exchange until the body is there. */
struct matched {
	const struct endpoint *endpoint;
	struct span param[CALL_PARAMS_MAX];
	bool unattended;
	struct staff staff;
	void *own;
	struct limit_refusal refusal;   /* wait_s 0: none */
};

static bool same_method(enum http_method wanted, enum http_method method)
{
	return wanted == method || (wanted == HTTP_GET && method == HTTP_HEAD);
}

/* The row for a request; else *others are the methods that the path has, as bits. */
static bool find_row(enum site site, const struct http_request *request, struct matched *matched,
		     unsigned *others)
{
	size_t n;
	const struct endpoint *table = routes(&n);

	*others = 0;
	for (size_t i = 0; i < n; i++) {
		if (table[i].site != site || !path_matches(table[i].path, request->path, matched->param))
			continue;
		matched->endpoint = &table[i];
		if (same_method(table[i].method, request->method))
			return true;
		*others |= 1u << table[i].method;
	}
	return false;
}

static bool is_for_programs(struct span path)
{
	return span_starts(path, SPAN("/api/")) || span_starts(path, SPAN("/log/"));
}

/* Whoever called would read a page. */
static bool is_for_people(enum site site, const struct http_request *request)
{
	return site == SITE_PUBLIC && !is_for_programs(request->path) && !span_starts(request->path, SPAN("/sms/")) &&
	       !span_starts(request->path, SPAN("/hooks/")) && !visitor_wants_json(request);
}

static struct page_look look_of(const struct app *app, const struct http_exchange *exchange)
{
	return visitor_look(app, http_exchange_request(exchange), (struct span){ 0 }, (struct span){ 0 });
}

/* "GET, HEAD, POST" of the bits. */
static const char *allowed(struct arena *arena, unsigned methods)
{
	const char *text = "";

	for (enum http_method m = 0; m <= HTTP_OPTIONS; m++)
		if ((methods & 1u << m) != 0)
			text = arena_printf(arena, "%s%s%s", text, *text != '\0' ? ", " : "", m == HTTP_GET ? "GET, HEAD" : http_method_name(m));
	return text;
}

/* A person comes so who opens anew what was the answer to a form. */
static void answer_method(struct app *app, enum site site, struct http_exchange *exchange, unsigned methods)
{
	struct problem problem = { .status = 405,
				   .code = "method_not_allowed",
				   .detail = "This path does not take this method; see Allow.",
				   .allow = allowed(http_exchange_arena(exchange), methods) };
	struct page_look look;

	if (!is_for_people(site, http_exchange_request(exchange))) {
		answer_problem(exchange, &problem);
		return;
	}
	look = look_of(app, exchange);
	visitor_error(app, exchange, &look, &problem);
}

static void answer_no_row(struct app *app, enum site site, struct http_exchange *exchange, unsigned methods)
{
	const struct http_request *request = http_exchange_request(exchange);

	if (methods != 0)
		answer_method(app, site, exchange, methods);
	else if (site == SITE_PUBLIC && !is_for_programs(request->path))
		visitor_file(&(struct call){ .app = app }, exchange);
	else
		answer_problem(exchange, &(struct problem){ .status = 404, .code = "not_found",
							    .detail = "There is nothing at this path." });
}

/* --- who ------------------------------------------------------------------------------- */

/* False when it was answered. */
static bool has_role(const struct matched *matched, struct http_exchange *exchange)
{
	if ((matched->endpoint->who & matched->staff.roles) != 0)
		return true;
	answer_problem(exchange, &(struct problem){ .status = 403, .code = "role_needed", .detail = "Your roles do not allow this call." });
	return false;
}

/* It came by itself: saying so only takes away. */
static bool is_unattended(const struct endpoint *endpoint, const struct http_exchange *exchange)
{
	struct span said = http_field_find(http_exchange_request(exchange), "Tipline-Unattended");

	return endpoint->unattended || (endpoint->may_be_unattended && span_is(said, "1"));
}

/* The one check of rights; false when it was answered. */
static bool admit(const struct app *app, struct http_exchange *exchange, struct matched *matched)
{
	const struct endpoint *endpoint = matched->endpoint;
	struct problem problem;

	if (endpoint->who == WHO_ANYONE)
		return true;
	matched->unattended = is_unattended(endpoint, exchange);
	if (!gatekeeping_identify(app, exchange, matched->unattended, &matched->staff, &problem)) {
		answer_problem(exchange, &problem);
		return false;
	}
	if (!has_role(matched, exchange))
		return false;
	if (!token_scope_reaches(span_of(matched->staff.scope), endpoint->name)) {
		answer_problem(exchange, &(struct problem){ .status = 403, .code = "scope_needed",
							    .detail = "Your token was made for other calls than this one." });
		return false;
	}
	return true;
}

/* A body may come slowly, and the right to the call end meanwhile; false when it was answered. */
static bool still_may(const struct app *app, struct http_exchange *exchange, struct matched *matched)
{
	struct problem problem;

	if (matched->endpoint->who == WHO_ANYONE || matched->endpoint->body != BODY_SMALL)
		return true;
	if (gatekeeping_again(app, exchange, &matched->staff, &problem))
		return has_role(matched, exchange);
	answer_problem(exchange, &problem);
	return false;
}

/* --- the call -------------------------------------------------------------------------------- */

static struct call call_of(struct app *app, struct matched *matched)
{
	struct call call = {
		.app = app,
		.endpoint = matched->endpoint,
		.staff = matched->endpoint->who == WHO_ANYONE ? NULL : &matched->staff,
		.own = &matched->own,
		.unattended = matched->unattended,
		.refused = matched->refusal.wait_s > 0 ? &matched->refusal : NULL,
	};

	memcpy(call.param, matched->param, sizeof(call.param));
	return call;
}

/* --- how often ------------------------------------------------------------------------------ */

static void answer_often(struct app *app, struct http_exchange *exchange, const struct limit_refusal *refusal)
{
	struct problem problem = limited_problem(refusal, "too_many_requests");
	struct page_look look;

	if (!is_for_people(SITE_PUBLIC, http_exchange_request(exchange))) {
		answer_problem(exchange, &problem);
		return;
	}
	look = look_of(app, exchange);
	visitor_error(app, exchange, &look, &problem);
}

/* False when it was answered. What has no row counts as a page. */
static bool may_now(struct app *app, struct http_exchange *exchange, struct matched *matched, bool found)
{
	enum limit_set set = found ? matched->endpoint->limit : LIMITED_PAGE;

	if (limited_take(app, set, exchange, &matched->refusal) || limited_answers_itself(set, &matched->refusal))
		return true;
	answer_often(app, exchange, &matched->refusal);
	return false;
}

/* --- the HTTP front's calls ------------------------------------------------------------------ */

static void head(void *owner, struct http_exchange *exchange, struct http_body_plan *plan)
{
	const struct site_owner *site = owner;
	struct matched *matched = arena_new(http_exchange_arena(exchange), struct matched);
	unsigned others;
	struct call call;
	bool found;

	http_exchange_set_data(exchange, matched);
	found = find_row(site->site, http_exchange_request(exchange), matched, &others);
	if (site->site == SITE_PUBLIC && !may_now(site->app, exchange, matched, found))
		return;
	if (!found) {
		answer_no_row(site->app, site->site, exchange, others);
		return;
	}
	if (!admit(site->app, exchange, matched))
		return;
	if (matched->endpoint->body == BODY_SMALL)
		plan->max_bytes = site->app->config->limits.body_bytes;
	if (matched->endpoint->body != BODY_OWN)
		return;
	call = call_of(site->app, matched);
	matched->endpoint->head(&call, exchange, plan);
}

static void request(void *owner, struct http_exchange *exchange)
{
	const struct site_owner *site = owner;
	struct matched *matched = http_exchange_data(exchange);
	struct call call = call_of(site->app, matched);

	if (still_may(site->app, exchange, matched))
		trailing_run(&call, exchange);
}

/* What the server refuses by itself, in words for people. */
static bool refused(void *owner, struct http_exchange *exchange, const char *reason, struct http_reply *reply)
{
	const struct site_owner *site = owner;
	struct page_look look;

	if (!is_for_people(site->site, http_exchange_request(exchange)))
		return false;
	look = look_of(site->app, exchange);
	visitor_refusal(site->app, exchange, &look, reason, reply);
	return true;
}

struct http_handler site_handler(struct site_owner *owner)
{
	return (struct http_handler){ .head = head, .request = request, .refused = refused, .owner = owner };
}
