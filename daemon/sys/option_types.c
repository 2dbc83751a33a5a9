/*
 * How the values of each option type are read, shown and described.
 *
 * Readers judge and repair nothing: what is not exactly of the type is
 * refused, so that a typing error cannot silently become another value.
 */
#include "daemon/base/table.h"
#include "daemon/sys/config.h"
#include "daemon/sys/options.h"
#include "daemon/core/sms/area.h"
#include "daemon/core/sms/hours.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <sys/un.h>

struct option_kind {
	bool (*set)(const struct option_row *row, void *field, struct span value, struct arena *arena);
	void (*show)(const struct option_row *row, const void *field, struct buf *to);
	void (*expects)(const struct option_row *row, char text[OPTION_EXPECTS_MAX]);
	const char *plain;  /* what is expected, when expects() is NULL */
	bool list;
};

/* --- texts ---------------------------------------------------------------- */

static bool keep_text(void *field, struct span value, struct arena *arena)
{
	*(const char **)field = arena_dup(arena, value).at;
	return true;
}

static void show_text(const struct option_row *row, const void *field, struct buf *to)
{
	(void)row;
	buf_add_text(to, *(const char *const *)field);
}

static bool printable(struct span value)
{
	for (size_t i = 0; i < value.len; i++)
		if ((unsigned char)value.at[i] < 0x20 || value.at[i] == 0x7f)
			return false;
	return true;
}

static bool set_text(const struct option_row *row, void *field, struct span value, struct arena *arena)
{
	return value.len >= row->min && value.len <= row->max && printable(value) && keep_text(field, value, arena);
}

static void expects_text(const struct option_row *row, char text[OPTION_EXPECTS_MAX])
{
	snprintf(text, OPTION_EXPECTS_MAX, "a text of %llu to %llu printable bytes", (unsigned long long)row->min,
		 (unsigned long long)row->max);
}

static bool set_url(const struct option_row *row, void *field, struct span value, struct arena *arena)
{
	bool known = span_starts(value, SPAN("http://")) || span_starts(value, SPAN("https://"));

	if (value.len > 0 && (!known || value.len < 10 || memchr(value.at, ' ', value.len) != NULL))
		return false;
	return set_text(row, field, value, arena);
}

static bool set_digits(const struct option_row *row, void *field, struct span value, struct arena *arena)
{
	return span_digits(value) && set_text(row, field, value, arena);
}

static void expects_digits(const struct option_row *row, char text[OPTION_EXPECTS_MAX])
{
	snprintf(text, OPTION_EXPECTS_MAX, "%llu to %llu digits, in quotes", (unsigned long long)row->min,
		 (unsigned long long)row->max);
}

/* --- addresses -------------------------------------------------------------- */

static bool unix_path_ok(struct span value)
{
	size_t room = sizeof(((struct sockaddr_un *)NULL)->sun_path);

	return span_starts(value, SPAN("unix:/")) && value.len > strlen("unix:/") &&
	       value.len - strlen("unix:") < room && printable(value);
}

static bool ip_ok(int family, struct span ip)
{
	char text[INET6_ADDRSTRLEN];
	unsigned char bytes[16];

	if (ip.len == 0 || ip.len >= sizeof(text) || !printable(ip))
		return false;
	memcpy(text, ip.at, ip.len);
	text[ip.len] = '\0';
	return inet_pton(family, text, bytes) == 1;
}

/* Cuts ":PORT" off the end. */
static bool port_ok(struct span value, struct span *host)
{
	uint64_t port;

	for (size_t i = value.len; i-- > 0;) {
		if (value.at[i] != ':')
			continue;
		*host = span_from(value.at, i);
		return value.len - i <= 6 && span_u64(span_from_offset(value, i + 1), &port) && port <= 65535;
	}
	return false;
}

static bool brackets_ok(struct span host)
{
	return host.len > 2 && host.at[0] == '[' && host.at[host.len - 1] == ']' &&
	       ip_ok(AF_INET6, span_from(host.at + 1, host.len - 2));
}

static bool set_listen(const struct option_row *row, void *field, struct span value, struct arena *arena)
{
	struct span host;

	(void)row;
	if (value.len > 0 && !unix_path_ok(value) &&
	    !(port_ok(value, &host) && (brackets_ok(host) || ip_ok(AF_INET, host))))
		return false;
	return keep_text(field, value, arena);
}

static bool host_name_ok(struct span host)
{
	for (size_t i = 0; i < host.len; i++) {
		char c = host.at[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') && c != '-' &&
		    c != '.' && c != '_')
			return false;
	}
	return host.len >= 1 && host.len <= 253;
}

static bool set_peer(const struct option_row *row, void *field, struct span value, struct arena *arena)
{
	struct span host;

	(void)row;
	if (value.len > 0 && !unix_path_ok(value) &&
	    !(port_ok(value, &host) && (brackets_ok(host) || host_name_ok(host))))
		return false;
	return keep_text(field, value, arena);
}

static bool net_ok(struct span net)
{
	struct span ip;
	uint64_t bits = 0;
	bool six;

	if (span_is(net, "unix:"))
		return true;
	if (!span_cut(&net, '/', &ip))
		return false;
	six = ip.len > 0 && memchr(ip.at, ':', ip.len) != NULL;
	if (net.at != NULL && (!span_u64(net, &bits) || bits > (six ? 128 : 32)))
		return false;
	return ip_ok(six ? AF_INET6 : AF_INET, ip);
}

/* Calls for each item of "a, b, c"; an empty value has none. False when an item is refused. */
static bool each_item(struct span value, bool (*item_ok)(struct span), struct buf *joined)
{
	struct span rest = value.len > 0 ? value : (struct span){ 0 }, item;

	while (span_cut(&rest, ',', &item)) {
		item = span_trim(item);
		if (!item_ok(item))
			return false;
		if (joined->len > 0)
			buf_add_byte(joined, ',');
		buf_add_span(joined, item);
	}
	return true;
}

static bool set_nets(const struct option_row *row, void *field, struct span value, struct arena *arena)
{
	struct buf joined = { 0 };
	bool well = each_item(value, net_ok, &joined);

	(void)row;
	if (well)
		keep_text(field, buf_span(&joined), arena);
	buf_release(&joined);
	return well;
}

static bool area_ok(struct span item)
{
	struct span mark, region;

	return sms_area_parse(item, &mark, &region);
}

static bool set_areas(const struct option_row *row, void *field, struct span value, struct arena *arena)
{
	struct buf joined = { 0 };
	bool well = each_item(value, area_ok, &joined);

	(void)row;
	if (well)
		keep_text(field, buf_span(&joined), arena);
	buf_release(&joined);
	return well;
}

static bool set_hours(const struct option_row *row, void *field, struct span value, struct arena *arena)
{
	struct sms_hours hours;

	(void)row;
	if (!sms_hours_parse(value, &hours))
		return false;
	keep_text(field, value, arena);
	return true;
}

static bool set_clock(const struct option_row *row, void *field, struct span value, struct arena *arena)
{
	unsigned minute;
	int zone;

	(void)row;
	if (value.len > 0 && !sms_clock_parse(value, &minute, &zone))
		return false;
	keep_text(field, value, arena);
	return true;
}

/* --- numbers ------------------------------------------------------------------ */

static bool set_bool(const struct option_row *row, void *field, struct span value, struct arena *arena)
{
	(void)row;
	(void)arena;
	*(bool *)field = span_is(value, "true");
	return span_is(value, "true") || span_is(value, "false");
}

static void show_bool(const struct option_row *row, const void *field, struct buf *to)
{
	(void)row;
	buf_add_text(to, *(const bool *)field ? "true" : "false");
}

static bool set_number(const struct option_row *row, void *field, struct span value, struct arena *arena)
{
	uint64_t n;

	(void)arena;
	if (!span_u64(value, &n) || n < row->min || n > row->max)
		return false;
	*(unsigned *)field = (unsigned)n;
	return true;
}

static void show_number(const struct option_row *row, const void *field, struct buf *to)
{
	(void)row;
	buf_add_u64(to, *(const unsigned *)field);
}

static void expects_number(const struct option_row *row, char text[OPTION_EXPECTS_MAX])
{
	snprintf(text, OPTION_EXPECTS_MAX, "a number from %llu to %llu (%s)", (unsigned long long)row->min,
		 (unsigned long long)row->max, row->unit);
}

static bool set_count(const struct option_row *row, void *field, struct span value, struct arena *arena)
{
	uint64_t n;

	(void)arena;
	if (!span_u64(value, &n) || n < row->min || n > row->max)
		return false;
	*(uint64_t *)field = n;
	return true;
}

static void show_count(const struct option_row *row, const void *field, struct buf *to)
{
	(void)row;
	buf_add_u64(to, *(const uint64_t *)field);
}

static void expects_count(const struct option_row *row, char text[OPTION_EXPECTS_MAX])
{
	snprintf(text, OPTION_EXPECTS_MAX, "whole fen from %llu to %llu", (unsigned long long)row->min,
		 (unsigned long long)row->max);
}

static const struct {
	const char *name;
	unsigned shift;
} byte_units[] = {
	{ .name = "GiB", .shift = 30 },
	{ .name = "MiB", .shift = 20 },
	{ .name = "KiB", .shift = 10 },
	{ .name = "", .shift = 0 },
};

static bool set_bytes(const struct option_row *row, void *field, struct span value, struct arena *arena)
{
	size_t digits = 0;
	struct span unit;
	uint64_t n;

	(void)arena;
	while (digits < value.len && value.at[digits] >= '0' && value.at[digits] <= '9')
		digits++;
	unit = span_trim(span_from_offset(value, digits));
	if (!span_u64(span_from(value.at, digits), &n))
		return false;
	for (size_t i = 0; i < COUNT_OF(byte_units); i++) {
		if (!span_is(unit, byte_units[i].name) || n > row->max >> byte_units[i].shift)
			continue;
		*(uint64_t *)field = n << byte_units[i].shift;
		return *(uint64_t *)field >= row->min;
	}
	return false;
}

static void put_bytes(uint64_t n, struct buf *to)
{
	for (size_t i = 0; i < COUNT_OF(byte_units); i++) {
		uint64_t unit = UINT64_C(1) << byte_units[i].shift;

		if (n % unit != 0 || (n == 0 && unit > 1))
			continue;
		buf_add_u64(to, n / unit);
		buf_printf(to, "%s%s", unit > 1 ? " " : "", byte_units[i].name);
		return;
	}
}

static void show_bytes(const struct option_row *row, const void *field, struct buf *to)
{
	(void)row;
	put_bytes(*(const uint64_t *)field, to);
}

static void expects_bytes(const struct option_row *row, char text[OPTION_EXPECTS_MAX])
{
	struct buf range = { 0 };

	put_bytes(row->min, &range);
	buf_add_text(&range, " to ");
	put_bytes(row->max, &range);
	snprintf(text, OPTION_EXPECTS_MAX, "a number of bytes from %.*s; KiB, MiB and GiB may follow it",
		 (int)range.len, range.at);
	buf_release(&range);
}

/* --- words ------------------------------------------------------------------ */

/* Index of a word in the row's list; -1: it is not there. */
static int word_index(const struct option_row *row, struct span word)
{
	struct span rest = span_of(row->words), each;

	for (int i = 0; span_cut(&rest, ' ', &each); i++)
		if (span_eq(each, word))
			return i;
	return -1;
}

static struct span word_at(const struct option_row *row, unsigned index)
{
	struct span rest = span_of(row->words), each;

	for (unsigned i = 0; span_cut(&rest, ' ', &each); i++)
		if (i == index)
			return each;
	return (struct span){ 0 };
}

static bool set_choice(const struct option_row *row, void *field, struct span value, struct arena *arena)
{
	int index = word_index(row, value);

	(void)arena;
	if (index < 0)
		return false;
	*(unsigned *)field = (unsigned)index + (unsigned)row->min;
	return true;
}

static void show_choice(const struct option_row *row, const void *field, struct buf *to)
{
	buf_add_span(to, word_at(row, *(const unsigned *)field - (unsigned)row->min));
}

static void expects_choice(const struct option_row *row, char text[OPTION_EXPECTS_MAX])
{
	snprintf(text, OPTION_EXPECTS_MAX, "one of: %s", row->words);
}

static bool set_flags(const struct option_row *row, void *field, struct span value, struct arena *arena)
{
	struct span rest = value, item;
	unsigned flags = 0;

	(void)arena;
	while (value.len > 0 && span_cut(&rest, ',', &item)) {
		int index = word_index(row, span_trim(item));

		if (index < 0)
			return false;
		flags |= 1u << index;
	}
	*(unsigned *)field = flags;
	return flags != 0 || (value.len == 0 && row->preset[0] == '\0');
}

static void show_flags(const struct option_row *row, const void *field, struct buf *to)
{
	unsigned flags = *(const unsigned *)field;
	const char *comma = "";

	for (unsigned i = 0; i < 8 * sizeof(flags); i++) {
		if ((flags >> i & 1) == 0)
			continue;
		buf_add_text(to, comma);
		buf_add_span(to, word_at(row, i));
		comma = ", ";
	}
}

static void expects_flags(const struct option_row *row, char text[OPTION_EXPECTS_MAX])
{
	snprintf(text, OPTION_EXPECTS_MAX, "a list of some of: %s", row->words);
}

static bool mime_ok(struct span type)
{
	size_t slashes = 0;

	for (size_t i = 0; i < type.len; i++) {
		char c = type.at[i];

		slashes += c == '/';
		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && strchr("/+-.", c) == NULL)
			return false;
	}
	return slashes == 1 && type.len >= 3 && type.at[0] != '/' && type.at[type.len - 1] != '/';
}

static bool set_mimes(const struct option_row *row, void *field, struct span value, struct arena *arena)
{
	struct config_list *list = field;
	struct buf joined = { 0 };
	bool well = each_item(value, mime_ok, &joined);
	struct span rest = buf_span(&joined), item;
	const char **at = arena_array(arena, const char *, joined.len / 3 + 1);
	size_t n = 0;

	(void)row;
	while (well && span_cut(&rest, ',', &item))
		at[n++] = arena_dup(arena, item).at;
	*list = (struct config_list){ .at = at, .n = n };
	buf_release(&joined);
	return well;
}

static void show_mimes(const struct option_row *row, const void *field, struct buf *to)
{
	const struct config_list *list = field;

	(void)row;
	for (size_t i = 0; i < list->n; i++)
		buf_printf(to, "%s%s", i > 0 ? ", " : "", list->at[i]);
}

/* --- the types ---------------------------------------------------------------- */

static const struct option_kind kinds[OPTION_TYPES] = {
	[OPTION_TEXT] = { .set = set_text, .show = show_text, .expects = expects_text },
	[OPTION_PATH] = { .set = set_text, .show = show_text, .plain = "the path of a file or directory" },
	[OPTION_URL] = { .set = set_url, .show = show_text, .plain = "an address that starts with http:// or https://" },
	[OPTION_DIGITS] = { .set = set_digits, .show = show_text, .expects = expects_digits },
	[OPTION_LISTEN] = { .set = set_listen, .show = show_text,
			    .plain = "IP:PORT like 127.0.0.1:8080 or [::1]:8080, unix:/PATH, or empty" },
	[OPTION_PEER] = { .set = set_peer, .show = show_text, .plain = "HOST:PORT, unix:/PATH, or empty" },
	[OPTION_NETS] = { .set = set_nets, .show = show_text, .plain = "a list of networks like 10.0.0.0/8, ::1/128 or unix:",
			  .list = true },
	[OPTION_BOOL] = { .set = set_bool, .show = show_bool, .plain = "true or false" },
	[OPTION_NUMBER] = { .set = set_number, .show = show_number, .expects = expects_number },
	[OPTION_COUNT] = { .set = set_count, .show = show_count, .expects = expects_count },
	[OPTION_BYTES] = { .set = set_bytes, .show = show_bytes, .expects = expects_bytes },
	[OPTION_CHOICE] = { .set = set_choice, .show = show_choice, .expects = expects_choice },
	[OPTION_FLAGS] = { .set = set_flags, .show = show_flags, .expects = expects_flags, .list = true },
	[OPTION_AREAS] = { .set = set_areas, .show = show_text,
			   .plain = "a list of items like 0571=330100 or HZ=330100, a region's six digits behind each",
			   .list = true },
	[OPTION_HOURS] = { .set = set_hours, .show = show_text,
			   .plain = "hours like 22:00-07:00, a zone like +0800 behind a blank, or empty" },
	[OPTION_CLOCK] = { .set = set_clock, .show = show_text,
			   .plain = "a time of the day like 08:00, a zone like +0800 behind a blank, or empty" },
	[OPTION_MIMES] = { .set = set_mimes, .show = show_mimes, .plain = "a list of media types like image/png",
			   .list = true },
};

bool option_set(const struct option_row *row, void *base, struct span value, struct arena *arena)
{
	return kinds[row->type].set(row, (char *)base + row->at, value, arena);
}

void option_show(const struct option_row *row, const void *base, struct buf *to)
{
	kinds[row->type].show(row, (const char *)base + row->at, to);
}

void option_expects(const struct option_row *row, char text[OPTION_EXPECTS_MAX])
{
	if (kinds[row->type].expects != NULL)
		kinds[row->type].expects(row, text);
	else
		snprintf(text, OPTION_EXPECTS_MAX, "%s", kinds[row->type].plain);
}

bool option_is_list(const struct option_row *row)
{
	return kinds[row->type].list;
}
