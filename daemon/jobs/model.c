/*
 * The model on disk; see model.h.
 *
 *   file = seal_blob( "TLF1", shards (2 bytes), then of each its two digits and
 *          the last number taught (8 bytes), little-endian; then learner_save() )
 *
 * The file that this process wrote last is known by its inode and time; any
 * other one was written by someone else and wins, because two who teach at once
 * cannot be: the linker holds a lease.
 */
#include "daemon/jobs/model.h"

#include "daemon/base/memory.h"
#include "daemon/sys/files.h"
#include "daemon/sys/log.h"

#include <stdlib.h>
#include <sys/stat.h>

#define LABEL "learned model"
#define MAGIC SPAN("TLF1")
#define SHARD_DIGITS 2
#define SHARDS 100
#define NUMBER_BYTES 8
#define SHARD_BYTES (SHARD_DIGITS + NUMBER_BYTES)
#define FILE_MAX_BYTES (LEARN_MODEL_BYTES_MAX + 4096)

struct model {
	struct model_env env;
	struct loop_timer *timer;
	struct learner *learner;
	uint64_t taught[SHARDS];   /* by the shard's number */
	bool changed;              /* taught since the file was written */
	bool there;                /* the file below is there */
	struct stat file;          /* as this process read or wrote it last */
	uint64_t unreadable;
};

static uint64_t *taught_of(struct model *model, struct span shard)
{
	uint64_t number;

	if (shard.len != SHARD_DIGITS || !span_u64(shard, &number))
		return NULL;
	return &model->taught[number];
}

/* --- the file ------------------------------------------------------------------------------ */

static void put_number(struct buf *out, uint64_t number, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		buf_add_byte(out, (int)(number >> (8 * i) & 0xFF));
}

static uint64_t get_number(struct span from, size_t bytes)
{
	uint64_t number = 0;

	for (size_t i = 0; i < bytes; i++)
		number |= (uint64_t)(unsigned char)from.at[i] << (8 * i);
	return number;
}

static void put_shards(const struct model *model, struct buf *out)
{
	size_t n = 0;

	for (size_t i = 0; i < SHARDS; i++)
		n += model->taught[i] != 0;
	put_number(out, n, 2);
	for (size_t i = 0; i < SHARDS; i++) {
		if (model->taught[i] == 0)
			continue;
		buf_add_byte(out, '0' + (int)(i / 10));
		buf_add_byte(out, '0' + (int)(i % 10));
		put_number(out, model->taught[i], NUMBER_BYTES);
	}
}

/* Moves *rest behind them. */
static bool get_shards(struct span *rest, uint64_t taught[SHARDS])
{
	size_t n;

	if (rest->len < 2)
		return false;
	n = (size_t)get_number(*rest, 2);
	*rest = span_from_offset(*rest, 2);
	if (n > SHARDS || rest->len < n * SHARD_BYTES)
		return false;
	for (size_t i = 0; i < n; i++, *rest = span_from_offset(*rest, SHARD_BYTES)) {
		uint64_t shard;

		if (!span_u64(span_from(rest->at, SHARD_DIGITS), &shard))
			return false;
		taught[shard] = get_number(span_from_offset(*rest, SHARD_DIGITS), NUMBER_BYTES);
	}
	return true;
}

static bool read_clear(struct model *model, struct span clear)
{
	uint64_t taught[SHARDS] = { 0 };
	struct span rest = span_from_offset(clear, MAGIC.len);

	if (!span_starts(clear, MAGIC) || !get_shards(&rest, taught) || !learner_load(model->learner, rest))
		return false;
	memcpy(model->taught, taught, sizeof(taught));
	model->changed = false;
	return true;
}

static bool open_file(struct model *model, struct span sealed)
{
	struct arena arena = { 0 };
	struct span clear;
	bool well = seal_open_blob(model->env.key, LABEL, sealed, &arena, &clear) && read_clear(model, clear);

	arena_release(&arena);
	return well;
}

static void read_file(struct model *model)
{
	struct complaint why = { .text = "" };
	struct buf sealed = { 0 };

	if (!files_read(model->env.path, FILE_MAX_BYTES, &sealed, &why))
		log_event(LOG_LEVEL_WARNING, "model.unreadable", "why", why.text, NULL);
	else if (!open_file(model, buf_span(&sealed)))
		log_event(LOG_LEVEL_WARNING, "model.unreadable", "why",
			  "torn, of another version, or sealed under another key; it is learned anew", NULL);
	else
		log_event(LOG_LEVEL_INFO, "model.read", "wanted", log_u64(learner_seen(model->learner, true)),
			  "unwanted", log_u64(learner_seen(model->learner, false)), NULL);
	buf_release(&sealed);
}

static bool write_file(struct model *model)
{
	struct complaint why = { .text = "" };
	struct arena arena = { 0 };
	struct buf clear = { 0 }, sealed = { 0 };
	bool well;

	buf_add_span(&clear, MAGIC);
	put_shards(model, &clear);
	buf_add_span(&clear, learner_save(model->learner, &arena));
	seal_blob(model->env.key, LABEL, buf_span(&clear), &sealed);
	well = files_replace(model->env.path, buf_span(&sealed), 0600, &why);
	if (!well)
		log_event(LOG_LEVEL_WARNING, "model.unwritten", "why", why.text, NULL);
	buf_release(&sealed);
	buf_release(&clear);
	arena_release(&arena);
	return well;
}

/* --- up to date ------------------------------------------------------------------------------ */

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec && a->st_size == b->st_size;
}

/* True when the file is not the one this process read or wrote last; looks at it. */
static bool is_new(struct model *model)
{
	struct stat now;
	bool there = stat(model->env.path, &now) == 0;
	bool fresh = there && (!model->there || !same_file(&now, &model->file));

	model->there = there;
	if (there)
		model->file = now;
	return fresh;
}

void model_sync(struct model *model)
{
	if (is_new(model))
		read_file(model);
	if (!model->changed || !write_file(model))
		return;
	model->changed = false;
	is_new(model);
}

static void on_timer(void *ctx)
{
	model_sync(ctx);
}

struct model *model_new(const struct model_env *env)
{
	struct model *model = memory_zeroes(1, sizeof(*model));

	model->env = *env;
	model->learner = learner_new();
	model_sync(model);
	model->timer = loop_every(env->loop, MODEL_EVERY_MS, on_timer, model);
	return model;
}

void model_free(struct model *model)
{
	if (model == NULL)
		return;
	loop_timer_cancel(model->timer);
	model_sync(model);
	learner_free(model->learner);
	free(model);
}

/* --- learning ----------------------------------------------------------------------------------- */

const struct learner *model_learner(const struct model *model)
{
	return model->env.on ? model->learner : NULL;
}

void model_switch(struct model *model, bool on)
{
	model->env.on = on;
}

static void teach(struct model *model, const struct tip_id *id, struct span example, bool wanted)
{
	struct arena arena = { 0 };
	struct learn_example opened;

	if (learn_open(model->env.key, id, example, &arena, &opened))
		learner_learn(model->learner, &opened, wanted);
	else
		model->unreadable++;
	arena_release(&arena);
}

void model_teach(struct model *model, struct span shard, uint64_t number, const struct tip_id *id,
		 struct span outcome, struct span example)
{
	uint64_t *taught = taught_of(model, shard);
	bool wanted;

	if (!model->env.on || taught == NULL || number <= *taught)
		return;
	*taught = number;
	model->changed = true;
	if (!span_empty(example) && learn_outcome(outcome, &wanted))
		teach(model, id, example, wanted);
}

uint64_t model_taught(const struct model *model, struct span shard)
{
	uint64_t number;

	return shard.len == SHARD_DIGITS && span_u64(shard, &number) ? model->taught[number] : 0;
}

void model_figures(const struct model *model, struct model_figures *out)
{
	*out = (struct model_figures){
		.on = model->env.on,
		.wanted = learner_seen(model->learner, true),
		.unwanted = learner_seen(model->learner, false),
		.unreadable = model->unreadable,
		.written_ms = model->there ? (int64_t)model->file.st_mtim.tv_sec * 1000 : 0,
	};
}
