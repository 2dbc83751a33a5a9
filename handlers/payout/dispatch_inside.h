/*
 * What the files of the dispatcher share; nobody else includes it.
 *
 *   dispatch.c          life, the open attempts, what is to be done about each
 *   dispatch_errand.c   one errand: payee, request, record, call, answer
 *   dispatch_report.c   from a report to a command of the book
 */
#ifndef TIPLINE_HANDLERS_PAYOUT_DISPATCH_INSIDE_H
#define TIPLINE_HANDLERS_PAYOUT_DISPATCH_INSIDE_H

#include "daemon/http/client.h"
#include "daemon/store/store.h"
#include "handlers/payout/dispatch.h"
#include "handlers/payout/voucher.h"

#define CODE_NOT_SENT "NOT_SENT"     /* as rail_report_silence() says it */
#define CODE_RESTARTED "RESTARTED"

/* An attempt that is live, as far as this process is concerned. */
struct open_attempt {
	struct open_attempt *next;
	char id[BOOK_ID_MAX];            /* "R7-1" */
	char reward[BOOK_ID_MAX];
	unsigned number;
	bool busy;                       /* an errand is under way */
	bool ask;                        /* the rail is to be asked */
	bool asked;                      /* it was, since this process leads */
	bool cancel_told;                /* the rail was told to stop it */
	uint64_t rest_until_ms;          /* on the loop's clock */
	unsigned rests;                  /* in a row */
};

enum errand_kind {
	ERRAND_SEND,
	ERRAND_QUERY,
	ERRAND_CANCEL,
	ERRAND_RECORD,                   /* no call: something is to be recorded */
};

struct errand {
	struct dispatch *dispatch;
	struct errand *next;
	struct open_attempt *open;
	struct arena arena;
	enum errand_kind kind;
	struct rail_entry *entry;
	uint64_t seq;                    /* record that this errand rests on */
	struct rail_instruction instruction;
	struct voucher voucher;
	struct rail_job job;
	struct rail_request asked;
	struct rail_report report;
	struct span raw;                 /* SHA-256 of the answer, hex; empty: there was none */
	struct book_command command;     /* what is being recorded */
	void (*recorded)(struct errand *errand, const struct treasury_answer *answer);
	bool persistent;                 /* until the treasury has an answer that stays */
	struct loop_timer *again;        /* it is submitted again in a moment */
};

struct dispatch {
	struct dispatch_env env;
	struct loop_timer *timer;
	struct open_attempt *open;
	struct errand *errands;
	size_t outstanding;              /* answers still to come */
	bool leaving;
	bool posted;
	bool led;                        /* this process led when it was looked at last */
	struct dispatch_figures figures;
};

/* --- dispatch.c ------------------------------------------------------------------- */

/* First in every answer; false: the dispatcher is gone or going, touch nothing. */
bool dispatch_answered(struct dispatch *dispatch);
void dispatch_stepped(const struct errand *errand, enum dispatch_step step);
uint64_t dispatch_loop_ms(const struct dispatch *dispatch);
int64_t dispatch_wall_ms(const struct dispatch *dispatch);
/* NULL: it is not in the book. */
const struct book_attempt *dispatch_attempt(const struct dispatch *dispatch, const struct open_attempt *open,
					    const struct book_reward **reward);
/* The errand is over; its attempt is looked at again, after a rest when it came to nothing. */
void errand_end(struct errand *errand, bool well);

/* --- dispatch_errand.c -------------------------------------------------------------- */

struct errand *errand_new(struct dispatch *dispatch, struct open_attempt *open, enum errand_kind kind,
			  struct rail_entry *entry);
void errand_free(struct errand *errand);
void errand_start(struct errand *errand);
/* Records that nobody knows what became of it. */
void errand_restarted(struct errand *errand);

/* --- dispatch_report.c ---------------------------------------------------------------- */

void errand_observe(struct errand *errand);
/*
 * Records errand->command; `recorded` is told of the answer. Persistent: not
 * before it is recorded or refused, however long the treasury is away.
 */
void errand_record(struct errand *errand, bool persistent,
		   void (*recorded)(struct errand *, const struct treasury_answer *));
/* Begins errand->command: of the system, about this attempt, under this key. */
void errand_command(struct errand *errand, const char *kind, const char *key);
void command_put(struct book_command *command, const char *name, struct span value);

#endif
