/*
 * tipctl doctor: what bounds the running daemon, as the kernel tells it, and
 * what this kernel could do.
 */
#include "daemon/cli/tipctl_doctor.h"
#include "daemon/sys/sandbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The number behind a name of /proc/PID/status; -1: cannot be read. */
static long status_of(int pid, const char *name)
{
	char path[64], line[256];
	size_t len = strlen(name);
	long value = -1;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	file = fopen(path, "re");
	if (file == NULL)
		return -1;
	while (value < 0 && fgets(line, sizeof(line), file) != NULL)
		if (strncmp(line, name, len) == 0 && line[len] == ':')
			value = strtol(line + len + 1, NULL, 10);
	fclose(file);
	return value;
}

static void look_at_kernel(struct doctor *doctor)
{
	unsigned landlock = sandbox_landlock();

	if (landlock < 2)
		finding(doctor, FINDING_WARN, "this kernel has no Landlock that would do: files are bounded by the unit alone; "
					      "boot one with Landlock (lsm=landlock,...)");
	else
		finding(doctor, FINDING_OK, "the kernel has Landlock, version %u%s", landlock,
			landlock < 4 ? ", which bounds files and no TCP" : "");
}

/* A unit may have a filter of its own: two filters, or one, both read 2. */
static void look_at_daemon(struct doctor *doctor, int pid)
{
	long filters = status_of(pid, "Seccomp_filters"), privileges = status_of(pid, "NoNewPrivs");

	if (filters < 0 || privileges < 0)
		finding(doctor, FINDING_WARN, "process %d cannot be looked at; run this as root or as the daemon's user", pid);
	else if (filters == 0 || privileges == 0)
		finding(doctor, FINDING_FAIL, "process %d runs without a filter of system calls; look at its log (sandbox)", pid);
	else
		finding(doctor, FINDING_OK, "process %d: %ld filters of system calls, no new rights", pid, filters);
}

void doctor_sandbox(struct doctor *doctor)
{
	int pid = doctor_daemon_pid(doctor->config);

	if (doctor->config->sandbox == SANDBOX_OFF) {
		finding(doctor, FINDING_WARN, "sandbox is off; set it to on");
		return;
	}
	if (!sandbox_possible()) {
		finding(doctor, FINDING_WARN, "this build has a sanitizer and no sandbox; run another one for people");
		return;
	}
	look_at_kernel(doctor);
	if (pid != 0)
		look_at_daemon(doctor, pid);
}
