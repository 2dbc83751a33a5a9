/*
 * Records of the money journal for tests; see journal_sample.h.
 */
#include "tests/support/journal_sample.h"

struct store_money journal_sample(const struct store_head *head, int64_t at_ms, const char *key, unsigned salt,
				  struct arena *arena)
{
	struct record record = {
		.seq = head->seq + 1,
		.at_ms = at_ms,
		.kind = SPAN("audit.export"),
		.key = span_of(arena_printf(arena, "%s", key)),
		.person = SPAN("system"),
		.account = SPAN("system"),
		.role = SPAN("system"),
		.data = span_of(arena_printf(arena, "{\"what\":\"%u\"}", salt)),
	};
	struct store_money money = { .seq = record.seq, .at_ms = at_ms, .key = record.key };

	memcpy(record.prev, head->hash, sizeof(record.prev));
	memset(record.print, (int)(1 + salt % 200), sizeof(record.print));
	money.record = record_write(&record, arena);
	memcpy(money.prev, record.prev, sizeof(money.prev));
	memcpy(money.hash, record.hash, sizeof(money.hash));
	memcpy(money.print, record.print, sizeof(money.print));
	return money;
}

struct store_request journal_append(const struct store_money *money)
{
	return (struct store_request){ .op = STORE_MONEY_APPEND, .money = money };
}

size_t journal_follows(const struct store_event *events, size_t n)
{
	unsigned char prev[RECORD_HASH_BYTES] = { 0 };
	struct arena arena = { 0 };
	size_t at;

	for (at = 0; at < n; at++) {
		struct record record;
		struct complaint why;

		if (!record_read(events[at].json, &arena, &record, &why) || record.seq != at + 1 ||
		    events[at].number != record.seq || memcmp(record.prev, prev, sizeof(prev)) != 0)
			break;
		memcpy(prev, record.hash, sizeof(prev));
	}
	arena_release(&arena);
	return at;
}
