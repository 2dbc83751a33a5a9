/*
 * Witnesses: bodies that do not run the tip line, and cosign a checkpoint once
 * they have seen that the log only grew (C2SP tlog-witness).
 *
 * A new checkpoint goes to all witnesses of the policy at once. It is published
 * when those that the policy asks for have cosigned, or after some seconds
 * without them; what comes later is added to it. One that is overtaken by a
 * newer checkpoint is dropped. What the witnesses say is believed only with a
 * signature that holds. Each is asked one thing at a time for a log, and after a
 * failure less and less often.
 *
 * What each has cosigned is kept in DIR/<log>/witnesses, so that the proof sent
 * begins there; a witness that knows better says so, and is asked again. One that
 * has more leaves than there are here, or another tree, speaks against this log:
 * nothing is published, and the sealer is told to refuse it.
 */
#ifndef TIPLINE_JOBS_WITNESSES_H
#define TIPLINE_JOBS_WITNESSES_H

#include "daemon/http/client.h"
#include "daemon/jobs/sealer.h"
#include "daemon/tlog/quorum.h"

#define WITNESSES_BEHIND_MS 5000      /* a process may be so far behind the one that seals */

struct witnesses;

struct witnesses_env {
	const char *dir;              /* of the logs: DIR/<log>/witnesses */
	uint64_t (*now_ms)(void *ctx);   /* never goes back; NULL: clock_steady_ms() */
	/* As http_client_start(). */
	void (*start)(void *ctx, const struct http_call *call, http_answered *done, void *call_ctx);
	/* A checkpoint with the cosignatures there are; false: it is tried again. NULL: tiles_put_checkpoint(). */
	bool (*put)(void *ctx, struct span log, struct tiles *tiles, struct span note);
	void (*refuse)(void *ctx, struct span log, const char *why);
	void *ctx;
};

/* What `env` points at outlives it. Without witnesses_set() there is no policy: all is published at once. */
struct witnesses *witnesses_new(const struct witnesses_env *env);

/* The process ends: nobody is asked any more, nothing is published. NULL is allowed. */
void witnesses_rest(struct witnesses *witnesses);

/* After the last call that was started has ended. NULL is allowed. */
void witnesses_free(struct witnesses *witnesses);

/*
 * The policy (NULL: none) and how long a checkpoint waits for it, from now on. It is borrowed
 * until the next call. Answers to what was asked under another policy are dropped.
 */
void witnesses_set(struct witnesses *witnesses, const struct quorum *policy, unsigned wait_ms);

/*
 * A newly sealed checkpoint, or, at a start, the one that is published already:
 * its cosignatures count. Its tiles are there and stay until witnesses_free().
 */
void witnesses_take(struct witnesses *witnesses, const struct sealer_checkpoint *checkpoint, bool published);

/* To be called a few times a second: deadlines, further tries, what is kept on disk. */
void witnesses_tick(struct witnesses *witnesses);

struct witnesses_witness {
	struct span name;             /* in the policy */
	uint64_t size;                /* leaves of the newest checkpoint it cosigned */
	uint64_t time_s;              /* by its clock, Unix time; 0: never */
	bool newest;                  /* that is the newest one there is */
	bool failing;                 /* the last answer was none, or no good */
};

struct witnesses_figures {
	bool policy;                  /* there is one that asks for witnesses */
	bool met;                     /* the newest checkpoint out has the quorum */
	uint64_t missing_ms;          /* for how long it has been missing */
	size_t n;
	struct witnesses_witness at[QUORUM_WITNESSES_MAX];
};

/* False: nothing was sealed of that log yet. */
bool witnesses_figures(const struct witnesses *witnesses, struct span log, struct witnesses_figures *out);

/* Logs there are, by the order of their first checkpoint; for figures of all. */
size_t witnesses_count(const struct witnesses *witnesses);
struct span witnesses_name(const struct witnesses *witnesses, size_t n);

#endif
