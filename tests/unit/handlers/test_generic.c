/*
 * Gateways that configuration alone describes: who may call, what a message
 * is, what is answered and what is sent; and what is wrong with a description.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "tests/support/gateway_rig.h"

#define NOW_MS INT64_C(1795323600000)
#define SECRET "0123456789abcdef0123456789abcdef"
#define FORM "Content-Type: application/x-www-form-urlencoded"
#define JSON "Content-Type: application/json"
#define BODY "id=1&from=%2B8613800138000&to=106900&text=hi"

static struct gateway_config described(struct gateway_shape shape)
{
	shape.from_field = shape.from_field != NULL ? shape.from_field : "from";
	shape.text_field = shape.text_field != NULL ? shape.text_field : "text";
	shape.id_field = shape.id_field != NULL ? shape.id_field : "id";
	shape.to_field = "to";
	return (struct gateway_config){ .name = "agg", .driver = "generic", .secret = SECRET, .public_url = "https://a.example",
					.home = "86", .shape = shape };
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

static void secrets_in_path_field_and_basic(void **state)
{
	struct gateway_config path = described((struct gateway_shape){ 0 });
	struct gateway_config header = described((struct gateway_shape){ .auth = "header", .auth_field = "X-Key" });
	struct gateway_config basic = described((struct gateway_shape){ .auth = "basic" });

	(void)state;
	assert_true(verify(&path, 0, "POST /sms/agg/mo/" SECRET " HTTP/1.1", FORM, BODY));
	assert_false(verify(&path, 0, "POST /sms/agg/mo/x HTTP/1.1", FORM, BODY));
	assert_true(verify(&header, 0, "POST /sms/agg/mo HTTP/1.1", FORM "\r\nX-Key: " SECRET, BODY));
	assert_false(verify(&header, 0, "POST /sms/agg/mo HTTP/1.1", FORM "\r\nX-Key: " SECRET "0", BODY));
	assert_false(verify(&header, 0, "POST /sms/agg/mo/" SECRET " HTTP/1.1", FORM, BODY));
	basic.secret = "agg:pw";
	assert_true(verify(&basic, 0, "POST /sms/agg/mo HTTP/1.1", FORM "\r\nAuthorization: Basic YWdnOnB3", BODY));
	assert_false(verify(&basic, 0, "POST /sms/agg/mo HTTP/1.1", FORM "\r\nAuthorization: Basic YWdnOnB4", BODY));
	assert_false(verify(&basic, 0, "POST /sms/agg/mo HTTP/1.1", FORM "\r\nAuthorization: Bearer YWdnOnB3", BODY));
	assert_false(verify(&basic, 0, "POST /sms/agg/mo HTTP/1.1", FORM, BODY));
	basic.secret = "";
	assert_false(verify(&basic, 0, "POST /sms/agg/mo HTTP/1.1", FORM "\r\nAuthorization: Basic ", BODY));
}

static void an_hmac_covers_time_address_and_body(void **state)
{
#define HEX "19699c2038d378f70d5aa3c5369dfd0ac73fdc84a3230e6937a86e3dfd1b988f"
#define B64 "bZdLOihSTHdgq6ZpYwgN4XT138SkYN5wyqxuwShV7c4="
	const struct gateway_config hex = described((struct gateway_shape){
		.auth = "hmac-sha256", .auth_field = "X-Sign", .auth_time_field = "X-Time", .auth_template = "{ts}.{body}",
		.auth_encoding = "sha256=hex" });
	const struct gateway_config base64 = described((struct gateway_shape){
		.auth = "hmac-sha256", .auth_field = "X-Sign", .auth_time_field = "X-Time",
		.auth_template = "v1:{ts}|{method}|{url}|{body}", .auth_encoding = "base64" });
	const char *line = "POST /sms/agg/mo?x=1 HTTP/1.1";

	(void)state;
	assert_true(verify(&hex, NOW_MS, line, FORM "\r\nX-Time: 1795323600\r\nX-Sign: sha256=" HEX, BODY));
	assert_false(verify(&hex, NOW_MS, line, FORM "\r\nX-Time: 1795323600\r\nX-Sign: " HEX, BODY));
	assert_false(verify(&hex, NOW_MS, line, FORM "\r\nX-Time: 1795323601\r\nX-Sign: sha256=" HEX, BODY));
	assert_false(verify(&hex, NOW_MS + 301000, line, FORM "\r\nX-Time: 1795323600\r\nX-Sign: sha256=" HEX, BODY));
	assert_false(verify(&hex, NOW_MS, line, FORM "\r\nX-Time: 1795323600\r\nX-Sign: sha256=" HEX, BODY "&a=b"));
	assert_false(verify(&hex, NOW_MS, line, FORM "\r\nX-Sign: sha256=" HEX, BODY));
	assert_false(verify(&hex, NOW_MS, line, FORM "\r\nX-Time: 1795323600", BODY));
	assert_true(verify(&base64, NOW_MS, line, FORM "\r\nX-Time: 1795323600\r\nX-Sign: " B64, BODY));
	assert_false(verify(&base64, NOW_MS, "POST /sms/agg/mo?x=2 HTTP/1.1", FORM "\r\nX-Time: 1795323600\r\nX-Sign: " B64, BODY));
	assert_false(verify(&base64, NOW_MS, "POST /sms/agg/mo?x=1 HTTP/1.1", FORM "\r\nX-Time: 1795323600\r\nX-Sign: " B64 "=", BODY));
}

/* Fields are read from the query of a GET and from the body of a POST. */
static void what_a_signature_leaves_open_is_refused(void **state)
{
#define POST_URL "7c6cf11ed338b1f44be05d8a9426e7b81f3464dd4d0d305acc1d4b6420620919"
#define GET_URL "f7638efd0884be0a4e0788ab811e5dd94a827a43db25a7aba59fa38ddcc3cb1a"
	const struct gateway_config url = described((struct gateway_shape){
		.auth = "hmac-sha256", .auth_field = "X-Sign", .auth_template = "{url}" });

	(void)state;
	assert_true(verify(&url, 0, "GET /sms/agg/mo?from=1&text=a HTTP/1.1", "X-Sign: " GET_URL, ""));
	assert_false(verify(&url, 0, "GET /sms/agg/mo?from=1&text=b HTTP/1.1", "X-Sign: " GET_URL, ""));
	assert_false(verify(&url, 0, "POST /sms/agg/mo HTTP/1.1", FORM "\r\nX-Sign: " POST_URL, BODY));
}

static void an_ed25519_signature_covers_time_and_body(void **state)
{
#define KEY_HEX "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8"
#define KEY_B64 "A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg="
#define SIG_B64 "uoCUAZ7CYs5D+gNJlf1m6L8IRnhNbFg5WhtdZeAIxF6LXlOFko9ZDrAkwYagdJXKGGgJf25ENbEsiW0KKRgoBA=="
#define SIG_HEX "0f14a8f661dcfcd6c357b16baca90a86db701d9f51b72324c902af62799bc9e6e3ab0710db664411c8de580805186dc9f96503271e8afaa072a93f0a22de3f0f"
	struct gateway_config post = described((struct gateway_shape){
		.auth = "ed25519", .auth_field = "X-Sign", .auth_time_field = "X-Time", .auth_template = "{ts}|{body}",
		.auth_encoding = "base64" });
	struct gateway_config get = described((struct gateway_shape){
		.auth = "ed25519", .auth_field = "X-Sign", .auth_template = "{method}{url}" });
	const char *line = "POST /sms/agg/mo HTTP/1.1", *fields = FORM "\r\nX-Time: 1795323600\r\nX-Sign: " SIG_B64;

	(void)state;
	post.secret = KEY_B64;
	get.secret = KEY_HEX;
	assert_true(verify(&post, NOW_MS, line, fields, BODY));
	assert_false(verify(&post, NOW_MS, line, fields, BODY "&a=b"));
	assert_false(verify(&post, NOW_MS + 301000, line, fields, BODY));
	assert_false(verify(&post, NOW_MS, line, FORM "\r\nX-Time: 1795323601\r\nX-Sign: " SIG_B64, BODY));
	assert_false(verify(&post, NOW_MS, line, FORM "\r\nX-Time: 1795323600\r\nX-Sign: AAAA", BODY));
	assert_false(verify(&post, NOW_MS, line, FORM "\r\nX-Time: 1795323600", BODY));
	assert_true(verify(&get, 0, "GET /sms/agg/mo?from=1&text=a HTTP/1.1", "X-Sign: " SIG_HEX, ""));
	assert_false(verify(&get, 0, "GET /sms/agg/mo?from=1&text=b HTTP/1.1", "X-Sign: " SIG_HEX, ""));
	/* The point of order one, under which all zeroes sign everything. */
	get.secret = "0100000000000000000000000000000000000000000000000000000000000000";
	assert_false(verify(&get, 0, "GET /sms/agg/mo?from=1&text=a HTTP/1.1",
			    "X-Sign: 01000000000000000000000000000000000000000000000000000000000000000000000000000000"
			    "000000000000000000000000000000000000000000000000", ""));
}

static void a_token_holds_the_hash_of_the_body(void **state)
{
#define JWT_GOOD "eyJhbGciOiJIUzI1NiJ9.eyJpYXQiOjE3OTUzMjM2MDAsInBheWxvYWRfaGFzaCI6ImI4NzMzMWQzNzNhYTdmY2U1MDJiNGM2MmNkZjkxMTRkYTc3MjhmMzgzNjU2ZGIyYzU1NTlmNTRjMGIyODQ5ZjkifQ.MYJk6HuUZ1qy5MWmD9XSyZFLYVA2sYLi6LYMA3ZDeWU"
#define JWT_CLAIM "eyJhbGciOiJIUzI1NiJ9.eyJpYXQiOjE3OTUzMjM2MDAsImJoIjoidUhNeDAzT3FmODVRSzB4aXpma1JUYWR5anpnMlZ0c3NWVm4xVEFzb1Nmaz0ifQ.OU34a3P2NNgLKzXP8zzbxkrN3YqBysTnrzDGUeHo9gA"
#define JWT_NO_HASH "eyJhbGciOiJIUzI1NiJ9.eyJpYXQiOjE3OTUzMjM2MDB9.dv0Cgh8BndfobDoZj4GaFigr5te9bSGFxvfL9GapC5I"
#define JWT_HS512 "eyJhbGciOiJIUzUxMiJ9.eyJpYXQiOjE3OTUzMjM2MDAsInBheWxvYWRfaGFzaCI6ImI4NzMzMWQzNzNhYTdmY2U1MDJiNGM2MmNkZjkxMTRkYTc3MjhmMzgzNjU2ZGIyYzU1NTlmNTRjMGIyODQ5ZjkifQ.fw1W7SbHKE2znbZIN5p6dnXGIrtJS2tob2-Zb98pEIFL6ajFQpK1lbXt9nGFNbxlIhFmVOOzlLM3x32mJarzDw"
#define JWT_CRITICAL "eyJhbGciOiJIUzI1NiIsImNyaXQiOlsiYjY0Il0sImI2NCI6ZmFsc2V9.eyJpYXQiOjE3OTUzMjM2MDAsInBheWxvYWRfaGFzaCI6ImI4NzMzMWQzNzNhYTdmY2U1MDJiNGM2MmNkZjkxMTRkYTc3MjhmMzgzNjU2ZGIyYzU1NTlmNTRjMGIyODQ5ZjkifQ.NjGAdfrNh-I0DQ4X6Rh_4IyxM15cmvox40Z1nMGA2z8"
#define JWT_EMPTY "eyJhbGciOiJIUzI1NiJ9.eyJpYXQiOjE3OTUzMjM2MDAsInBheWxvYWRfaGFzaCI6ImUzYjBjNDQyOThmYzFjMTQ5YWZiZjRjODk5NmZiOTI0MjdhZTQxZTQ2NDliOTM0Y2E0OTU5OTFiNzg1MmI4NTUifQ.Y-f7CwwHhu99u-A27XiVCNfDz8NUOVJ4ReFDF19UHlg"
	struct gateway_config with = described((struct gateway_shape){ .auth = "jwt" });
	struct gateway_config own = described((struct gateway_shape){ .auth = "jwt", .auth_field = "X-Token", .auth_claim = "bh" });
	const char *line = "POST /sms/agg/mo HTTP/1.1";

	(void)state;
	assert_true(verify(&with, NOW_MS, line, FORM "\r\nAuthorization: Bearer " JWT_GOOD, BODY));
	assert_true(verify(&own, NOW_MS, line, FORM "\r\nX-Token: " JWT_CLAIM, BODY));
	assert_false(verify(&with, NOW_MS, line, FORM "\r\nAuthorization: Bearer " JWT_GOOD, BODY "&a=b"));
	assert_false(verify(&with, NOW_MS + 301000, line, FORM "\r\nAuthorization: Bearer " JWT_GOOD, BODY));
	assert_false(verify(&with, NOW_MS, line, FORM "\r\nAuthorization: Bearer " JWT_NO_HASH, BODY));
	assert_false(verify(&with, NOW_MS, line, FORM "\r\nAuthorization: Bearer " JWT_HS512, BODY));
	assert_false(verify(&with, NOW_MS, line, FORM "\r\nAuthorization: Bearer " JWT_CRITICAL, BODY));
	assert_false(verify(&with, NOW_MS, line, FORM, BODY));
	assert_true(verify(&with, NOW_MS, line, FORM "\r\nAuthorization: Bearer " JWT_EMPTY, ""));
	assert_false(verify(&with, NOW_MS, "GET /sms/agg/mo?from=1&text=a HTTP/1.1", "Authorization: Bearer " JWT_EMPTY, ""));
	with.secret = "";
	assert_false(verify(&with, NOW_MS, line, FORM "\r\nAuthorization: Bearer " JWT_GOOD, BODY));
}

static void texts(void **state)
{
	static const struct {
		const char *coding, *line, *fields, *body, *text;
	} rows[] = {
		{ NULL, "POST /sms/agg/mo HTTP/1.1", FORM, "id=1&from=13800138000&to=1&text=%E4%B8%9C%F0%9F%98%80", "东😀" },
		{ "utf-8", "GET /sms/agg/mo?id=1&from=13800138000&to=1&text=by+get HTTP/1.1", "Accept: *", "", "by get" },
		{ "gbk", "POST /sms/agg/mo HTTP/1.1", FORM, "id=1&from=13800138000&to=1&text=%B6%AB%CA%A4", "东胜" },
		{ "hex-gbk", "POST /sms/agg/mo HTTP/1.1", JSON, "{\"id\":1,\"from\":\"13800138000\",\"text\":\"B6ABCAA4\"}", "东胜" },
		{ "hex-utf-16be", "POST /sms/agg/mo HTTP/1.1", FORM, "id=1&from=13800138000&text=4E1CD83DDE00", "东😀" },
		{ "hex-gsm7", "POST /sms/agg/mo HTTP/1.1", FORM, "id=1&from=13800138000&text=00411b65", "@A€" },
		{ "latin-1", "POST /sms/agg/mo HTTP/1.1", FORM, "id=1&from=13800138000&text=%E9", "é" },
		{ "hex-utf-8", "POST /sms/agg/mo HTTP/1.1", FORM, "id=1&from=13800138000&text=c3a9&dcs=8", "쎩" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct gateway_config with = described((struct gateway_shape){ .text_coding = rows[i].coding, .coding_field = "dcs" });
		struct gateway_rig rig;
		const struct sms_message *m;

		gateway_rig_up(&rig, &with);
		gateway_rig_take(&rig, rows[i].line, rows[i].fields, span_of(rows[i].body));
		m = gateway_rig_one(&rig);
		if (m->kind != SMS_TEXT || !span_is(m->text, rows[i].text))
			fail_msg("%s: %.*s", rows[i].body, (int)m->text.len, m->text.at);
		assert_true(span_is(m->sender, "+8613800138000") && span_is(m->key, "1") && m->may_answer);
		gateway_rig_down(&rig);
	}
}

static void fields_deep_in_lists(void **state)
{
	struct gateway_config with = described((struct gateway_shape){ .array = "data.list", .from_field = "who.number",
								       .text_field = "content", .udh_field = "udh" });
	struct gateway_rig rig;

	(void)state;
	gateway_rig_up(&rig, &with);
	gateway_rig_take(&rig, "POST /sms/agg/mo HTTP/1.1", JSON,
			 SPAN("{\"data\":{\"list\":[{\"id\":\"a\",\"who\":{\"number\":\"13800138000\"},\"content\":\"one\"},"
			      "{\"id\":\"b\",\"who\":{\"number\":\"2\"},\"content\":\"two\",\"udh\":\"050003010201\"},"
			      "{\"id\":\"c\",\"content\":\"nobody\"}]}}"));
	assert_true(gateway_rig_decode(&rig));
	assert_int_equal(rig.batch.n, 3);
	assert_true(rig.batch.at[0].kind == SMS_TEXT && span_is(rig.batch.at[0].text, "one"));
	assert_true(rig.batch.at[1].kind == SMS_PART && rig.batch.at[1].part_number == 1);
	assert_int_equal(rig.batch.at[2].kind, SMS_MALFORMED);
	gateway_rig_take(&rig, "POST /sms/agg/mo HTTP/1.1", JSON, SPAN("{\"data\":[]}"));
	assert_false(gateway_rig_decode(&rig));
	with.shape.array = "[]";
	gateway_rig_take(&rig, "POST /sms/agg/mo HTTP/1.1", JSON, SPAN("[{\"id\":1,\"who\":{\"number\":\"2\"},\"content\":\"x\"}]"));
	assert_true(gateway_rig_decode(&rig) && rig.batch.n == 1 && rig.batch.at[0].kind == SMS_TEXT);
	gateway_rig_down(&rig);
}

static struct span key_of(const struct gateway_config *with, struct gateway_rig *rig, const char *body)
{
	rig->config = with;
	gateway_rig_take(rig, "POST /sms/agg/mo HTTP/1.1", FORM, span_of(body));
	return gateway_rig_one(rig)->key;
}

static void messages_without_an_id(void **state)
{
	struct gateway_config time = described((struct gateway_shape){ .id_field = "", .time_field = "t" });
	struct gateway_config none = described((struct gateway_shape){ .id_field = "" });
	struct gateway_config chosen = described((struct gateway_shape){ .id_field = "", .dedupe = "seq, part" });
	struct gateway_rig rig;

	(void)state;
	gateway_rig_up(&rig, &time);
	assert_true(span_eq(key_of(&time, &rig, "from=1&text=x&t=1"), key_of(&time, &rig, "from=1&text=x&t=1")));
	assert_false(span_eq(key_of(&time, &rig, "from=1&text=x&t=1"), key_of(&time, &rig, "from=1&text=x&t=2")));
	assert_int_equal(key_of(&none, &rig, "from=1&text=x").len, 0);
	assert_true(span_eq(key_of(&chosen, &rig, "from=1&text=x&seq=1&part=2"), key_of(&chosen, &rig, "from=2&text=y&seq=1&part=2")));
	assert_false(span_eq(key_of(&chosen, &rig, "from=1&text=x&seq=1&part=2"), key_of(&chosen, &rig, "from=1&text=x&seq=12&part=")));
	gateway_rig_down(&rig);
}

static void receipts(void **state)
{
	const struct gateway_config with = described((struct gateway_shape){
		.receipt_id_field = "msgid", .receipt_field = "st", .receipt_delivered = "0, DELIVRD", .receipt_failed = "UNDELIV,EXPIRED" });
	static const struct {
		const char *status;
		enum sms_fate fate;
	} rows[] = { { "0", SMS_DELIVERED }, { "DELIVRD", SMS_DELIVERED }, { "EXPIRED", SMS_FAILED },
		     { "ENROUTE", SMS_BUFFERED }, { "", SMS_FATE_UNKNOWN } };
	struct gateway_rig rig;

	(void)state;
	gateway_rig_up(&rig, &with);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const char *body = arena_printf(&rig.arena, "msgid=m&st=%s", rows[i].status);
		const struct sms_message *m;

		gateway_rig_take(&rig, "POST /sms/agg/dlr/" SECRET "?my=0a1b HTTP/1.1", FORM, span_of(body));
		m = gateway_rig_one(&rig);
		assert_true(m->kind == SMS_RECEIPT && m->fate == rows[i].fate);
		assert_true(span_is(m->receipt_id, "0a1b") && span_is(m->their_id, "m"));
	}
	gateway_rig_down(&rig);
}

static void answers(void **state)
{
	struct gateway_config with = described((struct gateway_shape){ .answer_done = "200 {\"code\":0}", .answer_later = "500",
								       .answer_never = "200 <bad/>" });
	struct gateway_config plain = described((struct gateway_shape){ 0 });
	struct gateway_rig rig;

	(void)state;
	gateway_rig_up(&rig, &with);
	assert_true(gateway_rig_answer(&rig, SMS_TAKEN).status == 200 && span_is(gateway_rig_answer(&rig, SMS_TAKEN).body, "{\"code\":0}"));
	assert_string_equal(gateway_rig_answer(&rig, SMS_TAKEN).type, "application/json");
	assert_true(gateway_rig_answer(&rig, SMS_AGAIN).status == 500 && gateway_rig_answer(&rig, SMS_AGAIN).body.len == 0);
	assert_string_equal(gateway_rig_answer(&rig, SMS_NEVER).type, "text/xml");
	rig.config = &plain;
	assert_int_equal(gateway_rig_answer(&rig, SMS_TAKEN).status, 200);
	assert_int_equal(gateway_rig_answer(&rig, SMS_AGAIN).status, 503);
	assert_int_equal(gateway_rig_answer(&rig, SMS_NEVER).status, 400);
	gateway_rig_down(&rig);
}

static struct gateway_config sender(const char *type, const char *body)
{
	struct gateway_config with = described((struct gateway_shape){ .send_type = type, .send_body = body });

	with.send_url = "https://agg.example/send";
	with.send_user = "u";
	with.send_password = "p";
	with.sender = "106900";
	with.receipt_url = "https://a.example/sms/agg/dlr/" SECRET;
	return with;
}

static void sending_with_the_escapes_of_the_type(void **state)
{
	static const struct {
		const char *type, *body, *sent;
	} rows[] = {
		{ NULL, "to={to}&t={text}", "to=%2B8613800138000&t=a%26%22%3Cb%3E%201A2B3C4D5E" },
		{ "application/json", "{\"m\":\"{digits}\",\"c\":\"{text}\"}", "{\"m\":\"8613800138000\",\"c\":\"a&\\\"\\u003cb> 1A2B3C4D5E\"}" },
		{ "text/xml", "<t f=\"{sender}\">{text}</t>", "<t f=\"106900\">a&amp;&quot;&lt;b&gt; 1A2B3C4D5E</t>" },
		{ "text/plain", "{number} {id} {user} {password} {other}", "1A2B3C4D5E 0a1b u p {other}" },
	};
	struct gateway_rig rig;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct gateway_config with = sender(rows[i].type, rows[i].body);

		gateway_rig_up(&rig, &with);
		assert_true(gateway_rig_encode(&rig, "+8613800138000", "a&\"<b> 1A2B3C4D5E", 0));
		if (!span_is(rig.sent.body, rows[i].sent))
			fail_msg("%.*s", (int)rig.sent.body.len, rig.sent.body.at);
		assert_string_equal(gateway_rig_field(&rig, "Authorization"), "Basic dTpw");
		gateway_rig_down(&rig);
	}
}

static void sending_by_get_with_own_fields(void **state)
{
	struct gateway_config with = sender(NULL, "m={digits}&c={text}&r={receipts}");
	struct gateway_config template = sender(NULL, "m={to}&n={number}");
	struct gateway_rig rig;

	(void)state;
	with.shape.send_method = "GET";
	with.shape.send_fields = "X-Key: {password} | X-Id: {id}";
	gateway_rig_up(&rig, &with);
	assert_true(gateway_rig_encode(&rig, "+8613800138000", "a b", 0));
	assert_int_equal(rig.sent.method, HTTP_GET);
	assert_string_equal(rig.sent.url, "https://agg.example/send?m=8613800138000&c=a%20b&r=https%3A%2F%2Fa.example%2Fsms%2Fagg%2Fdlr%2F"
			    SECRET "%3Fmy%3D0a1b");
	assert_string_equal(gateway_rig_field(&rig, "X-Key"), "p");
	assert_string_equal(gateway_rig_field(&rig, "X-Id"), "0a1b");
	assert_int_equal(rig.sent.body.len, 0);
	rig.config = &template;
	assert_false(gateway_rig_encode(&rig, "+8613800138000", "a b", 0));
	gateway_rig_down(&rig);
}

static void outcomes(void **state)
{
	struct gateway_config with = sender(NULL, "{to}{text}");
	struct gateway_rig rig;
	const char *id;

	(void)state;
	gateway_rig_up(&rig, &with);
	assert_int_equal(gateway_rig_outcome(&rig, 204, "", &id), SMS_SENT);
	with.shape.send_done = "200 \"code\":0";
	with.shape.send_id_field = "data.0.id";
	assert_int_equal(gateway_rig_outcome(&rig, 200, "{\"code\":0,\"data\":[{\"id\":77}]}", &id), SMS_SENT);
	assert_string_equal(id, "77");
	assert_int_equal(gateway_rig_outcome(&rig, 200, "{\"code\":9}", &id), SMS_MAYBE);
	assert_int_equal(gateway_rig_outcome(&rig, 201, "{\"code\":0}", &id), SMS_MAYBE);
	assert_int_equal(gateway_rig_outcome(&rig, 400, "", &id), SMS_REFUSED);
	assert_int_equal(gateway_rig_outcome(&rig, 403, "", &id), SMS_LATER);
	assert_int_equal(gateway_rig_outcome(&rig, 503, "", &id), SMS_LATER);
	assert_int_equal(gateway_rig_outcome(&rig, 500, "", &id), SMS_MAYBE);
	gateway_rig_down(&rig);
}

static void what_is_wrong_with_a_description(void **state)
{
	static const struct {
		struct gateway_shape shape;
		const char *secret, *send_url, *why;
	} rows[] = {
		{ .why = NULL },
		{ .secret = "short", .why = "128 bit" },
		{ .shape = { .auth = "trust" }, .why = "auth: \"trust\"" },
		{ .shape = { .auth = "header" }, .why = "auth_field: missing" },
		{ .shape = { .auth = "basic" }, .why = "USER:PASSWORD" },
		{ .shape = { .auth = "hmac-sha3", .auth_field = "X", .auth_template = "{body}" }, .why = "hmac-sha256" },
		{ .shape = { .auth = "hmac-sha256", .auth_field = "X", .auth_template = "{ts}" }, .why = "{body} is missing" },
		{ .shape = { .auth = "hmac-sha256", .auth_field = "X", .auth_template = "{ts}{body}" }, .why = "auth_time_field: missing" },
		{ .shape = { .auth = "hmac-sha256", .auth_field = "X", .auth_template = "{body}", .auth_encoding = "hax" }, .why = "auth_encoding" },
		{ .shape = { .auth = "hmac-sha256", .auth_field = "X", .auth_template = "{body}" }, .why = NULL },
		{ .shape = { .auth = "hmac-sha256", .auth_field = "X", .auth_time_field = "T", .auth_template = "{body}" },
		  .why = "auth_template: {ts} is missing" },
		{ .shape = { .auth = "ed25519", .auth_field = "X", .auth_template = "{body}" }, .why = "the gateway's public key" },
		{ .secret = KEY_B64, .shape = { .auth = "ed25519", .auth_field = "X", .auth_template = "{body}" }, .why = NULL },
		{ .secret = KEY_B64, .shape = { .auth = "ed25519", .auth_template = "{body}" }, .why = "auth_field" },
		{ .secret = "", .shape = { .auth = "jwt" }, .why = "secret_file: missing" },
		{ .shape = { .auth = "jwt" }, .why = NULL },
		{ .shape = { .text_field = "" }, .why = "text_field: missing" },
		{ .shape = { .text_coding = "utf8" }, .why = "text_coding: \"utf8\"" },
		{ .shape = { .receipt_delivered = "0" }, .why = "receipt_field: missing" },
		{ .shape = { .answer_done = "{\"code\":0}" }, .why = "answer_done" },
		{ .shape = { .answer_done = "200 x", .answer_later = "200 x" }, .why = "could not tell them apart" },
		{ .send_url = "https://b.example/", .shape = { .send_body = "{text}" }, .why = "nobody would get" },
		{ .send_url = "https://b.example/", .shape = { .send_body = "{to}" }, .why = "neither {text}" },
		{ .send_url = "https://b.example/", .shape = { .send_body = "{to}{text}", .send_method = "PUT" }, .why = "send_method" },
		{ .send_url = "https://b.example/", .shape = { .send_body = "{to}{text}", .send_done = "ok" }, .why = "send_done" },
		{ .send_url = "https://b.example/", .shape = { .send_body = "{to}{text}", .send_fields = "X" }, .why = "send_fields" },
		{ .send_url = "https://b.example/", .shape = { .send_body = "{to}{text}", .send_fields = "X: {text}" }, .why = "send_body" },
		{ .send_url = "https://b.example/", .shape = { .send_body = "{to}{text}" }, .why = NULL },
	};
	struct gateway_config plain = described((struct gateway_shape){ 0 });
	struct gateway_rig rig;

	(void)state;
	gateway_rig_up(&rig, &plain);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct gateway_config with = described(rows[i].shape);
		const char *why;

		with.secret = rows[i].secret != NULL ? rows[i].secret : SECRET;
		with.send_url = rows[i].send_url;
		why = gateway_rig_fits(&rig, &with);
		if ((why == NULL) != (rows[i].why == NULL) || (why != NULL && strstr(why, rows[i].why) == NULL))
			fail_msg("row %zu: %s", i, why != NULL ? why : "fits");
	}
	gateway_rig_down(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(secrets_in_path_field_and_basic),
		cmocka_unit_test(an_hmac_covers_time_address_and_body),
		cmocka_unit_test(what_a_signature_leaves_open_is_refused),
		cmocka_unit_test(an_ed25519_signature_covers_time_and_body),
		cmocka_unit_test(a_token_holds_the_hash_of_the_body),
		cmocka_unit_test(texts),
		cmocka_unit_test(fields_deep_in_lists),
		cmocka_unit_test(messages_without_an_id),
		cmocka_unit_test(receipts),
		cmocka_unit_test(answers),
		cmocka_unit_test(sending_with_the_escapes_of_the_type),
		cmocka_unit_test(sending_by_get_with_own_fields),
		cmocka_unit_test(outcomes),
		cmocka_unit_test(what_is_wrong_with_a_description),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
