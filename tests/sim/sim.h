/*
 * A world of rewards, simulated: bureaus, people, policies, informants, a
 * provider with faults, one or two daemons on one journal, and time.
 *
 * Everything follows from the seed. A world is a list of events; each is one
 * of the things that may happen (world.c). Behind every record the invariants
 * are asked (invariants.h); the first one that does not hold ends the process
 * with the seed and the number of the event.
 */
#ifndef TIPLINE_TESTS_SIM_SIM_H
#define TIPLINE_TESTS_SIM_SIM_H

#include "daemon/money/book.h"
#include "tests/sim/coverage.h"
#include "tests/sim/invariants.h"
#include "tests/sim/journal.h"
#include "tests/sim/names.h"
#include "tests/sim/provider.h"
#include "tests/sim/random.h"

#define SIM_SECOND INT64_C(1000)
#define SIM_MINUTE (60 * SIM_SECOND)
#define SIM_HOUR (60 * SIM_MINUTE)
#define SIM_DAY (24 * SIM_HOUR)
#define SIM_BEGIN INT64_C(1772323200000)   /* 2026-03-01 08:00 in China */

#define SIM_DAEMONS 2
#define SIM_JOBS 16
#define SIM_STAFF 64
#define SIM_PROGRAMMES 3
#define SIM_BUREAUS 3
#define SIM_CASES 4096
#define SIM_KEPT 64
#define SIM_KINDS 80

struct sim_options {
	uint64_t seed;
	size_t events;
	size_t check_every;        /* the whole state is compared after so many events */
	bool trace, quiet;
};

/* What a daemon has to do over the network; forgotten when it dies. */
enum job_kind { JOB_SUBMIT, JOB_QUERY, JOB_CANCEL };
struct job {
	enum job_kind kind;
	char attempt[32];
	struct instruction is;
	int64_t made_ms;
};

struct daemon {
	struct book *book;
	size_t applied;            /* lines of the journal that are in the book */
	int64_t skew_ms;           /* of its clock to the store's */
	struct job jobs[SIM_JOBS];
	size_t njobs;
};

struct person {
	char account[16], name[16], deputy_of[16], region[16];
	unsigned roles;
	char title[24];            /* empty: none */
	bool gone;
};

struct programme {
	char name[32];
	const char *const *bands;
	size_t nbands;
	const char *const *factors;
	size_t nfactors;
	unsigned version;
	int64_t max;               /* as the policy has it */
	bool own;                  /* made up here; may get another version */
	unsigned steps;
	char hash[65];
};

/* What happened in the world; the verifier tells the book of it. */
struct affair {
	char id[24];
	char bureau[8];
	size_t programme;
	struct affair_tip { char id[16], claimant[16]; char intake[16]; unsigned flags; int64_t at_ms; } tips[4];
	size_t ntips;
	int64_t known_ms;
	bool told;
};

/* How often what happens in this world: drawn at its beginning, so that worlds differ. */
struct habits {
	unsigned people, cases, money, noise, repeats, system, network, callbacks, time, statements, skew;
	unsigned kill;             /* one in so many writes and calls; 0: never */
	unsigned restore;          /* one in so many events; 0: never */
	unsigned lost_append;      /* one in so many appends does not hear its answer */
	unsigned refused, lost;    /* calls that never go out, answers that never come: one in so many */
	bool years;                /* years are closed one after the other */
};

/* A command that was done, for doing it again. */
struct kept {
	struct arena arena;
	struct book_command command;
	uint64_t seq;
};

struct figures {
	uint64_t records, refused, repeated, conflicts, kills, restores, rebuilds, statements, jobs;
	uint64_t ids_reused;       /* an instruction id with other contents, refused by the provider */
	uint64_t adopted;          /* attempts that were begun for a debit of a statement */
	uint64_t reconciled;       /* restores that people have reconciled */
	uint64_t checked;          /* whole states compared */
	uint64_t by_kind[SIM_KINDS];   /* records, in order of the table; the last: votes */
};

struct sim {
	struct sim_options options;
	struct random random;
	int64_t now_ms;                    /* of the store; never goes back */
	int64_t timers_ms;                 /* when all that was due was done last */
	size_t event;
	struct journal journal;
	struct provider provider;
	struct daemon daemons[SIM_DAEMONS];
	size_t ndaemons;
	struct invariants *invariants;
	struct coverage *coverage;
	struct arena arena;                /* of one event */
	struct habits habits;

	struct person staff[SIM_STAFF];
	size_t nstaff;
	struct programme programmes[SIM_PROGRAMMES];
	size_t nprogrammes;
	const char *bureaus[SIM_BUREAUS];
	size_t nbureaus;
	struct affair *affairs;
	size_t naffairs;
	unsigned next_key, next_tip, next_payee, next_nonce;
	int64_t statement_day;             /* the last one that was told to the book */
	int64_t down_until_ms;             /* no answer and no callback of the provider until then */
	bool restored;
	struct names lost;                 /* case and claimant of what a restore cut off */
	int64_t *lost_fen;                 /* the most that was owed of it */
	bool settling;

	struct kept kept[SIM_KEPT];
	size_t nkept;
	struct book_refusal refusal;       /* of the last command that was refused */
	uint64_t seq;                      /* of the last one that was not */
	uint64_t unheard;                  /* record of which the writer did not hear; 0: none */
	bool voted;                        /* and whether it was the first of two */
	struct figures figures;
};

extern const unsigned char sim_key[32];

/* Ends the process: the world broke a rule. Tells how to see it again. */
void sim_fail(const struct sim *sim, const char *format, ...) __attribute__((format(printf, 2, 3), noreturn));
void sim_trace(const struct sim *sim, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* --- world.c ---------------------------------------------------------------------------- */

void sim_begin(struct sim *sim, const struct sim_options *options);
void sim_event(struct sim *sim);
/* No faults any more, time goes on until nothing is left to do; then the books have to say what the provider did. */
void sim_settle(struct sim *sim);
/* Compares everything: book with journal, invariants, provider. */
void sim_check(struct sim *sim);
void sim_end(struct sim *sim);

/* --- daemon.c --------------------------------------------------------------------------- */

enum said {
	SAID_RECORD,     /* sim->seq */
	SAID_REPEATED,
	SAID_REFUSED,    /* sim->refusal */
	SAID_DIED,       /* the daemon was killed in between; what became of it is not known */
};

/* Decides, appends, applies; again when the head has moved. */
enum said daemon_do(struct sim *sim, struct daemon *daemon, const struct book_command *command);
struct daemon *daemon_any(struct sim *sim);
/* Everything but the journal is forgotten; the book is built from it anew. */
void daemon_restart(struct sim *sim, struct daemon *daemon);
void daemon_catch_up(struct sim *sim, struct daemon *daemon);
int64_t daemon_clock(const struct sim *sim, const struct daemon *daemon);
/* One thing that is due; false: nothing is. */
bool daemon_due(struct sim *sim, struct daemon *daemon, int64_t *next_ms);
/* One call over the network, with what its outcome leads to; false: none waits. */
bool daemon_network(struct sim *sim, struct daemon *daemon);
/* A callback of the provider; false: none is due. */
bool daemon_callback(struct sim *sim);
void daemon_cancel(struct sim *sim, struct daemon *daemon, const struct book_reward *reward);
void daemon_send_again(struct sim *sim, struct daemon *daemon, const struct book_reward *reward);
void sim_restore(struct sim *sim);
/* What was owed under a name by a journal that is lost; `ctx` is the sim. */
int64_t sim_lost(void *ctx, const char *name);
/* A book built from the journal alone. */
struct book *sim_rebuild(struct sim *sim, uint64_t seed);

/* --- command.c ---------------------------------------------------------------------------- */

/* A command in the arena of the event, with a key of its own. "system" and "claimant" are themselves. */
struct book_command *order(struct sim *sim, const char *kind, const char *account, const char *subject);
void order_put(struct sim *sim, struct book_command *command, const char *name, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
const char *sim_text(struct sim *sim, const char *format, ...) __attribute__((format(printf, 2, 3)));
void order_keep(struct sim *sim, const struct book_command *command);
/* Does an earlier command again, or another one with its key; the answer has to be the first one. */
void order_repeat(struct sim *sim);
/* Accounts by role and, if it is not NULL, title; "nobody" when there is none. */
const char *staff_with(struct sim *sim, unsigned role, const char *title);
const char *staff_any(struct sim *sim);
const char *staff_person(const struct sim *sim, const char *account);
/* Done by a person of that role and, when that was a vote, by another one. */
enum said order_both(struct sim *sim, const struct book_command *command, unsigned role);

/* --- what people do ----------------------------------------------------------------------- */

void world_staff(struct sim *sim);             /* staff.c: at the beginning */
void people_staff(struct sim *sim);            /* and later */
void world_policies(struct sim *sim);          /* policies.c */
void people_policy(struct sim *sim);
void people_reward(struct sim *sim);           /* people.c: what comes next for some reward */
void people_case(struct sim *sim);             /* cases.c */
void people_money(struct sim *sim);            /* budget.c */
void world_money(struct sim *sim);
void noise(struct sim *sim);                   /* noise.c: anything by anybody */
void bank_statement(struct sim *sim);          /* bank.c: the statements of the days that are over */
void people_breaks(struct sim *sim);
void people_find(struct sim *sim);             /* payments that went out of another account */
void people_reconcile(struct sim *sim);        /* after a restore: all statements, then two say so */

/* --- state.c -------------------------------------------------------------------------------- */

/* All that the public functions of the book tell, as lines of text. */
void state_text(const struct book *book, int64_t now_ms, struct buf *out);
/* Where two texts begin to differ, for people. */
void state_difference(const struct buf *a, const struct buf *b, char out[240]);

#endif
