/*
 * What the files of the treasury share; nobody else includes it.
 *
 *   treasury.c           life, orders and their answers, whose turn it is
 *   treasury_journal.c   reading and checking, the mirror, the store's clock
 *   treasury_write.c     deciding, appending, what became of it
 *   treasury_timers.c    the lease, what is due
 *
 * One call to the store is under way at a time: `asking`. When its answer is
 * there, or something was submitted, treasury_pump() finds what is next.
 */
#ifndef TIPLINE_JOBS_TREASURY_INSIDE_H
#define TIPLINE_JOBS_TREASURY_INSIDE_H

#include "daemon/jobs/mirror.h"
#include "daemon/jobs/treasury.h"


/* A command that waits for its turn, or has it. */
struct treasury_order {
	struct arena arena;
	struct book_command command;
	struct treasury_wait wait;      /* done NULL: what was due, or that the store was restored */
	bool restores;
	unsigned tries;
	struct treasury_order *next;
};

struct treasury {
	struct treasury_env env;
	struct book *book;
	struct mirror *mirror;
	struct loop_timer *tick, *wake;
	bool asking;                    /* a call to the store is under way */
	bool posted;                    /* treasury_pump() is about to run */
	bool closing;                   /* freed by the answer that is outstanding */
	uint64_t rest_until_ms;         /* the store refused or kept silent: not asked before */

	struct treasury_order *first, **last;   /* orders that wait, oldest first */
	size_t norders;
	struct treasury_order *working;         /* the one whose turn it is, or NULL */
	struct arena arena;             /* of its record */
	struct record record;
	struct store_money money;       /* the same, for the store; seq 0: not decided yet */
	bool lost;                      /* it was sent, and what became of it is not known */
	bool recorded;                  /* it was lost, and is found in the journal */
	bool own;                       /* what is taken now was just appended by this process */
	unsigned in_a_row;              /* records of this process since it last let others go first */
	uint64_t others_ms;             /* when a record of another process came last; 0: never */
	uint64_t repeated;              /* it was recorded before, under this number; to be read */

	unsigned links;                 /* store->links of the present check */
	bool reading;                   /* the journal goes on behind what was read */
	bool checked;                   /* it was read to its end since the store came */
	bool read_once;                 /* ... since the start */
	uint64_t head_seq;              /* as the store told it last */
	uint64_t check_ms, told_ms;     /* when the check began, when it was last told of */
	uint64_t polled_ms, looked_ms;  /* at the journal; at the mirror's file */
	uint64_t restored_known;        /* the store is an older copy: there had been so many records; 0: it is not, or that is recorded */
	struct complaint bad;           /* with bad_seq */
	bool mirror_failing;
	struct complaint mirror_bad;    /* with mirror_failing */
	uint64_t mirror_ms;             /* when it was tried last */

	bool durable;                   /* the store, when it was asked last */
	uint64_t health_ms;
	char weakness[160];
	int64_t clock_ms;               /* the store's, at clock_loop_ms of the loop's */
	uint64_t clock_loop_ms;

	bool leading;
	uint64_t fence, lead_until_ms, lease_ask_ms;
	bool due_turn;                  /* what is due comes before who submitted, next time */
	uint64_t due_seq;               /* book_due() was asked after this record */
	int64_t due_ms;                 /* nothing is due before, on the store's clock; 0: nothing at all */
	uint64_t due_rest_ms;           /* not before, on the loop's */

	struct treasury_figures figures;
};

/* --- treasury.c ------------------------------------------------------------------- */

/* `answered` is called once, unless the treasury is gone by then; it ends with treasury_pump(). */
void treasury_ask(struct treasury *treasury, const struct store_request *request,
		  void (*answered)(void *ctx, const struct store_reply *reply));
/* First in every such callback; false: the treasury is gone. */
bool treasury_wanted(struct treasury *treasury);
void treasury_pump(struct treasury *treasury);

/* Ends the order whose turn it is. */
void treasury_answer(struct treasury *treasury, const struct treasury_answer *answer);
void treasury_end(struct treasury *treasury, enum treasury_outcome outcome);

/* Nothing is asked for so long. */
void treasury_rest(struct treasury *treasury, unsigned ms);

uint64_t treasury_loop_ms(const struct treasury *treasury);

/* --- treasury_journal.c ------------------------------------------------------------ */

void treasury_check_begin(struct treasury *treasury);
void treasury_read_on(struct treasury *treasury);
bool treasury_health_due(const struct treasury *treasury);
void treasury_ask_health(struct treasury *treasury);
void treasury_clock(struct treasury *treasury, int64_t now_ms);

/* Every second what others wrote, every minute the mirror's file; true when the store is asked now. */
bool treasury_poll_turn(struct treasury *treasury);

/* A record of this process that the store took: into mirror and book. */
void treasury_take_own(struct treasury *treasury);

/* What was added to the mirror is on its disk; false: not yet. */
bool treasury_mirror_synced(struct treasury *treasury);

/* --- treasury_write.c --------------------------------------------------------------- */

/* The next step for the order whose turn it is: decide, send again, or read what was recorded before. */
void treasury_work(struct treasury *treasury);

/* Answers it when it is in the journal. */
void treasury_finish(struct treasury *treasury);

/* --- treasury_timers.c --------------------------------------------------------------- */

/* True when the store is asked for the lease now. */
bool treasury_lease_turn(struct treasury *treasury);

/* That the store is an older copy, as an order: comes before all others. NULL: it is not. */
struct treasury_order *treasury_restored_order(struct treasury *treasury);

/* What is due as an order; NULL: nothing is. */
struct treasury_order *treasury_due_order(struct treasury *treasury);

#endif
