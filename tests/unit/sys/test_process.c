/*
 * Figures of the process follow what it does.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/sys/process.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void open_files_are_counted(void **state)
{
	struct process_figures before;
	struct process_figures after;
	int a = -1;
	int b = -1;

	(void)state;
	process_figures(&before);
	a = open("/dev/null", O_RDONLY);
	b = open("/dev/null", O_RDONLY);
	process_figures(&after);
	assert_int_equal(after.open_fds, before.open_fds + 2);
	close(a);
	close(b);
	process_figures(&after);
	assert_int_equal(after.open_fds, before.open_fds);
}

static void memory_that_is_used_is_seen(void **state)
{
	size_t size = 64 << 20;
	struct process_figures before;
	struct process_figures after;
	char *at;

	(void)state;
	process_figures(&before);
	at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_true(at != MAP_FAILED);
	memset(at, 1, size);
	process_figures(&after);
	munmap(at, size);
	assert_true(after.resident_bytes > before.resident_bytes + size / 2);
}

static void time_goes_on(void **state)
{
	struct process_figures before;
	struct process_figures after;
	volatile unsigned sum = 0;

	(void)sum;
	(void)state;
	process_figures(&before);
	do {
		for (unsigned i = 0; i < 1000000; i++)
			sum = sum + i;
		process_figures(&after);
	} while (after.cpu_seconds <= before.cpu_seconds);
	assert_true(before.cpu_seconds >= 0 && sum != 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(open_files_are_counted),
		cmocka_unit_test(memory_that_is_used_is_seen),
		cmocka_unit_test(time_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
