/*
 * The loop: one pass of libevent, then what was posted, then what was posted
 * for the end of the turn; again until nothing is left, then wait.
 */
#include "daemon/loop/loop.h"

#include "daemon/loop/attachment.h"
#include "daemon/sys/clock.h"

#include <assert.h>
#include <event2/event.h>
#include <stdlib.h>

struct posted {
	loop_call *call;
	void *ctx;
};

/* A queue that grows; taken from the front, so nothing moves. */
struct posts {
	struct posted *at;
	size_t head;
	size_t n;
	size_t size;
};

struct loop_timer {
	struct event *event;
	loop_call *call;
	void *ctx;
	struct loop_timer *next;
	struct loop_timer **link;
	bool once;
};

struct signal_watch {
	struct event *event;
	loop_call *call;
	void *ctx;
	struct signal_watch *next;
};

struct loop {
	struct event_base *base;
	struct posts now;
	struct posts last;
	struct loop_timer *timers;
	struct signal_watch *signals;
	void *attachment;
	void (*attachment_free)(void *);
	uint64_t now_ms;
	bool now_old;          /* the loop may have waited since */
	bool stopping;
};

static void *must(void *memory)
{
	if (memory == NULL)
		abort();
	return memory;
}

struct loop *loop_new(void)
{
	struct loop *loop = must(calloc(1, sizeof(*loop)));
	struct event_config *config = must(event_config_new());

	event_config_set_flag(config, EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST);
	/* Without it a timer may come a clock tick (4 ms) too early. */
	event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER);
	loop->base = must(event_base_new_with_config(config));
	event_config_free(config);
	loop->now_ms = clock_steady_ms();
	return loop;
}

static void signals_free(struct loop *loop)
{
	while (loop->signals != NULL) {
		struct signal_watch *watch = loop->signals;

		loop->signals = watch->next;
		event_free(watch->event);
		free(watch);
	}
}

void loop_free(struct loop *loop)
{
	if (loop->attachment_free != NULL)
		loop->attachment_free(loop->attachment);
	for (struct loop_timer *timer = loop->timers, *next; timer != NULL; timer = next) {
		next = timer->next;
		loop_timer_cancel(timer);
	}
	signals_free(loop);
	event_base_free(loop->base);
	free(loop->now.at);
	free(loop->last.at);
	free(loop);
}

struct event_base *loop_base(struct loop *loop)
{
	return loop->base;
}

uint64_t loop_now_ms(struct loop *loop)
{
	if (loop->now_old) {
		loop->now_ms = clock_steady_ms();
		loop->now_old = false;
	}
	return loop->now_ms;
}

void loop_attach(struct loop *loop, void *attachment, void (*release)(void *))
{
	assert(loop->attachment == NULL);
	loop->attachment = attachment;
	loop->attachment_free = release;
}

void *loop_attached(const struct loop *loop)
{
	return loop->attachment;
}

static void posts_add(struct posts *posts, loop_call *call, void *ctx)
{
	if (posts->n == posts->size) {
		posts->size = posts->size > 0 ? posts->size * 2 : 64;
		posts->at = must(realloc(posts->at, posts->size * sizeof(*posts->at)));
	}
	posts->at[posts->n++] = (struct posted){ .call = call, .ctx = ctx };
}

static bool posts_run(struct posts *posts)
{
	bool any = posts->head < posts->n;

	while (posts->head < posts->n) {
		struct posted posted = posts->at[posts->head++];

		if (posted.call != NULL)
			posted.call(posted.ctx);
	}
	posts->head = posts->n = 0;
	return any;
}

void loop_post(struct loop *loop, loop_call *call, void *ctx)
{
	posts_add(&loop->now, call, ctx);
}

void loop_post_last(struct loop *loop, loop_call *call, void *ctx)
{
	posts_add(&loop->last, call, ctx);
}

static void posts_cancel(struct posts *posts, loop_call *call, const void *ctx)
{
	for (size_t i = posts->head; i < posts->n; i++)
		if (posts->at[i].call == call && posts->at[i].ctx == ctx)
			posts->at[i].call = NULL;
}

void loop_post_cancel(struct loop *loop, loop_call *call, const void *ctx)
{
	posts_cancel(&loop->now, call, ctx);
	posts_cancel(&loop->last, call, ctx);
}

static void run_posted(struct loop *loop)
{
	do {
		while (posts_run(&loop->now))
			;
	} while (posts_run(&loop->last) || loop->now.n > 0);
}

void loop_run(struct loop *loop)
{
	loop->stopping = false;
	loop->now_old = true;
	run_posted(loop);
	while (!loop->stopping) {
		loop->now_old = true;
		event_base_loop(loop->base, EVLOOP_ONCE | EVLOOP_NO_EXIT_ON_EMPTY);
		run_posted(loop);
	}
}

void loop_stop(struct loop *loop)
{
	loop->stopping = true;
	event_base_loopbreak(loop->base);
}

static void timer_fired(evutil_socket_t fd, short what, void *arg)
{
	struct loop_timer *timer = arg;
	loop_call *call = timer->call;
	void *ctx = timer->ctx;

	(void)fd;
	(void)what;
	if (timer->once)
		loop_timer_cancel(timer);
	call(ctx);
}

static struct loop_timer *timer_new(struct loop *loop, unsigned ms, bool once, loop_call *call, void *ctx)
{
	struct loop_timer *timer = must(calloc(1, sizeof(*timer)));
	struct timeval after = { .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000L };

	timer->call = call;
	timer->ctx = ctx;
	timer->once = once;
	timer->next = loop->timers;
	timer->link = &loop->timers;
	if (loop->timers != NULL)
		loop->timers->link = &timer->next;
	loop->timers = timer;
	timer->event = must(event_new(loop->base, -1, once ? 0 : EV_PERSIST, timer_fired, timer));
	event_add(timer->event, &after);
	return timer;
}

struct loop_timer *loop_every(struct loop *loop, unsigned period_ms, loop_call *call, void *ctx)
{
	return timer_new(loop, period_ms, false, call, ctx);
}

struct loop_timer *loop_after(struct loop *loop, unsigned delay_ms, loop_call *call, void *ctx)
{
	return timer_new(loop, delay_ms, true, call, ctx);
}

void loop_timer_cancel(struct loop_timer *timer)
{
	*timer->link = timer->next;
	if (timer->next != NULL)
		timer->next->link = timer->link;
	event_free(timer->event);
	free(timer);
}

static void signal_came(evutil_socket_t fd, short what, void *arg)
{
	struct signal_watch *watch = arg;

	(void)fd;
	(void)what;
	watch->call(watch->ctx);
}

void loop_on_signal(struct loop *loop, int signal, loop_call *call, void *ctx)
{
	struct signal_watch *watch = must(calloc(1, sizeof(*watch)));

	watch->call = call;
	watch->ctx = ctx;
	watch->next = loop->signals;
	loop->signals = watch;
	watch->event = must(evsignal_new(loop->base, signal, signal_came, watch));
	event_add(watch->event, NULL);
}
