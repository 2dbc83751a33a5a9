/*
 * Walking the data keys of a store; see tipctl_data_keys.h.
 */
#include "daemon/cli/tipctl_data_keys.h"

#include "daemon/base/wipe.h"
#include "daemon/cli/tipctl_money_journal.h"
#include "daemon/store/calls.h"

#include <hiredis/hiredis.h>
#include <stdio.h>

#define SHARDS 100
#define PIECE 512

struct walk {
	redisContext *link;
	const struct data_keys_work *work;
	struct data_keys_tally *tally;
	struct complaint *why;
	char shard[3];
	struct arena arena;    /* of one piece */
	size_t asked;          /* swaps whose answer has not come */
};

static bool no_answer(const struct walk *w)
{
	return complain(w->why, 0, "the store does not answer: %s", w->link->errstr);
}

/* --- one key ------------------------------------------------------------------------------ */

static bool lies_under(const struct walk *w, struct span sealed)
{
	for (size_t i = 0; i < w->work->nsuccessors; i++)
		if (seal_data_key_for(sealed, w->work->successors[i].earlier))
			return true;
	return false;
}

/* The same key with every entry of an earlier pair made anew; in the arena. */
static struct span sealed_again(struct walk *w, struct span sealed, const struct seal_key *key)
{
	for (size_t i = 0; i < w->work->nsuccessors; i++) {
		const struct key_successor *s = &w->work->successors[i];
		struct buf out = { 0 };

		if (seal_data_key_again(sealed, key, s->earlier, s->now, &out))
			sealed = arena_dup(&w->arena, buf_span(&out));
		buf_release(&out);
	}
	return sealed;
}

static bool ask_swap(struct walk *w, const unsigned char id[1][STORE_DATA_KEY_ID_BYTES], struct span from, struct span to)
{
	const struct span values[2] = { from, to };
	struct store_request request = { .op = STORE_DATA_KEY_SWAP, .key_ids = id, .nkey_ids = 1, .messages = values, .nmessages = 2 };
	struct command commands[COMMANDS_MAX];

	memcpy(request.shard, w->shard, sizeof(request.shard));
	(void)calls_build(&request, &w->arena, commands);
	if (redisAppendCommandArgv(w->link, (int)commands[0].n, commands[0].words, commands[0].lens) != REDIS_OK)
		return no_answer(w);
	w->asked++;
	return true;
}

static bool take(struct walk *w, struct span id, struct span sealed)
{
	unsigned char name[1][STORE_DATA_KEY_ID_BYTES];
	struct data_key opened;
	bool well;

	w->tally->seen++;
	if (id.len != sizeof(name[0]) || !lies_under(w, sealed))
		return true;
	w->tally->under++;
	if (w->work->ring == NULL)
		return true;
	memcpy(name[0], id.at, sizeof(name[0]));
	if (!keyring_open_data_key(w->work->ring, name[0], sealed, &opened)) {
		w->tally->closed++;
		return true;
	}
	well = ask_swap(w, (const unsigned char(*)[STORE_DATA_KEY_ID_BYTES])name, sealed, sealed_again(w, sealed, &opened.key));
	wipe(&opened, sizeof(opened));
	return well;
}

/* The answers of a piece. Another one was faster with a key: its work, or the next run's. */
static bool read_answers(struct walk *w)
{
	for (; w->asked > 0; w->asked--) {
		redisReply *reply;

		if (redisGetReply(w->link, (void **)&reply) != REDIS_OK)
			return no_answer(w);
		if (reply->type == REDIS_REPLY_ERROR) {
			complain(w->why, 0, "the store refuses: %.150s", reply->str);
			freeReplyObject(reply);
			return false;
		}
		w->tally->again += reply->type == REDIS_REPLY_ARRAY && reply->elements == 1 &&
				   span_is(span_from(reply->element[0]->str, reply->element[0]->len), "ok");
		freeReplyObject(reply);
	}
	return true;
}

/* --- a shard -------------------------------------------------------------------------------- */

static bool take_piece(struct walk *w, const redisReply *reply)
{
	const redisReply *rows = reply->element[1];
	bool well = true;

	for (size_t i = 0; i + 1 < rows->elements && well; i += 2)
		well = take(w, span_from(rows->element[i]->str, rows->element[i]->len),
			    span_from(rows->element[i + 1]->str, rows->element[i + 1]->len));
	well = well && read_answers(w);
	arena_clear(&w->arena);
	return well;
}

static bool count_shard(struct walk *w, size_t *of)
{
	redisReply *reply = redisCommand(w->link, "HLEN {%s}:datakeys", w->shard);

	if (reply == NULL)
		return no_answer(w);
	*of = reply->type == REDIS_REPLY_INTEGER ? (size_t)reply->integer : 0;
	freeReplyObject(reply);
	return true;
}

static bool walk_shard(struct walk *w)
{
	unsigned long long cursor = 0;
	size_t of = 0, before = w->tally->seen;
	bool well = count_shard(w, &of);

	if (!well || of == 0)
		return well;
	do {
		redisReply *reply = redisCommand(w->link, "HSCAN {%s}:datakeys %llu COUNT %d", w->shard, cursor, PIECE);

		well = reply != NULL ? reply->type == REDIS_REPLY_ARRAY && reply->elements == 2 &&
					       span_u64(span_from(reply->element[0]->str, reply->element[0]->len), (uint64_t *)&cursor) :
				       no_answer(w);
		if (!well && reply != NULL)
			complain(w->why, 0, "the store does not answer as one of ours would");
		well = well && take_piece(w, reply);
		if (reply != NULL)
			freeReplyObject(reply);
		if (well && w->work->progress != NULL)
			w->work->progress(w->shard, w->tally->seen - before, of);
	} while (well && cursor != 0);
	return well;
}

bool data_keys_walk(const char *address, const struct data_keys_work *work, struct data_keys_tally *tally, struct complaint *why)
{
	struct walk w = { .link = money_journal_link(address, why), .work = work, .tally = tally, .why = why };
	bool well = w.link != NULL;

	*tally = (struct data_keys_tally){ 0 };
	for (unsigned shard = 0; shard < SHARDS && well; shard++) {
		snprintf(w.shard, sizeof(w.shard), "%02u", shard);
		well = walk_shard(&w);
	}
	if (w.link != NULL)
		redisFree(w.link);
	arena_release(&w.arena);
	return well;
}
