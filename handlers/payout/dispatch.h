/*
 * The dispatcher: carries attempts out to their rails and brings back what
 * became of them.
 *
 * It follows the treasury. What is open stands in the book; here is only what
 * this process is doing about it. The process that holds the treasury's lease
 * does everything, the others nothing.
 *
 *   CREATED     payee out of the vault, request made, attempt.send with its hash
 *               recorded, and only then sent; what comes back is attempt.observe
 *   SENDING     and not by this process: it died over it. Becomes UNKNOWN (rule A1)
 *   UNKNOWN     asked about by the book's schedule. Sent again, same id and same
 *               bytes, where it surely never went out, or the rail surely does
 *               not know it (A2, A3); the book refuses other bytes
 *   CANCELLING  the request to stop is made once by each process that leads
 *
 * When the provider is away a breaker keeps back what was never sent; questions
 * are asked all the same. A request that no verified answer came to is never
 * taken for failed.
 *
 * Journal first: whatever kills this process at whatever step, the next one
 * finds the intent recorded before the request, and a record that is missing
 * behind it is found by asking.
 */
#ifndef TIPLINE_HANDLERS_PAYOUT_DISPATCH_H
#define TIPLINE_HANDLERS_PAYOUT_DISPATCH_H

#include "daemon/core/tip/seal.h"
#include "daemon/jobs/treasury.h"
#include "handlers/payout/rail_set.h"

struct dispatch;
struct http_client;

/* Where an attempt is between two things that can be lost. */
enum dispatch_step {
	DISPATCH_CHOSEN,      /* nothing is recorded of sending it */
	DISPATCH_RECORDED,    /* attempt.send is in the journal, not a byte has gone out */
	DISPATCH_SENT,        /* the request is on its way */
	DISPATCH_ANSWERED,    /* an answer, or none; not recorded */
	DISPATCH_OBSERVED,    /* recorded */
	DISPATCH_STEPS,
};

/* All pointers outlive the dispatcher. */
struct dispatch_env {
	struct loop *loop;
	struct store *store;             /* of the vault */
	struct http_client *http;
	struct treasury *treasury;
	struct rail_set *rails;
	const struct seal_key *payees;   /* payee_key() */
	const struct seal_key *vouchers; /* attempt_voucher_key() */
	struct trail *trail;             /* told of each payee that is opened; NULL: nobody is */
	const char *remark;              /* what payees read beside the money */
	unsigned period_ms;              /* 0: a tenth of a second */
	unsigned timeout_ms;             /* of a call to a provider; 0: as the rail has it */
	int64_t (*wall_ms)(void);        /* of signatures; NULL: clock_wall_ms */
	/* For tests: told before each next thing is done. May be NULL. */
	void (*stepped)(void *ctx, enum dispatch_step step, struct span attempt);
	void *ctx;
};

struct dispatch_figures {
	uint64_t sent, sent_again;       /* requests */
	uint64_t asked, cancelled;
	uint64_t recorded;               /* attempt.observe */
	uint64_t restarted;              /* found SENDING: rule A1 */
	uint64_t held_back;              /* by a breaker, the rail's daily limit or its being switched off: attempts now */
	uint64_t cannot;                 /* what a rail cannot carry */
	uint64_t body_differs;           /* a repetition would have been another request: not sent */
	uint64_t alarms;
	size_t open;                     /* attempts that are live */
	size_t busy;                     /* with a call or record under way */
};

struct dispatch *dispatch_new(const struct dispatch_env *env);

/* Answers that are outstanding are dropped: the next process asks. */
void dispatch_free(struct dispatch *dispatch);

/* For treasury_env: every record in order, and those of its timers that it may act on. */
void dispatch_applied(struct dispatch *dispatch, const struct record *record);
void dispatch_errand(struct dispatch *dispatch, const struct record *record);

/* Other rails are in force (rail_reload.h): what went out today is counted anew from the book. */
void dispatch_rails_changed(struct dispatch *dispatch);

/* The rail is asked about this attempt ("R7-1") as soon as it may be. */
void dispatch_ask(struct dispatch *dispatch, struct span attempt);

/*
 * The attempt.observe that says what a report says; false: there is nothing to
 * record of it. `key` and texts lie in the arena or are borrowed from `report`.
 */
bool dispatch_observation(const struct rail_report *report, struct span attempt, struct span key, struct span raw,
			  struct arena *arena, struct book_command *command);

const struct dispatch_figures *dispatch_figures(const struct dispatch *dispatch);

#endif
