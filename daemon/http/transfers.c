/*
 * Between libcurl and the loop; see transfers.h.
 */
#include "daemon/http/transfers.h"

#include "daemon/base/memory.h"

#include <assert.h>
#include <event2/event.h>
#include <stdlib.h>

struct transfers {
	struct event_base *base;
	CURLM *multi;
	struct event *timer;
	void (*finished)(void *owner, CURLcode code);
};

/* Tells of the handles that libcurl is through with. */
static void settle(struct transfers *transfers)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(transfers->multi, &left)) != NULL) {
		void *owner;

		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &owner);
		transfers->finished(owner, message->data.result);
	}
}

static void on_socket(evutil_socket_t fd, short what, void *ctx)
{
	struct transfers *transfers = ctx;
	int ready = ((what & EV_READ) != 0 ? CURL_CSELECT_IN : 0) |
		    ((what & EV_WRITE) != 0 ? CURL_CSELECT_OUT : 0);
	int running;

	curl_multi_socket_action(transfers->multi, fd, ready, &running);
	settle(transfers);
}

static void on_timer(evutil_socket_t fd, short what, void *ctx)
{
	struct transfers *transfers = ctx;
	int running;

	(void)fd;
	(void)what;
	curl_multi_socket_action(transfers->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	settle(transfers);
}

/* libcurl wants the socket watched; `watch` is the event it was given last time. */
static int want_socket(CURL *easy, curl_socket_t fd, int want, void *ctx, void *watch)
{
	struct transfers *transfers = ctx;
	short what = EV_PERSIST;

	(void)easy;
	if (watch != NULL)
		event_free(watch);
	if (want == CURL_POLL_REMOVE) {
		curl_multi_assign(transfers->multi, fd, NULL);
		return 0;
	}
	what = (short)(what | (want != CURL_POLL_OUT ? EV_READ : 0) | (want != CURL_POLL_IN ? EV_WRITE : 0));
	watch = event_new(transfers->base, fd, what, on_socket, transfers);
	assert(watch != NULL);
	event_add(watch, NULL);
	curl_multi_assign(transfers->multi, fd, watch);
	return 0;
}

static int want_timer(CURLM *multi, long ms, void *ctx)
{
	struct transfers *transfers = ctx;
	const struct timeval delay = { .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 };

	(void)multi;
	if (ms < 0)
		event_del(transfers->timer);
	else
		event_add(transfers->timer, &delay);
	return 0;
}

struct transfers *transfers_new(struct event_base *base, void (*finished)(void *owner, CURLcode code))
{
	struct transfers *transfers = memory_zeroes(1, sizeof(*transfers));

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		abort();
	transfers->base = base;
	transfers->finished = finished;
	transfers->multi = curl_multi_init();
	transfers->timer = event_new(base, -1, 0, on_timer, transfers);
	assert(transfers->multi != NULL && transfers->timer != NULL);
	curl_multi_setopt(transfers->multi, CURLMOPT_SOCKETFUNCTION, want_socket);
	curl_multi_setopt(transfers->multi, CURLMOPT_SOCKETDATA, transfers);
	curl_multi_setopt(transfers->multi, CURLMOPT_TIMERFUNCTION, want_timer);
	curl_multi_setopt(transfers->multi, CURLMOPT_TIMERDATA, transfers);
	return transfers;
}

void transfers_free(struct transfers *transfers)
{
	curl_multi_cleanup(transfers->multi);
	event_free(transfers->timer);
	free(transfers);
}

void transfers_begin(struct transfers *transfers, CURL *easy, void *owner)
{
	curl_easy_setopt(easy, CURLOPT_PRIVATE, owner);
	if (curl_multi_add_handle(transfers->multi, easy) != CURLM_OK)
		abort();
}

void transfers_end(struct transfers *transfers, CURL *easy)
{
	curl_multi_remove_handle(transfers->multi, easy);
}
