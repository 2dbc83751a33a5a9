/*
 * Requests in the audit trail; see trailing.h.
 *
 * What an event says of a request is its route, the parts of its path and its
 * filters: never a body, and no value that is not made like a name or an id.
 */
#include "handlers/trailing.h"

#include "daemon/jobs/trail.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/log.h"
#include "daemon/sys/token_use.h"
#include "daemon/sys/tokens.h"
#include "handlers/answer.h"

#define RETRY_S 2
#define FILTERS_MAX 12

struct showing {
	struct call call;
	struct http_exchange *exchange;
};

void trailing_refuse(struct http_exchange *exchange)
{
	answer_problem(exchange, &(struct problem){ .status = 503, .code = "audit_unavailable", .retry_after_s = RETRY_S,
						    .detail = "This cannot be written to the audit trail now, so it is not "
							      "shown." });
}

static void written(void *ctx, bool well)
{
	struct showing *showing = ctx;

	if (well)
		showing->call.endpoint->run(&showing->call, showing->exchange);
	else
		trailing_refuse(showing->exchange);
}

struct span trailing_roles(unsigned roles, char text[TRAILING_ROLES_MAX])
{
	size_t len = 0;

	for (unsigned i = 0; i < TOKEN_ROLES; i++) {
		size_t more = strlen(token_role_name(i));

		if ((roles & 1u << i) == 0 || len + more + 1 >= TRAILING_ROLES_MAX)
			continue;
		if (len > 0)
			text[len++] = ' ';
		memcpy(text + len, token_role_name(i), more);
		len += more;
	}
	return span_from(text, len);
}

/* --- what was asked for ----------------------------------------------------------------- */

/* A part of the path: a region goes to the member of that name, all else, and what is none, to the id. */
static void put_part(struct span pattern, struct span value, struct trail_event *event, struct buf *id)
{
	bool region = span_is(pattern, "{region}");

	if (token_region_ok(value) && (region || span_is(pattern, "{bureau}")))
		event->region = value;
	if (region && !span_empty(event->region))
		return;
	if (id->len > 0)
		buf_add_text(id, "/");
	buf_add_span(id, trail_plain(value));
}

static void put_parts(const struct call *call, struct trail_event *event, struct buf *id)
{
	struct span rest = span_of(call->endpoint->path), part;
	size_t n = 0;

	while (n < CALL_PARAMS_MAX && span_cut(&rest, '/', &part))
		if (span_starts(part, SPAN("{")))
			put_part(part, call->param[n++], event, id);
}

/* Longer ones are none of ours, whatever they say. */
static void put_filter(struct span pair, struct buf *to)
{
	char decoded[3 * TRAIL_VALUE_MAX];
	struct span name;
	size_t len = 0;

	if (!span_cut(&pair, '=', &name))
		return;
	if (pair.len > sizeof(decoded) || !http_urldecode(pair, decoded, &len))
		trail_filter(name, SPAN("?"), to);
	else
		trail_filter(name, span_from(decoded, len), to);
}

static void put_filters(struct span query, struct buf *to)
{
	struct span pair;

	for (size_t n = 0; n < FILTERS_MAX && span_cut(&query, '&', &pair); n++)
		put_filter(pair, to);
}

/* rows, sha256: of a file that is ready. */
static bool show(const struct call *call, struct http_exchange *exchange, uint64_t rows, struct span sha256,
		 struct trail_wait wait)
{
	char roles[TRAILING_ROLES_MAX];
	struct buf id = { 0 }, filters = { 0 };
	struct trail_event event = { .kind = call->endpoint->trail,
				     .by = span_of(call->staff->person),
				     .token = span_of(call->staff->token_id),
				     .roles = trailing_roles(call->staff->roles, roles),
				     .call = span_of(call->endpoint->name),
				     .to = sha256,
				     .count = rows,
				     .unattended = call->unattended };
	bool taken;

	put_parts(call, &event, &id);
	put_filters(http_exchange_request(exchange)->query, &filters);
	event.id = buf_span(&id);
	event.query = buf_span(&filters);
	taken = trail_show(call->app->trail, &event, wait);
	buf_release(&id);
	buf_release(&filters);
	return taken;
}

bool trailing_file(const struct call *call, struct http_exchange *exchange, uint64_t rows, struct span sha256,
		   struct trail_wait wait)
{
	return show(call, exchange, rows, sha256, wait);
}

void trailing_run(const struct call *call, struct http_exchange *exchange)
{
	struct showing *showing;

	if (call->endpoint->trail == TRAIL_NOTHING || call->staff == NULL) {
		call->endpoint->run(call, exchange);
		return;
	}
	showing = arena_new(http_exchange_arena(exchange), struct showing);
	*showing = (struct showing){ .call = *call, .exchange = exchange };
	if (!show(call, exchange, 0, SPAN(""), (struct trail_wait){ .done = written, .ctx = showing }))
		trailing_refuse(exchange);
}

/* What cannot be noted is told and keeps nobody out. */
static void note_day(struct token_use *use, const struct staff *staff)
{
	struct complaint why = { 0 };

	if (use != NULL && !token_use_note(use, span_of(staff->token_id), clock_wall_ms(), &why))
		log_rarely(LOG_LEVEL_WARNING, "tokens.use_unwritten", why.text);
}

void trailing_signed_in(const struct app *app, const struct staff *staff, bool unattended)
{
	char roles[TRAILING_ROLES_MAX];

	if (staff == NULL) {
		trail_sign_in_failed(app->trail);
		return;
	}
	note_day(app->token_use, staff);
	trail_signed_in(app->trail, &(struct trail_event){ .kind = TRAIL_SIGN_IN,
							   .by = span_of(staff->person),
							   .token = span_of(staff->token_id),
							   .roles = trailing_roles(staff->roles, roles),
							   .region = span_of(staff->region),
							   .unattended = unattended });
}
