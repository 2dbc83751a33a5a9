/*
 * Where a Redis listens, as store.address and tipctl write it.
 */
#ifndef TIPLINE_STORE_REDIS_ADDRESS_H
#define TIPLINE_STORE_REDIS_ADDRESS_H

#include <stdbool.h>

struct redis_address {
	char at[256];   /* the path of a socket, or a host without brackets */
	int port;       /* 0: `at` is a path */
};

/* Reads HOST:PORT, [IPV6]:PORT, unix:/PATH or a path without ':'. False: none of them, or too long. */
bool redis_address_read(const char *text, struct redis_address *address);

#endif
