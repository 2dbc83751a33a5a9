/*
 * The least an HTTP receiver can do: it answers 200 at once and counts. What a gateway pushes into it is what the gateway
 * can do by itself. GET /count tells how many came.
 *
 * usage: http_sink PORT
 */
#include <assert.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static unsigned long long taken;

static void take(struct evhttp_request *req, void *arg)
{
	(void)arg;
	taken++;
	evhttp_send_reply(req, 200, "OK", NULL);
}

static void tell(struct evhttp_request *req, void *arg)
{
	struct evbuffer *out = evbuffer_new();

	(void)arg;
	assert(out != NULL);
	evbuffer_add_printf(out, "%llu", taken);
	evhttp_send_reply(req, 200, "OK", out);
	evbuffer_free(out);
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

	if (argc != 2) {
		fprintf(stderr, "usage: http_sink PORT\n");
		return 2;
	}
	evhttp_set_gencb(http, take, NULL);
	evhttp_set_cb(http, "/count", tell, NULL);
	if (evhttp_bind_socket(http, "127.0.0.1", (unsigned short)strtoul(argv[1], NULL, 10)) != 0) {
		fprintf(stderr, "http_sink: cannot listen on port %s\n", argv[1]);
		return 1;
	}
	event_add(evsignal_new(base, SIGTERM, stop, base), NULL);
	event_base_dispatch(base);
	evhttp_free(http);
	event_base_free(base);
	return 0;
}
