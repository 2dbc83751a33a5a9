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
	[KEY_PARTS] = "parts",	   [KEY_CLOCKS] = "clocks",	    [KEY_ASKED] = "asked",
	[KEY_ARCHIVE] = "archive",
	[KEY_ESCALATED] = "escalated",
	[KEY_LOG] = "log",
	[KEY_DEAD] = "dead",
	[KEY_LETTERS] = "letters",
	[KEY_ENDED] = "ended",
	[KEY_ERASED] = "erased",
	[KEY_DOOMED] = "doomed",
};

static const char *const tip_names[TIP_KEYS] = {
	[KEY_STATE] = "state:",
	[KEY_TIP] = "tip:",
	[KEY_IDENTITY] = "identity:",
	[KEY_MESSAGES] = "messages:",
	[KEY_CHILDREN] = "children:",
	[KEY_FILES] = "files:",
};

static const char *const money_names[MONEY_KEYS] = {
	[KEY_MONEY_JOURNAL] = "journal",
	[KEY_MONEY_HEAD] = "head",
	[KEY_MONEY_IDEM] = "idem:",
	[KEY_MONEY_VAULT] = "vault:",
	[KEY_MONEY_FAILURES] = "failures:",
};

static char *put(char *at, struct span text)
{
	if (text.len > 0)
		memcpy(at, text.at, text.len);
	return at + text.len;
}

static struct span tag_of(struct span shard)
{
	if (span_is(shard, STORE_MONEY_SHARD))
		return SPAN("money");
	return span_is(shard, STORE_AUDIT_SHARD) ? SPAN("audit") : shard;
}

/* "{<shard>}:<name><rest>" */
static struct span tagged(struct arena *arena, struct span shard, struct span name, struct span rest)
{
	struct span tag = tag_of(shard);
	char *at = arena_alloc(arena, tag.len + 3 + name.len + rest.len + 1), *end;

	assert(shard.len == 2);
	end = put(at, SPAN("{"));
	end = put(end, tag);
	end = put(end, SPAN("}:"));
	end = put(end, name);
	end = put(end, rest);
	return span_from(at, (size_t)(end - at));
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

struct span key_of_money(struct arena *arena, enum money_key key, struct span rest)
{
	return tagged(arena, SPAN(STORE_MONEY_SHARD), span_of(money_names[key]), rest);
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

struct span key_of_said(struct arena *arena, struct span shard, const unsigned char mark[STORE_MARK_BYTES])
{
	char hex[2 * STORE_MARK_BYTES];

	hex_put(mark, STORE_MARK_BYTES, hex);
	return tagged(arena, shard, SPAN("said:"), span_from(hex, sizeof(hex)));
}

static struct span marked(struct arena *arena, struct span room, const unsigned char mark[STORE_MARK_BYTES])
{
	char hex[2 * STORE_MARK_BYTES];

	hex_put(mark, STORE_MARK_BYTES, hex);
	return tagged(arena, SPAN(SHARD_NATIONAL), room, span_from(hex, sizeof(hex)));
}

struct span key_of_bucket(struct arena *arena, const unsigned char mark[STORE_MARK_BYTES])
{
	return marked(arena, SPAN("bucket:"), mark);
}

struct span key_of_memo(struct arena *arena, const unsigned char mark[STORE_MARK_BYTES])
{
	return marked(arena, SPAN("memo:"), mark);
}

struct span key_of_parts(struct arena *arena, const unsigned char group[STORE_MARK_BYTES])
{
	return marked(arena, SPAN("parts:"), group);
}

struct span key_of_sender_parts(struct arena *arena, const unsigned char sender[STORE_MARK_BYTES])
{
	return marked(arena, SPAN("parts-of:"), sender);
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

struct span key_pattern_of_states(void)
{
	return SPAN("{[0-9][0-9]}:state:*");
}
