/*
 * What the files of the linker share (linker.c is its door).
 */
#ifndef TIPLINE_JOBS_LINKER_INSIDE_H
#define TIPLINE_JOBS_LINKER_INSIDE_H

#include "daemon/base/buf.h"
#include "daemon/jobs/linker.h"

#define LINKER_JOB "linker"
#define LINKER_SHARDS_MAX 64
#define LINKER_OPEN_MAX 512   /* decisions that wait or are under way; beyond, nothing is judged */

/* Events of one shard, copied out of the store's answer. */
struct linker_batch {
	struct arena arena;
	struct store_event *events;
	size_t n;
	size_t next;           /* the one to be judged next; n: none */
};

struct linker_shard {
	char name[3];
	uint64_t fence;
	uint64_t judge_from;   /* first event that was not judged by whoever led before */
	uint64_t noted;
	uint64_t fetched;      /* number of the last event that was read from the store */
	uint64_t judged;       /* number of the last event that the casebook has */
	struct linker_batch batches[2];
	unsigned turn;         /* which of them is being judged */
	int64_t head_ms;       /* time of the event to be judged next... */
	bool head_new;         /* ...and whether nobody has judged it before */
	bool reading;
	bool changed;          /* there may be more than was read */
	bool noting;
};

struct linker_decision {
	struct linker_decision *next;
	struct casebook_decision what;  /* without rules: they stand in the event */
	struct buf event;      /* JSON */
	size_t shard;          /* of the event that brought it about... */
	uint64_t number;       /* ...and its number */
	bool sent;
	unsigned tries;
	uint64_t again_ms;
};

enum linker_stage {
	LINKER_IDLE,           /* another one leads, or nobody could be asked yet */
	LINKER_TAKING,         /* holds the lease and takes the shards' numbers */
	LINKER_LEADING,
};

struct linker {
	struct linker_env env;
	struct loop_timer *timer;
	enum linker_stage stage;
	unsigned reign;        /* goes up whenever all that was known is dropped: older answers mean nothing */
	unsigned calls;        /* under way */
	bool resting;
	bool closing;

	uint64_t lease_fence;
	uint64_t lease_asked_ms;
	bool lease_asking;
	size_t taking;         /* shard whose number is being asked for */

	struct linker_shard shards[LINKER_SHARDS_MAX];
	struct casebook *casebook;
	uint64_t looked_ms;
	uint64_t noted_ms;
	uint64_t began_ms;
	struct loop_timer *turning;  /* a turn of judging is coming; or NULL */

	struct linker_decision *first;
	struct linker_decision *last;
	size_t open;
	size_t sent;
	struct linker_figures figures;
};

/* A call to the store and who asked; memory is freed by linker_answered(). */
struct linker_call {
	struct linker *linker;
	unsigned reign;
	size_t shard;
	struct linker_decision *decision;
};

/* --- linker.c --- */

void linker_submit(struct linker *linker, size_t shard, struct linker_decision *decision,
		   const struct store_request *request, void (*done)(void *ctx, const struct store_reply *reply));
/*
 * First thing in every answer: frees the call and copies it to *out. False
 * when it concerns nobody any more.
 */
bool linker_answered(void *ctx, struct linker_call *out);

/* The lease is lost: what was known is dropped, and the lease asked for anew in a while. */
void linker_abdicate(struct linker *linker, const char *why);

/* --- linker_read.c --- */

/* Asks for what may be there and judges what is there, in turns of the loop. */
void linker_read_on(struct linker *linker);
void linker_look_everywhere(struct linker *linker);
void linker_forget_batches(struct linker *linker);
/* A turn of judging in the next turn of the loop, and none that was meant to come. */
void linker_turn_soon(struct linker *linker);
void linker_turn_never(struct linker *linker);

/* --- linker_write.c --- */

void linker_decide(struct linker *linker, size_t shard, uint64_t number, const struct casebook_decisions *decisions);
/* Sends what waits, as far as there is room. */
void linker_write_on(struct linker *linker);
void linker_note(struct linker *linker);
void linker_forget_decisions(struct linker *linker);

#endif
