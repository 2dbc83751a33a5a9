/*
 * Twilio: messages and status callbacks by webhook, answers by its REST API.
 *
 * X-Twilio-Signature is HMAC-SHA1 over the address that Twilio called and the
 * parameters of the form, so the address must be ours to know, byte for byte:
 * webhook_url, or public_url with path and query of the request. Never Host or
 * X-Forwarded-*, which anybody can write. A JSON body is covered by bodySHA256
 * in the query. The address counts with and without its default port, because
 * Twilio's own clients are at odds about it.
 *
 * The form has to be read before it is trusted: the signature covers decoded
 * names and values. Reading it needs nothing but memory within limits.body_bytes.
 *
 * Any body but an empty <Response/> would be texted to the sender.
 */
#include "daemon/base/table.h"
#include "handlers/intake/sms_digest.h"
#include "handlers/intake/sms_door.h"

#include <stdlib.h>

/* --- verify -------------------------------------------------------------------- */

static int by_name_and_value(const void *a, const void *b)
{
	const struct sms_field *x = a, *y = b;
	const struct span pairs[][2] = { { x->name, y->name }, { x->value, y->value } };

	for (size_t i = 0; i < COUNT_OF(pairs); i++) {
		struct span p = pairs[i][0], q = pairs[i][1];
		size_t shorter = p.len < q.len ? p.len : q.len;
		int order = shorter > 0 ? memcmp(p.at, q.at, shorter) : 0;

		if (order != 0 || p.len != q.len)
			return order != 0 ? order : (p.len < q.len ? -1 : 1);
	}
	return 0;
}

/* Names and values in order of the names, each distinct pair once. */
static void add_form(struct sms_fields *form, struct buf *text)
{
	qsort(form->at, form->n, sizeof(form->at[0]), by_name_and_value);
	for (size_t i = 0; i < form->n; i++) {
		if (i > 0 && by_name_and_value(&form->at[i - 1], &form->at[i]) == 0)
			continue;
		buf_add_span(text, form->at[i].name);
		buf_add_span(text, form->at[i].value);
	}
}

/* "https://a.example:443/x" and "https://a.example/x": the address in the other spelling, empty when it has none. */
static struct span other_spelling(struct span url, struct arena *arena)
{
	bool tls = span_starts(url, SPAN("https://"));
	size_t host = tls ? 8 : 7;
	struct span rest = span_from_offset(url, host), port = tls ? SPAN(":443") : SPAN(":80");
	size_t end = 0;

	while (end < rest.len && rest.at[end] != '/' && rest.at[end] != '?')
		end++;
	struct span authority = span_from(rest.at, end), path = span_from_offset(rest, end);
	size_t colon = span_find(authority, SPAN(":"));

	if (colon == authority.len)
		return span_of(arena_printf(arena, "%.*s%.*s%.*s", (int)(host + end), url.at, (int)port.len, port.at,
					    (int)path.len, path.at != NULL ? path.at : ""));
	if (!span_eq(span_from_offset(authority, colon), port))
		return (struct span){ 0 };
	return span_of(arena_printf(arena, "%.*s%.*s", (int)(host + colon), url.at, (int)path.len,
				    path.at != NULL ? path.at : ""));
}

static struct span without_fragment(struct span url)
{
	return span_from(url.at, span_find(url, SPAN("#")));
}

/* As Twilio called it. */
static struct span address_of(const struct gateway_config *config, const struct http_request *request, struct arena *arena)
{
	if (sms_is_set(config->webhook_url) && request->method == HTTP_POST && !sms_path_is_receipt(request->path))
		return without_fragment(span_of(config->webhook_url));
	return span_of(arena_printf(arena, "%s%.*s%s%.*s", config->public_url, (int)request->path.len, request->path.at,
				    request->query.len > 0 ? "?" : "", (int)request->query.len,
				    request->query.len > 0 ? request->query.at : ""));
}

static bool is_signed(const struct gateway_config *config, struct span url, struct span form, struct span signature)
{
	struct buf text = { 0 };
	struct sms_digest digest;

	if (url.len == 0)
		return false;
	buf_add_span(&text, url);
	buf_add_span(&text, form);
	sms_hmac(SMS_SHA1, span_of(config->secret), buf_span(&text), &digest);
	buf_release(&text);
	return sms_digest_is_base64(&digest, signature);
}

/* The text behind the address: of a form its fields, of anything else nothing, when the query's hash is the body's. */
static bool signed_body(const struct http_request *request, struct span url, struct arena *arena, struct buf *text)
{
	struct span type = http_field_find(request, "Content-Type");
	size_t mark = span_find(url, SPAN("?"));
	struct span hash = sms_parameter(span_from_offset(url, mark + 1), "bodySHA256", arena);
	struct sms_fields *form = arena_new(arena, struct sms_fields);
	struct sms_digest digest;

	if (hash.len > 0) {
		sms_hash(SMS_SHA256, request->body, &digest);
		return sms_digest_is_hex(&digest, hash);
	}
	if (request->body.len == 0)
		return true;
	if (!span_starts(type, SPAN("application/x-www-form-urlencoded")) || !sms_fields_of_form(request->body, arena, form))
		return false;
	add_form(form, text);
	return true;
}

static bool twilio_verify(const struct gateway_config *config, const struct http_request *request, int64_t now_ms)
{
	struct span signature = http_field_find(request, "X-Twilio-Signature");
	struct arena arena = { 0 };
	struct buf form = { 0 };
	bool well = false;

	(void)now_ms;   /* a signature has no time; what comes twice is one tip by its MessageSid */
	if (sms_is_set(config->secret) && sms_is_set(config->public_url) && signature.len > 0) {
		struct span url = address_of(config, request, &arena);

		well = signed_body(request, url, &arena, &form) &&
		       (is_signed(config, url, buf_span(&form), signature) ||
			is_signed(config, other_spelling(url, &arena), buf_span(&form), signature));
	}
	buf_release(&form);
	arena_release(&arena);
	return well;
}

/* --- decode --------------------------------------------------------------------- */

static enum sms_fate fate_of(struct span status)
{
	static const struct sms_status fates[] = {
		{ .word = "accepted", .fate = SMS_BUFFERED },	   { .word = "queued", .fate = SMS_BUFFERED },
		{ .word = "scheduled", .fate = SMS_BUFFERED },   { .word = "sending", .fate = SMS_BUFFERED },
		{ .word = "sent", .fate = SMS_BUFFERED },	   { .word = "delivered", .fate = SMS_DELIVERED },
		{ .word = "read", .fate = SMS_DELIVERED },	   { .word = "undelivered", .fate = SMS_FAILED },
		{ .word = "failed", .fate = SMS_FAILED },	   { .word = "canceled", .fate = SMS_FAILED },
	};

	return sms_fate_of(fates, COUNT_OF(fates), status);
}

static bool decode_text(const struct gateway_config *config, const struct sms_fields *fields, struct arena *arena,
			struct sms_message *out, struct complaint *why)
{
	const struct link_message raw = { .key = sms_field(fields, "MessageSid"),
					  .from = sms_field(fields, "From"),
					  .to = sms_field(fields, "To"),
					  .coding = SMS_UTF8,
					  .octets = sms_field(fields, "Body") };

	if (raw.key.len == 0 || raw.from.at == NULL || raw.octets.at == NULL)
		return complain(why, 0, "MessageSid, From or Body is missing");
	return sms_door_message(config, &raw, arena, out, why);
}

static bool twilio_decode(const struct gateway_config *config, const struct http_request *request,
			  struct arena *arena, struct sms_batch *batch, struct complaint *why)
{
	struct sms_fields *fields = arena_new(arena, struct sms_fields);
	struct sms_message *out;

	batch->n = 0;
	if (!sms_fields_of_request(request, arena, fields))
		return complain(why, 0, "neither a form nor a JSON object");
	out = sms_batch_add(batch);
	if (!sms_path_is_receipt(request->path))
		return decode_text(config, fields, arena, out, why);
	out->kind = SMS_RECEIPT;
	out->receipt_id = sms_parameter(request->query, "my", arena);
	out->their_id = sms_field(fields, "MessageSid");
	out->fate = fate_of(sms_field(fields, "MessageStatus"));
	return true;
}

/* --- answer ----------------------------------------------------------------------- */

static void twilio_answer(const struct gateway_config *config, enum sms_result result, struct http_reply *reply)
{
	static const int statuses[] = { [SMS_TAKEN] = 200, [SMS_AGAIN] = 503, [SMS_NEVER] = 400 };

	(void)config;
	*reply = (struct http_reply){ .status = statuses[result], .type = "text/xml", .body = SPAN("<Response/>") };
}

/* --- encode and outcome -------------------------------------------------------------- */

static bool twilio_encode(const struct gateway_config *config, const struct sms_outgoing *sms, struct arena *arena,
			  struct sms_request *out)
{
	struct sms_head head = sms_head_new(arena, 2);
	struct span receipts = sms_receipt_url(config, sms->our_id, arena);
	struct buf form = { 0 };

	sms_form_add(&form, "To", sms->to);
	sms_form_add(&form, strncmp(config->sender, "MG", 2) == 0 ? "MessagingServiceSid" : "From", span_of(config->sender));
	sms_form_add(&form, "Body", sms->text);
	if (receipts.len > 0)
		sms_form_add(&form, "StatusCallback", receipts);
	sms_head_add(&head, "Content-Type", SPAN("application/x-www-form-urlencoded"));
	sms_head_basic(&head, config->send_user, config->send_password);
	*out = (struct sms_request){ .method = HTTP_POST, .url = config->send_url, .fields = head.fields,
				     .body = arena_dup(arena, buf_span(&form)) };
	buf_release(&form);
	return true;
}

/* 401 and 404 are the operator's slip; 400 is about this message, such as 21610: the receiver wrote STOP. */
static enum sms_outcome twilio_outcome(const struct gateway_config *config, int status, struct span body,
				       struct arena *arena, struct span *their_id)
{
	struct sms_fields *fields = arena_new(arena, struct sms_fields);

	(void)config;
	*their_id = (struct span){ 0 };
	switch (status) {
	case 200:
	case 201:
	case 202:
		if (sms_fields_of_json(body, arena, fields))
			*their_id = arena_dup(arena, sms_field(fields, "sid"));
		return their_id->len > 0 ? SMS_SENT : SMS_MAYBE;
	case 503:
		return SMS_MAYBE;
	default:
		return sms_outcome_of(status);
	}
}

static bool twilio_fits(const struct gateway_config *config, struct complaint *why)
{
	const char *const receiving[] = { "secret_file", config->secret, "public_url", config->public_url, NULL };
	const char *const sending[] = { "send_user", config->send_user, "send_password_file", config->send_password,
					"sender", config->sender, NULL };

	return sms_settings_fit(why, "the signature (secret: the Auth Token)", receiving) &&
	       (!sms_is_set(config->send_url) || sms_settings_fit(why, "sending", sending));
}

extern const struct gateway gateway_twilio;
const struct gateway gateway_twilio = {
	.driver = "twilio",
	.fits = twilio_fits,
	.receipts_at = sms_receipts_plain,
	.verify = twilio_verify,
	.decode = twilio_decode,
	.answer = twilio_answer,
	.encode = twilio_encode,
	.outcome = twilio_outcome,
};
