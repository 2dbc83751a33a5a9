/*
 * The allow list of system calls, by what they are for. A name that this
 * architecture or library does not know is passed over.
 *
 * Beyond the list: what a program needs to be started and a Redis to run
 * (plan.programs); sockets by their family; and calls of which only some
 * arguments are harmless.
 */
#include "daemon/base/table.h"
#include "daemon/sys/sandbox_inside.h"

#include <errno.h>
#include <linux/sched.h>
#include <seccomp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <termios.h>

#define PR_NAME_MEMORY 0x53564d41   /* PR_SET_VMA, newer than some headers */

static const char *const plain[] = {
	/* files */
	"read", "write", "readv", "writev", "pread64", "pwrite64", "preadv", "pwritev", "preadv2", "pwritev2", "lseek", "_llseek",
	"open", "openat", "openat2", "close", "close_range", "stat", "fstat", "lstat", "stat64", "fstat64", "lstat64", "newfstatat",
	"fstatat64", "statx", "statfs", "fstatfs", "statfs64", "fstatfs64", "access", "faccessat", "faccessat2", "readlink", "readlinkat",
	"getdents", "getdents64", "getcwd", "chdir", "fchdir", "rename", "renameat", "renameat2", "link", "linkat", "unlink", "unlinkat",
	"mkdir", "mkdirat", "rmdir", "chmod", "fchmod", "fchmodat", "fchown", "fchownat", "ftruncate", "truncate", "fallocate", "fsync",
	"fdatasync", "sync_file_range", "flock", "fcntl", "fcntl64", "dup", "dup2", "dup3", "pipe", "pipe2", "umask", "utimensat",
	"fadvise64", "sendfile", "sendfile64", "copy_file_range",
	/* memory; mmap and mprotect below */
	"munmap", "mremap", "madvise", "msync", "mincore", "brk", "mlock", "mlock2", "munlock", "membarrier",
	/* waiting */
	"epoll_create", "epoll_create1", "epoll_ctl", "epoll_wait", "epoll_pwait", "epoll_pwait2", "poll", "ppoll", "select", "pselect6",
	"_newselect", "eventfd2", "timerfd_create", "timerfd_settime", "timerfd_gettime", "signalfd4", "nanosleep", "clock_nanosleep",
	"pause", "futex", "futex_waitv", "sched_yield",
	/* sockets; socket and socketpair below */
	"accept", "accept4", "connect", "getsockname", "getpeername", "getsockopt", "setsockopt", "recv", "recvfrom", "recvmsg", "recvmmsg",
	"send", "sendto", "sendmsg", "sendmmsg", "shutdown",
	/* processes and threads; clone below */
	"fork", "vfork", "wait4", "waitid", "waitpid", "exit", "exit_group", "kill", "tgkill", "tkill", "pidfd_open", "pidfd_send_signal",
	"set_robust_list", "get_robust_list", "rseq", "set_tid_address", "gettid", "getpid", "getppid", "getpgrp", "getpgid", "setpgid",
	"getsid", "setsid", "getuid", "geteuid", "getgid", "getegid", "getresuid", "getresgid", "getgroups", "sched_getaffinity",
	"sched_getparam", "sched_getscheduler", "getcpu", "arch_prctl",
	/* signals */
	"rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "rt_sigtimedwait", "rt_sigsuspend", "rt_sigpending", "sigaltstack", "sigreturn",
	"restart_syscall", "alarm", "setitimer", "getitimer",
	/* time, chance, figures */
	"clock_gettime", "clock_getres", "gettimeofday", "time", "times", "getrandom", "getrlimit", "ugetrlimit", "getrusage", "sysinfo", "uname",
	/* a narrower sandbox for a child */
	"seccomp", "landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self",
};

/* A program that is started, and Redis. */
static const char *const of_programs[] = {
	"execve", "bind", "listen", "setrlimit", "prlimit64", "sched_setaffinity", "getpriority", "setpriority", "sched_get_priority_min",
	"sched_get_priority_max", "symlink", "fdatasync",
};

/* The resolver asks the kernel for addresses by netlink, and sends from a port of its own. */
static const char *const of_network[] = { "bind" };

/* One argument decides: (argument & mask) == value. */
struct narrow {
	const char *name;
	unsigned argument;
	uint64_t mask, value;
};

#define ANY_BIT UINT64_MAX
#define CLONE_SPACES (CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET)
#define W_AND_X (PROT_WRITE | PROT_EXEC)

static const struct narrow narrowed[] = {
	{ .name = "clone", .argument = 0, .mask = CLONE_SPACES, .value = 0 },
	{ .name = "mmap", .argument = 2, .mask = W_AND_X, .value = 0 },
	{ .name = "mmap", .argument = 2, .mask = W_AND_X, .value = PROT_WRITE },
	{ .name = "mmap", .argument = 2, .mask = W_AND_X, .value = PROT_EXEC },
	{ .name = "mmap2", .argument = 2, .mask = W_AND_X, .value = 0 },
	{ .name = "mmap2", .argument = 2, .mask = W_AND_X, .value = PROT_WRITE },
	{ .name = "mmap2", .argument = 2, .mask = W_AND_X, .value = PROT_EXEC },
	{ .name = "mprotect", .argument = 2, .mask = PROT_EXEC, .value = 0 },
	{ .name = "ioctl", .argument = 1, .mask = ANY_BIT, .value = FIONREAD },
	{ .name = "ioctl", .argument = 1, .mask = ANY_BIT, .value = FIONBIO },
	{ .name = "ioctl", .argument = 1, .mask = ANY_BIT, .value = FIOCLEX },
	{ .name = "ioctl", .argument = 1, .mask = ANY_BIT, .value = TCGETS },
	{ .name = "prctl", .argument = 0, .mask = ANY_BIT, .value = PR_SET_NAME },
	{ .name = "prctl", .argument = 0, .mask = ANY_BIT, .value = PR_SET_PDEATHSIG },
	{ .name = "prctl", .argument = 0, .mask = ANY_BIT, .value = PR_SET_NO_NEW_PRIVS },
	{ .name = "prctl", .argument = 0, .mask = ANY_BIT, .value = PR_SET_SECCOMP },
	{ .name = "prctl", .argument = 0, .mask = ANY_BIT, .value = PR_GET_DUMPABLE },
	{ .name = "prctl", .argument = 0, .mask = ANY_BIT, .value = PR_NAME_MEMORY },
	{ .name = "prctl", .argument = 0, .mask = ANY_BIT, .value = PR_SET_THP_DISABLE },
	{ .name = "prctl", .argument = 0, .mask = ANY_BIT, .value = PR_CAPBSET_READ },
	{ .name = "socket", .argument = 0, .mask = ANY_BIT, .value = AF_UNIX },
	{ .name = "socketpair", .argument = 0, .mask = ANY_BIT, .value = AF_UNIX },
	/* Limits are read and never set. */
	{ .name = "prlimit64", .argument = 2, .mask = ANY_BIT, .value = 0 },
};

static const struct narrow narrowed_network[] = {
	{ .name = "socket", .argument = 0, .mask = ANY_BIT, .value = AF_INET },
	{ .name = "socket", .argument = 0, .mask = ANY_BIT, .value = AF_INET6 },
	{ .name = "socket", .argument = 0, .mask = ANY_BIT, .value = AF_NETLINK },
};

static bool add(scmp_filter_ctx filter, const char *name, uint32_t action, const struct narrow *narrow)
{
	int call = seccomp_syscall_resolve_name(name);
	int rc;

	if (call == __NR_SCMP_ERROR || call < 0)
		return true;
	if (narrow == NULL)
		rc = seccomp_rule_add(filter, action, call, 0);
	else
		rc = seccomp_rule_add(filter, action, call, 1,
				      SCMP_CMP(narrow->argument, SCMP_CMP_MASKED_EQ, narrow->mask, narrow->value));
	return rc == 0 || rc == -EEXIST;
}

static bool add_names(scmp_filter_ctx filter, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!add(filter, names[i], SCMP_ACT_ALLOW, NULL))
			return false;
	return true;
}

static bool add_narrow(scmp_filter_ctx filter, const struct narrow *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!add(filter, rows[i].name, SCMP_ACT_ALLOW, &rows[i]))
			return false;
	return true;
}

static bool fill(scmp_filter_ctx filter, const struct sandbox_plan *plan)
{
	/* Its flags lie in memory, where no filter sees them; the C library falls back to clone(). */
	if (!add(filter, "clone3", SCMP_ACT_ERRNO(ENOSYS), NULL))
		return false;
	if (plan->programs && !add_names(filter, of_programs, COUNT_OF(of_programs)))
		return false;
	if (plan->network && (!add_names(filter, of_network, COUNT_OF(of_network)) ||
			      !add_narrow(filter, narrowed_network, COUNT_OF(narrowed_network))))
		return false;
	return add_names(filter, plain, COUNT_OF(plain)) && add_narrow(filter, narrowed, COUNT_OF(narrowed));
}

bool sandbox_calls_enter(const struct sandbox_plan *plan, struct complaint *why)
{
	scmp_filter_ctx filter = seccomp_init(plan->strict ? SCMP_ACT_KILL_PROCESS : SCMP_ACT_ERRNO(EPERM));
	int rc = filter != NULL ? 0 : -ENOMEM;

	if (rc == 0)
		rc = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
	/* The kernel tells of what it refused, at its own pace. */
	if (rc == 0)
		rc = seccomp_attr_set(filter, SCMP_FLTATR_CTL_LOG, 1);
	if (rc == 0)
		rc = fill(filter, plan) ? seccomp_load(filter) : -EINVAL;
	if (filter != NULL)
		seccomp_release(filter);
	return rc == 0 || complain(why, 0, "sandbox: the kernel does not take the list of calls: %s", strerror(-rc));
}
