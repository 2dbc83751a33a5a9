/*
 * The floor the daemon is measured against: the least a durable HTTP intake
 * can do. Bare evhttp, one XADD per request through hiredis, the answer sent
 * when Redis has said that the entry is on disk. No parsing, no judgement, no
 * sealing; so what tiplined loses against it is the price of its work.
 *
 * usage: floor PORT REDIS_SOCKET
 */
#include <assert.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include <hiredis/async.h>
#include <hiredis/adapters/libevent.h>

static redisAsyncContext *redis;

static void stored(redisAsyncContext *c, void *reply, void *arg)
{
	struct evhttp_request *req = arg;
	redisReply *r = reply;
	struct evbuffer *out = evbuffer_new();

	(void)c;
	if (r == NULL || r->type == REDIS_REPLY_ERROR) {
		evhttp_send_error(req, 503, "store");
	} else {
		evbuffer_add_printf(out, "{\"id\":\"%s\"}\n", r->str);
		evhttp_send_reply(req, 201, "Created", out);
	}
	evbuffer_free(out);
}

static void take(struct evhttp_request *req, void *arg)
{
	struct evbuffer *in = evhttp_request_get_input_buffer(req);
	size_t len = evbuffer_get_length(in);

	(void)arg;
	redisAsyncCommand(redis, stored, req, "XADD journal * e %b", evbuffer_pullup(in, -1), len);
}

static void stop(evutil_socket_t fd, short what, void *base)
{
	(void)fd;
	(void)what;
	event_base_loopbreak(base);
}

int main(int argc, char **argv)
{
	struct event_base *base = event_base_new();
	struct evhttp *http = evhttp_new(base);

	if (argc != 3) {
		fprintf(stderr, "usage: floor PORT REDIS_SOCKET\n");
		return 2;
	}
	redis = redisAsyncConnectUnix(argv[2]);
	assert(redis != NULL && redis->err == 0);
	redisLibeventAttach(redis, base);
	evhttp_set_allowed_methods(http, EVHTTP_REQ_POST);
	evhttp_set_gencb(http, take, NULL);
	if (evhttp_bind_socket(http, "127.0.0.1", (unsigned short)atoi(argv[1])) != 0) {
		fprintf(stderr, "floor: cannot listen on port %s\n", argv[1]);
		return 1;
	}
	event_add(evsignal_new(base, SIGTERM, stop, base), NULL);
	event_base_dispatch(base);
	return 0;
}
