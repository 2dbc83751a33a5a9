/*
 * The address of a Redis; see redis_address.h.
 */
#include "daemon/store/redis_address.h"

#include "daemon/base/span.h"

static bool keep(struct span name, struct redis_address *address)
{
	if (name.len == 0 || name.len >= sizeof(address->at))
		return false;
	memcpy(address->at, name.at, name.len);
	address->at[name.len] = '\0';
	return true;
}

static bool has_brackets(struct span host)
{
	return host.len > 2 && host.at[0] == '[' && host.at[host.len - 1] == ']';
}

static bool read_host(struct span host, struct span port, struct redis_address *address)
{
	uint64_t number;

	if (!span_u64(port, &number) || number == 0 || number > 65535)
		return false;
	address->port = (int)number;
	if (has_brackets(host))
		host = span_from(host.at + 1, host.len - 2);
	return keep(host, address);
}

bool redis_address_read(const char *text, struct redis_address *address)
{
	struct span all = span_of(text);
	const char *colon = strrchr(text, ':');

	address->port = 0;
	if (span_starts(all, SPAN("unix:")))
		return keep(span_from_offset(all, strlen("unix:")), address);
	if (text[0] == '/' || colon == NULL)
		return keep(all, address);
	return read_host(span_from(text, (size_t)(colon - text)), span_of(colon + 1), address);
}
