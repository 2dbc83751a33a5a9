/*
 * tipctl doctor: what its checks share.
 */
#ifndef TIPLINE_CLI_TIPCTL_DOCTOR_H
#define TIPLINE_CLI_TIPCTL_DOCTOR_H

#include "daemon/sys/config.h"

enum finding {
	FINDING_OK,
	FINDING_WARN,
	FINDING_FAIL,
};

struct doctor {
	struct config *config;
	unsigned count[3];      /* findings of each kind */
	const char *about;      /* what the running check is about */
};

/* One line: what was found, and for WARN and FAIL how to mend it. Always false unless OK. */
bool finding(struct doctor *doctor, enum finding kind, const char *format, ...) __attribute__((format(printf, 3, 4)));

void doctor_config(struct doctor *doctor);
void doctor_state_dir(struct doctor *doctor);
void doctor_disk(struct doctor *doctor);
void doctor_keys(struct doctor *doctor);
void doctor_weeks(struct doctor *doctor);
void doctor_archive(struct doctor *doctor);
void doctor_clock(struct doctor *doctor);
void doctor_limits(struct doctor *doctor);
void doctor_libraries(struct doctor *doctor);
void doctor_sandbox(struct doctor *doctor);
void doctor_redis(struct doctor *doctor);
void doctor_daemon(struct doctor *doctor);

/* The process number in STATE/lock when a daemon holds it; 0: none runs. */
int doctor_daemon_pid(const struct config *config);

#endif
