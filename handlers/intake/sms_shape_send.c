/*
 * Sending through a gateway that is described by configuration: a template of
 * the request, filled in with the escapes of its type; see sms_shape.h.
 */
#include "daemon/base/json_out.h"
#include "daemon/base/table.h"
#include "handlers/intake/sms_shape.h"

#define FIELDS_MAX 8

enum escape {
	ESCAPE_NONE,
	ESCAPE_FORM,
	ESCAPE_JSON,
	ESCAPE_XML,
	ESCAPES,
};

static const char *type_of(const struct gateway_config *config)
{
	return sms_is_set(config->shape.send_type) ? config->shape.send_type : "application/x-www-form-urlencoded";
}

static enum escape escape_of(const char *type)
{
	struct span t = span_of(type);

	if (span_starts(t, SPAN("application/x-www-form-urlencoded")))
		return ESCAPE_FORM;
	if (span_starts(t, SPAN("application/json")))
		return ESCAPE_JSON;
	return span_find(t, SPAN("xml")) < t.len ? ESCAPE_XML : ESCAPE_NONE;
}

static void add_json(struct buf *to, struct span value)
{
	struct buf quoted = { 0 };
	struct json_out json = json_out_to(&quoted);

	json_text(&json, NULL, value);
	buf_add(to, quoted.at + 1, quoted.len - 2);
	buf_release(&quoted);
}

static void add_xml(struct buf *to, struct span value)
{
	for (size_t i = 0; i < value.len; i++) {
		switch (value.at[i]) {
		case '&':
			buf_add_text(to, "&amp;");
			break;
		case '<':
			buf_add_text(to, "&lt;");
			break;
		case '>':
			buf_add_text(to, "&gt;");
			break;
		case '"':
			buf_add_text(to, "&quot;");
			break;
		default:
			buf_add_byte(to, value.at[i]);
		}
	}
}

static void add_escaped(struct buf *to, enum escape escape, struct span value)
{
	switch (escape) {
	case ESCAPE_NONE:
		buf_add_span(to, value);
		return;
	case ESCAPE_FORM:
		sms_escape_add(to, value);
		return;
	case ESCAPE_JSON:
		add_json(to, value);
		return;
	case ESCAPE_XML:
		add_xml(to, value);
		return;
	case ESCAPES:
		break;
	}
}

struct filling {
	const char *name;
	struct span value;
};

static void fill(const char *format, const struct filling *with, size_t n, enum escape escape, struct buf *to)
{
	for (struct span rest = span_of(format); rest.len > 0;) {
		size_t i = 0;

		while (i < n && !span_starts(rest, span_of(with[i].name)))
			i++;
		if (i < n)
			add_escaped(to, escape, with[i].value);
		else
			buf_add_byte(to, rest.at[0]);
		rest = span_from_offset(rest, i < n ? strlen(with[i].name) : 1);
	}
}

static struct span filled(const char *format, const struct filling *with, size_t n, enum escape escape, struct arena *arena)
{
	struct buf text = { 0 };

	fill(format, with, n, escape, &text);
	struct span out = arena_dup(arena, buf_span(&text));

	buf_release(&text);
	return out;
}

/* "Name: value | Name: value" */
static void add_fields(const struct gateway_config *config, const struct filling *with, size_t n, struct sms_head *head)
{
	struct span rest = span_of(config->shape.send_fields), item, name;

	while (rest.len > 0 && span_cut(&rest, '|', &item)) {
		item = span_trim(item);
		if (span_cut(&item, ':', &name))
			sms_head_add(head, arena_dup(head->arena, name).at,
				     filled(arena_dup(head->arena, span_trim(item)).at, with, n, ESCAPE_NONE, head->arena));
	}
}

bool sms_shape_encode(const struct gateway_config *config, const struct sms_outgoing *sms, struct arena *arena,
		      struct sms_request *out)
{
	const struct filling with[] = {
		{ .name = "{to}", .value = sms->to },
		{ .name = "{digits}", .value = sms_digits(sms->to) },
		{ .name = "{text}", .value = sms->text },
		{ .name = "{number}", .value = sms_number_in(sms->text) },
		{ .name = "{id}", .value = sms->our_id },
		{ .name = "{sender}", .value = span_of(config->sender) },
		{ .name = "{user}", .value = span_of(config->send_user) },
		{ .name = "{password}", .value = span_of(config->send_password) },
		{ .name = "{receipts}", .value = sms_receipt_url(config, sms->our_id, arena) },
	};
	bool get = sms_is_set(config->shape.send_method) && strcmp(config->shape.send_method, "GET") == 0;
	struct sms_head head = sms_head_new(arena, FIELDS_MAX + 2);
	struct span content = span_of(config->shape.send_body);
	bool wants_number = span_find(content, SPAN("{number}")) < content.len;

	if (wants_number && sms_number_in(sms->text).len == 0)
		return false;
	content = filled(config->shape.send_body, with, COUNT_OF(with), get ? ESCAPE_FORM : escape_of(type_of(config)), arena);
	if (sms_is_set(config->shape.send_fields))
		add_fields(config, with, COUNT_OF(with), &head);
	else if (sms_is_set(config->send_user))
		sms_head_basic(&head, config->send_user, config->send_password);
	*out = (struct sms_request){ .method = get ? HTTP_GET : HTTP_POST, .url = config->send_url };
	if (get) {
		out->url = arena_printf(arena, "%s%c%s", config->send_url, strchr(config->send_url, '?') ? '&' : '?', content.at);
	} else {
		sms_head_add(&head, "Content-Type", span_of(type_of(config)));
		out->body = content;
	}
	out->fields = head.fields;
	return true;
}

/* --- outcome -------------------------------------------------------------------------- */

/* "200 PIECE": that status, and the piece stands in the body; not set: any 2xx. */
static bool is_done(const struct gateway_config *config, int status, struct span body)
{
	struct span piece = span_of(config->shape.send_done), digits;
	uint64_t wanted = 0;

	if (piece.len == 0)
		return status >= 200 && status < 300;
	return span_cut(&piece, ' ', &digits) && span_u64(digits, &wanted) && wanted == (uint64_t)status &&
	       (piece.len == 0 || span_find(body, piece) < body.len);
}

enum sms_outcome sms_shape_outcome(const struct gateway_config *config, int status, struct span body, struct arena *arena,
				   struct span *their_id)
{
	struct sms_fields *fields = arena_new(arena, struct sms_fields);

	*their_id = (struct span){ 0 };
	if (is_done(config, status, body)) {
		if (sms_is_set(config->shape.send_id_field) && sms_fields_of_json(body, arena, fields))
			*their_id = arena_dup(arena, sms_field(fields, config->shape.send_id_field));
		return SMS_SENT;
	}
	return sms_outcome_of(status);
}

static bool fields_fit(const char *option, struct complaint *why)
{
	struct span rest = span_of(option), item, name;
	size_t n = 0;

	/* A text may have several lines, a field has one. */
	if (span_find(rest, SPAN("{text}")) < rest.len)
		return complain(why, 0, "send_fields: {text} has its place in send_body");
	while (rest.len > 0 && span_cut(&rest, '|', &item)) {
		item = span_trim(item);
		if (!span_cut(&item, ':', &name) || name.len == 0 || item.at == NULL || ++n > FIELDS_MAX)
			return complain(why, 0, "send_fields: at most %d of \"Name: value\", with | between them, are expected",
					FIELDS_MAX);
	}
	return true;
}

bool sms_shape_send_fits(const struct gateway_config *config, struct complaint *why)
{
	struct span body = span_of(config->shape.send_body), done = span_of(config->shape.send_done), digits;
	uint64_t status;

	if (!sms_is_set(config->send_url))
		return true;
	if (span_find(body, SPAN("{to}")) == body.len && span_find(body, SPAN("{digits}")) == body.len)
		return complain(why, 0, "send_body: neither {to} nor {digits} is there; nobody would get the message");
	if (span_find(body, SPAN("{text}")) == body.len && span_find(body, SPAN("{number}")) == body.len)
		return complain(why, 0, "send_body: neither {text} nor {number} is there");
	if (sms_is_set(config->shape.send_method) && strcmp(config->shape.send_method, "GET") != 0 &&
	    strcmp(config->shape.send_method, "POST") != 0)
		return complain(why, 0, "send_method: GET or POST is expected");
	if (done.len > 0 && (!span_cut(&done, ' ', &digits) || digits.len != 3 || !span_u64(digits, &status)))
		return complain(why, 0, "send_done: a status, and a piece of the answer behind a blank, is expected");
	return fields_fit(config->shape.send_fields, why);
}
