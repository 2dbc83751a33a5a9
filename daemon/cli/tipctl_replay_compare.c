/*
 * Comparing what a store holds with the fold of its journal.
 *
 * Every tip is asked for; queues, leases, children and counts are compared member by
 * member and by their size, and the states are counted, so that nothing the
 * journal does not know stays unseen.
 */
#include "daemon/base/buf.h"
#include "daemon/base/table.h"
#include "daemon/cli/tipctl_replay.h"
#include "daemon/store/calls.h"
#include "daemon/store/keys.h"

#include <assert.h>
#include <hiredis/hiredis.h>
#include <stdlib.h>

#define LINES_MAX 200

struct comparison {
	const struct replay *replay;
	struct pipe *store;
	FILE *out;
	uint64_t differences;
	uint64_t done, of;
};

/* What a region and what a shard must show. */
struct region_count {
	char region[7];
	char shard[3];
	uint64_t waiting, held;
};

struct counts {
	struct region_count *at;
	size_t n, size;
	uint64_t leases[REPLAY_SHARDS], clocks[REPLAY_SHARDS], asked[REPLAY_SHARDS], escalated[REPLAY_SHARDS],
		ended[REPLAY_SHARDS];
	uint64_t states;
};

static bool is_held(const struct fold_tip *tip)
{
	return tip->state == TIP_CLAIMED || tip->state == TIP_VERIFIED;
}

size_t replay_base(const struct fold_tip *tip, char out[64])
{
	int n = snprintf(out, 64, "%s %u %lld ", tip->region, tip->points, (long long)tip->received_ms);

	assert(n > 0 && n + FOLD_MARK_BYTES <= 64);
	memcpy(out + n, tip->mark, FOLD_MARK_BYTES);
	return (size_t)n + FOLD_MARK_BYTES;
}

struct span replay_seed(const struct fold_tip *tip)
{
	return span_from(tip->seed, tip->seeded ? sizeof(tip->seed) : 0);
}

_Static_assert(FOLD_SEED_BYTES == STORE_SEED_BYTES && FOLD_PAIRS_MAX == STORE_SUGGESTIONS_MAX && FOLD_WHY_MAX == STORE_WHY_MAX &&
		       FOLD_CONTEXT_MAX == STORE_CONTEXT_MAX,
	       "the fold holds what the store holds");

struct span replay_parent(const struct fold_incident *incident, struct arena *arena)
{
	if (!incident->link_told)
		return span_of(incident->parent.text);
	return span_of(arena_printf(arena, "%s %u %s", incident->parent.text, incident->link_score, incident->link_why));
}

struct span replay_pairs(const struct fold_incident *incident, struct arena *arena)
{
	struct buf text = { 0 };
	struct span copy;

	for (size_t i = 0; i < incident->npairs; i++) {
		const struct fold_pair *pair = &incident->pairs[i];

		buf_printf(&text, "%s%s ", i > 0 ? ";" : "", pair->other.text);
		if (pair->declined)
			buf_add_text(&text, "-");
		else
			buf_printf(&text, "%u %s", pair->score, pair->why);
	}
	copy = arena_dup(arena, buf_span(&text));
	buf_release(&text);
	return copy;
}

/* Decimal digits, or nothing for 0: such a field is left out. */
static struct span number_or_none(uint64_t number, char digits[24])
{
	return span_from(digits, number > 0 ? (size_t)snprintf(digits, 24, "%llu", (unsigned long long)number) : 0);
}

/* Bytes for a line: what cannot be printed as \xNN. */
static void put(FILE *out, struct span bytes)
{
	for (size_t i = 0; i < bytes.len; i++)
		fprintf(out, bytes.at[i] >= ' ' && bytes.at[i] < 127 ? "%c" : "\\x%02x",
			(unsigned char)bytes.at[i]);
	if (bytes.len == 0)
		fputs("nothing", out);
}

static void differ(struct comparison *c, struct span key, const char *part, struct span expected,
		   struct span found)
{
	if (c->differences++ >= LINES_MAX)
		return;
	put(c->out, key);
	fprintf(c->out, "%s: expected ", part);
	put(c->out, expected);
	fputs(", found ", c->out);
	put(c->out, found);
	fputc('\n', c->out);
}

static struct span found_in(const redisReply *reply, char digits[24])
{
	switch (reply->type) {
	case REDIS_REPLY_STRING:
	case REDIS_REPLY_STATUS:
	case REDIS_REPLY_ERROR:
		return span_from(reply->str, (size_t)reply->len);
	case REDIS_REPLY_INTEGER:
		return span_from(digits, (size_t)snprintf(digits, 24, "%lld", reply->integer));
	default:
		return (struct span){ 0 };
	}
}

/* --- one tip ------------------------------------------------------------------------------------- */

static void take_state(void *ctx, const redisReply *reply, const void *at, size_t n)
{
	static const char *const parts[] = { " state", " rev", " base", " holder", " until", " messages",
					     " hops", " parent", " children", " suggestions", " context", " clock",
					     " escalation", " review", " seed", " end", " hold" };
	struct comparison *c = ctx;
	const struct fold_tip *tip = at;
	const struct fold_incident *incident = fold_incident(c->replay->fold, tip);
	char rev[24], until[24], messages[24], hops[24], children[24], base[64], digits[24];
	struct arena arena = { 0 };
	const struct span expected[] = {
		span_of(tip_state_name(tip->state)),
		number_or_none(tip->rev, rev),
		span_from(base, replay_base(tip, base)),
		fold_holder(c->replay->fold, tip->holder),
		number_or_none((uint64_t)tip->until_ms, until),
		number_or_none(tip->nmessages, messages),
		number_or_none(tip->hops, hops),
		replay_parent(incident, &arena),
		number_or_none(incident->nchildren, children),
		incident->npairs > 0 ? replay_pairs(incident, &arena) : SPAN(""),
		span_of(incident->context),
		replay_clock(tip, &arena),
		replay_raise(tip, &arena),
		replay_review(c->replay->fold, tip, &arena),
		replay_seed(tip),
		replay_end(tip, &arena),
		replay_hold(c->replay->fold, tip, &arena),
	};

	(void)n;
	for (size_t i = 0; i < COUNT_OF(expected); i++) {
		bool there = reply->type == REDIS_REPLY_ARRAY && reply->elements == COUNT_OF(expected);
		struct span found = found_in(there ? reply->element[i] : reply, digits);

		if (!span_eq(found, expected[i]))
			differ(c, key_of_tip(&arena, &tip->id, KEY_STATE), parts[i], expected[i], found);
	}
	arena_release(&arena);
	replay_progress(c->replay, "tips compared", ++c->done, c->of);
}

static void ask_state(struct comparison *c, const struct fold_tip *tip)
{
	static const char *const fields[] = { "s", "v", "b", "h", "u", "n", "g", "i", "m", "o", "c", "k", "l", "x", "z", "e", "y" };
	struct pipe_words words = pipe_words(c->store);

	pipe_word(&words, SPAN("HMGET"));
	pipe_word(&words, key_of_tip(words.arena, &tip->id, KEY_STATE));
	for (size_t i = 0; i < COUNT_OF(fields); i++)
		pipe_word(&words, span_of(fields[i]));
	pipe_send(c->store, &words, take_state, c, tip, 0);
}

static void take_messages(void *ctx, const redisReply *reply, const void *at, size_t n)
{
	const struct fold_tip *tip = at;
	char expected[24], digits[24];
	struct arena arena = { 0 };

	(void)n;
	if (reply->type != REDIS_REPLY_INTEGER || reply->integer != tip->nmessages)
		differ(ctx, key_of_tip(&arena, &tip->id, KEY_MESSAGES), " length",
		       span_from(expected,
				 (size_t)snprintf(expected, sizeof(expected), "%u", tip->nmessages)),
		       found_in(reply, digits));
	arena_release(&arena);
}

static void ask_messages(struct comparison *c, const struct fold_tip *tip)
{
	struct pipe_words words = pipe_words(c->store);

	pipe_word(&words, SPAN("LLEN"));
	pipe_word(&words, key_of_tip(words.arena, &tip->id, KEY_MESSAGES));
	pipe_send(c->store, &words, take_messages, c, tip, 0);
}

enum place {
	PLACE_QUEUE,
	PLACE_LEASE,
	PLACE_HOLDER,
	PLACE_CLOCK,
	PLACE_ASKED,
	PLACE_ESCALATED,
	PLACE_ENDED,
};

static uint64_t place_score(const struct fold_tip *tip, enum place place)
{
	switch (place) {
	case PLACE_QUEUE:
		return store_rank(tip->points, tip->received_ms);
	case PLACE_LEASE:
		return (uint64_t)tip->until_ms;
	case PLACE_CLOCK:
		return replay_clock_rank(tip);
	case PLACE_ASKED:
		return replay_asked_rank(tip);
	case PLACE_ENDED:
		return (uint64_t)tip->end.at_ms;
	case PLACE_HOLDER:
	case PLACE_ESCALATED:
		break;
	}
	return 0;
}

static struct span place_key(const struct fold_tip *tip, enum place place, struct arena *arena)
{
	static const enum shard_key keys[] = {
		[PLACE_LEASE] = KEY_LEASES, [PLACE_HOLDER] = KEY_HOLDERS,	[PLACE_CLOCK] = KEY_CLOCKS,
		[PLACE_ASKED] = KEY_ASKED,  [PLACE_ESCALATED] = KEY_ESCALATED,
		[PLACE_ENDED] = KEY_ENDED,
	};
	struct span shard = tip_id_shard(&tip->id);

	if (place == PLACE_QUEUE)
		return key_of_queue(arena, shard, tip->region);
	return key_of_shard(arena, shard, keys[place]);
}

/* "holder NUL id" in holders, the id elsewhere. */
static struct span place_member(const struct fold *fold, const struct fold_tip *tip, enum place place,
				struct arena *arena)
{
	struct span holder = fold_holder(fold, tip->holder);
	char *member;

	if (place == PLACE_ESCALATED)
		return replay_escalated(tip, arena);
	if (place != PLACE_HOLDER)
		return span_of(tip->id.text);
	member = arena_alloc(arena, holder.len + 1 + TIP_ID_LEN);
	if (holder.len > 0)
		memcpy(member, holder.at, holder.len);
	memcpy(member + holder.len + 1, tip->id.text, TIP_ID_LEN);
	return span_from(member, holder.len + 1 + TIP_ID_LEN);
}

static void take_score(void *ctx, const redisReply *reply, const void *at, size_t n)
{
	const struct fold_tip *tip = at;
	uint64_t score = place_score(tip, (enum place)n);
	char expected[24], digits[24], part[32];
	struct span found = found_in(reply, digits);
	struct arena arena = { 0 };

	/* A score comes as a double's text: 1.76e+12 is written out by Redis up to 17 digits. */
	if (reply->type != REDIS_REPLY_STRING || strtod(reply->str, NULL) != (double)score) {
		snprintf(part, sizeof(part), " %s", tip->id.text);
		snprintf(expected, sizeof(expected), "%llu", (unsigned long long)score);
		differ(ctx, place_key(tip, (enum place)n, &arena), part, span_of(expected), found);
	}
	arena_release(&arena);
}

static void ask_score(struct comparison *c, const struct fold_tip *tip, enum place place)
{
	struct pipe_words words = pipe_words(c->store);

	pipe_word(&words, SPAN("ZSCORE"));
	pipe_word(&words, place_key(tip, place, words.arena));
	pipe_word(&words, place_member(c->replay->fold, tip, place, words.arena));
	pipe_send(c->store, &words, take_score, c, tip, (size_t)place);
}

/* A child's score in its parent's list; `n` is its place in the fold's. */
static void take_child(void *ctx, const redisReply *reply, const void *at, size_t n)
{
	struct comparison *c = ctx;
	const struct fold_tip *tip = at;
	const struct fold_child *child = &fold_incident(c->replay->fold, tip)->children[n];
	char expected[24], digits[24], part[32];
	struct arena arena = { 0 };

	if (reply->type != REDIS_REPLY_STRING || strtod(reply->str, NULL) != (double)child->received_ms) {
		snprintf(part, sizeof(part), " %s", child->id.text);
		snprintf(expected, sizeof(expected), "%lld", (long long)child->received_ms);
		differ(c, key_of_tip(&arena, &tip->id, KEY_CHILDREN), part, span_of(expected),
		       found_in(reply, digits));
	}
	arena_release(&arena);
}

static void take_nchildren(void *ctx, const redisReply *reply, const void *at, size_t n)
{
	const struct fold_tip *tip = at;
	char expected[24], digits[24];
	struct arena arena = { 0 };

	if (reply->type != REDIS_REPLY_INTEGER || (size_t)reply->integer != n)
		differ(ctx, key_of_tip(&arena, &tip->id, KEY_CHILDREN), " length", number_or_none(n, expected),
		       found_in(reply, digits));
	arena_release(&arena);
}

static void ask_children(struct comparison *c, const struct fold_tip *tip)
{
	const struct fold_incident *incident = fold_incident(c->replay->fold, tip);
	struct pipe_words words = pipe_words(c->store);

	pipe_word(&words, SPAN("ZCARD"));
	pipe_word(&words, key_of_tip(words.arena, &tip->id, KEY_CHILDREN));
	pipe_send(c->store, &words, take_nchildren, c, tip, incident->nchildren);
	for (size_t i = 0; i < incident->nchildren; i++) {
		words = pipe_words(c->store);
		pipe_word(&words, SPAN("ZSCORE"));
		pipe_word(&words, key_of_tip(words.arena, &tip->id, KEY_CHILDREN));
		pipe_word(&words, span_of(incident->children[i].id.text));
		pipe_send(c->store, &words, take_child, c, tip, i);
	}
}

static void ask_clock(struct comparison *c, const struct fold_tip *tip)
{
	if (replay_clock_rank(tip) > 0)
		ask_score(c, tip, PLACE_CLOCK);
	if (replay_asked_rank(tip) > 0)
		ask_score(c, tip, PLACE_ASKED);
	if (tip->raise.times > 0 && tip_state_open(tip->state))
		ask_score(c, tip, PLACE_ESCALATED);
	if (tip->end.outcome[0] != '\0')
		ask_score(c, tip, PLACE_ENDED);
}

static void ask_tip(struct comparison *c, const struct fold_tip *tip)
{
	ask_state(c, tip);
	if (fold_incident(c->replay->fold, tip)->nchildren > 0)
		ask_children(c, tip);
	if (tip->nmessages > 0)
		ask_messages(c, tip);
	if (tip->state == TIP_QUEUED)
		ask_score(c, tip, PLACE_QUEUE);
	if (is_held(tip)) {
		ask_score(c, tip, PLACE_LEASE);
		ask_score(c, tip, PLACE_HOLDER);
	}
	ask_clock(c, tip);
}

/* --- counts ---------------------------------------------------------------------------------------- */

static struct region_count *region_find(struct counts *counts, const struct fold_tip *tip)
{
	for (size_t i = counts->n; i > 0; i--)
		if (memcmp(counts->at[i - 1].region, tip->region, 6) == 0 &&
		    memcmp(counts->at[i - 1].shard, tip->id.text, 2) == 0)
			return &counts->at[i - 1];
	if (counts->n == counts->size) {
		counts->size = counts->size > 0 ? 2 * counts->size : 64;
		counts->at = realloc(counts->at, counts->size * sizeof(*counts->at));
		assert(counts->at != NULL);
	}
	counts->at[counts->n] = (struct region_count){ .waiting = 0 };
	memcpy(counts->at[counts->n].region, tip->region, 7);
	memcpy(counts->at[counts->n].shard, tip->id.text, 2);
	return &counts->at[counts->n++];
}

static void count_tip(struct counts *counts, const struct fold_tip *tip)
{
	size_t shard = (size_t)(tip->id.text[0] - '0') * 10 + (size_t)(tip->id.text[1] - '0');

	region_find(counts, tip)->waiting += tip->state == TIP_QUEUED;
	region_find(counts, tip)->held += is_held(tip);
	counts->leases[shard] += is_held(tip);
	counts->clocks[shard] += replay_clock_rank(tip) > 0;
	counts->asked[shard] += replay_asked_rank(tip) > 0;
	counts->ended[shard] += tip->end.outcome[0] != '\0';
	counts->escalated[shard] += tip->raise.times > 0 && tip_state_open(tip->state);
}

static void take_count(void *ctx, const redisReply *reply, const void *at, size_t n)
{
	struct comparison *c = ctx;
	char expected[24], digits[24];
	struct span found = found_in(reply, digits);

	if (reply->type == REDIS_REPLY_NIL)
		found = SPAN("0");
	snprintf(expected, sizeof(expected), "%zu", n);
	if (!span_is(found, expected))
		differ(c, span_of(at), "", span_of(expected), found);
}

/* A command whose answer is a number; `what` names it in the report and must outlive the pipe's drain. */
static void ask_count(struct comparison *c, const char *command, struct span key, const char *field,
		      const char *what, uint64_t expected)
{
	struct pipe_words words = pipe_words(c->store);

	pipe_word(&words, span_of(command));
	pipe_word(&words, key);
	if (field != NULL)
		pipe_word(&words, span_of(field));
	pipe_send(c->store, &words, take_count, c, what, (size_t)expected);
}

/* What was deleted is not there. */
static void ask_gone(struct comparison *c, const struct fold_tip *tip, struct arena *names)
{
	static const struct {
		unsigned bit;
		enum tip_key key;
	} rows[] = { { FOLD_ERASED_IDENTITY, KEY_IDENTITY }, { FOLD_ERASED_FILES, KEY_FILES }, { FOLD_ERASED_TEXT, KEY_TIP },
		     { FOLD_ERASED_TEXT, KEY_MESSAGES }, { FOLD_ERASED_ROW, KEY_STATE } };

	for (size_t i = 0; tip->end.erased != 0 && i < COUNT_OF(rows); i++) {
		struct span key = key_of_tip(names, &tip->id, rows[i].key);

		if (tip->gone || (tip->end.erased & rows[i].bit) != 0)
			ask_count(c, "EXISTS", key, NULL, arena_printf(names, "%.*s", (int)key.len, key.at), 0);
	}
}

static void ask_region(struct comparison *c, const struct region_count *count, struct arena *names)
{
	struct span shard = span_of(count->shard);
	struct span queue = key_of_queue(names, shard, count->region);
	struct span held = key_of_shard(names, shard, KEY_HELD);
	struct span queues = key_of_shard(names, shard, KEY_QUEUES);

	ask_count(c, "ZCARD", queue, NULL, arena_printf(names, "%s length", queue.at), count->waiting);
	ask_count(c, "HGET", held, count->region, arena_printf(names, "%s %s", held.at, count->region),
		  count->held);
	if (count->waiting > 0)
		ask_count(c, "SISMEMBER", queues, count->region,
			  arena_printf(names, "%s %s", queues.at, count->region), 1);
}

static void ask_length(struct comparison *c, struct span shard, enum shard_key key, uint64_t expected,
		       struct arena *names)
{
	struct span name = key_of_shard(names, shard, key);

	ask_count(c, "ZCARD", name, NULL, arena_printf(names, "%s length", name.at), expected);
}

static void ask_shard(struct comparison *c, size_t index, const struct counts *counts, struct arena *names)
{
	char digits[3] = { (char)('0' + index / 10), (char)('0' + index % 10), '\0' };
	struct span shard = span_of(digits);

	ask_length(c, shard, KEY_LEASES, counts->leases[index], names);
	ask_length(c, shard, KEY_HOLDERS, counts->leases[index], names);
	ask_length(c, shard, KEY_CLOCKS, counts->clocks[index], names);
	ask_length(c, shard, KEY_ASKED, counts->asked[index], names);
	ask_length(c, shard, KEY_ESCALATED, counts->escalated[index], names);
	ask_length(c, shard, KEY_ENDED, counts->ended[index], names);
}

/* --- states nobody knows ------------------------------------------------------------------------------- */

struct scan {
	struct comparison *c;
	char cursor[24];
};

/* The tip that a key is about, "{15}:state:15-..."; NULL: the fold knows none. */
static const struct fold_tip *tip_of_key(const struct comparison *c, struct span key, struct span name)
{
	struct tip_id id;

	return tip_id_parse(span_from_offset(key, 4 + name.len), &id) ? fold_find(c->replay->fold, &id) : NULL;
}

/* States that the fold does not know, and lists of children where it knows of none. */
static void look_at_key(struct comparison *c, struct span key)
{
	const struct span state = SPAN(":state:"), children = SPAN(":children:");
	struct span rest = span_from_offset(key, 4);
	const struct fold_tip *tip;

	if (span_starts(rest, state) && tip_of_key(c, key, state) == NULL)
		differ(c, key, "", (struct span){ 0 }, SPAN("a state"));
	if (!span_starts(rest, children))
		return;
	tip = tip_of_key(c, key, children);
	if (tip == NULL || fold_incident(c->replay->fold, tip)->nchildren == 0)
		differ(c, key, "", (struct span){ 0 }, SPAN("children"));
}

static void take_scan(void *ctx, const redisReply *reply, const void *at, size_t n)
{
	struct scan *scan = ctx;

	(void)at;
	(void)n;
	snprintf(scan->cursor, sizeof(scan->cursor), "0");
	if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 2)
		return;
	snprintf(scan->cursor, sizeof(scan->cursor), "%s", reply->element[0]->str);
	for (size_t i = 0; i < reply->element[1]->elements; i++)
		look_at_key(scan->c, span_from(reply->element[1]->element[i]->str,
					       (size_t)reply->element[1]->element[i]->len));
}

static bool scan_states(struct comparison *c)
{
	struct scan scan = { .c = c, .cursor = "0" };

	do {
		struct pipe_words words = pipe_words(c->store);

		pipe_word(&words, SPAN("SCAN"));
		pipe_word(&words, span_of(arena_printf(words.arena, "%s", scan.cursor)));
		pipe_word(&words, SPAN("MATCH"));
		pipe_word(&words, SPAN("{*}:[sc]*:*"));
		pipe_word(&words, SPAN("COUNT"));
		pipe_word(&words, SPAN("2000"));
		pipe_send(c->store, &words, take_scan, &scan, NULL, 0);
		if (!pipe_drain(c->store))
			return false;
	} while (strcmp(scan.cursor, "0") != 0);
	return true;
}

uint64_t replay_compare(const struct replay *replay, struct pipe *store, FILE *out)
{
	struct comparison c = { .replay = replay, .store = store, .out = out };
	struct counts counts = { .n = 0 };
	struct arena names = { 0 };
	size_t n;
	const struct fold_tip *tips = fold_tips(replay->fold, &n);
	bool well;

	c.of = n;
	for (size_t i = 0; i < n; i++) {
		ask_gone(&c, &tips[i], &names);
		if (tips[i].gone)
			continue;
		ask_tip(&c, &tips[i]);
		count_tip(&counts, &tips[i]);
	}
	for (size_t i = 0; i < counts.n; i++)
		ask_region(&c, &counts.at[i], &names);
	for (size_t i = 0; i < REPLAY_SHARDS; i++)
		ask_shard(&c, i, &counts, &names);
	well = pipe_drain(store) && scan_states(&c);
	if (c.differences > LINES_MAX)
		fprintf(out, "and %llu more differences\n", (unsigned long long)(c.differences - LINES_MAX));
	free(counts.at);
	arena_release(&names);
	return well ? c.differences : UINT64_MAX;
}
