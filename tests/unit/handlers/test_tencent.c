/*
 * Tencent Cloud: messages without an id, receipts in lists, requests as the
 * vendor's rules sign them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "tests/support/gateway_rig.h"

#define SECRET "0123456789abcdef0123456789abcdef"
#define POST_MO "POST /sms/qq/mo/" SECRET " HTTP/1.1"
#define JSON "Content-Type: application/json"
#define MO(time, text) \
	"{\"extend\":\"00\",\"mobile\":\"13800138000\",\"nationcode\":\"86\",\"sign\":\"某某服务\",\"text\":\"" text \
	"\",\"time\":" time "}"

static const struct gateway_config config = {
	.name = "qq",
	.driver = "tencent",
	.secret = SECRET,
	.send_url = "https://sms.example",
	.send_user = "key-id",
	.send_password = "key-secret",
	.send_app = "1400",
	.send_region = "ap-guangzhou",
	.send_sign = "某某服务",
	.send_template = "77",
	.send_params = "{number}",
	.home = "86",
};

static struct span key_of(struct gateway_rig *rig, const char *body)
{
	gateway_rig_take(rig, POST_MO, JSON, span_of(body));
	return gateway_rig_one(rig)->key;
}

static void messages(void **state)
{
	static const char *const refused[] = { "[]", "{}", "{\"mobile\":\"1\",\"text\":\"x\"}", "{\"nationcode\":\"86\"}", "" };
	struct gateway_rig rig;
	const struct sms_message *m;

	(void)state;
	gateway_rig_up(&rig, &config);
	gateway_rig_take(&rig, POST_MO, JSON, SPAN(MO("1795323600", "东胜")));
	assert_true(gateway_rig_verify(&rig, 0));
	m = gateway_rig_one(&rig);
	assert_true(m->kind == SMS_TEXT && span_is(m->text, "东胜") && span_is(m->sender, "+8613800138000"));
	assert_true(span_is(m->destination, "00") && m->may_answer);
	for (size_t i = 0; i < COUNT_OF(refused); i++) {
		gateway_rig_take(&rig, POST_MO, JSON, span_of(refused[i]));
		if (gateway_rig_decode(&rig))
			fail_msg("%s", refused[i]);
	}
	gateway_rig_down(&rig);
}

static void a_message_is_known_by_what_it_says(void **state)
{
	struct gateway_rig rig;
	struct span first;

	(void)state;
	gateway_rig_up(&rig, &config);
	first = key_of(&rig, MO("1795323600", "a"));
	assert_int_equal(first.len, 32);
	assert_true(span_eq(first, key_of(&rig, MO("1795323600", "a"))));
	assert_false(span_eq(first, key_of(&rig, MO("1795323601", "a"))));
	assert_false(span_eq(first, key_of(&rig, MO("1795323600", "b"))));
	gateway_rig_down(&rig);
}

static void receipts(void **state)
{
	struct gateway_rig rig;

	(void)state;
	gateway_rig_up(&rig, &config);
	gateway_rig_take(&rig, "POST /sms/qq/dlr/" SECRET " HTTP/1.1", JSON,
			 SPAN("[{\"mobile\":\"13800138000\",\"report_status\":\"SUCCESS\",\"errmsg\":\"DELIVRD\",\"sid\":\"S1\"},"
			      "{\"report_status\":\"FAIL\",\"sid\":\"S2\"},{\"report_status\":\"?\",\"sid\":\"S3\"},{}]"));
	assert_true(gateway_rig_decode(&rig));
	assert_int_equal(rig.batch.n, 4);
	assert_true(rig.batch.at[0].fate == SMS_DELIVERED && span_is(rig.batch.at[0].their_id, "S1"));
	assert_int_equal(rig.batch.at[1].fate, SMS_FAILED);
	assert_int_equal(rig.batch.at[2].fate, SMS_FATE_UNKNOWN);
	assert_int_equal(rig.batch.at[3].kind, SMS_MALFORMED);
	gateway_rig_down(&rig);
}

static void answers_and_settings(void **state)
{
	struct gateway_config with = config;
	struct gateway_rig rig;

	(void)state;
	gateway_rig_up(&rig, &config);
	assert_int_equal(rig.gateway->refused, 404);
	assert_true(span_is(gateway_rig_answer(&rig, SMS_TAKEN).body, "{\"result\":0,\"errmsg\":\"OK\"}"));
	assert_int_equal(gateway_rig_answer(&rig, SMS_TAKEN).status, 200);
	assert_int_equal(gateway_rig_answer(&rig, SMS_AGAIN).status, 503);
	assert_int_equal(gateway_rig_answer(&rig, SMS_NEVER).status, 400);
	assert_null(gateway_rig_fits(&rig, &config));
	with.send_region = "";
	assert_non_null(strstr(gateway_rig_fits(&rig, &with), "send_region: missing"));
	gateway_rig_down(&rig);
}

static void sending_by_template(void **state)
{
	struct gateway_rig rig;

	(void)state;
	gateway_rig_up(&rig, &config);
	assert_true(gateway_rig_encode(&rig, "+8613800138000", "已收到，编号 7K3MQ2X9RD。请删除此短信。", INT64_C(1795323600000)));
	assert_true(span_is(rig.sent.body, "{\"PhoneNumberSet\":[\"+8613800138000\"],\"SmsSdkAppId\":\"1400\",\"SignName\":\"某某服务\","
					   "\"TemplateId\":\"77\",\"TemplateParamSet\":[\"7K3MQ2X9RD\"],\"SessionContext\":\"0a1b\"}"));
	assert_string_equal(gateway_rig_field(&rig, "X-TC-Timestamp"), "1795323600");
	assert_string_equal(gateway_rig_field(&rig, "Authorization"),
			    "TC3-HMAC-SHA256 Credential=key-id/2026-11-22/sms/tc3_request, SignedHeaders=content-type;host;x-tc-action, "
			    "Signature=d4ca49f2cd44755f85c1ec4ad567d2e5d69af2fdd41b1816d137c12447bd3fd1");
	assert_false(gateway_rig_encode(&rig, "+8613800138000", "没有编号", 0));
	gateway_rig_down(&rig);
}

static void outcomes(void **state)
{
	static const struct {
		int status;
		const char *body, *id;
		enum sms_outcome end;
	} rows[] = {
		{ 200, "{\"Response\":{\"SendStatusSet\":[{\"SerialNo\":\"S9\",\"Code\":\"Ok\"}],\"RequestId\":\"r\"}}", "S9", SMS_SENT },
		{ 200, "{\"Response\":{\"SendStatusSet\":[{\"SerialNo\":\"\",\"Code\":\"LimitExceeded.PhoneNumberDailyLimit\"}]}}", "", SMS_LATER },
		{ 200, "{\"Response\":{\"SendStatusSet\":[{\"Code\":\"InvalidParameterValue.IncorrectPhoneNumber\"}]}}", "", SMS_REFUSED },
		{ 200, "{\"Response\":{\"Error\":{\"Code\":\"AuthFailure.SignatureFailure\",\"Message\":\"m\"}}}", "", SMS_LATER },
		{ 200, "{\"Response\":{\"Error\":{\"Code\":\"InternalError.Timeout\"}}}", "", SMS_MAYBE },
		{ 200, "{}", "", SMS_MAYBE },
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages),
		cmocka_unit_test(a_message_is_known_by_what_it_says),
		cmocka_unit_test(receipts),
		cmocka_unit_test(answers_and_settings),
		cmocka_unit_test(sending_by_template),
		cmocka_unit_test(outcomes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
