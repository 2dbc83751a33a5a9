/*
 * Figures of the process; see process.h.
 */
#include "daemon/sys/process.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

static double seconds(struct timeval time)
{
	return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

static unsigned count_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned n = 0;

	while (dir != NULL && readdir(dir) != NULL)
		n++;
	if (dir != NULL)
		closedir(dir);
	return n > 3 ? n - 3 : 0;   /* ".", "..", and the one that reads */
}

static uint64_t resident(void)
{
	FILE *file = fopen("/proc/self/statm", "re");
	unsigned long long pages = 0;

	if (file == NULL)
		return 0;
	if (fscanf(file, "%*u %llu", &pages) != 1)
		pages = 0;
	fclose(file);
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

void process_figures(struct process_figures *figures)
{
	struct rusage usage = { 0 };

	getrusage(RUSAGE_SELF, &usage);
	figures->cpu_seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime);
	figures->resident_bytes = resident();
	figures->open_fds = count_fds();
}
