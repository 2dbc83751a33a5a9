/*
 * Long SMS: parts in, tips out; see sms_parts.h.
 */
#include "handlers/intake/sms_parts_inside.h"

#include "daemon/loop/loop.h"
#include "daemon/sys/log.h"

#include <assert.h>
#include <stdlib.h>

#define PERIOD_MS 1000
#define DUE_MAX 64           /* asked for at once */
#define GROUP_LEASE_MS 60000
#define VARIANTS_MAX 1000    /* messages of one sender with one reference in a day */
#define OPEN_MAX 20          /* messages of one sender that wait for parts; then the oldest is taken as it is */
#define REMEMBERED_MAX 100000

/* A part on its way into the store. */
struct put {
	struct sms_parts *parts;
	struct span gateway;
	const struct sms_message *message;
	int64_t received_ms;
	void (*done)(void *ctx, bool durable);
	void *ctx;
	unsigned char group[STORE_MARK_BYTES];
	/*
	 * Some phones use one reference for every message: each has a variant of
	 * the group, and the store says which one is being filled.
	 */
	unsigned char before[STORE_MARK_BYTES];
	unsigned variant;
};

static void look(void *ctx);

/* --- life ------------------------------------------------------------------------ */

struct sms_parts *sms_parts_new(const struct sms_parts_env *env)
{
	struct sms_parts *parts = calloc(1, sizeof(*parts));

	assert(parts != NULL);
	parts->env = *env;
	mark_map_init(&parts->keys, 0);
	parts->timer = loop_every(env->loop, env->period_ms > 0 ? env->period_ms : PERIOD_MS, look, parts);
	return parts;
}

void sms_parts_free_when_alone(struct sms_parts *parts)
{
	if (!parts->leaving || parts->outstanding > 0)
		return;
	mark_map_release(&parts->keys);
	free(parts);
}

void sms_parts_free(struct sms_parts *parts)
{
	if (parts == NULL)
		return;
	loop_timer_cancel(parts->timer);
	parts->leaving = true;
	sms_parts_free_when_alone(parts);
}

const struct sms_parts_figures *sms_parts_figures(const struct sms_parts *parts)
{
	return &parts->figures;
}

static void remember(struct mark_map *map, const unsigned char mark[MARK_BYTES], uint64_t value)
{
	if (map->n >= REMEMBERED_MAX) {
		mark_map_release(map);
		mark_map_init(map, 0);
	}
	mark_map_set(map, mark, value);
}

/* --- groups whose time is up ------------------------------------------------------------ */

static void groups_found(void *ctx, const struct store_reply *reply)
{
	struct sms_parts *parts = ctx;

	parts->asking = false;
	if (reply->outcome == STORE_DONE && !parts->leaving)
		for (size_t i = 0; i < reply->ngroups; i++)
			sms_group_start(parts, &reply->groups[i]);
	parts->outstanding--;
	sms_parts_free_when_alone(parts);
}

static void look(void *ctx)
{
	struct sms_parts *parts = ctx;
	struct store_request request = { .op = STORE_PARTS_DUE, .shard = SMS_PARTS_SHARD, .lease_ms = GROUP_LEASE_MS };

	if (parts->asking || parts->ngroups >= DUE_MAX)
		return;
	request.max = DUE_MAX;
	parts->asking = true;
	parts->outstanding++;
	store_submit(parts->env.store, &request, (struct store_wait){ .done = groups_found, .ctx = parts });
}

/* --- a part comes ------------------------------------------------------------------------ */

static bool key_mark(const struct put *put, unsigned char mark[MARK_BYTES])
{
	struct buf name = { 0 };

	buf_add_span(&name, put->gateway);
	buf_add_byte(&name, ':');
	buf_add_span(&name, put->message->key);
	seal_mark(put->parts->env.key, "sms part key", buf_span(&name), mark);
	buf_release(&name);
	return put->message->key.len > 0;
}

static bool key_is_known(const struct put *put)
{
	unsigned char mark[MARK_BYTES];
	uint64_t value;

	return key_mark(put, mark) && mark_map_get(&put->parts->keys, mark, &value);
}

static void put_end(struct put *put, bool durable)
{
	struct sms_parts *parts = put->parts;
	unsigned char mark[MARK_BYTES];

	if (durable && key_mark(put, mark))
		remember(&parts->keys, mark, 1);
	put->done(put->ctx, durable);
	parts->outstanding--;
	free(put);
	sms_parts_free_when_alone(parts);
}

static void part_stored(void *ctx, const struct store_reply *reply);

static void store_part(struct put *put)
{
	const struct sms_parts_env *env = &put->parts->env;
	struct buf sealed = { 0 };
	struct store_part part = {
		.total = put->message->part_total,
		.number = put->message->part_number,
		.timeout_ms = env->timeout_ms,
		.before = put->variant > 0 ? put->before : NULL,
		.open_max = OPEN_MAX,
	};
	struct store_request request = { .op = STORE_PART, .shard = SMS_PARTS_SHARD, .part = &part };

	sms_part_group(env->key, put->gateway, put->message, put->variant, put->group);
	memcpy(part.group, put->group, sizeof(part.group));
	sms_part_sender(env->key, put->message, part.sender);
	sms_part_digest(env->key, put->message, part.digest);
	sms_part_seal(env->key, put->group, put->gateway, put->message, put->received_ms, &sealed);
	part.sealed = buf_span(&sealed);
	store_submit(env->store, &request, (struct store_wait){ .done = part_stored, .ctx = put });
	buf_release(&sealed);
}

/* The group has another part under this number, has a follower, or is a tip already: the next one. */
static void next_variant(struct put *put)
{
	if (++put->variant >= VARIANTS_MAX) {
		log_rarely(LOG_LEVEL_ERROR, "sms.too_many_alike", "one sender, one reference");
		put_end(put, false);
		return;
	}
	memcpy(put->before, put->group, sizeof(put->before));
	store_part(put);
}

static void part_stored(void *ctx, const struct store_reply *reply)
{
	struct put *put = ctx;
	struct sms_parts *parts = put->parts;

	if (reply->outcome != STORE_DONE) {
		put_end(put, false);
	} else if (reply->verdict == STORE_OK || reply->verdict == STORE_ALREADY) {
		parts->figures.stored += reply->verdict == STORE_OK;
		if (reply->verdict == STORE_OK && reply->ngroups > 0 && !parts->leaving)
			sms_group_start(parts, &reply->groups[0]);
		put_end(put, true);
	} else {
		next_variant(put);
	}
}

void sms_parts_put(struct sms_parts *parts, struct span gateway, const struct sms_message *message,
		   int64_t received_ms, void (*done)(void *ctx, bool durable), void *ctx)
{
	struct put *put = calloc(1, sizeof(*put));

	assert(put != NULL);
	*put = (struct put){ .parts = parts, .gateway = gateway, .message = message,
			     .received_ms = received_ms, .done = done, .ctx = ctx };
	parts->outstanding++;
	if (key_is_known(put)) {
		put_end(put, true);
		return;
	}
	store_part(put);
}
