/*
 * A child process of the daemon: started, listened to, ended with it.
 *
 * The child runs in a process group of its own (a Ctrl-C at the terminal is
 * for the daemon alone), with a bare environment, no descriptors but 0, 1, 2
 * and the one it is given, and gets SIGTERM when the daemon dies. Its end is
 * seen through a pidfd, so nobody has to share SIGCHLD.
 */
#ifndef TIPLINE_LOOP_CHILD_H
#define TIPLINE_LOOP_CHILD_H

#include "daemon/base/complaint.h"
#include "daemon/base/span.h"

#include <sys/types.h>

struct loop;
struct child;

struct child_plan {
	const char *const *argv;   /* ended by NULL; argv[0] is looked for in PATH */
	const char *dir;           /* working directory; NULL: that of the daemon */
	const char *input;         /* all it gets to read, up to 4096 bytes; NULL: nothing */
	int keep_fd;               /* a copy stays open in the child as descriptor 3; -1: none */
	/* Each line of output and errors, without its end; cut at 4096 bytes. NULL: dropped. */
	void (*line)(void *ctx, struct span line);
	/* Once, from the post queue, after the last line. `status` as of waitpid(). The child is gone then. */
	void (*ended)(void *ctx, int status);
	void *ctx;
};

/* NULL and `why` when it could not be started; nothing is called then. */
struct child *child_start(struct loop *loop, const struct child_plan *plan, struct complaint *why);

pid_t child_pid(const struct child *child);

/* Sends a signal; ignored when the child has ended. */
void child_signal(struct child *child, int signal);

/*
 * Ends the child outside the loop: SIGTERM, waits up to `grace_ms`, SIGKILL,
 * reaps and frees. ended() is not called. Blocks; for the way out only.
 */
void child_stop(struct child *child, unsigned grace_ms);

/* "exited with status 1", "killed by signal 9 (Killed)" */
void child_status_text(int status, char text[64]);

#endif
