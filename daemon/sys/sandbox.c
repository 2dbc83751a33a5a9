/*
 * The sandbox as a whole; see sandbox.h.
 */
#include "daemon/sys/sandbox_inside.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED true
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED true
#endif
#endif
#ifndef SANITIZED
#define SANITIZED false
#endif

bool sandbox_possible(void)
{
	return !SANITIZED;
}

static unsigned count_threads(void)
{
	DIR *dir = opendir("/proc/self/task");
	const struct dirent *entry;
	unsigned n = 0;

	while (dir != NULL && (entry = readdir(dir)) != NULL)
		n += entry->d_name[0] != '.';
	if (dir != NULL)
		closedir(dir);
	return n;
}

/* Again, although main() does it first: here it is what the rest stands on. */
static bool no_dumps(struct complaint *why)
{
	struct rlimit none = { 0, 0 };

	if (setrlimit(RLIMIT_CORE, &none) == 0 && prctl(PR_SET_DUMPABLE, 0) == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)
		return true;
	return complain(why, 0, "cannot give up core dumps and new rights: %s", strerror(errno));
}

static bool enter_files(const struct sandbox_plan *plan, struct sandbox_state *state, struct complaint *why)
{
	unsigned threads = count_threads();

	state->landlock = sandbox_landlock();
	if (state->landlock < SANDBOX_LANDLOCK_LEAST)
		return !plan->strict || complain(why, 0, "sandbox: strict wants Landlock, and this kernel has none that would do; use sandbox: on");
	state->threads_outside = threads > 1 ? threads - 1 : 0;
	state->files = sandbox_files_enter(plan, state->landlock, why);
	return state->files;
}

bool sandbox_enter(const struct sandbox_plan *plan, struct sandbox_state *state, struct complaint *why)
{
	*state = (struct sandbox_state){ .network = plan->network, .programs = plan->programs, .strict = plan->strict };
	if (SANITIZED)
		return true;
	/* Calls last: the list has none that would make a ruleset wider, and none is needed behind it. */
	if (!no_dumps(why) || !enter_files(plan, state, why))
		return false;
	state->calls = sandbox_calls_enter(plan, why);
	return state->calls;
}
