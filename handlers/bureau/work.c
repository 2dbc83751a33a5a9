/*
 * Work on one tip: read it, and do one of the actions of actions.c.
 *
 *   read     the row, the sealed words, the messages                   waits
 *   keys     its data key, where it is not known yet                   waits
 *   change   lifecycle decides, one event is written, or conflict      waits
 *   answer   the tip as it is then
 *
 * A conflict (somebody else changed the tip in between) is decided again on
 * what is there now, a few times.
 */
#include "daemon/base/hex.h"
#include "daemon/base/json_out.h"
#include "daemon/base/table.h"
#include "daemon/base/wipe.h"
#include "daemon/loop/loop.h"
#include "daemon/store/change.h"
#include "daemon/store/wait.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/config.h"
#include "daemon/sys/keys.h"
#include "daemon/sys/log.h"
#include "daemon/tlog/leaf_mask.h"
#include "handlers/bureau/actions.h"
#include "handlers/bureau/bureau.h"
#include "handlers/bureau/dossier.h"
#include "handlers/bureau/quiet.h"
#include "handlers/bureau/rights.h"
#include "handlers/notify/courier.h"
#include "handlers/notify/outbox_item.h"

#define TRIES 4
#define MESSAGES_MAX 1000   /* of a tip; below what a transfer carries (tip_receive.lua) */

enum work_step {
	STEP_READ,
	STEP_KEYS,
	STEP_KEYED,
	STEP_CHANGE,
	STEP_CHANGED,
	STEP_ANSWER,
};

struct work_flow {
	struct app *app;
	struct staff staff;
	struct http_exchange *exchange;    /* NULL: it was answered, or nobody asked by a request */
	struct quiet quiet;                /* `told` NULL: it was told, or a request asked */
	struct tip_id id;
	const struct action *action;       /* NULL: only read */
	bool done;                         /* the action was carried out; read once more and answer */
	struct action_wish wish;
	struct span lang;
	struct store_reply read;
	struct store_reply changed;
	struct dossier dossier;
	struct dossier_keys keys;
	unsigned tries;
};

/* Whoever asked is told how it ended, once. */
static enum flow_next tell(struct work_flow *w, const struct problem *problem)
{
	struct quiet quiet = w->quiet;

	w->quiet.told = NULL;
	if (quiet.told != NULL)
		quiet.told(quiet.ctx, problem);
	else
		answer_problem(w->exchange, problem);
	w->exchange = NULL;
	return FLOW_DONE;
}

static enum flow_next refuse(struct work_flow *w, int status, const char *code, const char *detail)
{
	return tell(w, &(struct problem){ .status = status, .code = code, .detail = detail });
}

static enum flow_next go(struct flow *flow, enum work_step step)
{
	flow_jump(flow, step);
	return FLOW_NEXT;
}

/* --- reading --------------------------------------------------------------------------- */

static enum flow_next step_read(struct flow *flow)
{
	struct work_flow *w = flow_state(flow);
	bool moving = w->action != NULL && w->action->event == TIP_EV_TRANSFER;

	return store_wait_flow(flow, w->app->store,
			       &(struct store_request){ .op = STORE_READ, .id = w->id, .identity = moving }, &w->read);
}

static enum flow_next step_keys(struct flow *flow)
{
	struct work_flow *w = flow_state(flow);

	if (w->read.outcome != STORE_DONE)
		return FLOW_FAIL;
	/* What lies outside the person's region is told apart from nothing at all to nobody. */
	/* A transfer that was carried out may have taken it there: that is its answer. */
	if (w->read.verdict == STORE_ABSENT || w->read.nrows == 0 ||
	    (!w->done && !rights_see(&w->staff, &w->read.rows[0])))
		return refuse(w, 404, "no_such_tip", "There is no such tip in your region.");
	if (dossier_keys_missing(w->app, &w->staff, tip_id_shard(&w->id), w->read.rows, 1, &w->keys))
		return dossier_keys_fetch(w->app, flow, &w->keys);
	return FLOW_NEXT;
}

static enum flow_next step_keyed(struct flow *flow)
{
	struct work_flow *w = flow_state(flow);

	if (w->keys.n > 0)
		dossier_keys_open(w->app, &w->staff, &w->keys);
	dossier_open(w->app, &w->staff, &w->read.rows[0], flow_arena(flow), &w->dossier);
	/* An administrator frees tips of officers who left; the words are not for administrators. */
	w->dossier.hidden = (w->staff.roles & (WHO_OFFICER | WHO_VERIFIER)) == 0;
	return go(flow, w->action == NULL || w->done ? STEP_ANSWER : STEP_CHANGE);
}

/* --- the change -------------------------------------------------------------------------- */

/* The text that goes along, sealed as message or note; empty: none. */
static struct span sealed_text(const struct work_flow *w, struct arena *arena)
{
	bool to_informant = w->action->text == ACTION_MESSAGE;
	struct span text = w->wish.text.len > 0 ? w->wish.text : w->wish.reason;
	struct tip_message message = {
		.kind = to_informant ? MESSAGE_FROM_BUREAU : MESSAGE_NOTE,
		.at_ms = clock_wall_ms(),
		.author = span_of(w->staff.person),
		.text = text,
	};
	struct buf sealed = { 0 };
	struct span kept;

	if (text.len == 0 || w->dossier.week == WEEK_KEY_GONE)
		return (struct span){ 0 };
	seal_message(&w->id, &message, &w->dossier.tip_key, &sealed);
	kept = arena_dup(arena, buf_span(&sealed));
	buf_release(&sealed);
	return kept;
}

static struct span event_json(const struct work_flow *w, const char *name, const struct store_change *change,
			      const struct tip_id *to, struct arena *arena)
{
	struct buf text = { 0 };
	struct json_out json = json_out_to(&text);
	struct span event;

	json_open(&json, '{');
	json_text(&json, "e", span_of(name));
	json_text(&json, "id", span_of(w->id.text));
	json_i64(&json, "at", clock_wall_ms());
	json_text(&json, "by", span_of(w->staff.person));
	if (to != NULL)
		json_text(&json, "to", span_of(to->text));
	json_text(&json, "region", span_of(change->region));
	json_u64(&json, "points", change->points);
	if (w->wish.basis.len > 0)
		json_text(&json, "why", w->wish.basis);
	if (w->wish.verdict.len > 0)
		json_text(&json, "verdict", w->wish.verdict);
	if (w->wish.outcome.len > 0)
		json_text(&json, "outcome", w->wish.outcome);
	if (w->wish.outcome.len > 0 && w->read.rows[0].reopens > 0)
		json_text(&json, "before", w->read.rows[0].closer);
	json_close(&json, '}');
	event = arena_dup(arena, buf_span(&text));
	buf_release(&text);
	return event;
}

/* Under its own week's key, which opened it a moment ago: a transfer does not make a tip live longer. */
static struct span covered_again(const struct work_flow *w, struct span sealed, struct arena *arena)
{
	const struct store_row *row = &w->read.rows[0];
	struct seal_key key;
	struct buf out = { 0 };
	struct span covered;
	unsigned week;

	if (!cover_week(row->sealed, &week) || week == 0)
		return arena_dup(arena, sealed);
	if (week_keys_find(w->app->weeks, week, &key) != WEEK_KEY_FOUND)
		return (struct span){ 0 };
	cover_seal(&row->id, COVER_CONTENT, week, &key, sealed, &out);
	covered = arena_dup(arena, buf_span(&out));
	buf_release(&out);
	wipe(&key, sizeof(key));
	return covered;
}

/* The content wrapped for the bureau of another region; empty when the same bureau answers there. */
static void rewrap_for(const struct work_flow *w, struct span region, struct arena *arena,
		       struct span *sealed, struct store_data_key *data_key)
{
	const struct store_row *row = &w->read.rows[0];
	const struct data_key *key = keys_data_key(w->app->keys, region, clock_wall_ms(), &data_key->sealed);
	struct buf out = { 0 };

	data_key->sealed = arena_dup(arena, data_key->sealed);
	memcpy(data_key->id, key->id, sizeof(data_key->id));
	if (seal_rewrap(&row->id, w->dossier.sealed, &w->dossier.tip_key, key, &out))
		*sealed = covered_again(w, buf_span(&out), arena);
	buf_release(&out);
}

/* All messages of the tip, with the note that this change adds. */
static const struct span *messages_with(const struct store_row *row, struct span note, struct arena *arena,
					size_t *n)
{
	struct span *all = arena_array(arena, struct span, row->nmessages + 1);

	*n = row->messages != NULL ? row->nmessages : 0;
	for (size_t i = 0; i < *n; i++)
		all[i] = row->messages[i];
	if (note.len > 0)
		all[(*n)++] = note;
	return all;
}

/* The event with which the tip begins in the other shard. */
static struct span received_json(const struct store_tip *tip, const struct tip_id *from, struct arena *arena)
{
	struct buf text = { 0 };
	struct json_out json = json_out_to(&text);
	struct span event;

	json_open(&json, '{');
	json_text(&json, "e", SPAN("received"));
	json_text(&json, "id", span_of(tip->id.text));
	json_i64(&json, "at", clock_wall_ms());
	json_text(&json, "from", span_of(from->text));
	json_text(&json, "region", span_of(tip->region));
	json_u64(&json, "points", tip->points);
	json_u64(&json, "hops", tip->hops);
	json_i64(&json, "received", tip->received_ms);
	json_text(&json, "mark", span_of(hex_text(arena, tip->receipt_mark, STORE_MARK_BYTES)));
	if (tip->parent.text[0] != '\0')
		json_text(&json, "incident", span_of(tip->parent.text));
	if (tip->context.len > 0)
		json_text(&json, "context", tip->context);
	json_close(&json, '}');
	event = arena_dup(arena, buf_span(&text));
	buf_release(&text);
	return event;
}

/* The seed of the tip's leaves as it is kept under another id of it; empty when it has none. */
static struct span seed_for(const struct work_flow *w, const struct tip_id *id, struct arena *arena)
{
	const unsigned char *key = keys_log_mask(w->app->keys);
	const struct store_row *row = &w->read.rows[0];
	unsigned char seed[LEAF_SEED_BYTES];
	struct span masked;

	if (row->seed.len != sizeof(seed))
		return (struct span){ 0 };
	memcpy(seed, row->seed.at, sizeof(seed));
	leaf_mask(key, &row->id, seed, seed);
	leaf_mask(key, id, seed, seed);
	masked = arena_dup(arena, span_from(seed, sizeof(seed)));
	wipe(seed, sizeof(seed));
	return masked;
}

static struct span files_names(const struct dossier *dossier, struct arena *arena)
{
	struct all_files files = dossier_files(dossier);

	return all_files_names(&files, arena);
}

static struct span transfer_intent(const struct work_flow *w, const struct store_change *change,
				   const struct tip_id *to, struct arena *arena)
{
	const struct store_row *row = &w->read.rows[0];
	struct outbox_item item = { .kind = OUTBOX_TRANSFER };
	struct store_tip *tip = &item.transfer.tip;
	struct buf sealed = { 0 };
	struct span intent;

	item.transfer.from = w->id;
	item.transfer.messages = messages_with(row, change->message, arena, &item.transfer.nmessages);
	tip->id = *to;
	memcpy(tip->receipt_mark, row->receipt_mark, sizeof(tip->receipt_mark));
	memcpy(tip->region, change->region, sizeof(tip->region));
	tip->points = row->points;
	tip->received_ms = row->received_ms;
	tip->hops = row->hops + 1;
	tip->identity = row->identity;
	tip->files = files_names(&w->dossier, arena);
	tip->seed = seed_for(w, to, arena);
	tip->sealed = row->sealed; /* of what was erased: as it lies here */
	rewrap_for(w, span_of(change->region), arena, &tip->sealed, &tip->data_key);
	tip->parent = row->parent;
	tip->context = row->context;
	tip->event = received_json(tip, &w->id, arena);
	outbox_item_seal(keys_courier(w->app->keys), &item, &sealed);
	intent = arena_dup(arena, buf_span(&sealed));
	buf_release(&sealed);
	return intent;
}

/* A transfer stays within the shard or leaves it through the outbox. */
static const char *plan_transfer(const struct work_flow *w, enum tip_event event, struct store_change *change,
				 struct arena *arena, struct tip_id *to)
{
	memcpy(change->region, w->wish.region.at, 6);
	if (event == TIP_EV_TRANSFER) {
		rewrap_for(w, w->wish.region, arena, &change->sealed, &change->data_key);
		return "transferred";
	}
	*to = w->id;
	memcpy(to->text, change->region, 2);
	change->outbox = transfer_intent(w, change, to, arena);
	return "transferred_away";
}

static enum tip_event event_of(const struct work_flow *w)
{
	if (w->action->event == TIP_EV_TRANSFER && !span_starts(w->wish.region, tip_id_shard(&w->id)))
		return TIP_EV_TRANSFER_AWAY;
	/* Who asked asks again: that changes nothing, and is refused below. */
	if (w->action->event == TIP_EV_ASK_LIFT && w->read.rows[0].hold.asked.len > 0)
		return TIP_EV_LIFT;
	return w->action->event;
}

static unsigned lease_ms_of(const struct work_flow *w)
{
	if (w->action->event != TIP_EV_RENEW)
		return 0;
	return (unsigned)(w->wish.lease_s > 0 ? w->wish.lease_s : w->app->config->lease.default_s) * 1000;
}

/*
 * What the outcome teaches, of the words as they were judged at intake; empty
 * when they are not readable here, or nothing is learned.
 */
static struct span example_of(const struct work_flow *w, struct arena *arena)
{
	const struct tip_content *content = &w->dossier.content;
	struct tip tip = { .text = content->text,
			   .region = content->region,
			   .place = content->place,
			   .when = content->when,
			   .category = content->category,
			   .lang = content->lang,
			   .received_ms = w->read.rows[0].received_ms };
	struct judgement *judged;
	bool wanted;

	if (!w->dossier.readable || !learn_outcome(w->wish.outcome, &wanted))
		return (struct span){ 0 };
	judged = arena_new(arena, struct judgement);
	judge_tip(w->app->judge, &tip, arena, judged);
	if (judged->example == NULL)
		return (struct span){ 0 };
	return learn_seal(keys_learning(w->app->keys), &w->id, judged->example, arena);
}

/* What rewards are to know of a tip closed as verified, by somebody who may say so; else empty. */
static struct span verified_intent(const struct work_flow *w, struct arena *arena)
{
	const struct store_row *row = &w->read.rows[0];
	struct outbox_item item = { .kind = OUTBOX_VERIFIED };
	struct outbox_verified *verified = &item.verified;
	struct buf sealed = { 0 };
	struct span intent;

	if (!w->app->config->money.enabled || !span_is(w->wish.outcome, "verified") ||
	    (w->staff.roles & WHO_VERIFIER) == 0)
		return (struct span){ 0 };
	*verified = (struct outbox_verified){ .tip = w->id, .rev = row->rev, .received_ms = row->received_ms,
					      .case_id = w->wish.case_id, .bands = w->wish.bands,
					      .by = span_of(w->staff.person) };
	memcpy(verified->region, row->region, sizeof(verified->region));
	if (verified->case_id.len == 0)
		verified->case_id = span_of(row->parent.text[0] != '\0' ? row->parent.text : w->id.text);
	outbox_item_seal(keys_courier(w->app->keys), &item, &sealed);
	intent = arena_dup(arena, buf_span(&sealed));
	buf_release(&sealed);
	return intent;
}

static enum flow_next write_change(struct flow *flow, struct work_flow *w, const struct tip_move *move)
{
	struct arena *arena = flow_arena(flow);
	const struct store_row *row = &w->read.rows[0];
	const char *name = w->action->journal;
	struct tip_id to = { .text = "" };
	struct store_change change = {
		.id = w->id,
		.expect_rev = row->rev,
		.state = move->to,
		.points = row->points,
		.lease_ms = lease_ms_of(w),
		.message = sealed_text(w, arena),
	};

	store_change_follow(&change, row, move, span_of(w->staff.person));
	memcpy(change.region, row->region, sizeof(change.region));
	if (move->to == TIP_CLAIMED || move->to == TIP_VERIFIED)
		change.holder = row->holder;
	if (w->action->event == TIP_EV_TRANSFER)
		name = plan_transfer(w, move->on, &change, arena, &to);
	if (move->on == TIP_EV_LIFT)
		name = "hold_lifted";
	if (move->on == TIP_EV_CLOSE) {
		change.end = (struct store_end){ .outcome = w->wish.outcome, .at_ms = CLOCK_NOW };
		change.example = example_of(w, arena);
		change.outbox = verified_intent(w, arena);
	}
	change.event = event_json(w, name, &change, to.text[0] != '\0' ? &to : NULL, arena);
	return store_wait_flow(flow, w->app->store, &(struct store_request){ .op = STORE_CHANGE, .change = &change },
			       &w->changed);
}

/* What a legal hold forbids, or what needs one; NULL: nothing. */
static const struct problem *hold_problem(const struct work_flow *w, const struct store_row *row, const struct tip_move *move)
{
	static const struct problem held = { .status = 409, .code = "held",
					     .detail = "This tip is under a legal hold: it cannot be held twice, nor leave the shard." };
	static const struct problem not_held = { .status = 409, .code = "not_held", .detail = "This tip is under no legal hold." };
	static const struct problem same = { .status = 409, .code = "second_person",
					     .detail = "You asked for this hold to be lifted: another person has to confirm it." };
	bool is_held = row->hold.by.len > 0;

	if ((move->on == TIP_EV_HOLD || move->on == TIP_EV_TRANSFER_AWAY) && is_held)
		return &held;
	if ((move->on == TIP_EV_ASK_LIFT || move->on == TIP_EV_LIFT) && !is_held)
		return &not_held;
	return move->on == TIP_EV_LIFT && span_eq_nocase(row->hold.asked, span_of(w->staff.person)) ? &same : NULL;
}

/* The informant did not accept the first end: another officer says whether the second one holds. */
static bool needs_another(const struct work_flow *w, const struct store_row *row)
{
	return w->action->event == TIP_EV_CLOSE && row->reopens > 0 && span_is(row->closer, w->staff.person);
}

/*
 * What was erased takes no more words, as there is no key to seal them under:
 * it can still be given back, handed on and closed, without them.
 */
static bool needs_words(const struct work_flow *w)
{
	bool any = w->wish.text.len > 0 || w->wish.reason.len > 0;

	if (w->dossier.week == WEEK_KEY_GONE)
		return w->action->event == TIP_EV_MESSAGE || w->action->event == TIP_EV_NOTE;
	return any;
}

static enum flow_next step_change(struct flow *flow)
{
	struct work_flow *w = flow_state(flow);
	const struct store_row *row = &w->read.rows[0];
	const struct tip_move *move = tip_move_find(row->state, event_of(w), rights_actor(&w->staff));
	struct problem problem;
	const struct problem *hold = move != NULL ? hold_problem(w, row, move) : NULL;

	if (move == NULL)
		return refuse(w, 409, "not_in_this_state",
			      "The tip's state or your role does not allow this. Read the tip again.");
	if (w->action->event != TIP_EV_NOTE && !rights_reach(&w->staff, span_of(row->region)))
		return refuse(w, 403, "escalated", "This tip passed to the level above. You may read it and write notes.");
	if (hold != NULL)
		return refuse(w, hold->status, hold->code, hold->detail);
	if (needs_another(w, row))
		return refuse(w, 409, "second_person",
			      "The informant had it reopened: another officer than the one who closed it has to close it.");
	if (move->holder_only && !span_is(row->holder, w->staff.person))
		return refuse(w, 409, "not_the_holder", "Somebody else holds this tip, or its lease ran out.");
	if (row->nmessages >= MESSAGES_MAX && w->action->text != ACTION_NO_TEXT)
		return refuse(w, 409, "too_many_messages", "This tip has as many messages and notes as it may have.");
	if (needs_words(w) && dossier_unreadable(&w->dossier, flow_arena(flow), &problem))
		return tell(w, &problem);
	if (!w->dossier.readable && w->dossier.week == WEEK_KEY_FOUND && (w->wish.text.len > 0 || w->wish.reason.len > 0))
		return refuse(w, 409, "not_readable", "This process holds no key for the tip's words.");
	return write_change(flow, w, move);
}

static enum flow_next step_changed(struct flow *flow)
{
	struct work_flow *w = flow_state(flow);

	if (w->changed.outcome == STORE_DONE && w->changed.verdict == STORE_CONFLICT) {
		if (++w->tries >= TRIES)
			return refuse(w, 409, "changed_meanwhile", "The tip keeps changing. Read it again.");
		return go(flow, STEP_READ);
	}
	if (w->changed.outcome != STORE_DONE)
		return FLOW_FAIL;
	w->done = true;
	if (w->app->courier != NULL)
		courier_kick(w->app->courier, tip_id_shard(&w->id));
	if (w->quiet.told != NULL)
		return tell(w, NULL);
	return go(flow, STEP_READ);
}

/* --- answer ---------------------------------------------------------------------------------- */

static enum flow_next step_answer(struct flow *flow)
{
	struct work_flow *w = flow_state(flow);
	struct buf body = { 0 };
	struct json_out json = json_out_to(&body);
	struct problem problem;

	/* What was erased still has a row and a history; what only lacks its key is asked for again. */
	if (w->action == NULL && w->dossier.week == WEEK_KEY_MISSING && dossier_unreadable(&w->dossier, flow_arena(flow), &problem))
		return tell(w, &problem);
	dossier_json(w->app, &w->dossier, w->lang, flow_arena(flow), &json);
	answer_json(w->exchange, 200, buf_span(&body));
	w->exchange = NULL;
	buf_release(&body);
	return FLOW_DONE;
}

static void end(struct flow *flow, bool well)
{
	struct work_flow *w = flow_state(flow);

	log_event(LOG_LEVEL_INFO, "tip.work", "id", w->id.text, "action",
		  w->action != NULL ? w->action->name : "read", "by", w->staff.person, "done",
		  w->done || w->action == NULL ? "yes" : "no", "ms", log_u64(flow_age_ms(flow)), NULL);
	if (w->exchange != NULL || w->quiet.told != NULL)
		tell(w, &quiet_unavailable);
	wipe(&w->dossier.tip_key, sizeof(w->dossier.tip_key));
	(void)well;
}

static const struct flow_step work_steps[] = {
	[STEP_READ] = { .name = "read", .run = step_read },
	[STEP_KEYS] = { .name = "keys", .run = step_keys },
	[STEP_KEYED] = { .name = "keyed", .run = step_keyed },
	[STEP_CHANGE] = { .name = "change", .run = step_change },
	[STEP_CHANGED] = { .name = "changed", .run = step_changed },
	[STEP_ANSWER] = { .name = "answer", .run = step_answer },
};

static const struct flow_kind work_kind = {
	.name = "work",
	.steps = work_steps,
	.nsteps = COUNT_OF(work_steps),
	.state_bytes = sizeof(struct work_flow),
	.timeout_ms = 15000,
	.end = end,
};

static struct flow *start(const struct call *args, struct http_exchange *exchange)
{
	struct tip_id id;
	struct flow *flow;
	struct work_flow *w;

	if (!tip_id_parse(args->param[0], &id)) {
		answer_problem(exchange, &(struct problem){ .status = 404, .code = "no_such_tip",
							    .detail = "A tip's id looks like 15-7K3MQ2X9RD." });
		return NULL;
	}
	flow = flow_start(args->app->loop, &work_kind, NULL, NULL);
	w = flow_state(flow);
	w->app = args->app;
	w->staff = *args->staff;
	w->exchange = exchange;
	w->id = id;
	w->lang = arena_dup(flow_arena(flow), http_field_find(http_exchange_request(exchange), "Accept-Language"));
	return flow;
}

void tip_read(const struct call *args, struct http_exchange *exchange)
{
	start(args, exchange);
}

/* Reads the action's body into the flow's arena; false when a problem was answered. */
static bool read_wish(const struct call *args, struct http_exchange *exchange,
		      const struct action *action, struct action_wish *wish, struct problem *problem)
{
	const struct json_object *body = body_read(exchange, problem);

	if (body == NULL || !action->read(body, wish, problem))
		return false;
	if (wish->lease_s > args->app->config->lease.max_s) {
		*problem = (struct problem){ .status = 400, .code = "field_invalid", .field = "lease_s",
					     .detail = "This number is out of its range." };
		return false;
	}
	if (wish->region.len == 0)
		return true;
	if (gazetteer_find(judge_gazetteer(args->app->judge), wish->region) != NULL)
		return true;
	*problem = (struct problem){ .status = 400, .code = "field_invalid", .field = "region",
				     .detail = "No region in force has this code." };
	return false;
}

void tip_work(const struct call *args, struct http_exchange *exchange)
{
	const struct action *action = action_find(args->param[1]);
	struct action_wish wish = { 0 };
	struct problem problem;
	struct work_flow *w;
	struct flow *flow;

	if (action == NULL) {
		answer_problem(exchange, &(struct problem){ .status = 404, .code = "no_such_action",
							    .detail = "There is no such action on a tip." });
		return;
	}
	if (!read_wish(args, exchange, action, &wish, &problem)) {
		answer_problem(exchange, &problem);
		return;
	}
	flow = start(args, exchange);
	if (flow == NULL)
		return;
	w = flow_state(flow);
	w->action = action;
	w->wish = wish;   /* its texts live in the exchange's arena, until the answer */
}

void work_quietly(struct app *app, const struct staff *staff, const struct tip_id *id, const struct action *action,
		  const struct action_wish *wish, struct quiet quiet)
{
	struct work_flow *w = flow_state(flow_start(app->loop, &work_kind, NULL, NULL));

	w->app = app;
	w->staff = *staff;
	w->quiet = quiet;
	w->id = *id;
	w->action = action;
	w->wish = *wish;
}
