/*
 * The server over real sockets: what a client sees of good, malformed, slow,
 * greedy and vanishing requests. Client and server share one thread: turn()
 * runs the loop once, so every wait is for something that must happen, with a
 * bound that fails the test.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>

#include "daemon/base/table.h"
#include "daemon/http/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define WAIT_MS 60000
#define HOST "Host: tip.example\r\n"

static struct event_base *base;
static struct http_server *server;

/* What the handler under test does, by path; and what it has seen. */
static struct {
	struct http_exchange *held[300];
	size_t nheld;
	struct buf pieces;
	unsigned heads;
	unsigned requests;
	unsigned broken;
	uint64_t peer;
} seen;

static const struct http_limits limits = {
	.connections = 200,
	.per_address = 0,
	.head_bytes = 4096,
	.head_ms = 60000,
	.body_ms = 60000,
	.idle_ms = 60000,
	.write_ms = 60000,
	.reply_ms = 60000,
};

/* Where a test is about somebody who is slow. */
static const struct http_limits hasty = {
	.connections = 200,
	.per_address = 0,
	.head_bytes = 4096,
	.head_ms = 400,
	.body_ms = 400,
	.idle_ms = 1000,
	.write_ms = 400,
	.reply_ms = 600,
};

#define FILE_LINES 500000

/* --- the handler ------------------------------------------------------------------ */

static void reply_text(struct http_exchange *exchange, int status, struct span body)
{
	struct http_reply reply = { .status = status, .type = "text/plain", .body = body };

	http_exchange_reply(exchange, &reply);
}

static bool path_is(struct http_exchange *exchange, const char *path)
{
	return span_is(http_exchange_request(exchange)->path, path);
}

static bool take_piece(void *ctx, struct span piece)
{
	struct http_exchange *exchange = ctx;

	buf_add_span(&seen.pieces, piece);
	if (memchr(piece.at, '!', piece.len) == NULL)
		return true;
	reply_text(exchange, 422, SPAN("stop"));
	return false;
}

static void note_broken(void *ctx)
{
	(void)ctx;
	seen.broken++;
}

static void on_head(void *owner, struct http_exchange *exchange, struct http_body_plan *plan)
{
	(void)owner;
	seen.heads++;
	if (path_is(exchange, "/early")) {
		reply_text(exchange, 401, SPAN("no"));
		return;
	}
	plan->max_bytes = path_is(exchange, "/none") ? 0 : 100000;
	plan->broken = note_broken;
	plan->ctx = exchange;
	if (path_is(exchange, "/pieces"))
		plan->data = take_piece;
}

static void reply_echo(struct http_exchange *exchange)
{
	const struct http_request *request = http_exchange_request(exchange);
	struct buf text = { 0 };

	buf_printf(&text, "%s %.*s [", http_method_name(request->method), (int)request->path.len, request->path.at);
	buf_add_span(&text, request->body);
	buf_add_text(&text, "]");
	reply_text(exchange, 200, buf_span(&text));
	buf_release(&text);
}

/* Numbers in lines, so that a piece that is lost or sent twice shows. */
static void reply_file(struct http_exchange *exchange)
{
	char path[] = "/tmp/tipline-file-XXXXXX";
	struct http_file file = { .fd = mkstemp(path) };
	struct http_reply reply = { .status = 200, .type = "text/plain", .file = &file };
	struct buf bytes = { 0 };

	assert_true(file.fd >= 0);
	unlink(path);
	for (unsigned i = 0; i < FILE_LINES; i++)
		buf_printf(&bytes, "%07u\n", i);
	assert_int_equal(write(file.fd, bytes.at, bytes.len), bytes.len);
	lseek(file.fd, 0, SEEK_SET);
	file.bytes = bytes.len + (path_is(exchange, "/short-file") ? 1 : 0);
	buf_release(&bytes);
	http_exchange_reply(exchange, &reply);
}

static bool exchange_is_bare(const struct http_exchange *exchange)
{
	return !http_exchange_request(exchange)->has_body;
}

static void on_request(void *owner, struct http_exchange *exchange)
{
	(void)owner;
	seen.requests++;
	seen.peer = http_exchange_peer(exchange);
	if (path_is(exchange, "/hold") || (path_is(exchange, "/worded") && exchange_is_bare(exchange))) {
		seen.held[seen.nheld++] = exchange;
	} else if (path_is(exchange, "/big")) {
		char *big = arena_alloc(http_exchange_arena(exchange), 8 << 20);

		memset(big, 'b', 8 << 20);
		reply_text(exchange, 200, span_from(big, 8 << 20));
	} else if (path_is(exchange, "/pieces")) {
		reply_text(exchange, 200, buf_span(&seen.pieces));
	} else if (path_is(exchange, "/file") || path_is(exchange, "/short-file")) {
		reply_file(exchange);
	} else if (path_is(exchange, "/bad-field")) {
		struct http_reply reply = { .status = 200 };

		http_reply_field(&reply, "X", SPAN("a\r\nb: c"));
		http_exchange_reply(exchange, &reply);
	} else {
		reply_echo(exchange);
	}
}

/* Its own words for a path, none for the others. */
static bool on_refused(void *owner, struct http_exchange *exchange, const char *reason, struct http_reply *reply)
{
	(void)owner;
	if (!path_is(exchange, "/worded"))
		return false;
	reply->type = "text/html";
	reply->body = span_of(arena_printf(http_exchange_arena(exchange), "<p>%d %s</p>", reply->status, reason));
	http_reply_field(reply, "X-Own", SPAN("words"));
	return true;
}

/* --- the stage ----------------------------------------------------------------------- */

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void open_server(struct http_listener listener)
{
	memset(&seen, 0, sizeof(seen));
	base = event_base_new();
	listener.name = "test";
	if (listener.fd == 0)
		listener.fd = -1;
	if (listener.address == NULL)
		listener.address = "127.0.0.1:0";
	if (listener.limits.connections == 0)
		listener.limits = limits;
	listener.handler = (struct http_handler){ .head = on_head, .request = on_request, .refused = on_refused };
	server = http_server_new(base, &listener);
	assert_non_null(server);
}

static int begin(void **state)
{
	(void)state;
	open_server((struct http_listener){ 0 });
	return 0;
}

static int end(void **state)
{
	(void)state;
	if (server != NULL)
		http_server_free(server);
	while (seen.nheld > 0)
		reply_text(seen.held[--seen.nheld], 200, SPAN("late"));
	buf_release(&seen.pieces);
	event_base_free(base);
	return 0;
}

static int begin_hasty(void **state)
{
	(void)state;
	open_server((struct http_listener){ .limits = hasty });
	return 0;
}

/* One turn of the loop, of some milliseconds at most. */
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

static int dial(void)
{
	const char *text = http_server_address(server);
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr_un local = { .sun_family = AF_UNIX };
	bool is_local = strncmp(text, "unix:", 5) == 0;
	int fd = socket(is_local ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	if (is_local) {
		snprintf(local.sun_path, sizeof(local.sun_path), "%s", text + 5);
		assert_int_equal(connect(fd, (struct sockaddr *)&local, sizeof(local)), 0);
	} else {
		at.sin_port = htons((uint16_t)atoi(strrchr(text, ':') + 1));
		assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	}
	fcntl(fd, F_SETFL, O_NONBLOCK);
	return fd;
}

/* Sends as much as the socket takes now. */
static size_t push(int fd, struct span bytes)
{
	ssize_t n = send(fd, bytes.at, bytes.len, MSG_NOSIGNAL);

	return n > 0 ? (size_t)n : 0;
}

static void say(int fd, struct span bytes)
{
	for (uint64_t limit = now_ms() + WAIT_MS; bytes.len > 0; turn()) {
		assert_true(now_ms() < limit);
		bytes = span_from_offset(bytes, push(fd, bytes));
	}
}

enum hearing { HEARD, SILENT, ENDED, RESET };

static enum hearing hear_once(int fd, struct buf *answer)
{
	ssize_t n = recv(fd, buf_reserve(answer, 65536), 65536, 0);

	if (n > 0) {
		answer->len += (size_t)n;
		return HEARD;
	}
	if (n == 0)
		return ENDED;
	return errno == EAGAIN ? SILENT : RESET;
}

static size_t count_in(struct span text, struct span needle)
{
	size_t n = 0, at;

	while ((at = span_find(text, needle)) < text.len) {
		text = span_from_offset(text, at + needle.len);
		n++;
	}
	return n;
}

/* Until the server closes; the answer is terminated. */
static void hear_all(int fd, struct buf *answer)
{
	uint64_t limit = now_ms() + WAIT_MS;
	enum hearing hearing;

	buf_clear(answer);
	while ((hearing = hear_once(fd, answer)) != ENDED) {
		if (now_ms() > limit || hearing == RESET)
			fail_msg("%s after '%.*s'", hearing == RESET ? "reset" : "still open", (int)answer->len,
				 answer->at);
		turn();
	}
	buf_add_byte(answer, '\0');
	answer->len--;
}

/* Until `n` status lines have come. */
static void hear_answers(int fd, struct buf *answer, size_t n)
{
	uint64_t limit = now_ms() + WAIT_MS;

	buf_clear(answer);
	while (count_in(buf_span(answer), SPAN("HTTP/1.1 ")) < n || hear_once(fd, answer) == HEARD) {
		if (now_ms() > limit)
			fail_msg("waited in vain for answer %zu", n);
		if (hear_once(fd, answer) == ENDED)
			break;
		turn();
	}
	buf_add_byte(answer, '\0');
	answer->len--;
}

static int status_of(const struct buf *answer)
{
	return answer->len > 12 ? atoi(answer->at + 9) : 0;
}

static bool holds(const struct buf *answer, const char *text)
{
	return span_find(buf_span(answer), span_of(text)) < answer->len;
}

/* --- good requests ----------------------------------------------------------------------- */

static void a_request_is_answered(void **state)
{
	struct buf answer = { 0 };
	int fd = dial();

	(void)state;
	say(fd, SPAN("POST /tips HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nhello"));
	hear_answers(fd, &answer, 1);
	assert_int_equal(status_of(&answer), 200);
	assert_true(holds(&answer, "Content-Length: 18\r\n") && holds(&answer, "\r\nDate: "));
	assert_false(holds(&answer, "Connection:") || holds(&answer, "Server:"));
	assert_true(holds(&answer, "\r\n\r\nPOST /tips [hello]"));
	say(fd, SPAN("GET /again HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n"));
	hear_all(fd, &answer);
	assert_true(holds(&answer, "Connection: close\r\n") && holds(&answer, "GET /again []"));
	assert_int_equal(http_server_figures(server)->requests, 2);
	close(fd);
	buf_release(&answer);
}

static void it_may_come_byte_by_byte(void **state)
{
	struct span bytes = SPAN("POST /a HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\nxyzGET /b HTTP/1.0\r\n\r\n");
	struct buf answer = { 0 };
	int fd = dial();

	(void)state;
	for (size_t i = 0; i < bytes.len; i++)
		say(fd, span_from(bytes.at + i, 1));
	hear_all(fd, &answer);
	assert_true(holds(&answer, "POST /a [xyz]") && holds(&answer, "GET /b []"));
	close(fd);
	buf_release(&answer);
}

static void an_old_client_keeps_its_connection_when_it_asks(void **state)
{
	struct buf answer = { 0 };
	int fd = dial();

	(void)state;
	say(fd, SPAN("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
	hear_answers(fd, &answer, 1);
	assert_true(holds(&answer, "Connection: keep-alive\r\n"));
	say(fd, SPAN("GET /b HTTP/1.0\r\n\r\n"));
	hear_all(fd, &answer);
	assert_true(holds(&answer, "GET /b []"));
	close(fd);
	buf_release(&answer);
}

static void head_has_the_length_and_no_body(void **state)
{
	struct buf answer = { 0 };
	int fd = dial();

	(void)state;
	say(fd, SPAN("HEAD /x HTTP/1.1\r\n" HOST "\r\nHEAD /y HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n"));
	hear_all(fd, &answer);
	assert_int_equal(count_in(buf_span(&answer), SPAN("Content-Length: 10\r\n")), 2);
	assert_false(holds(&answer, "HEAD /x"));
	assert_int_equal(count_in(buf_span(&answer), SPAN("\r\n\r\nHTTP/1.1 200")), 1);
	close(fd);
	buf_release(&answer);
}

static void long_bodies_are_collected_whole(void **state)
{
	struct buf body = { 0 }, answer = { 0 };
	int fd = dial();

	(void)state;
	buf_add_text(&body, "POST /long HTTP/1.1\r\n" HOST "Connection: close\r\nContent-Length: 100000\r\n\r\n");
	for (unsigned i = 0; i < 100000; i++)
		buf_add_byte(&body, 'a' + (int)(i % 23));
	say(fd, buf_span(&body));
	hear_all(fd, &answer);
	assert_true(span_find(buf_span(&answer), span_from(body.at + body.len - 100000, 100000)) < answer.len);
	close(fd);
	buf_release(&body);
	buf_release(&answer);
}

static void pieces_are_handed_on(void **state)
{
	struct buf body = { 0 }, answer = { 0 };
	int fd = dial();

	(void)state;
	buf_add_text(&body, "POST /pieces HTTP/1.1\r\n" HOST "Connection: close\r\nContent-Length: 90000\r\n\r\n");
	memset(buf_reserve(&body, 90000), 'p', 90000);
	body.len += 90000;
	say(fd, buf_span(&body));
	hear_all(fd, &answer);
	assert_int_equal(seen.pieces.len, 90000);
	assert_int_equal(seen.broken, 0);
	assert_int_equal(status_of(&answer), 200);
	close(fd);
	buf_release(&body);
	buf_release(&answer);
}

static void a_handler_can_stop_a_body(void **state)
{
	struct buf answer = { 0 };
	int fd = dial();

	(void)state;
	say(fd, SPAN("POST /pieces HTTP/1.1\r\n" HOST "Content-Length: 90000\r\n\r\nenough!"));
	hear_all(fd, &answer);
	assert_int_equal(status_of(&answer), 422);
	assert_true(holds(&answer, "Connection: close"));
	assert_int_equal(seen.requests, 0);
	assert_int_equal(seen.broken, 0);
	close(fd);
	buf_release(&answer);
}

static void an_early_reply_keeps_the_connection_only_when_the_body_is_there(void **state)
{
	struct buf answer = { 0 };
	int fd = dial();

	(void)state;
	say(fd, SPAN("POST /early HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\nxyzGET /b HTTP/1.1\r\n" HOST "\r\n"));
	hear_answers(fd, &answer, 2);
	assert_true(holds(&answer, "401") && holds(&answer, "GET /b []"));
	say(fd, SPAN("POST /early HTTP/1.1\r\n" HOST "Content-Length: 9\r\n\r\nxyz"));
	hear_all(fd, &answer);
	assert_true(holds(&answer, "401") && holds(&answer, "Connection: close"));
	close(fd);
	buf_release(&answer);
}

static void continue_is_said_to_who_waits_for_it(void **state)
{
	struct buf answer = { 0 };
	int fd = dial();

	(void)state;
	say(fd, SPAN("POST /a HTTP/1.1\r\n" HOST "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n"));
	hear_answers(fd, &answer, 1);
	assert_string_equal(answer.at, "HTTP/1.1 100 Continue\r\n\r\n");
	say(fd, SPAN("ok"));
	hear_answers(fd, &answer, 1);
	assert_true(holds(&answer, "POST /a [ok]"));
	say(fd, SPAN("POST /none HTTP/1.1\r\n" HOST "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n"));
	hear_all(fd, &answer);
	assert_int_equal(status_of(&answer), 413);
	assert_false(holds(&answer, "100 Continue"));
	close(fd);
	buf_release(&answer);
}

static void a_half_closed_client_gets_its_answers(void **state)
{
	struct buf answer = { 0 };
	int fd = dial();

	(void)state;
	say(fd, SPAN("GET /a HTTP/1.1\r\n" HOST "\r\nGET /hold HTTP/1.1\r\n" HOST "\r\n"));
	shutdown(fd, SHUT_WR);
	UNTIL(seen.nheld == 1 && http_exchange_gone(seen.held[0]));
	reply_text(seen.held[--seen.nheld], 200, SPAN("held"));
	hear_all(fd, &answer);
	assert_true(holds(&answer, "GET /a []") && holds(&answer, "held"));
	close(fd);
	buf_release(&answer);
}

/* --- pipelining -------------------------------------------------------------------------- */

static void pipelined_requests_are_served_in_order(void **state)
{
	struct buf bytes = { 0 }, answer = { 0 };
	struct span rest;
	int fd = dial();

	(void)state;
	for (int i = 0; i < 500; i++)
		buf_printf(&bytes, "POST /%d HTTP/1.1\r\n" HOST "Content-Length: 2\r\n%s\r\nab", i,
			   i == 499 ? "Connection: close\r\n" : "");
	say(fd, buf_span(&bytes));
	hear_all(fd, &answer);
	rest = buf_span(&answer);
	for (int i = 0; i < 500; i++) {
		char wanted[32];
		size_t at;

		snprintf(wanted, sizeof(wanted), "POST /%d [ab]", i);
		at = span_find(rest, span_of(wanted));
		assert_true(at < rest.len);
		rest = span_from_offset(rest, at);
	}
	assert_int_equal(seen.requests, 500);
	close(fd);
	buf_release(&bytes);
	buf_release(&answer);
}

static void the_next_request_waits_for_the_reply(void **state)
{
	struct buf answer = { 0 };
	int fd = dial();

	(void)state;
	say(fd, SPAN("GET /hold HTTP/1.1\r\n" HOST "\r\nGET /b HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n"));
	UNTIL(seen.nheld == 1);
	for (int i = 0; i < 5; i++)
		turn();
	assert_int_equal(seen.heads, 1);
	reply_text(seen.held[--seen.nheld], 200, SPAN("first"));
	assert_int_equal(seen.heads, 1);  /* the handler is not called from within a reply */
	hear_all(fd, &answer);
	assert_int_equal(seen.heads, 2);
	assert_true(span_find(buf_span(&answer), SPAN("first")) < span_find(buf_span(&answer), SPAN("GET /b")));
	close(fd);
	buf_release(&answer);
}

/* Pushes for as long as the server takes anything; what is in flight is the kernel's. */
static void a_flood_behind_a_held_request_is_bounded(void **state)
{
	static const struct span one = { .at = "GET /x HTTP/1.1\r\n" HOST "\r\n", .len = 17 + sizeof(HOST) - 1 + 2 };
	struct buf flood = { 0 };
	int fd = dial();

	(void)state;
	for (int i = 0; i < 1000; i++)
		buf_add_span(&flood, one);
	say(fd, SPAN("GET /hold HTTP/1.1\r\n" HOST "\r\n"));
	UNTIL(seen.nheld == 1);
	for (int i = 0; i < 60; i++) {
		push(fd, buf_span(&flood));
		turn();
	}
	assert_true(http_server_figures(server)->bytes_in <= 65536 + 8192);
	assert_int_equal(seen.heads, 1);
	close(fd);
	buf_release(&flood);
}

static void a_body_sent_ahead_is_taken_from_there(void **state)
{
	struct buf bytes = { 0 }, answer = { 0 };
	int fd = dial();

	(void)state;
	buf_add_text(&bytes, "GET /hold HTTP/1.1\r\n" HOST "\r\n");
	for (int i = 0; i < 3; i++) {
		buf_printf(&bytes, "POST /%s HTTP/1.1\r\n" HOST "Content-Length: 15000\r\n%s\r\n",
			   i == 1 ? "pieces" : "kept", i == 2 ? "Connection: close\r\n" : "");
		memset(buf_reserve(&bytes, 15000), '#' + i, 15000);
		bytes.len += 15000;
	}
	say(fd, buf_span(&bytes));
	UNTIL(seen.nheld == 1);
	for (int i = 0; i < 20; i++)
		turn();
	reply_text(seen.held[--seen.nheld], 200, SPAN("held"));
	hear_all(fd, &answer);
	assert_int_equal(count_in(buf_span(&answer), SPAN("200 OK")), 4);
	for (int i = 0; i < 3; i++)
		assert_int_equal(count_in(buf_span(&answer), span_from(&"#$%"[i], 1)), 15000);
	assert_int_equal(seen.pieces.len, 15000);
	close(fd);
	buf_release(&bytes);
	buf_release(&answer);
}

/* --- refusals --------------------------------------------------------------------------------- */

static const struct {
	int status;
	const char *bytes;
} malformed[] = {
	{ 400, "POST / HTTP/1.1\r\n" HOST "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello" },
	{ 400, "POST / HTTP/1.1\r\n" HOST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" },
	{ 411, "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n" },
	{ 400, "GET / HTTP/1.1\r\n" HOST "X: a\r\n b\r\n\r\n" },
	{ 400, "GET / HTTP/1.1\n" HOST "\n\n" },
	{ 400, "GET / HTTP/1.10\r\n" HOST "\r\n" },
	{ 400, "GET / HTTP/1.1\r\n\r\n" },
	{ 400, "GET / HTTP/1.1\r\n" HOST HOST "\r\n" },
	{ 400, "GET / HTTP/1.1\r\nHost: a b\r\n\r\n" },
	{ 400, "GET / HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nhello" },
	{ 400, "HEAD / HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nhello" },
	{ 400, "GET /a b HTTP/1.1\r\n" HOST "\r\n" },
	{ 505, "GET / HTTP/2.0\r\n" HOST "\r\n" },
	{ 501, "BREW / HTTP/1.1\r\n" HOST "\r\n" },
	{ 405, "TRACE / HTTP/1.1\r\n" HOST "\r\n" },
	{ 417, "POST / HTTP/1.1\r\n" HOST "Expect: x\r\nContent-Length: 1\r\n\r\nx" },
	{ 413, "POST /none HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nhello" },
	{ 413, "POST /a HTTP/1.1\r\n" HOST "Content-Length: 100001\r\n\r\nhello" },
	{ 400, "GET /\r\n" },
	{ 400, "\x16\x03\x01" },
};

/* Each is followed by a request that must not be heard. */
static void malformed_requests_are_refused_and_the_connection_closed(void **state)
{
	struct buf answer = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(malformed); i++) {
		int fd = dial();
		uint64_t before = http_server_figures(server)->refused[malformed[i].status];

		say(fd, span_of(malformed[i].bytes));
		say(fd, SPAN("GET /smuggled HTTP/1.1\r\n" HOST "\r\n"));
		hear_all(fd, &answer);
		if (status_of(&answer) != malformed[i].status)
			fail_msg("case %zu: %s", i, answer.at);
		assert_int_equal(count_in(buf_span(&answer), SPAN("HTTP/1.1 ")), 1);
		assert_true(holds(&answer, "Connection: close\r\n"));
		assert_int_equal(http_server_figures(server)->refused[malformed[i].status], before + 1);
		close(fd);
	}
	assert_int_equal(seen.requests, 0);
	buf_release(&answer);
}

static void long_heads_are_refused_and_the_answer_arrives(void **state)
{
	struct buf bytes = { 0 }, answer = { 0 };

	(void)state;
	for (int i = 0; i < 2; i++) {
		int fd = dial();

		buf_clear(&bytes);
		buf_add_text(&bytes, i == 0 ? "GET / HTTP/1.1\r\nX: " : "GET /");
		memset(buf_reserve(&bytes, 50000), 'x', 50000);
		bytes.len += 50000;
		say(fd, buf_span(&bytes));
		hear_all(fd, &answer);
		assert_int_equal(status_of(&answer), i == 0 ? 431 : 414);
		close(fd);
	}
	buf_release(&bytes);
	buf_release(&answer);
}

static void a_value_that_would_split_the_reply_becomes_500(void **state)
{
	struct buf answer = { 0 };
	int fd = dial();

	(void)state;
	say(fd, SPAN("GET /bad-field HTTP/1.1\r\n" HOST "\r\n"));
	hear_all(fd, &answer);
	assert_int_equal(status_of(&answer), 500);
	assert_false(holds(&answer, "b: c"));
	close(fd);
	buf_release(&answer);
}

/* --- slow and vanishing peers -------------------------------------------------------------------- */

static void a_slow_head_is_cut_off(void **state)
{
	struct buf answer = { 0 };
	uint64_t start = now_ms(), next = start;
	int fd = dial();

	(void)state;
	/* A byte now and then: the deadline must not start anew with each. */
	push(fd, SPAN("GET / HTTP/1.1\r\nX: "));
	while (hear_once(fd, &answer) == SILENT) {
		assert_true(now_ms() < start + WAIT_MS);
		if (now_ms() >= next) {
			push(fd, SPAN("a"));
			next += 10;
		}
		turn();
	}
	assert_true(holds(&answer, "HTTP/1.1 408 "));
	assert_true(now_ms() - start < 400 + 10000);
	close(fd);
	buf_release(&answer);
}

static void a_slow_body_is_cut_off_and_the_handler_told(void **state)
{
	struct buf answer = { 0 };
	int fd = dial();

	(void)state;
	say(fd, SPAN("POST /pieces HTTP/1.1\r\n" HOST "Content-Length: 90000\r\n\r\nab"));
	hear_all(fd, &answer);
	assert_int_equal(status_of(&answer), 408);
	assert_int_equal(seen.broken, 1);
	assert_int_equal(seen.requests, 0);
	close(fd);
	buf_release(&answer);
}

static void the_handler_has_words_for_what_the_server_refuses(void **state)
{
	static const struct {
		int status;
		const char *words, *request;
	} cases[] = {
		{ 413, "<p>413 body_long</p>", "POST /worded HTTP/1.1\r\n" HOST "Content-Length: 100001\r\n\r\nhello" },
		{ 408, "<p>408 body_late</p>", "POST /worded HTTP/1.1\r\n" HOST "Content-Length: 90\r\n\r\nhello" },
		{ 504, "<p>504 handler_late</p>", "GET /worded HTTP/1.1\r\n" HOST "\r\n" },
		{ 413, "\"code\":\"body_long\"", "POST /a HTTP/1.1\r\n" HOST "Content-Length: 100001\r\n\r\nhello" },
		{ 400, "application/problem+json", "GET /worded\r\n\r\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct buf answer = { 0 };
		int fd = dial();

		say(fd, span_of(cases[i].request));
		hear_all(fd, &answer);
		assert_int_equal(status_of(&answer), cases[i].status);
		assert_true(holds(&answer, cases[i].words));
		assert_int_equal(holds(&answer, "X-Own: words"), i < 3);
		close(fd);
		buf_release(&answer);
	}
	assert_int_equal(seen.broken, 3);
}

static void a_silent_connection_is_closed(void **state)
{
	struct buf answer = { 0 };
	int fd = dial();

	(void)state;
	hear_all(fd, &answer);
	assert_int_equal(answer.len, 0);
	assert_int_equal(http_server_figures(server)->connections_open, 0);
	close(fd);
	buf_release(&answer);
}

static void a_slow_handler_is_answered_for(void **state)
{
	struct buf answer = { 0 };
	int fd = dial();

	(void)state;
	say(fd, SPAN("GET /hold HTTP/1.1\r\n" HOST "\r\n"));
	hear_all(fd, &answer);
	assert_int_equal(status_of(&answer), 504);
	close(fd);
	assert_int_equal(seen.nheld, 1);
	assert_true(http_exchange_gone(seen.held[0]));
	assert_true(span_is(http_exchange_request(seen.held[0])->path, "/hold"));
	assert_false(http_server_idle(server));
	reply_text(seen.held[--seen.nheld], 200, SPAN("too late"));
	assert_true(http_server_idle(server));
	buf_release(&answer);
}

static void an_answer_nobody_reads_is_given_up(void **state)
{
	int fd = dial();

	(void)state;
	say(fd, SPAN("GET /big HTTP/1.1\r\n" HOST "\r\n"));
	UNTIL(seen.requests == 1);
	assert_false(http_server_idle(server));
	UNTIL(http_server_figures(server)->connections_open == 0);
	assert_true(http_server_idle(server));
	close(fd);
}

static void an_answer_read_slowly_arrives(void **state)
{
	struct buf answer = { 0 };
	int fd = dial();

	(void)state;
	say(fd, SPAN("GET /big HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n"));
	hear_all(fd, &answer);
	assert_true(answer.len > 8 << 20);
	close(fd);
	buf_release(&answer);
}

/* --- bodies from files -------------------------------------------------------------- */

static unsigned open_files(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned n = 0;

	while (readdir(dir) != NULL)
		n++;
	closedir(dir);
	return n;
}

static void assert_lines(struct span body)
{
	char line[16];

	assert_int_equal(body.len, FILE_LINES * 8);
	for (unsigned i = 0; i < FILE_LINES; i++) {
		snprintf(line, sizeof(line), "%07u\n", i);
		if (memcmp(body.at + (size_t)i * 8, line, 8) != 0)
			fail_msg("line %u is another", i);
	}
}

static void a_file_is_sent_whole(void **state)
{
	unsigned before = open_files();
	struct buf answer = { 0 };
	int fd = dial();

	(void)state;
	say(fd, SPAN("GET /file HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n"));
	hear_all(fd, &answer);
	assert_true(holds(&answer, "Content-Length: 4000000\r\n"));
	assert_lines(span_from_offset(buf_span(&answer), span_find(buf_span(&answer), SPAN("\r\n\r\n")) + 4));
	close(fd);
	UNTIL(http_server_figures(server)->connections_open == 0);
	assert_int_equal(open_files(), before);
	buf_release(&answer);
}

/* The connection serves on behind a file, and HEAD opens none of it. */
static void requests_follow_a_file(void **state)
{
	struct buf answer = { 0 };
	int fd = dial();

	(void)state;
	say(fd, SPAN("HEAD /file HTTP/1.1\r\n" HOST "\r\nGET /file HTTP/1.1\r\n" HOST "\r\nGET /a HTTP/1.1\r\n" HOST
		     "Connection: close\r\n\r\n"));
	hear_all(fd, &answer);
	assert_int_equal(count_in(buf_span(&answer), SPAN("Content-Length: 4000000\r\n")), 2);
	assert_int_equal(count_in(buf_span(&answer), SPAN("0000000\n0000001\n")), 1);
	assert_int_equal(count_in(buf_span(&answer), SPAN("0499999\nHTTP/1.1 200")), 1);
	assert_true(holds(&answer, "GET /a []"));
	close(fd);
	buf_release(&answer);
}

/* Too short a file cannot be made good: the connection ends, so that the peer sees it. */
static void a_file_that_is_cut_breaks_off(void **state)
{
	struct buf answer = { 0 };
	int fd = dial();

	(void)state;
	say(fd, SPAN("GET /short-file HTTP/1.1\r\n" HOST "\r\n"));
	hear_all(fd, &answer);
	assert_true(holds(&answer, "Content-Length: 4000001\r\n"));
	UNTIL(http_server_figures(server)->connections_open == 0);
	close(fd);
	buf_release(&answer);
}

static void a_file_nobody_reads_is_closed(void **state)
{
	unsigned before = open_files();
	int fd = dial();

	(void)state;
	say(fd, SPAN("GET /file HTTP/1.1\r\n" HOST "\r\n"));
	UNTIL(seen.requests == 1);
	UNTIL(http_server_figures(server)->connections_open == 0);
	close(fd);
	assert_int_equal(open_files(), before);
}

/* What the handler holds stays good when the peer resets the connection. */
static void a_peer_that_vanishes_leaves_the_exchange_valid(void **state)
{
	struct linger now = { .l_onoff = 1 };
	int fd = dial();

	(void)state;
	say(fd, SPAN("POST /hold?q HTTP/1.1\r\n" HOST "Content-Length: 4\r\n\r\nbody"));
	UNTIL(seen.nheld == 1);
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(fd);
	UNTIL(http_server_figures(server)->connections_open == 0);
	assert_true(http_exchange_gone(seen.held[0]));
	assert_true(span_is(http_exchange_request(seen.held[0])->body, "body"));
	assert_non_null(arena_alloc(http_exchange_arena(seen.held[0]), 100));
	reply_text(seen.held[--seen.nheld], 200, SPAN("nobody"));
}

static void a_body_that_breaks_off_is_told(void **state)
{
	int fd = dial();

	(void)state;
	say(fd, SPAN("POST /pieces HTTP/1.1\r\n" HOST "Content-Length: 10\r\n\r\nab"));
	UNTIL(seen.pieces.len == 2);
	close(fd);
	UNTIL(seen.broken == 1);
	assert_int_equal(seen.requests, 0);
	assert_true(http_server_idle(server));
}

static void freeing_the_server_leaves_exchanges_valid(void **state)
{
	int fd = dial(), other = dial();

	(void)state;
	say(fd, SPAN("GET /hold HTTP/1.1\r\n" HOST "\r\n"));
	say(other, SPAN("POST /pieces HTTP/1.1\r\n" HOST "Content-Length: 10\r\n\r\nab"));
	UNTIL(seen.nheld == 1 && seen.pieces.len == 2);
	http_server_free(server);
	server = NULL;
	assert_int_equal(seen.broken, 1);
	assert_true(http_exchange_gone(seen.held[0]));
	assert_true(span_is(http_exchange_request(seen.held[0])->path, "/hold"));
	http_exchange_peer(seen.held[0]);
	reply_text(seen.held[--seen.nheld], 200, SPAN("nobody"));
	close(fd);
	close(other);
}

/* --- limits ------------------------------------------------------------------------------------------ */

static void one_address_has_its_share(void **state)
{
	struct http_listener listener = { .limits = limits };
	struct buf answer = { 0 };
	int fds[3];

	end(state);
	listener.limits.per_address = 2;
	open_server(listener);
	for (int i = 0; i < 3; i++)
		fds[i] = dial();
	hear_all(fds[2], &answer);
	assert_int_equal(answer.len, 0);
	close(fds[2]);
	close(fds[1]);
	UNTIL(http_server_figures(server)->connections_open == 1);
	fds[1] = dial();
	say(fds[1], SPAN("GET /in HTTP/1.1\r\n" HOST "\r\n"));
	hear_answers(fds[1], &answer, 1);
	assert_true(holds(&answer, "GET /in []"));
	close(fds[0]);
	close(fds[1]);
	buf_release(&answer);
}

/* Hoarders fill the house; who has work to do gets in all the same. */
static void idle_connections_make_room_at_the_limit(void **state)
{
	struct http_listener listener = { .limits = limits };
	struct buf answer = { 0 };
	int fds[5];

	end(state);
	listener.limits.connections = 5;
	listener.limits.idle_ms = 60000;
	open_server(listener);
	for (int i = 0; i < 5; i++)
		fds[i] = dial();
	UNTIL(http_server_figures(server)->connections_open == 5);
	int fd = dial();
	say(fd, SPAN("GET /in HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n"));
	hear_all(fd, &answer);
	assert_true(holds(&answer, "GET /in []"));
	close(fd);
	for (int i = 0; i < 5; i++)
		close(fds[i]);
	buf_release(&answer);
}

static void running_out_of_descriptors_is_survived(void **state)
{
	struct rlimit before, few;
	struct buf answer = { 0 };
	int fds[20], probe = dup(0), fd;

	(void)state;
	UNTIL(true);
	close(probe);
	for (int i = 0; i < 20; i++)
		fds[i] = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	few = before;
	few.rlim_cur = (rlim_t)fds[19] + 1;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	at.sin_port = htons((uint16_t)atoi(strrchr(http_server_address(server), ':') + 1));
	for (int i = 0; i < 20; i++)
		assert_int_equal(connect(fds[i], (struct sockaddr *)&at, sizeof(at)), 0);
	/* Half a second with callers waiting and no descriptor: the loop must not spin. */
	clock_t cpu = clock();
	for (uint64_t until = now_ms() + 500; now_ms() < until;) {
		const struct timeval while_ = { .tv_usec = 100000 };

		event_base_loopexit(base, &while_);
		event_base_dispatch(base);
	}
	assert_true(clock() - cpu < CLOCKS_PER_SEC / 10);
	setrlimit(RLIMIT_NOFILE, &before);
	for (int i = 0; i < 20; i++)
		close(fds[i]);
	fd = dial();
	say(fd, SPAN("GET /in HTTP/1.1\r\n" HOST "\r\n"));
	hear_answers(fd, &answer, 1);
	assert_true(holds(&answer, "GET /in []"));
	close(fd);
	buf_release(&answer);
}

/* --- draining, other sockets, proxies ------------------------------------------------------------------ */

static void draining_answers_what_is_open(void **state)
{
	struct buf answer = { 0 };
	int held = dial(), idle = dial(), coming = dial();

	(void)state;
	say(held, SPAN("GET /hold HTTP/1.1\r\n" HOST "\r\n"));
	UNTIL(seen.nheld == 1 && http_server_figures(server)->connections_open == 3);
	push(coming, SPAN("GET /coming HTTP/1.1\r\n" HOST "\r\n"));
	http_server_drain(server);
	assert_false(http_server_idle(server));
	hear_all(idle, &answer);
	assert_int_equal(answer.len, 0);
	hear_all(coming, &answer);
	assert_true(holds(&answer, "GET /coming []") && holds(&answer, "Connection: close"));
	reply_text(seen.held[--seen.nheld], 200, SPAN("last"));
	hear_all(held, &answer);
	assert_true(holds(&answer, "last") && holds(&answer, "Connection: close"));
	assert_true(http_server_idle(server));
	close(held);
	close(idle);
	close(coming);
	buf_release(&answer);
}

static void a_local_socket_serves_and_goes(void **state)
{
	char path[64], address[80];
	struct buf answer = { 0 };
	struct stat status;
	int fd;

	end(state);
	snprintf(path, sizeof(path), "/tmp/tipline-test-%d.sock", (int)getpid());
	snprintf(address, sizeof(address), "unix:%s", path);
	/* Left behind by a crash: bound, but nobody listens. */
	struct sockaddr_un stale = { .sun_family = AF_UNIX };
	snprintf(stale.sun_path, sizeof(stale.sun_path), "%s", path);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&stale, sizeof(stale)), 0);
	close(fd);
	open_server((struct http_listener){ .address = address });
	assert_string_equal(http_server_address(server), address);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0660);
	fd = dial();
	say(fd, SPAN("GET /local HTTP/1.1\r\n" HOST "\r\n"));
	hear_answers(fd, &answer, 1);
	assert_true(holds(&answer, "GET /local []"));
	assert_true(seen.peer == 0);
	close(fd);
	http_server_drain(server);
	assert_int_equal(stat(path, &status), -1);
	buf_release(&answer);
}

static void an_inherited_socket_is_served(void **state)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct http_listener bad = { .name = "bad", .fd = -1, .address = "nonsense", .limits = limits };
	struct buf answer = { 0 };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	end(state);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(fd, 5), 0);
	open_server((struct http_listener){ .fd = fd });
	fd = dial();
	say(fd, SPAN("GET /given HTTP/1.1\r\n" HOST "\r\n"));
	hear_answers(fd, &answer, 1);
	assert_true(holds(&answer, "GET /given []"));
	assert_null(http_server_new(base, &bad));
	assert_int_equal(errno, EINVAL);
	bad.address = http_server_address(server);
	assert_null(http_server_new(base, &bad));
	assert_int_equal(errno, EADDRINUSE);
	close(fd);
	buf_release(&answer);
}

static uint64_t peer_for(const char *forwarded)
{
	struct buf bytes = { 0 }, answer = { 0 };
	int fd = dial();

	buf_printf(&bytes, "GET /p HTTP/1.1\r\n" HOST "%s\r\n", forwarded);
	say(fd, buf_span(&bytes));
	hear_answers(fd, &answer, 1);
	close(fd);
	buf_release(&bytes);
	buf_release(&answer);
	return seen.peer;
}

static void a_trusted_proxy_names_the_visitor(void **state)
{
	uint64_t direct = peer_for("");
	uint64_t visitor;

	assert_true(direct != 0 && peer_for("X-Forwarded-For: 9.9.9.9\r\n") == direct);
	end(state);
	open_server((struct http_listener){ .trusted_proxies = "127.0.0.1, 10.0.0.0/8" });
	direct = peer_for("");
	visitor = peer_for("X-Forwarded-For: 9.9.9.9\r\n");
	assert_true(visitor != direct);
	assert_true(peer_for("X-Forwarded-For: 1.2.3.4, 9.9.9.9, 10.1.1.1\r\n") == visitor);
	assert_true(peer_for("X-Forwarded-For: 9.9.9.8\r\n") != visitor);
	assert_true(peer_for("X-Forwarded-For: 9.9.9.9, nonsense\r\n") == direct);
	assert_true(peer_for("X-Forwarded-For: 10.1.1.1\r\n") == direct);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
#define HASTY(name) cmocka_unit_test_setup_teardown(name, begin_hasty, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_request_is_answered),
		TEST(it_may_come_byte_by_byte),
		TEST(an_old_client_keeps_its_connection_when_it_asks),
		TEST(head_has_the_length_and_no_body),
		TEST(long_bodies_are_collected_whole),
		TEST(pieces_are_handed_on),
		TEST(a_handler_can_stop_a_body),
		TEST(an_early_reply_keeps_the_connection_only_when_the_body_is_there),
		TEST(continue_is_said_to_who_waits_for_it),
		TEST(a_half_closed_client_gets_its_answers),
		TEST(pipelined_requests_are_served_in_order),
		TEST(the_next_request_waits_for_the_reply),
		TEST(a_flood_behind_a_held_request_is_bounded),
		TEST(a_body_sent_ahead_is_taken_from_there),
		TEST(malformed_requests_are_refused_and_the_connection_closed),
		TEST(long_heads_are_refused_and_the_answer_arrives),
		TEST(a_value_that_would_split_the_reply_becomes_500),
		HASTY(a_slow_head_is_cut_off),
		HASTY(a_slow_body_is_cut_off_and_the_handler_told),
		HASTY(the_handler_has_words_for_what_the_server_refuses),
		HASTY(a_silent_connection_is_closed),
		HASTY(a_slow_handler_is_answered_for),
		HASTY(an_answer_nobody_reads_is_given_up),
		TEST(an_answer_read_slowly_arrives),
		TEST(a_file_is_sent_whole),
		TEST(requests_follow_a_file),
		TEST(a_file_that_is_cut_breaks_off),
		HASTY(a_file_nobody_reads_is_closed),
		TEST(a_peer_that_vanishes_leaves_the_exchange_valid),
		TEST(a_body_that_breaks_off_is_told),
		TEST(freeing_the_server_leaves_exchanges_valid),
		TEST(one_address_has_its_share),
		TEST(idle_connections_make_room_at_the_limit),
		TEST(running_out_of_descriptors_is_survived),
		TEST(draining_answers_what_is_open),
		TEST(a_local_socket_serves_and_goes),
		TEST(an_inherited_socket_is_served),
		TEST(a_trusted_proxy_names_the_visitor),
	};

	return cmocka_run_group_tests_name("server", tests, NULL, NULL);
}
