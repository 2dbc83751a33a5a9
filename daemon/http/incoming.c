/*
 * Bytes to requests; see connection.h.
 *
 * The gate judges the head, the handler says how it takes the body, the body
 * is collected or handed on. One request at a time: what comes behind it waits
 * (ahead.c). The handler is called from connection_pump() and what that calls,
 * never from within http_exchange_reply().
 */
#include "daemon/http/connection.h"

#include "daemon/base/wipe.h"

static void want_body_time(struct http_connection *connection)
{
	connection->deadline_ms =
		connection->since_ms + connection->server->limits.body_ms + connection->exchange->taken;
}

/* The request is whole and the handler's. */
static void hand_over(struct http_connection *connection)
{
	struct http_server *server = connection->server;
	struct http_exchange *exchange = connection->exchange;

	connection_enter(connection, CONNECTION_WORKING, server->limits.reply_ms);
	server->handler.request(server->handler.owner, exchange);
}

/* A piece of the body has come; it stands in `piece`, or (collected) already where it belongs. */
static void body_came(struct http_connection *connection, struct span piece)
{
	struct http_exchange *exchange = connection->exchange;

	exchange->taken += piece.len;
	if (exchange->plan.data != NULL && piece.len > 0 && !exchange->plan.data(exchange->plan.ctx, piece)) {
		if (connection->exchange == exchange) /* it will reply later: nothing more is read */
			connection_enter(connection, CONNECTION_WORKING, connection->server->limits.reply_ms);
		return;
	}
	if (connection->exchange != exchange || connection->state != CONNECTION_BODY)
		return;
	want_body_time(connection);
	if (exchange->taken < exchange->request.content_length)
		return;
	if (exchange->plan.data == NULL && exchange->body.len > 0)
		exchange->request.body = buf_span(&exchange->body);
	hand_over(connection);
}

/* What came behind the head: the body's part of it, then bytes of later requests. */
static struct span split_rest(struct http_connection *connection)
{
	struct http_exchange *exchange = connection->exchange;
	struct span rest = span_from_offset(buf_span(&exchange->bytes), exchange->gate.length);
	size_t part = rest.len;

	if (part > exchange->request.content_length)
		part = (size_t)exchange->request.content_length;
	if (part < rest.len) {
		ahead_push(connection, span_from_offset(rest, part));
		wipe(exchange->bytes.at + exchange->gate.length + part, rest.len - part);
		exchange->bytes.len = exchange->gate.length + part;
	}
	if (ahead_left(connection) == 0)
		ahead_drop(connection);
	return span_from(rest.at, part);
}

/*
 * A body that is to be collected stays behind the head when there is room for
 * all of it, because the spans of the request forbid moving the head.
 */
static void place_body(struct http_exchange *exchange, struct span part)
{
	if (exchange->bytes.size - exchange->gate.length >= exchange->request.content_length)
		exchange->request.body = span_from(exchange->bytes.at + exchange->gate.length,
						   (size_t)exchange->request.content_length);
	else
		buf_add_span(&exchange->body, part);
}

static struct buf *body_place(struct http_exchange *exchange)
{
	return exchange->request.body.at != NULL ? &exchange->bytes : &exchange->body;
}

static void say_continue(struct http_connection *connection)
{
	static const struct span line = { .at = "HTTP/1.1 100 Continue\r\n\r\n", .len = 25 };
	size_t n;

	/* The socket's buffer is empty, since nothing else is unsent: 25 bytes go or it is broken. */
	if (transport_write(connection, line, (struct span){ 0 }, &n) != TRANSPORT_SOME || n != line.len)
		connection_close(connection);
}

static void begin_body(struct http_connection *connection, struct span part)
{
	struct http_exchange *exchange = connection->exchange;

	if (exchange->plan.data == NULL)
		place_body(exchange, part);
	if (exchange->gate.expects_continue && part.len == 0) {
		say_continue(connection);
		if (connection->state == CONNECTION_CLOSED)
			return;
	}
	body_came(connection, part);
}

/* The head is whole: the handler says how it wants the body. */
static void begin_request(struct http_connection *connection)
{
	struct http_server *server = connection->server;
	struct http_exchange *exchange = connection->exchange;
	struct span part = split_rest(connection);

	server->figures.requests++;
	connection_enter(connection, CONNECTION_BODY, server->limits.body_ms);
	/* A reply from within head() may count on a body that is there already. */
	if (part.len == exchange->request.content_length)
		exchange->taken = part.len;
	server->handler.head(server->handler.owner, exchange, &exchange->plan);
	if (connection->exchange != exchange)
		return;
	exchange->taken = 0;
	if (!exchange->request.has_body)
		hand_over(connection);
	else if (exchange->request.content_length > exchange->plan.max_bytes)
		connection_refuse_known(connection, 413, "body_long");
	else
		begin_body(connection, part);
}

static void judge(struct http_connection *connection)
{
	struct http_exchange *exchange = connection->exchange;

	switch (gate_judge(&exchange->gate, buf_span(&exchange->bytes), connection->server->limits.head_bytes,
			   &exchange->request)) {
	case GATE_MORE:
		return;
	case GATE_WHOLE:
		begin_request(connection);
		return;
	case GATE_REFUSED:
		connection_refuse_unheard(connection, exchange->gate.status, exchange->gate.reason);
		return;
	}
}

/* --- what is there, and what the socket brings ---------------------------------------- */

/* Who took its time with the handshake has less for its first head. */
static void begin_head(struct http_connection *connection)
{
	connection->exchange = exchange_take(connection);
	connection_enter(connection, CONNECTION_HEAD, connection->server->limits.head_ms - connection->greeting_ms);
}

/* The body of a request that was sent ahead. */
static bool pull_body(struct http_connection *connection)
{
	struct http_exchange *exchange = connection->exchange;
	uint64_t left = exchange->request.content_length - exchange->taken;
	size_t n = ahead_left(connection) < left ? ahead_left(connection) : (size_t)left;
	struct span piece = span_from_offset(buf_span(&connection->ahead), connection->ahead_at);

	if (n == 0)
		return false;
	piece.len = n;
	connection->ahead_at += n;
	if (exchange->plan.data == NULL)
		buf_add_span(body_place(exchange), piece);
	body_came(connection, piece);
	return true;
}

/* One step with bytes that are there; false when more must come from outside. */
static bool advance(struct http_connection *connection)
{
	switch (connection->state) {
	case CONNECTION_IDLE:
		if (ahead_left(connection) == 0)
			return false;
		begin_head(connection);
		ahead_pull(connection);
		return true;
	case CONNECTION_HEAD:
		judge(connection);
		if (connection->state != CONNECTION_HEAD)
			return true;
		if (ahead_left(connection) == 0)
			return false;
		ahead_pull(connection);
		return true;
	case CONNECTION_BODY:
		return pull_body(connection);
	case CONNECTION_GREETING:
	case CONNECTION_WORKING:
	case CONNECTION_SENDING:
	case CONNECTION_LINGER:
	case CONNECTION_CLOSED:
		break;
	}
	return false;
}

void connection_pump(struct http_connection *connection)
{
	unsigned replies = 0;

	connection->pumping = true;
	while (replies < TURN_REQUESTS && advance(connection))
		replies += connection->state == CONNECTION_IDLE;
	connection->pumping = false;
	if (connection->state == CONNECTION_IDLE && ahead_left(connection) > 0)
		server_resume(connection);
	else if (connection->ended &&
		 (connection->state == CONNECTION_IDLE || connection->state == CONNECTION_HEAD))
		connection_close(connection);
}

/* The outcome of a read that brought nothing; the caller stops. */
static void read_nothing(struct http_connection *connection, enum transport_result result)
{
	if (result == TRANSPORT_LATER)
		return;
	connection->ended = true;
	if (result == TRANSPORT_BROKEN ||
	    (connection->state != CONNECTION_WORKING && connection->state != CONNECTION_SENDING))
		connection_close(connection);
	else /* a peer that has closed its side may still wait for the reply */
		connection_want_read(connection, false);
}

static void read_head(struct http_connection *connection)
{
	struct buf *bytes;
	enum transport_result result;
	uint64_t idle_since = connection->since_ms, idle_until = connection->deadline_ms;
	size_t n;

	if (connection->state == CONNECTION_IDLE)
		begin_head(connection);
	ahead_drop(connection);
	bytes = &connection->exchange->bytes;
	if (bytes->size == bytes->len)
		buf_reserve(bytes, READ_BYTES);
	result = transport_read(connection, bytes->at + bytes->len, bytes->size - bytes->len, &n);
	if (result == TRANSPORT_LATER && bytes->len == 0) {
		exchange_end(connection->exchange);
		connection->exchange = NULL;
		connection->state = CONNECTION_IDLE;
		connection->since_ms = idle_since;
		connection->deadline_ms = idle_until;
		return;
	}
	if (result != TRANSPORT_SOME) {
		read_nothing(connection, result);
		return;
	}
	bytes->len += n;
	connection->greeting_ms = 0;
	connection_pump(connection);
}

static size_t body_wanted(const struct http_exchange *exchange)
{
	uint64_t left = exchange->request.content_length - exchange->taken;

	return left < PIECE_BYTES ? (size_t)left : PIECE_BYTES;
}

/* Into the buffer where the body is collected. */
static void read_body_kept(struct http_connection *connection)
{
	struct http_exchange *exchange = connection->exchange;
	struct buf *to = body_place(exchange);
	size_t max = body_wanted(exchange), n;
	char *place = buf_reserve(to, max);
	enum transport_result result = transport_read(connection, place, max, &n);

	if (result != TRANSPORT_SOME) {
		read_nothing(connection, result);
		return;
	}
	to->len += n;
	body_came(connection, span_from(place, n));
}

/* Through the server's buffer to the handler. */
static void read_body_passed(struct http_connection *connection)
{
	struct http_server *server = connection->server;
	size_t n;
	enum transport_result result =
		transport_read(connection, server->piece, body_wanted(connection->exchange), &n);

	if (result != TRANSPORT_SOME) {
		read_nothing(connection, result);
		return;
	}
	body_came(connection, span_from(server->piece, n));
	wipe(server->piece, n);
}

static void read_body(struct http_connection *connection)
{
	connection->pumping = true;
	if (connection->exchange->plan.data != NULL)
		read_body_passed(connection);
	else
		read_body_kept(connection);
	connection_pump(connection);
}

static void read_ahead(struct http_connection *connection)
{
	enum transport_result result;
	size_t n;

	if (ahead_left(connection) >= AHEAD_MAX_BYTES) {
		connection_want_read(connection, false);
		return;
	}
	if (connection->ahead_at > 0) {
		buf_drop(&connection->ahead, connection->ahead_at);
		connection->ahead_at = 0;
	}
	result = transport_read(connection, buf_reserve(&connection->ahead, READ_BYTES), READ_BYTES, &n);
	if (result == TRANSPORT_SOME)
		connection->ahead.len += n;
	else
		read_nothing(connection, result);
}

static void read_away(struct http_connection *connection)
{
	struct http_server *server = connection->server;
	size_t n;

	if (transport_discard(connection, &n) == TRANSPORT_LATER)
		return;
	wipe(server->piece, n);
	connection->discarded += n;
	if (n == 0 || connection->discarded > LINGER_MAX_BYTES)
		connection_close(connection);
}

static void greet(struct http_connection *connection)
{
	struct http_server *server = connection->server;
	enum transport_result result = transport_greet(connection);

	if (result == TRANSPORT_LATER)
		return;
	if (result != TRANSPORT_SOME) {
		server->figures.greetings_failed++;
		connection_close(connection);
		return;
	}
	server->figures.greetings++;
	connection->greeting_ms = server->now_ms - connection->since_ms;
	if (connection->greeting_ms > server->limits.head_ms)
		connection->greeting_ms = server->limits.head_ms;
	connection_enter(connection, CONNECTION_IDLE, server->limits.idle_ms);
}

static void look(struct http_connection *connection)
{
	switch (connection->state) {
	case CONNECTION_GREETING:
		greet(connection);
		break;
	case CONNECTION_IDLE:
	case CONNECTION_HEAD:
		if (ahead_left(connection) == 0)
			read_head(connection);
		else
			connection_pump(connection);
		break;
	case CONNECTION_BODY:
		read_body(connection);
		break;
	case CONNECTION_WORKING:
	case CONNECTION_SENDING:
		read_ahead(connection);
		break;
	case CONNECTION_LINGER:
		read_away(connection);
		break;
	case CONNECTION_CLOSED:
		break;
	}
}

void connection_look(struct http_connection *connection)
{
	look(connection);
	/* What TLS has deciphered beyond what was asked for does not show at the socket. */
	if (connection->reading && transport_holds(connection))
		server_resume(connection);
}
