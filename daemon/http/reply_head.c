/*
 * Writing a reply's head; see reply_head.h.
 */
#include "daemon/http/reply_head.h"

#include <stdio.h>
#include <time.h>

void http_date_text(int64_t wall_ms, char text[HTTP_DATE_MAX])
{
	/* Not strftime's names: they follow the locale. */
	static const char days[7][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
	static const char months[12][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
					    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	time_t seconds = (time_t)(wall_ms / 1000);
	struct tm day;

	gmtime_r(&seconds, &day);
	snprintf(text, HTTP_DATE_MAX, "%s, %02u %s %04u %02u:%02u:%02u GMT", days[day.tm_wday],
		 (unsigned)day.tm_mday % 100u, months[day.tm_mon], (unsigned)(day.tm_year + 1900) % 10000u,
		 (unsigned)day.tm_hour % 100u, (unsigned)day.tm_min % 100u, (unsigned)day.tm_sec % 100u);
}

bool http_status_is_bare(int status)
{
	return status == 204 || status == 304;
}

static bool value_fits(struct span value)
{
	for (size_t i = 0; i < value.len; i++)
		if (value.at[i] == '\r' || value.at[i] == '\n' || value.at[i] == '\0')
			return false;
	return true;
}

static bool values_fit(const struct http_reply *reply)
{
	for (size_t i = 0; i < reply->nfields; i++)
		if (!value_fits(reply->fields[i].value))
			return false;
	return true;
}

static void add_field(struct buf *to, const char *name, struct span value)
{
	buf_add_text(to, name);
	buf_add(to, ": ", 2);
	buf_add_span(to, value);
	buf_add(to, "\r\n", 2);
}

static uint64_t length_of(const struct http_reply *reply)
{
	if (reply->type == NULL)
		return 0;
	return reply->file != NULL ? reply->file->bytes : reply->body.len;
}

static void add_length(struct buf *to, uint64_t len)
{
	buf_add_text(to, "Content-Length: ");
	buf_add_u64(to, len);
	buf_add(to, "\r\n", 2);
}

bool http_reply_head(struct buf *to, const struct http_reply *reply, unsigned minor, bool keep_alive,
		     const char *date)
{
	if (!values_fit(reply))
		return false;
	buf_reserve(to, 512);
	buf_add_text(to, "HTTP/1.1 ");
	buf_add_u64(to, (uint64_t)reply->status);
	buf_add_byte(to, ' ');
	buf_add_text(to, http_status_text(reply->status));
	buf_add(to, "\r\n", 2);
	add_field(to, "Date", span_of(date));
	if (!http_status_is_bare(reply->status)) {
		if (reply->type != NULL)
			add_field(to, "Content-Type", span_of(reply->type));
		add_length(to, length_of(reply));
	}
	for (size_t i = 0; i < reply->nfields; i++)
		add_field(to, reply->fields[i].name, reply->fields[i].value);
	if (!keep_alive)
		buf_add_text(to, "Connection: close\r\n");
	else if (minor == 0)
		buf_add_text(to, "Connection: keep-alive\r\n");
	buf_add(to, "\r\n", 2);
	return true;
}
