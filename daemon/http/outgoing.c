/*
 * Replies to bytes, and the end of a connection; see connection.h.
 *
 * A reply is written at once, head and body in one system call; what the
 * socket does not take is kept until it does or a deadline passes. Of a body
 * that lies in a file one piece is in memory at a time.
 */
#include "daemon/http/connection.h"

#include "daemon/base/json_out.h"
#include "daemon/sys/log.h"

#include <sys/socket.h>
#include <unistd.h>

/* All is said: the peer gets the end of the stream, and time to read before the socket goes. */
static void linger(struct http_connection *connection)
{
	if (connection->ended || (!connection->unread && ahead_left(connection) == 0)) {
		connection_close(connection);
		return;
	}
	transport_finish(connection);
	shutdown(connection->fd, SHUT_WR);
	connection->discarded = 0;
	ahead_drop(connection);
	connection_want_read(connection, true);
	connection_enter(connection, CONNECTION_LINGER, LINGER_MS);
}

/* The reply has left. */
static void sent_all(struct http_connection *connection)
{
	if (connection->close_behind) {
		linger(connection);
		return;
	}
	if (connection->ended && ahead_left(connection) == 0) {
		connection_close(connection);
		return;
	}
	connection_enter(connection, CONNECTION_IDLE, connection->server->limits.idle_ms);
	connection_want_read(connection, !connection->ended);
	if (ahead_left(connection) > 0 && !connection->pumping)
		server_resume(connection);
}

/* The next piece of the file into `out`, which is empty; false: the file is shorter than was said. */
static bool next_piece(struct http_connection *connection)
{
	size_t want = connection->file_left < PIECE_BYTES ? (size_t)connection->file_left : PIECE_BYTES;
	ssize_t got = read(connection->file, buf_reserve(&connection->out, want), want);

	if (got <= 0)
		return false;
	connection->out.len += (size_t)got;
	connection->file_left -= (uint64_t)got;
	return true;
}

/* `out` has left. False: nothing is left to send; else the next piece waits for the socket, or the connection is closed. */
static bool go_on(struct http_connection *connection)
{
	connection->sent = 0;
	if (connection->file_left == 0)
		return false;
	buf_clear(&connection->out);
	if (next_piece(connection))
		connection_enter(connection, CONNECTION_SENDING, connection->server->limits.write_ms);
	else
		connection_close(connection);
	return true;
}

static void drop_file(struct http_connection *connection)
{
	if (connection->file >= 0)
		close(connection->file);
	connection->file = -1;
	connection->file_left = 0;
}

/* A slow reader that does read has one more millisecond a byte; one that stops has the grace and no more. */
static void allow_more(struct http_connection *connection)
{
	uint64_t grace_ms = connection->server->limits.write_ms;
	uint64_t by_rate = connection->since_ms + grace_ms + connection->sent;
	uint64_t by_rest = connection->server->now_ms + grace_ms;

	connection->deadline_ms = by_rate < by_rest ? by_rate : by_rest;
}

void connection_send_rest(struct http_connection *connection)
{
	struct span rest = span_from_offset(buf_span(&connection->out), connection->sent);
	size_t n;

	switch (transport_write(connection, rest, (struct span){ 0 }, &n)) {
	case TRANSPORT_SOME:
		break;
	case TRANSPORT_LATER:
		return;
	case TRANSPORT_END:
	case TRANSPORT_BROKEN:
		connection_close(connection);
		return;
	}
	connection->sent += n;
	allow_more(connection);
	if (connection->sent < connection->out.len || go_on(connection))
		return;
	buf_release(&connection->out);
	drop_file(connection);
	event_del(&connection->writable);
	sent_all(connection);
}

/* Sends what the socket takes and keeps the rest. */
static void send_reply(struct http_connection *connection, struct span head, struct span body)
{
	size_t n;
	enum transport_result result = transport_write(connection, head, body, &n);

	if (result == TRANSPORT_BROKEN || result == TRANSPORT_END) {
		connection_close(connection);
		return;
	}
	if (n == head.len + body.len && connection->file < 0) {
		sent_all(connection);
		return;
	}
	buf_add_span(&connection->out, span_from_offset(head, n));
	buf_add_span(&connection->out, span_from_offset(body, n > head.len ? n - head.len : 0));
	connection_enter(connection, CONNECTION_SENDING, connection->server->limits.write_ms);
	event_add(&connection->writable, NULL);
}

static struct http_reply unfit_reply(void)
{
	log_rarely(LOG_LEVEL_ERROR, "http.reply_unfit", "a field's value would end the field");
	return (struct http_reply){ .status = 500, .close = true };
}

/* The file of a reply is the connection's from here on; kept when its bytes are to be sent. */
static void take_file(struct http_connection *connection, const struct http_reply *reply, bool wanted)
{
	if (reply->file == NULL)
		return;
	connection->file = reply->file->fd;
	connection->file_left = reply->file->bytes;
	if (!wanted || connection->file_left == 0)
		drop_file(connection);
}

void connection_reply(struct http_connection *connection, const struct http_reply *reply, bool keep)
{
	const struct http_reply *given = reply;
	struct http_server *server = connection->server;
	const struct http_request *request = &connection->exchange->request;
	struct http_reply unfit, strict;
	struct span body;

	if (connection->tls != NULL && server->hsts[0] != '\0' && reply->nfields < HTTP_REPLY_FIELDS_MAX) {
		strict = *reply;
		http_reply_field(&strict, "Strict-Transport-Security", span_of(server->hsts));
		given = reply = &strict;
	}
	keep = keep && !reply->close && !server->draining;
	buf_clear(&server->head);
	if (!http_reply_head(&server->head, reply, request->minor, keep, server_date(server))) {
		unfit = unfit_reply();
		reply = &unfit;
		keep = false;
		http_reply_head(&server->head, reply, request->minor, keep, server_date(server));
	}
	body = reply->type != NULL && !http_status_is_bare(reply->status) && reply->file == NULL ? reply->body : (struct span){ 0 };
	if (request->method == HTTP_HEAD)
		body.len = 0;
	take_file(connection, given, request->method != HTTP_HEAD && reply == given && !http_status_is_bare(reply->status));
	connection->exchange = NULL;
	connection->close_behind = !keep;
	send_reply(connection, buf_span(&server->head), body);
}

/* RFC 9457. */
static void problem_words(struct http_reply *reply, const char *reason, struct buf *text)
{
	struct json_out json = json_out_to(text);

	json_open(&json, '{');
	json_text(&json, "type", SPAN("about:blank"));
	json_text(&json, "title", span_of(http_status_text(reply->status)));
	json_u64(&json, "status", (uint64_t)reply->status);
	json_text(&json, "code", span_of(reason));
	json_close(&json, '}');
	reply->type = "application/problem+json";
	reply->body = buf_span(text);
	if (reply->status == 405)
		http_reply_field(reply, "Allow", SPAN("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"));
}

/* known: the handler has had the head, and may have words of its own. */
static void refuse(struct http_connection *connection, int status, const char *reason, bool known)
{
	struct http_server *server = connection->server;
	struct http_handler *handler = &server->handler;
	struct http_reply reply = { .status = status, .close = true };
	struct buf text = { 0 };

	if (!known || handler->refused == NULL || !handler->refused(handler->owner, connection->exchange, reason, &reply))
		problem_words(&reply, reason, &text);
	server->figures.refused[status]++;
	connection->unread = true;
	connection_reply(connection, &reply, false);
	buf_release(&text);
}

void connection_refuse(struct http_connection *connection, int status, const char *reason)
{
	refuse(connection, status, reason, true);
}

void connection_refuse_unheard(struct http_connection *connection, int status, const char *reason)
{
	struct http_exchange *exchange = connection->exchange;

	refuse(connection, status, reason, false);
	exchange_end(exchange);
}

void connection_refuse_known(struct http_connection *connection, int status, const char *reason)
{
	struct http_exchange *exchange = connection->exchange;

	connection_refuse(connection, status, reason);
	exchange_break(exchange);
}
