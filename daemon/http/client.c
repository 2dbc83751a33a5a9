/*
 * Outgoing HTTP on libcurl's multi interface (transfers.h); see client.h.
 *
 * Each call has a connection of its own: on a connection that is used again
 * libcurl repeats a request by itself when the peer has closed it meanwhile,
 * and a payment order must never be sent twice.
 */
#include "daemon/http/client.h"

#include "daemon/http/transfers.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/queue.h>

#define HEAD_MAX 16384 /* bytes of an answer's fields */

struct call {
	LIST_ENTRY(call) link;
	struct http_client *client;
	CURL *easy;
	struct curl_slist *fields;
	struct buf body;
	struct buf head;
	struct buf answer;
	size_t answer_max_bytes;
	bool overlong; /* the answer is longer than that */
	http_answered *done;
	void *ctx;
};

LIST_HEAD(call_list, call);

struct http_client {
	struct transfers *transfers;
	struct call_list calls;
};

static void *must(void *memory)
{
	if (memory == NULL) {
		fputs("out of memory\n", stderr);
		exit(EXIT_FAILURE);
	}
	return memory;
}

static void call_free(struct call *call)
{
	LIST_REMOVE(call, link);
	transfers_end(call->client->transfers, call->easy);
	curl_easy_cleanup(call->easy);
	curl_slist_free_all(call->fields);
	buf_release(&call->body);
	buf_release(&call->head);
	buf_release(&call->answer);
	free(call);
}

/* The call is gone before `done` runs, which may start another. */
static void finish(struct call *call, struct http_answer *answer)
{
	http_answered *done = call->done;
	struct buf head = call->head;
	struct buf body = call->answer;
	void *ctx = call->ctx;

	call->head = (struct buf){ 0 };
	call->answer = (struct buf){ 0 };
	call_free(call);
	if (answer->outcome == HTTP_ANSWERED) {
		answer->head = buf_span(&head);
		answer->body = buf_span(&body);
	}
	done(ctx, answer);
	buf_release(&head);
	buf_release(&body);
}

/* Not one byte of the request has left: the peer cannot have acted on it. */
static bool nothing_sent(CURL *easy)
{
	long head = 0;
	curl_off_t body = 0;

	curl_easy_getinfo(easy, CURLINFO_REQUEST_SIZE, &head);
	curl_easy_getinfo(easy, CURLINFO_SIZE_UPLOAD_T, &body);
	return head == 0 && body == 0;
}

static void conclude(void *owner, CURLcode code)
{
	struct call *call = owner;
	struct http_answer answer = { .outcome = HTTP_UNKNOWN };
	long status = 0;

	curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
	if (code == CURLE_OK && status > 0) {
		answer.outcome = HTTP_ANSWERED;
		answer.status = (int)status;
	} else {
		if (nothing_sent(call->easy))
			answer.outcome = HTTP_NOT_SENT;
		/* libcurl's fixed sentences, not CURLOPT_ERRORBUFFER: that one quotes hosts. */
		snprintf(answer.error, sizeof(answer.error), "%s",
			 call->overlong ? "the answer is too long" : curl_easy_strerror(code));
	}
	finish(call, &answer);
}

struct http_client *http_client_new(struct event_base *base)
{
	struct http_client *client = must(calloc(1, sizeof(*client)));

	client->transfers = transfers_new(base, conclude);
	LIST_INIT(&client->calls);
	return client;
}

void http_client_free(struct http_client *client)
{
	struct call *call;

	while ((call = LIST_FIRST(&client->calls)) != NULL) {
		struct http_answer answer = { .outcome = HTTP_UNKNOWN, .error = "the daemon stops" };

		/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): the one before is no longer in the list */
		finish(call, &answer);
	}
	transfers_free(client->transfers);
	free(client);
}

/* --- one call ------------------------------------------------------------------------ */

static size_t take_answer(char *bytes, size_t size, size_t count, void *ctx)
{
	struct call *call = ctx;
	size_t len = size * count;

	if (len > call->answer_max_bytes - call->answer.len) {
		call->overlong = true;
		return 0;
	}
	buf_add(&call->answer, bytes, len);
	return len;
}

/* One line of the head; a status line begins a new one, so that those of "100 Continue" do not count. */
static size_t take_head(char *bytes, size_t size, size_t count, void *ctx)
{
	struct call *call = ctx;
	size_t len = size * count;

	if (span_starts(span_from(bytes, len), SPAN("HTTP/"))) {
		buf_clear(&call->head);
		return len;
	}
	if (len > HEAD_MAX - call->head.len) {
		call->overlong = true;
		return 0;
	}
	buf_add(&call->head, bytes, len);
	return len;
}

static void set_method(struct call *call, enum http_method method)
{
	switch (method) {
	case HTTP_GET:
		curl_easy_setopt(call->easy, CURLOPT_HTTPGET, 1L);
		return;
	case HTTP_HEAD:
		curl_easy_setopt(call->easy, CURLOPT_NOBODY, 1L);
		return;
	case HTTP_POST:
	case HTTP_PUT:
	case HTTP_PATCH:
	case HTTP_DELETE:
	case HTTP_OPTIONS:
		break;
	}
	/* Our own buffer, not a copy of libcurl's: it is wiped. */
	curl_easy_setopt(call->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->body.len);
	curl_easy_setopt(call->easy, CURLOPT_POSTFIELDS, call->body.len > 0 ? call->body.at : "");
	curl_easy_setopt(call->easy, CURLOPT_CUSTOMREQUEST, http_method_name(method));
}

static void set_fields(struct call *call, const char *const *fields)
{
	/* libcurl would hold back a longer body until the peer says "100 Continue". */
	call->fields = must(curl_slist_append(NULL, "Expect:"));
	for (; fields != NULL && *fields != NULL; fields++)
		call->fields = must(curl_slist_append(call->fields, *fields));
	curl_easy_setopt(call->easy, CURLOPT_HTTPHEADER, call->fields);
}

/* The world outside the call has no say: no proxy, no redirect, no file, no other protocol. */
static void set_borders(CURL *easy)
{
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
	curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
	curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
}

void http_client_start(struct http_client *client, const struct http_call *order, http_answered *done,
		       void *ctx)
{
	struct call *call = must(calloc(1, sizeof(*call)));
	CURL *easy = must(curl_easy_init());

	assert(order->timeout_ms > 0);
	call->client = client;
	call->easy = easy;
	call->answer_max_bytes = order->answer_max_bytes;
	call->done = done;
	call->ctx = ctx;
	buf_add_span(&call->body, order->body);
	set_borders(easy);
	set_method(call, order->method);
	set_fields(call, order->fields);
	curl_easy_setopt(easy, CURLOPT_URL, order->url);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)order->timeout_ms);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_answer);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, call);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_head);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, call);
	LIST_INSERT_HEAD(&client->calls, call, link);
	transfers_begin(client->transfers, easy, call);
}
