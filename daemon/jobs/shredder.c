/*
 * Removing files; see shredder.h. One shard after the other, some tips at a time.
 */
#include "daemon/jobs/shredder.h"

#include "daemon/sys/files.h"
#include "daemon/sys/log.h"

#include <assert.h>
#include <errno.h>
#include <libgen.h>
#include <stdlib.h>
#include <unistd.h>

#define AT_ONCE 32
#define PATH_BYTES 4096

struct shredder {
	struct shredder_env env;
	struct loop_timer *timer;
	struct shredder_figures figures;
	struct tip_id gone[AT_ONCE];   /* whose files are not there any more */
	size_t n, next;
	size_t shard;
	bool working;
	bool closing;
};

static void next_shard(struct shredder *s);

/* False when the job is going away; memory is freed then. */
static bool still_wanted(struct shredder *s)
{
	if (!s->closing)
		return true;
	free(s);
	return false;
}

static void submit(struct shredder *s, struct store_request *request,
		   void (*done)(void *ctx, const struct store_reply *reply))
{
	memcpy(request->shard, s->env.shards[s->shard], sizeof(request->shard));
	store_submit(s->env.store, request, (struct store_wait){ .done = done, .ctx = s });
}

/* --- the disk ------------------------------------------------------------------------------------ */

/* True when it is not there any more, durably. A name that is none was never a file. */
static bool remove_file(struct shredder *s, struct span name)
{
	char path[PATH_BYTES];
	struct complaint why;

	if (!s->env.path(s->env.dir, name, path, sizeof(path)))
		return true;
	if (unlink(path) != 0)
		return errno == ENOENT;
	s->figures.removed++;
	return files_sync_dir(dirname(path), &why);
}

static bool remove_files(struct shredder *s, struct span names)
{
	struct span name;
	bool well = true;

	while (span_cut(&names, ' ', &name)) {
		if (remove_file(s, name))
			continue;
		s->figures.failed++;
		well = false;
	}
	return well;
}

/* --- rounds --------------------------------------------------------------------------------------- */

static void step(struct shredder *s);

static void ended(void *ctx, const struct store_reply *reply)
{
	struct shredder *s = ctx;

	(void)reply;   /* an answer that is lost: they are found gone in the next round */
	if (!still_wanted(s))
		return;
	s->next++;
	step(s);
}

static void step(struct shredder *s)
{
	if (s->next < s->n)
		submit(s, &(struct store_request){ .op = STORE_DOOMED_END, .id = s->gone[s->next] }, ended);
	else
		next_shard(s);
}

static void looked(void *ctx, const struct store_reply *reply)
{
	struct shredder *s = ctx;
	uint64_t failed = s->figures.failed;

	if (!still_wanted(s))
		return;
	s->n = s->next = 0;
	for (size_t i = 0; reply->outcome == STORE_DONE && i < reply->nitems && i < AT_ONCE; i++)
		if (tip_id_parse(reply->items[i].id, &s->gone[s->n]) && remove_files(s, reply->items[i].payload))
			s->n++;
	if (s->figures.failed > failed)
		log_event(LOG_LEVEL_ERROR, "shredder.failed", "shard", s->env.shards[s->shard], "files",
			  log_u64(s->figures.failed - failed), NULL);
	step(s);
}

static void next_shard(struct shredder *s)
{
	s->working = ++s->shard < s->env.nshards && s->env.store->up;
	if (s->working)
		submit(s, &(struct store_request){ .op = STORE_DOOMED, .max = AT_ONCE }, looked);
}

static void begin_round(void *ctx)
{
	struct shredder *s = ctx;

	if (s->working || !s->env.store->up || s->env.nshards == 0)
		return;
	s->working = true;
	s->shard = 0;
	submit(s, &(struct store_request){ .op = STORE_DOOMED, .max = AT_ONCE }, looked);
}

struct shredder *shredder_new(const struct shredder_env *env)
{
	struct shredder *s = calloc(1, sizeof(*s));

	assert(s != NULL);
	s->env = *env;
	s->timer = loop_every(env->loop, env->period_ms, begin_round, s);
	return s;
}

void shredder_free(struct shredder *s)
{
	if (s == NULL)
		return;
	loop_timer_cancel(s->timer);
	if (s->working)
		s->closing = true;
	else
		free(s);
}

void shredder_figures(const struct shredder *s, struct shredder_figures *out)
{
	*out = s->figures;
}
