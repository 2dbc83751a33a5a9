/*
 * The private Redis: comes up, comes back, keeps what was acknowledged, mends
 * a torn file and says so, and never works beside another one.
 */
#include "daemon/base/buf.h"
#include "daemon/loop/loop.h"
#include "daemon/store/embedded.h"
#include "daemon/store/embedded_home.h"
#include "daemon/sys/files.h"
#include "daemon/sys/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <hiredis/hiredis.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char dir[400];
static struct loop *loop;
static struct embedded *embedded;
static struct complaint why;
static bool wanted_up;

static void stop_loop(void *ctx)
{
	(void)ctx;
	loop_stop(loop);
}

static void changed(void *ctx, bool up)
{
	(void)ctx;
	if (up == wanted_up)
		loop_stop(loop);
}

static int make_dir(void **state)
{
	(void)state;
	signal(SIGPIPE, SIG_IGN); /* hiredis writes with write(2) */
	log_open(LOG_LEVEL_ERROR, false);
	snprintf(dir, sizeof(dir), "/tmp/tipline-embedded-XXXXXX");
	return mkdtemp(dir) == NULL;
}

static int remove_dir(void **state)
{
	char command[500];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %.28s", dir);
	return system(command);
}

static void wait_until(bool up)
{
	struct loop_timer *limit = loop_after(loop, 120000, stop_loop, NULL);

	wanted_up = up;
	loop_run(loop);
	assert_int_equal(embedded_up(embedded), up);
	loop_timer_cancel(limit);
}

static void start(void)
{
	struct embedded_plan plan = { .state_dir = dir, .changed = changed };

	loop = loop_new();
	embedded = embedded_start(loop, &plan, &why);
	if (embedded == NULL)
		fail_msg("%s", why.text);
	wait_until(true);
}

static void stop(void)
{
	embedded_stop(embedded);
	loop_free(loop);
}

/* The text of one command's answer. */
static const char *ask(const char *command)
{
	static char text[300];
	redisContext *redis = redisConnectUnix(embedded_address(embedded) + strlen("unix:"));
	redisReply *reply;

	assert_non_null(redis);
	assert_int_equal(redis->err, 0);
	reply = redisCommand(redis, command);
	assert_non_null(reply);
	if (reply->type == REDIS_REPLY_ARRAY && reply->elements == 2)
		snprintf(text, sizeof(text), "%s", reply->element[1]->str);
	else
		snprintf(text, sizeof(text), "%s", reply->str != NULL ? reply->str : "(nil)");
	freeReplyObject(reply);
	redisFree(redis);
	return text;
}

static void it_runs_with_the_durable_settings(void **state)
{
	struct stat st;
	pid_t pid;

	(void)state;
	start();
	pid = embedded_pid(embedded);
	assert_true(pid > 0);
	assert_string_equal(ask("CONFIG GET appendonly"), "yes");
	assert_string_equal(ask("CONFIG GET appendfsync"), "always");
	assert_string_equal(ask("CONFIG GET aof-load-truncated"), "no");
	assert_string_equal(ask("CONFIG GET maxmemory-policy"), "noeviction");
	assert_string_equal(ask("CONFIG GET no-appendfsync-on-rewrite"), "no");
	assert_string_equal(ask("CONFIG GET save"), "");
	assert_string_equal(ask("CONFIG GET port"), "0");
	assert_int_equal(stat(embedded_address(embedded) + strlen("unix:"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	stop();
	assert_int_equal(kill(pid, 0), -1);
}

static void what_was_acknowledged_survives_every_end(void **state)
{
	(void)state;
	start();
	assert_string_equal(ask("SET a 1"), "OK");
	kill(embedded_pid(embedded), SIGKILL);
	wait_until(false);
	assert_int_equal(embedded_pid(embedded), 0);
	wait_until(true);
	assert_int_equal(embedded_starts(embedded), 2);
	assert_int_equal(embedded_mends(embedded), 0);
	assert_string_equal(ask("GET a"), "1");
	assert_string_equal(ask("SET b 2"), "OK");
	stop();
	start();
	assert_string_equal(ask("GET a"), "1");
	assert_string_equal(ask("GET b"), "2");
	stop();
}

static void in_dir(char path[700], const char *name)
{
	snprintf(path, 700, "%s/redis/%s", dir, name);
}

static off_t size_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? st.st_size : -1;
}

/* The kept torn end's size; -1: there is none. */
static off_t kept_bytes(void)
{
	char path[700];
	struct dirent *entry;
	off_t size = -1;
	DIR *all;

	in_dir(path, "");
	all = opendir(path);
	while ((entry = readdir(all)) != NULL) {
		if (strncmp(entry->d_name, "torn-", 5) != 0)
			continue;
		in_dir(path, entry->d_name);
		size = size_of(path);
	}
	closedir(all);
	return size;
}

static void a_torn_end_is_kept_aside_and_cut(void **state)
{
	char path[700];
	off_t whole, torn;

	(void)state;
	start();
	assert_string_equal(ask("SET a 1"), "OK");
	in_dir(path, "appendonlydir/appendonly.aof.1.incr.aof");
	whole = size_of(path);
	assert_string_equal(ask("SET b 2"), "OK");
	stop();
	/* As after a power cut in the middle of a write that nobody was told of. */
	torn = size_of(path) - 3;
	assert_int_equal(truncate(path, torn), 0);
	start();
	assert_int_equal(embedded_mends(embedded), 1);
	assert_string_equal(ask("GET a"), "1");
	assert_string_equal(ask("GET b"), "(nil)");
	assert_int_equal(kept_bytes(), torn - whole);
	stop();
}

static void a_transaction_is_cut_as_a_whole(void **state)
{
	static const char half[] = "*1\r\n$5\r\nMULTI\r\n*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n9\r\n";
	char path[700];

	(void)state;
	start();
	assert_string_equal(ask("SET a 1"), "OK");
	stop();
	in_dir(path, "appendonlydir/appendonly.aof.1.incr.aof");
	assert_true(files_append(path, SPAN(half), 0600, &why));
	start();
	assert_string_equal(ask("GET a"), "1");
	assert_int_equal(embedded_mends(embedded), 1);
	assert_int_equal(kept_bytes(), (off_t)strlen(half));
	stop();
}

/* A Redis in the directory that holds its lock, as a killed daemon leaves it. */
static pid_t leave_behind(void)
{
	char lock_path[700], redis_dir[700];
	pid_t pid;

	in_dir(lock_path, "lock");
	in_dir(redis_dir, "");
	pid = fork();
	if (pid == 0) {
		int lock = open(lock_path, O_RDWR | O_CREAT, 0600);

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (lock < 0 || flock(lock, LOCK_EX | LOCK_NB) != 0 || chdir(redis_dir) != 0)
			_exit(1);
		execlp("redis-server", "redis-server", "redis.conf", "--loglevel", "warning", NULL);
		_exit(1);
	}
	return pid;
}

static void one_that_was_left_behind_is_ended_first(void **state)
{
	pid_t left;
	int status;

	(void)state;
	start();
	assert_string_equal(ask("SET a 1"), "OK");
	stop();
	left = leave_behind();
	/* Until it has the lock: then the next one has to wait for it. */
	for (;;) {
		char path[700];
		int lock;
		bool held;

		in_dir(path, "lock");
		lock = open(path, O_RDWR);
		held = flock(lock, LOCK_EX | LOCK_NB) != 0;
		close(lock);
		if (held)
			break;
		usleep(1000);
	}
	start();
	/* Its lock is free a moment before it is dead. */
	for (int i = 0; waitpid(left, &status, WNOHANG) != left; i++) {
		assert_true(i < 60000);
		usleep(1000);
	}
	assert_string_equal(ask("GET a"), "1");
	stop();
}

static void a_long_path_gets_a_short_socket(void **state)
{
	(void)state;
	snprintf(dir + strlen(dir), sizeof(dir) - strlen(dir), "/%0120d", 7);
	assert_true(files_make_dir(dir, &why));
	start();
	assert_true(strlen(embedded_address(embedded)) < 100);
	assert_string_equal(ask("PING"), "PONG");
	stop();
}

static void tears_are_read_from_what_the_check_says(void **state)
{
	struct embedded_tear tear = { 0 };

	(void)state;
	assert_true(embedded_tear_parse(SPAN("AOF analyzed: filename=a.1.incr.aof, size=132, ok_up_to=108, "
					     "ok_up_to_line=32, diff=24"),
					&tear));
	assert_string_equal(tear.file, "a.1.incr.aof");
	assert_int_equal(tear.whole_bytes, 108);
	assert_int_equal(tear.torn_bytes, 24);
	assert_false(embedded_tear_parse(SPAN("AOF analyzed: filename=a, size=1, ok_up_to=1, ok_up_to_line=1, diff=0"),
					 &tear));
	assert_false(embedded_tear_parse(SPAN("AOF analyzed: filename=../a, size=1, ok_up_to=0, ok_up_to_line=1, diff=1"),
					 &tear));
	assert_false(embedded_tear_parse(SPAN("AOF analyzed: filename=a"), &tear));
	assert_false(embedded_tear_parse(SPAN(""), &tear));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, make_dir, remove_dir)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(it_runs_with_the_durable_settings),
		TEST(what_was_acknowledged_survives_every_end),
		TEST(a_torn_end_is_kept_aside_and_cut),
		TEST(a_transaction_is_cut_as_a_whole),
		TEST(one_that_was_left_behind_is_ended_first),
		TEST(a_long_path_gets_a_short_socket),
		cmocka_unit_test(tears_are_read_from_what_the_check_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
