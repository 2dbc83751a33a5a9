/*
 * Child processes: told once how they ended, all they said before that, and
 * nothing inherited that they should not have.
 */
#include "daemon/base/buf.h"
#include "daemon/loop/child.h"
#include "daemon/loop/loop.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

static struct loop *loop;
static struct buf said;
static int status;
static unsigned ends;

static void note_line(void *ctx, struct span line)
{
	(void)ctx;
	assert_int_equal(ends, 0);
	buf_add_span(&said, line);
	buf_add_byte(&said, '|');
}

static void note_end(void *ctx, int how)
{
	(void)ctx;
	status = how;
	ends++;
	loop_stop(loop);
}

static void too_long(void *ctx)
{
	(void)ctx;
	loop_stop(loop);
}

static int open_loop(void **state)
{
	(void)state;
	loop = loop_new();
	ends = 0;
	status = -1;
	return 0;
}

static int close_loop(void **state)
{
	(void)state;
	loop_free(loop);
	buf_release(&said);
	return 0;
}

static struct child_plan plan_of(const char *const *argv)
{
	return (struct child_plan){ .argv = argv, .keep_fd = -1, .line = note_line, .ended = note_end };
}

/* Runs until the child has ended; a test that hangs fails after two minutes. */
static void run(const struct child_plan *plan)
{
	struct complaint why = { 0 };

	assert_non_null(child_start(loop, plan, &why));
	loop_after(loop, 120000, too_long, NULL);
	loop_run(loop);
	assert_int_equal(ends, 1);
}

static void run_shell(const char *script)
{
	const char *const argv[] = { "sh", "-c", script, NULL };
	struct child_plan plan = plan_of(argv);

	run(&plan);
}

static void assert_said(const char *text)
{
	buf_add_byte(&said, '\0');
	assert_string_equal(said.at, text);
}

static void lines_come_before_the_end(void **state)
{
	(void)state;
	run_shell("echo one; echo two >&2; echo; printf three; exit 3");
	assert_said("one|two||three|");
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 3);
}

static void much_output_is_whole(void **state)
{
	(void)state;
	run_shell("i=0; while [ $i -lt 20000 ]; do echo 123456789; i=$((i+1)); done");
	assert_int_equal(said.len, 200000);
}

static void long_lines_are_cut(void **state)
{
	(void)state;
	run_shell("head -c 10000 /dev/zero | tr '\\0' x");
	assert_int_equal(said.len, 10000 + 3);
}

static void input_is_given_whole(void **state)
{
	static const char *const argv[] = { "cat", NULL };
	struct child_plan plan = plan_of(argv);

	(void)state;
	plan.input = "y\nand more";
	run(&plan);
	assert_said("y|and more|");
}

static void the_world_is_bare(void **state)
{
	static const char *const argv[] = { "sh", "-c", "pwd; umask; cat; echo \"${SECRET-none}\"; ls /proc/self/fd | tr '\\n' ' '",
					    NULL };
	struct child_plan plan = plan_of(argv);
	int open_one = open("/dev/null", O_RDONLY);

	(void)state;
	setenv("SECRET", "canary", 1);
	plan.dir = "/usr";
	run(&plan);
	/* ls has the directory itself open as 3. */
	assert_said("/usr|0077|none|0 1 2 3 |");
	close(open_one);
}

static void signals_are_as_at_birth(void **state)
{
	sigset_t all;

	(void)state;
	sigfillset(&all);
	signal(SIGPIPE, SIG_IGN);
	sigprocmask(SIG_BLOCK, &all, NULL);
	/* Signals 1 to 28; 32 and 33 are the C library's own, which make leaves ignored and nobody can set. */
	run_shell("sed -nE 's/^(SigBlk|SigIgn):.*([0-9a-f]{7})$/\\1 \\2/p' /proc/self/status");
	sigprocmask(SIG_UNBLOCK, &all, NULL);
	assert_said("SigBlk 0000000|SigIgn 0000000|");
}

static void a_kept_descriptor_holds_its_lock(void **state)
{
	static const char *const argv[] = { "sleep", "60", NULL };
	char path[] = "/tmp/tipline-child-XXXXXX";
	struct child_plan plan = plan_of(argv);
	struct complaint why = { 0 };
	struct child *child;
	int lock = mkstemp(path), again = open(path, O_RDWR | O_CLOEXEC);

	(void)state;
	assert_int_equal(flock(lock, LOCK_EX | LOCK_NB), 0);
	plan.keep_fd = lock;
	child = child_start(loop, &plan, &why);
	assert_non_null(child);
	close(lock);
	assert_int_equal(flock(again, LOCK_EX | LOCK_NB), -1);
	child_signal(child, SIGKILL);
	loop_run(loop);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	assert_int_equal(flock(again, LOCK_EX | LOCK_NB), 0);
	close(again);
	unlink(path);
}

static void what_cannot_start_is_told(void **state)
{
	static const char *const missing[] = { "no-such-program-here", NULL }, *const fine[] = { "true", NULL };
	struct child_plan plan = plan_of(missing);
	struct complaint why = { 0 };

	(void)state;
	assert_null(child_start(loop, &plan, &why));
	assert_non_null(strstr(why.text, "no-such-program-here: No such file"));
	plan = plan_of(fine);
	plan.dir = "/no/such/directory";
	assert_null(child_start(loop, &plan, &why));
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void stop_ends_also_the_stubborn(void **state)
{
	static const char *const argv[] = { "sh", "-c", "trap '' TERM; echo ready; while :; do sleep 1; done", NULL };
	struct child_plan plan = plan_of(argv);
	struct complaint why = { 0 };
	struct child *child = child_start(loop, &plan, &why);
	pid_t pid = child_pid(child);

	(void)state;
	while (said.len == 0) {
		loop_after(loop, 5, too_long, NULL);
		loop_run(loop);
	}
	child_stop(child, 50);
	assert_int_equal(kill(pid, 0), -1);
	assert_int_equal(ends, 0);
}

/* Without an init that reaps, a dead orphan stays as a zombie. */
static bool alive(pid_t pid)
{
	char path[64], text[512] = "";
	ssize_t n = 0;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return false;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	return n > 0 && strstr(text, ") Z ") == NULL;
}

static void it_dies_with_its_parent(void **state)
{
	int pipe_ends[2];
	pid_t parent, orphan;

	(void)state;
	assert_int_equal(pipe2(pipe_ends, O_CLOEXEC), 0);
	parent = fork();
	if (parent == 0) {
		struct child_plan plan = plan_of((const char *const[]){ "sleep", "60", NULL });
		struct complaint why;
		struct child *child = child_start(loop, &plan, &why);
		pid_t pid = child_pid(child);

		if (write(pipe_ends[1], &pid, sizeof(pid)) != sizeof(pid))
			_exit(1);
		pause();
	}
	assert_int_equal(read(pipe_ends[0], &orphan, sizeof(orphan)), sizeof(orphan));
	kill(parent, SIGKILL);
	waitpid(parent, NULL, 0);
	for (int i = 0; alive(orphan); i++) {
		assert_true(i < 60000);
		usleep(1000);
	}
	close(pipe_ends[0]);
	close(pipe_ends[1]);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, open_loop, close_loop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(lines_come_before_the_end),
		TEST(much_output_is_whole),
		TEST(long_lines_are_cut),
		TEST(input_is_given_whole),
		TEST(the_world_is_bare),
		TEST(signals_are_as_at_birth),
		TEST(a_kept_descriptor_holds_its_lock),
		TEST(what_cannot_start_is_told),
		TEST(stop_ends_also_the_stubborn),
		TEST(it_dies_with_its_parent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
