/*
 * Making a listening socket from an address; for server.c alone.
 */
#ifndef TIPLINE_HTTP_LISTEN_H
#define TIPLINE_HTTP_LISTEN_H

#include "daemon/http/address.h"

/*
 * A bound, listening, non-blocking socket, or -1 and errno. A local socket is
 * made with mode 0660; one that nobody listens on any more is replaced, one
 * that somebody does gives EADDRINUSE.
 */
int listen_at(const struct address *address);

/* Makes an inherited socket fit: non-blocking, closed on exec. False and errno when it does not listen. */
bool listen_adopt(int fd);

/* The address a socket is bound to. */
void listen_address(int fd, struct address *address);

#endif
