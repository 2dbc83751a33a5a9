/*
 * What an officer says about incidents: these two are the same, this one is
 * not part of it, that suggestion is wrong.
 *
 *   read, climb    where the tip is now, and what the call needs of the other   waits
 *   write          one fact, one event                                         waits
 *   answer         the tip as it is then (work.c)
 *
 * The incident that began later hangs under the one that began earlier: the
 * first tip of the one becomes a child of the first tip of the other. When
 * somebody was faster, all is read and decided again, a few times. The linker
 * leaves alone what a person said.
 */
#include "daemon/base/json_out.h"
#include "daemon/base/table.h"
#include "daemon/loop/loop.h"
#include "daemon/store/wait.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/keys.h"
#include "daemon/sys/log.h"
#include "handlers/bureau/ascent.h"
#include "handlers/bureau/body.h"
#include "handlers/bureau/bureau.h"
#include "handlers/bureau/quiet.h"
#include "handlers/bureau/rights.h"
#include "handlers/notify/courier.h"
#include "handlers/notify/outbox_item.h"

#define TRIES 4
#define SURE 100   /* percent, of a person's word */

enum link_step {
	STEP_READ,
	STEP_CLIMB,
	STEP_WRITE,
	STEP_WRITTEN,
};

struct link_flow;

/* The calls of this file: what is looked up of the other tip, and what is written. */
struct link_call {
	const char *name;
	const char *journal;
	bool needs_tip;       /* the body must name one */
	bool roots;           /* the first tips of the incidents count, not where the tip hangs */
	/* The tip is known; chooses what is looked up next, into l->other. FLOW_DONE: it was answered. */
	enum flow_next (*choose)(struct link_flow *l);
	/* All is known; fills in the fact. FLOW_DONE: it was answered. */
	enum flow_next (*decide)(struct link_flow *l, struct store_link *link);
};

struct link_flow {
	struct app *app;
	struct staff staff;
	struct http_exchange *exchange;  /* NULL: it was answered, or nobody asked by a request */
	struct quiet quiet;              /* `told` NULL: it was told, or a request asked */
	const struct link_call *call;
	struct tip_id id;
	struct tip_id named;             /* in the body; text empty: none */
	struct ascent own;
	struct ascent other;             /* text of `at` empty: nothing is looked up */
	struct ascent *climbing;
	struct store_reply read;
	struct store_reply written;
	char kick[3];                    /* shard whose outbox has something to carry; empty: none */
	bool done;
	unsigned tries;
};

/* Whoever asked is told how it ended, once. */
static void tell(struct link_flow *l, const struct problem *problem)
{
	struct quiet quiet = l->quiet;

	l->quiet.told = NULL;
	if (quiet.told != NULL)
		quiet.told(quiet.ctx, problem);
	else if (l->exchange != NULL)
		answer_problem(l->exchange, problem);
	l->exchange = NULL;
}

static enum flow_next refuse(struct link_flow *l, int status, const char *code, const char *detail)
{
	tell(l, &(struct problem){ .status = status, .code = code, .detail = detail });
	return FLOW_DONE;
}

static enum flow_next go(struct flow *flow, enum link_step step)
{
	flow_jump(flow, step);
	return FLOW_NEXT;
}

/* The tip as it is then: the last word of each call. */
static enum flow_next answer(struct link_flow *l)
{
	struct call call = { .app = l->app, .staff = &l->staff };

	l->done = true;
	if (l->quiet.told != NULL) {
		tell(l, NULL);
		return FLOW_DONE;
	}
	call.param[0] = span_of(l->own.tip->id.text);
	tip_read(&call, l->exchange);
	l->exchange = NULL;
	return FLOW_DONE;
}

static void begin(struct link_flow *l)
{
	l->own = (struct ascent){ .at = l->id, .here = !l->call->roots };
	l->other = (struct ascent){ .here = !l->call->roots };
	l->climbing = &l->own;
}

/* --- link ---------------------------------------------------------------------------------- */

static enum flow_next choose_link(struct link_flow *l)
{
	if (ascent_same(&l->named, &l->own.tip->id))
		return refuse(l, 409, "same_incident", "A tip cannot be linked to itself.");
	l->other.at = l->named;
	return FLOW_NEXT;
}

static enum flow_next decide_link(struct link_flow *l, struct store_link *link)
{
	bool own_older = ascent_older(l->own.root, l->other.root);
	const struct ascent *parent = own_older ? &l->own : &l->other;
	const struct ascent *child = own_older ? &l->other : &l->own;

	if (parent->root_moving || child->root_moving)
		return refuse(l, 409, "changed_meanwhile",
			      "A tip of the incident is on its way to another region. Try again shortly.");
	*link = (struct store_link){
		.kind = STORE_LINK_SET,
		.id = child->root->id,
		.other = parent->root->id,
		.received_ms = parent->root->received_ms,
		.score = SURE,
		.why = SPAN("officer"),
	};
	return FLOW_NEXT;
}

/* --- unlink --------------------------------------------------------------------------------- */

static bool was_declined(const struct store_row *row, const struct tip_id *id)
{
	for (size_t i = 0; i < row->nsuggestions; i++)
		if (ascent_same(&row->suggestions[i].other, id))
			return row->suggestions[i].declined;
	return false;
}

static enum flow_next choose_unlink(struct link_flow *l)
{
	const struct tip_id *parent = &l->own.tip->parent;

	if (l->named.text[0] != '\0' && parent->text[0] != '\0' && !ascent_same(parent, &l->named))
		return refuse(l, 409, "already_elsewhere", "The tip hangs under another one than this.");
	if (parent->text[0] == '\0') {
		/* The same call once more. */
		if (l->named.text[0] != '\0' && was_declined(l->own.tip, &l->named))
			return answer(l);
		return refuse(l, 409, "not_linked",
			      "The tip hangs under no other. Take the others out that hang under it.");
	}
	l->other.at = *parent;
	return FLOW_NEXT;
}

static enum flow_next decide_unlink(struct link_flow *l, struct store_link *link)
{
	*link = (struct store_link){
		.kind = STORE_LINK_UNSET,
		.id = l->own.tip->id,
		.other = l->own.tip->parent,
	};
	return FLOW_NEXT;
}

/* --- decline --------------------------------------------------------------------------------- */

static enum flow_next choose_decline(struct link_flow *l)
{
	const struct store_row *row = l->own.tip;

	if (row->parent.text[0] != '\0' && ascent_same(&row->parent, &l->named))
		return refuse(l, 409, "same_incident", "The tip hangs under that one: unlink it.");
	return FLOW_NEXT;
}

/* The suggestion stands under the id that the other tip had then. */
static enum flow_next decide_decline(struct link_flow *l, struct store_link *link)
{
	const struct store_row *row = l->own.tip;

	for (size_t i = 0; i < row->nsuggestions; i++)
		if (ascent_same(&row->suggestions[i].other, &l->named)) {
			*link = (struct store_link){
				.kind = STORE_LINK_DECLINE, .id = row->id, .other = row->suggestions[i].other
			};
			return FLOW_NEXT;
		}
	return refuse(l, 409, "not_suggested", "Nothing was suggested of these two.");
}

static const struct link_call call_link = {
	.name = "link", .journal = "linked", .needs_tip = true, .roots = true, .choose = choose_link, .decide = decide_link
};
static const struct link_call call_unlink = {
	.name = "unlink", .journal = "unlinked", .choose = choose_unlink, .decide = decide_unlink
};
static const struct link_call call_decline = {
	.name = "decline", .journal = "declined", .needs_tip = true, .choose = choose_decline, .decide = decide_decline
};

/* --- reading ---------------------------------------------------------------------------------- */

static enum flow_next step_read(struct flow *flow)
{
	struct link_flow *l = flow_state(flow);

	return store_wait_flow(flow, l->app->store, &(struct store_request){ .op = STORE_READ, .id = l->climbing->at },
			       &l->read);
}

static enum flow_next climbed(struct flow *flow, struct link_flow *l)
{
	if (l->climbing == &l->other)
		return go(flow, STEP_WRITE);
	if (!rights_reach(&l->staff, span_of(l->own.tip->region)))
		return refuse(l, 404, "no_such_tip", "There is no such tip in your region.");
	if (l->own.tip_moving)
		return refuse(l, 409, "changed_meanwhile", "The tip is on its way to another region. Try again shortly.");
	if (l->call->choose(l) != FLOW_NEXT)
		return FLOW_DONE;
	if (l->other.at.text[0] == '\0')
		return go(flow, STEP_WRITE);
	l->climbing = &l->other;
	return go(flow, STEP_READ);
}

static enum flow_next step_climb(struct flow *flow)
{
	struct link_flow *l = flow_state(flow);

	if (l->read.outcome != STORE_DONE)
		return FLOW_FAIL;
	switch (ascent_step(l->climbing, &l->read)) {
	case ASCENT_READ:
		return go(flow, STEP_READ);
	case ASCENT_THERE:
		return climbed(flow, l);
	case ASCENT_ABSENT:
		/* A parent that retention took can still be left. */
		if (l->climbing == &l->other && l->other.here)
			return go(flow, STEP_WRITE);
		return refuse(l, 404, "no_such_tip",
			      l->climbing == &l->own ? "There is no such tip in your region." : "There is no such other tip.");
	case ASCENT_TOO_FAR:
		break;
	}
	return refuse(l, 409, "incident_too_deep", "Too many tips hang one under the other here.");
}

/* --- writing ----------------------------------------------------------------------------------- */

static struct span event_json(const struct link_flow *l, const struct store_link *link, struct arena *arena)
{
	struct buf text = { 0 };
	struct json_out json = json_out_to(&text);
	struct span event;

	json_open(&json, '{');
	json_text(&json, "e", span_of(l->call->journal));
	json_text(&json, "id", span_of(link->id.text));
	json_i64(&json, "at", clock_wall_ms());
	json_text(&json, "by", span_of(l->staff.person));
	json_text(&json, "incident", span_of(link->other.text));
	if (link->kind == STORE_LINK_SET) {
		json_text(&json, "why", link->why);
		json_u64(&json, "score", link->score);
	}
	json_close(&json, '}');
	event = arena_dup(arena, buf_span(&text));
	buf_release(&text);
	return event;
}

/* The row of the tip that the fact is about. */
static const struct store_row *row_of(const struct link_flow *l, const struct store_link *link)
{
	if (!l->call->roots)
		return l->own.tip;
	return ascent_same(&l->own.root->id, &link->id) ? l->own.root : l->other.root;
}

/* Whom the outbox must tell: a parent of another shard, or one that went there since. */
static const struct tip_id *to_be_told(const struct link_flow *l, const struct store_link *link)
{
	struct span shard = tip_id_shard(&link->id);

	if (!span_eq(tip_id_shard(&link->other), shard))
		return &link->other;
	if (link->kind == STORE_LINK_UNSET && l->other.tip != NULL && !span_eq(tip_id_shard(&l->other.tip->id), shard))
		return &l->other.tip->id;
	return NULL;
}

static struct span intent_for(const struct link_flow *l, const struct store_link *link, struct arena *arena)
{
	const struct tip_id *parent = to_be_told(l, link);
	struct store_link told = {
		.kind = link->kind == STORE_LINK_SET ? STORE_LINK_CHILD : STORE_LINK_NO_CHILD,
		.other = link->id,
		.received_ms = row_of(l, link)->received_ms,
		.event = link->event,
	};

	if (parent == NULL || link->kind == STORE_LINK_DECLINE)
		return (struct span){ 0 };
	told.id = *parent;
	return child_intent(keys_courier(l->app->keys), &told, arena);
}

static enum flow_next step_write(struct flow *flow)
{
	struct link_flow *l = flow_state(flow);
	struct store_request request = { .op = STORE_LINK };
	struct store_link link;

	if (l->call->roots && ascent_same(&l->own.root->id, &l->other.root->id))
		return answer(l);   /* they are one incident already */
	if (l->call->decide(l, &link) != FLOW_NEXT)
		return FLOW_DONE;
	link.event = event_json(l, &link, flow_arena(flow));
	link.outbox = intent_for(l, &link, flow_arena(flow));
	memcpy(l->kick, link.id.text, link.outbox.len > 0 ? 2 : 0);
	request.link = &link;
	memcpy(request.shard, tip_id_shard(&link.id).at, 2);
	return store_wait_flow(flow, l->app->store, &request, &l->written);
}

/* Everything anew: what was read has changed. */
static enum flow_next start_over(struct flow *flow, struct link_flow *l)
{
	if (++l->tries >= TRIES)
		return refuse(l, 409, "changed_meanwhile", "The incident keeps changing. Read it again.");
	begin(l);
	return go(flow, STEP_READ);
}

static enum flow_next step_written(struct flow *flow)
{
	struct link_flow *l = flow_state(flow);

	if (l->written.outcome != STORE_DONE)
		return FLOW_FAIL;
	if (l->written.verdict == STORE_CONFLICT || l->written.verdict == STORE_ABSENT)
		return start_over(flow, l);
	if (l->kick[0] != '\0' && l->app->courier != NULL)
		courier_kick(l->app->courier, span_of(l->kick));
	return answer(l);
}

static void end(struct flow *flow, bool well)
{
	struct link_flow *l = flow_state(flow);

	log_event(LOG_LEVEL_INFO, "tip.link", "id", l->id.text, "action", l->call->name, "other", l->named.text, "by",
		  l->staff.person, "done", l->done ? "yes" : "no", "ms", log_u64(flow_age_ms(flow)), NULL);
	if (l->exchange != NULL || l->quiet.told != NULL)
		tell(l, &quiet_unavailable);
	(void)well;
}

static const struct flow_step link_steps[] = {
	[STEP_READ] = { .name = "read", .run = step_read },
	[STEP_CLIMB] = { .name = "climb", .run = step_climb },
	[STEP_WRITE] = { .name = "write", .run = step_write },
	[STEP_WRITTEN] = { .name = "written", .run = step_written },
};

static const struct flow_kind link_kind = {
	.name = "link",
	.steps = link_steps,
	.nsteps = COUNT_OF(link_steps),
	.state_bytes = sizeof(struct link_flow),
	.timeout_ms = 15000,
	.end = end,
};

/* --- starting ------------------------------------------------------------------------------------ */

static bool read_named(const struct link_call *kind, struct http_exchange *exchange, struct tip_id *named,
		       struct problem *problem)
{
	const struct json_object *body = body_read(exchange, problem);
	struct span text;

	*named = (struct tip_id){ .text = "" };
	if (body == NULL || !body_text(body, "tip", kind->needs_tip, TIP_ID_LEN, &text, problem))
		return false;
	if (text.len == 0 || tip_id_parse(text, named))
		return true;
	*problem = (struct problem){ .status = 400, .code = "field_invalid", .field = "tip",
				     .detail = "A tip's id looks like 15-7K3MQ2X9RD." };
	return false;
}

static void start(const struct call *args, struct http_exchange *exchange, const struct link_call *kind)
{
	struct problem problem;
	struct tip_id named;
	struct tip_id id;
	struct flow *flow;
	struct link_flow *l;

	if (!tip_id_parse(args->param[0], &id)) {
		answer_problem(exchange, &(struct problem){ .status = 404, .code = "no_such_tip",
							    .detail = "A tip's id looks like 15-7K3MQ2X9RD." });
		return;
	}
	if (!read_named(kind, exchange, &named, &problem)) {
		answer_problem(exchange, &problem);
		return;
	}
	flow = flow_start(args->app->loop, &link_kind, NULL, NULL);
	l = flow_state(flow);
	l->app = args->app;
	l->staff = *args->staff;
	l->exchange = exchange;
	l->call = kind;
	l->id = id;
	l->named = named;
	begin(l);
}

void link_quietly(struct app *app, const struct staff *staff, const struct tip_id *id, const struct tip_id *other, struct quiet quiet)
{
	struct link_flow *l = flow_state(flow_start(app->loop, &link_kind, NULL, NULL));

	l->app = app;
	l->staff = *staff;
	l->quiet = quiet;
	l->call = &call_link;
	l->id = *id;
	l->named = *other;
	begin(l);
}

void tip_link(const struct call *args, struct http_exchange *exchange)
{
	start(args, exchange, &call_link);
}

void tip_unlink(const struct call *args, struct http_exchange *exchange)
{
	start(args, exchange, &call_unlink);
}

void tip_decline(const struct call *args, struct http_exchange *exchange)
{
	start(args, exchange, &call_decline);
}
