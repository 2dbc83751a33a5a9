/*
 * Twilio: signatures as its own libraries make them, messages, receipts,
 * answers and what is sent.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "tests/support/gateway_rig.h"

#define FORM "Content-Type: application/x-www-form-urlencoded\r\nX-Twilio-Signature: "
#define MO \
	"MessageSid=SM0123456789abcdef0123456789abcdef&From=%2B8613800138000&To=%2B18005551212&Body=line+one%0D%0Aline+two+" \
	"&NumSegments=1&NumMedia=0"
#define MO_SIGNED "OgCu3uXL5TFuvVSR4FBsv2JkRD0="
#define POST_MO "POST /sms/twilio/mo HTTP/1.1"

static const struct gateway_config config = {
	.name = "twilio",
	.driver = "twilio",
	.secret = "12345",
	.public_url = "https://a.example",
	.receipt_url = "https://a.example/sms/twilio/dlr",
	.send_url = "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages.json",
	.send_user = "AC1",
	.send_password = "12345",
	.sender = "+18005551212",
	.answer_prefixes = "+86",
};

static bool verify(const struct gateway_config *with, const char *line, const char *fields, const char *body)
{
	struct gateway_rig rig;
	bool well;

	gateway_rig_up(&rig, with);
	gateway_rig_take(&rig, line, fields, span_of(body));
	well = gateway_rig_verify(&rig, 0);
	gateway_rig_down(&rig);
	return well;
}

static void published_self_checks(void **state)
{
	struct gateway_config with = config;

	(void)state;
	with.webhook_url = "https://mycompany.com/myapp.php?foo=1&bar=2";
	assert_true(verify(&with, POST_MO, FORM "GvWf1cFY/Q7PnoempGyD5oXAezc=",
			   "To=%2B18005551212&CallSid=CA1234567890ABCDE&Caller=%2B14158675310&Digits=1234&From=%2B14158675310"));
	with.webhook_url = "https://a.example/x";
	assert_true(verify(&with, POST_MO, FORM "p3AEpiWnQo8wk1IrxHIz2pZc1ro=", "M=b&M=a&M=b"));
}

static void what_was_changed_is_refused(void **state)
{
	static const struct {
		const char *what, *line, *fields, *body;
		bool good;
	} rows[] = {
		{ .what = "as sent, with CRLF and a blank at the end", .line = POST_MO, .fields = FORM MO_SIGNED, .body = MO, .good = true },
		{ .what = "signed with :443", .line = POST_MO, .fields = FORM "jMbkEBDF2o3hy7888DKmyW9iq00=", .body = MO, .good = true },
		{ .what = "changed body", .line = POST_MO, .fields = FORM MO_SIGNED, .body = MO "&x=1" },
		{ .what = "without the blank", .line = POST_MO, .fields = FORM MO_SIGNED,
		  .body = "MessageSid=SM0123456789abcdef0123456789abcdef&From=%2B8613800138000&To=%2B18005551212&"
			  "Body=line+one%0D%0Aline+two&NumSegments=1&NumMedia=0" },
		{ .what = "no field", .line = POST_MO, .fields = "Content-Type: application/x-www-form-urlencoded", .body = MO },
		{ .what = "empty field", .line = POST_MO, .fields = FORM, .body = MO },
		{ .what = "signed for another host, which Host names", .line = POST_MO, .body = MO,
		  .fields = "X-Forwarded-Host: evil.example\r\n" FORM "kehSfSTF35lEmRUaFak/lI7jRj4=" },
		{ .what = "another path", .line = "POST /sms/twilio/dlr HTTP/1.1", .fields = FORM MO_SIGNED, .body = MO },
		{ .what = "a query", .line = "POST /sms/twilio/mo?a=1 HTTP/1.1", .fields = FORM MO_SIGNED, .body = MO },
		{ .what = "another kind of body", .line = POST_MO, .body = MO,
		  .fields = "Content-Type: text/plain\r\nX-Twilio-Signature: " MO_SIGNED },
		{ .what = "GET", .line = "GET /sms/twilio/mo?" MO " HTTP/1.1", .fields = "X-Twilio-Signature: Uu0Ui3H4Ma0IrQItMOps1MTJKVo=",
		  .body = "", .good = true },
		{ .what = "GET, changed", .line = "GET /sms/twilio/mo?" MO "1 HTTP/1.1",
		  .fields = "X-Twilio-Signature: Uu0Ui3H4Ma0IrQItMOps1MTJKVo=", .body = "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (verify(&config, rows[i].line, rows[i].fields, rows[i].body) != rows[i].good)
			fail_msg("%s", rows[i].what);
}

static void addresses_count_byte_for_byte(void **state)
{
	struct gateway_config with = config;

	(void)state;
	with.webhook_url = "https://a.example/hook?a=%27b%20c#rc=5&rp=all";
	assert_true(verify(&with, POST_MO, FORM "RA+DWNOWPm9Bxo+6gZqyDjGDaSA=", MO));
	with.webhook_url = "https://a.example/hook?a='b%20c";
	assert_false(verify(&with, POST_MO, FORM "RA+DWNOWPm9Bxo+6gZqyDjGDaSA=", MO));
	with = config;
	with.secret = "";
	assert_false(verify(&with, POST_MO, FORM MO_SIGNED, MO));
	with = config;
	with.public_url = "";
	assert_false(verify(&with, POST_MO, FORM MO_SIGNED, MO));
}

static void json_is_covered_by_its_hash(void **state)
{
#define LINE "POST /sms/twilio/mo?bodySHA256=e9330fb325d53443e8ad980d8d74b763aab7b221dbe81dff2d1d9ee9f3c0efb9 HTTP/1.1"
#define FIELDS "Content-Type: application/json\r\nX-Twilio-Signature: CT4QlArEv1xeUTD8Z6Vn8pspHmY="
#define JSON "{\"MessageSid\":\"SM1\",\"From\":\"+8613800138000\",\"To\":\"+861069\",\"Body\":\"x\"}"
	struct gateway_rig rig;
	const struct sms_message *m;

	(void)state;
	assert_true(verify(&config, LINE, FIELDS, JSON));
	assert_false(verify(&config, LINE, FIELDS, JSON " "));
	assert_false(verify(&config, POST_MO, FIELDS, JSON));
	gateway_rig_up(&rig, &config);
	gateway_rig_take(&rig, LINE, FIELDS, SPAN(JSON));
	m = gateway_rig_one(&rig);
	assert_true(m->kind == SMS_TEXT && span_is(m->text, "x") && span_is(m->key, "SM1"));
	gateway_rig_down(&rig);
}

static void a_message(void **state)
{
	struct gateway_rig rig;
	const struct sms_message *m;

	(void)state;
	gateway_rig_up(&rig, &config);
	gateway_rig_take(&rig, POST_MO, FORM MO_SIGNED, SPAN(MO));
	m = gateway_rig_one(&rig);
	assert_int_equal(m->kind, SMS_TEXT);
	assert_true(span_is(m->key, "SM0123456789abcdef0123456789abcdef"));
	assert_true(span_is(m->sender, "+8613800138000") && span_is(m->destination, "+18005551212"));
	assert_true(span_is(m->text, "line one\r\nline two ") && m->may_answer);
	gateway_rig_take(&rig, POST_MO, FORM, SPAN("MessageSid=SM1&From=%2B8613800138000&To=%2B1&Body=&NumMedia=1"));
	assert_int_equal(gateway_rig_one(&rig)->kind, SMS_IGNORED);
	gateway_rig_take(&rig, POST_MO, FORM, SPAN("From=%2B8613800138000&Body=x"));
	assert_false(gateway_rig_decode(&rig));
	gateway_rig_take(&rig, POST_MO, FORM, SPAN("a=%zz"));
	assert_false(gateway_rig_decode(&rig));
	gateway_rig_down(&rig);
}

static void receipts(void **state)
{
	static const struct {
		const char *status;
		enum sms_fate fate;
	} rows[] = { { "delivered", SMS_DELIVERED }, { "undelivered", SMS_FAILED }, { "failed", SMS_FAILED },
		     { "sent", SMS_BUFFERED },	     { "queued", SMS_BUFFERED },    { "whatever", SMS_FATE_UNKNOWN } };
	struct gateway_rig rig;

	(void)state;
	assert_true(verify(&config, "POST /sms/twilio/dlr?my=0a1b HTTP/1.1", FORM "aqcXYRhwtkGR4VFTH+QCZHDPNx8=",
			   "MessageSid=SM5&MessageStatus=delivered"));
	gateway_rig_up(&rig, &config);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct span body = span_of(arena_printf(&rig.arena, "MessageSid=SM5&MessageStatus=%s", rows[i].status));
		const struct sms_message *m;

		gateway_rig_take(&rig, "POST /sms/twilio/dlr?my=0a1b HTTP/1.1", FORM, body);
		m = gateway_rig_one(&rig);
		assert_int_equal(m->kind, SMS_RECEIPT);
		assert_int_equal(m->fate, rows[i].fate);
		assert_true(span_is(m->receipt_id, "0a1b") && span_is(m->their_id, "SM5"));
	}
	gateway_rig_down(&rig);
}

static void answers_text_nobody(void **state)
{
	static const int statuses[] = { [SMS_TAKEN] = 200, [SMS_AGAIN] = 503, [SMS_NEVER] = 400 };
	struct gateway_rig rig;

	(void)state;
	gateway_rig_up(&rig, &config);
	for (int result = SMS_TAKEN; result <= SMS_NEVER; result++) {
		struct http_reply reply = gateway_rig_answer(&rig, (enum sms_result)result);

		assert_int_equal(reply.status, statuses[result]);
		assert_true(span_is(reply.body, "<Response/>"));
	}
	gateway_rig_down(&rig);
}

static void sending(void **state)
{
	struct gateway_config service = config;
	struct gateway_rig rig;

	(void)state;
	gateway_rig_up(&rig, &config);
	assert_true(gateway_rig_encode(&rig, "+8613800138000", "已收到 & =", 0));
	assert_string_equal(rig.sent.url, config.send_url);
	assert_string_equal(gateway_rig_field(&rig, "Authorization"), "Basic QUMxOjEyMzQ1");
	assert_string_equal(gateway_rig_form(&rig, "To"), "+8613800138000");
	assert_string_equal(gateway_rig_form(&rig, "From"), "+18005551212");
	assert_string_equal(gateway_rig_form(&rig, "Body"), "已收到 & =");
	assert_string_equal(gateway_rig_form(&rig, "StatusCallback"), "https://a.example/sms/twilio/dlr?my=0a1b");
	service.sender = "MG1";
	service.receipt_url = "";
	rig.config = &service;
	assert_true(gateway_rig_encode(&rig, "+8613800138000", "x", 0));
	assert_string_equal(gateway_rig_form(&rig, "MessagingServiceSid"), "MG1");
	assert_string_equal(gateway_rig_form(&rig, "StatusCallback"), "");
	gateway_rig_down(&rig);
}

static void outcomes(void **state)
{
	static const struct {
		int status;
		const char *body;
		enum sms_outcome end;
	} rows[] = {
		{ 201, "{\"sid\":\"SM7\",\"status\":\"queued\"}", SMS_SENT }, { 201, "<html>", SMS_MAYBE },
		{ 400, "{\"code\":21610}", SMS_REFUSED },		      { 401, "{\"code\":20003}", SMS_LATER },
		{ 429, "{\"code\":20429}", SMS_LATER },			      { 500, "", SMS_MAYBE },
		{ 302, "", SMS_MAYBE },
	};
	struct gateway_rig rig;
	const char *id;

	(void)state;
	gateway_rig_up(&rig, &config);
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_int_equal(gateway_rig_outcome(&rig, rows[i].status, rows[i].body, &id), rows[i].end);
	gateway_rig_outcome(&rig, 201, rows[0].body, &id);
	assert_string_equal(id, "SM7");
	gateway_rig_down(&rig);
}

static void settings(void **state)
{
	struct gateway_config with = config;
	struct gateway_rig rig;

	(void)state;
	gateway_rig_up(&rig, &config);
	assert_null(gateway_rig_fits(&rig, &config));
	with.public_url = "";
	assert_non_null(strstr(gateway_rig_fits(&rig, &with), "public_url: missing"));
	with = config;
	with.sender = "";
	assert_non_null(strstr(gateway_rig_fits(&rig, &with), "sender: missing"));
	with.send_url = "";
	assert_null(gateway_rig_fits(&rig, &with));
	with.secret = "";
	assert_non_null(strstr(gateway_rig_fits(&rig, &with), "secret_file: missing"));
	gateway_rig_down(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_self_checks),
		cmocka_unit_test(what_was_changed_is_refused),
		cmocka_unit_test(addresses_count_byte_for_byte),
		cmocka_unit_test(json_is_covered_by_its_hash),
		cmocka_unit_test(a_message),
		cmocka_unit_test(receipts),
		cmocka_unit_test(answers_text_nobody),
		cmocka_unit_test(sending),
		cmocka_unit_test(outcomes),
		cmocka_unit_test(settings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
