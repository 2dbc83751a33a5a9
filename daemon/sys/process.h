/*
 * This process as the kernel sees it, for /metrics.
 */
#ifndef TIPLINE_SYS_PROCESS_H
#define TIPLINE_SYS_PROCESS_H

#include <stdint.h>

struct process_figures {
	double cpu_seconds;
	uint64_t resident_bytes;
	unsigned open_fds;
};

/* What cannot be read is zero. */
void process_figures(struct process_figures *figures);

#endif
