/*
 * V7: a request that is repeated gets its first answer.
 *
 * Named requests of the public: what is kept is a digest with an answer that
 * is sealed under a key made from the request's own name, so an auditor cannot
 * open it; that it is whole, and goes away by itself, can be seen. Commands
 * about money: each record's key leads to that record, and no key to another.
 */
#include "daemon/cli/tipctl_money_journal.h"
#include "daemon/cli/verify.h"
#include "daemon/cli/verify_shape.h"
#include "daemon/core/journal/event.h"
#include "daemon/store/keys.h"

#include <hiredis/hiredis.h>
#include <stdlib.h>

#define PRINT_DIGITS 64

struct requests {
	struct verify *verify;
	struct verify_result *result;
	uint64_t records, kept;      /* of the money journal; keys that are kept of it */
};

/* --- kept answers ----------------------------------------------------------------------------------- */

static bool wanted_answer(void *ctx, struct span key, enum verify_type *type)
{
	struct requests *requests = ctx;
	const struct verify_shape *shape = span_starts(key, SPAN("request:")) ? verify_shape_of(key) : NULL;

	if (span_starts(key, SPAN("{money}:idem:")))
		requests->kept++;
	*type = VERIFY_STRING;
	return shape != NULL;
}

static void take_ttl(void *ctx, const redisReply *reply, const void *at, size_t n)
{
	struct requests *requests = ctx;

	(void)at;
	(void)n;
	/* -2: it went away meanwhile. */
	if (reply->type != REDIS_REPLY_INTEGER || reply->integer == -1)
		verify_found(requests->result, SPAN("request:"), "an answer is kept for ever");
}

static void look_at_answer(void *ctx, const struct verify_piece *piece)
{
	struct requests *requests = ctx;
	const char *why = verify_shape_judge(verify_shape_of(piece->key), piece);

	requests->result->looked++;
	if (why != NULL)
		verify_found(requests->result, piece->key, "%s", why);
}

static void refused(void *ctx, struct span key, const char *why)
{
	struct requests *requests = ctx;

	(void)why;
	verify_found(requests->result, key, "is of another type");
}

/* The names of the keys alone, for how long each is kept. */
static bool wanted_ttl(void *ctx, struct span key, enum verify_type *type)
{
	struct requests *requests = ctx;
	struct pipe_words words = pipe_words(requests->verify->store);

	(void)type;
	pipe_word(&words, SPAN("PTTL"));
	pipe_word(&words, key);
	pipe_send(requests->verify->store, &words, take_ttl, requests, NULL, 0);
	return false;
}

/* --- keys of money --------------------------------------------------------------------------------------- */

/* What a record says of itself. */
struct record_key {
	char print[PRINT_DIGITS];
	uint64_t seq;
	char key[STORE_MONEY_KEY_MAX + 1];
};

static struct span text_of(const redisReply *reply, size_t i)
{
	const redisReply *part = reply->element[i];

	return part->type == REDIS_REPLY_STRING ? span_from(part->str, (size_t)part->len) : (struct span){ 0 };
}

static void take_idem(void *ctx, const redisReply *reply, const void *at, size_t n)
{
	struct requests *requests = ctx;
	const struct record_key *record = at;
	uint64_t seq;

	(void)n;
	requests->result->looked++;
	if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 2 || !span_u64(text_of(reply, 1), &seq))
		verify_found(requests->result, (struct span){ 0 }, "record %llu: its idempotency key is not kept",
			     (unsigned long long)record->seq);
	else if (seq != record->seq || !span_eq(text_of(reply, 0), span_from(record->print, PRINT_DIGITS)))
		verify_found(requests->result, (struct span){ 0 }, "record %llu: its idempotency key leads to something else",
			     (unsigned long long)record->seq);
}

static bool read_key(struct span json, struct record_key *out)
{
	struct event_member key, print;

	if (!event_find(json, "key", &key) || !key.text || key.value.len == 0 || key.value.len > STORE_MONEY_KEY_MAX ||
	    !event_find(json, "print", &print) || print.value.len != PRINT_DIGITS)
		return false;
	memcpy(out->key, key.value.at, key.value.len);
	out->key[key.value.len] = '\0';
	memcpy(out->print, print.value.at, PRINT_DIGITS);
	return true;
}

/* One answer is waited for at a time: what a record says must live until then. */
static bool look_at_record(void *ctx, uint64_t seq, struct span json)
{
	struct requests *requests = ctx;
	struct pipe *store = requests->verify->store;
	struct record_key record = { .seq = seq };
	struct pipe_words words;

	requests->records++;
	if (!read_key(json, &record)) {
		verify_found(requests->result, (struct span){ 0 }, "record %llu has no key", (unsigned long long)seq);
		return true;
	}
	words = pipe_words(store);
	pipe_word(&words, SPAN("HMGET"));
	pipe_word(&words, key_of_money(words.arena, KEY_MONEY_IDEM, span_of(record.key)));
	pipe_word(&words, SPAN("print"));
	pipe_word(&words, SPAN("seq"));
	pipe_send(store, &words, take_idem, requests, &record, 0);
	return pipe_drain(store);
}

bool verify_requests(struct verify *verify, struct verify_result *result)
{
	struct requests requests = { .verify = verify, .result = result };
	const struct verify_walk answers = { .key = wanted_answer, .piece = look_at_answer, .refused = refused,
					     .ctx = &requests };
	const struct verify_walk ages = { .key = wanted_ttl, .ctx = &requests, .match = "request:*" };
	const struct money_journal_reader reader = { .record = look_at_record, .ctx = &requests };
	struct complaint why = { .text = "" };

	if (!verify_scan(verify->store, &answers) || !verify_scan(verify->store, &ages))
		return false;
	if (!money_journal_read(verify->address, &reader, &why))
		verify_found(result, SPAN("{money}:journal"), "%s", why.text);
	else if (requests.kept > requests.records)
		verify_found(result, SPAN("{money}:idem"), "%llu keys are kept that no record has used",
			     (unsigned long long)(requests.kept - requests.records));
	return true;
}
