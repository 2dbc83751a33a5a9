/*
 * What a tip costs Redis: microseconds and bytes; what a claim costs by the
 * length of the queue.
 *
 *   store_bench [tips]
 *
 * Against a private server with the durable settings. Beside each figure
 * stands the same with a function that makes four bare writes and checks
 * nothing, because microseconds of one machine mean little on another.
 */
#include "daemon/store/calls.h"
#include "tests/support/private_redis.h"

#include <assert.h>
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define BATCH 16
#define SHARDS 31

static const char bare[] =
	"#!lua name=tipline_v1\n"
	"redis.register_function('tip_accept', function(keys, args)\n"
	"  local call, at = redis.call, tonumber(args[1]) * 6 + 1\n"
	"  for i = 1, tonumber(args[2]) do\n"
	"    local a = 3 + (i - 1) * 13\n"
	"    call('XADD', keys[1], '*', 'e', args[a + 3], 'k', args[a + 4], 'c', args[a + 5], 's', args[a + 6])\n"
	"    call('HSET', keys[at], 's', 'queued', 'v', '1', 'b', args[a + 2], 'z', args[a + 6])\n"
	"    call('ZADD', keys[at + 2], '1', args[a + 1])\n"
	"    call('SET', keys[at + 1], args[a + 7])\n"
	"    at = at + 3\n"
	"  end\n"
	"  return {}\n"
	"end)\n";

static struct private_redis server;
static redisContext *link_to;
static uint64_t state = 88172645463325252u;

static uint64_t draw(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static double info(const char *section, const char *name)
{
	redisReply *reply = redisCommand(link_to, "INFO %s", section);
	const char *at = strstr(reply->str, name);
	double value = at != NULL ? strtod(at + strlen(name), NULL) : 0;

	freeReplyObject(reply);
	return value;
}

static double cpu_us(void)
{
	return 1e6 * (info("cpu", "used_cpu_user:") + info("cpu", "used_cpu_sys:"));
}

static void load(const char *code, size_t len)
{
	redisReply *reply = redisCommand(link_to, "FUNCTION LOAD REPLACE %b", code, len);

	assert(reply->type != REDIS_REPLY_ERROR);
	freeReplyObject(reply);
	freeReplyObject(redisCommand(link_to, "FLUSHALL"));
}

static struct span noise(struct arena *arena, size_t len)
{
	char *bytes = arena_alloc(arena, len);

	for (size_t i = 0; i < len; i++)
		bytes[i] = (char)(draw() >> 24);
	return span_from(bytes, len);
}

/* 330 bytes sealed, an event of 280, a fingerprint of 100, a commitment of 32, a seed of 16; no request mark. */
static struct store_tip tip_of(struct arena *arena)
{
	static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	struct store_tip tip = { .points = (unsigned)(draw() % 100), .received_ms = 1763748000000 };
	char *event = arena_alloc(arena, 400);
	unsigned shard = 11 + (unsigned)(draw() % SHARDS);

	snprintf(tip.id.text, sizeof(tip.id.text), "%02u-", shard);
	for (size_t i = 3; i < TIP_ID_LEN; i++)
		tip.id.text[i] = digits[draw() % 32];
	snprintf(tip.region, sizeof(tip.region), "%02u%02u%02u", shard, (unsigned)(draw() % 10),
		 (unsigned)(draw() % 10));
	snprintf(event, 400, "{\"e\":\"accepted\",\"id\":\"%s\",\"pad\":\"%0*d\"}", tip.id.text, 280 - 42 - 3,
		 0);
	tip.event = span_from(event, strlen(event));
	memcpy(tip.receipt_mark, noise(arena, STORE_MARK_BYTES).at, STORE_MARK_BYTES);
	tip.fingerprint = noise(arena, 100);
	tip.commitment = noise(arena, 32);
	tip.seed = noise(arena, STORE_SEED_BYTES);
	tip.sealed = noise(arena, 330);
	memcpy(tip.data_key.id, tip.id.text, 2);
	tip.data_key.sealed = SPAN("a data key, sealed twice");
	return tip;
}

static void accept_batch(void)
{
	struct arena arena = { 0 };
	struct store_tip tips[BATCH];
	struct command commands[COMMANDS_MAX];
	redisReply *reply;

	for (size_t i = 0; i < BATCH; i++)
		tips[i] = tip_of(&arena);
	calls_build(&(struct store_request){ .op = STORE_ACCEPT, .tips = tips, .ntips = BATCH }, &arena,
		    commands);
	reply = redisCommandArgv(link_to, (int)commands[0].n, commands[0].words, commands[0].lens);
	assert(reply != NULL && reply->type == REDIS_REPLY_ARRAY);
	freeReplyObject(reply);
	arena_release(&arena);
}

static void measure_accept(const char *name, unsigned tips)
{
	double bytes = info("memory", "used_memory:"), cpu = cpu_us();

	for (unsigned i = 0; i < tips / BATCH; i++)
		accept_batch();
	printf("%-12s %6.1f us of Redis CPU a tip, %5.0f bytes a tip\n", name, (cpu_us() - cpu) / tips,
	       (info("memory", "used_memory:") - bytes) / tips);
}

/* --- claims ------------------------------------------------------------------------------------ */

static const char fill[] =
	"for i = tonumber(ARGV[1]), tonumber(ARGV[2]) do\n"
	"  local id, at = string.format('15-%010d', i), string.format('%.0f', 1763748000000 + i)\n"
	"  redis.call('HSET', '{15}:state:' .. id, 's', 'queued', 'v', '1',\n"
	"    'b', '150602 50 ' .. at .. ' 0123456789abcdef')\n"
	"  redis.call('SET', '{15}:tip:' .. id, string.rep('x', 330))\n"
	"  redis.call('ZADD', '{15}:queue:150602', at, id)\n"
	"end\n";

static uint64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static int by_size(const void *a, const void *b)
{
	return (*(const uint64_t *)a > *(const uint64_t *)b) - (*(const uint64_t *)a < *(const uint64_t *)b);
}

static uint64_t claim_hundred(void)
{
	static const char regions[][7] = { "150602" };
	const struct store_claim claim = { .shard = "15",
					   .regions = regions,
					   .nregions = 1,
					   .max = 100,
					   .lease_ms = 3600000,
					   .holder = SPAN("officer") };
	struct arena arena = { 0 };
	struct command commands[COMMANDS_MAX];
	redisReply *reply;
	uint64_t started_us;

	calls_build(&(struct store_request){ .op = STORE_CLAIM, .claim = &claim }, &arena, commands);
	started_us = now_us();
	reply = redisCommandArgv(link_to, (int)commands[0].n, commands[0].words, commands[0].lens);
	assert(reply != NULL && reply->type == REDIS_REPLY_ARRAY && reply->elements == 101);
	freeReplyObject(reply);
	arena_release(&arena);
	return now_us() - started_us;
}

/* The median of nine claims of 100. */
static void measure_claim(unsigned waiting)
{
	uint64_t took_us[9];

	freeReplyObject(redisCommand(link_to, "FLUSHALL"));
	for (unsigned from = 1; from <= waiting; from += 20000)
		freeReplyObject(redisCommand(link_to, "EVAL %s 0 %u %u", fill, from,
					     from + 19999 < waiting ? from + 19999 : waiting));
	for (size_t i = 0; i < 9; i++)
		took_us[i] = claim_hundred();
	qsort(took_us, 9, sizeof(took_us[0]), by_size);
	printf("claim of 100 from %7u: median %6.2f ms\n", waiting, (double)took_us[4] / 1000);
}

int main(int argc, char **argv)
{
	unsigned tips = argc > 1 ? (unsigned)atoi(argv[1]) : 48000;
	struct arena arena = { 0 };
	struct span library = calls_library(&arena);

	private_redis_start(&server);
	link_to = redisConnectUnix(server.socket);
	assert(link_to != NULL && link_to->err == 0);
	freeReplyObject(redisCommand(link_to, "CONFIG SET auto-aof-rewrite-percentage 0"));
	for (int round = 0; round < 3; round++) {
		load(bare, sizeof(bare) - 1);
		measure_accept("bare writes", tips);
		load(library.at, library.len);
		measure_accept("tip_accept", tips);
	}
	freeReplyObject(redisCommand(link_to, "CONFIG SET appendfsync no"));
	for (int round = 0; round < 2; round++) {
		measure_claim(1000);
		measure_claim(1000000);
	}
	redisFree(link_to);
	arena_release(&arena);
	private_redis_stop(&server);
	return 0;
}
