/*
 * A whole connection on any octets: the server with a socket pair, its handler
 * and whoever sends. Sent at once and in pieces, the handler must hear the same
 * requests and the sender get the same answers; behind a refusal nothing is
 * heard and the connection ends.
 *
 * The first octet says how long the pieces are.
 */
#include "daemon/base/buf.h"
#include "daemon/http/connection.h"

#include <assert.h>
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define BODY_MAX 3000
#define TURNS 64

/* What one way of sending came to. */
struct course {
	struct buf heard;    /* by the handler: heads, bodies, breaks */
	struct buf answers;  /* as they came */
	unsigned requests;
};

static struct course *course;

static bool take_piece(void *ctx, struct span piece)
{
	(void)ctx;
	buf_add_span(&course->heard, piece);
	return true;
}

static void on_head(void *owner, struct http_exchange *exchange, struct http_body_plan *plan)
{
	const struct http_request *request = http_exchange_request(exchange);

	(void)owner;
	course->requests++;
	buf_printf(&course->heard, "\n%s %llu ", http_method_name(request->method), (unsigned long long)request->content_length);
	buf_add_span(&course->heard, request->path);
	buf_add_byte(&course->heard, '\n');
	plan->max_bytes = BODY_MAX;
	/* Both ways of taking a body, by the path. */
	if (request->path.len % 2 == 0)
		plan->data = take_piece;
}

static void on_request(void *owner, struct http_exchange *exchange)
{
	const struct http_request *request = http_exchange_request(exchange);
	struct http_reply reply = { .status = 200, .type = "text/plain", .body = request->path };

	(void)owner;
	assert(request->content_length <= BODY_MAX);
	assert(request->body.len == 0 || request->body.len == request->content_length);
	buf_add_span(&course->heard, request->body);
	http_exchange_reply(exchange, &reply);
}

static struct http_server *new_server(struct event_base *base)
{
	struct http_listener listener = {
		.name = "fuzz",
		.address = "127.0.0.1:0",
		.fd = -1,
		.limits = { .connections = 4, .head_bytes = 1024, .head_ms = 60000, .body_ms = 60000, .idle_ms = 60000,
			    .write_ms = 60000, .reply_ms = 60000 },
		.handler = { .head = on_head, .request = on_request },
	};
	struct http_server *server = http_server_new(base, &listener);

	assert(server != NULL);
	return server;
}

/* Reads what has been answered; false: the server has closed. */
static bool hear(int fd)
{
	for (;;) {
		ssize_t n = recv(fd, buf_reserve(&course->answers, 65536), 65536, 0);

		if (n <= 0)
			return n < 0;
		course->answers.len += (size_t)n;
	}
}

static bool turn(struct event_base *base, int fd)
{
	event_base_loop(base, EVLOOP_NONBLOCK);
	return hear(fd);
}

/* Everything sent and half-closed, the loop turns until the server has closed. */
static void end(struct event_base *base, int fd, bool open)
{
	shutdown(fd, SHUT_WR);
	for (unsigned i = 0; open && i < TURNS * 64; i++)
		open = turn(base, fd);
	assert(!open);
}

static void send_all(struct event_base *base, struct http_server *server, struct span bytes, size_t piece)
{
	int pair[2];
	bool open = true;

	assert(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) == 0);
	server_tick(server);
	server->figures.connections_open++;
	connection_open(server, pair[0], &(struct address_marks){ 0 }, false, false);
	while (open && bytes.len > 0) {
		ssize_t n = send(pair[1], bytes.at, bytes.len < piece ? bytes.len : piece, MSG_NOSIGNAL);

		if (n > 0)
			bytes = span_from_offset(bytes, (size_t)n);
		else if (n < 0 && errno != EAGAIN)
			break;
		open = turn(base, pair[1]);
	}
	end(base, pair[1], open);
	close(pair[1]);
}

static void run(struct span bytes, size_t piece, struct course *to)
{
	struct event_base *base = event_base_new();
	struct http_server *server = new_server(base);

	course = to;
	send_all(base, server, bytes, piece);
	http_server_free(server);
	event_base_free(base);
}

static unsigned count(struct span text, struct span word)
{
	unsigned n = 0;
	size_t at;

	while ((at = span_find(text, word)) < text.len) {
		text = span_from_offset(text, at + word.len);
		n++;
	}
	return n;
}

/* No path that is sent back holds a blank or a line end, so what is counted is of heads alone. */
static const struct span served = { .at = "HTTP/1.1 200 ", .len = 13 };
static const struct span refused = { .at = "\r\nContent-Type: application/problem+json\r\n", .len = 42 };
static const struct span closing = { .at = "\r\nConnection: close\r\n", .len = 21 };

/* One answer at most says that it is the last, and it is. */
static void check_end(struct span answers)
{
	size_t at = span_find(answers, closing);

	assert(count(answers, refused) <= 1);
	if (at < answers.len)
		assert(count(span_from_offset(answers, at), SPAN("HTTP/1.1 ")) == 0);
	assert(count(answers, refused) == 0 || at < answers.len);
}

/* Why a head is refused may depend on how much of it is there; that it is, never. */
static void check(const struct course *whole, const struct course *pieces)
{
	struct span answers = buf_span(&whole->answers), others = buf_span(&pieces->answers);

	assert(whole->requests == pieces->requests);
	assert(span_eq(buf_span(&whole->heard), buf_span(&pieces->heard)));
	assert(count(answers, served) == count(others, served));
	assert(count(answers, refused) == count(others, refused));
	check_end(answers);
	check_end(others);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct course whole = { 0 }, pieces = { 0 };

	if (size == 0 || size > 6000)
		return 0;
	run(span_from(data + 1, size - 1), size, &whole);
	run(span_from(data + 1, size - 1), 1 + data[0] % 32, &pieces);
	check(&whole, &pieces);
	buf_release(&whole.heard);
	buf_release(&whole.answers);
	buf_release(&pieces.heard);
	buf_release(&pieces.answers);
	return 0;
}
