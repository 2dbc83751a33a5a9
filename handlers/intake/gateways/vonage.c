/*
 * Vonage (Nexmo): the SMS API (signature: md5hash, md5, sha1, sha256, sha512)
 * and the Messages API (signature: jwt).
 *
 * SMS API: GET, form or JSON. `sig` covers all other parameters in order of
 * their names, '&' and '=' within values written as '_'; md5hash hashes that
 * with the secret behind it, the others are HMACs. The parameters must be read
 * before they are trusted, as the signature covers their decoded values.
 * `timestamp` must be near our own time; what comes twice is one tip by its
 * messageId. Long messages come in parts: concat-ref, -total, -part.
 *
 * Messages API: JSON, with a JSON Web Token whose payload_hash is the hash of
 * the raw body. The vendor makes it optional; here a token without it is none,
 * because it would fit any body. Long messages come joined.
 */
#include "daemon/base/json_out.h"
#include "daemon/base/table.h"
#include "daemon/core/sms/split.h"
#include "handlers/intake/sms_digest.h"
#include "handlers/intake/sms_jwt.h"

#include <stdlib.h>

static bool is_messages_api(const struct gateway_config *config)
{
	return sms_is_set(config->signature) && strcmp(config->signature, "jwt") == 0;
}

/* --- verify -------------------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
	struct span p = ((const struct sms_field *)a)->name, q = ((const struct sms_field *)b)->name;
	size_t shorter = p.len < q.len ? p.len : q.len;
	int order = shorter > 0 ? memcmp(p.at, q.at, shorter) : 0;

	return order != 0 ? order : (p.len > q.len) - (p.len < q.len);
}

/* A name with a sign between parameters in it is two of them, or one and its value, to the signature. */
static bool is_name(struct span name)
{
	return span_find(name, SPAN("&")) == name.len && span_find(name, SPAN("=")) == name.len;
}

/* "&key=value" for each, in order. */
static bool signed_text(struct sms_fields *fields, struct buf *text)
{
	qsort(fields->at, fields->n, sizeof(fields->at[0]), by_name);
	for (size_t i = 0; i < fields->n; i++) {
		if (span_is(fields->at[i].name, "sig"))
			continue;
		if (!is_name(fields->at[i].name))
			return false;
		buf_add_byte(text, '&');
		buf_add_span(text, fields->at[i].name);
		buf_add_byte(text, '=');
		for (size_t k = 0; k < fields->at[i].value.len; k++) {
			char c = fields->at[i].value.at[k];

			buf_add_byte(text, c == '&' || c == '=' ? '_' : c);
		}
	}
	return true;
}

static bool sig_fits(const struct gateway_config *config, struct sms_fields *fields)
{
	struct span sig = sms_field(fields, "sig");
	struct sms_digest digest;
	struct buf text = { 0 };
	enum sms_hash hash;
	bool well = false;

	if (!signed_text(fields, &text)) {
		buf_release(&text);
		return false;
	}
	if (sms_hash_find(span_of(config->signature), &hash)) {
		sms_hmac(hash, span_of(config->secret), buf_span(&text), &digest);
		well = sms_digest_is_hex(&digest, sig);
	} else if (strcmp(config->signature, "md5hash") == 0) {
		buf_add_text(&text, config->secret);
		sms_hash(SMS_MD5, buf_span(&text), &digest);
		well = sms_digest_is_hex(&digest, sig);
	}
	buf_release(&text);
	return well;
}

static bool verify_sig(const struct gateway_config *config, const struct http_request *request, int64_t now_ms,
		       struct arena *arena)
{
	struct sms_fields *fields = arena_new(arena, struct sms_fields);

	return sms_fields_of_request(request, arena, fields) && sig_fits(config, fields) &&
	       sms_time_fits(sms_field(fields, "timestamp"), now_ms);
}

static bool verify_jwt(const struct gateway_config *config, const struct http_request *request, int64_t now_ms,
		       struct arena *arena)
{
	struct span field = http_field_find(request, "Authorization");
	struct sms_fields *claims = arena_new(arena, struct sms_fields);
	struct sms_digest digest;

	if (field.len < 7 || !span_eq_nocase(span_from(field.at, 7), SPAN("Bearer ")) ||
	    !sms_jwt_read(span_trim(span_from_offset(field, 7)), config->secret, now_ms, arena, claims))
		return false;
	sms_hash(SMS_SHA256, request->body, &digest);
	return sms_digest_is_hex(&digest, sms_field(claims, "payload_hash"));
}

static bool vonage_verify(const struct gateway_config *config, const struct http_request *request, int64_t now_ms)
{
	struct arena arena = { 0 };
	bool well = false;

	if (sms_is_set(config->secret) && sms_is_set(config->signature))
		well = is_messages_api(config) ? verify_jwt(config, request, now_ms, &arena)
					       : verify_sig(config, request, now_ms, &arena);
	arena_release(&arena);
	return well;
}

/* --- decode --------------------------------------------------------------------- */

static enum sms_fate fate_of(struct span status)
{
	static const struct sms_status fates[] = {
		{ .word = "delivered", .fate = SMS_DELIVERED },    { .word = "read", .fate = SMS_DELIVERED },
		{ .word = "expired", .fate = SMS_FAILED },	     { .word = "failed", .fate = SMS_FAILED },
		{ .word = "rejected", .fate = SMS_FAILED },	     { .word = "undeliverable", .fate = SMS_FAILED },
		{ .word = "accepted", .fate = SMS_BUFFERED },	     { .word = "buffered", .fate = SMS_BUFFERED },
		{ .word = "submitted", .fate = SMS_BUFFERED },
	};

	return sms_fate_of(fates, COUNT_OF(fates), status);
}

static struct span octets_of(struct span encoded, struct arena *arena)
{
	struct buf octets = { 0 };
	struct span out = { 0 };

	if (sms_octets_parse(encoded, &octets))
		out = arena_dup(arena, buf_span(&octets));
	buf_release(&octets);
	return out;
}

static unsigned small_number(struct span digits)
{
	uint64_t n = 0;

	return span_u64(digits, &n) && n <= 65535 ? (unsigned)n : 0;
}

static void read_sms_api(const struct sms_fields *fields, struct arena *arena, struct link_message *raw)
{
	*raw = (struct link_message){ .key = sms_field(fields, "messageId"),
				      .from = sms_field(fields, "msisdn"),
				      .to = sms_field(fields, "to"),
				      .coding = SMS_UTF8,
				      .octets = sms_field(fields, "text") };
	if (span_is(sms_field(fields, "type"), "binary")) {
		raw->coding = SMS_OCTETS;
		raw->header = octets_of(sms_field(fields, "udh"), arena);
		raw->octets = octets_of(sms_field(fields, "data"), arena);
	}
	raw->sar = span_is(sms_field(fields, "concat"), "true");
	raw->sar_reference = small_number(sms_field(fields, "concat-ref"));
	raw->sar_total = small_number(sms_field(fields, "concat-total"));
	raw->sar_number = small_number(sms_field(fields, "concat-part"));
}

static struct span first_of(const struct sms_fields *fields, const char *name, const char *other)
{
	struct span value = sms_field(fields, name);

	return value.at != NULL ? value : sms_field(fields, other);
}

static void read_messages_api(const struct sms_fields *fields, struct link_message *raw)
{
	*raw = (struct link_message){ .key = sms_field(fields, "message_uuid"),
				      .from = first_of(fields, "from", "from.number"),
				      .to = first_of(fields, "to", "to.number"),
				      .coding = SMS_UTF8,
				      .octets = first_of(fields, "text", "message.content.text") };
}

/* The id that rode along: in our own address, or as the client's reference. */
static void read_receipt(const struct http_request *request, const struct sms_fields *fields, struct arena *arena,
			 struct sms_message *out)
{
	out->kind = SMS_RECEIPT;
	out->receipt_id = sms_parameter(request->query, "my", arena);
	if (out->receipt_id.len == 0)
		out->receipt_id = first_of(fields, "client-ref", "client_ref");
	out->their_id = first_of(fields, "messageId", "message_uuid");
	out->fate = fate_of(sms_field(fields, "status"));
}

static bool vonage_decode(const struct gateway_config *config, const struct http_request *request,
			  struct arena *arena, struct sms_batch *batch, struct complaint *why)
{
	struct sms_fields *fields = arena_new(arena, struct sms_fields);
	struct link_message raw;
	struct sms_message *out;

	batch->n = 0;
	if (!sms_fields_of_request(request, arena, fields))
		return complain(why, 0, "neither a query, a form nor a JSON object");
	out = sms_batch_add(batch);
	if (sms_path_is_receipt(request->path)) {
		read_receipt(request, fields, arena, out);
		return true;
	}
	if (is_messages_api(config))
		read_messages_api(fields, &raw);
	else
		read_sms_api(fields, arena, &raw);
	if (raw.key.len == 0 || raw.from.at == NULL)
		return complain(why, 0, "the message's id or its sender is missing");
	return sms_door_message(config, &raw, arena, out, why);
}

/* --- answer ----------------------------------------------------------------------- */

static void vonage_answer(const struct gateway_config *config, enum sms_result result, struct http_reply *reply)
{
	static const int statuses[] = { [SMS_TAKEN] = 200, [SMS_AGAIN] = 503, [SMS_NEVER] = 400 };

	(void)config;
	*reply = (struct http_reply){ .status = statuses[result], .type = "text/plain", .body = SPAN("") };
}

/* --- encode and outcome -------------------------------------------------------------- */

static void write_sms_api(const struct gateway_config *config, const struct sms_outgoing *sms, struct span receipts,
			  struct buf *form)
{
	sms_form_add(form, "api_key", span_of(config->send_user));
	sms_form_add(form, "api_secret", span_of(config->send_password));
	sms_form_add(form, "to", sms_digits(sms->to));
	sms_form_add(form, "from", sms_digits(span_of(config->sender)));
	sms_form_add(form, "text", sms->text);
	sms_form_add(form, "type", sms_text_is_gsm(sms->text) ? SPAN("text") : SPAN("unicode"));
	sms_form_add(form, "status-report-req", receipts.len > 0 ? SPAN("1") : SPAN("0"));
	if (receipts.len > 0) {
		sms_form_add(form, "callback", receipts);
		sms_form_add(form, "client-ref", sms->our_id);
	}
}

static void write_messages_api(const struct gateway_config *config, const struct sms_outgoing *sms, struct span receipts,
			       struct buf *body)
{
	struct json_out json = json_out_to(body);

	json_open(&json, '{');
	json_text(&json, "message_type", SPAN("text"));
	json_text(&json, "channel", SPAN("sms"));
	json_text(&json, "to", sms_digits(sms->to));
	json_text(&json, "from", sms_digits(span_of(config->sender)));
	json_text(&json, "text", sms->text);
	if (receipts.len > 0) {
		json_text(&json, "client_ref", sms->our_id);
		json_text(&json, "webhook_url", receipts);
	}
	json_close(&json, '}');
}

static bool vonage_encode(const struct gateway_config *config, const struct sms_outgoing *sms, struct arena *arena,
			  struct sms_request *out)
{
	struct sms_head head = sms_head_new(arena, 2);
	struct span receipts = sms_receipt_url(config, sms->our_id, arena);
	struct buf body = { 0 };

	if (is_messages_api(config)) {
		write_messages_api(config, sms, receipts, &body);
		sms_head_add(&head, "Content-Type", SPAN("application/json"));
		sms_head_basic(&head, config->send_user, config->send_password);
	} else {
		write_sms_api(config, sms, receipts, &body);
		sms_head_add(&head, "Content-Type", SPAN("application/x-www-form-urlencoded"));
	}
	*out = (struct sms_request){ .method = HTTP_POST, .url = config->send_url, .fields = head.fields,
				     .body = arena_dup(arena, buf_span(&body)) };
	buf_release(&body);
	return true;
}

/* Codes of the SMS API's answer, which is 200 whatever happened: 0 sent; 5 is an error of theirs, which tells nothing. */
static enum sms_outcome outcome_of_code(struct span code)
{
	static const char *const later[] = { "1", "4", "8", "9", "10", "14", "32" };

	if (span_is(code, "0"))
		return SMS_SENT;
	for (size_t i = 0; i < COUNT_OF(later); i++)
		if (span_is(code, later[i]))
			return SMS_LATER;
	return code.len == 0 || span_is(code, "5") ? SMS_MAYBE : SMS_REFUSED;
}

static enum sms_outcome read_accepted(struct span body, struct arena *arena, struct span *their_id)
{
	struct sms_fields *fields = arena_new(arena, struct sms_fields);

	if (!sms_fields_of_json(body, arena, fields))
		return SMS_MAYBE;
	*their_id = arena_dup(arena, first_of(fields, "message_uuid", "messages.0.message-id"));
	return sms_field(fields, "message_uuid").len > 0 ? SMS_SENT : outcome_of_code(sms_field(fields, "messages.0.status"));
}

static enum sms_outcome vonage_outcome(const struct gateway_config *config, int status, struct span body,
				       struct arena *arena, struct span *their_id)
{
	(void)config;
	*their_id = (struct span){ 0 };
	switch (status) {
	case 200:
	case 202:
		return read_accepted(body, arena, their_id);
	case 402:
		return SMS_LATER;
	case 503:
		return SMS_MAYBE;
	default:
		return sms_outcome_of(status);
	}
}

static bool vonage_fits(const struct gateway_config *config, struct complaint *why)
{
	const char *const receiving[] = { "secret_file", config->secret, "signature", config->signature, NULL };
	const char *const sending[] = { "send_user", config->send_user, "send_password_file", config->send_password,
					"sender", config->sender, NULL };
	enum sms_hash hash;

	if (!sms_settings_fit(why, "the signature", receiving))
		return false;
	if (!is_messages_api(config) && strcmp(config->signature, "md5hash") != 0 &&
	    !sms_hash_find(span_of(config->signature), &hash))
		return complain(why, 0, "signature: \"%.20s\" is none of md5hash md5 sha1 sha256 sha512 jwt", config->signature);
	return !sms_is_set(config->send_url) || sms_settings_fit(why, "sending", sending);
}

extern const struct gateway gateway_vonage;
const struct gateway gateway_vonage = {
	.driver = "vonage",
	.refused = 401,
	.fits = vonage_fits,
	.receipts_at = sms_receipts_plain,
	.verify = vonage_verify,
	.decode = vonage_decode,
	.answer = vonage_answer,
	.encode = vonage_encode,
	.outcome = vonage_outcome,
};
