/*
 * Alibaba Cloud SMS: replies (SmsUp) and receipts (SmsReport) pushed as JSON
 * arrays, answers by templates through SendSms.
 *
 * The pushes carry no signature: the path carries a secret, and a wrong path
 * does not exist. An answer within 700 ms with a numeric "code" counts as
 * taken, whatever the code is, so errors have none. A batch has one answer: an
 * element that cannot be read makes it an error, and the others are stored all
 * the same; each message is known by its sequence_id when the batch comes again.
 *
 * Out: free text is not sent, only an approved signature and template with
 * parameters. The request is signed with ACS3-HMAC-SHA256 and has its
 * parameters in the body, so that no number stands in a URL.
 */
#include "daemon/base/civil_time.h"
#include "daemon/base/json_out.h"
#include "handlers/intake/sms_digest.h"
#include "handlers/intake/sms_door.h"

#define SIGNED_FIELDS "content-type;host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version"

/* --- decode --------------------------------------------------------------------- */

static void read_receipt(const struct sms_fields *fields, struct sms_message *out)
{
	struct span success = sms_field(fields, "success");

	out->kind = SMS_RECEIPT;
	out->receipt_id = sms_field(fields, "out_id");
	out->their_id = sms_field(fields, "biz_id");
	out->fate = span_is(success, "true") ? SMS_DELIVERED : span_is(success, "false") ? SMS_FAILED : SMS_FATE_UNKNOWN;
	if (out->their_id.len == 0)
		out->kind = SMS_MALFORMED;
}

static void read_text(const struct gateway_config *config, const struct sms_fields *fields, struct arena *arena,
		      struct sms_message *out)
{
	struct complaint why = { 0 };
	struct link_message raw = { .key = sms_field(fields, "sequence_id"),
				    .from = sms_field(fields, "phone_number"),
				    .to = sms_field(fields, "dest_code"),
				    .coding = SMS_UTF8,
				    .octets = sms_field(fields, "content") };
	const struct span of[] = { raw.from, raw.to, sms_field(fields, "send_time"), raw.octets };

	if (raw.key.len == 0)
		raw.key = sms_key_of(of, 4, arena);
	if (raw.from.len == 0 || raw.octets.at == NULL || !sms_door_message(config, &raw, arena, out, &why))
		*out = (struct sms_message){ .kind = SMS_MALFORMED };
}

static bool alibaba_decode(const struct gateway_config *config, const struct http_request *request,
			   struct arena *arena, struct sms_batch *batch, struct complaint *why)
{
	struct sms_list *list = request->method == HTTP_POST ? sms_list_of_json(request->body, arena) : NULL;
	bool receipts = sms_path_is_receipt(request->path);
	const struct sms_fields *fields;
	struct sms_message *out;
	enum sms_list_step step;

	batch->n = 0;
	if (list == NULL)
		return complain(why, 0, "not a POST of a JSON array");
	while ((step = sms_list_message(list, arena, batch, &fields, &out, why)) == SMS_LIST_ONE) {
		if (receipts)
			read_receipt(fields, out);
		else
			read_text(config, fields, arena, out);
	}
	return step == SMS_LIST_END;
}

/* --- answer ----------------------------------------------------------------------- */

static void alibaba_answer(const struct gateway_config *config, enum sms_result result, struct http_reply *reply)
{
	static const struct http_reply replies[] = {
		[SMS_TAKEN] = { .status = 200, .body = SPAN_INIT("{\"code\":0,\"msg\":\"ok\"}") },
		[SMS_AGAIN] = { .status = 503, .body = SPAN_INIT("{\"msg\":\"again\"}") },
		[SMS_NEVER] = { .status = 400, .body = SPAN_INIT("{\"msg\":\"malformed\"}") },
	};

	(void)config;
	*reply = replies[result];
	reply->type = "application/json";
}

/* --- encode ------------------------------------------------------------------------- */

/* "code={number}; name=..." as an object. */
static bool write_params(const struct gateway_config *config, struct span text, struct arena *arena, struct buf *out)
{
	struct span rest = span_of(config->send_params), item, name, value;
	struct json_out json = json_out_to(out);

	json_open(&json, '{');
	while (rest.len > 0 && span_cut(&rest, ';', &item)) {
		item = span_trim(item);
		if (!span_cut(&item, '=', &name) || !sms_fill(arena_dup(arena, item).at, text, arena, &value))
			return false;
		json_text(&json, arena_dup(arena, name).at, value);
	}
	json_close(&json, '}');
	return true;
}

/* A mainland number without its country, any other with it. */
static struct span number_for(struct span to)
{
	return span_starts(to, SPAN("+86")) ? span_from_offset(to, 3) : sms_digits(to);
}

struct signing {
	struct span host, hash, nonce;
	char date[CIVIL_TEXT_MAX];
};

/* Of the vendor's "V3 request structure and signature": canonical request, its hash, HMAC. */
static struct span authorization(const struct gateway_config *config, const struct signing *s, struct arena *arena)
{
	struct sms_digest digest;
	const char *canonical = arena_printf(
		arena,
		"POST\n/\n\ncontent-type:application/x-www-form-urlencoded\nhost:%.*s\nx-acs-action:SendSms\n"
		"x-acs-content-sha256:%.*s\nx-acs-date:%s\nx-acs-signature-nonce:%.*s\nx-acs-version:2017-05-25\n\n"
		SIGNED_FIELDS "\n%.*s",
		(int)s->host.len, s->host.at, (int)s->hash.len, s->hash.at, s->date, (int)s->nonce.len, s->nonce.at,
		(int)s->hash.len, s->hash.at);

	sms_hash(SMS_SHA256, span_of(canonical), &digest);
	const char *text = arena_printf(arena, "ACS3-HMAC-SHA256\n%s", sms_digest_hex(&digest, arena).at);

	sms_hmac(SMS_SHA256, span_of(config->send_password), span_of(text), &digest);
	return span_of(arena_printf(arena, "ACS3-HMAC-SHA256 Credential=%s,SignedHeaders=" SIGNED_FIELDS ",Signature=%s",
				    config->send_user, sms_digest_hex(&digest, arena).at));
}

static const char *const *sign(const struct gateway_config *config, const struct sms_outgoing *sms, struct span body,
			       struct arena *arena)
{
	struct sms_head head = sms_head_new(arena, 7);
	struct signing s = { .host = sms_url_host(config->send_url) };
	struct sms_digest digest;

	sms_hash(SMS_SHA256, body, &digest);
	s.hash = sms_digest_hex(&digest, arena);
	civil_write(sms->now_ms, s.date);
	/* Another try has another time, so the cloud does not take it for a replay. */
	s.nonce = span_of(arena_printf(arena, "%.*s-%lld", (int)sms->our_id.len, sms->our_id.at, (long long)sms->now_ms));
	sms_head_add(&head, "Content-Type", SPAN("application/x-www-form-urlencoded"));
	sms_head_add(&head, "x-acs-action", SPAN("SendSms"));
	sms_head_add(&head, "x-acs-version", SPAN("2017-05-25"));
	sms_head_add(&head, "x-acs-date", span_of(s.date));
	sms_head_add(&head, "x-acs-signature-nonce", s.nonce);
	sms_head_add(&head, "x-acs-content-sha256", s.hash);
	sms_head_add(&head, "Authorization", authorization(config, &s, arena));
	return head.fields;
}

static bool alibaba_encode(const struct gateway_config *config, const struct sms_outgoing *sms, struct arena *arena,
			   struct sms_request *out)
{
	struct buf params = { 0 }, form = { 0 };
	bool well = write_params(config, sms->text, arena, &params);

	if (well) {
		sms_form_add(&form, "PhoneNumbers", number_for(sms->to));
		sms_form_add(&form, "SignName", span_of(config->send_sign));
		sms_form_add(&form, "TemplateCode", span_of(config->send_template));
		sms_form_add(&form, "TemplateParam", buf_span(&params));
		sms_form_add(&form, "OutId", sms->our_id);
		struct span body = arena_dup(arena, buf_span(&form));

		*out = (struct sms_request){ .method = HTTP_POST, .url = config->send_url, .body = body,
					     .fields = sign(config, sms, body, arena) };
	}
	buf_release(&params);
	buf_release(&form);
	return well;
}

/* --- outcome -------------------------------------------------------------------------- */

static bool is_for_now(struct span code)
{
	return span_starts(code, SPAN("Throttling")) || span_starts(code, SPAN("Signature")) ||
	       span_starts(code, SPAN("InvalidAccessKeyId")) || span_starts(code, SPAN("Forbidden")) ||
	       span_is(code, "isv.BUSINESS_LIMIT_CONTROL") || span_is(code, "isv.AMOUNT_NOT_ENOUGH") ||
	       span_is(code, "isv.ACCOUNT_ABNORMAL") || span_is(code, "isv.OUT_OF_SERVICE");
}

static enum sms_outcome alibaba_outcome(const struct gateway_config *config, int status, struct span body,
					struct arena *arena, struct span *their_id)
{
	struct sms_fields *fields = arena_new(arena, struct sms_fields);
	struct span code;

	(void)config;
	*their_id = (struct span){ 0 };
	if (!sms_fields_of_json(body, arena, fields))
		return SMS_MAYBE;
	code = sms_field(fields, "Code");
	*their_id = arena_dup(arena, sms_field(fields, "BizId"));
	if (status == 200 && span_is(code, "OK"))
		return SMS_SENT;
	if (is_for_now(code))
		return SMS_LATER;
	return span_starts(code, SPAN("isv.")) || (status >= 400 && status < 500) ? SMS_REFUSED : SMS_MAYBE;
}

static bool alibaba_fits(const struct gateway_config *config, struct complaint *why)
{
	const char *const sending[] = { "send_user", config->send_user, "send_password_file", config->send_password,
					"send_sign", config->send_sign, "send_template", config->send_template,
					"send_params", config->send_params, NULL };

	return sms_path_secret_fits(config, why) &&
	       (!sms_is_set(config->send_url) || sms_settings_fit(why, "sending by template", sending));
}

extern const struct gateway gateway_alibaba;
const struct gateway gateway_alibaba = {
	.driver = "alibaba",
	.refused = 404,
	.fits = alibaba_fits,
	.receipts_at = sms_receipts_in_path,
	.verify = sms_path_verify,
	.decode = alibaba_decode,
	.answer = alibaba_answer,
	.encode = alibaba_encode,
	.outcome = alibaba_outcome,
};
