/*
 * The store on a Redis server: connection, function library, requests in
 * flight, deadlines, reconnecting.
 *
 * Connection: down -> connecting -> preparing (library) -> ready, and back to
 * down from any of them. hiredis 0.14 frees a context itself after its connect
 * callback failed and after its disconnect callback, must not be freed within
 * them, and has no time-outs: deadlines are ours.
 *
 * Requests: hiredis calls back exactly once per command, with NULL when the
 * connection goes. A call stays allocated until then, even when its deadline
 * has answered the caller before. Replies are decoded inside that callback and
 * handed out from the post queue.
 *
 * A server that does not answer in time counts as not up until it answers
 * again, so that tips go to the spool and not into the dark.
 */
#include "daemon/store/store.h"

#include "daemon/loop/loop.h"
#include "daemon/store/calls.h"
#include "daemon/store/redis_address.h"
#include "daemon/store/replies.h"
#include "daemon/sys/log.h"

#include <assert.h>
#include <event2/event.h>
#include <hiredis/async.h>
#include <hiredis/adapters/libevent.h>
#include <hiredis/hiredis.h>
#include <signal.h>
#include <stdlib.h>

#define BACKOFF_LEAST_MS 50
#define BACKOFF_MOST_MS 2000
#define LOADING_POLL_MS 100
#define PREPARE_MOST_MS 5000  /* connecting and loading the library may take this long on top */
#define DEAD_AFTER_TIMEOUTS 4 /* a connection silent for so many time-outs is given up */

enum link_state {
	LINK_DOWN,
	LINK_CONNECTING,
	LINK_PREPARING,
	LINK_READY,
};

struct redis_store;

/* A request in flight. */
struct call {
	struct redis_store *store;
	struct store_wait wait;
	struct reply_expected expected;
	struct arena arena; /* of `expected` and the reply */
	struct store_reply reply;
	size_t parts; /* replies still to come */
	size_t part;  /* number of the next one */
	uint64_t sent_ms;
	bool answered;            /* the caller has, or will get, its answer */
	struct call *prev, *next; /* in flight, oldest first */
	struct call *next_finished;
};

struct redis_store {
	struct store base;
	struct loop *loop;
	char *address;
	unsigned timeout_ms;
	enum link_state state;
	redisAsyncContext *link;
	struct loop_timer *retry;
	struct loop_timer *sweep;
	unsigned backoff_ms;
	uint64_t opened_ms; /* when this connection was begun */
	bool stalled;       /* something is overdue */
	struct call *oldest, *newest;
	struct call *finished, **finished_end;
	bool posted;                 /* deliver() is about to run */
	struct arena library_arena;
	struct span library;
};

static void link_open(void *ctx);

/* --- answers ------------------------------------------------------------------------- */

static void call_free(struct call *call)
{
	arena_release(&call->arena);
	free(call);
}

static void up_update(struct redis_store *store)
{
	bool up = store->state == LINK_READY && !store->stalled;

	store->base.links += up && !store->base.up;
	store->base.up = up;
}

static void finished_deliver(struct redis_store *store)
{
	while (store->finished != NULL) {
		struct call *call = store->finished;

		store->finished = call->next_finished;
		if (store->finished == NULL)
			store->finished_end = &store->finished;
		call->wait.done(call->wait.ctx, &call->reply);
		if (call->parts == 0)
			call_free(call);
		else
			call->answered = true;
	}
}

static void deliver(void *ctx)
{
	struct redis_store *store = ctx;

	store->posted = false;
	finished_deliver(store);
}

/* The answer goes out with the next run of the post queue. */
static void call_finish(struct call *call, enum store_outcome outcome)
{
	struct redis_store *store = call->store;

	call->answered = true;
	call->reply.outcome = outcome;
	call->next_finished = NULL;
	*store->finished_end = call;
	store->finished_end = &call->next_finished;
	if (!store->posted) {
		store->posted = true;
		loop_post(store->loop, deliver, store);
	}
}

static void call_link(struct call *call)
{
	struct redis_store *store = call->store;

	call->prev = store->newest;
	call->next = NULL;
	if (store->newest != NULL)
		store->newest->next = call;
	else
		store->oldest = call;
	store->newest = call;
}

static void call_unlink(struct call *call)
{
	struct redis_store *store = call->store;

	if (call->prev != NULL)
		call->prev->next = call->next;
	else
		store->oldest = call->next;
	if (call->next != NULL)
		call->next->prev = call->prev;
	else
		store->newest = call->prev;
}

/* --- connection ---------------------------------------------------------------------- */

static void retry_now(void *ctx)
{
	struct redis_store *store = ctx;

	store->retry = NULL;
	link_open(store);
}

static void retry_later(struct redis_store *store)
{
	store->state = LINK_DOWN;
	store->link = NULL;
	up_update(store);
	if (store->retry != NULL)
		return;
	store->retry = loop_after(store->loop, store->backoff_ms, retry_now, store);
	store->backoff_ms = store->backoff_ms * 2 < BACKOFF_MOST_MS ? store->backoff_ms * 2 : BACKOFF_MOST_MS;
}

static void on_disconnect(const redisAsyncContext *link, int status)
{
	struct redis_store *store = link->data;

	(void)status;
	if (store == NULL || store->link != link)
		return;
	log_rarely(LOG_LEVEL_WARNING, "store.disconnected", link->errstr != NULL ? link->errstr : "closed");
	retry_later(store);
}

/* Not from within a callback of the same context. */
static void link_drop(struct redis_store *store)
{
	redisAsyncContext *link = store->link;

	store->link = NULL;
	if (link != NULL) {
		link->data = NULL;
		redisAsyncFree(link);
	}
}

static void prepare_poll(void *ctx)
{
	struct redis_store *store = ctx;

	store->retry = NULL;
	link_drop(store);
	link_open(store);
}

/* The server is there but not usable: it is asked again on a new connection. */
static void prepare_failed(struct redis_store *store, const char *why, bool loading)
{
	if (!loading)
		log_rarely(LOG_LEVEL_ERROR, "store.library_refused", why);
	if (store->retry != NULL)
		return;
	store->retry =
		loop_after(store->loop, loading ? LOADING_POLL_MS : BACKOFF_MOST_MS, prepare_poll, store);
}

static bool is_loading(const redisReply *reply)
{
	return reply->type == REDIS_REPLY_ERROR && strncmp(reply->str, "LOADING", 7) == 0;
}

static void ready(struct redis_store *store)
{
	store->state = LINK_READY;
	store->stalled = false;
	store->backoff_ms = BACKOFF_LEAST_MS;
	up_update(store);
	log_event(LOG_LEVEL_NOTICE, "store.up", NULL);
}

static void on_library_loaded(redisAsyncContext *link, void *answer, void *ctx)
{
	struct redis_store *store = link->data;
	const redisReply *reply = answer;

	(void)ctx;
	if (store == NULL || reply == NULL)
		return;
	if (reply->type == REDIS_REPLY_ERROR)
		prepare_failed(store, reply->str, is_loading(reply));
	else
		ready(store);
}

/* The code of the one library in FUNCTION LIST's answer; an empty span when there is none. */
static struct span library_code(const redisReply *reply)
{
	const redisReply *library;

	if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 1)
		return (struct span){ 0 };
	library = reply->element[0];
	for (size_t i = 0; library->type == REDIS_REPLY_ARRAY && i + 1 < library->elements; i += 2) {
		const redisReply *name = library->element[i], *value = library->element[i + 1];

		if (name->type == REDIS_REPLY_STRING && value->type == REDIS_REPLY_STRING &&
		    strcmp(name->str, "library_code") == 0)
			return span_from(value->str, (size_t)value->len);
	}
	return (struct span){ 0 };
}

static void on_library_listed(redisAsyncContext *link, void *answer, void *ctx)
{
	struct redis_store *store = link->data;
	const redisReply *reply = answer;

	(void)ctx;
	if (store == NULL || reply == NULL)
		return;
	if (reply->type == REDIS_REPLY_ERROR) {
		prepare_failed(store, reply->str, is_loading(reply));
		return;
	}
	if (span_eq(library_code(reply), store->library)) {
		ready(store);
		return;
	}
	redisAsyncCommand(link, on_library_loaded, NULL, "FUNCTION LOAD REPLACE %b", store->library.at,
			  store->library.len);
}

/* The whole code is compared, not a number somebody may forget to raise. */
static void library_check(struct redis_store *store)
{
	store->state = LINK_PREPARING;
	store->opened_ms = loop_now_ms(store->loop);
	up_update(store);
	redisAsyncCommand(store->link, on_library_listed, NULL, "FUNCTION LIST LIBRARYNAME %s WITHCODE",
			  calls_library_name);
}

/* The first tries after a start come before a private Redis has its socket: no news until they go on. */
static void say_failed(const struct redis_store *store, const char *why)
{
	if (store->base.links > 0 || store->backoff_ms >= BACKOFF_MOST_MS)
		log_rarely(LOG_LEVEL_WARNING, "store.connect_failed", why);
}

static void on_connect(const redisAsyncContext *link, int status)
{
	struct redis_store *store = link->data;

	if (store == NULL)
		return;
	if (status == REDIS_OK) {
		library_check(store);
		return;
	}
	say_failed(store, link->errstr != NULL ? link->errstr : "unknown");
	retry_later(store);
}

static redisAsyncContext *connect_to(const char *address)
{
	struct redis_address to;

	if (!redis_address_read(address, &to))
		return NULL;
	return to.port > 0 ? redisAsyncConnect(to.at, to.port) : redisAsyncConnectUnix(to.at);
}

static void link_open(void *ctx)
{
	struct redis_store *store = ctx;
	redisAsyncContext *link = connect_to(store->address);

	if (link == NULL || link->err != 0) {
		say_failed(store, link != NULL ? link->errstr : store->address);
		if (link != NULL)
			redisAsyncFree(link);
		retry_later(store);
		return;
	}
	link->data = store;
	store->link = link;
	store->state = LINK_CONNECTING;
	store->opened_ms = loop_now_ms(store->loop);
	redisLibeventAttach(link, loop_base(store->loop));
	redisAsyncSetConnectCallback(link, on_connect);
	redisAsyncSetDisconnectCallback(link, on_disconnect);
}

/* --- replies --------------------------------------------------------------------------- */

/* Somebody emptied the functions of a server that runs: look, and load them again. */
static bool library_is_gone(const redisReply *reply)
{
	return strstr(reply->str, "Function not found") != NULL;
}

static void call_error(struct call *call, const redisReply *reply)
{
	struct redis_store *store = call->store;

	log_rarely(LOG_LEVEL_ERROR, "store.refused", reply->str);
	if (library_is_gone(reply) && store->state == LINK_READY)
		library_check(store);
	if (!call->answered)
		call_finish(call, STORE_BROKEN);
}

static void call_reply(struct call *call, const redisReply *reply)
{
	if (call->answered)
		return;
	if (!reply_decode(&call->expected, call->part, reply, &call->arena, &call->reply)) {
		log_rarely(LOG_LEVEL_ERROR, "store.unreadable", "reply of another shape");
		call_finish(call, STORE_BROKEN);
		return;
	}
	if (call->parts == 0)
		call_finish(call, STORE_DONE);
}

/* True when the call waits in the list of the finished, so deliver() will free it. */
static bool is_finished_list(const struct redis_store *store, const struct call *call)
{
	for (const struct call *at = store->finished; at != NULL; at = at->next_finished)
		if (at == call)
			return true;
	return false;
}

static void stall_end(struct redis_store *store)
{
	if (!store->stalled || (store->oldest != NULL && store->oldest->answered))
		return;
	store->stalled = false;
	up_update(store);
	log_event(LOG_LEVEL_NOTICE, "store.answers_again", NULL);
}

static void on_reply(redisAsyncContext *link, void *answer, void *ctx)
{
	struct call *call = ctx;
	struct redis_store *store = call->store;
	const redisReply *reply = answer;
	bool late = call->answered;

	(void)link;
	call->parts--;
	if (reply == NULL) {
		if (!call->answered)
			call_finish(call, STORE_UNKNOWN);
	} else if (reply->type == REDIS_REPLY_ERROR) {
		call_error(call, reply);
	} else {
		call_reply(call, reply);
	}
	call->part++;
	if (call->parts > 0)
		return;
	call_unlink(call);
	if (reply != NULL)
		stall_end(store);
	if (late && !is_finished_list(store, call))
		call_free(call);
}

/* --- requests -------------------------------------------------------------------------- */

static struct call *call_new(struct redis_store *store, const struct store_request *request,
			     struct store_wait wait)
{
	struct call *call = calloc(1, sizeof(*call));

	assert(call != NULL && wait.done != NULL);
	call->store = store;
	call->wait = wait;
	call->sent_ms = loop_now_ms(store->loop);
	reply_expect(request, &call->arena, &call->expected);
	return call;
}

static void redis_submit(struct store *base, const struct store_request *request, struct store_wait wait)
{
	struct redis_store *store = (struct redis_store *)base;
	struct call *call = call_new(store, request, wait);
	struct command commands[COMMANDS_MAX];
	struct arena words = { 0 };
	size_t n;

	if (!store->base.up) {
		call_finish(call, STORE_NOT_SENT);
		return;
	}
	n = calls_build(request, &words, commands);
	call_link(call);
	for (size_t i = 0; i < n; i++) {
		if (redisAsyncCommandArgv(store->link, on_reply, call, (int)commands[i].n, commands[i].words,
					  commands[i].lens) == REDIS_OK)
			call->parts++;
	}
	arena_release(&words);
	if (call->parts == 0) {
		call_unlink(call);
		call_finish(call, STORE_NOT_SENT);
	}
}

static void stall_begin(struct redis_store *store)
{
	if (store->stalled)
		return;
	store->stalled = true;
	up_update(store);
	log_rarely(LOG_LEVEL_WARNING, "store.stalled", "no answer in time");
}

/* A connection that answers nothing is given up: to a request, or to the check of the library. */
static bool link_is_dead(const struct redis_store *store, uint64_t now_ms)
{
	uint64_t patience_ms = (uint64_t)DEAD_AFTER_TIMEOUTS * store->timeout_ms;

	if (store->state == LINK_CONNECTING || store->state == LINK_PREPARING)
		return store->retry == NULL && now_ms - store->opened_ms > patience_ms + PREPARE_MOST_MS;
	return store->oldest != NULL && now_ms - store->oldest->sent_ms > patience_ms;
}

/* Answers what is overdue. */
static void overdue(void *ctx)
{
	struct redis_store *store = ctx;
	uint64_t now_ms = loop_now_ms(store->loop);

	for (struct call *call = store->oldest; call != NULL; call = call->next) {
		if (now_ms - call->sent_ms < store->timeout_ms)
			break;
		stall_begin(store);
		if (!call->answered)
			call_finish(call, STORE_UNKNOWN);
	}
	if (link_is_dead(store, now_ms)) {
		link_drop(store);
		retry_later(store);
	}
}

static void redis_free(struct store *base)
{
	struct redis_store *store = (struct redis_store *)base;

	loop_timer_cancel(store->sweep);
	if (store->retry != NULL)
		loop_timer_cancel(store->retry);
	link_drop(store);
	finished_deliver(store);
	loop_post_cancel(store->loop, deliver, store);
	arena_release(&store->library_arena);
	free(store->address);
	free(store);
}

static const struct store_ops redis_ops = {
	.submit = redis_submit,
	.free = redis_free,
};

struct store *store_redis_new(struct loop *loop, const char *address, unsigned timeout_ms)
{
	struct redis_store *store = calloc(1, sizeof(*store));
	unsigned period_ms = timeout_ms / 8 < 10 ? 10 : timeout_ms / 8;

	assert(store != NULL && timeout_ms > 0);
	signal(SIGPIPE, SIG_IGN); /* hiredis writes with write(2) */
	store->base.ops = &redis_ops;
	store->loop = loop;
	store->address = strdup(address);
	store->timeout_ms = timeout_ms;
	store->backoff_ms = BACKOFF_LEAST_MS;
	store->finished_end = &store->finished;
	assert(store->address != NULL);
	store->library = calls_library(&store->library_arena);
	store->sweep = loop_every(loop, period_ms < 100 ? period_ms : 100, overdue, store);
	link_open(store);
	return &store->base;
}
