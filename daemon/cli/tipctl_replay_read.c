/*
 * Reading the journals of all shards into the fold.
 *
 * Numbers have no gap, so where the next piece starts is known before the
 * last one has come: some pieces are always under way. What the store has let
 * go of, before or while it is read, comes out of the archive.
 */
#include "daemon/cli/tipctl_archive.h"
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
	uint64_t first;      /* that the store has */
	struct ctl_segments segments;
	uint64_t next;
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
	struct replay *replay = journal->replay;

	if (replay->broken == 0)
		snprintf(replay->broken_first, sizeof(replay->broken_first), "{%s}:journal event %llu: %.140s", journal->shard,
			 (unsigned long long)number, why);
	if (replay->broken++ < COMPLAINTS_MAX)
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

static void take_event(struct journal *journal, uint64_t number, struct span json, struct span seed)
{
	struct replay *replay = journal->replay;
	struct complaint why = { 0 };

	journal->next = number + 1;
	replay->events++;
	if (replay->also != NULL)
		replay->also(replay->also_ctx, json);
	if (!fold_event(replay->fold, span_of(journal->shard), number, json, &why) ||
	    !fold_seed(replay->fold, seed, &why))
		broken(journal, number, why.text);
}

static bool take_filed(void *ctx, const struct archive_entry *entry)
{
	struct journal *journal = ctx;

	journal->replay->filed++;
	take_event(journal, entry->number, archive_entry_field(entry, "e"), archive_entry_field(entry, "s"));
	return true;
}

/* Events up to before `end`, out of files. */
static void read_files(struct journal *journal, uint64_t end)
{
	struct replay *replay = journal->replay;
	struct complaint why = { .text = "" };

	if (replay->lost || journal->next >= end ||
	    ctl_archive_read(replay->archive, journal->shard, &journal->segments,
			     (struct archive_range){ journal->next, end - 1 }, take_filed, journal, &why))
		return;
	fprintf(journal->out, "archive: %s\n", why.text);
	replay->lost = true;
	replay->lost_at = journal->next;
	memcpy(replay->lost_shard, journal->shard, sizeof(replay->lost_shard));
	snprintf(replay->lost_first, sizeof(replay->lost_first), "%s", why.text);
}

static void take_entry(struct journal *journal, const redisReply *entry)
{
	uint64_t number;

	if (entry->type != REDIS_REPLY_ARRAY || entry->elements != 2 ||
	    !number_of_id(entry->element[0], &number)) {
		broken(journal, journal->next, "its id is not <number>-0");
		return;
	}
	read_files(journal, number);
	if (!journal->replay->lost)
		take_event(journal, number, field_of(entry->element[1], 'e'), field_of(entry->element[1], 's'));
}

static void take_piece(void *ctx, const redisReply *reply, const void *at, size_t n)
{
	struct journal *journal = ctx;

	(void)at;
	(void)n;
	if (reply->type != REDIS_REPLY_ARRAY)
		broken(journal, journal->next, "the store answers something else than entries");
	for (size_t i = 0; reply->type == REDIS_REPLY_ARRAY && i < reply->elements; i++)
		take_entry(journal, reply->element[i]);
	replay_progress(journal->replay, "events", journal->next - journal->from, journal->last - journal->from + 1);
}

static void take_first(void *ctx, const redisReply *reply, const void *at, size_t n)
{
	struct journal *journal = ctx;

	(void)at;
	(void)n;
	if (reply->type == REDIS_REPLY_ARRAY && reply->elements == 1 &&
	    !number_of_id(reply->element[0]->element[0], &journal->first))
		broken(journal, 0, "the first id is not <number>-0");
}

static void take_segments(void *ctx, const redisReply *reply, const void *at, size_t n)
{
	struct journal *journal = ctx;

	(void)at;
	(void)n;
	if (!ctl_segments_read(reply, &journal->segments))
		broken(journal, 0, "the list of its files cannot be read");
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

/* A command about a key of the journal's shard. */
static void ask(struct pipe *store, struct journal *journal, enum shard_key key, const char *const words[4],
		pipe_taker *taker)
{
	struct pipe_words command = pipe_words(store);

	pipe_word(&command, span_of(words[0]));
	pipe_word(&command, key_of_shard(command.arena, span_of(journal->shard), key));
	pipe_word(&command, span_of(words[1]));
	pipe_word(&command, span_of(words[2]));
	if (words[3] != NULL) {
		pipe_word(&command, span_of(words[3]));
		pipe_word(&command, SPAN("1"));
	}
	pipe_send(store, &command, taker, journal, NULL, 0);
}

static void ask_ends(struct pipe *store, struct journal *journal)
{
	ask(store, journal, KEY_JOURNAL, (const char *const[]){ "XREVRANGE", "+", "-", "COUNT" }, take_last);
	ask(store, journal, KEY_JOURNAL, (const char *const[]){ "XRANGE", "-", "+", "COUNT" }, take_first);
	ask(store, journal, KEY_ARCHIVE, (const char *const[]){ "LRANGE", "0", "-1", NULL }, take_segments);
}

static void ask_pieces(struct pipe *store, struct journal *journal)
{
	for (uint64_t from = journal->next; from <= journal->last; from += PIECE) {
		uint64_t to = from + PIECE - 1 < journal->last ? from + PIECE - 1 : journal->last;
		struct pipe_words words = pipe_words(store);

		pipe_word(&words, SPAN("XRANGE"));
		pipe_word(&words, key_of_shard(words.arena, span_of(journal->shard), KEY_JOURNAL));
		pipe_number(&words, from);
		pipe_number(&words, to);
		pipe_send(store, &words, take_piece, journal, NULL, (size_t)(to - from + 1));
	}
}

/* One journal from where it was left: files, then the store; what went from there meanwhile is found in files again. */
static bool read_journal(struct replay *replay, struct journal *journal)
{
	journal->next = journal->from;
	read_files(journal, journal->first);
	if (!replay->lost)
		ask_pieces(replay->store, journal);
	if (!pipe_drain(replay->store))
		return false;
	if (journal->next <= journal->last && !replay->lost)
		broken(journal, journal->next, "entries are missing");
	return !replay->lost;
}

static bool read_ends(struct replay *replay, struct journal journals[REPLAY_SHARDS], FILE *out)
{
	for (unsigned i = 0; i < REPLAY_SHARDS; i++) {
		struct journal *journal = &journals[i];

		*journal = (struct journal){ .replay = replay, .out = out };
		journal->shard[0] = (char)('0' + i / 10);
		journal->shard[1] = (char)('0' + i % 10);
		journal->from = fold_last(replay->fold, span_of(journal->shard)) + 1;
		ask_ends(replay->store, journal);
	}
	return pipe_drain(replay->store);
}

bool replay_read(struct replay *replay, FILE *out)
{
	struct journal journals[REPLAY_SHARDS];
	bool well = read_ends(replay, journals, out);

	for (unsigned i = 0; i < REPLAY_SHARDS; i++) {
		well = well && read_journal(replay, &journals[i]);
		ctl_segments_release(&journals[i].segments);
	}
	return well;
}
