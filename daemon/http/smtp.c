/*
 * Outgoing mail; see smtp.h. A call has two halves: libcurl connects, then the
 * socket is ours to watch.
 */
#include "daemon/http/smtp.h"

#include "daemon/base/memory.h"
#include "daemon/http/transfers.h"

#include <assert.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/queue.h>

struct call {
	LIST_ENTRY(call) link;
	struct smtp_client *client;
	CURL *easy;
	struct smtp_letter letter;
	char *from;
	char **to;
	struct buf message;
	struct smtp_talk talk;
	struct buf out;            /* to be said; `said` of it has left */
	size_t said;
	bool closing;              /* nothing more is to be heard */
	struct event *readable, *writable, *limit;
	smtp_answered *done;
	void *ctx;
};

LIST_HEAD(call_list, call);

struct smtp_client {
	struct event_base *base;
	struct transfers *transfers;
	struct call_list calls;
};

static char *copy_of(const char *text)
{
	size_t size = strlen(text) + 1;

	return memcpy(memory_zeroes(1, size), text, size);
}

static void drop_event(struct event *event)
{
	if (event != NULL)
		event_free(event);
}

static void call_free(struct call *call)
{
	LIST_REMOVE(call, link);
	drop_event(call->readable);
	drop_event(call->writable);
	drop_event(call->limit);
	transfers_end(call->client->transfers, call->easy);
	curl_easy_cleanup(call->easy);
	smtp_talk_release(&call->talk);
	for (char **to = call->to; *to != NULL; to++)
		free(*to);
	free(call->to);
	free(call->from);
	buf_release(&call->message);
	buf_release(&call->out);
	free(call);
}

/* The call is gone before `done` runs, which may start another. */
static void finish(struct call *call, const char *error)
{
	struct smtp_answer answer = { .outcome = call->talk.outcome, .code = call->talk.code, .refused_to = call->talk.refused_to };
	smtp_answered *done = call->done;
	void *ctx = call->ctx;

	/* What the server could not get whole it has not taken. */
	if (answer.outcome == SMTP_UNKNOWN && call->said < call->out.len)
		answer.outcome = SMTP_LATER;
	snprintf(answer.error, sizeof(answer.error), "%s", error);
	call_free(call);
	done(ctx, &answer);
}

/* --- the talk ------------------------------------------------------------------------------ */

/* False: the call is over. */
static bool say(struct call *call)
{
	while (call->said < call->out.len) {
		size_t n = 0;
		CURLcode code = curl_easy_send(call->easy, call->out.at + call->said, call->out.len - call->said, &n);

		if (code == CURLE_AGAIN) {
			event_add(call->writable, NULL);
			return true;
		}
		if (code != CURLE_OK) {
			finish(call, curl_easy_strerror(code));
			return false;
		}
		call->said += n;
	}
	buf_clear(&call->out);
	call->said = 0;
	/* The server's word to QUIT is not waited for: what it took it has. */
	if (!call->closing)
		return true;
	finish(call, "");
	return false;
}

static void on_readable(evutil_socket_t fd, short what, void *ctx)
{
	struct call *call = ctx;
	char octets[2048];

	(void)fd;
	(void)what;
	for (;;) {
		size_t n = 0;
		CURLcode code = curl_easy_recv(call->easy, octets, sizeof(octets), &n);

		if (code == CURLE_AGAIN)
			return;
		if (code != CURLE_OK || n == 0) {
			finish(call, code != CURLE_OK ? curl_easy_strerror(code) : "the server closed the connection");
			return;
		}
		if (!smtp_talk_hear(&call->talk, span_from(octets, n), &call->out)) {
			if (call->talk.stage != SMTP_AT_QUIT) {
				finish(call, "this is no SMTP");
				return;
			}
			call->closing = true;
		}
		if (!say(call))
			return;
	}
}

static void on_writable(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	(void)say(ctx);
}

static void on_limit(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	finish(ctx, "no answer in time");
}

/* --- the connection ------------------------------------------------------------------------- */

/* libcurl is through with its part. */
static void connected(void *owner, CURLcode code)
{
	struct call *call = owner;
	struct event_base *base = call->client->base;
	curl_socket_t fd = CURL_SOCKET_BAD;
	long answer = 0;

	if (code == CURLE_OK)
		curl_easy_getinfo(call->easy, CURLINFO_ACTIVESOCKET, &fd);
	if (fd == CURL_SOCKET_BAD) {
		curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &answer);
		call->talk.outcome = SMTP_LATER;
		call->talk.code = answer >= 400 ? (int)answer : 0;
		/* libcurl's fixed sentences, not CURLOPT_ERRORBUFFER: that one quotes hosts. */
		finish(call, curl_easy_strerror(code));
		return;
	}
	call->readable = event_new(base, fd, EV_READ | EV_PERSIST, on_readable, call);
	call->writable = event_new(base, fd, EV_WRITE, on_writable, call);
	assert(call->readable != NULL && call->writable != NULL);
	event_add(call->readable, NULL);
	smtp_talk_begin(&call->talk, &call->letter, &call->out);
	(void)say(call);
}

/* The name it is greeted with: the domain of the sender, so nothing of this machine. */
static void set_url(struct call *call, const char *url)
{
	const char *domain = strrchr(call->from, '@');
	struct buf whole = { 0 };

	buf_printf(&whole, "%s/%s", url, domain != NULL ? domain + 1 : "localhost");
	buf_add_byte(&whole, '\0');
	curl_easy_setopt(call->easy, CURLOPT_URL, whole.at);
	buf_release(&whole);
}

/*
 * The world outside the call has no say: no proxy, no file, no other protocol.
 * No CURLOPT_FORBID_REUSE: it would close the connection before it is used. One
 * that was only made belongs to its handle, and is closed with it.
 */
static void set_borders(CURL *easy)
{
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L);
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
}

static void set_server(struct call *call, const struct smtp_server *server)
{
	CURL *easy = call->easy;

	set_url(call, server->url);
	curl_easy_setopt(easy, CURLOPT_USE_SSL, (long)(server->tls == SMTP_TLS_REQUIRED ? CURLUSESSL_ALL : CURLUSESSL_NONE));
	if (server->ca_file[0] != '\0')
		curl_easy_setopt(easy, CURLOPT_CAINFO, server->ca_file);
	if (server->user[0] != '\0') {
		curl_easy_setopt(easy, CURLOPT_USERNAME, server->user);
		curl_easy_setopt(easy, CURLOPT_PASSWORD, server->password);
	}
}

static void copy_letter(struct call *call, const struct smtp_letter *letter)
{
	size_t n = 0;

	while (letter->to[n] != NULL)
		n++;
	assert(n > 0);
	call->from = copy_of(letter->from);
	call->to = memory_zeroes(n + 1, sizeof(*call->to));
	for (size_t i = 0; i < n; i++)
		call->to[i] = copy_of(letter->to[i]);
	buf_add_span(&call->message, letter->message);
	call->letter = (struct smtp_letter){ .from = call->from, .to = (const char *const *)call->to,
					     .message = buf_span(&call->message) };
}

void smtp_client_start(struct smtp_client *client, const struct smtp_server *server, const struct smtp_letter *letter,
		       unsigned timeout_ms, smtp_answered *done, void *ctx)
{
	struct call *call = memory_zeroes(1, sizeof(*call));
	const struct timeval limit = { .tv_sec = timeout_ms / 1000, .tv_usec = (long)(timeout_ms % 1000) * 1000 };

	call->client = client;
	call->done = done;
	call->ctx = ctx;
	call->talk.outcome = SMTP_LATER;
	call->easy = curl_easy_init();
	call->limit = event_new(client->base, -1, 0, on_limit, call);
	assert(timeout_ms > 0 && call->easy != NULL && call->limit != NULL);
	copy_letter(call, letter);
	set_borders(call->easy);
	set_server(call, server);
	event_add(call->limit, &limit);
	LIST_INSERT_HEAD(&client->calls, call, link);
	transfers_begin(client->transfers, call->easy, call);
}

/* --- life ------------------------------------------------------------------------------------ */

struct smtp_client *smtp_client_new(struct event_base *base)
{
	struct smtp_client *client = memory_zeroes(1, sizeof(*client));

	client->base = base;
	client->transfers = transfers_new(base, connected);
	LIST_INIT(&client->calls);
	return client;
}

void smtp_client_free(struct smtp_client *client)
{
	struct call *call;

	if (client == NULL)
		return;
	while ((call = LIST_FIRST(&client->calls)) != NULL)
		/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): the one before is no longer in the list */
		finish(call, "the daemon stops");
	transfers_free(client->transfers);
	free(client);
}
