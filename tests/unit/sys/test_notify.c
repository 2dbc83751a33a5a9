/*
 * The service manager: what is sent to its socket, and which sockets are taken over.
 */
#include "daemon/sys/notify.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static char dir[] = "/tmp/tipline-notify-XXXXXX";
static int manager = -1;

static int open_manager(void **state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	(void)state;
	if (mkdtemp(dir) == NULL)
		return -1;
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/s", dir);
	manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	setenv("NOTIFY_SOCKET", address.sun_path, 1);
	return bind(manager, (const struct sockaddr *)&address, sizeof(address));
}

static int close_manager(void **state)
{
	(void)state;
	unlink(getenv("NOTIFY_SOCKET"));
	unsetenv("NOTIFY_SOCKET");
	close(manager);
	return rmdir(dir);
}

static void expect_sent(const char *start)
{
	char text[200] = "";

	assert_true(recv(manager, text, sizeof(text) - 1, MSG_DONTWAIT) > 0);
	assert_memory_equal(text, start, strlen(start));
}

static void states_reach_the_manager(void **state)
{
	(void)state;
	notify_ready();
	expect_sent("READY=1");
	notify_status("3 tips in the spool");
	expect_sent("STATUS=3 tips in the spool");
	notify_reloading();
	expect_sent("RELOADING=1\nMONOTONIC_USEC=");
	notify_alive();
	expect_sent("WATCHDOG=1");
	notify_stopping();
	expect_sent("STOPPING=1");
}

static void the_watchdog_is_fed_at_half_its_time(void **state)
{
	char pid[16];

	(void)state;
	assert_int_equal(notify_watchdog_ms(), 0);
	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	setenv("WATCHDOG_PID", pid, 1);
	setenv("WATCHDOG_USEC", "10000000", 1);
	assert_int_equal(notify_watchdog_ms(), 5000);
	setenv("WATCHDOG_PID", "1", 1);
	assert_int_equal(notify_watchdog_ms(), 0);
	unsetenv("WATCHDOG_PID");
	unsetenv("WATCHDOG_USEC");
}

static void the_journal_is_known_by_its_inode(void **state)
{
	char stream[64];
	struct stat st;

	(void)state;
	assert_false(notify_journald());
	assert_int_equal(fstat(STDERR_FILENO, &st), 0);
	snprintf(stream, sizeof(stream), "%llu:%llu", (unsigned long long)st.st_dev, (unsigned long long)st.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
	assert_true(notify_journald());
	setenv("JOURNAL_STREAM", "1:1", 1);
	assert_false(notify_journald());
	setenv("JOURNAL_STREAM", "nonsense", 1);
	assert_false(notify_journald());
	unsetenv("JOURNAL_STREAM");
}

static int listening(void)
{
	struct sockaddr_in any = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(fd, (const struct sockaddr *)&any, sizeof(any)), 0);
	assert_int_equal(listen(fd, 1), 0);
	return fd;
}

/* Runs last: descriptors from 3 on are put in place as a service manager does it. */
static void inherited_sockets_go_by_name_once(void **state)
{
	char pid[16];
	int public = listening(), ops = listening();

	(void)state;
	assert_true(dup2(public, 100) == 100 && dup2(ops, 101) == 101);
	assert_true(dup2(100, 3) == 3 && dup2(101, 4) == 4);
	assert_true(dup2(STDIN_FILENO, 5) == 5);
	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	setenv("LISTEN_PID", pid, 1);
	setenv("LISTEN_FDS", "3", 1);
	setenv("LISTEN_FDNAMES", "public:ops:staff", 1);
	assert_int_equal(notify_listener("ops"), 4);
	assert_int_equal(notify_listener("ops"), -1);
	assert_int_equal(notify_listener("staff"), -1);   /* no listening socket */
	assert_int_equal(notify_listener("public"), 3);
	assert_null(getenv("LISTEN_FDS"));
	assert_int_equal(notify_close_unused(), 1);
	assert_int_equal(notify_close_unused(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(states_reach_the_manager, open_manager, close_manager),
		cmocka_unit_test(the_watchdog_is_fed_at_half_its_time),
		cmocka_unit_test(the_journal_is_known_by_its_inode),
		cmocka_unit_test(inherited_sockets_go_by_name_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
