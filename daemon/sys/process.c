/*
 * Figures of the process; see process.h.
 */
#include "daemon/sys/process.h"

#include "daemon/base/span.h"

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

/* The second number of the line counts the pages in memory. */
static uint64_t resident_bytes(void)
{
	FILE *file = fopen("/proc/self/statm", "re");
	char line[128] = "";
	struct span rest, size, resident;
	uint64_t pages;

	if (file == NULL)
		return 0;
	if (fgets(line, sizeof(line), file) == NULL)
		line[0] = '\0';
	fclose(file);
	rest = span_of(line);
	if (!span_cut(&rest, ' ', &size) || !span_cut(&rest, ' ', &resident) || !span_u64(resident, &pages))
		return 0;
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

void process_figures(struct process_figures *figures)
{
	struct rusage usage = { 0 };

	getrusage(RUSAGE_SELF, &usage);
	figures->cpu_seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime);
	figures->resident_bytes = resident_bytes();
	figures->open_fds = count_fds();
}
