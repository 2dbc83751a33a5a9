/*
 * The treasury: the book of money of this process, and the way to write it.
 *
 * Holds the fold of `{money}:journal` in memory (daemon/money/book.h). A
 * command is decided on that book, appended with compare-and-append on the
 * head, put into the mirror and applied, answered: in this order, one command
 * after the other. When the head has moved (another process wrote) it catches
 * up and decides again. An append whose answer got lost is asked for by the
 * same request before anything else is decided.
 *
 * At its start, and whenever the store came back, the journal is read and
 * checked from the first record on, against the mirror too; so are the records
 * of other processes, every second. What does not follow makes the treasury
 * read-only, with the number of the first bad record, until a person looked.
 * A store that at the start is behind the mirror, and else the same, was
 * restored from an older copy: that is the first thing recorded
 * (book.restored), and the mirror goes on with it, its old file put aside.
 * It is read-only too while the store is weaker than it must be, or while the
 * mirror cannot be written.
 *
 * With the job lease of the shard "money" it also does what is due by itself
 * (book_due()): publishing, expiry, funds, starting and querying attempts. The
 * calls to rails are made by handlers/payout, which it tells through `errand`.
 */
#ifndef TIPLINE_JOBS_TREASURY_H
#define TIPLINE_JOBS_TREASURY_H

#include "daemon/loop/loop.h"
#include "daemon/money/book.h"
#include "daemon/store/store.h"

#define TREASURY_JOB "treasury"     /* the lease of who does what is due, in the shard "money" */

struct treasury;

struct treasury_env {
	struct loop *loop;
	struct store *store;
	struct span holder;                       /* names this process */
	const unsigned char *instruction_key;     /* 32 bytes */
	const char *mirror;                       /* file of the mirror: STATE/money/journal.jsonl */
	bool timers;                              /* takes the lease and does what is due */
	unsigned poll_ms;                         /* how often it looks for records of others, and half as often at
	                                           * the store's settings; 0: every second */
	/* A record was applied, of this process or another; in order, from the first one of the journal on. May be NULL. */
	void (*applied)(void *ctx, const struct record *record);
	/*
	 * This process recorded by its timers what it does next (attempt.send,
	 * attempt.query, ...): now it may do it. After applied(). Never told twice:
	 * after a crash the book says what is open. May be NULL.
	 */
	void (*errand)(void *ctx, const struct record *record);
	void *ctx;
};

enum treasury_outcome {
	TREASURY_DONE,       /* recorded, now or before under this key: record and its canonical bytes */
	TREASURY_REFUSED,    /* by the book: refusal */
	TREASURY_AWAY,       /* store away, book not read yet, or read-only: nothing was changed */
	TREASURY_UNKNOWN,    /* it was sent, and nobody can say any more whether it was recorded: ask again with the same key */
};

struct treasury_answer {
	enum treasury_outcome outcome;
	bool repeated;                        /* the key had been used for this very command */
	const struct record *record;
	struct span json;
	const struct book_refusal *refusal;
};

struct treasury_wait {
	/*
	 * Once, from the loop, never from within treasury_submit(); in the order of the
	 * commands, but while the treasury cannot work those that wait are sent away.
	 * All is borrowed. May submit again.
	 */
	void (*done)(void *ctx, const struct treasury_answer *answer);
	void *ctx;
	/*
	 * Asked before each decision, on the book as it is then (may be NULL): false
	 * when what the command was made from has changed. It is refused as MOVED, 409.
	 */
	bool (*still)(void *ctx);
};

/* What `env` points at outlives the treasury. NULL: the mirror cannot be opened, `why` tells. */
struct treasury *treasury_new(const struct treasury_env *env, struct complaint *why);

/* Those who wait are answered TREASURY_AWAY, or TREASURY_UNKNOWN when it was sent. Not from a callback of its own. */
void treasury_free(struct treasury *treasury);

/* The command's bytes are copied. */
void treasury_submit(struct treasury *treasury, const struct book_command *command, struct treasury_wait wait);

/*
 * For reading; good until the loop turns. NULL until the journal was read once;
 * afterwards the book as it was last known, ready or not.
 */
const struct book *treasury_book(const struct treasury *treasury);

/* The store's clock, as far as it is known; 0: not yet. What is decided is decided at this time. */
int64_t treasury_now_ms(const struct treasury *treasury);

struct treasury_figures {
	bool ready;               /* read, checked, and writing */
	bool quarantine;          /* restored and not reconciled: nothing is started or sent (book.h) */
	bool leading;             /* holds the lease of the timers */
	uint64_t seq;
	uint64_t bad_seq;         /* first record that does not follow; 0: none */
	bool mirror_failing;      /* its disk refuses writes */
	uint64_t appended;        /* records of this process since its start */
	uint64_t refused;         /* commands, by the book */
	uint64_t conflicts;       /* heads that had moved */
	uint64_t lost;            /* answers that had to be asked for again */
	char why[240];            /* why it is not ready; empty when it is */
};
void treasury_figures(const struct treasury *treasury, struct treasury_figures *out);

#endif
