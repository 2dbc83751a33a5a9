/*
 * Writing a store anew from its journal: what the fold says becomes the
 * projections; journals and sealed things are carried over as they are.
 */
#include "daemon/base/table.h"
#include "daemon/cli/tipctl_replay.h"
#include "daemon/store/calls.h"
#include "daemon/store/keys.h"

#include <hiredis/hiredis.h>
#include <stdlib.h>

struct carry {
	const struct replay *replay;
	struct pipe *into;
	char cursor[24];
	struct arena names; /* keys found by a scan */
	bool well;
};

static void take_number(void *ctx, const redisReply *reply, const void *at, size_t n)
{
	long long *number = ctx;

	(void)at;
	(void)n;
	*number = reply->type == REDIS_REPLY_INTEGER ? reply->integer : -1;
}

bool replay_is_empty(struct pipe *store)
{
	struct pipe_words words = pipe_words(store);
	long long size = -1;

	pipe_word(&words, SPAN("DBSIZE"));
	pipe_send(store, &words, take_number, &size, NULL, 0);
	return pipe_drain(store) && size == 0;
}

static void take_written(void *ctx, const redisReply *reply, const void *at, size_t n)
{
	struct carry *carry = ctx;

	(void)at;
	(void)n;
	if (reply->type != REDIS_REPLY_ERROR)
		return;
	if (carry->well)
		fprintf(stderr, "tipctl: the other store refuses: %s\n", reply->str);
	carry->well = false;
}

/* --- projections --------------------------------------------------------------------------------- */

/* What is not there is left out. */
static void field(struct pipe_words *words, const char *name, struct span value)
{
	if (span_empty(value))
		return;
	pipe_word(words, span_of(name));
	pipe_word(words, value);
}

static void incident_fields(struct pipe_words *words, const struct fold_incident *incident)
{
	field(words, "i", replay_parent(incident, words->arena));
	field(words, "c", span_of(incident->context));
	if (incident->npairs > 0)
		field(words, "o", replay_pairs(incident, words->arena));
	if (incident->nchildren == 0)
		return;
	pipe_word(words, SPAN("m"));
	pipe_number(words, incident->nchildren);
}

static void write_state(struct carry *carry, const struct fold_tip *tip)
{
	struct pipe_words words = pipe_words(carry->into);
	char base[64];

	pipe_word(&words, SPAN("HSET"));
	pipe_word(&words, key_of_tip(words.arena, &tip->id, KEY_STATE));
	pipe_word(&words, SPAN("s"));
	pipe_word(&words, span_of(tip_state_name(tip->state)));
	pipe_word(&words, SPAN("v"));
	pipe_number(&words, tip->rev);
	pipe_word(&words, SPAN("b"));
	pipe_word(&words, span_from(base, replay_base(tip, base)));
	if (tip->nmessages > 0) {
		pipe_word(&words, SPAN("n"));
		pipe_number(&words, tip->nmessages);
	}
	if (tip->hops > 0) {
		pipe_word(&words, SPAN("g"));
		pipe_number(&words, tip->hops);
	}
	if (tip->holder > 0) {
		pipe_word(&words, SPAN("h"));
		pipe_word(&words, fold_holder(carry->replay->fold, tip->holder));
		pipe_word(&words, SPAN("u"));
		pipe_number(&words, (uint64_t)tip->until_ms);
	}
	incident_fields(&words, fold_incident(carry->replay->fold, tip));
	field(&words, "k", replay_clock(tip, words.arena));
	field(&words, "l", replay_raise(tip, words.arena));
	field(&words, "x", replay_review(carry->replay->fold, tip, words.arena));
	field(&words, "z", replay_seed(tip));
	field(&words, "e", replay_end(tip, words.arena));
	field(&words, "y", replay_hold(carry->replay->fold, tip, words.arena));
	pipe_send(carry->into, &words, take_written, carry, NULL, 0);
}

static void write_children(struct carry *carry, const struct fold_tip *tip)
{
	const struct fold_incident *incident = fold_incident(carry->replay->fold, tip);

	for (size_t i = 0; i < incident->nchildren; i++) {
		struct pipe_words words = pipe_words(carry->into);

		pipe_word(&words, SPAN("ZADD"));
		pipe_word(&words, key_of_tip(words.arena, &tip->id, KEY_CHILDREN));
		pipe_number(&words, (uint64_t)incident->children[i].received_ms);
		pipe_word(&words, span_of(incident->children[i].id.text));
		pipe_send(carry->into, &words, take_written, carry, NULL, 0);
	}
}

static void write_queue(struct carry *carry, const struct fold_tip *tip)
{
	struct span shard = tip_id_shard(&tip->id);
	struct pipe_words words = pipe_words(carry->into);

	pipe_word(&words, SPAN("ZADD"));
	pipe_word(&words, key_of_queue(words.arena, shard, tip->region));
	pipe_number(&words, store_rank(tip->points, tip->received_ms));
	pipe_word(&words, span_of(tip->id.text));
	pipe_send(carry->into, &words, take_written, carry, NULL, 0);
}

static void write_region(struct carry *carry, const struct fold_tip *tip)
{
	struct pipe_words words = pipe_words(carry->into);

	pipe_word(&words, SPAN("SADD"));
	pipe_word(&words, key_of_shard(words.arena, tip_id_shard(&tip->id), KEY_QUEUES));
	pipe_word(&words, span_of(tip->region));
	pipe_send(carry->into, &words, take_written, carry, NULL, 0);
}

static void write_member(struct carry *carry, const struct fold_tip *tip, enum shard_key key, uint64_t score,
			 struct span member)
{
	struct pipe_words words = pipe_words(carry->into);

	pipe_word(&words, SPAN("ZADD"));
	pipe_word(&words, key_of_shard(words.arena, tip_id_shard(&tip->id), key));
	pipe_number(&words, score);
	pipe_word(&words, member);
	pipe_send(carry->into, &words, take_written, carry, NULL, 0);
}

static void write_lease(struct carry *carry, const struct fold_tip *tip)
{
	struct span holder = fold_holder(carry->replay->fold, tip->holder);
	struct pipe_words words = pipe_words(carry->into);
	char member[FOLD_HOLDER_MAX + 1 + TIP_ID_LEN];

	pipe_word(&words, SPAN("HINCRBY"));
	pipe_word(&words, key_of_shard(words.arena, tip_id_shard(&tip->id), KEY_HELD));
	pipe_word(&words, span_of(tip->region));
	pipe_word(&words, SPAN("1"));
	pipe_send(carry->into, &words, take_written, carry, NULL, 0);
	write_member(carry, tip, KEY_LEASES, (uint64_t)tip->until_ms, span_of(tip->id.text));
	if (holder.len > 0)
		memcpy(member, holder.at, holder.len);
	member[holder.len] = '\0';
	memcpy(member + holder.len + 1, tip->id.text, TIP_ID_LEN);
	write_member(carry, tip, KEY_HOLDERS, 0, span_from(member, holder.len + 1 + TIP_ID_LEN));
}

static void write_clock(struct carry *carry, const struct fold_tip *tip)
{
	struct arena arena = { 0 };
	struct span escalated = replay_escalated(tip, &arena);

	if (replay_clock_rank(tip) > 0)
		write_member(carry, tip, KEY_CLOCKS, replay_clock_rank(tip), span_of(tip->id.text));
	if (replay_asked_rank(tip) > 0)
		write_member(carry, tip, KEY_ASKED, replay_asked_rank(tip), span_of(tip->id.text));
	if (escalated.len > 0)
		write_member(carry, tip, KEY_ESCALATED, 0, escalated);
	arena_release(&arena);
}

static void write_projections(struct carry *carry)
{
	size_t n;
	const struct fold_tip *tips = fold_tips(carry->replay->fold, &n);

	for (size_t i = 0; i < n; i++) {
		if (tips[i].gone)
			continue;
		write_state(carry, &tips[i]);
		write_children(carry, &tips[i]);
		/* A tip that went away has a region of another shard, which has no queue here. */
		if (tips[i].state != TIP_TRANSFERRED)
			write_region(carry, &tips[i]);
		if (tips[i].state == TIP_QUEUED)
			write_queue(carry, &tips[i]);
		if (tips[i].holder > 0)
			write_lease(carry, &tips[i]);
		write_clock(carry, &tips[i]);
		if (tips[i].end.outcome[0] != '\0')
			write_member(carry, &tips[i], KEY_ENDED, (uint64_t)tips[i].end.at_ms, span_of(tips[i].id.text));
		replay_progress(carry->replay, "tips written", i, n);
	}
}

/* --- what is carried over ---------------------------------------------------------------------------- */

/* Projections are rebuilt. */
static bool is_carried(struct span key)
{
	static const char *const left[] = { ":state:", ":queue:", ":children:" };
	static const char *const left_whole[] = { ":queues", ":leases", ":held", ":holders", ":clocks", ":asked", ":escalated",
						      ":ended" };
	struct span rest = span_from_offset(key, 4);

	if (key.len < 5 || key.at[0] != '{')
		return true;
	for (size_t i = 0; i < COUNT_OF(left); i++)
		if (span_starts(rest, span_of(left[i])))
			return false;
	for (size_t i = 0; i < COUNT_OF(left_whole); i++)
		if (span_is(rest, left_whole[i]))
			return false;
	return true;
}

struct carried {
	struct carry *carry;
	struct span key;
	long long ttl_ms;
};

static void take_ttl(void *ctx, const redisReply *reply, const void *at, size_t n)
{
	struct carried *carried = ctx;

	(void)at;
	(void)n;
	carried->ttl_ms = reply->type == REDIS_REPLY_INTEGER && reply->integer > 0 ? reply->integer : 0;
}

static void take_dump(void *ctx, const redisReply *reply, const void *at, size_t n)
{
	struct carried *carried = ctx;
	struct pipe_words words = pipe_words(carried->carry->into);

	(void)at;
	(void)n;
	if (reply->type != REDIS_REPLY_STRING)
		return;
	pipe_word(&words, SPAN("RESTORE"));
	pipe_word(&words, carried->key);
	pipe_number(&words, (uint64_t)carried->ttl_ms);
	pipe_word(&words, span_from(reply->str, (size_t)reply->len));
	pipe_word(&words, SPAN("REPLACE"));
	pipe_send(carried->carry->into, &words, take_written, carried->carry, NULL, 0);
}

static void ask_key(struct carry *carry, struct span key)
{
	static const char *const commands[] = { "PTTL", "DUMP" };
	static pipe_taker *const takers[] = { take_ttl, take_dump };
	struct carried *carried = arena_new(&carry->names, struct carried);

	*carried = (struct carried){ .carry = carry, .key = key };
	for (size_t i = 0; i < COUNT_OF(commands); i++) {
		struct pipe_words words = pipe_words(carry->replay->store);

		pipe_word(&words, span_of(commands[i]));
		pipe_word(&words, key);
		pipe_send(carry->replay->store, &words, takers[i], carried, NULL, 0);
	}
}

/* The lease of a job belongs to a running process; how far it had come does not. */
static bool is_job(struct span key)
{
	return key.len > 9 && key.at[0] == '{' && memcmp(key.at + 4, ":job:", 5) == 0;
}

static void take_note(void *ctx, const redisReply *reply, const void *at, size_t n)
{
	struct carried *carried = ctx;
	struct pipe_words words = pipe_words(carried->carry->into);

	(void)at;
	(void)n;
	if (reply->type != REDIS_REPLY_STRING)
		return;
	pipe_word(&words, SPAN("HSET"));
	pipe_word(&words, carried->key);
	pipe_word(&words, SPAN("note"));
	pipe_word(&words, span_from(reply->str, (size_t)reply->len));
	pipe_send(carried->carry->into, &words, take_written, carried->carry, NULL, 0);
}

static void ask_note(struct carry *carry, struct span key)
{
	struct carried *carried = arena_new(&carry->names, struct carried);
	struct pipe_words words = pipe_words(carry->replay->store);

	*carried = (struct carried){ .carry = carry, .key = key };
	pipe_word(&words, SPAN("HGET"));
	pipe_word(&words, key);
	pipe_word(&words, SPAN("note"));
	pipe_send(carry->replay->store, &words, take_note, carried, NULL, 0);
}

struct found_keys {
	struct carry *carry;
	struct span *at;
	size_t n;
};

static void take_keys(void *ctx, const redisReply *reply, const void *at, size_t n)
{
	struct found_keys *found = ctx;
	struct carry *carry = found->carry;

	(void)at;
	(void)n;
	snprintf(carry->cursor, sizeof(carry->cursor), "0");
	if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 2)
		return;
	snprintf(carry->cursor, sizeof(carry->cursor), "%s", reply->element[0]->str);
	found->at = arena_array(&carry->names, struct span, reply->element[1]->elements);
	for (size_t i = 0; i < reply->element[1]->elements; i++) {
		const redisReply *key = reply->element[1]->element[i];

		if (is_carried(span_from(key->str, (size_t)key->len)))
			found->at[found->n++] =
				arena_dup(&carry->names, span_from(key->str, (size_t)key->len));
	}
}

/* One piece of the scan: its keys are asked for after its answer was taken, never from within. */
static bool carry_piece(struct carry *carry)
{
	struct found_keys found = { .carry = carry };
	struct pipe_words words = pipe_words(carry->replay->store);

	pipe_word(&words, SPAN("SCAN"));
	pipe_word(&words, span_of(arena_printf(words.arena, "%s", carry->cursor)));
	pipe_word(&words, SPAN("COUNT"));
	pipe_word(&words, SPAN("1000"));
	pipe_send(carry->replay->store, &words, take_keys, &found, NULL, 0);
	if (!pipe_drain(carry->replay->store))
		return false;
	for (size_t i = 0; i < found.n; i++)
		(is_job(found.at[i]) ? ask_note : ask_key)(carry, found.at[i]);
	return pipe_drain(carry->replay->store) && pipe_drain(carry->into);
}

/* A scan may tell a key twice, hence RESTORE with REPLACE. */
static bool carry_all(struct carry *carry)
{
	bool well;

	snprintf(carry->cursor, sizeof(carry->cursor), "0");
	do {
		well = carry_piece(carry);
		arena_release(&carry->names);
	} while (well && carry->well && strcmp(carry->cursor, "0") != 0);
	return well;
}

bool replay_rebuild(const struct replay *replay, struct pipe *into)
{
	struct carry carry = { .replay = replay, .into = into, .well = true };

	if (!carry_all(&carry))
		return false;
	write_projections(&carry);
	return pipe_drain(into) && carry.well;
}
