/*
 * The service manager; see notify.h.
 */
#include "daemon/sys/notify.h"

#include "daemon/base/span.h"
#include "daemon/sys/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#define SOCKETS_MAX 16

/* What was inherited; asked for once, because the environment tells it once. */
static struct {
	bool asked;
	int n;
	char names[SOCKETS_MAX][32];
	bool taken[SOCKETS_MAX];
} inherited;

void notify_status(const char *text)
{
	sd_notifyf(0, "STATUS=%s", text);
}

void notify_ready(void)
{
	sd_notify(0, "READY=1");
}

void notify_reloading(void)
{
	/* Managers from 253 on want the time as well; older ones ignore it. */
	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%llu", (unsigned long long)(clock_steady_ns() / 1000));
}

void notify_stopping(void)
{
	sd_notify(0, "STOPPING=1");
}

unsigned notify_watchdog_ms(void)
{
	uint64_t allowed_us = 0;

	if (sd_watchdog_enabled(0, &allowed_us) <= 0)
		return 0;
	return allowed_us >= 2000 ? (unsigned)(allowed_us / 2000) : 1;
}

void notify_alive(void)
{
	sd_notify(0, "WATCHDOG=1");
}

static void ask(void)
{
	char **names = NULL;
	int n;

	if (inherited.asked)
		return;
	inherited.asked = true;
	n = sd_listen_fds_with_names(1, &names);
	for (int i = 0; i < n; i++) {
		if (i < SOCKETS_MAX)
			snprintf(inherited.names[i], sizeof(inherited.names[i]), "%s", names[i]);
		free(names[i]);
	}
	free(names);
	inherited.n = n < 0 ? 0 : n > SOCKETS_MAX ? SOCKETS_MAX : n;
}

int notify_listener(const char *name)
{
	ask();
	for (int i = 0; i < inherited.n; i++) {
		if (inherited.taken[i] || strcmp(inherited.names[i], name) != 0 ||
		    sd_is_socket(SD_LISTEN_FDS_START + i, AF_UNSPEC, SOCK_STREAM, 1) <= 0)
			continue;
		inherited.taken[i] = true;
		return SD_LISTEN_FDS_START + i;
	}
	return -1;
}

unsigned notify_close_unused(void)
{
	unsigned closed = 0;

	ask();
	for (int i = 0; i < inherited.n; i++) {
		if (inherited.taken[i])
			continue;
		inherited.taken[i] = true;
		close(SD_LISTEN_FDS_START + i);
		closed++;
	}
	return closed;
}

bool notify_journald(void)
{
	struct span second = span_of(getenv("JOURNAL_STREAM")), first;
	uint64_t device, inode;
	struct stat st;

	if (!span_cut(&second, ':', &first) || !span_u64(first, &device) || !span_u64(second, &inode))
		return false;
	return fstat(STDERR_FILENO, &st) == 0 && st.st_dev == device && st.st_ino == inode;
}
