/*
 * Listening sockets; see listen.h.
 */
#include "daemon/http/listen.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 1024
#define OUT_BYTES (64 * 1024)  /* the kernel doubles both */
#define IN_BYTES (128 * 1024)

/*
 * Connections inherit from here (Linux). TCP_NODELAY: a reply that leaves in
 * two segments must not wait for an acknowledgement in between. The buffers:
 * left to itself the kernel holds up to some megabytes each way for a peer
 * that does not read, or sends what nobody reads yet.
 */
static void set_options(int fd)
{
	int on = 1, out = OUT_BYTES, in = IN_BYTES;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &out, sizeof(out));
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &in, sizeof(in));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

/* What stands at the path is a socket nobody answers on: left behind by a crash. */
static bool is_stale(const struct address *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool stale;

	if (fd < 0)
		return false;
	stale = connect(fd, (const struct sockaddr *)&address->at, address->len) != 0 &&
		errno == ECONNREFUSED;
	close(fd);
	return stale;
}

static int bind_path(int fd, const struct address *address)
{
	const struct sockaddr_un *local = (const struct sockaddr_un *)(const void *)&address->at;
	mode_t before;
	int result;

	if (is_stale(address))
		unlink(local->sun_path);
	/* The mode must be right from the first moment: through umask, not chmod afterwards. */
	before = umask(0117);
	result = bind(fd, (const struct sockaddr *)&address->at, address->len);
	umask(before);
	return result;
}

static int bind_any(int fd, const struct address *address)
{
	if (address_is_local_socket(address))
		return bind_path(fd, address);
	set_options(fd);
	return bind(fd, (const struct sockaddr *)&address->at, address->len);
}

int listen_at(const struct address *address)
{
	int fd = socket(address->at.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int error;

	if (fd < 0)
		return -1;
	if (bind_any(fd, address) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

bool listen_adopt(int fd)
{
	int listens = 0;
	socklen_t len = sizeof(listens);

	if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &len) != 0)
		return false;
	if (!listens) {
		errno = EINVAL;
		return false;
	}
	set_options(fd);
	return fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) == 0 &&
	       fcntl(fd, F_SETFD, FD_CLOEXEC) == 0;
}

void listen_address(int fd, struct address *address)
{
	*address = (struct address){ .len = sizeof(address->at) };
	getsockname(fd, (struct sockaddr *)&address->at, &address->len);
}
