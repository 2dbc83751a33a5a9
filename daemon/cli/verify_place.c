/*
 * V1: each tip that was acknowledged is in exactly one of queue, lease, closed,
 * transferred, and of exactly one region.
 *
 * Queues, leases and holders are walked first and noted by tip; then each tip
 * of the journal says what its state is. Of a tip that went to another shard
 * the other half has to be there, or still on its way in the outbox.
 */
#include "daemon/cli/verify_place.h"

#include "daemon/base/table.h"
#include "daemon/cli/verify.h"
#include "daemon/cli/verify_scan.h"
#include "daemon/store/keys.h"

#include <hiredis/hiredis.h>
#include <stdlib.h>

#define REGION_BYTES 6

/* --- one tip -------------------------------------------------------------------------------------- */

static const char *judge_queued(const struct verify_place *place, struct span region)
{
	if (place->queues == 0)
		return "is queued and in no queue";
	if (place->queues > 1)
		return "is in the queues of more than one region";
	if (!span_eq(span_of(place->region), region))
		return "is in the queue of another region";
	return place->lease || place->holder ? "is in a queue and under a lease" : NULL;
}

static const char *judge_held(const struct verify_place *place, const struct verify_state *state)
{
	if (place->queues > 0)
		return "is under a lease and in a queue";
	if (!place->lease || !place->holder)
		return "is held, and not in the list of leases or holders";
	return state->holder.len > 0 && state->until.len > 0 ? NULL : "is held by nobody or for ever";
}

const char *verify_place_judge(const struct verify_place *place, const struct verify_state *state, struct span shard)
{
	struct span region = span_from(state->base.at, state->base.len < REGION_BYTES ? state->base.len : REGION_BYTES);
	enum tip_state now;

	if (!state->there)
		return "was acknowledged and is nowhere";
	if (!tip_state_parse(state->state, &now))
		return "has an unknown state";
	if (region.len != REGION_BYTES || !span_digits(region))
		return "is of no region";
	if (now != TIP_TRANSFERRED && !span_is(region, "000000") && !span_starts(region, shard))
		return "is of a region of another shard";
	switch (now) {
	case TIP_QUEUED:
		return judge_queued(place, region);
	case TIP_CLAIMED:
	case TIP_VERIFIED:
		return judge_held(place, state);
	case TIP_CLOSED:
	case TIP_TRANSFERRED:
	case TIP_ERASED:
	case TIP_STATES:
		break;
	}
	return place->queues > 0 || place->lease || place->holder ? "has ended here and is still in a list" : NULL;
}

/* --- the lists --------------------------------------------------------------------------------------- */

struct places {
	struct verify *verify;
	struct verify_result *result;
	const struct fold_tip *tips;
	size_t ntips;
	struct verify_place *at;     /* of each of the tips */
	uint64_t waiting[REPLAY_SHARDS];   /* intents in the outbox */
};

static bool wanted(void *ctx, struct span key, enum verify_type *type)
{
	struct span rest = span_from_offset(key, 4);

	(void)ctx;
	*type = VERIFY_ZSET;
	return key.len > 5 && key.at[0] == '{' && key.at[3] == '}' &&
	       (span_starts(rest, SPAN(":queue:")) || span_is(rest, ":leases") || span_is(rest, ":holders"));
}

/* "holder NUL id" or the id alone. */
static struct span id_of(struct span member)
{
	return member.len > TIP_ID_LEN ? span_from_offset(member, member.len - TIP_ID_LEN) : member;
}

static struct verify_place *place_of(struct places *places, struct span member)
{
	const struct fold_tip *tip;
	struct tip_id id;

	if (!tip_id_parse(id_of(member), &id))
		return NULL;
	tip = fold_find(places->verify->replay.fold, &id);
	return tip != NULL ? &places->at[tip - places->tips] : NULL;
}

static void take_queued(struct verify_place *place, struct span region)
{
	if (region.len != REGION_BYTES || (place->queues > 0 && span_eq(span_of(place->region), region)))
		return;
	place->queues++;
	memcpy(place->region, region.at, REGION_BYTES);
}

static void take_member(void *ctx, const struct verify_piece *piece)
{
	struct places *places = ctx;
	struct verify_place *place = place_of(places, piece->a);
	struct span rest = span_from_offset(piece->key, 5);

	if (place == NULL)
		verify_found(places->result, piece->key, "holds a tip that was never accepted");
	else if (span_is(rest, "leases"))
		place->lease = true;
	else if (span_is(rest, "holders"))
		place->holder = true;
	else
		take_queued(place, span_from_offset(rest, strlen("queue:")));
}

static void refused(void *ctx, struct span key, const char *why)
{
	struct places *places = ctx;

	(void)why;
	verify_found(places->result, key, "is of another type");
}

/* --- the tips ------------------------------------------------------------------------------------------ */

static struct span text_of(const redisReply *reply, size_t i)
{
	const redisReply *part = reply->element[i];

	return part->type == REDIS_REPLY_STRING ? span_from(part->str, (size_t)part->len) : (struct span){ 0 };
}

/* Of a tip that went away: its other half, under the tail of the same id. */
static bool has_arrived(const struct places *places, const struct fold_tip *tip)
{
	struct tip_id there = tip->id;
	size_t shard = (size_t)(tip->id.text[0] - '0') * 10 + (size_t)(tip->id.text[1] - '0');

	memcpy(there.text, tip->region, 2);
	return places->waiting[shard] > 0 || fold_find(places->verify->replay.fold, &there) != NULL;
}

static void take_state(void *ctx, const redisReply *reply, const void *at, size_t n)
{
	struct places *places = ctx;
	const struct fold_tip *tip = at;
	struct verify_state state = { .there = false };
	const char *why;

	(void)n;
	if (reply->type == REDIS_REPLY_ARRAY && reply->elements == 4 && reply->element[0]->type == REDIS_REPLY_STRING)
		state = (struct verify_state){ .there = true, .state = text_of(reply, 0), .base = text_of(reply, 1),
					       .holder = text_of(reply, 2), .until = text_of(reply, 3) };
	why = verify_place_judge(&places->at[tip - places->tips], &state, tip_id_shard(&tip->id));
	if (why == NULL && span_is(state.state, "transferred") && !has_arrived(places, tip))
		why = "went to another shard and did not arrive";
	places->result->looked++;
	if (why != NULL)
		verify_found(places->result, span_of(tip->id.text), "%s", why);
	replay_progress(&places->verify->replay, "places of tips", places->result->looked, places->ntips);
}

static void ask_state(struct places *places, const struct fold_tip *tip)
{
	static const char *const fields[] = { "s", "b", "h", "u" };
	struct pipe_words words = pipe_words(places->verify->store);

	pipe_word(&words, SPAN("HMGET"));
	pipe_word(&words, key_of_tip(words.arena, &tip->id, KEY_STATE));
	for (size_t i = 0; i < COUNT_OF(fields); i++)
		pipe_word(&words, span_of(fields[i]));
	pipe_send(places->verify->store, &words, take_state, places, tip, 0);
}

static void take_waiting(void *ctx, const redisReply *reply, const void *at, size_t n)
{
	struct places *places = ctx;

	(void)at;
	places->waiting[n] = reply->type == REDIS_REPLY_INTEGER && reply->integer > 0 ? (uint64_t)reply->integer : 0;
}

static void ask_outboxes(struct places *places)
{
	for (size_t i = 0; i < REPLAY_SHARDS; i++) {
		const char shard[3] = { (char)('0' + i / 10), (char)('0' + i % 10), '\0' };
		struct pipe_words words = pipe_words(places->verify->store);

		pipe_word(&words, SPAN("HLEN"));
		pipe_word(&words, key_of_shard(words.arena, span_of(shard), KEY_OUTBOX));
		pipe_send(places->verify->store, &words, take_waiting, places, NULL, i);
	}
}

bool verify_places(struct verify *verify, struct verify_result *result)
{
	struct places places = { .verify = verify, .result = result };
	const struct verify_walk walk = { .key = wanted, .piece = take_member, .refused = refused, .ctx = &places,
					  .match = "{*}:[qlh]*" };
	bool well;

	/* Who would be missing is not known. */
	if (verify->replay.lost) {
		verify_lost(result, verify->replay.lost_first);
		return true;
	}
	places.tips = fold_tips(verify->replay.fold, &places.ntips);
	places.at = calloc(places.ntips + 1, sizeof(*places.at));
	if (places.at == NULL)
		return false;
	ask_outboxes(&places);
	well = pipe_drain(verify->store) && verify_scan(verify->store, &walk);
	for (size_t i = 0; well && i < places.ntips; i++)
		if (!places.tips[i].gone)
			ask_state(&places, &places.tips[i]);
	well = pipe_drain(verify->store) && well;
	free(places.at);
	return well;
}
