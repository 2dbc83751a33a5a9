/*
 * Tips for tests; see spool_tip.h.
 */
#include "tests/support/spool_tip.h"

#include <stdio.h>

static struct span bytes_of(struct arena *arena, const char *what, unsigned number, size_t len)
{
	struct span text = span_of(arena_printf(arena, "%s %u ", what, number));
	char *bytes = arena_alloc(arena, text.len + len);

	memcpy(bytes, text.at, text.len);
	for (size_t i = 0; i < len; i++)
		bytes[text.len + i] = (char)(number + i * 7);
	return span_from(bytes, text.len + len);
}

struct store_tip spool_tip_make(struct arena *arena, unsigned number)
{
	struct store_tip tip = {
		.points = number % 101,
		.received_ms = 1763748000000 + number,
		.fingerprint = bytes_of(arena, "fingerprint", number, 30),
		.commitment = span_from_offset(bytes_of(arena, "", number, 64), 4),
		.seed = span_of(arena_printf(arena, "seed %011u", number)),
		.sealed = bytes_of(arena, "sealed", number, 300),
		.identity = bytes_of(arena, "identity", number, 128),
		.data_key = { .id = { 1, 2, 3 }, .sealed = bytes_of(arena, "key", 0, 160) },
		.answer = bytes_of(arena, "answer", number, 100),
		.answer_ttl_s = 86400,
		.outbox = bytes_of(arena, "outbox", number, 40),
	};

	tip.commitment.len = 32;
	snprintf(tip.id.text, sizeof(tip.id.text), "15-%010u", number);
	memcpy(tip.region, "150602", 7);
	tip.event = span_of(arena_printf(arena,
					 "{\"e\":\"accepted\",\"id\":\"%s\",\"at\":%lld,\"region\":\"150602\","
					 "\"points\":%u,\"mark\":\"%032x\"}",
					 tip.id.text, (long long)tip.received_ms, tip.points, number));
	snprintf((char *)tip.receipt_mark, sizeof(tip.receipt_mark), "mark %u", number);
	snprintf((char *)tip.request_mark, sizeof(tip.request_mark), "request %u", number);
	snprintf((char *)tip.request_digest, sizeof(tip.request_digest), "digest %u", number);
	return tip;
}

bool spool_tip_same(const struct store_tip *a, const struct store_tip *b)
{
	return strcmp(a->id.text, b->id.text) == 0 &&
	       memcmp(a->receipt_mark, b->receipt_mark, STORE_MARK_BYTES) == 0 && strcmp(a->region, b->region) == 0 &&
	       a->points == b->points && a->received_ms == b->received_ms && span_eq(a->event, b->event) &&
	       span_eq(a->fingerprint, b->fingerprint) && span_eq(a->commitment, b->commitment) && span_eq(a->seed, b->seed) &&
	       span_eq(a->sealed, b->sealed) && span_eq(a->identity, b->identity) &&
	       memcmp(a->data_key.id, b->data_key.id, STORE_DATA_KEY_ID_BYTES) == 0 &&
	       span_eq(a->data_key.sealed, b->data_key.sealed) &&
	       memcmp(a->request_mark, b->request_mark, STORE_MARK_BYTES) == 0 &&
	       memcmp(a->request_digest, b->request_digest, STORE_MARK_BYTES) == 0 && span_eq(a->answer, b->answer) &&
	       a->answer_ttl_s == b->answer_ttl_s && span_eq(a->outbox, b->outbox);
}
