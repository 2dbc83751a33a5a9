/*
 * Names in Redis; see keys.h. Put together by hand: a batch needs dozens.
 */
#include "daemon/store/keys.h"

#include "daemon/base/hex.h"

#include <assert.h>

static const char *const shard_names[SHARD_KEYS] = {
	[KEY_JOURNAL] = "journal", [KEY_QUEUES] = "queues", [KEY_DATAKEYS] = "datakeys",
	[KEY_OUTBOX] = "outbox",   [KEY_DUE] = "due",       [KEY_TRIES] = "tries",
	[KEY_LEASES] = "leases",   [KEY_HELD] = "held",     [KEY_HOLDERS] = "holders",
	[KEY_PARTS] = "parts",
};

static const char *const tip_names[TIP_KEYS] = {
	[KEY_STATE] = "state:",
	[KEY_TIP] = "tip:",
	[KEY_IDENTITY] = "identity:",
	[KEY_MESSAGES] = "messages:",
	[KEY_CHILDREN] = "children:",
};

/* "{<shard>}:<name><rest>" */
static struct span tagged(struct arena *arena, struct span shard, struct span name, struct span rest)
{
	char *at = arena_alloc(arena, 5 + name.len + rest.len + 1);

	assert(shard.len == 2);
	at[0] = '{';
	memcpy(at + 1, shard.at, 2);
	memcpy(at + 3, "}:", 2);
	memcpy(at + 5, name.at, name.len);
	if (rest.len > 0)
		memcpy(at + 5 + name.len, rest.at, rest.len);
	return span_from(at, 5 + name.len + rest.len);
}

struct span key_of_shard(struct arena *arena, struct span shard, enum shard_key key)
{
	return tagged(arena, shard, span_of(shard_names[key]), SPAN(""));
}

struct span key_of_tip(struct arena *arena, const struct tip_id *id, enum tip_key key)
{
	return tagged(arena, tip_id_shard(id), span_of(tip_names[key]), span_of(id->text));
}

struct span key_of_queue(struct arena *arena, struct span shard, const char region[7])
{
	return tagged(arena, shard, SPAN("queue:"), span_of(region));
}

struct span key_of_job(struct arena *arena, struct span shard, const char *job)
{
	return tagged(arena, shard, SPAN("job:"), span_of(job));
}

struct span key_of_request(struct arena *arena, const unsigned char mark[STORE_MARK_BYTES])
{
	static const char prefix[] = "request:";
	const size_t n = sizeof(prefix) - 1;
	char *at = arena_alloc(arena, n + 2 * STORE_MARK_BYTES + 1);

	memcpy(at, prefix, n);
	hex_put(mark, STORE_MARK_BYTES, at + n);
	return span_from(at, n + 2 * STORE_MARK_BYTES);
}

struct span key_of_parts(struct arena *arena, const unsigned char group[STORE_MARK_BYTES])
{
	char hex[2 * STORE_MARK_BYTES];

	hex_put(group, STORE_MARK_BYTES, hex);
	return tagged(arena, SPAN(SHARD_NATIONAL), SPAN("parts:"), span_from(hex, sizeof(hex)));
}

struct span key_prefix_of_tips(struct arena *arena, struct span shard, enum tip_key key)
{
	return tagged(arena, shard, span_of(tip_names[key]), SPAN(""));
}

struct span key_prefix_of_queues(struct arena *arena, struct span shard)
{
	return tagged(arena, shard, SPAN("queue:"), SPAN(""));
}

struct span key_prefix_of_parts(struct arena *arena)
{
	return tagged(arena, SPAN(SHARD_NATIONAL), SPAN("parts:"), SPAN(""));
}
