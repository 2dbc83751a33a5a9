/*
 * Tencent Cloud SMS: replies pushed as a JSON object, receipts as an array,
 * answers by templates through SendSms (API 3.0).
 *
 * The pushes carry neither signature nor id: the path carries a secret, and a
 * message is known by its number, time and text. {"result":0} counts as taken.
 * Out: an approved signature and template with parameters alone, signed with
 * TC3-HMAC-SHA256; everything stands in the body.
 */
#include "daemon/base/civil_time.h"
#include "daemon/base/json_out.h"
#include "handlers/intake/sms_digest.h"
#include "handlers/intake/sms_door.h"

#define SIGNED_FIELDS "content-type;host;x-tc-action"
#define JSON_TYPE "application/json; charset=utf-8"

/* --- decode --------------------------------------------------------------------- */

static bool decode_text(const struct gateway_config *config, const struct http_request *request, struct arena *arena,
			struct sms_batch *batch, struct complaint *why)
{
	struct sms_fields *fields = arena_new(arena, struct sms_fields);

	if (!sms_fields_of_json(request->body, arena, fields))
		return complain(why, 0, "not a JSON object");
	struct span country = sms_field(fields, "nationcode"), mobile = sms_field(fields, "mobile");
	struct link_message raw = { .to = sms_field(fields, "extend"), .coding = SMS_UTF8,
				    .octets = sms_field(fields, "text") };
	const struct span of[] = { country, mobile, sms_field(fields, "time"), raw.to, raw.octets };

	if (country.len == 0 || mobile.len == 0 || raw.octets.at == NULL)
		return complain(why, 0, "nationcode, mobile or text is missing");
	raw.key = sms_key_of(of, 5, arena);
	raw.from = span_of(arena_printf(arena, "+%.*s%.*s", (int)country.len, country.at, (int)mobile.len, mobile.at));
	return sms_door_message(config, &raw, arena, sms_batch_add(batch), why);
}

static void read_receipt(const struct sms_fields *fields, struct sms_message *out)
{
	struct span status = sms_field(fields, "report_status");

	out->kind = sms_field(fields, "sid").len > 0 ? SMS_RECEIPT : SMS_MALFORMED;
	out->their_id = sms_field(fields, "sid");
	out->fate = span_is(status, "SUCCESS") ? SMS_DELIVERED : span_is(status, "FAIL") ? SMS_FAILED : SMS_FATE_UNKNOWN;
}

static bool decode_receipts(const struct http_request *request, struct arena *arena, struct sms_batch *batch,
			    struct complaint *why)
{
	struct sms_list *list = sms_list_of_json(request->body, arena);
	const struct sms_fields *fields;
	struct sms_message *out;
	enum sms_list_step step;

	if (list == NULL)
		return complain(why, 0, "not a JSON array");
	while ((step = sms_list_message(list, arena, batch, &fields, &out, why)) == SMS_LIST_ONE)
		read_receipt(fields, out);
	return step == SMS_LIST_END;
}

static bool tencent_decode(const struct gateway_config *config, const struct http_request *request,
			   struct arena *arena, struct sms_batch *batch, struct complaint *why)
{
	batch->n = 0;
	if (request->method != HTTP_POST)
		return complain(why, 0, "not a POST");
	return sms_path_is_receipt(request->path) ? decode_receipts(request, arena, batch, why)
						  : decode_text(config, request, arena, batch, why);
}

/* --- answer ----------------------------------------------------------------------- */

static void tencent_answer(const struct gateway_config *config, enum sms_result result, struct http_reply *reply)
{
	static const struct http_reply replies[] = {
		[SMS_TAKEN] = { .status = 200, .body = SPAN_INIT("{\"result\":0,\"errmsg\":\"OK\"}") },
		[SMS_AGAIN] = { .status = 503, .body = SPAN_INIT("{\"result\":1,\"errmsg\":\"again\"}") },
		[SMS_NEVER] = { .status = 400, .body = SPAN_INIT("{\"result\":2,\"errmsg\":\"malformed\"}") },
	};

	(void)config;
	*reply = replies[result];
	reply->type = "application/json";
}

/* --- encode ------------------------------------------------------------------------- */

/* "{number}; ..." in the template's order. */
static bool write_body(const struct gateway_config *config, const struct sms_outgoing *sms, struct arena *arena,
		       struct buf *body)
{
	struct span rest = span_of(config->send_params), item, value;
	struct json_out json = json_out_to(body);

	json_open(&json, '{');
	json_open_member(&json, "PhoneNumberSet", '[');
	json_text(&json, NULL, sms->to);
	json_close(&json, ']');
	json_text(&json, "SmsSdkAppId", span_of(config->send_app));
	json_text(&json, "SignName", span_of(config->send_sign));
	json_text(&json, "TemplateId", span_of(config->send_template));
	json_open_member(&json, "TemplateParamSet", '[');
	while (rest.len > 0 && span_cut(&rest, ';', &item)) {
		if (!sms_fill(arena_dup(arena, span_trim(item)).at, sms->text, arena, &value))
			return false;
		json_text(&json, NULL, value);
	}
	json_close(&json, ']');
	json_text(&json, "SessionContext", sms->our_id);
	json_close(&json, '}');
	return true;
}

static void derive(struct sms_digest *key, const char *text)
{
	struct sms_digest of = *key;

	sms_hmac(SMS_SHA256, span_from(of.bytes, of.len), span_of(text), key);
}

/* Of the vendor's "Signature v3": canonical request, string to sign, key of the day. */
static struct span authorization(const struct gateway_config *config, struct span body, int64_t now_ms, struct arena *arena)
{
	struct span host = sms_url_host(config->send_url);
	struct sms_digest digest;
	char day[CIVIL_DATE_MAX];

	civil_write_date(now_ms, 0, day);
	sms_hash(SMS_SHA256, body, &digest);
	const char *canonical = arena_printf(arena, "POST\n/\n\ncontent-type:" JSON_TYPE "\nhost:%.*s\nx-tc-action:sendsms\n\n"
						    SIGNED_FIELDS "\n%s",
					     (int)host.len, host.at, sms_digest_hex(&digest, arena).at);

	sms_hash(SMS_SHA256, span_of(canonical), &digest);
	const char *text = arena_printf(arena, "TC3-HMAC-SHA256\n%lld\n%s/sms/tc3_request\n%s", (long long)(now_ms / 1000), day,
					sms_digest_hex(&digest, arena).at);
	const char *secret = arena_printf(arena, "TC3%s", config->send_password);

	sms_hmac(SMS_SHA256, span_of(secret), span_of(day), &digest);
	derive(&digest, "sms");
	derive(&digest, "tc3_request");
	derive(&digest, text);
	return span_of(arena_printf(arena, "TC3-HMAC-SHA256 Credential=%s/%s/sms/tc3_request, SignedHeaders=" SIGNED_FIELDS
					   ", Signature=%s",
				    config->send_user, day, sms_digest_hex(&digest, arena).at));
}

static bool tencent_encode(const struct gateway_config *config, const struct sms_outgoing *sms, struct arena *arena,
			   struct sms_request *out)
{
	struct sms_head head = sms_head_new(arena, 6);
	struct buf text = { 0 };
	bool well = write_body(config, sms, arena, &text);
	struct span body = arena_dup(arena, buf_span(&text));

	buf_release(&text);
	if (!well)
		return false;
	sms_head_add(&head, "Content-Type", SPAN(JSON_TYPE));
	sms_head_add(&head, "X-TC-Action", SPAN("SendSms"));
	sms_head_add(&head, "X-TC-Version", SPAN("2021-01-11"));
	sms_head_add(&head, "X-TC-Region", span_of(config->send_region));
	sms_head_add(&head, "X-TC-Timestamp", span_of(arena_printf(arena, "%lld", (long long)(sms->now_ms / 1000))));
	sms_head_add(&head, "Authorization", authorization(config, body, sms->now_ms, arena));
	*out = (struct sms_request){ .method = HTTP_POST, .url = config->send_url, .fields = head.fields, .body = body };
	return true;
}

/* --- outcome -------------------------------------------------------------------------- */

static bool is_for_now(struct span code)
{
	return span_starts(code, SPAN("AuthFailure")) || span_starts(code, SPAN("LimitExceeded")) ||
	       span_starts(code, SPAN("RequestLimitExceeded")) || span_starts(code, SPAN("UnauthorizedOperation")) ||
	       span_starts(code, SPAN("FailedOperation.InsufficientBalance"));
}

static enum sms_outcome tencent_outcome(const struct gateway_config *config, int status, struct span body,
					struct arena *arena, struct span *their_id)
{
	struct sms_fields *fields = arena_new(arena, struct sms_fields);
	struct span code;

	(void)config;
	*their_id = (struct span){ 0 };
	if (status != 200 || !sms_fields_of_json(body, arena, fields))
		return SMS_MAYBE;
	code = sms_field(fields, "Response.Error.Code");
	if (code.at == NULL)
		code = sms_field(fields, "Response.SendStatusSet.0.Code");
	*their_id = arena_dup(arena, sms_field(fields, "Response.SendStatusSet.0.SerialNo"));
	if (span_is(code, "Ok"))
		return SMS_SENT;
	if (code.len == 0 || span_starts(code, SPAN("InternalError")))
		return SMS_MAYBE;
	return is_for_now(code) ? SMS_LATER : SMS_REFUSED;
}

static bool tencent_fits(const struct gateway_config *config, struct complaint *why)
{
	const char *const sending[] = { "send_user",	 config->send_user,	"send_password_file", config->send_password,
					"send_app",	 config->send_app,	"send_region",	      config->send_region,
					"send_sign",	 config->send_sign,	"send_template",      config->send_template,
					"send_params",	 config->send_params,	NULL };

	return sms_path_secret_fits(config, why) &&
	       (!sms_is_set(config->send_url) || sms_settings_fit(why, "sending by template", sending));
}

extern const struct gateway gateway_tencent;
const struct gateway gateway_tencent = {
	.driver = "tencent",
	.refused = 404,
	.fits = tencent_fits,
	.receipts_at = sms_receipts_in_path,
	.verify = sms_path_verify,
	.decode = tencent_decode,
	.answer = tencent_answer,
	.encode = tencent_encode,
	.outcome = tencent_outcome,
};
