/*
 * Reading the journals of all shards into the fold.
 *
 * Numbers have no gap, so where the next piece starts is known before the
 * last one has come: some pieces are always under way.
 */
#include "daemon/cli/tipctl_replay.h"
#include "daemon/store/keys.h"
#include "daemon/sys/clock.h"

#include <hiredis/hiredis.h>

#define PIECE 256
#define COMPLAINTS_MAX 100

struct journal {
	struct replay *replay;
	FILE *out;
	char shard[3];
	uint64_t from, last; /* what is to be read; last 0: nothing */
	uint64_t read;
};

void replay_progress(const struct replay *replay, const char *what, uint64_t done, uint64_t of)
{
	static uint64_t told_ms;
	uint64_t now_ms = clock_steady_ms();

	if (told_ms == 0)
		told_ms = now_ms;
	if (replay->quiet || now_ms - told_ms < 2000)
		return;
	told_ms = now_ms;
	fprintf(stderr, "%s: %llu of %llu\n", what, (unsigned long long)done, (unsigned long long)of);
}

static void broken(struct journal *journal, uint64_t number, const char *why)
{
	if (journal->replay->broken++ < COMPLAINTS_MAX)
		fprintf(journal->out, "{%s}:journal event %llu: %s\n", journal->shard,
			(unsigned long long)number, why);
}

/* The number of "<n>-0"; false for any other id. */
static bool number_of_id(const redisReply *id, uint64_t *number)
{
	struct span rest, digits;

	if (id->type != REDIS_REPLY_STRING)
		return false;
	rest = span_from(id->str, (size_t)id->len);
	return span_cut(&rest, '-', &digits) && span_u64(digits, number) && span_is(rest, "0");
}

static struct span field_of(const redisReply *fields, char name)
{
	for (size_t i = 0; fields->type == REDIS_REPLY_ARRAY && i + 1 < fields->elements; i += 2)
		if (fields->element[i]->len == 1 && fields->element[i]->str[0] == name)
			return span_from(fields->element[i + 1]->str, (size_t)fields->element[i + 1]->len);
	return (struct span){ 0 };
}

static void take_entry(struct journal *journal, const redisReply *entry)
{
	struct replay *replay = journal->replay;
	struct complaint why = { 0 };
	struct span json;
	uint64_t number;

	if (entry->type != REDIS_REPLY_ARRAY || entry->elements != 2 ||
	    !number_of_id(entry->element[0], &number)) {
		broken(journal, journal->from + journal->read, "its id is not <number>-0");
		return;
	}
	json = field_of(entry->element[1], 'e');
	replay->events++;
	if (replay->also != NULL)
		replay->also(replay->also_ctx, json);
	if (!fold_event(replay->fold, span_of(journal->shard), number, json, &why) ||
	    !fold_seed(replay->fold, field_of(entry->element[1], 's'), &why))
		broken(journal, number, why.text);
}

static void take_piece(void *ctx, const redisReply *reply, const void *at, size_t n)
{
	struct journal *journal = ctx;

	(void)at;
	if (reply->type != REDIS_REPLY_ARRAY || reply->elements != n)
		broken(journal, journal->from + journal->read, "entries are missing");
	for (size_t i = 0; reply->type == REDIS_REPLY_ARRAY && i < reply->elements; i++)
		take_entry(journal, reply->element[i]);
	journal->read += n;
	replay_progress(journal->replay, "events", journal->read, journal->last - journal->from + 1);
}

static void take_last(void *ctx, const redisReply *reply, const void *at, size_t n)
{
	struct journal *journal = ctx;

	(void)at;
	(void)n;
	if (reply->type == REDIS_REPLY_ERROR)
		broken(journal, 0, reply->str);
	else if (reply->type == REDIS_REPLY_ARRAY && reply->elements == 1 &&
		 !number_of_id(reply->element[0]->element[0], &journal->last))
		broken(journal, 0, "the last id is not <number>-0");
}

static void ask_last(struct pipe *store, struct journal *journal)
{
	struct pipe_words words = pipe_words(store);

	pipe_word(&words, SPAN("XREVRANGE"));
	pipe_word(&words, key_of_shard(words.arena, span_of(journal->shard), KEY_JOURNAL));
	pipe_word(&words, SPAN("+"));
	pipe_word(&words, SPAN("-"));
	pipe_word(&words, SPAN("COUNT"));
	pipe_word(&words, SPAN("1"));
	pipe_send(store, &words, take_last, journal, NULL, 0);
}

static void ask_pieces(struct pipe *store, struct journal *journal)
{
	for (uint64_t from = journal->from; from <= journal->last; from += PIECE) {
		uint64_t to = from + PIECE - 1 < journal->last ? from + PIECE - 1 : journal->last;
		struct pipe_words words = pipe_words(store);

		pipe_word(&words, SPAN("XRANGE"));
		pipe_word(&words, key_of_shard(words.arena, span_of(journal->shard), KEY_JOURNAL));
		pipe_number(&words, from);
		pipe_number(&words, to);
		pipe_send(store, &words, take_piece, journal, NULL, (size_t)(to - from + 1));
	}
}

bool replay_read(struct replay *replay, FILE *out)
{
	struct journal journals[REPLAY_SHARDS];

	for (unsigned i = 0; i < REPLAY_SHARDS; i++) {
		struct journal *journal = &journals[i];

		*journal = (struct journal){ .replay = replay, .out = out };
		journal->shard[0] = (char)('0' + i / 10);
		journal->shard[1] = (char)('0' + i % 10);
		journal->from = fold_last(replay->fold, span_of(journal->shard)) + 1;
		ask_last(replay->store, journal);
	}
	if (!pipe_drain(replay->store))
		return false;
	for (unsigned i = 0; i < REPLAY_SHARDS; i++) {
		ask_pieces(replay->store, &journals[i]);
		if (!pipe_drain(replay->store))
			return false;
	}
	return true;
}
