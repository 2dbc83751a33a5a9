/*
 * Asking a starting Redis; see embedded_probe.h.
 */
#include "daemon/store/embedded_probe.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static const char ping[] = "PING\r\n";
static const char pong[] = "+PONG";

void embedded_probe_close(struct embedded_probe *probe)
{
	if (probe->fd >= 0)
		close(probe->fd);
	probe->fd = -1;
}

static bool ask(struct embedded_probe *probe)
{
	if (send(probe->fd, ping, strlen(ping), MSG_NOSIGNAL) == (ssize_t)strlen(ping))
		return true;
	embedded_probe_close(probe);
	return false;
}

static bool reach(struct embedded_probe *probe, const char *socket_path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	if (probe->fd >= 0)
		return true;
	if (strlen(socket_path) >= sizeof(address.sun_path))
		return false;
	memcpy(address.sun_path, socket_path, strlen(socket_path) + 1);
	probe->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (probe->fd >= 0 && connect(probe->fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
		return ask(probe);
	embedded_probe_close(probe);
	return false;
}

bool embedded_probe_answers(struct embedded_probe *probe, const char *socket_path)
{
	char answer[512];
	ssize_t n;

	if (!reach(probe, socket_path))
		return false;
	n = recv(probe->fd, answer, sizeof(answer), 0);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n < (ssize_t)strlen(pong)) {
		embedded_probe_close(probe);
		return false;
	}
	if (memcmp(answer, pong, strlen(pong)) != 0) {
		ask(probe);   /* -LOADING: once more, at the next call */
		return false;
	}
	embedded_probe_close(probe);
	return true;
}
