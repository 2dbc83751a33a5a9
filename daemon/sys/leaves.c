/*
 * From journals to leaves; see leaves.h.
 */
#include "daemon/sys/leaves.h"

#include "daemon/base/wipe.h"
#include "daemon/money/money_leaf.h"
#include "daemon/tlog/leaf_event.h"
#include "daemon/tlog/leaf_mask.h"
#include "daemon/tlog/line.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>

#define EMPTY_ONE_IN 16    /* intervals without events */

static void read_event(struct span log, struct span json, struct arena *arena, struct leaf_event *event)
{
	if (span_is(log, "money"))
		money_leaf(json, arena, event);
	else if (span_is(log, "audit"))
		leaf_event_of_audit(json, arena, event);
	else
		leaf_event_of_tip(json, arena, event);
}

/* That of the tip, where one was left with the event and says whose it is; else that of the event. */
static void take_seed(const struct keys *keys, const unsigned char *week_key, const struct leaf_place *place,
		      const struct leaf_event *event, struct span masked, unsigned char seed[LEAF_SEED_BYTES])
{
	if (masked.len == LEAF_SEED_BYTES && event->id.text[0] != '\0')
		leaf_mask(keys_log_mask(keys), &event->id, (const unsigned char *)masked.at, seed);
	else
		leaf_seed_of_event(week_key, place, seed);
}

void leaves_event(const struct keys *keys, const struct leaves_batch *batch, const struct leaves_event *of, struct arena *arena,
		       struct leaves_leaf *leaf)
{
	struct leaf_place place = { .log = batch->log, .number = of->number };
	unsigned char salt[LEAF_SALT_BYTES], week_key[LEAF_KEY_BYTES];
	struct leaf_event event;
	int64_t at_ms;

	read_event(batch->log, of->json, arena, &event);
	at_ms = event.at_ms >= 0 ? event.at_ms : batch->at_ms;
	keys_log_week(keys, at_ms, week_key);
	leaf_salt(keys_log_secret(keys), &place, salt);
	*leaf = (struct leaves_leaf){ .number = of->number, .values = event.values };
	take_seed(keys, week_key, &place, &event, of->seed, leaf->seed);
	leaf->values.at[LEAF_ENTRY] = leaf_entry(week_key, salt, of->json, arena);
	leaf->values.at[LEAF_ACTOR] = leaf_actor(week_key, salt, event.actor, arena);
	leaf_make(&(struct leaf_input){ .class = event.class, .day = leaf_day(at_ms), .salt = salt, .seed = leaf->seed,
					.values = &leaf->values }, leaf->bytes);
	wipe(week_key, sizeof(week_key));
}

static unsigned day_of(const struct leaves_leaf *leaf)
{
	struct leaf read;
	bool well = leaf_parse(span_from(leaf->bytes, LEAF_BYTES), &read);

	assert(well);
	(void)well;
	return read.day;
}

/* The n events' leaves stand before it, in their order. */
static void make_dummy(const unsigned char *log_secret, const struct leaves_batch *batch, const struct leaves_leaf *events, size_t n,
		       unsigned place, struct leaves_leaf *leaf)
{
	struct leaf_batch of = { .log = batch->log, .before = batch->before, .day = leaf_day(batch->at_ms) };

	if (n > 0)
		of.day = day_of(&events[leaf_dummy_draw(log_secret, &of, place, n)]);
	*leaf = (struct leaves_leaf){ .place = place, .values = leaf_dummy_values };
	leaf_dummy_seed(log_secret, &of, place, leaf->seed);
	leaf_dummy(log_secret, &of, place, leaf->bytes);
}

static int by_salt(const void *a, const void *b)
{
	const struct leaves_leaf *one = a, *other = b;

	return leaf_order(one->bytes, other->bytes);
}

void leaves_finish(const struct keys *keys, const struct leaves_batch *batch, size_t n, struct leaves *leaves)
{
	for (size_t i = n; i < leaves->n; i++)
		make_dummy(keys_log_secret(keys), batch, leaves->at, n, (unsigned)(i - n), &leaves->at[i]);
	qsort(leaves->at, leaves->n, sizeof(leaves->at[0]), by_salt);
}

void leaves_make(const struct keys *keys, const struct leaves_batch *batch, const struct leaves_event *events, size_t n,
		 struct arena *arena, struct leaves *out)
{
	assert(batch->size >= batch->before + n && batch->size - batch->before <= LEAVES_EVENTS_MAX + LEAF_BATCH);
	out->n = batch->size - batch->before;
	out->at = arena_array(arena, struct leaves_leaf, out->n);
	for (size_t i = 0; i < n; i++)
		leaves_event(keys, batch, &events[i], arena, &out->at[i]);
	leaves_finish(keys, batch, n, out);
}

void leaves_open(const struct leaves_leaf *leaf, unsigned open, struct buf *out)
{
	struct leaf read;
	bool well = leaf_parse(span_from(leaf->bytes, LEAF_BYTES), &read);

	assert(well);
	(void)well;
	leaf_opening_write(leaf->seed, read.salt, &leaf->values, open, out);
}

bool leaves_empty_drawn(const struct keys *keys, struct span log, uint64_t interval)
{
	static const char context[] = "tipline empty batch v1";
	unsigned char bytes[8], out[crypto_generichash_BYTES_MIN];
	crypto_generichash_state state;

	line_put_u64(bytes, interval);
	crypto_generichash_init(&state, keys_log_secret(keys), LEAF_KEY_BYTES, sizeof(out));
	crypto_generichash_update(&state, (const unsigned char *)context, sizeof(context));
	crypto_generichash_update(&state, (const unsigned char *)log.at, log.len);
	crypto_generichash_update(&state, (const unsigned char *)"", 1);
	crypto_generichash_update(&state, bytes, sizeof(bytes));
	crypto_generichash_final(&state, out, sizeof(out));
	return out[0] % EMPTY_ONE_IN == 0;
}

uint64_t leaves_size(uint64_t before, size_t n)
{
	uint64_t filled = (n + LEAF_BATCH - 1) / LEAF_BATCH * LEAF_BATCH;

	return before + (filled > 0 ? filled : LEAF_BATCH);
}
