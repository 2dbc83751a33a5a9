/*
 * The linker writes: decisions, each one call, and how far the journals have
 * been judged.
 *
 * A decision is settled when the store has taken it, has it already or refuses
 * it because a person was faster; of those that nobody answered it is asked
 * again. Two about one tip never overtake each other. A note never goes beyond
 * an event of which a decision is open, so a crash in between decides the same
 * again and the store has it already.
 */
#include "daemon/jobs/linker_inside.h"

#include "daemon/base/buf.h"
#include "daemon/base/json_out.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/log.h"

#include <assert.h>
#include <stdlib.h>

#define AT_ONCE 64
#define AGAIN_MS 200
#define BROKEN_TRIES 10  /* a server that answers with an error may be full, and better in a while */
#define BY "linker"

/* --- events ---------------------------------------------------------------------------------------- */

static void put_rules(struct json_out *json, const struct casebook_decision *what)
{
	char context[SCORE_CONTEXT_BYTES];

	json_u64(json, "points", what->points);
	json_open_member(json, "rules", '[');
	for (size_t i = 0; i < what->nrules; i++)
		json_text(json, NULL, what->rules[i]->name);
	json_close(json, ']');
	json_text(json, "context", score_context_write(&what->context, context));
}

static void put_incident(struct json_out *json, const struct casebook_decision *what)
{
	json_text(json, "incident", span_of(what->other.text));
	json_text(json, "why", span_of(what->why));
	json_u64(json, "score", what->score);
}

static void put_child(struct json_out *json, const struct casebook_decision *what)
{
	json_text(json, "tip", span_of(what->id.text));
	json_i64(json, "received", what->received_ms);
}

static const struct kind {
	const char *event;
	enum store_link_kind link;
	void (*put)(struct json_out *json, const struct casebook_decision *what);
} kinds[] = {
	[CASEBOOK_LINK] = { .event = "linked", .link = STORE_LINK_SET, .put = put_incident },
	[CASEBOOK_SUGGEST] = { .event = "suggested", .link = STORE_LINK_SUGGEST, .put = put_incident },
	[CASEBOOK_SCORE] = { .event = "rescored", .link = STORE_LINK_SCORE, .put = put_rules },
	[CASEBOOK_CHILD] = { .event = "joined", .link = STORE_LINK_CHILD, .put = put_child },
};

/* Whose event it is: a child is told to its parent. */
static const struct tip_id *subject(const struct casebook_decision *what)
{
	return what->kind == CASEBOOK_CHILD ? &what->other : &what->id;
}

static struct buf event_of(const struct casebook_decision *what, enum casebook_kind kind,
			   const struct tip_id *about)
{
	struct buf text = { 0 };
	struct json_out json = json_out_to(&text);

	json_open(&json, '{');
	json_text(&json, "e", span_of(kinds[kind].event));
	json_text(&json, "id", span_of(about->text));
	json_i64(&json, "at", clock_wall_ms());
	json_text(&json, "by", span_of(BY));
	kinds[kind].put(&json, what);
	json_close(&json, '}');
	return text;
}

/* --- the list of decisions ------------------------------------------------------------------------- */

static void decision_free(struct linker_decision *decision)
{
	buf_release(&decision->event);
	free(decision);
}

static void add(struct linker *linker, size_t shard, uint64_t number, const struct casebook_decision *what)
{
	struct linker_decision *decision = calloc(1, sizeof(*decision));

	assert(decision != NULL);
	*decision = (struct linker_decision){
		.what = *what, .event = event_of(what, what->kind, subject(what)), .shard = shard, .number = number
	};
	decision->what.nrules = 0;
	if (linker->last != NULL)
		linker->last->next = decision;
	else
		linker->first = decision;
	linker->last = decision;
	linker->open++;
}

static void remove_decision(struct linker *linker, struct linker_decision *decision)
{
	struct linker_decision *before = NULL;

	for (struct linker_decision *at = linker->first; at != decision; at = at->next)
		before = at;
	if (before != NULL)
		before->next = decision->next;
	else
		linker->first = decision->next;
	if (linker->last == decision)
		linker->last = before;
	linker->open--;
	decision_free(decision);
}

void linker_decide(struct linker *linker, size_t shard, uint64_t number, const struct casebook_decisions *decisions)
{
	for (size_t i = 0; i < decisions->n; i++)
		add(linker, shard, number, &decisions->at[i]);
}

/* Those under way are freed here too: their answers find another reign. */
void linker_forget_decisions(struct linker *linker)
{
	while (linker->first != NULL) {
		struct linker_decision *next = linker->first->next;

		decision_free(linker->first);
		linker->first = next;
	}
	linker->last = NULL;
	linker->open = 0;
	linker->sent = 0;
}

/* --- answers ------------------------------------------------------------------------------------------ */

static void count_taken(struct linker *linker, enum casebook_kind kind)
{
	linker->figures.linked += kind == CASEBOOK_LINK;
	linker->figures.suggested += kind == CASEBOOK_SUGGEST;
	linker->figures.rescored += kind == CASEBOOK_SCORE;
}

static void count_refused(struct linker *linker, const struct linker_decision *decision)
{
	linker->figures.refused++;
	log_event(LOG_LEVEL_INFO, "linker.refused", "id", decision->what.id.text, "event",
		  kinds[decision->what.kind].event, NULL);
}

/* False: it has to be asked again. */
static bool settle(struct linker *linker, struct linker_decision *decision, const struct store_reply *reply)
{
	const struct casebook_decision *what = &decision->what;

	if (reply->outcome == STORE_BROKEN && ++decision->tries >= BROKEN_TRIES) {
		log_rarely(LOG_LEVEL_ERROR, "linker.broken", "the store answers a decision with an error; it is left out");
		count_refused(linker, decision);
		return true;
	}
	if (reply->outcome != STORE_DONE)
		return false;
	if (reply->verdict == STORE_OK)
		count_taken(linker, what->kind);
	else if (reply->verdict != STORE_ALREADY)
		count_refused(linker, decision);
	if (what->kind == CASEBOOK_LINK && reply->verdict == STORE_OK && linker->env.outbox_written != NULL &&
	    memcmp(what->id.text, what->other.text, 2) != 0)
		linker->env.outbox_written(linker->env.ctx, tip_id_shard(&what->id));
	return true;
}

static void decided(void *ctx, const struct store_reply *reply)
{
	struct linker_call call;
	struct linker *linker;

	if (!linker_answered(ctx, &call))
		return;
	linker = call.linker;
	if (reply->outcome == STORE_DONE && reply->verdict == STORE_FENCED) {
		linker_abdicate(linker, "a decision was refused: another process leads");
		return;
	}
	linker->sent--;
	if (settle(linker, call.decision, reply)) {
		remove_decision(linker, call.decision);
	} else {
		call.decision->sent = false;
		call.decision->again_ms = loop_now_ms(linker->env.loop) + AGAIN_MS;
	}
	linker_write_on(linker);
	linker_read_on(linker);
}

/* --- asking ------------------------------------------------------------------------------------------- */

static size_t shard_of(const struct linker *linker, const struct tip_id *id)
{
	for (size_t i = 0; i < linker->env.nshards; i++)
		if (memcmp(linker->shards[i].name, id->text, 2) == 0)
			return i;
	return 0;
}

/* A parent in another shard learns of its child by the outbox, in one write with the link. */
static void add_intent(struct linker *linker, const struct casebook_decision *what, struct arena *arena,
		       struct span *outbox)
{
	struct store_link child = {
		.kind = STORE_LINK_CHILD, .id = what->other, .other = what->id, .received_ms = what->received_ms
	};
	struct buf event;

	if (what->kind != CASEBOOK_LINK || linker->env.child_intent == NULL ||
	    memcmp(what->id.text, what->other.text, 2) == 0)
		return;
	event = event_of(what, CASEBOOK_CHILD, &what->other);
	child.event = buf_span(&event);
	*outbox = linker->env.child_intent(linker->env.ctx, &child, arena);
	buf_release(&event);
}

static void send(struct linker *linker, struct linker_decision *decision)
{
	const struct casebook_decision *what = &decision->what;
	bool child = what->kind == CASEBOOK_CHILD;
	size_t shard = shard_of(linker, subject(what));
	char context[SCORE_CONTEXT_BYTES];
	struct arena arena = { 0 };
	struct store_link link = {
		.kind = kinds[what->kind].link,
		.id = child ? what->other : what->id,
		.other = child ? what->id : what->other,
		.received_ms = child ? what->received_ms : what->other_ms,
		.score = what->score,
		.why = span_of(what->why),
		.points = what->points,
		.event = buf_span(&decision->event),
	};

	add_intent(linker, what, &arena, &link.outbox);
	if (what->kind == CASEBOOK_SCORE)
		link.context = score_context_write(&what->context, context);
	decision->sent = true;
	linker->sent++;
	linker_submit(linker, shard, decision,
		      &(struct store_request){
			      .op = STORE_LINK, .link = &link, .fence = linker->shards[shard].fence },
		      decided);
	arena_release(&arena);
}

/* An earlier one about the same tip has not been settled. */
static bool has_to_wait(const struct linker *linker, const struct linker_decision *decision)
{
	const struct linker_decision *at = linker->first;

	while (at != decision && strcmp(subject(&at->what)->text, subject(&decision->what)->text) != 0)
		at = at->next;
	return at != decision;
}

void linker_write_on(struct linker *linker)
{
	uint64_t now_ms = loop_now_ms(linker->env.loop);

	for (struct linker_decision *at = linker->first; at != NULL && linker->sent < AT_ONCE; at = at->next)
		if (!at->sent && at->again_ms <= now_ms && linker->env.store->up && !has_to_wait(linker, at))
			send(linker, at);
}

/* --- notes -------------------------------------------------------------------------------------------- */

/* All events up to this one are judged, and what came of them is in the store. */
static uint64_t settled(const struct linker *linker, size_t shard)
{
	uint64_t number = linker->shards[shard].judged;

	for (const struct linker_decision *at = linker->first; at != NULL; at = at->next)
		if (at->shard == shard && at->number <= number)
			number = at->number - 1;
	return number;
}

static void noted(void *ctx, const struct store_reply *reply)
{
	struct linker_call call;

	if (!linker_answered(ctx, &call))
		return;
	call.linker->shards[call.shard].noting = false;
	if (reply->outcome != STORE_DONE)
		call.linker->shards[call.shard].noted = call.linker->shards[call.shard].judge_from - 1;
	else if (reply->verdict == STORE_FENCED)
		linker_abdicate(call.linker, "a note was refused: another process leads");
}

void linker_note(struct linker *linker)
{
	for (size_t i = 0; i < linker->env.nshards; i++) {
		struct linker_shard *shard = &linker->shards[i];
		uint64_t number = settled(linker, i);

		if (shard->noting || number <= shard->noted)
			continue;
		shard->noting = true;
		shard->noted = number;
		linker_submit(linker, i, NULL,
			      &(struct store_request){ .op = STORE_JOB_NOTE, .fence = shard->fence, .from = number },
			      noted);
	}
}
