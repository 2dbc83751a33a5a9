/*
 * Kannel, by requests that Kannel 1.4.5 made (tests/fuzz/corpus/kannel).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "daemon/http/gate.h"
#include "handlers/intake/gateway.h"
#include "tests/support/http_sample.h"

#include <stdio.h>

#define WHOLE \
	"内蒙古鄂尔多斯市东胜区有人看见两个女孩被带上一辆白色面包车，车牌蒙K12345，昨天晚上九点在火车站西广场附近，她们在哭，" \
	"其中一个大约十五岁，穿红😀色外套。请尽快派人来看看，司机是个四十多岁的男人，往北开走了。"

#define SIXTY_FIVE "12345678901234567890123456789012345678901234567890123456789012345"

static const struct gateway_config config = {
	.name = "kannel",
	.driver = "kannel",
	.secret = "s3cret",
	.send_url = "http://127.0.0.1:13013/cgi-bin/sendsms",
	.send_user = "tip",
	.send_password = "tippass",
	.sender = "106900",
	.receipt_url = "http://127.0.0.1:8080/sms/kannel/dlr?token=s3cret",
	.home = "86",
};

struct fixture {
	struct arena arena;
	struct http_request request;
	struct sms_batch batch;
	struct complaint why;
};

static const struct gateway *kannel(void)
{
	const struct gateway *gateway = gateway_find("kannel");

	assert_non_null(gateway);
	return gateway;
}

static void load(struct fixture *f, const char *style, const char *name)
{
	char path[128];

	*f = (struct fixture){ 0 };
	snprintf(path, sizeof(path), "tests/fuzz/corpus/kannel/%s_%s.http", style, name);
	struct span bytes = http_sample_read(path, &f->arena);

	assert_non_null(bytes.at);
	assert_true(http_sample_parse(bytes, &f->request));
}

static const struct sms_message *decode(struct fixture *f, const char *style, const char *name)
{
	load(f, style, name);
	assert_true(kannel()->verify(&config, &f->request, 0));
	assert_true(kannel()->decode(&config, &f->request, &f->arena, &f->batch, &f->why));
	assert_int_equal(f->batch.n, 1);
	return &f->batch.at[0];
}

static const char *const styles[] = { "get", "post" };

/* Both styles, made of the same SMS, say the same. */
static void expect_text(const char *name, const char *sender, const char *text, bool may_answer)
{
	struct fixture f;

	for (size_t i = 0; i < COUNT_OF(styles); i++) {
		const struct sms_message *m = decode(&f, styles[i], name);

		assert_int_equal(m->kind, SMS_TEXT);
		assert_true(span_is(m->sender, sender));
		assert_true(span_is(m->destination, "106900"));
		assert_true(span_is(m->text, text));
		assert_int_equal(m->may_answer, may_answer);
		assert_int_equal(m->key.len, 36);
		arena_release(&f.arena);
	}
}

static void texts(void **state)
{
	(void)state;
	expect_text("text", "+8613800138000", "hello from+here & there", true);
	expect_text("ucs2", "+8613800138000", "举报 😀 ok", true);
	expect_text("ucs2_odd", "+8613800138000", "乱码\xEF\xBF\xBD", true);
	expect_text("service_number", "10086", "service", false);
	expect_text("name", "ALPHA", "alpha", false);
	expect_text("smpp_gsm", "+8613800138000", "@A\n€", true);
	expect_text("smpp_joined", "+8613800138000", WHOLE, true);
	expect_text("part_zero", "+8613800138000", "part zero", true);
	expect_text("8bit_joined", "+8613800138000", WHOLE, true);
}

static void expect_ignored(const char *name)
{
	struct fixture f;

	for (size_t i = 0; i < COUNT_OF(styles); i++) {
		assert_int_equal(decode(&f, styles[i], name)->kind, SMS_IGNORED);
		arena_release(&f.arena);
	}
}

static void data_is_nothing_for_us(void **state)
{
	(void)state;
	expect_ignored("data");
	expect_ignored("wap_push");
}

static void expect_part(const char *name, enum sms_coding coding, unsigned width, unsigned reference, unsigned number)
{
	struct fixture f;

	for (size_t i = 0; i < COUNT_OF(styles); i++) {
		const struct sms_message *m = decode(&f, styles[i], name);

		assert_int_equal(m->kind, SMS_PART);
		assert_int_equal(m->coding, coding);
		assert_int_equal(m->part_width, width);
		assert_int_equal(m->part_reference, reference);
		assert_int_equal(m->part_total, 2);
		assert_int_equal(m->part_number, number);
		assert_true(m->octets.len > 0);
		arena_release(&f.arena);
	}
}

static void parts(void **state)
{
	(void)state;
	expect_part("smpp_ucs2_part_1", SMS_UTF16, 8, 42, 1);
	expect_part("smpp_ucs2_part_2", SMS_UTF16, 8, 42, 2);
	expect_part("8bit_part_1", SMS_OCTETS, 8, 0x2B, 1);
	expect_part("text_part_1", SMS_UTF8, 16, 0x109, 1);
	expect_part("text_part_2", SMS_UTF8, 16, 0x109, 2);
}

/* The octets of both parts in a row are the whole text, though a pair may be cut between them. */
static void parts_join_to_the_text(void **state)
{
	struct fixture f;
	struct buf octets = { 0 }, text = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(styles); i++) {
		buf_clear(&octets);
		buf_clear(&text);
		buf_add_span(&octets, decode(&f, styles[i], "smpp_ucs2_part_1")->octets);
		arena_release(&f.arena);
		buf_add_span(&octets, decode(&f, styles[i], "smpp_ucs2_part_2")->octets);
		arena_release(&f.arena);
		sms_text_decode(SMS_UTF16, buf_span(&octets), &text);
		assert_true(span_is(buf_span(&text), WHOLE));
	}
	buf_release(&octets);
	buf_release(&text);
}

/* Kannel escapes every octet that is no letter or digit, 0 among them: headers and UTF-16 are full of it. */
static void the_gate_lets_kannel_in(void **state)
{
	static const char *const names[] = { "text", "ucs2", "smpp_ucs2_part_1", "8bit_part_2", "text_part_1",
					     "wap_push" };
	struct http_request request;
	struct arena arena = { 0 };
	char path[128];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(names) * COUNT_OF(styles); i++) {
		struct gate gate = { 0 };

		snprintf(path, sizeof(path), "tests/fuzz/corpus/kannel/%s_%s.http", styles[i % 2], names[i / 2]);
		struct span bytes = http_sample_read(path, &arena);

		assert_int_equal(gate_judge(&gate, bytes, 1 << 16, &request), GATE_WHOLE);
		assert_int_equal(gate.length + request.content_length, bytes.len);
	}
	arena_release(&arena);
}

static void receipts(void **state)
{
	struct fixture f;
	const struct sms_message *m = decode(&f, "get", "receipt_delivered");

	(void)state;
	assert_int_equal(m->kind, SMS_RECEIPT);
	assert_int_equal(m->fate, SMS_DELIVERED);
	assert_true(span_is(m->receipt_id, "0123abcd"));
	arena_release(&f.arena);
	assert_int_equal(decode(&f, "get", "receipt_accepted")->fate, SMS_BUFFERED);
	arena_release(&f.arena);
}

/* Decodes a made-up request; NULL when it is refused. */
static const struct sms_message *decode_bytes(struct fixture *f, const char *bytes)
{
	*f = (struct fixture){ 0 };
	assert_true(http_sample_parse(span_of(bytes), &f->request));
	if (!kannel()->decode(&config, &f->request, &f->arena, &f->batch, &f->why))
		return NULL;
	return &f->batch.at[0];
}

static void fates_are_bits(void **state)
{
	static const struct {
		const char *type;
		enum sms_fate fate;
	} rows[] = {
		{ .type = "1", .fate = SMS_DELIVERED },  { .type = "2", .fate = SMS_FAILED },
		{ .type = "34", .fate = SMS_FAILED },    { .type = "16", .fate = SMS_FAILED },
		{ .type = "4", .fate = SMS_BUFFERED },   { .type = "8", .fate = SMS_BUFFERED },
		{ .type = "0", .fate = SMS_FATE_UNKNOWN }, { .type = "x", .fate = SMS_FATE_UNKNOWN },
	};
	struct fixture f;
	char bytes[200];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		snprintf(bytes, sizeof(bytes), "GET /sms/kannel/dlr?my=1&type=%s HTTP/1.1\r\nHost: a\r\n\r\n", rows[i].type);
		assert_int_equal(decode_bytes(&f, bytes)->fate, rows[i].fate);
		arena_release(&f.arena);
	}
}

static void broken_requests_are_refused(void **state)
{
	static const char *const bad[] = {
		"GET /sms/kannel?from=%2B8613800138000&to=1 HTTP/1.1\r\nHost: a\r\n\r\n",
		"GET /sms/kannel?from=1&bin=%zz HTTP/1.1\r\nHost: a\r\n\r\n",
		"PUT /sms/kannel?from=1&bin=a HTTP/1.1\r\nHost: a\r\n\r\n",
		"POST /sms/kannel HTTP/1.1\r\nHost: a\r\nX-Kannel-UDH: %05%zz\r\nContent-Length: 1\r\n\r\na",
		"GET /sms/kannel?bin=a&from=" SIXTY_FIVE " HTTP/1.1\r\nHost: a\r\n\r\n",
	};
	struct fixture f;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		assert_null(decode_bytes(&f, bad[i]));
		assert_true(f.why.text[0] != '\0');
		arena_release(&f.arena);
	}
}

static void hidden_kinds_are_nothing_for_us(void **state)
{
	static const char *const hidden[] = {
		"POST /sms/kannel HTTP/1.1\r\nHost: a\r\nX-Kannel-PID: 64\r\nContent-Length: 1\r\n\r\na",
		"POST /sms/kannel HTTP/1.1\r\nHost: a\r\nX-Kannel-PID: 127\r\nContent-Length: 1\r\n\r\na",
		"POST /sms/kannel?dcs=c8 HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\na",
		"POST /sms/kannel HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
	};
	struct fixture f;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(hidden); i++) {
		assert_int_equal(decode_bytes(&f, hidden[i])->kind, SMS_IGNORED);
		arena_release(&f.arena);
	}
}

/* No sender at all is still a tip; it gets no answer. A number of ours gets none either. */
static void strange_senders(void **state)
{
	struct fixture f;
	const struct sms_message *m =
		decode_bytes(&f, "POST /sms/kannel HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\na");

	(void)state;
	assert_int_equal(m->kind, SMS_TEXT);
	assert_int_equal(m->sender.len, 0);
	assert_false(m->may_answer);
	arena_release(&f.arena);
	m = decode_bytes(&f, "GET /sms/kannel?from=13800138000&to=%2B8613800138000&bin=a HTTP/1.1\r\nHost: a\r\n\r\n");
	assert_false(m->may_answer);
	arena_release(&f.arena);
}

/* Without an id, a repetition is known by time, sender, receiver and octets. */
static void keys_without_an_id(void **state)
{
	static const char first[] = "GET /sms/kannel?from=1&to=2&ts=5&bin=a HTTP/1.1\r\nHost: a\r\n\r\n";
	static const char other[] = "GET /sms/kannel?from=1&to=2&ts=5&bin=b HTTP/1.1\r\nHost: a\r\n\r\n";
	static const char none[] = "GET /sms/kannel?from=1&to=2&bin=b HTTP/1.1\r\nHost: a\r\n\r\n";
	struct fixture a, b, c, d;

	(void)state;
	assert_true(span_eq(decode_bytes(&a, first)->key, decode_bytes(&b, first)->key));
	assert_false(span_eq(a.batch.at[0].key, decode_bytes(&c, other)->key));
	assert_int_equal(decode_bytes(&d, none)->key.len, 0);
	arena_release(&a.arena);
	arena_release(&b.arena);
	arena_release(&c.arena);
	arena_release(&d.arena);
}

static bool verify(const struct gateway_config *with, const char *bytes)
{
	struct http_request request;

	assert_true(http_sample_parse(span_of(bytes), &request));
	return kannel()->verify(with, &request, 0);
}

static void the_secret_is_asked_for(void **state)
{
	static const struct gateway_config open = { .name = "kannel", .secret = "" };

	(void)state;
	assert_true(verify(&config, "GET /sms/kannel?token=s3cret HTTP/1.1\r\nHost: a\r\n\r\n"));
	assert_true(verify(&config, "GET /sms/kannel?a=b&token=s3cret&c HTTP/1.1\r\nHost: a\r\n\r\n"));
	assert_true(verify(&config, "GET /sms/kannel HTTP/1.1\r\nHost: a\r\nX-Tipline-Token: s3cret\r\n\r\n"));
	assert_false(verify(&config, "GET /sms/kannel?token=s3cre HTTP/1.1\r\nHost: a\r\n\r\n"));
	assert_false(verify(&config, "GET /sms/kannel?token=s3cret1 HTTP/1.1\r\nHost: a\r\n\r\n"));
	assert_false(verify(&config, "GET /sms/kannel?token= HTTP/1.1\r\nHost: a\r\n\r\n"));
	assert_false(verify(&config, "GET /sms/kannel?xtoken=s3cret HTTP/1.1\r\nHost: a\r\n\r\n"));
	assert_false(verify(&config, "GET /sms/kannel HTTP/1.1\r\nHost: a\r\n\r\n"));
	assert_true(verify(&open, "GET /sms/kannel HTTP/1.1\r\nHost: a\r\n\r\n"));
}

/* Kannel texts any body to the sender and counts 200 and 202 alone. */
static void answers_have_no_body(void **state)
{
	static const int statuses[] = { [SMS_TAKEN] = 200, [SMS_AGAIN] = 503, [SMS_NEVER] = 400 };

	(void)state;
	for (int result = SMS_TAKEN; result <= SMS_NEVER; result++) {
		struct http_reply reply = { 0 };

		kannel()->answer(&config, (enum sms_result)result, &reply);
		assert_int_equal(reply.status, statuses[result]);
		assert_string_equal(reply.type, "text/plain");
		assert_int_equal(reply.body.len, 0);
	}
}

static const char *field(const struct sms_request *request, const char *name)
{
	for (size_t i = 0; request->fields[i] != NULL; i++)
		if (strncmp(request->fields[i], name, strlen(name)) == 0)
			return request->fields[i] + strlen(name);
	return NULL;
}

static void sends_without_showing_text_or_number_in_the_url(void **state)
{
	struct arena arena = { 0 };
	struct sms_request out;

	(void)state;
	assert_true(kannel()->encode(&config, &(struct sms_outgoing){ .to = SPAN("+8613800138000"), .text = SPAN("已收到"), .our_id = SPAN("0a1b") }, &arena, &out));
	assert_int_equal(out.method, HTTP_POST);
	assert_string_equal(out.url, config.send_url);
	assert_true(span_is(out.body, "已收到"));
	assert_string_equal(field(&out, "X-Kannel-To: "), "+8613800138000");
	assert_string_equal(field(&out, "X-Kannel-From: "), "106900");
	assert_string_equal(field(&out, "X-Kannel-Coding: "), "2");
	assert_string_equal(field(&out, "Content-Type: "), "text/plain; charset=UTF-8");
	assert_string_equal(field(&out, "X-Kannel-DLR-Url: "),
			    "http://127.0.0.1:8080/sms/kannel/dlr?token=s3cret&my=0a1b&type=%d");
	assert_true(kannel()->encode(&config, &(struct sms_outgoing){ .to = SPAN("+8613800138000"), .text = SPAN("Received."), .our_id = SPAN("a b") }, &arena, &out));
	assert_string_equal(field(&out, "X-Kannel-Coding: "), "0");
	assert_null(field(&out, "X-Kannel-DLR-Url: "));
	assert_null(field(&out, "X-Kannel-UDH: "));
	arena_release(&arena);
}

/* In the coding of the whole text, whatever this part of it holds. */
static void sends_a_part_with_its_header(void **state)
{
	const struct sms_outgoing part = { .to = SPAN("+8613800138000"), .text = SPAN("Received."), .our_id = SPAN("0a1b"),
					   .header = SPAN("\x05\x00\x03\xaa\x02\x01"), .coding = SMS_UTF16 };
	struct arena arena = { 0 };
	struct sms_request out;

	(void)state;
	assert_true(kannel()->parts);
	assert_true(kannel()->encode(&config, &part, &arena, &out));
	assert_string_equal(field(&out, "X-Kannel-UDH: "), "050003aa0201");
	assert_string_equal(field(&out, "X-Kannel-Coding: "), "2");
	arena_release(&arena);
}

static enum sms_outcome outcome(int status, struct span body)
{
	struct arena arena = { 0 };
	struct span id = SPAN("x");
	enum sms_outcome end = kannel()->outcome(&config, status, body, &arena, &id);

	assert_int_equal(id.len, 0);
	arena_release(&arena);
	return end;
}

static void outcomes(void **state)
{
	(void)state;
	assert_int_equal(outcome(202, SPAN("0: Accepted for delivery")), SMS_SENT);
	assert_int_equal(outcome(202, SPAN("3: Queued for later delivery")), SMS_SENT);
	assert_int_equal(outcome(400, SPAN("missing to")), SMS_REFUSED);
	assert_int_equal(outcome(403, SPAN("Authorization failed")), SMS_LATER);
	assert_int_equal(outcome(503, SPAN("")), SMS_LATER);
	assert_int_equal(outcome(500, SPAN("")), SMS_MAYBE);
	assert_int_equal(outcome(200, SPAN("<html>")), SMS_MAYBE);
	assert_int_equal(outcome(302, SPAN("")), SMS_MAYBE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts),
		cmocka_unit_test(data_is_nothing_for_us),
		cmocka_unit_test(parts),
		cmocka_unit_test(parts_join_to_the_text),
		cmocka_unit_test(the_gate_lets_kannel_in),
		cmocka_unit_test(receipts),
		cmocka_unit_test(fates_are_bits),
		cmocka_unit_test(broken_requests_are_refused),
		cmocka_unit_test(hidden_kinds_are_nothing_for_us),
		cmocka_unit_test(strange_senders),
		cmocka_unit_test(keys_without_an_id),
		cmocka_unit_test(the_secret_is_asked_for),
		cmocka_unit_test(answers_have_no_body),
		cmocka_unit_test(sends_without_showing_text_or_number_in_the_url),
		cmocka_unit_test(sends_a_part_with_its_header),
		cmocka_unit_test(outcomes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
