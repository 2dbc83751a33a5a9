/*
 * Opening the identity of an informant: two approvers, each with another half of
 * the key, for one tip, within the hour, each with a reason.
 *
 *   read, keys   the tip, its sealed identity, its words                         waits
 *   ask          who waits already; the event and the reason, as a note           waits
 *   asked        the first one's half waits now; the second one goes on
 *   trail        the audit trail has what is opened next, and for whom            waits
 *   open         both halves, the identity, once
 *
 * That somebody asks is in the audit trail before any of this (trailing.h); the
 * reason is among the tip's notes, so who asks must be able to read the tip.
 * What was opened goes to the second approver and is kept nowhere. The halves
 * are unseal_half.h.
 */
#include "daemon/base/json_out.h"
#include "daemon/base/memory.h"
#include "daemon/base/table.h"
#include "daemon/base/utf8.h"
#include "daemon/base/wipe.h"
#include "daemon/jobs/trail.h"
#include "daemon/loop/loop.h"
#include "daemon/store/change.h"
#include "daemon/store/wait.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/config.h"
#include "daemon/sys/keys.h"
#include "daemon/sys/log.h"
#include "handlers/bureau/body.h"
#include "handlers/bureau/bureau.h"
#include "handlers/bureau/dossier.h"
#include "handlers/bureau/fields.h"
#include "handlers/bureau/rights.h"
#include "handlers/bureau/unseal_half.h"
#include "handlers/staff/gatekeeping.h"
#include "handlers/trailing.h"

#include <stdio.h>
#include <stdlib.h>

#define TRIES 4
#define MESSAGES_MAX 1000     /* as of work.c */
#define REASON_MIN 10         /* characters */
#define REASON_MAX 500
#define REASON_BYTES 2000

enum unseal_step {
	STEP_READ,
	STEP_KEYS,
	STEP_KEYED,
	STEP_ASK,
	STEP_ASKED,
	STEP_TRAIL,
	STEP_OPEN,
};

struct unseal_flow {
	struct app *app;
	struct staff staff;
	struct http_exchange *exchange;
	const char *route;
	struct tip_id id;
	struct span reason;
	struct store_reply read, changed;
	struct dossier dossier;
	struct dossier_keys keys;
	unsigned half;               /* of who asks */
	bool second;                 /* the other half waits */
	char first[TOKEN_PERSON_MAX + 1];
	bool written;                /* in the audit trail */
	bool opened;
	unsigned tries;
};

static enum flow_next refuse(struct unseal_flow *u, int status, const char *code, const char *detail)
{
	answer_problem(u->exchange, &(struct problem){ .status = status, .code = code, .detail = detail });
	u->exchange = NULL;
	return FLOW_DONE;
}

static enum flow_next go(struct flow *flow, enum unseal_step step)
{
	flow_jump(flow, step);
	return FLOW_NEXT;
}

/* --- reading --------------------------------------------------------------------------- */

static enum flow_next step_read(struct flow *flow)
{
	struct unseal_flow *u = flow_state(flow);

	return store_wait_flow(flow, u->app->store,
			       &(struct store_request){ .op = STORE_READ, .id = u->id, .identity = true }, &u->read);
}

static enum flow_next step_keys(struct flow *flow)
{
	struct unseal_flow *u = flow_state(flow);

	if (u->read.outcome != STORE_DONE)
		return FLOW_FAIL;
	if (u->read.verdict == STORE_ABSENT || u->read.nrows == 0 ||
	    !rights_reach(&u->staff, span_of(u->read.rows[0].region)))
		return refuse(u, 404, "no_such_tip", "There is no such tip in your region.");
	if (dossier_keys_missing(u->app, &u->staff, tip_id_shard(&u->id), u->read.rows, 1, &u->keys))
		return dossier_keys_fetch(u->app, flow, &u->keys);
	return FLOW_NEXT;
}

static enum flow_next step_keyed(struct flow *flow)
{
	struct unseal_flow *u = flow_state(flow);

	if (u->keys.n > 0)
		dossier_keys_open(u->app, &u->staff, &u->keys);
	dossier_open(u->app, &u->staff, &u->read.rows[0], flow_arena(flow), &u->dossier);
	return FLOW_NEXT;
}

/* --- asking ------------------------------------------------------------------------------ */

/* Whether the person may ask now; answers and FLOW_DONE when not. */
static enum flow_next look(struct unseal_flow *u)
{
	const struct share_waits *waits = unseal_waits(u->app);

	switch (share_waits_look(waits, &u->id, span_of(u->staff.person), u->half)) {
	case SHARE_NONE:
		u->second = false;
		if (share_waits_count(waits) < SHARE_WAITS_MAX)
			return FLOW_NEXT;
		return refuse(u, 503, "unseal_full", "Too many identities wait for their second approver.");
	case SHARE_OF_PERSON:
		return refuse(u, 409, "second_person", "You asked already: another approver, with the other half, has to ask too.");
	case SHARE_SAME_HALF:
		return refuse(u, 409, "other_half_needed", "Somebody with the same half asked: an approver of the other group has to.");
	case SHARE_OTHER_HALF:
		u->second = true;
		snprintf(u->first, sizeof(u->first), "%s", share_waits_person(waits, &u->id));
		break;
	}
	return FLOW_NEXT;
}

static enum flow_next may_ask(struct unseal_flow *u, struct arena *arena)
{
	const struct store_row *row = &u->read.rows[0];
	struct problem gone;

	u->half = unseal_half_of(u->app, &u->staff);
	if (u->half == 0)
		return refuse(u, 409, "no_share", "You have no half of the identities' key, or what you came in with does not open it.");
	if (row->identity.len == 0)
		return refuse(u, 409, "no_identity", "This tip came without a contact or a telephone number.");
	if (dossier_unreadable(&u->dossier, arena, &gone))
		return refuse(u, gone.status, gone.code, gone.detail);
	if (!u->dossier.readable)
		return refuse(u, 409, "not_readable", "Who asks must be able to read the tip: the reason stands among its notes.");
	if (row->nmessages >= MESSAGES_MAX)
		return refuse(u, 409, "too_many_messages", "This tip has as many messages and notes as it may have.");
	return look(u);
}

static struct span sealed_reason(const struct unseal_flow *u, struct arena *arena)
{
	struct tip_message message = { .kind = MESSAGE_NOTE, .at_ms = clock_wall_ms(), .author = span_of(u->staff.person),
				       .text = u->reason };
	struct buf sealed = { 0 };
	struct span kept;

	seal_message(&u->id, &message, &u->dossier.tip_key, &sealed);
	kept = arena_dup(arena, buf_span(&sealed));
	buf_release(&sealed);
	return kept;
}

static struct span event_json(const struct unseal_flow *u, const struct store_change *change, struct arena *arena)
{
	struct buf text = { 0 };
	struct json_out json = json_out_to(&text);
	struct span event;

	json_open(&json, '{');
	json_text(&json, "e", u->second ? SPAN("unsealed") : SPAN("unseal_asked"));
	json_text(&json, "id", span_of(u->id.text));
	json_i64(&json, "at", clock_wall_ms());
	json_text(&json, "by", span_of(u->staff.person));
	json_text(&json, "region", span_of(change->region));
	json_u64(&json, "points", change->points);
	json_close(&json, '}');
	event = arena_dup(arena, buf_span(&text));
	buf_release(&text);
	return event;
}

static enum flow_next write_event(struct flow *flow, struct unseal_flow *u, const struct tip_move *move)
{
	const struct store_row *row = &u->read.rows[0];
	struct store_change change = { .id = u->id, .expect_rev = row->rev, .state = move->to, .points = row->points,
				       .message = sealed_reason(u, flow_arena(flow)) };

	store_change_follow(&change, row, move, span_of(u->staff.person));
	memcpy(change.region, row->region, sizeof(change.region));
	if (move->to == TIP_CLAIMED || move->to == TIP_VERIFIED)
		change.holder = row->holder;
	change.event = event_json(u, &change, flow_arena(flow));
	return store_wait_flow(flow, u->app->store, &(struct store_request){ .op = STORE_CHANGE, .change = &change }, &u->changed);
}

static enum flow_next step_ask(struct flow *flow)
{
	struct unseal_flow *u = flow_state(flow);
	const struct tip_move *move = tip_move_find(u->read.rows[0].state, TIP_EV_UNSEAL, rights_actor(&u->staff));

	if (move == NULL)
		return refuse(u, 409, "not_in_this_state", "The tip went to another region; ask for it there.");
	if (may_ask(u, flow_arena(flow)) != FLOW_NEXT)
		return FLOW_DONE;
	return write_event(flow, u, move);
}

/* --- the first one --------------------------------------------------------------------------- */

static void answer_waits(struct unseal_flow *u, unsigned wait_s)
{
	struct buf body = { 0 };
	struct json_out json = json_out_to(&body);

	json_open(&json, '{');
	json_text(&json, "tip", span_of(u->id.text));
	json_text(&json, "state", SPAN("waits"));
	json_u64(&json, "half", u->half);
	fields_time(&json, "until", clock_wall_ms() + (int64_t)wait_s * 1000);
	json_close(&json, '}');
	answer_json(u->exchange, 202, buf_span(&body));
	u->exchange = NULL;
	buf_release(&body);
}

static enum flow_next wait_for_other(struct unseal_flow *u)
{
	unsigned wait_s = u->app->config->keys.unseal_s;

	if (!unseal_half_wait(u->app, &u->staff, &u->id, u->half, wait_s))
		return refuse(u, 409, "changed_meanwhile", "Somebody else asked at the same moment. Ask again.");
	answer_waits(u, wait_s);
	return FLOW_DONE;
}

static enum flow_next step_asked(struct flow *flow)
{
	struct unseal_flow *u = flow_state(flow);

	if (u->changed.outcome == STORE_DONE && u->changed.verdict == STORE_CONFLICT) {
		if (++u->tries >= TRIES)
			return refuse(u, 409, "changed_meanwhile", "The tip keeps changing. Ask again.");
		return go(flow, STEP_READ);
	}
	if (u->changed.outcome != STORE_DONE)
		return FLOW_FAIL;
	return u->second ? FLOW_NEXT : wait_for_other(u);
}

/* --- the second one ----------------------------------------------------------------------------- */

struct trail_note {
	struct loop *loop;
	struct flow_ref flow;
};

static void noted(void *ctx, bool written)
{
	struct trail_note *note = ctx;
	struct flow *flow = flow_resolve(note->loop, note->flow);

	if (flow != NULL) {
		((struct unseal_flow *)flow_state(flow))->written = written;
		flow_resume(note->loop, note->flow);
	}
	free(note);
}

static enum flow_next step_trail(struct flow *flow)
{
	struct unseal_flow *u = flow_state(flow);
	struct trail_event event = { .kind = TRAIL_UNSEAL,
				     .by = span_of(u->staff.person),
				     .token = span_of(u->staff.token_id),
				     .call = span_of(u->route),
				     .id = span_of(u->id.text),
				     .region = span_of(u->read.rows[0].region),
				     .from = span_of(u->first) };
	struct trail_note *note = memory_zeroes(1, sizeof(*note));

	*note = (struct trail_note){ .loop = u->app->loop, .flow = flow_ref(flow) };
	if (trail_show(u->app->trail, &event, (struct trail_wait){ .done = noted, .ctx = note }))
		return FLOW_WAIT;
	free(note);
	return FLOW_NEXT;   /* not written: step_open() says so */
}

/* Whether what the first one came in with still holds, and is an approver's; else the half that they brought is wiped. */
static bool first_is_approver(const struct unseal_flow *u)
{
	struct share_waits *waits = unseal_waits(u->app);
	const char *owner = share_waits_owner(waits, &u->id);
	struct staff first = { .roles = 0 };
	struct problem unused;

	if (owner == NULL)
		return false;
	snprintf(first.token_id, sizeof(first.token_id), "%s", owner);
	if (gatekeeping_again(u->app, u->exchange, &first, &unused) && (first.roles & WHO_APPROVER) != 0)
		return true;
	(void)share_waits_withdraw(waits, &u->id, span_of(u->first));
	return false;
}

static void answer_identity(struct unseal_flow *u, struct span contact, struct span sender)
{
	struct buf body = { 0 };
	struct json_out json = json_out_to(&body);

	json_open(&json, '{');
	json_text(&json, "tip", span_of(u->id.text));
	json_text(&json, "state", SPAN("opened"));
	json_text(&json, "asked_by", span_of(u->first));
	json_text(&json, "contact", contact);
	json_text(&json, "sender", sender);
	json_close(&json, '}');
	answer_json(u->exchange, 200, buf_span(&body));
	u->exchange = NULL;
	u->opened = true;
	buf_release(&body);
}

static bool open_identity(const struct unseal_flow *u, const unsigned char secret_key[32], struct arena *arena, struct span *contact,
			  struct span *sender)
{
	const struct store_row *row = &u->read.rows[0];
	struct span sealed;

	return week_keys_uncover(u->app->weeks, &u->id, COVER_IDENTITY, row->identity, arena, &sealed) == WEEK_KEY_FOUND &&
	       seal_open_identity(&u->id, sealed, keys_identity_public(u->app->keys), secret_key, arena, contact, sender);
}

static enum flow_next step_open(struct flow *flow)
{
	struct unseal_flow *u = flow_state(flow);
	unsigned char secret_key[32];
	struct span contact, sender;
	bool joined, well;

	if (!u->written) {
		trailing_refuse(u->exchange);
		u->exchange = NULL;
		return FLOW_DONE;
	}
	joined = first_is_approver(u) && unseal_halves_join(u->app, &u->staff, &u->id, u->half, u->first, secret_key);
	well = joined && open_identity(u, secret_key, flow_arena(flow), &contact, &sender);
	wipe(secret_key, sizeof(secret_key));
	if (!joined)
		return refuse(u, 409, "changed_meanwhile", "The first half is not there any more. Both have to ask again.");
	if (!well)
		return refuse(u, 409, "no_identity", "This identity is sealed to another key.");
	answer_identity(u, contact, sender);
	return FLOW_DONE;
}

/* --- the flow --------------------------------------------------------------------------------------- */

static void end(struct flow *flow, bool well)
{
	struct unseal_flow *u = flow_state(flow);

	log_event(LOG_LEVEL_NOTICE, "tip.unseal", "id", u->id.text, "by", u->staff.person, "half", u->half == 1 ? "1" : u->half == 2 ? "2" : "",
		  "opened", u->opened ? "yes" : "no", "ms", log_u64(flow_age_ms(flow)), NULL);
	if (u->exchange != NULL)
		answer_unavailable(u->exchange);
	wipe(&u->dossier.tip_key, sizeof(u->dossier.tip_key));
	(void)well;
}

static const struct flow_step unseal_steps[] = {
	[STEP_READ] = { .name = "read", .run = step_read },
	[STEP_KEYS] = { .name = "keys", .run = step_keys },
	[STEP_KEYED] = { .name = "keyed", .run = step_keyed },
	[STEP_ASK] = { .name = "ask", .run = step_ask },
	[STEP_ASKED] = { .name = "asked", .run = step_asked },
	[STEP_TRAIL] = { .name = "trail", .run = step_trail },
	[STEP_OPEN] = { .name = "open", .run = step_open },
};

static const struct flow_kind unseal_kind = {
	.name = "unseal",
	.steps = unseal_steps,
	.nsteps = COUNT_OF(unseal_steps),
	.state_bytes = sizeof(struct unseal_flow),
	.timeout_ms = 15000,
	.end = end,
};

/* --- starting ------------------------------------------------------------------------------------------ */

static bool read_reason(struct http_exchange *exchange, struct span *reason, struct problem *problem)
{
	const struct json_object *body = body_read(exchange, problem);
	size_t n;

	if (body == NULL || !body_text(body, "reason", true, REASON_BYTES, reason, problem))
		return false;
	*reason = span_trim(*reason);
	n = utf8_count(*reason);
	if (n >= REASON_MIN && n <= REASON_MAX)
		return true;
	*problem = (struct problem){ .status = 400, .code = "field_invalid", .field = "reason",
				     .detail = "Say in 10 to 500 characters why the identity is needed." };
	return false;
}

/* False: it was answered. */
static bool find_id(const struct call *args, struct http_exchange *exchange, struct tip_id *id)
{
	if (args->app->keyrings != NULL && tip_id_parse(args->param[0], id))
		return true;
	answer_problem(exchange, &(struct problem){ .status = 404, .code = "no_such_tip",
						    .detail = "A tip's id looks like 15-7K3MQ2X9RD." });
	return false;
}

void tip_unseal(const struct call *args, struct http_exchange *exchange)
{
	struct problem problem;
	struct unseal_flow *u;
	struct span reason;
	struct tip_id id;

	if (!find_id(args, exchange, &id))
		return;
	if (!read_reason(exchange, &reason, &problem)) {
		answer_problem(exchange, &problem);
		return;
	}
	u = flow_state(flow_start(args->app->loop, &unseal_kind, NULL, NULL));
	u->app = args->app;
	u->staff = *args->staff;
	u->exchange = exchange;
	u->route = args->endpoint->name;
	u->id = id;
	u->reason = reason;   /* in the exchange's arena, until the answer */
}

void tip_unseal_cancel(const struct call *args, struct http_exchange *exchange)
{
	struct tip_id id;

	if (!find_id(args, exchange, &id))
		return;
	if (share_waits_withdraw(unseal_waits(args->app), &id, span_of(args->staff->person)))
		answer_json(exchange, 200, SPAN("{\"state\":\"withdrawn\"}"));
	else
		answer_problem(exchange, &(struct problem){ .status = 409, .code = "nothing_waits",
							    .detail = "Nothing that you asked for of this tip waits (any more)." });
}
