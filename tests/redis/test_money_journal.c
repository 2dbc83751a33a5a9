/*
 * The money journal on a real server: who races, what is torn, what somebody
 * changed by hand. Whatever happens the journal is a chain without gap or fork,
 * and what was acknowledged is in it.
 */
#include "daemon/store/calls.h"
#include "daemon/store/embedded_home.h"
#include "daemon/store/replies.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/files.h"
#include "tests/support/journal_sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <hiredis/hiredis.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS 200
#define TORN_BYTES 400
#define AOF "appendonlydir/appendonly.aof.1.incr.aof"
#define AOF_MAX ((size_t)16 << 20)

static char dir[64], aof[PATH_MAX];
static struct embedded_home home;
static pid_t server;
static redisContext *link_to;
static struct arena arena;
static struct complaint why;

/* --- the server, with the settings of the private one --------------------------------- */

static void pause_a_little(void)
{
	const struct timespec pause = { .tv_nsec = 1000000 };

	nanosleep(&pause, NULL);
}

static redisContext *reach(void)
{
	redisContext *link = redisConnectUnix(home.socket);

	if (link->err == 0)
		return link;
	redisFree(link);
	return NULL;
}

/* False: it ended before it answered. */
static bool start_server(void)
{
	server = fork();
	if (server == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		execlp("redis-server", "redis-server", home.conf, "--logfile", "redis.log", (char *)NULL);
		_exit(127);
	}
	for (;;) {
		redisReply *reply;
		bool loaded;

		if (waitpid(server, NULL, WNOHANG) == server)
			return false;
		link_to = reach();
		if (link_to == NULL) {
			pause_a_little();
			continue;
		}
		reply = redisCommand(link_to, "PING");
		loaded = reply != NULL && reply->type == REDIS_REPLY_STATUS;
		if (reply != NULL)
			freeReplyObject(reply);
		if (loaded)
			return true;
		redisFree(link_to);
		link_to = NULL;
	}
}

static void kill_server(void)
{
	redisFree(link_to);
	link_to = NULL;
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	unlink(home.socket);
}

static void load_library(void)
{
	struct span library = calls_library(&arena);
	redisReply *reply = redisCommand(link_to, "FUNCTION LOAD REPLACE %b", library.at, library.len);

	assert_int_equal(reply->type, REDIS_REPLY_STRING);
	freeReplyObject(reply);
}

static int open_server(void **unused)
{
	(void)unused;
	snprintf(dir, sizeof(dir), "/tmp/tipline-money-XXXXXX");
	assert_non_null(mkdtemp(dir));
	assert_true(embedded_home_open(&home, dir, &why) && embedded_home_write(&home, &why));
	snprintf(aof, sizeof(aof), "%.100s/%s", home.dir, AOF);
	assert_true(start_server());
	load_library();
	return 0;
}

static int close_server(void **unused)
{
	char command[100];

	(void)unused;
	if (link_to != NULL)
		kill_server();
	snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	arena_release(&arena);
	return system(command);
}

/* --- asking ----------------------------------------------------------------------------- */

/* False: the connection ended, or the server refused. */
static bool ask_on(redisContext *link, const struct store_request *request, struct store_reply *out)
{
	struct command commands[COMMANDS_MAX];
	struct reply_expected expected;
	redisReply *reply;
	bool well;

	*out = (struct store_reply){ .outcome = STORE_DONE };
	reply_expect(request, &arena, &expected);
	assert_int_equal(calls_build(request, &arena, commands), 1);
	reply = redisCommandArgv(link, (int)commands[0].n, commands[0].words, commands[0].lens);
	well = reply != NULL && reply->type != REDIS_REPLY_ERROR && reply_decode(&expected, 0, reply, &arena, out);
	if (reply != NULL)
		freeReplyObject(reply);
	return well;
}

static struct store_reply read_on(redisContext *link, uint64_t from)
{
	struct store_reply reply;

	assert_true(ask_on(link, &(struct store_request){ .op = STORE_MONEY_READ, .from = from, .max = 1000 }, &reply));
	return reply;
}

static struct store_money next_on(redisContext *link, const char *key)
{
	struct store_reply at = read_on(link, UINT32_MAX);

	return journal_sample(&at.head, at.now_ms > at.head.at_ms ? at.now_ms : at.head.at_ms, key, 1, &arena);
}

/* False: the connection ended. */
static bool append_on(redisContext *link, const char *key, enum store_verdict expected)
{
	struct store_money money = next_on(link, key);
	struct store_request request = journal_append(&money);
	struct store_reply reply;

	if (!ask_on(link, &request, &reply))
		return false;
	assert_int_equal(reply.verdict, expected);
	return true;
}

/* A chain from the first record to the head; returns the head's number. */
static uint64_t whole_journal(void)
{
	struct store_reply reply = read_on(link_to, 1);

	assert_int_equal(reply.head.count, reply.head.seq);
	assert_int_equal(reply.nevents, reply.head.seq);
	assert_int_equal(journal_follows(reply.events, reply.nevents), reply.nevents);
	return reply.head.seq;
}

/* --- races ------------------------------------------------------------------------------- */

/*
 * What runs in a process of its own: no asserts, which would go on with the
 * next test there. The next record on what the server says; false when it ended.
 */
static bool append_apart(redisContext *link, const char *key, struct store_reply *reply)
{
	struct store_request read = { .op = STORE_MONEY_READ, .from = UINT32_MAX, .max = 1 }, append;
	struct store_money money;

	arena_clear(&arena);
	if (!ask_on(link, &read, reply))
		return false;
	money = journal_sample(&reply->head, reply->now_ms > reply->head.at_ms ? reply->now_ms : reply->head.at_ms, key, 1,
			       &arena);
	append = journal_append(&money);
	return ask_on(link, &append, reply);
}

/* One process of two: so many records of its own; how often it came second. */
static unsigned racer(const char *name)
{
	redisContext *link = reach();
	unsigned won = 0, lost = 0;
	char key[32];

	while (won < ROUNDS / 2) {
		struct store_reply reply;

		snprintf(key, sizeof(key), "%s-%u", name, won);
		if (!append_apart(link, key, &reply) ||
		    (reply.verdict != STORE_OK && reply.verdict != STORE_CONFLICT))
			_exit(1);
		won += reply.verdict == STORE_OK;
		lost += reply.verdict == STORE_CONFLICT;
	}
	redisFree(link);
	return lost;
}

/* The number it lost comes back as the exit status of its process. */
static pid_t race(const char *name)
{
	pid_t pid = fork();
	unsigned lost;

	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	lost = racer(name);
	_exit(lost < 100 ? 100 + (int)lost : 200);
}

static unsigned lost_by(pid_t pid)
{
	int status;

	waitpid(pid, &status, 0);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) >= 100);
	return (unsigned)WEXITSTATUS(status) - 100;
}

static void two_processes_never_get_the_same_number(void **unused)
{
	pid_t one = race("one"), two = race("two");
	unsigned lost = lost_by(one) + lost_by(two);

	(void)unused;
	assert_int_equal(whole_journal(), ROUNDS);
	if (lost == 0)
		print_message("nobody came second: they hardly raced\n");
}

/* Both decide on the same head, each round. */
static void of_two_with_the_same_head_exactly_one_wins(void **unused)
{
	redisContext *links[2] = { link_to, reach() };

	(void)unused;
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct store_money money[2];
		struct store_reply reply;
		unsigned wins = 0;

		for (unsigned i = 0; i < 2; i++)
			money[i] = next_on(links[i], arena_printf(&arena, "k-%u-%u", round, i));
		for (unsigned i = 0; i < 2; i++) {
			unsigned who = (i + round) % 2;
			struct store_request request = journal_append(&money[who]);

			assert_true(ask_on(links[who], &request, &reply));
			wins += reply.verdict == STORE_OK;
			assert_true(reply.verdict == STORE_OK || reply.verdict == STORE_CONFLICT);
			assert_int_equal(reply.head.seq, round + 1);
		}
		assert_int_equal(wins, 1);
		arena_clear(&arena);
	}
	redisFree(links[1]);
	assert_int_equal(whole_journal(), ROUNDS);
}

/* --- kills ---------------------------------------------------------------------------------- */

/* Appends without an end, and tells each number through the pipe once it was acknowledged. */
static void append_for_ever(int to, unsigned kill_round)
{
	redisContext *link = reach();
	struct store_reply reply;
	char key[32];

	for (unsigned i = 0;; i++) {
		snprintf(key, sizeof(key), "k-%u-%u", kill_round, i);
		if (!append_apart(link, key, &reply) || reply.verdict != STORE_OK ||
		    write(to, &reply.rev, sizeof(reply.rev)) != sizeof(reply.rev))
			_exit(0);
	}
}

static uint64_t last_number(int from, uint64_t seq)
{

	while (read(from, &seq, sizeof(seq)) == sizeof(seq))
		;
	return seq;
}

static size_t size_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return (size_t)st.st_size;
}

/* As the daemon does it for its private server; what is left of the file. */
static size_t mend(void)
{
	char command[2 * PATH_MAX];

	snprintf(command, sizeof(command), "echo y | redis-check-aof --fix '%s' >/dev/null 2>&1", home.manifest);
	assert_int_equal(system(command), 0);
	return size_of(aof);
}

/* The kill may have cut a write short: a server that refuses the file starts on the mended one. */
static void start_again(void)
{
	if (start_server())
		return;
	mend();
	assert_true(start_server());
}

static void a_killed_server_forgets_nothing_acknowledged(void **unused)
{
	(void)unused;
	for (unsigned round = 0; round < 12; round++) {
		uint64_t acknowledged, before = whole_journal();
		int ends[2];
		pid_t writer;

		assert_int_equal(pipe(ends), 0);
		writer = fork();
		if (writer == 0)
			append_for_ever(ends[1], round);
		close(ends[1]);
		assert_int_equal(read(ends[0], &acknowledged, sizeof(acknowledged)), sizeof(acknowledged));
		for (unsigned wait = 0; wait < round % 5; wait++)
			pause_a_little();
		kill_server();
		kill(writer, SIGKILL);
		waitpid(writer, NULL, 0);
		acknowledged = last_number(ends[0], acknowledged);
		close(ends[0]);
		start_again();
		assert_true(acknowledged > before);
		assert_true(whole_journal() >= acknowledged);
	}
}

/* --- a torn file -------------------------------------------------------------------------------- */

static void write_aof(struct span bytes)
{
	FILE *file = fopen(aof, "we");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes.at, 1, bytes.len, file), bytes.len);
	assert_int_equal(fclose(file), 0);
}

/* Started, written to, killed, started: half of a change would show at the second start at the latest. */
static uint64_t what_is_left(const char *key)
{
	uint64_t seq;

	assert_true(start_server());
	seq = whole_journal();
	assert_true(append_on(link_to, key, STORE_OK));
	kill_server();
	assert_true(start_server());
	assert_int_equal(whole_journal(), seq + 1);
	kill_server();
	return seq;
}

static void a_torn_file_gives_a_prefix(void **unused)
{
	struct buf whole = { 0 };
	size_t known = 0, outcomes = 0;
	uint64_t seq = 0, last;

	(void)unused;
	for (unsigned i = 0; i < 20; i++)
		assert_true(append_on(link_to, arena_printf(&arena, "k-%u", i), STORE_OK));
	last = whole_journal();
	kill_server();
	assert_true(files_read(aof, AOF_MAX, &whole, &why));
	for (size_t cut = 0; cut <= TORN_BYTES; cut++) {
		size_t left;

		write_aof(span_from(whole.at, whole.len - cut));
		if (cut % 97 == 1)
			assert_false(start_server());
		left = mend();
		assert_true(left <= whole.len - cut);
		/* Most cuts are mended to the same file. */
		if (left != known) {
			seq = what_is_left("after-the-tear");
			outcomes++;
		}
		known = left;
		assert_int_equal(seq, cut == 0 ? last : last - 1);
	}
	assert_int_equal(outcomes, 2);
	buf_release(&whole);
}

/* --- what somebody changed by hand ---------------------------------------------------------------- */

static void say(const char *command)
{
	redisReply *reply = redisCommand(link_to, command);

	if (reply == NULL || reply->type == REDIS_REPLY_ERROR)
		fail_msg("%s: %s", command, reply != NULL ? reply->str : "no answer");
	freeReplyObject(reply);
}

static void a_journal_that_was_touched_takes_nothing_more(void **unused)
{
	static const char *const deeds[] = {
		"XADD {money}:journal 99-0 e forged",
		"XADD {money}:journal 5-5 e forged",
		"XDEL {money}:journal 5-0",
		"XDEL {money}:journal 2-0",
		"XTRIM {money}:journal MAXLEN 2",
		"DEL {money}:journal",
		"DEL {money}:head",
		"HSET {money}:head seq 4",
		"HSET {money}:head seq 6",
		"HSET {money}:head hash 00000000000000000000000000000000000000000000000000000000000000ff",
		"HSET {money}:head at 1",
		"HDEL {money}:head hash",
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(deeds) / sizeof(deeds[0]); i++) {
		struct store_money money = { .seq = 0 };
		struct store_request request = journal_append(&money);
		struct store_reply reply;

		say("FLUSHDB");
		for (unsigned k = 0; k < 5; k++)
			assert_true(append_on(link_to, arena_printf(&arena, "k-%u", k), STORE_OK));
		money = next_on(link_to, "k-next");
		say(deeds[i]);
		if (ask_on(link_to, &request, &reply))
			fail_msg("%s: verdict %d", deeds[i], reply.verdict);
	}
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, open_server, close_server)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(two_processes_never_get_the_same_number),
		TEST(of_two_with_the_same_head_exactly_one_wins),
		TEST(a_killed_server_forgets_nothing_acknowledged),
		TEST(a_torn_file_gives_a_prefix),
		TEST(a_journal_that_was_touched_takes_nothing_more),
	};

	signal(SIGPIPE, SIG_IGN); /* hiredis writes with write(2), and servers end here before they answer */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
