/*
 * Folding the journal; see fold.h. What an event does to a state stands in
 * core/lifecycle.c; here is how its members are read.
 */
#include "daemon/core/fold.h"

#include "daemon/base/hex.h"
#include "daemon/base/mark_map.h"
#include "daemon/base/table.h"
#include "daemon/core/event.h"

#include <assert.h>
#include <stdlib.h>

#define SHARDS 100

struct fold_name {
	char text[FOLD_HOLDER_MAX];
	size_t len;
};

struct fold {
	struct mark_map by_id;
	struct fold_tip *tips;
	size_t n, size;
	struct fold_name *holders;
	unsigned nholders, holders_size;
	uint64_t last[SHARDS];
};

enum fold_kind {
	FOLD_BIRTH, /* accepted, received */
	FOLD_MOVE,  /* a row of the lifecycle */
	FOLD_APART, /* leaves the tip as it is */
};

static const struct fold_word {
	const char *word;
	enum fold_kind kind;
	enum tip_event event;
} words[] = {
	{ .word = "accepted", .kind = FOLD_BIRTH },
	{ .word = "received", .kind = FOLD_BIRTH },
	{ .word = "claimed", .kind = FOLD_MOVE, .event = TIP_EV_CLAIM },
	{ .word = "renewed", .kind = FOLD_MOVE, .event = TIP_EV_RENEW },
	{ .word = "released", .kind = FOLD_MOVE, .event = TIP_EV_RELEASE },
	{ .word = "lease_expired", .kind = FOLD_MOVE, .event = TIP_EV_LEASE_EXPIRED },
	{ .word = "transferred", .kind = FOLD_MOVE, .event = TIP_EV_TRANSFER },
	{ .word = "transferred_away", .kind = FOLD_MOVE, .event = TIP_EV_TRANSFER_AWAY },
	{ .word = "message", .kind = FOLD_MOVE, .event = TIP_EV_MESSAGE },
	{ .word = "note", .kind = FOLD_MOVE, .event = TIP_EV_NOTE },
	{ .word = "supplement", .kind = FOLD_MOVE, .event = TIP_EV_SUPPLEMENT },
	{ .word = "verified", .kind = FOLD_MOVE, .event = TIP_EV_VERIFY },
	{ .word = "closed", .kind = FOLD_MOVE, .event = TIP_EV_CLOSE },
	{ .word = "reopened", .kind = FOLD_MOVE, .event = TIP_EV_REOPEN },
	{ .word = "sent", .kind = FOLD_APART },
	{ .word = "send_failed", .kind = FOLD_APART },
};

/* The members of one event that the fold needs. */
struct event_read {
	const struct fold_word *word;
	struct tip_id id;
	bool has_id;
	struct span region, by, mark;
	uint64_t at, received, points, until, messages, hops;
	bool has_at, has_received, has_points, has_until, has_messages, has_hops;
};

static const struct fold_word *word_find(struct span text)
{
	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (span_is(text, words[i].word))
			return &words[i];
	return NULL;
}

static bool read_number(const struct event_member *member, uint64_t *number, bool *has)
{
	*has = !member->text && span_u64(member->value, number) && *number <= INT64_MAX;
	return *has;
}

static bool read_member(const struct event_member *member, struct event_read *out)
{
	struct span name = member->name;

	if (span_eq(name, SPAN("e")))
		return (out->word = word_find(member->value)) != NULL;
	if (span_eq(name, SPAN("id")))
		return out->has_id = tip_id_parse(member->value, &out->id);
	if (span_eq(name, SPAN("at")))
		return read_number(member, &out->at, &out->has_at);
	if (span_eq(name, SPAN("hops")))
		return read_number(member, &out->hops, &out->has_hops) && out->hops <= UINT32_MAX;
	if (span_eq(name, SPAN("received")))
		return read_number(member, &out->received, &out->has_received);
	if (span_eq(name, SPAN("points")))
		return read_number(member, &out->points, &out->has_points) && out->points <= 100;
	if (span_eq(name, SPAN("until")))
		return read_number(member, &out->until, &out->has_until);
	if (span_eq(name, SPAN("messages")))
		return read_number(member, &out->messages, &out->has_messages) && out->messages <= UINT32_MAX;
	if (span_eq(name, SPAN("by")))
		out->by = member->value;
	else if (span_eq(name, SPAN("mark")))
		out->mark = member->value;
	else if (span_eq(name, SPAN("region")))
		out->region = member->value;
	return true;
}

static bool event_read(struct span json, struct event_read *out, struct complaint *why)
{
	struct event_member member;
	bool well;

	*out = (struct event_read){ 0 };
	while (event_next(&json, &member, &well))
		if (!read_member(&member, out))
			return complain(why, 0, "member \"%.*s\" cannot be read", (int)member.name.len,
					member.name.at);
	if (!well || json.len > 0)
		return complain(why, 0, "not a JSON object");
	if (out->word == NULL)
		return complain(why, 0, "no member \"e\"");
	if (out->region.len > 0 && (out->region.len != 6 || !span_digits(out->region)))
		return complain(why, 0, "region is not six digits");
	if (!out->has_id && out->word->kind != FOLD_APART)
		return complain(why, 0, "no member \"id\"");
	return true;
}

/* --- tips and holders ------------------------------------------------------------------------ */

static void id_key(const struct tip_id *id, unsigned char key[MARK_BYTES])
{
	memset(key, 0, MARK_BYTES);
	memcpy(key, id->text, TIP_ID_LEN);
}

static struct fold_tip *tip_find(const struct fold *fold, const struct tip_id *id)
{
	unsigned char key[MARK_BYTES];
	uint64_t index;

	id_key(id, key);
	return mark_map_get(&fold->by_id, key, &index) ? &fold->tips[index] : NULL;
}

static struct fold_tip *tip_add(struct fold *fold, const struct tip_id *id)
{
	unsigned char key[MARK_BYTES];

	if (fold->n == fold->size) {
		fold->size = fold->size > 0 ? 2 * fold->size : 1024;
		fold->tips = realloc(fold->tips, fold->size * sizeof(*fold->tips));
		assert(fold->tips != NULL);
	}
	id_key(id, key);
	mark_map_set(&fold->by_id, key, fold->n);
	fold->tips[fold->n] = (struct fold_tip){ .id = *id };
	return &fold->tips[fold->n++];
}

/* Officers are few: a name is kept once and found by looking through, last ones first. */
static unsigned holder_number(struct fold *fold, const struct fold_name *name)
{
	for (unsigned i = fold->nholders; i > 0; i--)
		if (fold->holders[i - 1].len == name->len &&
		    memcmp(fold->holders[i - 1].text, name->text, name->len) == 0)
			return i;
	if (fold->nholders == fold->holders_size) {
		fold->holders_size = fold->holders_size > 0 ? 2 * fold->holders_size : 16;
		fold->holders = realloc(fold->holders, fold->holders_size * sizeof(*fold->holders));
		assert(fold->holders != NULL);
	}
	fold->holders[fold->nholders] = *name;
	return ++fold->nholders;
}

/* --- events ------------------------------------------------------------------------------------ */

static void apply_common(struct fold_tip *tip, const struct event_read *event, uint64_t number)
{
	tip->rev = number;
	/* Of a tip that went away it is where it went: the receipt follows it there. */
	if (event->region.len == 6)
		memcpy(tip->region, event->region.at, 6);
	if (event->has_points)
		tip->points = (unsigned)event->points;
	if (event->has_messages)
		tip->nmessages = (unsigned)event->messages;
}

static bool apply_birth(struct fold *fold, const struct event_read *event, uint64_t number,
			struct complaint *why)
{
	unsigned char mark[FOLD_MARK_BYTES];
	struct fold_tip *tip = tip_find(fold, &event->id);

	if (tip != NULL && (tip->state != TIP_TRANSFERRED || event->hops <= tip->hops))
		return complain(why, 0, "tip %s is there already", event->id.text);
	if (event->region.len != 6 || !event->has_points || !(event->has_at || event->has_received) ||
	    !hex_get(event->mark, mark, sizeof(mark)))
		return complain(why, 0, "tip %s lacks region, points, time or mark", event->id.text);
	if (tip == NULL)
		tip = tip_add(fold, &event->id);
	tip->state = TIP_QUEUED;
	tip->hops = (unsigned)event->hops;
	tip->nmessages = 0;
	tip->received_ms = (int64_t)(event->has_received ? event->received : event->at);
	memcpy(tip->mark, mark, sizeof(mark));
	memcpy(tip->region, event->region.at, 6);
	apply_common(tip, event, number);
	return true;
}

static bool is_held(enum tip_state state)
{
	return state == TIP_CLAIMED || state == TIP_VERIFIED;
}

static bool apply_lease(struct fold *fold, struct fold_tip *tip, const struct event_read *event,
			const struct tip_move *move, struct complaint *why)
{
	struct fold_name name = { .len = 0 };

	if (!is_held(move->to)) {
		tip->until_ms = 0;
		tip->holder = 0;
		return true;
	}
	if (move->on == TIP_EV_CLAIM) {
		name.len = event_text(event->by, name.text, sizeof(name.text));
		if (name.len == SIZE_MAX || name.len == 0 || !event->has_until)
			return complain(why, 0, "claim of %s without officer or end", tip->id.text);
		tip->holder = holder_number(fold, &name);
	}
	if (event->has_until)
		tip->until_ms = (int64_t)event->until;
	return true;
}

static bool apply_move(struct fold *fold, const struct event_read *event, uint64_t number,
		       struct complaint *why)
{
	struct fold_tip *tip = tip_find(fold, &event->id);
	const struct tip_move *move;

	if (tip == NULL)
		return complain(why, 0, "tip %s was never accepted", event->id.text);
	move = tip_move_find(tip->state, event->word->event, ~0u);
	if (move == NULL)
		return complain(why, 0, "tip %s cannot be %s when %s", event->id.text, event->word->word,
				tip_state_name(tip->state));
	if (!apply_lease(fold, tip, event, move, why))
		return false;
	tip->state = move->to;
	apply_common(tip, event, number);
	return true;
}

/* The number a shard's two digits stand for, or SHARDS. */
static size_t shard_index(struct span shard)
{
	if (shard.len != 2 || !span_digits(shard))
		return SHARDS;
	return (size_t)(shard.at[0] - '0') * 10 + (size_t)(shard.at[1] - '0');
}

bool fold_event(struct fold *fold, struct span shard, uint64_t number, struct span json,
		struct complaint *why)
{
	size_t index = shard_index(shard);
	uint64_t expected = index < SHARDS ? fold->last[index] + 1 : 0;
	struct event_read event;

	if (index == SHARDS)
		return complain(why, 0, "shard is not two digits");
	fold->last[index] = number;
	if (number != expected)
		return complain(why, 0, "number %llu follows %llu", (unsigned long long)number,
				(unsigned long long)expected - 1);
	if (!event_read(json, &event, why))
		return false;
	if (event.has_id && memcmp(event.id.text, shard.at, 2) != 0)
		return complain(why, 0, "tip %s is of another shard", event.id.text);
	switch (event.word->kind) {
	case FOLD_BIRTH:
		return apply_birth(fold, &event, number, why);
	case FOLD_MOVE:
		return apply_move(fold, &event, number, why);
	case FOLD_APART:
		break;
	}
	return true;
}

struct fold *fold_new(uint64_t seed)
{
	struct fold *fold = calloc(1, sizeof(*fold));

	assert(fold != NULL);
	mark_map_init(&fold->by_id, seed);
	return fold;
}

void fold_free(struct fold *fold)
{
	mark_map_release(&fold->by_id);
	free(fold->tips);
	free(fold->holders);
	free(fold);
}

const struct fold_tip *fold_tips(const struct fold *fold, size_t *n)
{
	*n = fold->n;
	return fold->tips;
}

const struct fold_tip *fold_find(const struct fold *fold, const struct tip_id *id)
{
	return tip_find(fold, id);
}

struct span fold_holder(const struct fold *fold, unsigned holder)
{
	if (holder == 0 || holder > fold->nholders)
		return (struct span){ 0 };
	return span_from(fold->holders[holder - 1].text, fold->holders[holder - 1].len);
}

uint64_t fold_last(const struct fold *fold, struct span shard)
{
	size_t index = shard_index(shard);

	return index < SHARDS ? fold->last[index] : 0;
}
