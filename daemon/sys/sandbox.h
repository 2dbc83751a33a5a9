/*
 * The sandbox of this process: which system calls it may still make, and which
 * files and peers it may reach, once all is open and before the first request.
 *
 * Calls are an allow list of libseccomp, for all threads and all children:
 * what is not in it fails with EPERM, or ends the process when the plan is
 * strict. No memory is ever writable and executable, nothing is traced, no
 * namespace is made, core dumps stay off. Files are a Landlock ruleset of this
 * thread and all that it starts, where the kernel has it.
 *
 * It cannot be taken off again.
 */
#ifndef TIPLINE_SYS_SANDBOX_H
#define TIPLINE_SYS_SANDBOX_H

#include "daemon/base/arena.h"
#include "daemon/base/complaint.h"

#include <stdbool.h>
#include <stddef.h>

enum sandbox_access {
	SANDBOX_READ,
	SANDBOX_WRITE,   /* and read, make, remove, rename below it */
	SANDBOX_RUN,     /* and read: a program, or what loads it */
};

struct sandbox_path {
	const char *path;             /* a file, or a directory with all below it; what is not there is passed over */
	enum sandbox_access access;
};

struct sandbox_plan {
	bool strict;
	bool network;                 /* may talk to other hosts; else Unix sockets alone */
	bool programs;                /* may start programs: those with SANDBOX_RUN where the kernel has Landlock */
	struct sandbox_path *paths;
	size_t npaths;
};

struct sandbox_state {
	bool calls;                   /* the allow list holds, for all threads */
	bool files;                   /* the ruleset holds for the thread that entered, and all it starts */
	bool network;                 /* as in the plan */
	bool programs;
	bool strict;
	unsigned landlock;            /* version of the kernel's interface; 0: it has none */
	unsigned threads_outside;     /* that ran before: the ruleset does not hold for them */
};

/*
 * Makes it hold. Where the kernel lacks Landlock, or has it without moving files
 * between directories (before 5.19), `state` says so and it is no failure unless
 * the plan is strict. False and `why`: nothing may be served. In a build with a
 * sanitizer it does nothing, says so in `state`, and is true.
 */
bool sandbox_enter(const struct sandbox_plan *plan, struct sandbox_state *state, struct complaint *why);

/* This build can have one: it has no sanitizer. */
bool sandbox_possible(void);

/* Version of Landlock in the kernel; 0: none. */
unsigned sandbox_landlock(void);

#endif
