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
#include "daemon/base/json_out.h"
#include "daemon/base/table.h"
#include "daemon/base/wipe.h"
#include "daemon/core/judge.h"
#include "daemon/loop/loop.h"
#include "daemon/store/wait.h"
#include "daemon/sys/log.h"
#include "handlers/answer.h"
#include "handlers/bureau/ascent.h"
#include "handlers/bureau/bureau.h"
#include "handlers/bureau/descent.h"
#include "handlers/bureau/dossier.h"
#include "handlers/bureau/evidence.h"
#include "handlers/bureau/fields.h"
#include "handlers/bureau/rights.h"
#include "handlers/bureau/why.h"

#define BYTES_MAX (16u << 20)   /* of all rows together */
#define SUGGESTED_MAX 16        /* of those their words are compared */

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

struct incident_flow {
	struct app *app;
	struct staff staff;
	struct http_exchange *exchange;
	struct tip_id id;                      /* that was asked for */
	struct span lang;
	struct ascent ascent;
	struct descent descent;
	struct store_reply read;
	struct store_reply list;
	const struct store_row *row;           /* taken, not yet a member */
	bool following;                        /* `read` is of the place where it went */
	const struct store_row *members[DESCENT_MAX];
	size_t nmembers;
	struct store_row readable[DESCENT_MAX + SUGGESTED_MAX];  /* members within reach, then suggested ones */
	size_t nreadable;
	struct tip_id suggested[SUGGESTED_MAX];  /* to be read */
	size_t nsuggested, asked;
	struct words {
		struct tip_id id;
		struct span text;              /* at NULL: it is not readable */
	} *words;                              /* of `readable`, opened */
	struct evidence evidence;
	struct loop_timer *turn;               /* until the next pairs are compared; NULL: none is waited for */
	size_t bytes;
	struct dossier_keys keys;
	size_t keyed;                          /* of `readable`, whose shard has its keys */
	unsigned key_rounds;
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

static bool is_member(const void *ctx, const struct tip_id *id)
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
	       (row->parent.text[0] != '\0' && is_member(i, &row->parent));
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
	return is_member(i, id);
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

/* All words at once: a link tells of two tips. */
static void open_words(struct flow *flow, struct incident_flow *i)
{
	i->words = arena_array(flow_arena(flow), struct words, i->nreadable + 1);
	for (size_t r = 0; r < i->nreadable; r++) {
		struct dossier dossier;

		dossier_open(i->app, &i->staff, &i->readable[r], flow_arena(flow), &dossier);
		i->words[r] = (struct words){ .id = i->readable[r].id };
		if (dossier.readable)
			i->words[r].text = dossier.content.text.at != NULL ? dossier.content.text : SPAN("");
		wipe(&dossier.tip_key, sizeof(dossier.tip_key));
	}
}

static struct span words_of(const struct incident_flow *i, const struct tip_id *id)
{
	for (size_t w = 0; w < i->nreadable; w++)
		if (ascent_same(&i->words[w].id, id) && i->words[w].text.at != NULL)
			return i->words[w].text;
	return (struct span){ 0 };
}

/* Nothing when one of them is not for this person. */
static void add_pair(struct incident_flow *i, const struct tip_id *here, const struct tip_id *there)
{
	struct span one = words_of(i, here), other = words_of(i, there);

	if (one.at != NULL && other.at != NULL)
		evidence_add(&i->evidence, here, there, one, other);
}

/* Links first: there may be more suggestions than can be compared. */
static enum flow_next step_words(struct flow *flow)
{
	struct incident_flow *i = flow_state(flow);

	open_words(flow, i);
	i->evidence.judge = i->app->judge;
	i->evidence.arena = flow_arena(flow);
	for (size_t m = 0; m < i->nmembers; m++)
		if (i->members[m]->parent.text[0] != '\0')
			add_pair(i, &i->members[m]->id, &i->members[m]->parent);
	for (size_t m = 0; m < i->nmembers; m++)
		for (size_t s = 0; s < i->members[m]->nsuggestions; s++)
			if (!i->members[m]->suggestions[s].declined && !is_member(i, &i->members[m]->suggestions[s].other))
				add_pair(i, &i->members[m]->id, &i->members[m]->suggestions[s].other);
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

/* --- answer ---------------------------------------------------------------------------------- */

static void put_suggested(const void *ctx, const struct store_row *row, const struct tip_id *other, struct json_out *json)
{
	const struct incident_flow *i = ctx;

	evidence_put(&i->evidence, &row->id, other, json);
}

static void put_link(const struct incident_flow *i, const struct store_row *row, struct json_out *json)
{
	if (row->parent.text[0] == '\0') {
		json_none(json, "link");
		return;
	}
	json_open_member(json, "link", '{');
	json_u64(json, "score", row->link_score);
	why_json(row->link_why, i->lang, json);
	evidence_put(&i->evidence, &row->id, &row->parent, json);
	json_close(json, '}');
}

static void put_content(const struct tip_content *content, struct json_out *json)
{
	json_text(json, "text", content->text);
	json_text(json, "place", content->place);
	json_text(json, "when", content->when);
	json_text(json, "lang", content->lang);
}

static void put_words(const struct incident_flow *i, const struct store_row *row, struct arena *arena,
		      struct json_out *json)
{
	bool within = rights_see(&i->staff, row);
	struct dossier dossier = { .row = row };

	if (within)
		dossier_open(i->app, &i->staff, row, arena, &dossier);
	json_bool(json, "within", within);
	json_bool(json, "readable", dossier.readable);
	if (dossier.readable)
		put_content(&dossier.content, json);
	wipe(&dossier.tip_key, sizeof(dossier.tip_key));
}

static void put_members(struct flow *flow, const struct incident_flow *i, struct json_out *json)
{
	json_open_member(json, "members", '[');
	for (size_t m = 0; m < i->nmembers; m++) {
		const struct store_row *row = i->members[m];

		json_open(json, '{');
		json_u64(json, "number", m + 1);
		fields_row(i->app, row, json);
		fields_id(json, "parent", &row->parent);
		put_link(i, row, json);
		json_bool(json, "copy", row->parent.text[0] != '\0' && why_has(row->link_why, "copy"));
		put_words(i, row, flow_arena(flow), json);
		json_close(json, '}');
	}
	json_close(json, ']');
}

static void put_suggestions(const struct incident_flow *i, struct json_out *json)
{
	struct fields_filter filter = { .known = is_member, .more = put_suggested, .ctx = i };

	json_open_member(json, "suggestions", '[');
	for (size_t m = 0; m < i->nmembers; m++)
		if (rights_see(&i->staff, i->members[m]))
			fields_suggestions(i->members[m], i->lang, true, &filter, json);
	json_close(json, ']');
}

static enum flow_next step_answer(struct flow *flow)
{
	struct incident_flow *i = flow_state(flow);
	struct buf body = { 0 };
	struct json_out json = json_out_to(&body);

	json_open(&json, '{');
	json_text(&json, "id", span_of(i->ascent.root->id.text));
	json_u64(&json, "tips", i->nmembers);
	json_bool(&json, "more", i->descent.more);
	put_members(flow, i, &json);
	put_suggestions(i, &json);
	json_close(&json, '}');
	answer_json(i->exchange, 200, buf_span(&body));
	i->exchange = NULL;
	buf_release(&body);
	return FLOW_DONE;
}

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
	[STEP_ANSWER] = { .name = "answer", .run = step_answer },
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
