/*
 * Jasmin: octets in hex, parts that come raw, the one answer it takes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "tests/support/gateway_rig.h"

#define SECRET "0123456789abcdef0123456789abcdef"
#define POST_MO "POST /sms/jasmin/mo/" SECRET " HTTP/1.1"
#define FORM "Content-Type: application/x-www-form-urlencoded"

static const struct gateway_config config = {
	.name = "jasmin",
	.driver = "jasmin",
	.secret = SECRET,
	.receipt_url = "http://127.0.0.1:8080/sms/jasmin/dlr/" SECRET,
	.send_url = "http://127.0.0.1:1401/send",
	.send_user = "tip",
	.send_password = "pw",
	.sender = "106900",
	.home = "86",
};

static const struct sms_message *decode(struct gateway_rig *rig, const char *body)
{
	gateway_rig_take(rig, POST_MO, FORM, span_of(body));
	return gateway_rig_one(rig);
}

static void texts(void **state)
{
	static const struct {
		const char *body, *text;
	} rows[] = {
		{ "coding=8&binary=4e1c80dcd83dde00", "东胜😀" },
		{ "coding=8&content=garbage&binary=4e1c80dc", "东胜" },
		{ "coding=0&binary=0068656c6c6f1b65", "@hello€" },
		{ "coding=3&binary=e9", "é" },
		{ "coding=1&content=ascii", "ascii" },
		{ "coding=0&content=%E4%B8%9C", "东" },
		{ "content=plain", "plain" },
	};
	struct gateway_rig rig;

	(void)state;
	gateway_rig_up(&rig, &config);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct sms_message *m = decode(&rig, arena_printf(&rig.arena, "id=u-1&from=8613800138000&to=106900&%s",
									rows[i].body));

		assert_int_equal(m->kind, SMS_TEXT);
		if (!span_is(m->text, rows[i].text))
			fail_msg("%s: %.*s", rows[i].body, (int)m->text.len, m->text.at);
		assert_true(span_is(m->key, "u-1") && span_is(m->sender, "+8613800138000") && m->may_answer);
	}
	gateway_rig_down(&rig);
}

static void a_part_comes_with_its_header(void **state)
{
	struct gateway_rig rig;
	const struct sms_message *m;

	(void)state;
	gateway_rig_up(&rig, &config);
	m = decode(&rig, "id=u&from=1&to=1&coding=8&binary=060804012c02014e1c");
	assert_true(m->kind == SMS_PART && m->part_width == 16 && m->part_reference == 300 && m->part_number == 1);
	assert_true(span_is(m->octets, "\x4e\x1c") && m->coding == SMS_UTF16);
	gateway_rig_down(&rig);
}

static void what_cannot_be_read_is_refused(void **state)
{
	static const char *const refused[] = { "", "id=u&from=1", "from=1&content=x", "id=u&from=1&binary=4e1", "id=u&from=1&binary=zz",
					       "a=%" };
	struct gateway_rig rig;

	(void)state;
	gateway_rig_up(&rig, &config);
	for (size_t i = 0; i < COUNT_OF(refused); i++) {
		gateway_rig_take(&rig, POST_MO, FORM, span_of(refused[i]));
		if (gateway_rig_decode(&rig))
			fail_msg("%s", refused[i]);
	}
	gateway_rig_down(&rig);
}

static void receipts(void **state)
{
	static const struct {
		const char *status;
		enum sms_fate fate;
	} rows[] = { { "DELIVRD", SMS_DELIVERED }, { "UNDELIV", SMS_FAILED },	    { "EXPIRED", SMS_FAILED },
		     { "ESME_ROK", SMS_BUFFERED }, { "ESME_RINVDSTADR", SMS_FAILED }, { "UNKNOWN", SMS_FATE_UNKNOWN } };
	struct gateway_rig rig;

	(void)state;
	gateway_rig_up(&rig, &config);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const char *body = arena_printf(&rig.arena, "id=j-1&id_smsc=AB&level=2&message_status=%s", rows[i].status);
		const struct sms_message *m;

		gateway_rig_take(&rig, "POST /sms/jasmin/dlr/" SECRET "?my=0a1b HTTP/1.1", FORM, span_of(body));
		assert_true(gateway_rig_verify(&rig, 0));
		m = gateway_rig_one(&rig);
		assert_true(m->kind == SMS_RECEIPT && m->fate == rows[i].fate);
		assert_true(span_is(m->receipt_id, "0a1b") && span_is(m->their_id, "j-1"));
	}
	gateway_rig_down(&rig);
}

/* A 404 would make it drop the message at once. */
static void answers(void **state)
{
	struct gateway_rig rig;

	(void)state;
	gateway_rig_up(&rig, &config);
	assert_int_equal(rig.gateway->refused, 0);
	assert_int_equal(gateway_rig_answer(&rig, SMS_TAKEN).status, 200);
	assert_true(span_is(gateway_rig_answer(&rig, SMS_TAKEN).body, "ACK/Jasmin"));
	assert_int_equal(gateway_rig_answer(&rig, SMS_AGAIN).status, 503);
	assert_int_equal(gateway_rig_answer(&rig, SMS_NEVER).status, 400);
	gateway_rig_take(&rig, "POST /sms/jasmin/mo/wrong HTTP/1.1", FORM, SPAN(""));
	assert_false(gateway_rig_verify(&rig, 0));
	gateway_rig_down(&rig);
}

static void sending(void **state)
{
	struct gateway_rig rig;

	(void)state;
	gateway_rig_up(&rig, &config);
	assert_true(gateway_rig_encode(&rig, "+8613800138000", "已收到", 0));
	assert_string_equal(gateway_rig_form(&rig, "coding"), "8");
	assert_string_equal(gateway_rig_form(&rig, "hex-content"), "5df265365230");
	assert_string_equal(gateway_rig_form(&rig, "to"), "8613800138000");
	assert_string_equal(gateway_rig_form(&rig, "dlr-url"), "http://127.0.0.1:8080/sms/jasmin/dlr/" SECRET "?my=0a1b");
	assert_true(gateway_rig_encode(&rig, "+8613800138000", "A@", 0));
	assert_string_equal(gateway_rig_form(&rig, "coding"), "0");
	assert_string_equal(gateway_rig_form(&rig, "hex-content"), "4100");
	gateway_rig_down(&rig);
}

static void outcomes(void **state)
{
	static const struct {
		int status;
		const char *body, *id;
		enum sms_outcome end;
	} rows[] = {
		{ 200, "Success \"07033084-5cfd-4812-90a4-e4d24ffb6e3d\"", "07033084-5cfd-4812-90a4-e4d24ffb6e3d", SMS_SENT },
		{ 200, "odd", "", SMS_MAYBE },	    { 400, "Error \"Mandatory\"", "", SMS_REFUSED },
		{ 403, "Error \"\"", "", SMS_LATER }, { 412, "Error \"No route found\"", "", SMS_LATER },
		{ 500, "Error \"\"", "", SMS_MAYBE },
	};
	struct gateway_rig rig;
	const char *id;

	(void)state;
	gateway_rig_up(&rig, &config);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		assert_int_equal(gateway_rig_outcome(&rig, rows[i].status, rows[i].body, &id), rows[i].end);
		assert_string_equal(id, rows[i].id);
	}
	assert_null(gateway_rig_fits(&rig, &config));
	gateway_rig_down(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts),
		cmocka_unit_test(a_part_comes_with_its_header),
		cmocka_unit_test(what_cannot_be_read_is_refused),
		cmocka_unit_test(receipts),
		cmocka_unit_test(answers),
		cmocka_unit_test(sending),
		cmocka_unit_test(outcomes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
