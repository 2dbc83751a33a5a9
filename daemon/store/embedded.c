/*
 * The private Redis as a small machine: settle (nobody else works there),
 * load, up; when it dies: check its file, mend it, rest, and begin again.
 */
#include "daemon/store/embedded.h"

#include "daemon/loop/child.h"
#include "daemon/loop/loop.h"
#include "daemon/store/embedded_home.h"
#include "daemon/store/embedded_probe.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/files.h"
#include "daemon/sys/log.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sodium.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOOK_MS 10
#define LEFT_BEHIND_MS 3000     /* then SIGKILL, which loses nothing either */
#define REST_FIRST_MS 100
#define REST_MAX_MS 5000
#define STEADY_MS 30000         /* up for that long: the next death is not part of a series */
#define STOP_GRACE_MS 10000

enum phase {
	SETTLING,   /* waits until nobody holds the lock */
	LOADING,    /* runs, does not answer yet */
	UP,
	CHECKING,   /* redis-check-aof looks at the file */
	MENDING,    /* redis-check-aof --fix cuts it */
	RESTING,
};

struct embedded {
	struct loop *loop;
	struct embedded_plan plan;
	struct embedded_home home;
	enum phase phase;
	struct child *child;         /* Redis, or redis-check-aof */
	struct loop_timer *timer;
	struct embedded_probe probe;
	uint64_t since_ms;           /* when the phase began */
	bool left_behind_told;
	unsigned rest_ms;
	struct embedded_tear tear;   /* from the check; torn_bytes 0: none */
	uint64_t starts;
	uint64_t mends;
};

static void look(void *arg);

static void enter(struct embedded *e, enum phase phase, unsigned look_after_ms)
{
	e->phase = phase;
	e->since_ms = clock_steady_ms();
	if (look_after_ms > 0 && e->timer == NULL)
		e->timer = loop_after(e->loop, look_after_ms, look, e);
}

static void look_again(struct embedded *e)
{
	e->timer = loop_after(e->loop, LOOK_MS, look, e);
}

static void rest(struct embedded *e)
{
	unsigned ms = e->rest_ms;

	e->rest_ms = ms * 2 > REST_MAX_MS ? REST_MAX_MS : ms * 2;
	enter(e, RESTING, ms);
}

/* --- what the programs say ------------------------------------------------------ */

/*
 * "123:M 21 Nov 2026 18:31:27.539 * text": level by the mark in front of the
 * text. Redis marks its greeting with '#' like a failing disk, so that is a notice.
 */
static void redis_line(void *ctx, struct span line)
{
	static const struct {
		const char *mark;
		enum log_level level;
	} marks[] = {
		{ .mark = " # ", .level = LOG_LEVEL_NOTICE },
		{ .mark = " * ", .level = LOG_LEVEL_INFO },
		{ .mark = " - ", .level = LOG_LEVEL_DEBUG },
	};
	char text[400];
	size_t n = line.len < sizeof(text) ? line.len : sizeof(text) - 1;

	(void)ctx;
	memcpy(text, line.at, n);
	text[n] = '\0';
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		const char *at = strstr(text, marks[i].mark);

		if (at == NULL || at - text > 60)
			continue;
		log_event(marks[i].level, "redis.says", "text", at + 3, NULL);
		return;
	}
	log_event(LOG_LEVEL_INFO, "redis.says", "text", text, NULL);
}

static void check_line(void *ctx, struct span line)
{
	struct embedded *e = ctx;
	struct embedded_tear tear;

	if (embedded_tear_parse(line, &tear))
		e->tear = tear;
}

/* --- running something ------------------------------------------------------------- */

static void ended(void *ctx, int status);

static bool run(struct embedded *e, const char *const *argv, const char *input, int keep_fd,
		void (*line)(void *, struct span))
{
	struct child_plan plan = {
		.argv = argv,
		.dir = e->home.dir,
		.input = input,
		.keep_fd = keep_fd,
		.line = line,
		.ended = ended,
		.ctx = e,
	};
	struct complaint why = { 0 };

	e->child = child_start(e->loop, &plan, &why);
	if (e->child == NULL)
		log_rarely(LOG_LEVEL_ERROR, "redis.cannot_start", why.text);
	return e->child != NULL;
}

static void start_redis(struct embedded *e, int lock)
{
	const char *const argv[] = { "redis-server", e->home.conf, NULL };
	struct complaint why = { 0 };

	if (!embedded_home_write(&e->home, &why)) {
		log_rarely(LOG_LEVEL_ERROR, "redis.cannot_start", why.text);
		rest(e);
		return;
	}
	/* The lock goes over to Redis: it ends when Redis does, whatever becomes of us. */
	if (!run(e, argv, NULL, lock, redis_line)) {
		rest(e);
		return;
	}
	e->starts++;
	enter(e, LOADING, LOOK_MS);
}

static void check(struct embedded *e)
{
	const char *const argv[] = { "redis-check-aof", e->home.manifest, NULL };

	e->tear = (struct embedded_tear){ 0 };
	if (access(e->home.manifest, F_OK) == 0 && run(e, argv, NULL, -1, check_line))
		enter(e, CHECKING, 0);
	else
		rest(e);
}

static void mend(struct embedded *e)
{
	const char *const argv[] = { "redis-check-aof", "--fix", e->home.manifest, NULL };
	struct complaint why = { 0 };
	char kept[PATH_MAX];

	if (!embedded_tear_keep(&e->home, &e->tear, kept, &why)) {
		log_rarely(LOG_LEVEL_ERROR, "redis.file_damaged", why.text);
		rest(e);
		return;
	}
	log_event(LOG_LEVEL_WARNING, "redis.torn_end", "file", e->tear.file, "bytes", log_u64(e->tear.torn_bytes),
		  "kept", kept, NULL);
	if (run(e, argv, "y\n", -1, NULL))
		enter(e, MENDING, 0);
	else
		rest(e);
}

/* --- what happens ------------------------------------------------------------------ */

static void redis_ended(struct embedded *e, int status)
{
	bool was_up = e->phase == UP;
	char text[64];

	embedded_probe_close(&e->probe);
	child_status_text(status, text);
	log_rarely(LOG_LEVEL_ERROR, was_up ? "redis.died" : "redis.did_not_load", text);
	if (was_up) {
		if (clock_steady_ms() - e->since_ms > STEADY_MS)
			e->rest_ms = REST_FIRST_MS;
		rest(e);
		e->plan.changed(e->plan.ctx, false);
	} else {
		check(e);
	}
}

static void ended(void *ctx, int status)
{
	struct embedded *e = ctx;

	e->child = NULL;
	switch (e->phase) {
	case LOADING:
	case UP:
		if (e->timer != NULL)
			loop_timer_cancel(e->timer);
		e->timer = NULL;
		redis_ended(e, status);
		return;
	case CHECKING:
		if (e->tear.torn_bytes > 0)
			mend(e);
		else
			rest(e);
		return;
	case MENDING:
		if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
			e->mends++;
			enter(e, SETTLING, LOOK_MS);
		} else {
			rest(e);
		}
		return;
	case SETTLING:
	case RESTING:
		return;
	}
}

/* A Redis of a killed daemon: told once, then made to go. */
static void left_behind(struct embedded *e)
{
	if (!e->left_behind_told) {
		unsigned n = embedded_home_signal(&e->home, SIGTERM);

		log_event(LOG_LEVEL_NOTICE, "redis.left_behind", "processes", log_u64(n), NULL);
		e->left_behind_told = true;
	} else if (clock_steady_ms() - e->since_ms > LEFT_BEHIND_MS) {
		embedded_home_signal(&e->home, SIGKILL);
		e->since_ms = clock_steady_ms();
	}
	look_again(e);
}

static void settle(struct embedded *e)
{
	int lock = open(e->home.lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (lock < 0) {
		log_rarely(LOG_LEVEL_ERROR, "redis.cannot_start", strerror(errno));
		rest(e);
		return;
	}
	if (flock(lock, LOCK_EX | LOCK_NB) == 0) {
		e->left_behind_told = false;
		start_redis(e, lock);
	} else {
		left_behind(e);
	}
	close(lock);
}

static void look(void *arg)
{
	struct embedded *e = arg;

	e->timer = NULL;
	switch (e->phase) {
	case SETTLING:
		settle(e);
		return;
	case RESTING:
		enter(e, SETTLING, 0);
		settle(e);
		return;
	case LOADING:
		if (!embedded_probe_answers(&e->probe, e->home.socket)) {
			look_again(e);
			return;
		}
		log_event(LOG_LEVEL_INFO, "redis.loaded", "after_ms", log_u64(clock_steady_ms() - e->since_ms), NULL);
		enter(e, UP, 0);
		e->plan.changed(e->plan.ctx, true);
		return;
	case UP:
	case CHECKING:
	case MENDING:
		return;
	}
}

/* --- the interface --------------------------------------------------------------------- */

struct embedded *embedded_start(struct loop *loop, const struct embedded_plan *plan, struct complaint *why)
{
	struct embedded *e = calloc(1, sizeof(*e));

	if (e == NULL || sodium_init() < 0)
		abort();
	e->loop = loop;
	e->plan = *plan;
	e->plan.state_dir = NULL;
	e->probe.fd = -1;
	e->rest_ms = REST_FIRST_MS;
	if (!embedded_home_open(&e->home, plan->state_dir, why) || !embedded_home_write(&e->home, why)) {
		free(e);
		return NULL;
	}
	enter(e, SETTLING, 0);
	settle(e);
	return e;
}

const char *embedded_address(const struct embedded *embedded)
{
	return embedded->home.address;
}

pid_t embedded_pid(const struct embedded *embedded)
{
	bool redis = embedded->phase == LOADING || embedded->phase == UP;

	return redis && embedded->child != NULL ? child_pid(embedded->child) : 0;
}

bool embedded_up(const struct embedded *embedded)
{
	return embedded->phase == UP;
}

uint64_t embedded_starts(const struct embedded *embedded)
{
	return embedded->starts;
}

uint64_t embedded_mends(const struct embedded *embedded)
{
	return embedded->mends;
}

void embedded_stop(struct embedded *embedded)
{
	if (embedded == NULL)
		return;
	if (embedded->timer != NULL)
		loop_timer_cancel(embedded->timer);
	embedded_probe_close(&embedded->probe);
	if (embedded->child != NULL)
		child_stop(embedded->child, STOP_GRACE_MS);
	free(embedded);
}
