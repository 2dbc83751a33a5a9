/*
 * Folding the journal; see fold.h. What an event does to a state stands in
 * core/journal/lifecycle.c, how its members are read in fold_fact.c, what it does to an
 * incident in fold_links.c.
 */
#include "daemon/core/journal/fold_state.h"

#include "daemon/base/hex.h"
#include "daemon/core/journal/event.h"

#include <assert.h>
#include <stdlib.h>

/* --- tips and holders ------------------------------------------------------------------------ */

static void id_key(const struct tip_id *id, unsigned char key[MARK_BYTES])
{
	memset(key, 0, MARK_BYTES);
	memcpy(key, id->text, TIP_ID_LEN);
}

/* Also one that was deleted whole. */
static struct fold_tip *tip_ever(const struct fold *fold, const struct tip_id *id)
{
	unsigned char key[MARK_BYTES];
	uint64_t index;

	id_key(id, key);
	return mark_map_get(&fold->by_id, key, &index) ? &fold->tips[index] : NULL;
}

struct fold_tip *fold_tip_find(const struct fold *fold, const struct tip_id *id)
{
	struct fold_tip *tip = tip_ever(fold, id);

	return tip != NULL && !tip->gone ? tip : NULL;
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

unsigned fold_person(struct fold *fold, struct span by, struct complaint *why)
{
	struct fold_name name = { .len = 0 };

	name.len = event_text(by, name.text, sizeof(name.text));
	if (name.len > 0 && name.len != SIZE_MAX)
		return holder_number(fold, &name);
	complain(why, 0, "somebody without a name");
	return 0;
}

struct fold_incident *fold_incident_of(struct fold *fold, struct fold_tip *tip)
{
	if (tip->incident > 0)
		return &fold->incidents[tip->incident - 1];
	if (fold->nincidents == fold->incidents_size) {
		fold->incidents_size = fold->incidents_size > 0 ? 2 * fold->incidents_size : 64;
		fold->incidents = realloc(fold->incidents, fold->incidents_size * sizeof(*fold->incidents));
		assert(fold->incidents != NULL);
	}
	fold->incidents[fold->nincidents] = (struct fold_incident){ .seed = fold->by_id.seed };
	tip->incident = ++fold->nincidents;
	return &fold->incidents[tip->incident - 1];
}

const struct fold_incident *fold_incident(const struct fold *fold, const struct fold_tip *tip)
{
	static const struct fold_incident nothing;

	return tip->incident > 0 ? &fold->incidents[tip->incident - 1] : &nothing;
}

/* --- events ------------------------------------------------------------------------------------ */

static void apply_common(struct fold_tip *tip, const struct fold_fact *fact, uint64_t number)
{
	tip->rev = number;
	/* Of a tip that went away it is where it went: the receipt follows it there. */
	if (fact->region.len == 6)
		memcpy(tip->region, fact->region.at, 6);
	if (fact->points.has)
		tip->points = (unsigned)fact->points.value;
	if (fact->messages.has)
		tip->nmessages = (unsigned)fact->messages.value;
}

static bool apply_birth(struct fold *fold, const struct fold_fact *fact, uint64_t number,
			struct complaint *why)
{
	unsigned char mark[FOLD_MARK_BYTES];
	struct fold_tip *tip = tip_ever(fold, &fact->id.id);

	if (tip != NULL && !tip->gone && (tip->state != TIP_TRANSFERRED || fact->hops.value <= tip->hops))
		return complain(why, 0, "tip %s is there already", fact->id.id.text);
	if (fact->region.len != 6 || !fact->points.has || !(fact->at.has || fact->received.has) ||
	    !hex_get(fact->mark, mark, sizeof(mark)))
		return complain(why, 0, "tip %s lacks region, points, time or mark", fact->id.id.text);
	if (!fold_is_context(fact->context))
		return complain(why, 0, "tip %s has a context that cannot be read", fact->id.id.text);
	if (tip == NULL)
		tip = tip_add(fold, &fact->id.id);
	else if (tip->gone)
		*tip = (struct fold_tip){ .id = tip->id, .incident = tip->incident };
	if (tip->incident > 0 || fact->incident.has || fact->context.len > 0)
		fold_incident_back(fold_incident_of(fold, tip), &fact->incident.id, fact->context);
	tip->state = TIP_QUEUED;
	tip->raise = (struct fold_raise){ .times = 0 };
	tip->end = (struct fold_end){ .erased = 0 };
	tip->hold = tip->lifter = 0;
	tip->hops = (unsigned)fact->hops.value;
	tip->nmessages = 0;
	tip->received_ms = (int64_t)(fact->received.has ? fact->received.value : fact->at.value);
	memcpy(tip->mark, mark, sizeof(mark));
	memcpy(tip->region, fact->region.at, 6);
	tip->clock = clock_begin(tip->received_ms);
	if (fact->since.has)
		tip->clock = (struct clock_face){ .hand = CLOCK_PASSED, .since_ms = (int64_t)fact->since.value };
	apply_common(tip, fact, number);
	return true;
}

static bool is_held(enum tip_state state)
{
	return state == TIP_CLAIMED || state == TIP_VERIFIED;
}

static bool apply_lease(struct fold *fold, struct fold_tip *tip, const struct fold_fact *fact,
			const struct tip_move *move, struct complaint *why)
{
	struct fold_name name = { .len = 0 };

	if (!is_held(move->to)) {
		tip->until_ms = 0;
		tip->holder = 0;
		return true;
	}
	if (move->on == TIP_EV_CLAIM) {
		name.len = event_text(fact->by, name.text, sizeof(name.text));
		if (name.len == SIZE_MAX || name.len == 0 || !fact->until.has)
			return complain(why, 0, "claim of %s without officer or end", tip->id.text);
		tip->holder = holder_number(fold, &name);
	}
	if (fact->until.has)
		tip->until_ms = (int64_t)fact->until.value;
	return true;
}

/* An event that came without its time, from before there were clocks, leaves them. */
static void apply_clock(struct fold_tip *tip, const struct fold_fact *fact, enum clock_turn turn)
{
	bool told;
	struct clock_face face = clock_turned(tip->clock, turn, (int64_t)fact->since.value, &told);

	if (!told || fact->since.has)
		tip->clock = face;
}

static bool apply_raise(struct fold_tip *tip, const struct fold_fact *fact, struct complaint *why)
{
	struct fold_raise *raise = &tip->raise;

	if (fact->to.len != 6 || !span_digits(fact->to) || !fact->since.has || !fact->waited.has ||
	    !clock_wait_parse(fact->why, &raise->why))
		return complain(why, 0, "tip %s is escalated without to, since, waited or why", tip->id.text);
	if (raise->times++ == 0)
		memcpy(raise->home, tip->region, sizeof(raise->home));
	raise->at_ms = (int64_t)fact->since.value;
	raise->waited_ms = (int64_t)fact->waited.value;
	memcpy(tip->region, fact->to.at, 6);
	return true;
}

/* Who closed it, and how often the informant brought it back. */
static bool apply_review(struct fold *fold, struct fold_tip *tip, const struct fold_fact *fact,
			 const struct tip_move *move, struct complaint *why)
{
	struct fold_name name = { .len = 0 };

	if (tip->state == TIP_CLOSED && (move->by & TIP_BY_STAFF) == 0 && move->to == TIP_QUEUED)
		tip->reopens++;
	if (move->on != TIP_EV_CLOSE)
		return true;
	name.len = event_text(fact->by, name.text, sizeof(name.text));
	if (name.len == SIZE_MAX)
		return complain(why, 0, "tip %s is closed by somebody without a name", tip->id.text);
	tip->closer = name.len > 0 ? holder_number(fold, &name) : 0;
	return true;
}

/* What else a move brings; nothing was changed when it is refused. */
static bool apply_more(struct fold *fold, struct fold_tip *tip, const struct fold_fact *fact,
		       const struct tip_move *move, struct complaint *why)
{
	if (move->on == TIP_EV_ESCALATE && !apply_raise(tip, fact, why))
		return false;
	return fold_hold(fold, tip, fact, move, why) && apply_review(fold, tip, fact, move, why) && apply_lease(fold, tip, fact, move, why);
}

/* Only the informant acts without a name. */
static unsigned actor_of(const struct fold_fact *fact)
{
	return fact->word->event == TIP_EV_REOPEN && fact->by.len == 0 ? (unsigned)TIP_BY_INFORMANT : ~0u;
}

static bool apply_move(struct fold *fold, const struct fold_fact *fact, uint64_t number,
		       struct complaint *why)
{
	struct fold_tip *tip = fold_tip_find(fold, &fact->id.id);
	const struct tip_move *move;

	if (tip == NULL)
		return complain(why, 0, "tip %s was never accepted", fact->id.id.text);
	move = tip_move_find(tip->state, fact->word->event, actor_of(fact));
	if (move == NULL)
		return complain(why, 0, "tip %s cannot be %.*s when %s", fact->id.id.text,
				(int)fact->word->word.len, fact->word->word.at,
				tip_state_name(tip->state));
	if (!apply_more(fold, tip, fact, move, why))
		return false;
	if (move->on == TIP_EV_TRANSFER || move->on == TIP_EV_TRANSFER_AWAY)
		tip->raise = (struct fold_raise){ .times = 0 };
	apply_clock(tip, fact, move->turn);
	fold_end(tip, fact, move);
	tip->state = move->to;
	apply_common(tip, fact, number);
	return true;
}

/* --- the door --------------------------------------------------------------------------------------- */

static bool apply_apart(struct fold *fold, const struct fold_fact *fact, uint64_t number, struct complaint *why)
{
	(void)fold;
	(void)fact;
	(void)number;
	(void)why;
	return true;
}

static fold_apply *const kinds[] = {
	[FOLD_BIRTH] = apply_birth,
	[FOLD_MOVE] = apply_move,
	[FOLD_APART] = apply_apart,
	[FOLD_LINKED] = fold_linked,
	[FOLD_UNLINKED] = fold_unlinked,
	[FOLD_JOINED] = fold_listed,
	[FOLD_PARTED] = fold_listed,
	[FOLD_SUGGESTED] = fold_suggested,
	[FOLD_DECLINED] = fold_declined,
	[FOLD_RESCORED] = fold_rescored,
	[FOLD_ERASED] = fold_erased,
};

/* The number a shard's two digits stand for, or FOLD_SHARDS. */
static size_t shard_index(struct span shard)
{
	if (shard.len != 2 || !span_digits(shard))
		return FOLD_SHARDS;
	return (size_t)(shard.at[0] - '0') * 10 + (size_t)(shard.at[1] - '0');
}

bool fold_event(struct fold *fold, struct span shard, uint64_t number, struct span json,
		struct complaint *why)
{
	size_t index = shard_index(shard);
	uint64_t expected = index < FOLD_SHARDS ? fold->last[index] + 1 : 0;
	struct fold_fact fact;

	if (index == FOLD_SHARDS)
		return complain(why, 0, "shard is not two digits");
	fold->last[index] = number;
	fold->about = (struct tip_id){ .text = "" };
	if (number != expected)
		return complain(why, 0, "number %llu follows %llu", (unsigned long long)number,
				(unsigned long long)expected - 1);
	if (!fold_fact_read(json, &fact, why))
		return false;
	if (fact.id.has && memcmp(fact.id.id.text, shard.at, 2) != 0)
		return complain(why, 0, "tip %s is of another shard", fact.id.id.text);
	if (!kinds[fact.word->kind](fold, &fact, number, why))
		return false;
	if (fact.id.has)
		fold->about = fact.id.id;
	fold->birth = fact.word->kind == FOLD_BIRTH;
	return true;
}

bool fold_seed(struct fold *fold, struct span seed, struct complaint *why)
{
	struct fold_tip *tip = tip_ever(fold, &fold->about);

	if (seed.len != 0 && (seed.len != FOLD_SEED_BYTES || tip == NULL))
		return complain(why, 0, "a seed of %zu bytes beside an event %s", seed.len,
				tip != NULL ? "of a tip" : "that is about none");
	if (tip != NULL && fold->birth && !tip->seeded && seed.len > 0) {
		memcpy(tip->seed, seed.at, FOLD_SEED_BYTES);
		tip->seeded = true;
	}
	if (tip == NULL || span_eq(seed, span_from(tip->seed, tip->seeded ? FOLD_SEED_BYTES : 0)))
		return true;
	return complain(why, 0, "beside an event of tip %s stands another seed than its own", tip->id.text);
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
	for (unsigned i = 0; i < fold->nincidents; i++)
		fold_incident_release(&fold->incidents[i]);
	free(fold->incidents);
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
	return fold_tip_find(fold, id);
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

	return index < FOLD_SHARDS ? fold->last[index] : 0;
}
