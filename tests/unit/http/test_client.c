/*
 * The client against a hand-made peer: what came back, what surely was not
 * sent, and what nobody knows.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/http/client.h"

#include <arpa/inet.h>
#include <event2/event.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define WAIT_MS 60000

static struct event_base *base;
static struct http_client *client;
static int listener;
static int peer;
static unsigned port;

/* What done() was told. */
struct told {
	unsigned calls;
	struct http_answer answer;
	struct buf body;
	char sig[16];               /* the answer's field X-Sig */
	struct http_client *again;  /* starts one more call from within */
};

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void turn(void)
{
	const struct timeval ms = { .tv_usec = 2000 };

	event_base_loopexit(base, &ms);
	event_base_loop(base, EVLOOP_ONCE);
}

#define UNTIL(condition)                                                         \
	for (uint64_t limit_ = now_ms() + WAIT_MS; !(condition); turn())         \
		if (now_ms() > limit_)                                           \
			fail_msg("line %d: waited in vain for " #condition, __LINE__)

static int begin(void **state)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(at);

	(void)state;
	base = event_base_new();
	client = http_client_new(base);
	peer = -1;
	listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	assert_int_equal(bind(listener, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(listener, 8), 0);
	getsockname(listener, (struct sockaddr *)&at, &len);
	port = ntohs(at.sin_port);
	return 0;
}

static int end(void **state)
{
	(void)state;
	if (client != NULL)
		http_client_free(client);
	client = NULL;
	event_base_free(base);
	close(listener);
	if (peer >= 0)
		close(peer);
	return 0;
}

static void start(struct told *told, struct http_call call);

static void on_done(void *ctx, const struct http_answer *answer)
{
	struct told *told = ctx;
	struct http_client *again = told->again;
	struct http_response response;

	told->calls++;
	told->answer = *answer;
	http_response_head(answer->head, &response);
	snprintf(told->sig, sizeof(told->sig), "%.*s", (int)http_response_field(&response, "x-sig").len,
		 http_response_field(&response, "x-sig").at);
	buf_clear(&told->body);
	buf_add_span(&told->body, answer->body);
	told->again = NULL;
	if (again != NULL)
		start(told, (struct http_call){ 0 });
}

static void start(struct told *told, struct http_call call)
{
	static char url[64];

	snprintf(url, sizeof(url), "http://127.0.0.1:%u/in?x=1", port);
	if (call.url == NULL)
		call.url = url;
	if (call.timeout_ms == 0)
		call.timeout_ms = 60000;
	if (call.answer_max_bytes == 0)
		call.answer_max_bytes = 1000;
	http_client_start(client, &call, on_done, told);
}

static bool hear_more(struct buf *request)
{
	ssize_t n = recv(peer, buf_reserve(request, 4096), 4096, 0);

	if (n > 0)
		request->len += (size_t)n;
	return request->len > 0;
}

/* The peer takes the call and hears all of the request up to `last`. */
static void hear(struct buf *request, const char *last)
{
	UNTIL((peer = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0);
	buf_clear(request);
	UNTIL(hear_more(request) && span_find(buf_span(request), span_of(last)) < request->len);
}

static void say(struct span bytes)
{
	assert_int_equal(send(peer, bytes.at, bytes.len, MSG_NOSIGNAL), (ssize_t)bytes.len);
}

static void hang_up(void)
{
	close(peer);
	peer = -1;
}

static bool holds(const struct buf *text, const char *needle)
{
	return span_find(buf_span(text), span_of(needle)) < text->len;
}

static void an_answer_comes_back(void **state)
{
	static const char *const fields[] = { "Content-Type: application/json", "Idempotency-Key: k", NULL };
	struct told told = { 0 };
	struct buf request = { 0 };

	(void)state;
	start(&told, (struct http_call){ .method = HTTP_POST, .fields = fields, .body = SPAN("{\"a\":1}") });
	assert_int_equal(told.calls, 0);
	hear(&request, "{\"a\":1}");
	assert_true(span_starts(buf_span(&request), SPAN("POST /in?x=1 HTTP/1.1\r\n")));
	assert_true(holds(&request, "Content-Type: application/json\r\n") && holds(&request, "Idempotency-Key: k\r\n"));
	assert_true(holds(&request, "Content-Length: 7\r\n"));
	assert_false(holds(&request, "Expect:"));
	say(SPAN("HTTP/1.1 422 No\r\nContent-Length: 5\r\n\r\nhello"));
	UNTIL(told.calls == 1);
	assert_int_equal(told.answer.outcome, HTTP_ANSWERED);
	assert_int_equal(told.answer.status, 422);
	assert_true(span_is(buf_span(&told.body), "hello"));
	buf_release(&request);
	buf_release(&told.body);
}

/* Those of an interim answer do not count; too many are as bad as a body too long. */
static void fields_come_back(void **state)
{
	struct told told = { 0 };
	struct buf request = { 0 }, head = { 0 };

	(void)state;
	start(&told, (struct http_call){ .method = HTTP_GET });
	hear(&request, "\r\n\r\n");
	say(SPAN("HTTP/1.1 100 Continue\r\nX-Sig: early\r\n\r\nHTTP/1.1 200 OK\r\nX-SIG: late \r\nContent-Length: 0\r\n\r\n"));
	UNTIL(told.calls == 1);
	assert_string_equal(told.sig, "late");
	hang_up();
	start(&told, (struct http_call){ .method = HTTP_GET });
	hear(&request, "\r\n\r\n");
	buf_add_text(&head, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n");
	for (int i = 0; i < 20; i++)
		buf_printf(&head, "A: %01000d\r\n", i);
	buf_add_text(&head, "\r\n");
	say(buf_span(&head));
	UNTIL(told.calls == 2);
	assert_int_equal(told.answer.outcome, HTTP_UNKNOWN);
	buf_release(&head);
	buf_release(&request);
	buf_release(&told.body);
}

static void redirects_are_answers(void **state)
{
	struct told told = { 0 };
	struct buf request = { 0 };

	(void)state;
	start(&told, (struct http_call){ .method = HTTP_GET });
	hear(&request, "\r\n\r\n");
	say(SPAN("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"));
	UNTIL(told.calls == 1);
	assert_int_equal(told.answer.status, 302);
	buf_release(&request);
	buf_release(&told.body);
}

static void each_method_is_sent(void **state)
{
	static const enum http_method methods[] = { HTTP_GET, HTTP_PUT, HTTP_PATCH, HTTP_DELETE, HTTP_HEAD };
	struct buf request = { 0 };

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		struct told told = { 0 };

		start(&told, (struct http_call){ .method = methods[i] });
		hear(&request, "\r\n\r\n");
		assert_true(span_starts(buf_span(&request), span_of(http_method_name(methods[i]))));
		say(SPAN("HTTP/1.1 204 No Content\r\n\r\n"));
		UNTIL(told.calls == 1);
		assert_int_equal(told.answer.status, 204);
		hang_up();
		buf_release(&told.body);
	}
	buf_release(&request);
}

static enum http_outcome outcome_of(struct http_call call)
{
	struct told told = { 0 };

	start(&told, call);
	assert_int_equal(told.calls, 0);
	UNTIL(told.calls == 1);
	assert_true(told.answer.error[0] != '\0');
	assert_int_equal(told.body.len, 0);
	buf_release(&told.body);
	return told.answer.outcome;
}

static void without_a_connection_nothing_was_sent(void **state)
{
	(void)state;
	close(listener);
	assert_int_equal(outcome_of((struct http_call){ .method = HTTP_POST, .body = SPAN("x") }), HTTP_NOT_SENT);
	listener = -1;
	assert_int_equal(outcome_of((struct http_call){ .url = "ftp://127.0.0.1/x" }), HTTP_NOT_SENT);
	assert_int_equal(outcome_of((struct http_call){ .url = "file:///etc/hostname" }), HTTP_NOT_SENT);
	assert_int_equal(outcome_of((struct http_call){ .url = "nonsense://" }), HTTP_NOT_SENT);
	assert_int_equal(outcome_of((struct http_call){ .url = "" }), HTTP_NOT_SENT);
}

/* The handshake of TLS never ends: connected, but no byte of the request has left. */
static void a_peer_that_speaks_no_tls_was_sent_nothing(void **state)
{
	char url[64];

	(void)state;
	snprintf(url, sizeof(url), "https://127.0.0.1:%u/", port);
	assert_int_equal(outcome_of((struct http_call){ .url = url, .timeout_ms = 200 }), HTTP_NOT_SENT);
}

static void silence_after_the_request_is_unknown(void **state)
{
	(void)state;
	assert_int_equal(outcome_of((struct http_call){ .method = HTTP_POST, .body = SPAN("x"), .timeout_ms = 1500 }),
			 HTTP_UNKNOWN);
}

static void a_broken_answer_is_unknown(void **state)
{
	static const struct span answers[] = {
		{ .at = "", .len = 0 },
		{ .at = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhel", .len = 41 },
		{ .at = "nonsense\r\n\r\n", .len = 12 },
	};
	struct buf request = { 0 };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct told told = { 0 };

		start(&told, (struct http_call){ .method = HTTP_POST, .body = SPAN("x") });
		hear(&request, "\r\n\r\nx");
		say(answers[i]);
		hang_up();
		UNTIL(told.calls == 1);
		assert_int_equal(told.answer.outcome, HTTP_UNKNOWN);
		/* Nor is it tried again behind our back. */
		for (int j = 0; j < 5; j++)
			turn();
		assert_int_equal(accept(listener, NULL, NULL), -1);
		buf_release(&told.body);
	}
	buf_release(&request);
}

static void an_overlong_answer_is_unknown(void **state)
{
	struct told told = { 0 };
	struct buf request = { 0 };

	(void)state;
	start(&told, (struct http_call){ .method = HTTP_GET, .answer_max_bytes = 4 });
	hear(&request, "\r\n\r\n");
	say(SPAN("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"));
	UNTIL(told.calls == 1);
	assert_int_equal(told.answer.outcome, HTTP_UNKNOWN);
	assert_string_equal(told.answer.error, "the answer is too long");
	buf_release(&request);
	buf_release(&told.body);
}

static void another_call_can_start_from_done(void **state)
{
	struct told told = { .again = client };
	struct buf request = { 0 };

	(void)state;
	start(&told, (struct http_call){ 0 });
	for (unsigned i = 1; i <= 2; i++) {
		hear(&request, "\r\n\r\n");
		say(SPAN("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"));
		UNTIL(told.calls == i);
		hang_up();
	}
	buf_release(&request);
	buf_release(&told.body);
}

static void freeing_the_client_ends_open_calls(void **state)
{
	struct told a = { 0 }, b = { 0 };
	struct buf request = { 0 };

	(void)state;
	start(&a, (struct http_call){ .method = HTTP_GET });
	hear(&request, "\r\n\r\n");
	start(&b, (struct http_call){ .method = HTTP_GET });
	http_client_free(client);
	client = NULL;
	assert_int_equal(a.calls, 1);
	assert_int_equal(b.calls, 1);
	assert_int_equal(a.answer.outcome, HTTP_UNKNOWN);
	buf_release(&request);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_answer_comes_back),
		TEST(redirects_are_answers),
		TEST(fields_come_back),
		TEST(each_method_is_sent),
		TEST(without_a_connection_nothing_was_sent),
		TEST(a_peer_that_speaks_no_tls_was_sent_nothing),
		TEST(silence_after_the_request_is_unknown),
		TEST(a_broken_answer_is_unknown),
		TEST(an_overlong_answer_is_unknown),
		TEST(another_call_can_start_from_done),
		TEST(freeing_the_client_ends_open_calls),
	};

	return cmocka_run_group_tests_name("client", tests, NULL, NULL);
}
