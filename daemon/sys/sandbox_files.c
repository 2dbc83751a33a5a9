/*
 * Landlock by bare system calls: the C library has none of them, and headers
 * are older than kernels. Numbers and structures are those of the kernel's
 * include/uapi/linux/landlock.h, which only ever grow.
 *
 * A rule hangs on an inode. So a directory is given and not a file, where a
 * file may be replaced by another of the same name.
 */
#include "daemon/base/table.h"
#include "daemon/sys/sandbox_inside.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The same on all architectures. */
#define CALL_CREATE_RULESET 444
#define CALL_ADD_RULE 445
#define CALL_RESTRICT_SELF 446
#define CREATE_VERSION 1u
#define RULE_PATH_BENEATH 1

enum {
	FS_EXECUTE = 1 << 0,
	FS_WRITE_FILE = 1 << 1,
	FS_READ_FILE = 1 << 2,
	FS_READ_DIR = 1 << 3,
	FS_REMOVE_DIR = 1 << 4,
	FS_REMOVE_FILE = 1 << 5,
	FS_MAKE_DIR = 1 << 7,
	FS_MAKE_REG = 1 << 8,
	FS_MAKE_SOCK = 1 << 9,
	FS_REFER = 1 << 13,
	FS_TRUNCATE = 1 << 14,   /* version 3 */
	FS_IOCTL_DEV = 1 << 15,  /* version 5 */
	FS_OF_FILES = FS_EXECUTE | FS_WRITE_FILE | FS_READ_FILE | FS_TRUNCATE | FS_IOCTL_DEV,
};

#define NET_ALL UINT64_C(3)          /* bind and connect by TCP; version 4 */
#define SCOPE_SIGNAL UINT64_C(2)     /* version 6 */

struct ruleset_attr {
	uint64_t fs, net, scoped;
};

struct path_attr {
	uint64_t access;
	int32_t fd;
} __attribute__((packed));

unsigned sandbox_landlock(void)
{
	long version = syscall(CALL_CREATE_RULESET, NULL, (size_t)0, CREATE_VERSION);

	return version > 0 ? (unsigned)version : 0;
}

static uint64_t handled_by(unsigned abi)
{
	uint64_t all = ((uint64_t)FS_REFER << 1) - 1;

	if (abi >= 3)
		all |= FS_TRUNCATE;
	if (abi >= 5)
		all |= FS_IOCTL_DEV;
	return all;
}

static uint64_t wanted(enum sandbox_access access)
{
	switch (access) {
	case SANDBOX_READ:
		return FS_READ_FILE | FS_READ_DIR;
	case SANDBOX_RUN:
		return FS_READ_FILE | FS_READ_DIR | FS_EXECUTE;
	case SANDBOX_WRITE:
		return FS_READ_FILE | FS_READ_DIR | FS_WRITE_FILE | FS_REMOVE_DIR | FS_REMOVE_FILE | FS_MAKE_DIR | FS_MAKE_REG |
		       FS_MAKE_SOCK | FS_REFER | FS_TRUNCATE;
	}
	return 0;
}

static bool allow(int ruleset, uint64_t handled, const struct sandbox_path *path, struct complaint *why)
{
	struct path_attr rule = { .access = wanted(path->access) & handled, .fd = open(path->path, O_PATH | O_CLOEXEC) };
	struct stat st;
	bool well;

	if (rule.fd < 0)
		return errno == ENOENT || errno == EACCES || errno == ENOTDIR ||
		       complain(why, 0, "sandbox: cannot look at %.180s: %s", path->path, strerror(errno));
	if (fstat(rule.fd, &st) == 0 && !S_ISDIR(st.st_mode))
		rule.access &= FS_OF_FILES;
	well = syscall(CALL_ADD_RULE, ruleset, RULE_PATH_BENEATH, &rule, 0u) == 0 ||
	       complain(why, 0, "sandbox: no rule for %.180s: %s", path->path, strerror(errno));
	close(rule.fd);
	return well;
}

/*
 * Without network no TCP at all; with it, peers are whoever the configuration
 * names, and ports tell nothing. A Redis that was started before lives outside
 * and has to be ended: signals are bounded where there is none.
 */
static struct ruleset_attr attr_of(const struct sandbox_plan *plan, unsigned abi, size_t *size)
{
	struct ruleset_attr attr = { .fs = handled_by(abi) };

	if (abi >= 4 && !plan->network)
		attr.net = NET_ALL;
	if (abi >= 6 && !plan->programs)
		attr.scoped = SCOPE_SIGNAL;
	*size = abi >= 6 ? sizeof(attr) : abi >= 4 ? offsetof(struct ruleset_attr, scoped) : offsetof(struct ruleset_attr, net);
	return attr;
}

bool sandbox_files_enter(const struct sandbox_plan *plan, unsigned abi, struct complaint *why)
{
	size_t size;
	struct ruleset_attr attr = attr_of(plan, abi, &size);
	int ruleset = (int)syscall(CALL_CREATE_RULESET, &attr, size, 0u);
	bool well = ruleset >= 0;

	for (size_t i = 0; well && i < plan->npaths; i++)
		if (!allow(ruleset, attr.fs, &plan->paths[i], why)) {
			close(ruleset);
			return false;
		}
	well = well && syscall(CALL_RESTRICT_SELF, ruleset, 0u) == 0;
	if (!well)
		complain(why, 0, "sandbox: Landlock does not take the rules: %s", strerror(errno));
	if (ruleset >= 0)
		close(ruleset);
	return well;
}
