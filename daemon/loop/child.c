/*
 * Child processes; see child.h.
 */
#include "daemon/loop/child.h"

#include "daemon/base/buf.h"
#include "daemon/loop/loop.h"
#include "daemon/sys/clock.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define LINE_MAX_BYTES 4096
#define INPUT_MAX 4096
#define KEPT_FD 3

struct child {
	struct loop *loop;
	struct child_plan plan;
	pid_t pid;
	int pidfd;
	int output;            /* read end of its output */
	struct event *on_end;
	struct event *on_output;
	struct buf partial;    /* line without its end so far */
	int status;
	bool reaped;
	bool dropped;          /* child_stop() came between the end and its telling */
};

/* --- in the child, between fork and exec ------------------------------------- */

struct launch {
	int input;
	int output;
	int error;             /* errno of what failed goes here; closed by exec */
	pid_t parent;
	char *path_setting;    /* "PATH=..." */
};

static void reset_signals(void)
{
	sigset_t none;

	for (int s = 1; s < NSIG; s++)
		signal(s, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Descriptors 0 to 2, the kept one as 3, and all others closed on exec. False on failure. */
static bool arrange_descriptors(const struct launch *launch, int keep_fd)
{
	unsigned first = KEPT_FD;

	if (dup2(launch->input, 0) < 0 || dup2(launch->output, 1) < 0 || dup2(launch->output, 2) < 0)
		return false;
	if (keep_fd >= 0) {
		first = KEPT_FD + 1;
		/* dup2() onto itself would leave it to be closed on exec. */
		if (keep_fd == KEPT_FD ? fcntl(KEPT_FD, F_SETFD, 0) < 0 : dup2(keep_fd, KEPT_FD) < 0)
			return false;
	}
	return close_range(first, ~0U, CLOSE_RANGE_CLOEXEC) == 0;
}

static _Noreturn void become(const struct child_plan *plan, const struct launch *launch)
{
	char *environment[] = { launch->path_setting, (char[]){ "LC_ALL=C.UTF-8" }, NULL };
	union {
		const char *const *plan;
		char *const *exec;
	} argv = { .plan = plan->argv };
	int error = launch->error;

	setpgid(0, 0);
	umask(077);
	reset_signals();
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	/* The parent may have died before the line above. */
	if (getppid() == launch->parent && (plan->dir == NULL || chdir(plan->dir) == 0) &&
	    (error = fcntl(launch->error, F_DUPFD_CLOEXEC, KEPT_FD + 1)) >= 0 &&
	    arrange_descriptors(launch, plan->keep_fd))
		execvpe(argv.exec[0], argv.exec, environment);
	if (write(error, &errno, sizeof(errno)) < 0)
		_exit(126);
	_exit(127);
}

/* --- starting ------------------------------------------------------------------ */

/* A pipe that already holds the whole input, or /dev/null. */
static int open_input(const char *input)
{
	size_t len = input != NULL ? strlen(input) : 0;
	int ends[2];

	if (len == 0)
		return open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (len > INPUT_MAX || pipe2(ends, O_CLOEXEC) != 0)
		return -1;
	if (write(ends[1], input, len) != (ssize_t)len) {
		close(ends[0]);
		ends[0] = -1;
	}
	close(ends[1]);
	return ends[0];
}

static void close_if(int fd)
{
	if (fd >= 0)
		close(fd);
}

/* Waits for exec: true when it came, else errno of what failed before it. */
static bool exec_came(int error_pipe, int *error)
{
	ssize_t n;

	do
		n = read(error_pipe, error, sizeof(*error));
	while (n < 0 && errno == EINTR);
	return n == 0;
}

/* Forks; fills pid. False with errno set. */
static bool launch(struct child *child, int input, int output)
{
	struct launch launch = { .input = input, .output = output, .parent = getpid() };
	const char *path = getenv("PATH");
	int error[2], code = 0;
	bool well;

	if (pipe2(error, O_CLOEXEC) != 0)
		return false;
	if (asprintf(&launch.path_setting, "PATH=%s", path != NULL ? path : "/usr/bin:/bin") < 0)
		abort();
	launch.error = error[1];
	child->pid = fork();
	if (child->pid == 0)
		become(&child->plan, &launch);
	free(launch.path_setting);
	close(error[1]);
	well = child->pid > 0 && exec_came(error[0], &code);
	close(error[0]);
	if (well)
		return true;
	if (child->pid > 0)
		waitpid(child->pid, NULL, 0);
	errno = code != 0 ? code : errno;
	return false;
}

/* --- what comes from it ----------------------------------------------------------- */

static void give_line(struct child *child, struct span line)
{
	if (child->plan.line != NULL)
		child->plan.line(child->plan.ctx, line);
}

static void give_lines(struct child *child)
{
	struct span all = buf_span(&child->partial);
	size_t used = 0;

	while (used < all.len) {
		struct span rest = span_from_offset(all, used);
		const char *end = memchr(rest.at, '\n', rest.len);

		if (end == NULL && rest.len < LINE_MAX_BYTES)
			break;
		if (end != NULL)
			rest.len = (size_t)(end - rest.at);
		else
			rest.len = LINE_MAX_BYTES;
		give_line(child, rest);
		used += rest.len + (end != NULL);
	}
	buf_drop(&child->partial, used);
}

/* Reads what is there. False at the end of the output. */
static bool read_output(struct child *child)
{
	for (;;) {
		ssize_t n = read(child->output, buf_reserve(&child->partial, LINE_MAX_BYTES), LINE_MAX_BYTES);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 && errno == EAGAIN;
		child->partial.len += (size_t)n;
		give_lines(child);
	}
}

static void output_came(evutil_socket_t fd, short what, void *arg)
{
	struct child *child = arg;

	(void)fd;
	(void)what;
	if (!read_output(child))
		event_del(child->on_output);
}

static void child_release(struct child *child)
{
	event_free(child->on_end);
	event_free(child->on_output);
	close(child->pidfd);
	close(child->output);
	buf_release(&child->partial);
	free(child);
}

static void tell_end(void *arg)
{
	struct child *child = arg;
	struct child_plan plan = child->plan;
	int status = child->status;
	bool dropped = child->dropped;

	if (!dropped) {
		read_output(child);
		if (child->partial.len > 0)
			give_line(child, buf_span(&child->partial));
	}
	child_release(child);
	if (!dropped && plan.ended != NULL)
		plan.ended(plan.ctx, status);
}

static void end_came(evutil_socket_t fd, short what, void *arg)
{
	struct child *child = arg;

	(void)fd;
	(void)what;
	if (waitpid(child->pid, &child->status, WNOHANG) != child->pid)
		return;
	child->reaped = true;
	event_del(child->on_end);
	loop_post(child->loop, tell_end, child);
}

static void watch(struct child *child)
{
	struct event_base *base = loop_base(child->loop);

	child->on_end = event_new(base, child->pidfd, EV_READ | EV_PERSIST, end_came, child);
	child->on_output = event_new(base, child->output, EV_READ | EV_PERSIST, output_came, child);
	if (child->on_end == NULL || child->on_output == NULL || event_add(child->on_end, NULL) != 0 ||
	    event_add(child->on_output, NULL) != 0)
		abort();
}

struct child *child_start(struct loop *loop, const struct child_plan *plan, struct complaint *why)
{
	struct child *child = calloc(1, sizeof(*child));
	int output[2] = { -1, -1 };
	int input = open_input(plan->input);
	bool well;

	if (child == NULL)
		abort();
	child->loop = loop;
	child->plan = *plan;
	/* Our end alone must not block: a child whose output is lost when the pipe is full would be worse. */
	well = input >= 0 && pipe2(output, O_CLOEXEC) == 0 && fcntl(output[0], F_SETFL, O_NONBLOCK) == 0 &&
	       launch(child, input, output[1]);
	if (!well)
		complain(why, 0, "cannot start %s: %s", plan->argv[0], strerror(errno));
	close_if(input);
	close_if(output[1]);
	if (!well) {
		close_if(output[0]);
		free(child);
		return NULL;
	}
	child->plan.argv = NULL;
	child->output = output[0];
	child->pidfd = (int)syscall(SYS_pidfd_open, child->pid, 0);
	if (child->pidfd < 0)
		abort();
	watch(child);
	return child;
}

pid_t child_pid(const struct child *child)
{
	return child->pid;
}

void child_signal(struct child *child, int signal)
{
	if (!child->reaped)
		kill(child->pid, signal);
}

/* True when it ended within the time; reaps it then. */
static bool wait_end(struct child *child, unsigned ms)
{
	uint64_t until = clock_steady_ms() + ms;
	struct pollfd end = { .fd = child->pidfd, .events = POLLIN };

	for (;;) {
		uint64_t now = clock_steady_ms();

		if (waitpid(child->pid, &child->status, WNOHANG) == child->pid)
			return true;
		if (now >= until)
			return false;
		poll(&end, 1, (int)(until - now));
	}
}

void child_stop(struct child *child, unsigned grace_ms)
{
	if (child->reaped) {
		/* The telling is on its way; it frees the child. */
		child->dropped = true;
		return;
	}
	kill(child->pid, SIGTERM);
	if (!wait_end(child, grace_ms)) {
		kill(child->pid, SIGKILL);
		waitpid(child->pid, &child->status, 0);
	}
	child_release(child);
}

void child_status_text(int status, char text[64])
{
	if (WIFEXITED(status))
		snprintf(text, 64, "exited with status %d", WEXITSTATUS(status));
	else if (WIFSIGNALED(status))
		snprintf(text, 64, "killed by signal %d (%.30s)", WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		snprintf(text, 64, "ended with wait status %d", status);
}
