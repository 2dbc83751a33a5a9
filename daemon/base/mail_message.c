/*
 * Messages as RFC 5322 has them; see mail_message.h. Bodies are base64: no line
 * is too long, none begins with a dot, and no relay has a reason to mend them.
 */
#include "daemon/base/mail_message.h"

#include "daemon/base/base64.h"
#include "daemon/base/civil_time.h"
#include "daemon/base/utf8.h"

#define LINE 76
#define WORD_BYTES 42          /* of text in an encoded word: 56 of base64 and 12 around */
#define DAY_MS INT64_C(86400000)

/* --- addresses ------------------------------------------------------------------------ */

static bool is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* Words of such characters, joined by dots. */
static bool dotted(struct span text, const char *others)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i];
		bool dot = c == '.';

		if (dot && (i == 0 || i + 1 == text.len || text.at[i - 1] == '.'))
			return false;
		if (!dot && !is_alnum(c) && (c == '\0' || strchr(others, c) == NULL))
			return false;
	}
	return text.len > 0;
}

bool mail_address_fits(struct span address)
{
	struct span domain = address, local;

	return address.len <= MAIL_ADDRESS_MAX && span_find(address, SPAN("@")) < address.len && span_cut(&domain, '@', &local) &&
	       local.len <= 64 && dotted(local, "!#$%&'*+-/=?^_`{|}~") && dotted(domain, "-") && domain.at[0] != '-';
}

bool mail_address_next(struct span *rest, struct span *address)
{
	while (rest->len > 0) {
		struct span part;

		if (!span_cut(rest, ',', &part))
			return false;
		*address = span_trim(part);
		if (address->len > 0)
			return true;
	}
	return false;
}

/* --- servers ---------------------------------------------------------------------------- */

static bool host_of(struct span url, struct span *host, struct span *port)
{
	bool secure = span_starts(url, SPAN("smtps://"));
	struct span rest = span_from_offset(url, secure ? 8 : 7);
	size_t end = 0;

	if (!secure && !span_starts(url, SPAN("smtp://")))
		return false;
	if (rest.len > 0 && rest.at[0] == '[')
		end = span_find(rest, SPAN("]"));
	end += span_find(span_from_offset(rest, end), SPAN(":"));
	*host = span_from(rest.at, end < rest.len ? end : rest.len);
	*port = span_from_offset(rest, end);
	return host->len > 0;
}

static bool host_fits(struct span host)
{
	if (host.at[0] != '[')
		return dotted(host, "-");
	for (size_t i = 1; i + 1 < host.len; i++)
		if (strchr("0123456789abcdefABCDEF:.", host.at[i]) == NULL || host.at[i] == '\0')
			return false;
	return host.len > 3 && host.at[host.len - 1] == ']';
}

bool mail_server_fits(struct span url)
{
	struct span host, port;
	uint64_t number;

	if (!host_of(url, &host, &port) || !host_fits(host))
		return false;
	return port.len == 0 || (span_u64(span_from_offset(port, 1), &number) && number >= 1 && number <= 65535);
}

bool mail_server_loopback(struct span url)
{
	struct span host, port;

	if (!host_of(url, &host, &port))
		return false;
	for (size_t i = 0; span_starts(host, SPAN("127.")) && i < host.len; i++)
		if (host.at[i] != '.' && !(host.at[i] >= '0' && host.at[i] <= '9'))
			return false;
	return span_is(host, "localhost") || span_is(host, "[::1]") || span_starts(host, SPAN("127."));
}

/* --- fields ------------------------------------------------------------------------------ */

static bool plain(struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.at[i] < ' ' || text.at[i] > '~')
			return false;
	return span_find(text, SPAN("=?")) == text.len;
}

/* RFC 2047: words of at most 75 characters, none of which cuts a character. */
static void add_encoded(struct buf *out, struct span text)
{
	struct buf clean = { 0 };
	struct span rest;

	for (size_t i = 0; i < text.len; i++)
		buf_add_byte(&clean, (unsigned char)text.at[i] < ' ' || text.at[i] == 0x7F ? ' ' : (unsigned char)text.at[i]);
	rest = buf_span(&clean);
	while (rest.len > 0) {
		struct span word = utf8_cut(rest, WORD_BYTES);

		buf_add_text(out, "=?UTF-8?B?");
		base64_add(out, word.at, word.len);
		rest = span_from_offset(rest, word.len);
		buf_add_text(out, rest.len > 0 ? "?=\r\n " : "?=");
	}
	buf_release(&clean);
}

/* `room`: how much stands on its first line. */
static void add_text(struct buf *out, struct span text, size_t room)
{
	if (plain(text) && text.len <= room)
		buf_add_span(out, text);
	else
		add_encoded(out, text);
}

static void add_from(struct buf *out, const struct mail_message *message)
{
	buf_add_text(out, "From: ");
	if (message->from_name.len > 0) {
		/* Always as an encoded word: then there is nothing to quote. */
		add_encoded(out, message->from_name);
		buf_add_text(out, "\r\n ");
	}
	buf_printf(out, "<%.*s>\r\n", (int)message->from.len, message->from.at);
}

static void add_to(struct buf *out, struct span list)
{
	const char *before = "To: ";
	struct span address;

	while (mail_address_next(&list, &address)) {
		buf_printf(out, "%s<%.*s>", before, (int)address.len, address.at);
		before = ",\r\n ";
	}
	buf_add_text(out, "\r\n");
}

/* "Sun, 22 Nov 2026 08:00:00 +0000", in English whatever the locale is. */
static void add_date(struct buf *out, int64_t at_ms)
{
	static const char days[][4] = { "Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed" };
	static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	char text[CIVIL_TEXT_MAX];
	uint64_t month = 1;

	civil_write(at_ms, text);
	(void)span_u64(span_from(text + 5, 2), &month);
	buf_printf(out, "Date: %s, %.2s %s %.4s %.8s +0000\r\n", days[at_ms / DAY_MS % 7], text + 8, months[month - 1], text, text + 11);
}

static void add_body(struct buf *out, struct span body)
{
	struct buf lines = { 0 }, encoded = { 0 };

	for (size_t i = 0; i < body.len; i++) {
		if (body.at[i] == '\n')
			buf_add_byte(&lines, '\r');
		buf_add_byte(&lines, (unsigned char)body.at[i]);
	}
	base64_add(&encoded, lines.at, lines.len);
	for (size_t i = 0; i < encoded.len; i += LINE) {
		buf_add(out, encoded.at + i, encoded.len - i < LINE ? encoded.len - i : LINE);
		buf_add_text(out, "\r\n");
	}
	buf_release(&lines);
	buf_release(&encoded);
}

void mail_message_write(const struct mail_message *message, struct buf *out)
{
	struct span domain = message->from, local;

	(void)span_cut(&domain, '@', &local);
	add_date(out, message->at_ms);
	add_from(out, message);
	add_to(out, message->to);
	buf_add_text(out, "Subject: ");
	add_text(out, message->subject, LINE - strlen("Subject: "));
	buf_printf(out, "\r\nMessage-ID: <%.*s@%.*s>\r\n", (int)message->id.len, message->id.at, (int)domain.len, domain.at);
	buf_add_text(out, "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n");
	buf_printf(out, "Content-Language: %.*s\r\n", (int)message->language.len, message->language.at);
	buf_add_text(out, "Content-Transfer-Encoding: base64\r\n\r\n");
	add_body(out, message->body);
}
