/*
 * A Redis connection with many commands under way; see tipctl_replay.h.
 */
#include "daemon/cli/tipctl_replay.h"
#include "daemon/store/redis_address.h"

#include <assert.h>
#include <hiredis/hiredis.h>
#include <stdlib.h>

#define UNDER_WAY 64
#define PATIENCE_S 60

struct under_way {
	pipe_taker *taker;
	void *ctx;
	const void *at;
	size_t n;
};

struct pipe {
	redisContext *link;
	struct under_way queue[UNDER_WAY];
	size_t head, n;
	struct arena words;
	bool broken;
};

static redisContext *reach(const char *address)
{
	const struct timeval patience = { .tv_sec = PATIENCE_S };
	struct redis_address to;

	if (!redis_address_read(address, &to))
		return NULL;
	return to.port > 0 ? redisConnectWithTimeout(to.at, to.port, patience) :
			     redisConnectUnixWithTimeout(to.at, patience);
}

struct pipe *pipe_open(const char *address, struct complaint *why)
{
	const struct timeval patience = { .tv_sec = PATIENCE_S };
	redisContext *link = reach(address);
	struct pipe *pipe;

	if (link == NULL || link->err != 0) {
		complain(why, 0, "cannot connect to %s: %s", address,
			 link != NULL ? link->errstr : "not an address, or no memory");
		if (link != NULL)
			redisFree(link);
		return NULL;
	}
	redisSetTimeout(link, patience);
	pipe = calloc(1, sizeof(*pipe));
	assert(pipe != NULL);
	pipe->link = link;
	return pipe;
}

void pipe_free(struct pipe *pipe)
{
	redisFree(pipe->link);
	arena_release(&pipe->words);
	free(pipe);
}

struct pipe_words pipe_words(struct pipe *pipe)
{
	return (struct pipe_words){ .arena = &pipe->words };
}

void pipe_word(struct pipe_words *words, struct span text)
{
	assert(words->n < sizeof(words->words) / sizeof(words->words[0]));
	words->words[words->n] = text.at != NULL ? text.at : "";
	words->lens[words->n++] = text.len;
}

void pipe_number(struct pipe_words *words, uint64_t number)
{
	pipe_word(words, span_of(arena_printf(words->arena, "%llu", (unsigned long long)number)));
}

static void take_one(struct pipe *pipe)
{
	struct under_way *first = &pipe->queue[pipe->head];
	void *reply = NULL;

	if (!pipe->broken && redisGetReply(pipe->link, &reply) != REDIS_OK) {
		fprintf(stderr, "tipctl: the connection to Redis broke: %s\n", pipe->link->errstr);
		pipe->broken = true;
	}
	if (reply != NULL) {
		first->taker(first->ctx, reply, first->at, first->n);
		freeReplyObject(reply);
	}
	pipe->head = (pipe->head + 1) % UNDER_WAY;
	pipe->n--;
}

void pipe_send(struct pipe *pipe, struct pipe_words *words, pipe_taker *taker, void *ctx, const void *at,
	       size_t n)
{
	if (pipe->n == UNDER_WAY)
		for (size_t i = 0; i < UNDER_WAY / 2; i++)
			take_one(pipe);
	if (!pipe->broken &&
	    redisAppendCommandArgv(pipe->link, (int)words->n, words->words, words->lens) != REDIS_OK)
		pipe->broken = true;
	arena_release(&pipe->words);
	pipe->queue[(pipe->head + pipe->n) % UNDER_WAY] =
		(struct under_way){ .taker = taker, .ctx = ctx, .at = at, .n = n };
	pipe->n++;
}

struct span pipe_text(const struct redisReply *reply)
{
	return reply->type == REDIS_REPLY_STRING ? span_from(reply->str, (size_t)reply->len) : (struct span){ 0 };
}

bool pipe_drain(struct pipe *pipe)
{
	while (pipe->n > 0)
		take_one(pipe);
	return !pipe->broken;
}
