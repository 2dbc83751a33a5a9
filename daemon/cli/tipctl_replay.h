/*
 * The parts of `tipctl replay`: reading the journals into a fold, comparing a
 * store with it, writing it into an empty store.
 *
 * Redis is asked with many commands under way at a time; each answer goes to
 * the taker that was queued with its command.
 */
#ifndef TIPLINE_CLI_TIPCTL_REPLAY_H
#define TIPLINE_CLI_TIPCTL_REPLAY_H

#include "daemon/base/arena.h"
#include "daemon/core/journal/fold.h"
#include "daemon/sys/archive.h"

#include <stdio.h>

struct redisContext;
struct redisReply;

#define REPLAY_SHARDS 100

/* --- a connection with many commands under way -------------------------------------------- */

struct pipe;

/* Takes the answer to a command; `at` and `n` are what was queued with it. */
typedef void pipe_taker(void *ctx, const struct redisReply *reply, const void *at, size_t n);

struct pipe *pipe_open(const char *address, struct complaint *why);
void pipe_free(struct pipe *pipe);

/* Ends the command that words were added to; answers are taken when enough are under way. */
struct pipe_words {
	const char *words[40];
	size_t lens[40];
	size_t n;
	struct arena *arena; /* of the words; released with the command */
};

struct pipe_words pipe_words(struct pipe *pipe);
void pipe_word(struct pipe_words *words, struct span text);
void pipe_number(struct pipe_words *words, uint64_t number);
void pipe_send(struct pipe *pipe, struct pipe_words *words, pipe_taker *taker, void *ctx, const void *at,
	       size_t n);

/* The text of an answer, borrowed from it; at == NULL when it is none. */
struct span pipe_text(const struct redisReply *reply);

/* Takes all answers. False: the connection broke. */
bool pipe_drain(struct pipe *pipe);

/* --- steps ----------------------------------------------------------------------------------- */

struct replay {
	struct pipe *store;
	const struct archive *archive; /* where the events are that the store has let go of; NULL: then they are lost */
	struct fold *fold;
	uint64_t events;
	uint64_t broken;  /* events that could not be folded */
	char broken_first[200]; /* the first of them, and why */
	uint64_t read_ms; /* time spent reading and folding */
	uint64_t filed;   /* of `events`, out of files */
	bool lost;        /* a file is missing or changed: nothing can be compared */
	char lost_first[300];   /* which, and which events */
	char lost_shard[3];     /* of them */
	uint64_t lost_at;       /* the first of them */
	bool quiet;       /* no progress on standard error */
	/* Sees each event as well; or NULL. */
	void (*also)(void *ctx, struct span json);
	void *also_ctx;
};

/* Reads what is behind what was read; complaints go to `out`. False: the connection broke, or `lost`. */
bool replay_read(struct replay *replay, FILE *out);

/* Compares a store with the fold; each difference is a line in `out`. Returns how many, or UINT64_MAX. */
uint64_t replay_compare(const struct replay *replay, struct pipe *store, FILE *out);

/* True when the store has no key at all. */
bool replay_is_empty(struct pipe *store);

/* Writes journals, sealed things and rebuilt projections into an empty store. */
bool replay_rebuild(const struct replay *replay, struct pipe *into);

/* Field b of a state (functions/00_lib.lua), into `out` of at least 64 bytes; its length. */
size_t replay_base(const struct fold_tip *tip, char out[64]);

/* Field i of a state (functions/01_incident.lua): under whom it hangs, and why; in the arena. */
struct span replay_parent(const struct fold_incident *incident, struct arena *arena);

/* Field o of a state (functions/01_incident.lua); in the arena. */
struct span replay_pairs(const struct fold_incident *incident, struct arena *arena);

/* Fields k, l and x of a state (functions/02_clock.lua); empty: it has none. In the arena. */
struct span replay_clock(const struct fold_tip *tip, struct arena *arena);
struct span replay_raise(const struct fold_tip *tip, struct arena *arena);
/* Fields e and y; empty: there is none. */
struct span replay_end(const struct fold_tip *tip, struct arena *arena);
struct span replay_hold(const struct fold *fold, const struct fold_tip *tip, struct arena *arena);
struct span replay_review(const struct fold *fold, const struct fold_tip *tip, struct arena *arena);

/* Field z of a state, or empty; borrowed from the tip. */
struct span replay_seed(const struct fold_tip *tip);

/* The place of a tip in {15}:clocks and {15}:asked; 0: it stands in none. And its member of {15}:escalated, or empty. */
uint64_t replay_clock_rank(const struct fold_tip *tip);
uint64_t replay_asked_rank(const struct fold_tip *tip);
struct span replay_escalated(const struct fold_tip *tip, struct arena *arena);

/* Progress on standard error, at most every two seconds. */
void replay_progress(const struct replay *replay, const char *what, uint64_t done, uint64_t of);

#endif
