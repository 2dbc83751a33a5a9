/*
 * Long SMS: parts in, tips out; see sms_parts.h.
 */
#include "handlers/intake/sms_parts.h"

#include "daemon/base/hex.h"
#include "daemon/base/mark_map.h"
#include "daemon/loop/loop.h"
#include "daemon/store/store.h"
#include "daemon/sys/log.h"
#include "handlers/intake/sms_part.h"

#include <assert.h>
#include <stdlib.h>

#define SHARD "00"           /* parts know no region yet */
#define PERIOD_MS 1000
#define GROUPS_MAX 2048      /* being made tips at once; others wait in the store */
#define DUE_MAX 64           /* asked for at once */
#define GROUP_LEASE_MS 60000
#define VARIANTS_MAX 1000    /* messages of one sender with one reference in a day */
#define REMEMBERED_MAX 100000

struct sms_parts {
	struct sms_parts_env env;
	struct loop_timer *timer;
	struct group *groups;
	size_t ngroups;
	size_t outstanding;
	bool asking;
	bool leaving;
	/*
	 * Which variant of a group is being filled. Some phones use one reference
	 * for every message: when part 1 of the second one comes, its part 2 must
	 * not go into what the first one left open.
	 */
	struct mark_map variants;
	struct mark_map keys;    /* the gateway's ids of parts that are durable */
	struct sms_parts_figures figures;
};

/* A part on its way into the store. */
struct put {
	struct sms_parts *parts;
	struct span gateway;
	const struct sms_message *message;
	int64_t received_ms;
	void (*done)(void *ctx, bool durable);
	void *ctx;
	unsigned char base[STORE_MARK_BYTES];
	unsigned char group[STORE_MARK_BYTES];
	unsigned variant;
};

/* A group on its way to become a tip. */
struct group {
	struct group *next;
	struct sms_parts *parts;
	struct arena arena;
	unsigned char mark[STORE_MARK_BYTES];
	struct sms_joined joined;
	struct intake_request request;
	struct sms_claim claim;
	struct sms_asked asked;
};

static void look(void *ctx);

/* --- life ------------------------------------------------------------------------ */

struct sms_parts *sms_parts_new(const struct sms_parts_env *env)
{
	struct sms_parts *parts = calloc(1, sizeof(*parts));

	assert(parts != NULL);
	parts->env = *env;
	mark_map_init(&parts->variants, 0);
	mark_map_init(&parts->keys, 0);
	parts->timer = loop_every(env->loop, env->period_ms > 0 ? env->period_ms : PERIOD_MS, look, parts);
	return parts;
}

static void free_when_alone(struct sms_parts *parts)
{
	if (!parts->leaving || parts->outstanding > 0)
		return;
	mark_map_release(&parts->variants);
	mark_map_release(&parts->keys);
	free(parts);
}

void sms_parts_free(struct sms_parts *parts)
{
	if (parts == NULL)
		return;
	loop_timer_cancel(parts->timer);
	parts->leaving = true;
	parts->env.quota = NULL;
	free_when_alone(parts);
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

/* --- a group becomes a tip ---------------------------------------------------------- */

static void group_free(struct group *group)
{
	struct sms_parts *parts = group->parts;
	struct group **at = &parts->groups;

	while (*at != group)
		at = &(*at)->next;
	*at = group->next;
	parts->ngroups--;
	parts->outstanding--;
	arena_release(&group->arena);
	free(group);
	free_when_alone(parts);
}

static void finished(void *ctx, const struct store_reply *reply)
{
	/* Not told: the group comes up again and its tip is known by its request id. */
	(void)reply;
	group_free(ctx);
}

static void finish(struct group *group, const struct tip_id *id)
{
	struct store_part part = { 0 };
	struct store_request request = { .op = STORE_PARTS_DONE, .shard = SHARD, .part = &part };

	memcpy(part.group, group->mark, sizeof(part.group));
	if (id != NULL)
		request.id = *id;
	store_submit(group->parts->env.store, &request, (struct store_wait){ .done = finished, .ctx = group });
}

static void give_back_answer(struct group *group)
{
	if (group->request.reply_to.len > 0 && group->parts->env.quota != NULL)
		sms_quota_give_back(group->parts->env.quota, group->request.reply_to, group->joined.received_ms);
}

static void count(struct group *group)
{
	if (group->joined.whole)
		group->parts->figures.joined++;
	else
		group->parts->figures.incomplete++;
}

static void taken_in(void *ctx, const struct intake_result *result)
{
	struct group *group = ctx;

	switch (result->verdict) {
	case INTAKE_ACCEPTED:
		count(group);
		finish(group, &result->id);
		return;
	case INTAKE_REPEATED:
		give_back_answer(group);
		finish(group, &result->id);
		return;
	case INTAKE_MISMATCH:
	case INTAKE_INVALID:
		log_event(LOG_LEVEL_WARNING, "sms.parts_not_a_tip", "field", result->field, "fault",
			  result->fault, NULL);
		give_back_answer(group);
		finish(group, NULL);
		return;
	case INTAKE_BUSY:
		give_back_answer(group);
		group_free(group);
		return;
	}
}

/* Made of group and text: the same parts found twice are one tip, other parts under the same mark another. */
static struct span request_id(struct group *group)
{
	unsigned char mark[STORE_MARK_BYTES];
	struct buf all = { 0 };

	buf_add(&all, group->mark, sizeof(group->mark));
	buf_add_span(&all, group->joined.text);
	seal_mark(group->parts->env.key, "sms parts request", buf_span(&all), mark);
	buf_release(&all);
	return span_of(arena_printf(&group->arena, "parts:%s", hex_text(&group->arena, mark, sizeof(mark))));
}

static void file(struct group *group)
{
	intake_submit(group->parts->env.intake, &group->request, taken_in, group);
}

static void desk_answered(void *who, enum sms_desk_end end)
{
	struct group *group = who;

	sms_claim_wipe(&group->claim);
	if (end != SMS_DESK_DONE && group->asked.answer && group->parts->env.quota != NULL)
		sms_quota_give_back(group->parts->env.quota, group->joined.sender, group->joined.received_ms);
	if (end == SMS_DESK_AGAIN || (group->parts->leaving && group->claim.tip.len > 0)) {
		group_free(group);
		return;
	}
	group->parts->figures.claims++;
	group->request.tip.text = group->claim.tip;
	if (group->claim.tip.len > 0)
		file(group);
	else
		finish(group, NULL);
}

static bool answer_is_due(const struct group *group)
{
	const struct sms_joined *joined = &group->joined;
	struct sms_quota *quota = group->parts->env.quota;

	return joined->may_answer && quota != NULL && sms_quota_take(quota, joined->sender, joined->received_ms);
}

static bool is_for_desk(struct group *group)
{
	if (group->parts->env.desk.ask == NULL)
		return false;
	sms_claim_read(group->joined.text, &group->arena, &group->claim);
	return group->claim.kind != SMS_CLAIM_NOT;
}

static void ask_desk(struct group *group)
{
	const struct sms_desk *desk = &group->parts->env.desk;

	group->asked = (struct sms_asked){
		.claim = &group->claim,
		.text = group->joined.text,
		.request = group->request.request_id,
		.gateway = group->joined.gateway,
		.sender = group->joined.sender,
		.answer = answer_is_due(group),
		.received_ms = group->joined.received_ms,
	};
	desk->ask(desk->ctx, &group->asked, desk_answered, group);
}

static void submit(struct group *group)
{
	const struct sms_joined *joined = &group->joined;
	struct intake_request *request = &group->request;

	request->tip = (struct tip){
		.text = joined->text,
		.lang = span_of(sms_text_lang(joined->text)),
		.sender = joined->sender,
		.gateway = joined->gateway,
		.channel = TIP_BY_SMS,
		.received_ms = joined->received_ms,
	};
	request->request_id = request_id(group);
	if (is_for_desk(group)) {
		ask_desk(group);
		return;
	}
	if (group->claim.tip.len > 0)
		request->tip.text = group->claim.tip;
	if (answer_is_due(group)) {
		request->reply_gateway = joined->gateway;
		request->reply_to = joined->sender;
	}
	file(group);
}

static bool is_open(const struct sms_parts *parts, const unsigned char mark[STORE_MARK_BYTES])
{
	for (const struct group *g = parts->groups; g != NULL; g = g->next)
		if (memcmp(g->mark, mark, STORE_MARK_BYTES) == 0)
			return true;
	return false;
}

static struct group *group_new(struct sms_parts *parts, const unsigned char mark[STORE_MARK_BYTES])
{
	struct group *group = calloc(1, sizeof(*group));

	assert(group != NULL);
	group->parts = parts;
	memcpy(group->mark, mark, STORE_MARK_BYTES);
	group->next = parts->groups;
	parts->groups = group;
	parts->ngroups++;
	parts->outstanding++;
	return group;
}

static void start_group(struct sms_parts *parts, const struct store_parts *from)
{
	struct group *group;

	if (parts->ngroups >= GROUPS_MAX || is_open(parts, from->group))
		return;
	group = group_new(parts, from->group);
	if (!sms_parts_join(parts->env.key, from, &group->arena, &group->joined)) {
		/* Left in the store: the right key may come back. */
		parts->figures.unreadable++;
		log_rarely(LOG_LEVEL_ERROR, "sms.parts_unreadable", "the courier key does not open them");
		group_free(group);
	} else if (group->joined.text.len == 0) {
		parts->figures.data++;
		finish(group, NULL);
	} else {
		submit(group);
	}
}

/* --- groups whose time is up ------------------------------------------------------------ */

static void groups_found(void *ctx, const struct store_reply *reply)
{
	struct sms_parts *parts = ctx;

	parts->asking = false;
	if (reply->outcome == STORE_DONE && !parts->leaving)
		for (size_t i = 0; i < reply->ngroups; i++)
			start_group(parts, &reply->groups[i]);
	parts->outstanding--;
	free_when_alone(parts);
}

static void look(void *ctx)
{
	struct sms_parts *parts = ctx;
	struct store_request request = { .op = STORE_PARTS_DUE, .shard = SHARD, .lease_ms = GROUP_LEASE_MS };

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
	free_when_alone(parts);
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
	};
	struct store_request request = { .op = STORE_PART, .shard = SHARD, .part = &part };

	sms_part_group(env->key, put->gateway, put->message, put->variant, put->group);
	memcpy(part.group, put->group, sizeof(part.group));
	sms_part_digest(env->key, put->message, part.digest);
	sms_part_seal(env->key, put->group, put->gateway, put->message, put->received_ms, &sealed);
	part.sealed = buf_span(&sealed);
	store_submit(env->store, &request, (struct store_wait){ .done = part_stored, .ctx = put });
	buf_release(&sealed);
}

/* The group has another part under this number, or is a tip already: this is a message of its own. */
static void next_variant(struct put *put)
{
	if (++put->variant >= VARIANTS_MAX) {
		log_rarely(LOG_LEVEL_ERROR, "sms.too_many_alike", "one sender, one reference");
		put_end(put, false);
		return;
	}
	remember(&put->parts->variants, put->base, put->variant);
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
			start_group(parts, &reply->groups[0]);
		put_end(put, true);
	} else {
		next_variant(put);
	}
}

void sms_parts_put(struct sms_parts *parts, struct span gateway, const struct sms_message *message,
		   int64_t received_ms, void (*done)(void *ctx, bool durable), void *ctx)
{
	struct put *put = calloc(1, sizeof(*put));
	uint64_t variant = 0;

	assert(put != NULL);
	*put = (struct put){ .parts = parts, .gateway = gateway, .message = message,
			     .received_ms = received_ms, .done = done, .ctx = ctx };
	parts->outstanding++;
	if (key_is_known(put)) {
		put_end(put, true);
		return;
	}
	sms_part_group(parts->env.key, gateway, message, 0, put->base);
	mark_map_get(&parts->variants, put->base, &variant);
	put->variant = (unsigned)variant;
	store_part(put);
}
