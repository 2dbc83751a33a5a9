/*
 * Vonage: both of its interfaces, with signatures of each kind, and what was
 * changed about them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "tests/support/gateway_rig.h"

#define NOW_MS INT64_C(1795323600000)
#define FORM "Content-Type: application/x-www-form-urlencoded"
#define JSON "Content-Type: application/json"
#define POST_MO "POST /sms/vonage/mo HTTP/1.1"
#define MO \
	"msisdn=8613800138000&to=106900&messageId=0B00000057CC7BC7&text=a%26b%3Dc+%E4%B8%9C%E8%83%9C&type=uni" \
	"code&keyword=A&message-timestamp=2026-11-22+05%3A00%3A00&timestamp=1795323600&nonce=aaaaaaaa-bbbb-cc" \
	"cc-dddd-0123456789ab"
#define BODY \
	"{\"channel\":\"sms\",\"message_uuid\":\"aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab\",\"to\":\"106900\"," \
	"\"from\":\"8613800138000\",\"timestamp\":\"2026-11-22T05:00:00Z\",\"text\":\"东胜\",\"message_type\":\"text\"}"
#define JWT_GOOD \
	"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpYXQiOjE3OTUzMjM2MDAsImp0aSI6IngiLCJpc3MiOiJWb25hZ2UiLCJhcGl" \
	"fa2V5IjoiayIsInBheWxvYWRfaGFzaCI6IjI2ZTY2MGY5OTgwN2ZjMTAyZTE1MjNiNzZmOWJiNzJiOTQ5NjgzYjdkZjA4N2E1ZGN" \
	"hMjI4MTVkMjc1ZDkxODIifQ.R1BVqXzAWrsHNP8dJoSLBR-9yRRxUZoume7YwJwRmeg"
#define JWT_NONE \
	"eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJpYXQiOjE3OTUzMjM2MDAsImp0aSI6IngiLCJpc3MiOiJWb25hZ2UiLCJhcGlf" \
	"a2V5IjoiayIsInBheWxvYWRfaGFzaCI6IjI2ZTY2MGY5OTgwN2ZjMTAyZTE1MjNiNzZmOWJiNzJiOTQ5NjgzYjdkZjA4N2E1ZGNh" \
	"MjI4MTVkMjc1ZDkxODIifQ."
#define JWT_HS512 \
	"eyJhbGciOiJIUzUxMiIsInR5cCI6IkpXVCJ9.eyJpYXQiOjE3OTUzMjM2MDAsImp0aSI6IngiLCJpc3MiOiJWb25hZ2UiLCJhcGl" \
	"fa2V5IjoiayIsInBheWxvYWRfaGFzaCI6IjI2ZTY2MGY5OTgwN2ZjMTAyZTE1MjNiNzZmOWJiNzJiOTQ5NjgzYjdkZjA4N2E1ZGN" \
	"hMjI4MTVkMjc1ZDkxODIifQ.Ed0KD97985NrzuBw_Z2ggsHVol5YZDwQpJm7c8s7kzw028N_70mHaKu0And7F51-aTJkdpJBlF33" \
	"I8CegXFdzw"
#define JWT_RS256 \
	"eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJpYXQiOjE3OTUzMjM2MDAsImp0aSI6IngiLCJpc3MiOiJWb25hZ2UiLCJhcGl" \
	"fa2V5IjoiayIsInBheWxvYWRfaGFzaCI6IjI2ZTY2MGY5OTgwN2ZjMTAyZTE1MjNiNzZmOWJiNzJiOTQ5NjgzYjdkZjA4N2E1ZGN" \
	"hMjI4MTVkMjc1ZDkxODIifQ.4zjmVr4keVL8A_ypNimtY3P_Gp-Iu4BOulRPs6ycvPM"
#define JWT_NO_HASH \
	"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpYXQiOjE3OTUzMjM2MDAsImp0aSI6IngiLCJpc3MiOiJWb25hZ2UiLCJhcGl" \
	"fa2V5IjoiayJ9.WajwWmcygD1rVpnqU5bLAIk7FjXQaCVX6mlzipBVEso"
#define JWT_OLD \
	"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpYXQiOjE3OTUyMzcyMDAsImp0aSI6IngiLCJpc3MiOiJWb25hZ2UiLCJhcGl" \
	"fa2V5IjoiayIsInBheWxvYWRfaGFzaCI6IjI2ZTY2MGY5OTgwN2ZjMTAyZTE1MjNiNzZmOWJiNzJiOTQ5NjgzYjdkZjA4N2E1ZGN" \
	"hMjI4MTVkMjc1ZDkxODIifQ.1ftrAhBBwwPDZ6niMOA7bW7vf0sUodXkmS7tXsDhH9U"
#define JWT_OTHER_KEY \
	"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpYXQiOjE3OTUzMjM2MDAsImp0aSI6IngiLCJpc3MiOiJWb25hZ2UiLCJhcGl" \
	"fa2V5IjoiayIsInBheWxvYWRfaGFzaCI6IjI2ZTY2MGY5OTgwN2ZjMTAyZTE1MjNiNzZmOWJiNzJiOTQ5NjgzYjdkZjA4N2E1ZGN" \
	"hMjI4MTVkMjc1ZDkxODIifQ.ZnMygizU37ICZOVcOWblZKi3JQjURl9P9CHqoJ9aPHs"
#define JWT_EXPIRED \
	"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpYXQiOjE3OTUzMjM2MDAsImp0aSI6IngiLCJpc3MiOiJWb25hZ2UiLCJhcGl" \
	"fa2V5IjoiayIsInBheWxvYWRfaGFzaCI6IjI2ZTY2MGY5OTgwN2ZjMTAyZTE1MjNiNzZmOWJiNzJiOTQ5NjgzYjdkZjA4N2E1ZGN" \
	"hMjI4MTVkMjc1ZDkxODIiLCJleHAiOjE3OTUzMjM1MDB9.F9yMk7JcJvONwvHmkNaIf9n_Yks6NHdtPPnntszW1Mg"
#define JWT_NOT_YET \
	"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpYXQiOjE3OTUzMjM2MDAsImp0aSI6IngiLCJpc3MiOiJWb25hZ2UiLCJhcGl" \
	"fa2V5IjoiayIsInBheWxvYWRfaGFzaCI6IjI2ZTY2MGY5OTgwN2ZjMTAyZTE1MjNiNzZmOWJiNzJiOTQ5NjgzYjdkZjA4N2E1ZGN" \
	"hMjI4MTVkMjc1ZDkxODIiLCJuYmYiOjE3OTUzMjcyMDB9.DLIvkVPECAtrti-_UmUcFDWcBHC4toJd-9wzQXMMVjo"

static const struct gateway_config config = {
	.name = "vonage",
	.driver = "vonage",
	.secret = "my-secret-0123456789",
	.signature = "sha256",
	.receipt_url = "https://a.example/sms/vonage/dlr",
	.send_url = "https://rest.nexmo.com/sms/json",
	.send_user = "key",
	.send_password = "secret",
	.sender = "+8613900000000",
	.home = "86",
};

static struct gateway_config with_signature(const char *signature)
{
	struct gateway_config with = config;

	with.signature = signature;
	return with;
}

static bool verify(const struct gateway_config *with, int64_t now_ms, const char *line, const char *fields, const char *body)
{
	struct gateway_rig rig;
	bool well;

	gateway_rig_up(&rig, with);
	gateway_rig_take(&rig, line, fields, span_of(body));
	well = gateway_rig_verify(&rig, now_ms);
	gateway_rig_down(&rig);
	return well;
}

static const struct {
	const char *name, *sig;
} signatures[] = {
		{ .name = "md5hash", .sig = "5ee8c84a78856e6b928e4d4e33d12655" },
		{ .name = "md5", .sig = "6bf58dfb31903fc1c992d78949fb718a" },
		{ .name = "sha1", .sig = "f40ecec1c908aac5035ae2029146d830e6d7c27a" },
		{ .name = "sha256", .sig = "585208754a91604545b9be4ac91f3f1dd79bf051fafae317036c8621f6c98adf" },
		{ .name = "sha512", .sig = "d439d57b000454d94ba52bd3e5d17febc5ecc860686c8ae2d5df8c596923209f440250eaa9727bc6f2ec6f24363b7ea8"
		  "aab5af758489606608e06906f6a977d2" },
};

static void each_kind_of_signature(void **state)
{
	struct arena arena = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(signatures); i++) {
		struct gateway_config with = with_signature(signatures[i].name);
		const char *body = arena_printf(&arena, "%s&sig=%s", MO, signatures[i].sig);
		const char *line = arena_printf(&arena, "GET /sms/vonage/mo?%s HTTP/1.1", body);
		const char *other = signatures[(i + 1) % COUNT_OF(signatures)].sig;

		assert_true(verify(&with, NOW_MS, POST_MO, FORM, body));
		assert_true(verify(&with, NOW_MS, line, "Accept: *", ""));
		assert_false(verify(&with, NOW_MS, POST_MO, FORM, arena_printf(&arena, "%s&sig=%s", MO, other)));
		assert_false(verify(&with, NOW_MS, POST_MO, FORM, arena_printf(&arena, "a=b&%s&sig=%s", MO, signatures[i].sig)));
		assert_false(verify(&with, NOW_MS + 86400000, POST_MO, FORM, body));
		assert_false(verify(&with, NOW_MS - 301000, POST_MO, FORM, body));
		with.secret = "another secret";
		assert_false(verify(&with, NOW_MS, POST_MO, FORM, body));
	}
	assert_false(verify(&config, NOW_MS, POST_MO, FORM, MO));
	arena_release(&arena);
}

/* The text that is signed does not tell "a=b&c=d" from a parameter that is named "a=b&c". */
static void parameters_cannot_be_folded(void **state)
{
	struct gateway_config with = with_signature("sha256");

	(void)state;
	assert_false(verify(&with, NOW_MS, POST_MO, FORM,
			    "msisdn=8613800138000&messageId=0B00000057CC7BC7&text=a%26b%3Dc+%E4%B8%9C%E8%83%9C&keyword=A&"
			    "message-timestamp=2026-11-22+05%3A00%3A00&timestamp=1795323600&nonce=aaaaaaaa-bbbb-cccc-dddd-"
			    "0123456789ab&to%3D106900%26type=unicode&"
			    "sig=585208754a91604545b9be4ac91f3f1dd79bf051fafae317036c8621f6c98adf"));
}

static void json_is_signed_like_a_form(void **state)
{
	struct gateway_config with = with_signature("sha256");
	struct arena arena = { 0 };
	const char *json = arena_printf(&arena,
					"{\"msisdn\":\"8613800138000\",\"to\":\"106900\",\"messageId\":\"0B00000057CC7BC7\","
					"\"text\":\"a&b=c 东胜\",\"type\":\"unicode\",\"keyword\":\"A\","
					"\"message-timestamp\":\"2026-11-22 05:00:00\",\"timestamp\":\"1795323600\","
					"\"nonce\":\"aaaaaaaa-bbbb-cccc-dddd-0123456789ab\",\"sig\":\"%s\"}",
					signatures[3].sig);

	(void)state;
	assert_string_equal(signatures[3].name, "sha256");
	assert_true(verify(&with, NOW_MS, POST_MO, JSON, json));
	assert_false(verify(&with, NOW_MS, POST_MO, JSON, MO));
	arena_release(&arena);
}

static void tokens(void **state)
{
	static const struct {
		const char *what, *token;
		bool good;
	} rows[] = {
		{ .what = "good", .token = JWT_GOOD, .good = true },
		{ .what = "none", .token = JWT_NONE },
		{ .what = "HS512", .token = JWT_HS512 },
		{ .what = "RS256", .token = JWT_RS256 },
		{ .what = "no payload_hash", .token = JWT_NO_HASH },
		{ .what = "day-old", .token = JWT_OLD },
		{ .what = "another key", .token = JWT_OTHER_KEY },
		{ .what = "expired", .token = JWT_EXPIRED },
		{ .what = "not yet", .token = JWT_NOT_YET },
		{ .what = "two parts", .token = "a.b" },
		{ .what = "empty", .token = "" },
	};
	struct gateway_config with = with_signature("jwt");
	struct arena arena = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const char *fields = arena_printf(&arena, JSON "\r\nAuthorization: Bearer %s", rows[i].token);

		if (verify(&with, NOW_MS, POST_MO, fields, BODY) != rows[i].good)
			fail_msg("%s", rows[i].what);
		assert_false(verify(&with, NOW_MS, POST_MO, fields, BODY " "));
	}
	assert_false(verify(&with, NOW_MS, POST_MO, JSON, BODY));
	assert_false(verify(&with, NOW_MS, POST_MO, JSON "\r\nAuthorization: Basic " JWT_GOOD, BODY));
	arena_release(&arena);
}

static const struct sms_message *decode(struct gateway_rig *rig, const char *line, const char *fields, const char *body)
{
	gateway_rig_take(rig, line, fields, span_of(body));
	return gateway_rig_one(rig);
}

static void messages(void **state)
{
	struct gateway_config jwt = with_signature("jwt");
	struct gateway_rig rig;
	const struct sms_message *m;

	(void)state;
	gateway_rig_up(&rig, &config);
	m = decode(&rig, POST_MO, FORM, MO);
	assert_true(m->kind == SMS_TEXT && span_is(m->text, "a&b=c 东胜") && span_is(m->sender, "+8613800138000"));
	assert_true(span_is(m->key, "0B00000057CC7BC7") && span_is(m->destination, "106900") && m->may_answer);
	m = decode(&rig, POST_MO, FORM,
		   "msisdn=8613800138000&to=1&messageId=b&type=binary&udh=06050415820000&data=0102");
	assert_int_equal(m->kind, SMS_IGNORED);
	m = decode(&rig, POST_MO, FORM, "msisdn=8613800138000&to=1&messageId=b&type=binary&data=68656c6c6f");
	assert_true(m->kind == SMS_TEXT && span_is(m->text, "hello"));
	gateway_rig_take(&rig, POST_MO, FORM, SPAN("msisdn=8613800138000&to=1&text=no+id"));
	assert_false(gateway_rig_decode(&rig));
	rig.config = &jwt;
	m = decode(&rig, POST_MO, JSON, BODY);
	assert_true(m->kind == SMS_TEXT && span_is(m->text, "东胜") && span_is(m->sender, "+8613800138000"));
	m = decode(&rig, POST_MO, JSON,
		   "{\"message_uuid\":\"u\",\"from\":{\"number\":\"8613800138000\"},\"to\":{\"number\":\"1\"},"
		   "\"message\":{\"content\":{\"text\":\"older\"}}}");
	assert_true(span_is(m->text, "older") && span_is(m->sender, "+8613800138000"));
	gateway_rig_down(&rig);
}

static void parts(void **state)
{
	struct gateway_rig rig;
	const struct sms_message *m;

	(void)state;
	gateway_rig_up(&rig, &config);
	m = decode(&rig, POST_MO, FORM,
		   "msisdn=8613800138000&to=1&messageId=p2&text=two&type=text&concat=true&concat-ref=300&concat-total=3&concat-part=2");
	assert_int_equal(m->kind, SMS_PART);
	assert_true(m->part_reference == 300 && m->part_total == 3 && m->part_number == 2 && span_is(m->octets, "two"));
	assert_int_equal(m->coding, SMS_UTF8);
	m = decode(&rig, POST_MO, FORM,
		   "msisdn=8613800138000&to=1&messageId=p4&text=four&concat=true&concat-ref=1&concat-total=3&concat-part=4");
	assert_int_equal(m->kind, SMS_TEXT);
	gateway_rig_down(&rig);
}

static void receipts(void **state)
{
	struct gateway_rig rig;
	const struct sms_message *m;

	(void)state;
	gateway_rig_up(&rig, &config);
	m = decode(&rig, "GET /sms/vonage/dlr?my=0a1b&messageId=A0&status=delivered&err-code=0 HTTP/1.1", "Accept: *", "");
	assert_true(m->kind == SMS_RECEIPT && m->fate == SMS_DELIVERED);
	assert_true(span_is(m->receipt_id, "0a1b") && span_is(m->their_id, "A0"));
	m = decode(&rig, "POST /sms/vonage/dlr HTTP/1.1", JSON, "{\"message_uuid\":\"u\",\"status\":\"undeliverable\",\"client_ref\":\"0a1b\"}");
	assert_true(m->fate == SMS_FAILED && span_is(m->receipt_id, "0a1b") && span_is(m->their_id, "u"));
	m = decode(&rig, "POST /sms/vonage/dlr HTTP/1.1", JSON, "{\"messageId\":\"u\",\"status\":\"?\"}");
	assert_int_equal(m->fate, SMS_FATE_UNKNOWN);
	gateway_rig_down(&rig);
}

static void sending(void **state)
{
	struct gateway_config jwt = with_signature("jwt");
	struct gateway_rig rig;

	(void)state;
	gateway_rig_up(&rig, &config);
	assert_true(gateway_rig_encode(&rig, "+8613800138000", "已收到", NOW_MS));
	assert_string_equal(gateway_rig_form(&rig, "to"), "8613800138000");
	assert_string_equal(gateway_rig_form(&rig, "from"), "8613900000000");
	assert_string_equal(gateway_rig_form(&rig, "text"), "已收到");
	assert_string_equal(gateway_rig_form(&rig, "type"), "unicode");
	assert_string_equal(gateway_rig_form(&rig, "callback"), "https://a.example/sms/vonage/dlr?my=0a1b");
	rig.config = &jwt;
	assert_true(gateway_rig_encode(&rig, "+8613800138000", "Received \"1\"", NOW_MS));
	assert_string_equal(gateway_rig_field(&rig, "Authorization"), "Basic a2V5OnNlY3JldA==");
	assert_true(span_is(rig.sent.body, "{\"message_type\":\"text\",\"channel\":\"sms\",\"to\":\"8613800138000\","
					   "\"from\":\"8613900000000\",\"text\":\"Received \\\"1\\\"\",\"client_ref\":\"0a1b\","
					   "\"webhook_url\":\"https://a.example/sms/vonage/dlr?my=0a1b\"}"));
	gateway_rig_down(&rig);
}

static void outcomes(void **state)
{
	static const struct {
		int status;
		const char *body, *id;
		enum sms_outcome end;
	} rows[] = {
		{ 200, "{\"message-count\":\"1\",\"messages\":[{\"to\":\"8\",\"message-id\":\"M1\",\"status\":\"0\"}]}", "M1", SMS_SENT },
		{ 200, "{\"messages\":[{\"status\":\"1\",\"error-text\":\"Throttled\"}]}", "", SMS_LATER },
		{ 200, "{\"messages\":[{\"status\":\"4\"}]}", "", SMS_LATER },
		{ 200, "{\"messages\":[{\"status\":\"5\"}]}", "", SMS_MAYBE },
		{ 200, "{\"messages\":[{\"status\":\"6\"}]}", "", SMS_REFUSED },
		{ 200, "{\"messages\":[]}", "", SMS_MAYBE },
		{ 200, "none", "", SMS_MAYBE },
		{ 202, "{\"message_uuid\":\"U1\"}", "U1", SMS_SENT },
		{ 401, "", "", SMS_LATER },
		{ 422, "", "", SMS_REFUSED },
		{ 500, "", "", SMS_MAYBE },
	};
	struct gateway_rig rig;
	const char *id;

	(void)state;
	gateway_rig_up(&rig, &config);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		assert_int_equal(gateway_rig_outcome(&rig, rows[i].status, rows[i].body, &id), rows[i].end);
		assert_string_equal(id, rows[i].id);
	}
	gateway_rig_down(&rig);
}

static void answers_and_settings(void **state)
{
	struct gateway_config with = with_signature("sha-256");
	struct gateway_rig rig;

	(void)state;
	gateway_rig_up(&rig, &config);
	assert_int_equal(rig.gateway->refused, 401);
	assert_int_equal(gateway_rig_answer(&rig, SMS_TAKEN).status, 200);
	assert_int_equal(gateway_rig_answer(&rig, SMS_AGAIN).status, 503);
	assert_int_equal(gateway_rig_answer(&rig, SMS_NEVER).status, 400);
	assert_null(gateway_rig_fits(&rig, &config));
	assert_non_null(strstr(gateway_rig_fits(&rig, &with), "is none of"));
	with = with_signature("");
	assert_non_null(strstr(gateway_rig_fits(&rig, &with), "signature: missing"));
	gateway_rig_down(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_of_signature),
		cmocka_unit_test(parameters_cannot_be_folded),
		cmocka_unit_test(json_is_signed_like_a_form),
		cmocka_unit_test(tokens),
		cmocka_unit_test(messages),
		cmocka_unit_test(parts),
		cmocka_unit_test(receipts),
		cmocka_unit_test(sending),
		cmocka_unit_test(outcomes),
		cmocka_unit_test(answers_and_settings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
