/*
 * The book of money: the one state machine that every payment goes through.
 *
 * In:  a command (who wants what) or a record of the journal.
 * Out: the next record, or a refusal with its code; the book after a record.
 * State is nothing but the fold of the journal: rewards, attempts, votes,
 * staff as of that time, policies, balances, statements, idempotency keys.
 * Deciding changes nothing; applying checks everything again, so a journal that
 * was tampered with or written by another version is refused at the record
 * that does not follow. Pure: no clock, no randomness; two books fed with the
 * same records are equal.
 *
 * Whoever writes: decide, append with the expected head (compare-and-append),
 * apply. A head that moved means: catch up, decide again.
 */
#ifndef TIPLINE_MONEY_BOOK_H
#define TIPLINE_MONEY_BOOK_H

#include "daemon/money/attempt.h"
#include "daemon/money/policy.h"
#include "daemon/money/posting.h"
#include "daemon/money/reconcile.h"
#include "daemon/money/record.h"
#include "daemon/money/reward.h"
#include "daemon/money/staff.h"

#define BOOK_FIELDS_MAX 24
#define BOOK_ID_MAX 24             /* "R1234", with NUL; attempt "R1234-1" */
#define BOOK_LINE_MAX 32           /* "S12:3" */
#define INSTRUCTION_ID_LEN 26      /* [0-9A-Z], derived */

struct book;
struct command_rule;

/* A named argument of a command; amounts are decimal fen, times decimal Unix ms, lists are JSON arrays of texts. */
struct book_field {
	const char *name;
	struct span value;
};

struct book_command {
	const char *kind;              /* "reward.propose"; the table is in command.c, listed by book_command_kinds() */
	struct span person, account;   /* "system", "claimant" where nobody signed in */
	unsigned roles;                /* money_role bits of the account */
	struct span key;               /* idempotency key */
	struct span subject;           /* reward, attempt, ledger book ...; empty where the record's own number names it */
	struct book_field fields[BOOK_FIELDS_MAX];
	size_t nfields;
};

struct book_refusal {
	int status;                    /* 400 wrong field, 403 not yours to do, 404, 409 state or head, 422 key used for something else */
	const char *code;              /* stable: "ILLEGAL_TRANSITION", "SEPARATION", "STALE_DIGEST", "KEY_MISMATCH", ... */
	char detail[160];
	const char *field;             /* or NULL */
};

struct book_command_kind {
	const char *kind;
	unsigned by;                   /* money_role bits */
	const char *help;
	struct book_command_field { const char *name, *type, *help; bool required; } fields[BOOK_FIELDS_MAX];
	const struct command_rule *rule;   /* the book's own part of the row */
};
const struct book_command_kind *book_command_kinds(size_t *n);

/* `instruction_key`: 32 bytes from which instruction ids are derived; copied. */
struct book *book_new(const unsigned char instruction_key[32], uint64_t seed);
void book_free(struct book *book);

enum book_answer {
	BOOK_RECORD,     /* *record is the next one, to be appended and applied */
	BOOK_REPEATED,   /* the key was used for this very command: *seq is its record */
	BOOK_REFUSED,    /* *refusal says why; nothing is to be written */
};

/* Decides on a command at that time (the store's clock). `record` and what it points at lie in the arena. */
enum book_answer book_decide(const struct book *book, const struct book_command *command, int64_t now_ms,
			     struct arena *arena, struct record *record, uint64_t *seq,
			     struct book_refusal *refusal);

/* Takes the next record in; false and a complaint, and the book as it was, when it does not follow. */
bool book_apply(struct book *book, const struct record *record, struct complaint *why);

uint64_t book_seq(const struct book *book);

/* When what is decided now is recorded: `now_ms`, or the time of the last record when that clock is behind it. */
int64_t book_now_ms(const struct book *book, int64_t now_ms);

const unsigned char *book_head(const struct book *book);    /* hash of the last record */
const struct ledger *book_ledger(const struct book *book);

/* --- what is there ------------------------------------------------------------------ */

struct book_attempt {
	unsigned number;                         /* from 1 */
	char instruction[INSTRUCTION_ID_LEN + 1];
	char rail[16];
	enum attempt_state state;
	enum evidence by;
	int64_t fen;
	int64_t started_ms, changed_ms;
	int64_t next_query_ms;                   /* 0: none is due any more */
	unsigned queries;
	char provider_ref[64];
	char code[64];                           /* last code of the rail */
	struct posting_account source;           /* where the money is taken from */
	int64_t sent_ms;                         /* first time; 0: never sent */
	int64_t retention_ms;                    /* until then the rail knows the id; 0: not sent */
	unsigned not_found;                      /* answers in a row that it does not know the id */
	int64_t not_found_ms;                    /* the first of them */
	unsigned ordinal;                        /* of the instruction: see book_instruction_id() */
	char seen[BOOK_LINE_MAX];                /* debit of a statement that named it before it was started: it is never sent */
	struct posting_account back;             /* where it came back to */
	char body[65];                           /* SHA-256 of the request, hex; empty: not told */
	char line[BOOK_LINE_MAX];                /* statement line that is this payment, "S12:3"; empty: none yet */
	char return_line[BOOK_LINE_MAX];         /* and that it came back */
	char spent_in[LEDGER_BOOK_MAX];          /* budget book of the success */
	bool overpaid;                           /* paid, and was not owed any more (L11) */
};

struct book_reward {
	char id[BOOK_ID_MAX];
	enum reward_state state;
	bool held;
	char book[LEDGER_BOOK_MAX];              /* where it is posted */
	char case_id[64];
	char tip[16];
	char claimant[36];                       /* token; says nothing about the person */
	int64_t fen, tax_fen, paid_fen;
	unsigned step, steps;                    /* approvals given and needed */
	unsigned char digest[32];                /* of what is being approved */
	unsigned char policy[POLICY_HASH_BYTES];
	int64_t deadline_ms, cooling_until_ms;
	char payee[36];                          /* vault token; empty: none yet */
	char rail[16];
	const struct book_attempt *attempts;
	size_t nattempts;
	uint64_t first_seq, last_seq;
};

/* NULL when there is none. Good until the next book_apply(). */
const struct book_reward *book_reward(const struct book *book, struct span id);
const struct book_reward *book_reward_at(const struct book *book, size_t index);   /* in order of proposal */
size_t book_rewards(const struct book *book);
const struct book_attempt *book_instruction(const struct book *book, struct span instruction,
					    const struct book_reward **reward);
const struct policy *book_policy(const struct book *book, const unsigned char hash[POLICY_HASH_BYTES]);
/* The adopted policy of that name that is in force then. */
const struct policy *book_policy_in_force(const struct book *book, struct span name, int64_t at_ms);
const struct staff_register *book_staff(const struct book *book);
/* Whether that rail is on hold: nothing is started or sent on it. */
bool book_rail_held(const struct book *book, struct span rail);

/* --- by hand ----------------------------------------------------------------------- */

/* An entry that finance posted: appropriated, received, funded, a fee. */
struct book_hand {
	const struct ledger_entry *entry;
	uint64_t seq;
	bool corrected;                          /* its reversal was posted */
};

/* A ledger; `next` is who took over what was open, NULL: it is not closed. */
struct book_year {
	const char *book, *next;
};

/* In order; false behind the last. Good until the next book_apply(). */
bool book_hand_at(const struct book *book, size_t index, struct book_hand *out);
bool book_year_at(const struct book *book, size_t index, struct book_year *out);

/* --- after a restore ---------------------------------------------------------------- */

/* Records may be missing: nothing is started or sent until two persons have said up to which day it was reconciled. */
struct book_quarantine {
	bool on;
	char id[BOOK_ID_MAX];                    /* "Q57", the record that began it; empty: there never was one */
	int64_t since_ms;
	uint64_t known;                          /* records that there had been before; 0: not told */
	char until[STATEMENT_DATE_LEN + 1];      /* of one that is over: the day up to which it was reconciled */
};
const struct book_quarantine *book_quarantine(const struct book *book);

/* --- statements and breaks -------------------------------------------------------------- */

struct book_break {
	char id[BOOK_ID_MAX];                    /* "B45" */
	enum break_class class;
	char about[LEDGER_ENTRY_ID_MAX];         /* line "S12:3", statement "S12", attempt "R7-1", "bank:main/2026-11-20" */
	char ledger[LEDGER_BOOK_MAX];            /* of the account, or of the reward */
	struct posting_account account;          /* code 0: of none */
	int64_t fen;                             /* of the line; 0: of none */
	bool credit;
	bool suspended;                          /* its money was posted to suspense (L18) */
	bool cleared;                            /* and out of it again (L19) */
	char cleared_by[LEDGER_ENTRY_ID_MAX];    /* the entry, attempt or other break that it was */
	bool resolved;
	int64_t opened_ms, resolved_ms;
};

struct book_line {
	struct statement_line is;
	uint64_t taken;                          /* record that matched it or opened its break; 0: not judged yet */
	bool broken;                             /* by a break */
};

struct book_statement {
	char id[BOOK_ID_MAX];                    /* "S12" */
	char account_name[LEDGER_DETAIL_MAX];    /* "bank:main" */
	struct posting_account account;
	char ledger[LEDGER_BOOK_MAX];            /* where its unmatched money is posted */
	char rail[16];                           /* on hold when money left the account for a stranger */
	char date[STATEMENT_DATE_LEN + 1];
	struct statement_ends ends;
	unsigned char file[STATEMENT_HASH_BYTES];
	const struct book_line *lines;           /* in order of judging; "S12:1" is the first */
	size_t nlines;
};

/* In order of import, of opening; NULL behind the last. Good until the next book_apply(). */
const struct book_statement *book_statement_at(const struct book *book, size_t index);
const struct book_break *book_break_at(const struct book *book, size_t index);

/* By account ("bank:main") and date; by id. NULL: there is none. */
const struct book_statement *book_statement_find(const struct book *book, struct span account, struct span date);
const struct book_break *book_break_find(const struct book *book, struct span id);

/*
 * The command that imports a statement for an account ("bank:main") that the
 * rail pays from, with the ledger of what cannot be matched; the key is that
 * of the file, so that once more is the same command. Actor and roles are the
 * caller's. False: the book has no way to say this (another currency).
 */
bool book_import_command(const struct statement *statement, struct span account, struct span rail, struct span ledger,
			 struct arena *arena, struct book_command *command, struct complaint *why);

/*
 * The command that records as a break that a file was refused for that account:
 * of another currency (R9), or another one than was imported for the day (R10).
 */
void book_refused_command(const struct statement *statement, struct span account, enum break_class class,
			  struct arena *arena, struct book_command *command);

/*
 * A statement that tells no balance (a bill without lines): it opens and closes
 * with what the account had at the end of the day before that was imported.
 */
void book_statement_carry(const struct book *book, struct span account, struct statement *statement);

/* Whether the system does this because of statements: a line, a gap, a payment without a line. */
bool book_is_reconciling(const struct book_command *command);

/* The first of two persons: what they want, and a second one has not agreed to yet. */
struct book_vote {
	const char *act, *subject, *person;   /* "break.resolve", "B45" */
	uint64_t seq;
	int64_t at_ms;
	bool stands;                          /* may still be agreed to */
};

/* A rail that somebody, or a break, put on hold; also one that goes on again. */
struct book_hold {
	const char *rail, *person;            /* who held it, or lifted it: "system" for a break */
	bool held;
	uint64_t seq;
	int64_t since_ms;
	struct span why;
};

/* False behind the last. Good until the next book_apply(). */
bool book_vote_at(const struct book *book, size_t index, int64_t now_ms, struct book_vote *out);
bool book_hold_at(const struct book *book, size_t index, struct book_hold *out);

/*
 * The next thing the system has to do by itself at that time: publish, expire,
 * give funds, start, query, close. False: nothing is due before *next_ms (0:
 * nothing at all). The same command comes until its record is applied. Sending
 * is not among them: whoever made the request records it with its hash.
 */
bool book_due(const struct book *book, int64_t now_ms, struct arena *arena, struct book_command *command,
	      int64_t *next_ms);

/*
 * An instruction id: 26 characters of base32(HMAC-SHA256(key, case LF claimant
 * LF ordinal)). It names what is owed and not where it stands in the journal,
 * so that a journal restored from a backup, continued in any other order, names
 * the same payment again. The ordinal counts, from 1, the instructions of all
 * rewards of that claimant for that case that may have gone out; one that was
 * cancelled before it was sent does not count, and its id is used again.
 */
void book_instruction_id(const unsigned char key[32], struct span case_id, struct span claimant, unsigned ordinal,
			 char out[INSTRUCTION_ID_LEN + 1]);

#endif
