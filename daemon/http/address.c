/*
 * Reading and comparing addresses; see address.h.
 */
#include "daemon/http/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/un.h>

static struct sockaddr_in *as_v4(struct address *address)
{
	return (struct sockaddr_in *)(void *)&address->at;
}

static struct sockaddr_in6 *as_v6(struct address *address)
{
	return (struct sockaddr_in6 *)(void *)&address->at;
}

static struct sockaddr_un *as_unix(struct address *address)
{
	return (struct sockaddr_un *)(void *)&address->at;
}

/* A terminated copy; false when it does not fit, which no address does. */
static bool copy_text(struct span text, char *to, size_t size)
{
	if (text.len >= size || (text.len > 0 && memchr(text.at, '\0', text.len) != NULL))
		return false;
	if (text.len > 0)
		memcpy(to, text.at, text.len);
	to[text.len] = '\0';
	return true;
}

bool address_parse_host(struct span text, struct address *address)
{
	char host[INET6_ADDRSTRLEN];

	*address = (struct address){ 0 };
	if (!copy_text(text, host, sizeof(host)))
		return false;
	if (inet_pton(AF_INET, host, &as_v4(address)->sin_addr) == 1) {
		as_v4(address)->sin_family = AF_INET;
		address->len = sizeof(struct sockaddr_in);
		return true;
	}
	if (inet_pton(AF_INET6, host, &as_v6(address)->sin6_addr) == 1) {
		as_v6(address)->sin6_family = AF_INET6;
		address->len = sizeof(struct sockaddr_in6);
		return true;
	}
	return false;
}

static bool parse_path(struct span path, struct address *address, struct complaint *complaint)
{
	*address = (struct address){ .at.ss_family = AF_UNIX, .len = sizeof(struct sockaddr_un) };
	if (path.len == 0 || path.at[0] != '/' ||
	    !copy_text(path, as_unix(address)->sun_path, sizeof(as_unix(address)->sun_path)))
		return complain(complaint, 0,
				"behind 'unix:' an absolute path of at most %zu bytes is expected",
				sizeof(as_unix(address)->sun_path) - 1);
	return true;
}

/* "[v6]:port" or "v4:port": splits at the last colon. */
static bool split_port(struct span text, struct span *host, uint64_t *port)
{
	size_t colon = text.len;

	while (colon > 0 && text.at[colon - 1] != ':')
		colon--;
	if (colon == 0 || !span_u64(span_from_offset(text, colon), port) || *port > UINT16_MAX)
		return false;
	*host = span_from(text.at, colon - 1);
	return true;
}

bool address_parse(struct span text, struct address *address, struct complaint *complaint)
{
	struct span host;
	uint64_t port;
	bool brackets;

	if (span_starts(text, SPAN("unix:")))
		return parse_path(span_from_offset(text, 5), address, complaint);
	if (!split_port(text, &host, &port))
		return complain(complaint, 0, "an address is ADDRESS:PORT, [IPV6]:PORT or unix:/PATH");
	brackets = host.len >= 2 && host.at[0] == '[' && host.at[host.len - 1] == ']';
	if (brackets)
		host = span_from(host.at + 1, host.len - 2);
	if (!address_parse_host(host, address) || brackets != (address->at.ss_family == AF_INET6))
		return complain(complaint, 0, "before the port, IPv4 or [IPv6] is expected");
	if (brackets)
		as_v6(address)->sin6_port = htons((uint16_t)port);
	else
		as_v4(address)->sin_port = htons((uint16_t)port);
	return true;
}

void address_text(const struct address *address, char text[ADDRESS_TEXT_MAX])
{
	struct address a = *address;
	char host[INET6_ADDRSTRLEN] = "";

	switch (a.at.ss_family) {
	case AF_INET:
		inet_ntop(AF_INET, &as_v4(&a)->sin_addr, host, sizeof(host));
		snprintf(text, ADDRESS_TEXT_MAX, "%s:%u", host, ntohs(as_v4(&a)->sin_port));
		return;
	case AF_INET6:
		inet_ntop(AF_INET6, &as_v6(&a)->sin6_addr, host, sizeof(host));
		snprintf(text, ADDRESS_TEXT_MAX, "[%s]:%u", host, ntohs(as_v6(&a)->sin6_port));
		return;
	case AF_UNIX:
		/* An unnamed socket's address ends before the path. */
		if (a.len <= offsetof(struct sockaddr_un, sun_path))
			as_unix(&a)->sun_path[0] = '\0';
		snprintf(text, ADDRESS_TEXT_MAX, "unix:%.*s", (int)sizeof(as_unix(&a)->sun_path),
			 as_unix(&a)->sun_path);
		return;
	}
	snprintf(text, ADDRESS_TEXT_MAX, "unknown");
}

bool address_is_local_socket(const struct address *address)
{
	return address->at.ss_family == AF_UNIX;
}

/* All addresses as sixteen bytes; false for what is no IP address. */
static bool host_bytes(const struct address *address, unsigned char bytes[16])
{
	struct address a = *address;

	if (a.at.ss_family == AF_INET6) {
		memcpy(bytes, &as_v6(&a)->sin6_addr, 16);
		return true;
	}
	if (a.at.ss_family != AF_INET)
		return false;
	memcpy(bytes, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
	memcpy(bytes + 12, &as_v4(&a)->sin_addr, 4);
	return true;
}

static bool is_mapped_v4(const unsigned char bytes[16])
{
	return memcmp(bytes, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12) == 0;
}

static uint64_t mark_of(const unsigned char *bytes, size_t n, const unsigned char key[ADDRESS_KEY_BYTES])
{
	unsigned char hash[crypto_shorthash_BYTES];
	uint64_t mark;

	_Static_assert(ADDRESS_KEY_BYTES == crypto_shorthash_KEYBYTES, "SipHash key");
	crypto_shorthash(hash, bytes, n, key);
	memcpy(&mark, hash, sizeof(mark));
	return mark != 0 ? mark : 1;
}

uint64_t address_mark(const struct address *address, const unsigned char key[ADDRESS_KEY_BYTES])
{
	unsigned char bytes[16];

	return host_bytes(address, bytes) ? mark_of(bytes, is_mapped_v4(bytes) ? 16 : 8, key) : 0;
}

/* The lengths 4 to 15 are hashed for networks alone: the hash takes the length in, so none is another's. */
struct address_marks address_marks(const struct address *address, const unsigned char key[ADDRESS_KEY_BYTES])
{
	unsigned char bytes[16];
	bool v4;

	if (!host_bytes(address, bytes))
		return (struct address_marks){ 0 };
	v4 = is_mapped_v4(bytes);
	return (struct address_marks){
		.host = mark_of(bytes, v4 ? 16 : 8, key),
		.near = mark_of(bytes, v4 ? 15 : 7, key),
		.wide = mark_of(bytes, v4 ? 14 : 4, key),
	};
}

static bool parse_network(struct span text, struct network *network)
{
	struct span host;
	struct address address;
	uint64_t bits = 128;
	unsigned lead;

	*network = (struct network){ .local_sockets = span_eq(text, SPAN("unix:")) };
	if (network->local_sockets)
		return true;
	if (!span_cut(&text, '/', &host) || !address_parse_host(host, &address))
		return false;
	lead = address.at.ss_family == AF_INET ? 96 : 0;
	if (text.at != NULL && (!span_u64(text, &bits) || (bits += lead) > 128))
		return false;
	network->bits = (unsigned)bits;
	return host_bytes(&address, network->prefix);
}

static bool prefix_fits(const struct network *network, const unsigned char bytes[16])
{
	size_t whole = network->bits / 8;
	unsigned rest = network->bits % 8;

	if (memcmp(network->prefix, bytes, whole) != 0)
		return false;
	return rest == 0 || ((network->prefix[whole] ^ bytes[whole]) >> (8 - rest)) == 0;
}

static size_t word_length(struct span text)
{
	size_t n = 0;

	while (n < text.len && text.at[n] != ',' && text.at[n] != ' ' && text.at[n] != '\t')
		n++;
	return n;
}

bool networks_parse(struct span text, struct networks *networks, struct complaint *complaint)
{
	*networks = (struct networks){ 0 };
	for (size_t n; text.len > 0; text = span_from_offset(text, n > 0 ? n : 1)) {
		n = word_length(text);
		if (n == 0)
			continue;
		if (networks->n == NETWORKS_MAX)
			return complain(complaint, 0, "at most %d networks are taken", NETWORKS_MAX);
		if (!parse_network(span_from(text.at, n), &networks->list[networks->n]))
			return complain(complaint, 0,
					"network %zu is not ADDRESS, ADDRESS/BITS or unix:", networks->n + 1);
		networks->n++;
	}
	return true;
}

bool networks_have(const struct networks *networks, const struct address *address)
{
	unsigned char bytes[16];
	bool host = host_bytes(address, bytes);

	for (size_t i = 0; i < networks->n; i++) {
		const struct network *network = &networks->list[i];

		if (network->local_sockets ? address_is_local_socket(address)
					   : host && prefix_fits(network, bytes))
			return true;
	}
	return false;
}
