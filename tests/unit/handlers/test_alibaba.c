/*
 * Alibaba Cloud: batches whose messages are known one by one, answers that are
 * no success by accident, requests as the vendor's rules sign them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "tests/support/gateway_rig.h"

#define SECRET "0123456789abcdef0123456789abcdef"
#define POST_MO "POST /sms/ali/mo/" SECRET " HTTP/1.1"
#define JSON "Content-Type: application/json"
#define BATCH \
	"[{\"dest_code\":\"1069\",\"send_time\":\"2026-11-22 13:00:00\",\"sign_name\":\"某某服务\",\"sequence_id\":\"1001\"," \
	"\"phone_number\":\"13800138000\",\"content\":\"东胜一\"}," \
	"{\"dest_code\":\"1069\",\"sequence_id\":1002,\"phone_number\":\"13800138001\",\"content\":\"东胜二 😀\"}," \
	"{\"dest_code\":\"1069\",\"send_time\":\"2026-11-22 13:00:01\",\"phone_number\":\"13800138002\",\"content\":\"东胜三\"}]"

static const struct gateway_config config = {
	.name = "ali",
	.driver = "alibaba",
	.secret = SECRET,
	.send_url = "https://dysmsapi.example/",
	.send_user = "key-id",
	.send_password = "key-secret",
	.send_sign = "某某服务",
	.send_template = "SMS_1",
	.send_params = "code={number}",
	.home = "86",
};

static void the_path_carries_the_secret(void **state)
{
	static const struct {
		const char *line;
		bool good;
	} rows[] = {
		{ .line = POST_MO, .good = true },
		{ .line = "POST /sms/ali/dlr/" SECRET " HTTP/1.1", .good = true },
		{ .line = "POST /sms/ali/mo/" SECRET "0 HTTP/1.1" },
		{ .line = "POST /sms/ali/mo/0123456789abcdef0123456789abcde HTTP/1.1" },
		{ .line = "POST /sms/ali/mo/ HTTP/1.1" },
		{ .line = "POST /sms/ali/mo HTTP/1.1" },
		{ .line = "POST /sms/ali HTTP/1.1" },
		{ .line = "POST /sms/ali/" SECRET " HTTP/1.1" },
		{ .line = "POST /sms/ali/mo?token=" SECRET " HTTP/1.1" },
	};
	struct gateway_config open = config;
	struct gateway_rig rig;

	(void)state;
	gateway_rig_up(&rig, &config);
	assert_int_equal(rig.gateway->refused, 404);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		gateway_rig_take(&rig, rows[i].line, JSON, SPAN("[]"));
		if (gateway_rig_verify(&rig, 0) != rows[i].good)
			fail_msg("%s", rows[i].line);
	}
	open.secret = "";
	rig.config = &open;
	gateway_rig_take(&rig, "POST /sms/ali/mo/ HTTP/1.1", JSON, SPAN("[]"));
	assert_false(gateway_rig_verify(&rig, 0));
	gateway_rig_down(&rig);
}

static void a_batch(void **state)
{
	static const char *const texts[] = { "东胜一", "东胜二 😀", "东胜三" }, *const senders[] = { "+8613800138000", "+8613800138001",
												"+8613800138002" };
	struct gateway_rig rig;

	(void)state;
	gateway_rig_up(&rig, &config);
	gateway_rig_take(&rig, POST_MO, JSON, SPAN(BATCH));
	assert_true(gateway_rig_decode(&rig));
	assert_int_equal(rig.batch.n, 3);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(rig.batch.at[i].kind, SMS_TEXT);
		assert_true(span_is(rig.batch.at[i].text, texts[i]) && span_is(rig.batch.at[i].sender, senders[i]));
		assert_true(rig.batch.at[i].may_answer);
	}
	assert_true(span_is(rig.batch.at[0].key, "1001") && span_is(rig.batch.at[1].key, "1002"));
	assert_int_equal(rig.batch.at[2].key.len, 32);
	gateway_rig_down(&rig);
}

static void one_bad_element_costs_no_other(void **state)
{
	static const struct {
		const char *body;
		size_t n, malformed;
	} rows[] = {
		{ .body = "[1,null]", .n = 2, .malformed = 2 },
		{ .body = "[{\"phone_number\":\"13800138000\",\"content\":\"x\",\"sequence_id\":\"1\"},7]", .n = 2, .malformed = 1 },
		{ .body = "[{\"content\":\"no number\"}]", .n = 1, .malformed = 1 },
		{ .body = "[{\"phone_number\":\"1\",\"content\":[]}]", .n = 1, .malformed = 1 },
		{ .body = "[]", .n = 0 },
	};
	static const char *const refused[] = { "{}", "", "[", "[1]]", "[],\"x\":[]", "null" };
	struct gateway_rig rig;

	(void)state;
	gateway_rig_up(&rig, &config);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		size_t malformed = 0;

		gateway_rig_take(&rig, POST_MO, JSON, span_of(rows[i].body));
		assert_true(gateway_rig_decode(&rig));
		assert_int_equal(rig.batch.n, rows[i].n);
		for (size_t k = 0; k < rig.batch.n; k++)
			malformed += rig.batch.at[k].kind == SMS_MALFORMED;
		assert_int_equal(malformed, rows[i].malformed);
	}
	for (size_t i = 0; i < COUNT_OF(refused); i++) {
		gateway_rig_take(&rig, POST_MO, JSON, span_of(refused[i]));
		if (gateway_rig_decode(&rig))
			fail_msg("%s", refused[i]);
	}
	gateway_rig_down(&rig);
}

static void receipts(void **state)
{
	struct gateway_rig rig;

	(void)state;
	gateway_rig_up(&rig, &config);
	gateway_rig_take(&rig, "POST /sms/ali/dlr/" SECRET " HTTP/1.1", JSON,
			 SPAN("[{\"phone_number\":\"13800138000\",\"success\":true,\"biz_id\":\"B1\",\"out_id\":\"0a1b\"},"
			      "{\"success\":false,\"biz_id\":\"B2\"},{\"biz_id\":\"B3\"},{\"success\":true}]"));
	assert_true(gateway_rig_decode(&rig));
	assert_int_equal(rig.batch.n, 4);
	assert_true(rig.batch.at[0].fate == SMS_DELIVERED && span_is(rig.batch.at[0].receipt_id, "0a1b") &&
		    span_is(rig.batch.at[0].their_id, "B1"));
	assert_int_equal(rig.batch.at[1].fate, SMS_FAILED);
	assert_int_equal(rig.batch.at[2].fate, SMS_FATE_UNKNOWN);
	assert_int_equal(rig.batch.at[3].kind, SMS_MALFORMED);
	gateway_rig_down(&rig);
}

/* "code" as a number is success to the cloud, whatever the number is. */
static void answers(void **state)
{
	struct gateway_rig rig;

	(void)state;
	gateway_rig_up(&rig, &config);
	assert_int_equal(gateway_rig_answer(&rig, SMS_TAKEN).status, 200);
	assert_true(span_is(gateway_rig_answer(&rig, SMS_TAKEN).body, "{\"code\":0,\"msg\":\"ok\"}"));
	for (int result = SMS_AGAIN; result <= SMS_NEVER; result++) {
		struct http_reply reply = gateway_rig_answer(&rig, (enum sms_result)result);

		assert_true(reply.status >= 400);
		assert_int_equal(span_find(reply.body, SPAN("code")), reply.body.len);
	}
	gateway_rig_down(&rig);
}

static void sending_by_template(void **state)
{
	struct gateway_rig rig;

	(void)state;
	gateway_rig_up(&rig, &config);
	assert_true(gateway_rig_encode(&rig, "+8613800138000", "已收到，编号 7K3MQ2X9RD。请删除此短信。", INT64_C(1795323600000)));
	assert_string_equal(rig.sent.url, config.send_url);
	assert_string_equal(gateway_rig_form(&rig, "PhoneNumbers"), "13800138000");
	assert_string_equal(gateway_rig_form(&rig, "TemplateParam"), "{\"code\":\"7K3MQ2X9RD\"}");
	assert_string_equal(gateway_rig_field(&rig, "x-acs-date"), "2026-11-22T05:00:00Z");
	assert_string_equal(gateway_rig_field(&rig, "Authorization"),
			    "ACS3-HMAC-SHA256 Credential=key-id,SignedHeaders=content-type;host;x-acs-action;x-acs-content-sha256;"
			    "x-acs-date;x-acs-signature-nonce;x-acs-version,"
			    "Signature=314ad4fdff0c756b71bcfbdecbc73e86159bc094a622a1c5829cb8ed16c33351");
	assert_false(gateway_rig_encode(&rig, "+8613800138000", "没有编号", INT64_C(1795323600000)));
	gateway_rig_down(&rig);
}

static void outcomes(void **state)
{
	static const struct {
		int status;
		const char *body, *id;
		enum sms_outcome end;
	} rows[] = {
		{ 200, "{\"Code\":\"OK\",\"BizId\":\"B9\"}", "B9", SMS_SENT },
		{ 200, "{\"Code\":\"isv.BUSINESS_LIMIT_CONTROL\"}", "", SMS_LATER },
		{ 200, "{\"Code\":\"isv.MOBILE_NUMBER_ILLEGAL\"}", "", SMS_REFUSED },
		{ 400, "{\"Code\":\"SignatureDoesNotMatch\"}", "", SMS_LATER },
		{ 503, "{\"Code\":\"Throttling.User\"}", "", SMS_LATER },
		{ 200, "{\"Code\":\"isp.SYSTEM_ERROR\"}", "", SMS_MAYBE },
		{ 502, "<html>", "", SMS_MAYBE },
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

static void settings(void **state)
{
	struct gateway_config with = config;
	struct gateway_rig rig;

	(void)state;
	gateway_rig_up(&rig, &config);
	assert_null(gateway_rig_fits(&rig, &config));
	with.secret = "0123456789abcdef01234";
	assert_non_null(strstr(gateway_rig_fits(&rig, &with), "128 bit"));
	with.secret = "0123456789abcdef/0123456789abcdef";
	assert_non_null(strstr(gateway_rig_fits(&rig, &with), "in a path"));
	with = config;
	with.send_template = "";
	assert_non_null(strstr(gateway_rig_fits(&rig, &with), "send_template: missing"));
	with.send_url = "";
	assert_null(gateway_rig_fits(&rig, &with));
	gateway_rig_down(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_path_carries_the_secret),
		cmocka_unit_test(a_batch),
		cmocka_unit_test(one_bad_element_costs_no_other),
		cmocka_unit_test(receipts),
		cmocka_unit_test(answers),
		cmocka_unit_test(sending_by_template),
		cmocka_unit_test(outcomes),
		cmocka_unit_test(settings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
