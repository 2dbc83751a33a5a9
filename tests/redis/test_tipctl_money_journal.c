/*
 * Reading the money journal of a running store from the command line: all of
 * it, in order, or a word on what is wrong with it.
 */
#include "daemon/cli/tipctl_money_journal.h"

#include "tests/support/journal_sample.h"
#include "tests/support/store_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <hiredis/hiredis.h>
#include <stdio.h>

#define RECORDS 600

static struct store_rig rig;
static struct arena arena;
static struct complaint why;
static uint64_t seen, enough;

static bool record(void *ctx, uint64_t seq, struct span json)
{
	struct arena own = { 0 };
	struct record read;

	(void)ctx;
	assert_int_equal(seq, ++seen);
	assert_true(record_read(json, &own, &read, &why));
	assert_int_equal(read.seq, seq);
	arena_release(&own);
	return seen != enough;
}

static bool read_all(const char *address)
{
	seen = 0;
	why.text[0] = '\0';
	return money_journal_read(address, &(struct money_journal_reader){ .record = record }, &why);
}

static void fill(unsigned n)
{
	struct store_head head = { .seq = 0 };
	int64_t at_ms = 0;

	for (unsigned i = 0; i < n; i++) {
		struct store_money money = { .seq = 0 };
		struct store_request request = journal_append(&money);
		const struct store_reply *reply;

		if (i == 0)
			at_ms = store_rig_ask(&rig, &(struct store_request){ .op = STORE_MONEY_READ, .from = 1, .max = 1 })
					->now_ms;
		money = journal_sample(&head, at_ms, arena_printf(&arena, "k-%u", i), 1, &arena);
		reply = store_rig_ask(&rig, &request);
		assert_int_equal(reply->verdict, STORE_OK);
		head = reply->head;
	}
}

static void say(const char *command)
{
	redisContext *link = redisConnectUnix(rig.redis.socket);
	redisReply *reply = redisCommand(link, command);

	assert_int_not_equal(reply->type, REDIS_REPLY_ERROR);
	freeReplyObject(reply);
	redisFree(link);
}

static int open_rig(void **unused)
{
	(void)unused;
	enough = 0;
	store_rig_open(&rig, false);
	return 0;
}

static int close_rig(void **unused)
{
	(void)unused;
	store_rig_close(&rig);
	arena_release(&arena);
	return 0;
}

static void all_of_it_is_read(void **unused)
{
	(void)unused;
	assert_true(read_all(rig.redis.address));
	assert_int_equal(seen, 0);
	fill(RECORDS);
	assert_true(read_all(rig.redis.address));
	assert_int_equal(seen, RECORDS);
	enough = 300;
	assert_true(read_all(rig.redis.address));
	assert_int_equal(seen, 300);
}

static void what_is_wrong_is_told(void **unused)
{
	static const struct {
		const char *deed, *told;
	} deeds[] = {
		{ "XDEL {money}:journal 3-0", "record 3 is missing" },
		{ "XADD {money}:journal 7-1 e {}", NULL },
		{ "XDEL {money}:journal 7-0", "record 7 is missing" },
		{ "HSET {money}:head seq 9", "record 8 is missing" },
		{ "HSET {money}:head hash 00", "head" },
		{ "DEL {money}:journal", "record 1 is missing" },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(deeds) / sizeof(deeds[0]); i++) {
		say("FLUSHDB");
		fill(7);
		say(deeds[i].deed);
		assert_int_equal(read_all(rig.redis.address), deeds[i].told == NULL);
		if (deeds[i].told != NULL && strstr(why.text, deeds[i].told) == NULL)
			fail_msg("%s: %s", deeds[i].deed, why.text);
	}
	say("FLUSHDB");
	fill(3);
	say("HSET {money}:head hash 00000000000000000000000000000000000000000000000000000000000000ff");
	assert_false(read_all(rig.redis.address));
	assert_non_null(strstr(why.text, "record 3 is not the one"));
}

static void a_store_that_is_not_there_is_told(void **unused)
{
	(void)unused;
	assert_false(read_all("unix:/nonexistent/redis.sock"));
	assert_non_null(strstr(why.text, "cannot connect"));
	assert_false(read_all("nonsense"));
	say("SET {money}:journal x");
	say("HSET {money}:head seq 1 hash 00000000000000000000000000000000000000000000000000000000000000ff");
	assert_false(read_all(rig.redis.address));
	assert_non_null(strstr(why.text, "refuses"));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, open_rig, close_rig)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(all_of_it_is_read),
		TEST(what_is_wrong_is_told),
		TEST(a_store_that_is_not_there_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
