/*
 * The incident of a tip, whole: all tips that hang together, in their order of
 * acceptance, and what else may belong to them.
 *
 *   read, climb    up from the tip to the first one, over shards         waits
 *   take, taken    down again: the oldest of those that are known        waits
 *   list           ...and what hangs under it                            waits
 *   suggested      some of the tips that may belong to it                waits
 *   keys           data keys of the tips that the person may read        waits
 *   words          of all of them, and which pairs are to be compared
 *   compare        some pairs                                            waits, for the next turn of the loop
 *   answer
 *
 * Bounded in tips, reads and bytes; what was left out is said (`more`). The
 * words are told of tips within the person's region, of others where and when.
 * Of two tips whose words are told it is shown what these have in common.
 */
#include "daemon/base/table.h"
#include "daemon/loop/loop.h"
#include "daemon/store/wait.h"
#include "daemon/sys/log.h"
#include "handlers/answer.h"
#include "handlers/bureau/bureau.h"
#include "handlers/bureau/incident_inside.h"
#include "handlers/bureau/rights.h"

#define BYTES_MAX (16u << 20)   /* of all rows together */

enum incident_step {
	STEP_READ,
	STEP_CLIMB,
	STEP_TAKE,
	STEP_TAKEN,
	STEP_LIST,
	STEP_SUGGEST,
	STEP_SUGGESTED,
	STEP_KEYS,
	STEP_KEYED,
	STEP_WORDS,
	STEP_COMPARE,
	STEP_ANSWER,
};

static enum flow_next refuse(struct incident_flow *i, int status, const char *code, const char *detail)
{
	answer_problem(i->exchange, &(struct problem){ .status = status, .code = code, .detail = detail });
	i->exchange = NULL;
	return FLOW_DONE;
}

static enum flow_next go(struct flow *flow, enum incident_step step)
{
	flow_jump(flow, step);
	return FLOW_NEXT;
}

/* --- up -------------------------------------------------------------------------------- */

static enum flow_next read_row(struct flow *flow, struct incident_flow *i, const struct tip_id *id)
{
	return store_wait_flow(flow, i->app->store, &(struct store_request){ .op = STORE_READ, .id = *id }, &i->read);
}

static enum flow_next step_read(struct flow *flow)
{
	struct incident_flow *i = flow_state(flow);

	return read_row(flow, i, &i->ascent.at);
}

static enum flow_next begin_at_root(struct flow *flow, struct incident_flow *i)
{
	struct store_child first = { .id = i->ascent.entry, .received_ms = i->ascent.root->received_ms };

	if (!rights_see(&i->staff, i->ascent.tip))
		return refuse(i, 404, "no_such_tip", "There is no such tip in your region.");
	descent_add(&i->descent, &first);
	return go(flow, STEP_TAKE);
}

static enum flow_next step_climb(struct flow *flow)
{
	struct incident_flow *i = flow_state(flow);

	if (i->read.outcome != STORE_DONE)
		return FLOW_FAIL;
	switch (ascent_step(&i->ascent, &i->read)) {
	case ASCENT_READ:
		return go(flow, STEP_READ);
	case ASCENT_THERE:
		return begin_at_root(flow, i);
	case ASCENT_ABSENT:
		return refuse(i, 404, "no_such_tip", "There is no such tip in your region.");
	case ASCENT_TOO_FAR:
		break;
	}
	return refuse(i, 409, "incident_too_deep", "Too many tips hang one under the other here.");
}

/* --- down -------------------------------------------------------------------------------- */

static enum flow_next step_take(struct flow *flow)
{
	struct incident_flow *i = flow_state(flow);
	struct store_child next;

	i->row = NULL;
	i->following = false;
	if (i->bytes > BYTES_MAX && i->descent.nwaiting > 0)
		i->descent.more = true;
	else if (descent_take(&i->descent, &next))
		return read_row(flow, i, &next.id);
	return go(flow, STEP_SUGGEST);
}

bool incident_member(const void *ctx, const struct tip_id *id)
{
	const struct incident_flow *i = ctx;

	for (size_t m = 0; m < i->nmembers; m++)
		if (ascent_same(&i->members[m]->id, id))
			return true;
	return false;
}

/* Lists may name tips that hang elsewhere by now; a parent is always met before its children. */
static bool belongs(const struct incident_flow *i, const struct store_row *row)
{
	return ascent_same(&row->id, &i->ascent.root->id) ||
	       (row->parent.text[0] != '\0' && incident_member(i, &row->parent));
}

static enum flow_next keep(struct flow *flow, struct incident_flow *i)
{
	const struct store_row *row = i->row;

	if (row == NULL || !belongs(i, row))
		return go(flow, STEP_TAKE);
	i->members[i->nmembers++] = row;
	if (rights_see(&i->staff, row))
		i->readable[i->nreadable++] = *row;
	return go(flow, STEP_TAKE);
}

static size_t bytes_of(const struct store_row *row)
{
	size_t bytes = sizeof(*row) + row->sealed.len;

	for (size_t m = 0; row->messages != NULL && m < row->nmessages; m++)
		bytes += row->messages[m].len;
	return bytes;
}

static enum flow_next step_taken(struct flow *flow)
{
	struct incident_flow *i = flow_state(flow);
	const struct store_row *row = i->read.nrows > 0 ? &i->read.rows[0] : NULL;
	struct store_request children = { .op = STORE_CHILDREN, .max = DESCENT_MAX };

	if (i->read.outcome != STORE_DONE)
		return FLOW_FAIL;
	if (i->read.verdict == STORE_ABSENT || row == NULL || (i->following && row->hops <= i->row->hops))
		return keep(flow, i);
	i->row = row;
	i->bytes += bytes_of(row);
	i->list = (struct store_reply){ .outcome = STORE_DONE };
	if (row->nchildren == 0)
		return go(flow, STEP_LIST);
	children.id = row->id;
	memcpy(children.shard, tip_id_shard(&row->id).at, 2);
	flow_jump(flow, STEP_LIST);
	return store_wait_flow(flow, i->app->store, &children, &i->list);
}

static enum flow_next step_list(struct flow *flow)
{
	struct incident_flow *i = flow_state(flow);
	struct tip_id moved;

	if (i->list.outcome != STORE_DONE)
		return FLOW_FAIL;
	for (size_t c = 0; c < i->list.nchildren; c++)
		descent_add(&i->descent, &i->list.children[c]);
	i->descent.more |= i->row->nchildren > i->list.nchildren;
	if (i->row->state != TIP_TRANSFERRED)
		return keep(flow, i);
	moved = ascent_moved(i->row);
	i->following = true;
	flow_jump(flow, STEP_TAKEN);
	return read_row(flow, i, &moved);
}

/* --- what may belong to it ------------------------------------------------------------------- */

static bool is_asked(const struct incident_flow *i, const struct tip_id *id)
{
	for (size_t s = 0; s < i->nsuggested; s++)
		if (ascent_same(&i->suggested[s], id))
			return true;
	return incident_member(i, id);
}

static void note_suggested(struct incident_flow *i, const struct store_row *row)
{
	for (size_t s = 0; s < row->nsuggestions && i->nsuggested < SUGGESTED_MAX; s++)
		if (!row->suggestions[s].declined && !is_asked(i, &row->suggestions[s].other))
			i->suggested[i->nsuggested++] = row->suggestions[s].other;
}

static enum flow_next step_suggest(struct flow *flow)
{
	struct incident_flow *i = flow_state(flow);

	if (i->asked == 0 && i->nsuggested == 0)
		for (size_t m = 0; m < i->nmembers; m++)
			if (rights_see(&i->staff, i->members[m]))
				note_suggested(i, i->members[m]);
	if (i->asked == i->nsuggested)
		return go(flow, STEP_KEYS);
	return read_row(flow, i, &i->suggested[i->asked]);
}

/* One that went to another shard since, or is away, is suggested without evidence. */
static enum flow_next step_suggested(struct flow *flow)
{
	struct incident_flow *i = flow_state(flow);
	const struct store_row *row = i->read.nrows > 0 ? &i->read.rows[0] : NULL;

	if (i->read.outcome != STORE_DONE)
		return FLOW_FAIL;
	if (i->read.verdict != STORE_ABSENT && row != NULL && rights_see(&i->staff, row))
		i->readable[i->nreadable++] = *row;
	i->asked++;
	return go(flow, i->asked == i->nsuggested ? STEP_KEYS : STEP_SUGGEST);
}

/* --- opening -------------------------------------------------------------------------------- */

static bool shard_done(const struct incident_flow *i, size_t at)
{
	for (size_t k = 0; k < at; k++)
		if (span_eq(tip_id_shard(&i->readable[k].id), tip_id_shard(&i->readable[at].id)))
			return true;
	return false;
}

static enum flow_next step_keys(struct flow *flow)
{
	struct incident_flow *i = flow_state(flow);

	for (; i->keyed < i->nreadable; i->keyed++)
		if (!shard_done(i, i->keyed) &&
		    dossier_keys_missing(i->app, &i->staff, tip_id_shard(&i->readable[i->keyed].id), i->readable, i->nreadable,
					 &i->keys))
			return dossier_keys_fetch(i->app, flow, &i->keys);
	return go(flow, STEP_WORDS);
}

static enum flow_next step_keyed(struct flow *flow)
{
	struct incident_flow *i = flow_state(flow);

	/* The same shard once more when more than one fetch can take was missing. */
	if (!dossier_keys_open(i->app, &i->staff, &i->keys) || ++i->key_rounds > (DESCENT_MAX + SUGGESTED_MAX) / DOSSIER_KEYS_MAX) {
		i->key_rounds = 0;
		i->keyed++;
	}
	return go(flow, STEP_KEYS);
}

/* --- comparing ------------------------------------------------------------------------------ */

static enum flow_next step_words(struct flow *flow)
{
	incident_words(flow);
	return FLOW_NEXT;
}

static void next_turn(void *ctx)
{
	struct flow *flow = ctx;
	struct incident_flow *i = flow_state(flow);

	i->turn = NULL;
	flow_resume(flow_loop(flow), flow_ref(flow));
}

/* Others are served in between. */
static enum flow_next step_compare(struct flow *flow)
{
	struct incident_flow *i = flow_state(flow);

	if (evidence_look(&i->evidence) || http_exchange_gone(i->exchange))
		return FLOW_NEXT;
	i->turn = loop_after(flow_loop(flow), 1, next_turn, flow);
	flow_jump(flow, STEP_COMPARE);
	return FLOW_WAIT;
}

/* --- the flow --------------------------------------------------------------------------------- */

static void end(struct flow *flow, bool well)
{
	struct incident_flow *i = flow_state(flow);

	if (i->turn != NULL)
		loop_timer_cancel(i->turn);
	log_event(LOG_LEVEL_INFO, "incident.read", "id", i->id.text, "by", i->staff.person, "tips",
		  log_u64(i->nmembers), "ms", log_u64(flow_age_ms(flow)), NULL);
	if (i->exchange != NULL)
		answer_unavailable(i->exchange);
	(void)well;
}

static const struct flow_step incident_steps[] = {
	[STEP_READ] = { .name = "read", .run = step_read },
	[STEP_CLIMB] = { .name = "climb", .run = step_climb },
	[STEP_TAKE] = { .name = "take", .run = step_take },
	[STEP_TAKEN] = { .name = "taken", .run = step_taken },
	[STEP_LIST] = { .name = "list", .run = step_list },
	[STEP_SUGGEST] = { .name = "suggest", .run = step_suggest },
	[STEP_SUGGESTED] = { .name = "suggested", .run = step_suggested },
	[STEP_KEYS] = { .name = "keys", .run = step_keys },
	[STEP_KEYED] = { .name = "keyed", .run = step_keyed },
	[STEP_WORDS] = { .name = "words", .run = step_words },
	[STEP_COMPARE] = { .name = "compare", .run = step_compare },
	[STEP_ANSWER] = { .name = "answer", .run = incident_answer },
};

static const struct flow_kind incident_kind = {
	.name = "incident",
	.steps = incident_steps,
	.nsteps = COUNT_OF(incident_steps),
	.state_bytes = sizeof(struct incident_flow),
	.timeout_ms = 15000,
	.end = end,
};

void incident_read(const struct call *args, struct http_exchange *exchange)
{
	struct tip_id id;
	struct flow *flow;
	struct incident_flow *i;

	if (!tip_id_parse(args->param[0], &id)) {
		answer_problem(exchange, &(struct problem){ .status = 404, .code = "no_such_tip",
							    .detail = "A tip's id looks like 15-7K3MQ2X9RD." });
		return;
	}
	flow = flow_start(args->app->loop, &incident_kind, NULL, NULL);
	i = flow_state(flow);
	i->app = args->app;
	i->staff = *args->staff;
	i->exchange = exchange;
	i->id = id;
	i->ascent.at = id;
	i->lang = arena_dup(flow_arena(flow), http_field_find(http_exchange_request(exchange), "Accept-Language"));
}
