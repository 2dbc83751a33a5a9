/*
 * The gate: what passes, what is refused and with which status; that it does
 * not matter in which pieces a head arrives; that no prefix of a good head is
 * refused and no cut one is taken.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "daemon/http/gate.h"

#include <stdio.h>
#include <stdlib.h>

#define MAX_BYTES 8192
#define HOST "Host: tip.example\r\n"

static struct http_request request;
static struct gate gate;

static enum gate_verdict judge(struct span bytes)
{
	gate = (struct gate){ 0 };
	return gate_judge(&gate, bytes, MAX_BYTES, &request);
}

/* The same, byte by byte; each call sees a copy of its own, so that overruns are found. */
static enum gate_verdict judge_slowly(struct span bytes)
{
	enum gate_verdict verdict = GATE_MORE;

	gate = (struct gate){ 0 };
	for (size_t n = 1; n <= bytes.len && verdict == GATE_MORE; n++) {
		char *copy = malloc(n);

		memcpy(copy, bytes.at, n);
		verdict = gate_judge(&gate, span_from(copy, n), MAX_BYTES, &request);
		free(copy);
	}
	return verdict;
}

static const struct {
	int status;  /* 0: passes */
	struct span bytes;
} cases[] = {
#define CASE(want, literal) { .status = (want), .bytes = { .at = (literal), .len = sizeof(literal) - 1 } }
	CASE(0, "GET / HTTP/1.1\r\n" HOST "\r\n"),
	CASE(0, "\r\nGET / HTTP/1.1\r\n" HOST "\r\n"),
	CASE(0, "GET / HTTP/1.0\r\n\r\n"),
	CASE(0, "HEAD /a/b?x=%41&y HTTP/1.1\r\nhOST:\t[::1]:8080 \r\n\r\n"),
	CASE(0, "POST /tips HTTP/1.1\r\n" HOST "Content-Length: 0012\r\n\r\n"),
	CASE(0, "POST /tips HTTP/1.1\r\n" HOST "\r\n"),
	CASE(0, "POST / HTTP/1.1\r\n" HOST "Expect: 100-Continue\r\nContent-Length: 1\r\n\r\n"),
	CASE(0, "GET / HTTP/1.1\r\n" HOST "X-A: caf\xc3\xa9 \t x\r\nX-B:\r\n\r\n"),
	CASE(0, "GET / HTTP/1.1\r\n" HOST "Upgrade: h2c\r\nConnection: Upgrade, keep-alive\r\n\r\n"),
	/* line ends */
	CASE(400, "\r\n\r\nGET / HTTP/1.1\r\n" HOST "\r\n"),
	CASE(400, "GET / HTTP/1.1\n" HOST "\r\n"),
	CASE(400, "GET / HTTP/1.1\r\nHost: x\n\r\n"),
	CASE(400, "GET / HTTP/1.1\r\nHost: x\r\n\n"),
	CASE(400, "GET / HTTP/1.1\r\nHost: x\r\rX: y\r\n\r\n"),
	CASE(400, "GET / HTTP/1.1\r\nHost: x\rX: y\r\n\r\n"),
	CASE(400, "\nGET / HTTP/1.1\r\n" HOST "\r\n"),
	/* request line */
	CASE(400, "GET /\r\n" HOST "\r\n"),
	CASE(400, "GET  / HTTP/1.1\r\n" HOST "\r\n"),
	CASE(400, "GET / HTTP/1.1 \r\n" HOST "\r\n"),
	CASE(400, " GET / HTTP/1.1\r\n" HOST "\r\n"),
	CASE(400, "GET\t/ HTTP/1.1\r\n" HOST "\r\n"),
	CASE(400, "G(T / HTTP/1.1\r\n" HOST "\r\n"),
	CASE(501, "get / HTTP/1.1\r\n" HOST "\r\n"),
	CASE(501, "PROPFIND / HTTP/1.1\r\n" HOST "\r\n"),
	CASE(405, "TRACE / HTTP/1.1\r\n" HOST "\r\n"),
	CASE(405, "CONNECT a:1 HTTP/1.1\r\n" HOST "\r\n"),
	CASE(400, "GET / HTTP/1.10\r\n" HOST "\r\n"),
	CASE(400, "GET / HTTP/11\r\n" HOST "\r\n"),
	CASE(400, "GET / http/1.1\r\n" HOST "\r\n"),
	CASE(505, "GET / HTTP/1.2\r\n" HOST "\r\n"),
	CASE(505, "GET / HTTP/0.9\r\n" HOST "\r\n"),
	CASE(505, "PRI * HTTP/2.0\r\n\r\n"),
	/* targets */
	CASE(400, "GET http://tip.example/ HTTP/1.1\r\n" HOST "\r\n"),
	CASE(400, "OPTIONS * HTTP/1.1\r\n" HOST "\r\n"),
	CASE(400, "GET x HTTP/1.1\r\n" HOST "\r\n"),
	CASE(400, "GET /a#b HTTP/1.1\r\n" HOST "\r\n"),
	CASE(400, "GET /a\x01 HTTP/1.1\r\n" HOST "\r\n"),
	CASE(400, "GET /a\x80 HTTP/1.1\r\n" HOST "\r\n"),
	CASE(400, "GET /a\x7f HTTP/1.1\r\n" HOST "\r\n"),
	CASE(400, "GET /a\0b HTTP/1.1\r\n" HOST "\r\n"),
	CASE(400, "GET /%4 HTTP/1.1\r\n" HOST "\r\n"),
	CASE(400, "GET /% HTTP/1.1\r\n" HOST "\r\n"),
	CASE(400, "GET /%zz HTTP/1.1\r\n" HOST "\r\n"),
	CASE(400, "GET /%00 HTTP/1.1\r\n" HOST "\r\n"),
	CASE(400, "GET /a\\b HTTP/1.1\r\n" HOST "\r\n"),
	/* fields */
	CASE(400, "GET / HTTP/1.1\r\n" HOST "X : y\r\n\r\n"),
	CASE(400, "GET / HTTP/1.1\r\n" HOST " X: y\r\n\r\n"),
	CASE(400, "GET / HTTP/1.1\r\n" HOST "X: y\r\n z\r\n\r\n"),
	CASE(400, "GET / HTTP/1.1\r\n" HOST "X: y\r\n\tz\r\n\r\n"),
	CASE(400, "GET / HTTP/1.1\r\n" HOST "X\r\n\r\n"),
	CASE(400, "GET / HTTP/1.1\r\n" HOST ": y\r\n\r\n"),
	CASE(400, "GET / HTTP/1.1\r\n" HOST "X\x80: y\r\n\r\n"),
	CASE(400, "GET / HTTP/1.1\r\n" HOST "X: a\0b\r\n\r\n"),
	CASE(400, "GET / HTTP/1.1\r\n" HOST "X: a\x1b\r\n\r\n"),
	CASE(400, "GET / HTTP/1.1\r\n" HOST "X: a\x7f\r\n\r\n"),
	/* host */
	CASE(400, "GET / HTTP/1.1\r\n\r\n"),
	CASE(400, "GET / HTTP/1.1\r\n" HOST HOST "\r\n"),
	CASE(400, "GET / HTTP/1.0\r\n" HOST HOST "\r\n"),
	CASE(400, "GET / HTTP/1.1\r\nHost:\r\n\r\n"),
	CASE(400, "GET / HTTP/1.1\r\nHost: a b\r\n\r\n"),
	CASE(400, "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"),
	CASE(400, "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n"),
	CASE(400, "GET / HTTP/1.1\r\nHost: a,b\r\n\r\n"),
	CASE(400, "GET / HTTP/1.1\r\nHost: a:\r\n\r\n"),
	CASE(400, "GET / HTTP/1.1\r\nHost: a:x\r\n\r\n"),
	CASE(400, "GET / HTTP/1.1\r\nHost: a:65536\r\n\r\n"),
	CASE(400, "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n"),
	CASE(400, "GET / HTTP/1.1\r\nHost: []\r\n\r\n"),
	CASE(400, "GET / HTTP/1.1\r\nHost: :80\r\n\r\n"),
	/* length and codings */
	CASE(400, "POST / HTTP/1.1\r\n" HOST "Content-Length: 5\r\nContent-Length: 5\r\n\r\n"),
	CASE(400, "POST / HTTP/1.1\r\n" HOST "Content-Length: 5\r\ncontent-length: 6\r\n\r\n"),
	CASE(400, "POST / HTTP/1.1\r\n" HOST "Content-Length: 5, 5\r\n\r\n"),
	CASE(400, "POST / HTTP/1.1\r\n" HOST "Content-Length: +3\r\n\r\n"),
	CASE(400, "POST / HTTP/1.1\r\n" HOST "Content-Length: -3\r\n\r\n"),
	CASE(400, "POST / HTTP/1.1\r\n" HOST "Content-Length: 0x5\r\n\r\n"),
	CASE(400, "POST / HTTP/1.1\r\n" HOST "Content-Length: 1 2\r\n\r\n"),
	CASE(400, "POST / HTTP/1.1\r\n" HOST "Content-Length:\r\n\r\n"),
	CASE(413, "POST / HTTP/1.1\r\n" HOST "Content-Length: 18446744073709551616\r\n\r\n"),
	CASE(413, "POST / HTTP/1.1\r\n" HOST "Content-Length: 9223372036854775808\r\n\r\n"),
	CASE(411, "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"),
	CASE(411, "GET / HTTP/1.1\r\n" HOST "Transfer-Encoding: Chunked\r\n\r\n"),
	CASE(501, "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip, chunked\r\n\r\n"),
	CASE(501, "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: xchunked\r\n\r\n"),
	CASE(501, "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding:\r\n\r\n"),
	CASE(501, "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"),
	CASE(400, "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"),
	CASE(400, "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n"),
	CASE(400, "POST / HTTP/1.1\r\n" HOST "Content-Length: 5\r\nTransfer-Encoding: identity\r\n\r\n"),
	CASE(400, "GET / HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\n"),
	CASE(400, "HEAD / HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\n"),
	CASE(400, "OPTIONS / HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\n"),
	/* the rest */
	CASE(417, "POST / HTTP/1.1\r\n" HOST "Expect: tea\r\nContent-Length: 1\r\n\r\n"),
	CASE(400, "GET / HTTP/1.1\r\n" HOST "Connection: close, a b\r\n\r\n"),
	CASE(400, "GET / HTTP/1.1\r\n" HOST "Authorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n"),
	CASE(400, "POST / HTTP/1.1\r\n" HOST "Content-Type: a/b\r\nContent-Type: c/d\r\n\r\n"),
	CASE(400, "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"),
};

static void check_case(size_t i, enum gate_verdict verdict)
{
	int status = verdict == GATE_REFUSED ? gate.status : 0;

	if (verdict == GATE_MORE || status != cases[i].status)
		fail_msg("case %zu: verdict %d, status %d (%s), expected %d:\n%s", i, (int)verdict, status,
			 gate.reason != NULL ? gate.reason : "-", cases[i].status, cases[i].bytes.at);
	if (verdict == GATE_REFUSED)
		assert_non_null(gate.reason);
}

static void each_case_gets_its_status(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		check_case(i, judge(cases[i].bytes));
}

static void pieces_change_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		check_case(i, judge_slowly(cases[i].bytes));
}

static void no_prefix_of_a_good_head_is_judged(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		for (size_t n = 0; cases[i].status == 0 && n < cases[i].bytes.len; n++)
			assert_int_equal(judge(span_from(cases[i].bytes.at, n)), GATE_MORE);
}

static void what_follows_the_head_is_left_alone(void **state)
{
	struct span two = SPAN("GET /a HTTP/1.1\r\n" HOST "\r\nGET /b HTTP/1.1\r\nbroken\n\n\0");

	(void)state;
	assert_int_equal(judge(two), GATE_WHOLE);
	assert_int_equal(gate.length, 17 + sizeof(HOST) - 1 + 2);
}

static void request_is_filled(void **state)
{
	struct span bytes = SPAN("POST /a/b?q=1&r=/? HTTP/1.1\r\n" HOST
				 "Content-Length: 12\r\nX-Twice: a\r\nx-twice:  b \t\r\nExpect: 100-continue\r\n\r\n");

	(void)state;
	assert_int_equal(judge(bytes), GATE_WHOLE);
	assert_int_equal(gate.length, bytes.len);
	assert_int_equal(request.method, HTTP_POST);
	assert_int_equal(request.minor, 1);
	assert_true(span_is(request.path, "/a/b"));
	assert_true(span_is(request.query, "q=1&r=/?"));
	assert_int_equal(request.content_length, 12);
	assert_true(request.has_body && request.keep_alive && gate.expects_continue);
	assert_int_equal(request.nfields, 5);
	assert_true(span_is(http_field_find(&request, "X-TWICE"), "a"));
	assert_true(span_is(request.fields[3].value, "b"));
}

static bool keeps_alive(const char *version, const char *connection)
{
	char text[200];

	snprintf(text, sizeof(text), "GET / HTTP/%s\r\n" HOST "%s\r\n", version, connection);
	assert_int_equal(judge(span_of(text)), GATE_WHOLE);
	return request.keep_alive;
}

static void connection_is_heeded(void **state)
{
	(void)state;
	assert_true(keeps_alive("1.1", ""));
	assert_false(keeps_alive("1.0", ""));
	assert_true(keeps_alive("1.0", "Connection: Keep-Alive\r\n"));
	assert_false(keeps_alive("1.1", "Connection: x, Close\r\n"));
	assert_false(keeps_alive("1.1", "Connection: keep-alive\r\nConnection: close\r\n"));
}

static void limits_hold(void **state)
{
	static char text[20000];
	int n = snprintf(text, sizeof(text), "GET / HTTP/1.1\r\n" HOST);

	(void)state;
	for (int i = 0; i < HTTP_FIELDS_MAX - 1; i++)
		n += snprintf(text + n, sizeof(text) - (size_t)n, "X: %d\r\n", i);
	memcpy(text + n, "\r\n", 3);
	assert_int_equal(judge(span_of(text)), GATE_WHOLE);
	memcpy(text + n, "X: y\r\n\r\n", 9);
	assert_int_equal(judge(span_of(text)), GATE_REFUSED);
	assert_int_equal(gate.status, 431);

	memset(text, 'a', sizeof(text));
	memcpy(text, "GET /", 5);
	assert_int_equal(judge(span_from(text, MAX_BYTES)), GATE_MORE);
	assert_int_equal(judge(span_from(text, MAX_BYTES + 1)), GATE_REFUSED);
	assert_int_equal(gate.status, 414);
	memcpy(text, "GET / HTTP/1.1\r\n", 16);
	assert_int_equal(judge(span_from(text, MAX_BYTES + 1)), GATE_REFUSED);
	assert_int_equal(gate.status, 431);
	memcpy(text + 9000, " HTTP/1.1\r\n" HOST "\r\n", 11 + sizeof(HOST) + 1);
	memcpy(text, "GET /aaaaaaaaaaaaaaaaa", 20);
	assert_int_equal(judge(span_from(text, sizeof(text))), GATE_REFUSED);
	assert_int_equal(gate.status, 414);
}

static void noise_is_refused_before_the_line_ends(void **state)
{
	(void)state;
	assert_int_equal(judge(SPAN("\x16\x03")), GATE_REFUSED);
	assert_int_equal(judge(SPAN("GET / HTTP/9.9\r\nHos")), GATE_REFUSED);
	assert_int_equal(gate.status, 505);
	assert_int_equal(judge(SPAN("GET /\r\n")), GATE_REFUSED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_case_gets_its_status),
		cmocka_unit_test(pieces_change_nothing),
		cmocka_unit_test(no_prefix_of_a_good_head_is_judged),
		cmocka_unit_test(what_follows_the_head_is_left_alone),
		cmocka_unit_test(request_is_filled),
		cmocka_unit_test(connection_is_heeded),
		cmocka_unit_test(limits_hold),
		cmocka_unit_test(noise_is_refused_before_the_line_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
