/*
 * In the sandbox what has to fail fails, and what is needed works. Each try
 * runs in a child of its own, because nobody comes out again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "daemon/sys/sandbox.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define WELL 0
#define NOT_ENTERED 99

static char dir[] = "/tmp/tipline-sandbox-XXXXXX";
static char inside[128], other[128], outside[128];
static struct sandbox_path paths[4];
static pid_t parent;

static int make_dir(void **state)
{
	(void)state;
	if (mkdtemp(dir) == NULL)
		return -1;
	snprintf(inside, sizeof(inside), "%s/in", dir);
	snprintf(other, sizeof(other), "%s/in/deeper", dir);
	snprintf(outside, sizeof(outside), "%s/out", dir);
	paths[0] = (struct sandbox_path){ .path = inside, .access = SANDBOX_WRITE };
	paths[1] = (struct sandbox_path){ .path = "/proc", .access = SANDBOX_READ };
	paths[2] = (struct sandbox_path){ .path = "/tmp/tipline-not-there", .access = SANDBOX_READ };
	parent = getpid();
	return mkdir(inside, 0700) | mkdir(other, 0700) | mkdir(outside, 0700);
}

static int remove_dir(void **state)
{
	(void)state;
	return rmdir(other) | rmdir(inside) | rmdir(outside) | rmdir(dir);
}

/* The exit status of the try within the sandbox; 128 and the signal when one ended it. */
static int within(struct sandbox_plan plan, int (*attempt)(void))
{
	struct sandbox_state entered;
	struct complaint why = { .text = "" };
	int status;
	pid_t child;

	plan.paths = paths;
	plan.npaths = 3;
	child = fork();
	if (child == 0) {
		if (!sandbox_enter(&plan, &entered, &why) || !entered.calls) {
			fprintf(stderr, "%s\n", why.text);
			_exit(NOT_ENTERED);
		}
		_exit(attempt());
	}
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static bool landlock(void)
{
	return sandbox_landlock() >= 2;
}

/* --- what must fail: each returns errno -------------------------------------------------- */

static int failing(long result)
{
	return result < 0 ? errno : WELL;
}

static int try_exec(void)
{
	char *const argv[] = { (char[]){ "true" }, NULL };

	execv("/bin/true", argv);
	return errno;
}

static int try_passwd(void)
{
	return failing(open("/etc/passwd", O_RDONLY));
}

static int try_passwd_round(void)
{
	return failing(open("/proc/self/root/etc/passwd", O_RDONLY));
}

static int try_write_outside(void)
{
	char path[160];

	snprintf(path, sizeof(path), "%s/x", outside);
	return failing(open(path, O_WRONLY | O_CREAT, 0600));
}

static int try_ptrace(void)
{
	return failing(ptrace(PTRACE_ATTACH, parent, NULL, NULL));
}

static int try_memory_of_other(void)
{
	return failing(syscall(SYS_process_vm_readv, parent, NULL, 0, NULL, 0, 0));
}

static int try_tcp(void)
{
	return failing(socket(AF_INET, SOCK_STREAM, 0));
}

static int try_packet(void)
{
	return failing(socket(AF_PACKET, SOCK_RAW, 0));
}

static int try_writable_code(void)
{
	void *at = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return at == MAP_FAILED ? errno : WELL;
}

static int try_code_of_data(void)
{
	void *at = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return at == MAP_FAILED ? NOT_ENTERED : failing(mprotect(at, 4096, PROT_READ | PROT_EXEC));
}

static int try_dumpable(void)
{
	return failing(prctl(PR_SET_DUMPABLE, 1));
}

static int try_core_limit(void)
{
	struct rlimit some = { 4096, 4096 };

	return failing(setrlimit(RLIMIT_CORE, &some));
}

static int try_unshare(void)
{
	return failing(unshare(CLONE_NEWUSER));
}

static int try_mount(void)
{
	return failing(syscall(SYS_mount, "none", "/tmp", "tmpfs", 0, NULL));
}

static int try_keyring(void)
{
	return failing(syscall(SYS_keyctl, 0, 0, 0, 0, 0));
}

static int try_bpf(void)
{
	return failing(syscall(SYS_bpf, 0, NULL, 0));
}

static int try_uring(void)
{
	return failing(syscall(SYS_io_uring_setup, 1, NULL));
}

static int try_listen(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	return fd < 0 ? NOT_ENTERED : failing(listen(fd, 1));
}

static int try_signal(void)
{
	return failing(kill(parent, 0));
}

/* The filter reaches threads that ran before it. */
static int in_thread_errno;

static void *exec_in_thread(void *arg)
{
	(void)arg;
	in_thread_errno = try_exec();
	return NULL;
}

static int try_in_thread(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, exec_in_thread, NULL) != 0 || pthread_join(thread, NULL) != 0)
		return NOT_ENTERED;
	return in_thread_errno;
}

static void what_must_fail_fails(void **state)
{
	static const struct {
		const char *name;
		int (*attempt)(void);
		int error;
		unsigned landlock; /* least version; 0: by the list of calls */
	} tries[] = {
		{ .name = "exec", .attempt = try_exec, .error = EPERM },
		{ .name = "exec in a thread", .attempt = try_in_thread, .error = EPERM },
		{ .name = "passwd", .attempt = try_passwd, .error = EACCES, .landlock = 2 },
		{ .name = "passwd by proc", .attempt = try_passwd_round, .error = EACCES, .landlock = 2 },
		{ .name = "write outside", .attempt = try_write_outside, .error = EACCES, .landlock = 2 },
		{ .name = "ptrace", .attempt = try_ptrace, .error = EPERM },
		{ .name = "memory of others", .attempt = try_memory_of_other, .error = EPERM },
		{ .name = "tcp", .attempt = try_tcp, .error = EPERM },
		{ .name = "packets", .attempt = try_packet, .error = EPERM },
		{ .name = "writable code", .attempt = try_writable_code, .error = EPERM },
		{ .name = "code of data", .attempt = try_code_of_data, .error = EPERM },
		{ .name = "dumpable", .attempt = try_dumpable, .error = EPERM },
		{ .name = "core limit", .attempt = try_core_limit, .error = EPERM },
		{ .name = "unshare", .attempt = try_unshare, .error = EPERM },
		{ .name = "mount", .attempt = try_mount, .error = EPERM },
		{ .name = "keyring", .attempt = try_keyring, .error = EPERM },
		{ .name = "bpf", .attempt = try_bpf, .error = EPERM },
		{ .name = "io_uring", .attempt = try_uring, .error = EPERM },
		{ .name = "listen", .attempt = try_listen, .error = EPERM },
		{ .name = "signal to others", .attempt = try_signal, .error = EPERM, .landlock = 6 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(tries); i++) {
		int error;

		if (tries[i].landlock > sandbox_landlock())
			continue;
		error = within((struct sandbox_plan){ .strict = false }, tries[i].attempt);
		if (error != tries[i].error)
			fail_msg("%s: %d, not %d", tries[i].name, error, tries[i].error);
	}
}

static void strict_ends_the_process(void **state)
{
	(void)state;
	if (!landlock())
		skip();
	assert_int_equal(within((struct sandbox_plan){ .strict = true }, try_exec), 128 + SIGSYS);
	assert_int_equal(within((struct sandbox_plan){ .strict = true }, try_tcp), 128 + SIGSYS);
}

/* --- what is needed ----------------------------------------------------------------------- */

static int use_files(void)
{
	char from[160], to[160];
	int fd;

	snprintf(from, sizeof(from), "%s/a", inside);
	snprintf(to, sizeof(to), "%s/b", other);
	fd = open(from, O_WRONLY | O_CREAT | O_EXCL, 0600);
	if (fd < 0 || write(fd, "x", 1) != 1 || ftruncate(fd, 0) != 0 || fdatasync(fd) != 0 || close(fd) != 0)
		return errno;
	if (rename(from, to) != 0 || unlink(to) != 0)
		return errno;
	return failing(open("/proc/self/statm", O_RDONLY));
}

static int use_threads(void)
{
	in_thread_errno = WELL;
	return try_in_thread() == EPERM ? WELL : NOT_ENTERED;
}

static int use_tcp(void)
{
	const struct sockaddr_in nobody = { .sin_family = AF_INET, .sin_port = htons(1), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0)
		return errno;
	if (connect(fd, (const struct sockaddr *)&nobody, sizeof(nobody)) == 0 || errno == ECONNREFUSED)
		return WELL;
	return errno;
}

static int use_child(void)
{
	int status;
	pid_t child = fork();

	if (child == 0)
		_exit(try_exec() == EPERM ? WELL : 1);
	return child > 0 && waitpid(child, &status, 0) == child && status == 0 ? WELL : NOT_ENTERED;
}

static void what_is_needed_works(void **state)
{
	const struct sandbox_plan closed = { .strict = false }, open = { .network = true };

	(void)state;
	assert_int_equal(within(closed, use_files), WELL);
	assert_int_equal(within(closed, use_threads), WELL);
	assert_int_equal(within(closed, use_child), WELL);
	assert_int_equal(within(open, use_tcp), WELL);
}

static int run_true(void)
{
	int status;
	pid_t child = fork();

	if (child == 0)
		_exit(try_exec());
	return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status) : NOT_ENTERED;
}

/* Programs: those of the plan, and their loader; with Landlock no other. */
static void programs_are_those_of_the_plan(void **state)
{
	const struct sandbox_plan plan = { .programs = true };

	(void)state;
	if (!landlock())
		skip();
	assert_int_equal(within(plan, run_true), EACCES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_must_fail_fails),
		cmocka_unit_test(strict_ends_the_process),
		cmocka_unit_test(what_is_needed_works),
		cmocka_unit_test(programs_are_those_of_the_plan),
	};

	if (!sandbox_possible()) {
		puts("a build with a sanitizer has no sandbox");
		return 0;
	}
	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
