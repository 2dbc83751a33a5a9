/*
 * The audit trail, for reading: events from a number on, those of a person, of
 * a kind, about an id. The read itself is one of them.
 *
 * Filters are held against the journal as it is read; a call looks at so many
 * events and says where the next one goes on.
 */
#include "daemon/base/json_out.h"
#include "daemon/base/table.h"
#include "daemon/core/journal/event.h"
#include "daemon/jobs/trail.h"
#include "daemon/store/wait.h"
#include "handlers/answer.h"
#include "handlers/audit/audit.h"
#include "handlers/audit/reading.h"

#define EVENTS 100
#define EVENTS_MAX 1000
#define PIECE 500
#define PIECES_MAX 20

enum trail_step {
	STEP_READ,
	STEP_TAKE,
};

struct trail_flow {
	struct app *app;
	struct http_exchange *exchange;
	uint64_t next;               /* number to be looked at next */
	uint64_t before;             /* newest first: numbers below this are to be looked at; 0: oldest first */
	uint64_t max;
	struct span person, event, id;   /* empty: any */
	bool lines;                  /* JSONL */
	unsigned pieces;
	size_t found;
	struct buf body;
	struct json_out json;
	struct store_reply read;
};

/* Newest first: the piece that ends below `before`. */
static enum flow_next step_read(struct flow *flow)
{
	struct trail_flow *t = flow_state(flow);
	unsigned max = PIECE;

	if (t->before > 0) {
		t->next = t->before > PIECE ? t->before - PIECE : 1;
		max = t->before > t->next ? (unsigned)(t->before - t->next) : 1;
	}
	return store_wait_flow(flow, t->app->store,
			       &(struct store_request){ .op = STORE_JOURNAL, .shard = STORE_AUDIT_SHARD, .from = t->next, .max = max },
			       &t->read);
}

/* --- which ------------------------------------------------------------------------------ */

static bool fits(struct span json, const char *name, struct span wanted)
{
	struct event_member member;

	return span_empty(wanted) || (event_find(json, name, &member) && span_eq(member.value, wanted));
}

/* The id itself, or something below it: a file of a tip. */
static bool fits_id(struct span json, struct span wanted)
{
	struct event_member member;

	if (span_empty(wanted))
		return true;
	return event_find(json, "id", &member) && span_starts(member.value, wanted) &&
	       (member.value.len == wanted.len || member.value.at[wanted.len] == '/');
}

/* The event with its number in front. */
static void put(struct trail_flow *t, const struct store_event *event)
{
	struct buf line = { 0 };

	t->found++;
	buf_printf(&line, "{\"number\":%llu,", (unsigned long long)event->number);
	buf_add_span(&line, span_from_offset(event->json, 1));
	if (t->lines)
		buf_printf(&t->body, "%.*s\n", (int)line.len, line.at);
	else
		json_raw(&t->json, NULL, buf_span(&line));
	buf_release(&line);
}

/* --- the answer --------------------------------------------------------------------------- */

static void reply(struct trail_flow *t)
{
	if (t->before > 0)
		t->next = t->before;
	if (t->lines) {
		buf_printf(&t->body, "{\"next\":%llu}\n", (unsigned long long)t->next);
		answer_text(t->exchange, 200, "application/jsonl", buf_span(&t->body));
	} else {
		json_close(&t->json, ']');
		json_u64(&t->json, "next", t->next);
		json_close(&t->json, '}');
		answer_json(t->exchange, 200, buf_span(&t->body));
	}
	t->exchange = NULL;
}

static void take(struct trail_flow *t, const struct store_event *event)
{
	if (fits(event->json, "by", t->person) && fits(event->json, "event", t->event) && fits_id(event->json, t->id))
		put(t, event);
}

/* Whether there may be more beyond this piece. */
static bool take_rising(struct trail_flow *t)
{
	for (size_t i = 0; i < t->read.nevents && t->found < t->max; i++) {
		take(t, &t->read.events[i]);
		t->next = t->read.events[i].number + 1;
	}
	return t->read.nevents == PIECE;
}

/* Where numbers are gone from the journal a piece reaches beyond its end. */
static bool take_falling(struct trail_flow *t)
{
	uint64_t first = t->next;

	for (size_t i = t->read.nevents; i > 0 && t->found < t->max; i--) {
		if (t->read.events[i - 1].number >= t->before)
			continue;
		take(t, &t->read.events[i - 1]);
		t->before = t->read.events[i - 1].number;
	}
	if (t->found < t->max)
		t->before = first;
	return t->before > 1;
}

static enum flow_next step_take(struct flow *flow)
{
	struct trail_flow *t = flow_state(flow);
	bool more;

	if (t->read.outcome != STORE_DONE)
		return FLOW_FAIL;
	more = t->before > 0 ? take_falling(t) : take_rising(t);
	if (t->found < t->max && more && ++t->pieces < PIECES_MAX) {
		flow_jump(flow, STEP_READ);
		return FLOW_NEXT;
	}
	reply(t);
	return FLOW_DONE;
}

static void end(struct flow *flow, bool well)
{
	struct trail_flow *t = flow_state(flow);

	(void)well;
	if (t->exchange != NULL)
		answer_unavailable(t->exchange);
	buf_release(&t->body);
}

static const struct flow_step trail_steps[] = {
	[STEP_READ] = { .name = "read", .run = step_read },
	[STEP_TAKE] = { .name = "take", .run = step_take },
};

static const struct flow_kind trail_kind = {
	.name = "audit_trail",
	.steps = trail_steps,
	.nsteps = COUNT_OF(trail_steps),
	.state_bytes = sizeof(struct trail_flow),
	.timeout_ms = 15000,
	.end = end,
};

static bool wrong(struct http_exchange *exchange, const char *field, const char *detail)
{
	answer_problem(exchange, &(struct problem){ .status = 400, .code = "field_invalid", .field = field, .detail = detail });
	return false;
}

/* Newest first it begins with this very call, whose event was written before it is run. */
static bool read_order(struct http_exchange *exchange, struct trail_flow *wish)
{
	struct span order = reading_param(exchange, "order");

	if (span_empty(order) || span_is(order, "oldest"))
		return true;
	if (!span_is(order, "newest"))
		return wrong(exchange, "order", "oldest or newest is expected.");
	if (!reading_number(exchange, "before", 0, INT64_MAX, &wish->before))
		return false;
	if (wish->before == 0)
		wish->before = trail_last(wish->app->trail) + 1;
	return true;
}

static bool read_filters(struct http_exchange *exchange, struct trail_flow *wish)
{
	struct span format = reading_param(exchange, "format");

	if (!reading_number(exchange, "from", 1, INT64_MAX, &wish->next) ||
	    !reading_number(exchange, "max", EVENTS, EVENTS_MAX, &wish->max))
		return false;
	wish->person = reading_param(exchange, "person");
	wish->event = reading_param(exchange, "event");
	wish->id = reading_param(exchange, "id");
	wish->lines = span_is(format, "jsonl");
	if (!span_empty(format) && !wish->lines && !span_is(format, "json"))
		return wrong(exchange, "format", "json or jsonl is expected.");
	if (!span_empty(wish->event) && trail_kind_find(wish->event) == TRAIL_NOTHING)
		return wrong(exchange, "event", "There are no events of this name.");
	return read_order(exchange, wish);
}

void audit_trail(const struct call *args, struct http_exchange *exchange)
{
	struct trail_flow wish = { .app = args->app, .exchange = exchange };
	struct trail_flow *t;

	if (!read_filters(exchange, &wish))
		return;
	t = flow_state(flow_start(args->app->loop, &trail_kind, NULL, NULL));
	*t = wish;
	t->next += t->next == 0;
	t->max += t->max == 0;
	t->json = json_out_to(&t->body);
	if (!t->lines) {
		json_open(&t->json, '{');
		json_open_member(&t->json, "events", '[');
	}
}
