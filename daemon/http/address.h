/*
 * Socket addresses as text, and lists of networks.
 *
 * "127.0.0.1:8080", "[::1]:0" and "unix:/run/tipline/public.sock" in; no names
 * are looked up. A network is "10.0.0.0/8", "::1" or "unix:" (every local
 * peer); a list separates them by commas or blanks.
 */
#ifndef TIPLINE_HTTP_ADDRESS_H
#define TIPLINE_HTTP_ADDRESS_H

#include "daemon/base/complaint.h"
#include "daemon/base/span.h"

#include <sys/socket.h>

#define ADDRESS_TEXT_MAX 128
#define NETWORKS_MAX 32
#define ADDRESS_KEY_BYTES 16

struct address {
	struct sockaddr_storage at;
	socklen_t len;
};

bool address_parse(struct span text, struct address *address, struct complaint *complaint);

/* The text that address_parse() would read; "unix:" for a socket without a name. */
void address_text(const struct address *address, char text[ADDRESS_TEXT_MAX]);

/* The IP address alone, without port and brackets. */
bool address_parse_host(struct span text, struct address *address);

bool address_is_local_socket(const struct address *address);

/*
 * Keyed hash of the host: of all of an IPv4 address, of the first 64 bits of an
 * IPv6 one, because a customer has at least that many. 0 for local sockets.
 */
uint64_t address_mark(const struct address *address, const unsigned char key[ADDRESS_KEY_BYTES]);

/*
 * The host and the two networks about it, each as a keyed hash: what one household
 * or office has (IPv4 /24, IPv6 /56), and what one provider hands out (/16, /32).
 * No two of them are ever the same; all are 0 for local sockets.
 */
struct address_marks {
	uint64_t host;   /* as address_mark() */
	uint64_t near;
	uint64_t wide;
};

struct address_marks address_marks(const struct address *address, const unsigned char key[ADDRESS_KEY_BYTES]);

struct network {
	unsigned char prefix[16];  /* IPv4 as ::ffff:a.b.c.d */
	unsigned bits;
	bool local_sockets;        /* "unix:"; the rest is not used then */
};

struct networks {
	struct network list[NETWORKS_MAX];
	size_t n;
};

/* An empty or NULL-pointed text is the empty list. */
bool networks_parse(struct span text, struct networks *networks, struct complaint *complaint);
bool networks_have(const struct networks *networks, const struct address *address);

#endif
