/*
 * The learned model of this process: on disk, sealed, and up to date.
 *
 * It is a fold of the journals, kept because reading all of them again takes
 * long. The file holds with it how far each shard's journal was learned, so
 * that nothing is learned twice after a restart. The linker is the only one who
 * teaches; a process that does not link reads the file again when another
 * process has written it (which it can when both name the same file).
 *
 * A file that is missing, torn, or sealed under another key is told in the log
 * and leaves an empty model: the linker then learns all there is in the
 * journals again. It never keeps a daemon from starting. Nothing waits for it.
 */
#ifndef TIPLINE_JOBS_MODEL_H
#define TIPLINE_JOBS_MODEL_H

#include "daemon/core/score/learn.h"
#include "daemon/core/tip/tip.h"
#include "daemon/loop/loop.h"

struct model;

struct model_env {
	struct loop *loop;
	const char *path;              /* of the file; outlives the model */
	const struct seal_key *key;    /* keys_learning(); outlives the model */
	bool on;                       /* see model_switch() */
};

/* Reads the file, if there is one. Looks for a newer one, and writes what it was taught, every MODEL_EVERY_MS. */
#define MODEL_EVERY_MS 60000
struct model *model_new(const struct model_env *env);

/* Writes what is not on disk yet. */
void model_free(struct model *model);

/* What the judge asks; the same object for the model's life. NULL while it is off. */
const struct learner *model_learner(const struct model *model);

/* Off: nothing is learned and nothing answers; what was learned is kept. */
void model_switch(struct model *model, bool on);

/*
 * The linker read a `closed` event: number `number` of that shard's journal,
 * with its outcome and what stands in `l`. Numbers ascend within a shard; one
 * that was learned before is passed over, so it may be called for every closed
 * event from the journal's beginning. An outcome that teaches nothing and an
 * example that does not open only move the number on.
 */
void model_teach(struct model *model, struct span shard, uint64_t number, const struct tip_id *id,
		 struct span outcome, struct span example);

/* The last number of that shard that was taught; 0: none. */
uint64_t model_taught(const struct model *model, struct span shard);

/* Reads the file again when another process has written it, and writes what was taught since. The timer calls it. */
void model_sync(struct model *model);

struct model_figures {
	bool on;
	uint64_t wanted, unwanted;   /* outcomes in the model */
	uint64_t unreadable;         /* examples that did not open, since the start */
	int64_t written_ms;          /* wall time of the file; 0: there is none */
};

void model_figures(const struct model *model, struct model_figures *out);

#endif
