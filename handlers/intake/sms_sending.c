/*
 * What the drivers that send have in common: fields, forms, addresses for
 * delivery reports, templates; see sms_door.h.
 */
#include "daemon/base/base64.h"
#include "handlers/intake/sms_door.h"

#include <assert.h>

#define NUMBER_MIN 6   /* characters; shorter runs are words */

struct sms_head sms_head_new(struct arena *arena, size_t max)
{
	return (struct sms_head){ .fields = arena_array(arena, const char *, max + 1), .max = max, .arena = arena };
}

/* Nothing from outside may end a field or start another. */
void sms_head_add(struct sms_head *head, const char *name, struct span value)
{
	assert(head->n < head->max && (value.len == 0 || (memchr(value.at, '\r', value.len) == NULL &&
							   memchr(value.at, '\n', value.len) == NULL)));
	head->fields[head->n++] = arena_printf(head->arena, "%s: %.*s", name, (int)value.len, value.len > 0 ? value.at : "");
}

void sms_head_basic(struct sms_head *head, const char *user, const char *password)
{
	struct buf value = { 0 };
	const char *pair = arena_printf(head->arena, "%s:%s", user, password);

	buf_add_text(&value, "Basic ");
	base64_add(&value, pair, strlen(pair));
	sms_head_add(head, "Authorization", buf_span(&value));
	buf_release(&value);
}

void sms_escape_add(struct buf *to, struct span value)
{
	for (size_t i = 0; i < value.len; i++) {
		unsigned char c = (unsigned char)value.at[i];

		if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' ||
		    c == '.' || c == '~')
			buf_add_byte(to, c);
		else
			buf_printf(to, "%%%02X", c);
	}
}

void sms_form_add(struct buf *form, const char *name, struct span value)
{
	if (form->len > 0)
		buf_add_byte(form, '&');
	buf_add_text(form, name);
	buf_add_byte(form, '=');
	sms_escape_add(form, value);
}

enum sms_outcome sms_outcome_of(int status)
{
	switch (status) {
	case 401:
	case 403:
	case 404:
	case 429:
	case 503:
		return SMS_LATER;
	default:
		return status >= 400 && status < 500 ? SMS_REFUSED : SMS_MAYBE;
	}
}

/* Gateways expand or escape some characters in it, so an id may hold nothing that needs an escape. */
static bool is_plain_id(struct span id)
{
	for (size_t i = 0; i < id.len; i++) {
		char c = id.at[i];

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-'))
			return false;
	}
	return id.len > 0;
}

struct span sms_receipt_url(const struct gateway_config *config, struct span our_id, struct arena *arena)
{
	if (!sms_is_set(config->receipt_url) || !is_plain_id(our_id))
		return (struct span){ 0 };
	return span_of(arena_printf(arena, "%s%smy=%.*s", config->receipt_url,
				    strchr(config->receipt_url, '?') != NULL ? "&" : "?", (int)our_id.len, our_id.at));
}

struct span sms_url_host(const char *url)
{
	struct span rest = span_of(url), host;

	rest = span_from_offset(rest, span_find(rest, SPAN("://")) + 3);
	return span_cut(&rest, '/', &host) ? host : rest;
}

struct span sms_digits(struct span number)
{
	return span_starts(number, SPAN("+")) ? span_from_offset(number, 1) : number;
}

/* --- templates -------------------------------------------------------------------- */

static bool is_of_number(struct span text, size_t i)
{
	char c = text.at[i];

	if (c == ' ')
		return i > 0 && i + 1 < text.len && text.at[i - 1] >= '0' && text.at[i - 1] <= '9' && text.at[i + 1] >= '0' &&
		       text.at[i + 1] <= '9';
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || c == '-';
}

struct span sms_number_in(struct span text)
{
	struct span longest = { 0 };

	for (size_t from = 0, to; from < text.len; from = to + 1) {
		for (to = from; to < text.len && is_of_number(text, to);)
			to++;
		if (to - from >= NUMBER_MIN && to - from > longest.len)
			longest = span_from(text.at + from, to - from);
	}
	return longest;
}

bool sms_fill(const char *format, struct span text, struct arena *arena, struct span *out)
{
	struct span rest = span_of(format), number = sms_number_in(text);
	struct buf filled = { 0 };
	bool well = true;

	while (rest.len > 0 && well) {
		if (span_starts(rest, SPAN("{number}"))) {
			well = number.len > 0;
			buf_add_span(&filled, number);
			rest = span_from_offset(rest, 8);
		} else if (span_starts(rest, SPAN("{text}"))) {
			buf_add_span(&filled, text);
			rest = span_from_offset(rest, 6);
		} else {
			buf_add_byte(&filled, rest.at[0]);
			rest = span_from_offset(rest, 1);
		}
	}
	*out = arena_dup(arena, buf_span(&filled));
	buf_release(&filled);
	return well;
}
