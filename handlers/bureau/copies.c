/*
 * Many tips that tell the same as an incident: each becomes part of it and is
 * closed as a duplicate.
 *
 *   root, climb     the first tip of the incident                              waits
 *   read, look      a tip where it is now: may it be a copy at all?            waits
 *   linked          it is one incident with the first (links.c)                waits
 *   taken           it is the officer's (take.c)                               waits
 *   closed          as a duplicate, with a note (work.c)                       waits
 *   next            the next tip, or the answer
 *
 * Nothing is decided here that those flows decide; so the rules and events are
 * those of the single calls. A tip that is refused leaves the others alone. One
 * that was taken and then could not be closed goes back to its queue.
 */
#include "daemon/base/json_out.h"
#include "daemon/base/table.h"
#include "daemon/loop/loop.h"
#include "daemon/store/wait.h"
#include "daemon/sys/config.h"
#include "daemon/sys/log.h"
#include "handlers/bureau/ascent.h"
#include "handlers/bureau/bureau.h"
#include "handlers/bureau/quiet.h"
#include "handlers/bureau/rights.h"
#include "handlers/bureau/why.h"

#include <assert.h>
#include <stdlib.h>

#define COPIES_MAX 100
#define NOTE_MAX 4000
#define PATIENCE_MS 600000   /* what is waited for has deadlines of its own, and always tells */

enum copies_step {
	STEP_ROOT,
	STEP_CLIMB,
	STEP_READ,
	STEP_LOOK,
	STEP_LINKED,
	STEP_TAKEN,
	STEP_CLOSED,
	STEP_NEXT,
};

struct copy_result {
	struct tip_id tip;
	const char *code;               /* NULL: it is done */
	const char *detail;
	bool linked;                    /* of the incident by then, also where what came after was refused */
};

struct copies_flow {
	struct app *app;
	struct staff staff;
	struct http_exchange *exchange;
	struct tip_id id;
	struct copy_result results[COPIES_MAX];
	size_t n, at;
	struct action_wish close;
	struct ascent root;
	struct ascent own;              /* of the tip at hand */
	struct store_reply read;
	bool over;                      /* it was closed as a duplicate before */
	bool refused;                   /* what was asked for last; the result says why */
};

/* --- how it goes on -------------------------------------------------------------------- */

static enum flow_next go(struct flow *flow, enum copies_step step)
{
	flow_jump(flow, step);
	return FLOW_NEXT;
}

static enum flow_next refuse_call(struct copies_flow *c, int status, const char *code, const char *detail)
{
	answer_problem(c->exchange, &(struct problem){ .status = status, .code = code, .detail = detail });
	c->exchange = NULL;
	return FLOW_DONE;
}

/* This tip is not to be a copy; on to the next one. */
static enum flow_next refuse(struct flow *flow, const char *code, const char *detail)
{
	struct copies_flow *c = flow_state(flow);

	c->results[c->at].code = code;
	c->results[c->at].detail = detail;
	return go(flow, STEP_NEXT);
}

struct asking {
	struct loop *loop;
	struct flow_ref ref;
};

static void told(void *ctx, const struct problem *problem)
{
	struct asking *asking = ctx;
	struct flow *flow = flow_resolve(asking->loop, asking->ref);
	struct copies_flow *c = flow != NULL ? flow_state(flow) : NULL;

	if (c != NULL) {
		c->refused = problem != NULL;
		if (problem != NULL && c->results[c->at].code == NULL) {
			c->results[c->at].code = arena_printf(flow_arena(flow), "%s", problem->code);
			c->results[c->at].detail = arena_printf(flow_arena(flow), "%s", problem->detail);
		}
		flow_resume(asking->loop, asking->ref);
	}
	free(asking);
}

static struct quiet then(struct flow *flow, enum copies_step step)
{
	struct asking *asking = malloc(sizeof(*asking));

	assert(asking != NULL);
	*asking = (struct asking){ .loop = flow_loop(flow), .ref = flow_ref(flow) };
	flow_jump(flow, step);
	return (struct quiet){ .told = told, .ctx = asking };
}

/* --- the incident ------------------------------------------------------------------------ */

static enum flow_next read_row(struct flow *flow, struct copies_flow *c, const struct tip_id *id)
{
	return store_wait_flow(flow, c->app->store, &(struct store_request){ .op = STORE_READ, .id = *id }, &c->read);
}

static enum flow_next step_root(struct flow *flow)
{
	struct copies_flow *c = flow_state(flow);

	return read_row(flow, c, &c->root.at);
}

static enum flow_next step_climb(struct flow *flow)
{
	struct copies_flow *c = flow_state(flow);

	if (c->read.outcome != STORE_DONE)
		return FLOW_FAIL;
	switch (ascent_step(&c->root, &c->read)) {
	case ASCENT_READ:
		return go(flow, STEP_ROOT);
	case ASCENT_THERE:
		if (rights_reach(&c->staff, span_of(c->root.tip->region)))
			return go(flow, STEP_READ);
		return refuse_call(c, 404, "no_such_tip", "There is no such tip in your region.");
	case ASCENT_ABSENT:
		return refuse_call(c, 404, "no_such_tip", "There is no such tip in your region.");
	case ASCENT_TOO_FAR:
		break;
	}
	return refuse_call(c, 409, "incident_too_deep", "Too many tips hang one under the other here.");
}

/* --- one tip ------------------------------------------------------------------------------- */

static enum flow_next step_read(struct flow *flow)
{
	struct copies_flow *c = flow_state(flow);

	if (c->own.at.text[0] == '\0')
		c->own = (struct ascent){ .at = c->results[c->at].tip, .here = true };
	return read_row(flow, c, &c->own.at);
}

/* Whose it is, and whether it has ended otherwise. */
static enum flow_next refuse_state(struct flow *flow, const struct copies_flow *c, const struct store_row *row)
{
	if (!tip_state_open(row->state) && !span_is(row->end.outcome, "duplicate"))
		return refuse(flow, "not_in_this_state", "This tip was closed, and not as a duplicate.");
	if (row->holder.len > 0 && !span_is(row->holder, c->staff.person))
		return refuse(flow, "held_by_other",
			      arena_printf(flow_arena(flow), "%.*s holds this tip.", (int)row->holder.len, row->holder.at));
	return FLOW_DONE;
}

static enum flow_next decide(struct flow *flow, struct copies_flow *c)
{
	const struct store_row *row = c->own.tip;
	bool first = ascent_same(&row->id, &c->root.root->id) || (row->parent.text[0] == '\0' && ascent_older(row, c->root.root));

	if (!rights_see(&c->staff, row))
		return refuse(flow, "no_such_tip", "There is no such tip in your region.");
	if (!rights_reach(&c->staff, span_of(row->region)))
		return refuse(flow, "escalated", "This tip passed to the level above. You may read it and write notes.");
	if (first)
		return refuse(flow, "first_of_incident", "This tip came before the others: they would be copies of it.");
	if (c->own.tip_moving)
		return refuse(flow, "changed_meanwhile", "The tip is on its way to another region. Try again shortly.");
	if (refuse_state(flow, c, row) == FLOW_NEXT)
		return FLOW_NEXT;
	c->over = !tip_state_open(row->state);
	link_quietly(c->app, &c->staff, &row->id, &c->id, then(flow, STEP_LINKED));
	return FLOW_WAIT;
}

static enum flow_next step_look(struct flow *flow)
{
	struct copies_flow *c = flow_state(flow);

	if (c->read.outcome != STORE_DONE)
		return refuse(flow, quiet_unavailable.code, quiet_unavailable.detail);
	switch (ascent_step(&c->own, &c->read)) {
	case ASCENT_READ:
		return go(flow, STEP_READ);
	case ASCENT_THERE:
		return decide(flow, c);
	case ASCENT_ABSENT:
	case ASCENT_TOO_FAR:
		break;
	}
	return refuse(flow, "no_such_tip", "There is no such tip in your region.");
}

static enum flow_next step_linked(struct flow *flow)
{
	struct copies_flow *c = flow_state(flow);

	c->results[c->at].linked = !c->refused;
	if (c->refused || c->over)
		return go(flow, STEP_NEXT);
	take_quietly(c->app, &c->staff, &c->own.tip->id, c->app->config->lease.default_s, then(flow, STEP_TAKEN));
	return FLOW_WAIT;
}

static enum flow_next step_taken(struct flow *flow)
{
	struct copies_flow *c = flow_state(flow);

	if (c->refused)
		return go(flow, STEP_NEXT);
	work_quietly(c->app, &c->staff, &c->own.tip->id, action_find(SPAN("close")), &c->close, then(flow, STEP_CLOSED));
	return FLOW_WAIT;
}

static enum flow_next step_closed(struct flow *flow)
{
	static const struct action_wish nothing = { .lease_s = 0 };
	struct copies_flow *c = flow_state(flow);

	if (!c->refused || c->own.tip->state != TIP_QUEUED)
		return go(flow, STEP_NEXT);
	work_quietly(c->app, &c->staff, &c->own.tip->id, action_find(SPAN("release")), &nothing, then(flow, STEP_NEXT));
	return FLOW_WAIT;
}

/* --- answer ----------------------------------------------------------------------------------- */

static void put_result(const struct copy_result *result, struct json_out *json)
{
	json_open(json, '{');
	json_text(json, "tip", span_of(result->tip.text));
	json_bool(json, "done", result->code == NULL);
	if (result->code != NULL) {
		json_text(json, "code", span_of(result->code));
		json_text(json, "detail", span_of(result->detail));
		json_bool(json, "linked", result->linked);
	}
	json_close(json, '}');
}

static enum flow_next answer(struct copies_flow *c)
{
	struct buf body = { 0 };
	struct json_out json = json_out_to(&body);

	json_open(&json, '{');
	json_open_member(&json, "results", '[');
	for (size_t i = 0; i < c->n; i++)
		put_result(&c->results[i], &json);
	json_close(&json, ']');
	json_close(&json, '}');
	answer_json(c->exchange, 200, buf_span(&body));
	c->exchange = NULL;
	buf_release(&body);
	return FLOW_DONE;
}

static enum flow_next step_next(struct flow *flow)
{
	struct copies_flow *c = flow_state(flow);

	c->own = (struct ascent){ .here = true };
	if (++c->at == c->n)
		return answer(c);
	return go(flow, STEP_READ);
}

static void end(struct flow *flow, bool well)
{
	struct copies_flow *c = flow_state(flow);
	size_t done = 0;

	for (size_t i = 0; i < c->at; i++)
		done += c->results[i].code == NULL;
	log_event(LOG_LEVEL_INFO, "incident.copies", "id", c->id.text, "by", c->staff.person, "tips", log_u64(c->n), "done",
		  log_u64(done), "ms", log_u64(flow_age_ms(flow)), NULL);
	if (c->exchange != NULL)
		answer_unavailable(c->exchange);
	(void)well;
}

static const struct flow_step copies_steps[] = {
	[STEP_ROOT] = { .name = "root", .run = step_root },
	[STEP_CLIMB] = { .name = "climb", .run = step_climb },
	[STEP_READ] = { .name = "read", .run = step_read },
	[STEP_LOOK] = { .name = "look", .run = step_look },
	[STEP_LINKED] = { .name = "linked", .run = step_linked },
	[STEP_TAKEN] = { .name = "taken", .run = step_taken },
	[STEP_CLOSED] = { .name = "closed", .run = step_closed },
	[STEP_NEXT] = { .name = "next", .run = step_next },
};

static const struct flow_kind copies_kind = {
	.name = "copies",
	.steps = copies_steps,
	.nsteps = COUNT_OF(copies_steps),
	.state_bytes = sizeof(struct copies_flow),
	.timeout_ms = PATIENCE_MS,
	.end = end,
};

/* --- starting ------------------------------------------------------------------------------------ */

static bool refuse_tips(struct problem *problem)
{
	*problem = (struct problem){ .status = 400, .code = "field_invalid", .field = "tips",
				     .detail = "Give an array of 1 to 100 ids, each like 15-7K3MQ2X9RD." };
	return false;
}

static bool read_tips(const struct json_object *body, struct http_exchange *exchange, struct copies_flow *c, struct problem *problem)
{
	const struct json_member *member = json_member_find(body, "tips");
	struct json_array array;
	struct json_member id;

	if (member == NULL || !json_array_within(http_exchange_request(exchange)->body, member, &array))
		return refuse_tips(problem);
	while (json_array_next(&array, http_exchange_arena(exchange), &id)) {
		if (c->n == COPIES_MAX || id.kind != JSON_TEXT || !tip_id_parse(id.text, &c->results[c->n].tip))
			return refuse_tips(problem);
		c->n++;
	}
	return c->n > 0 || refuse_tips(problem);
}

/* Those who come after read it: without a word of the caller's it names the incident. */
static struct span note_of(struct span said, const struct copies_flow *c, struct span lang, struct arena *arena)
{
	if (!span_is_blank(said))
		return arena_dup(arena, said);
	return span_of(arena_printf(arena, why_chinese(lang) ? "与线索 %s 内容相同。" : "The same as tip %s.", c->id.text));
}

void incident_copies(const struct call *args, struct http_exchange *exchange)
{
	struct copies_flow *begun = arena_new(http_exchange_arena(exchange), struct copies_flow);
	struct problem problem = { .status = 404, .code = "no_such_tip", .detail = "A tip's id looks like 15-7K3MQ2X9RD." };
	const struct json_object *body;
	struct flow *flow;
	struct span note;

	begun->app = args->app;
	begun->staff = *args->staff;
	begun->exchange = exchange;
	if (!tip_id_parse(args->param[0], &begun->id) || (body = body_read(exchange, &problem)) == NULL ||
	    !read_tips(body, exchange, begun, &problem) || !body_text(body, "note", false, NOTE_MAX, &note, &problem)) {
		answer_problem(exchange, &problem);
		return;
	}
	begun->root.at = begun->id;
	flow = flow_start(args->app->loop, &copies_kind, NULL, NULL);
	begun->close.outcome = SPAN("duplicate");
	begun->close.text = note_of(note, begun, http_field_find(http_exchange_request(exchange), "Accept-Language"), flow_arena(flow));
	*(struct copies_flow *)flow_state(flow) = *begun;
}
