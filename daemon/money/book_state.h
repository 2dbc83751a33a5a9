/*
 * The inside of the book; for the files of the module alone (book*.c,
 * command*.c). What it is for stands in book.h.
 *
 * A command becomes a plan: everything its record will say and everything that
 * will be different afterwards, worked out on values, the book untouched. A
 * record of the journal becomes a plan in the same way and has to come out
 * byte for byte as it went in. Only then book_take() makes the plan true,
 * which cannot fail.
 */
#ifndef TIPLINE_MONEY_BOOK_STATE_H
#define TIPLINE_MONEY_BOOK_STATE_H

#include "daemon/base/json_in.h"
#include "daemon/base/json_out.h"
#include "daemon/base/mark_map.h"
#include "daemon/money/book.h"
#include "daemon/money/name_mark.h"
#include "daemon/money/posting.h"
#include "daemon/money/staff.h"

#define CASE_ID_MAX 64
#define CLAIMANT_MAX 36
#define RAIL_MAX 16
#define BUREAU_MAX 16
#define PROGRAMME_MAX 32
#define SUBJECT_MAX 72               /* a hash in hex fits */
#define NO_INDEX SIZE_MAX

#define SECOND_MS INT64_C(1000)
#define MINUTE_MS (60 * SECOND_MS)
#define HOUR_MS (60 * MINUTE_MS)
#define DAY_MS (24 * HOUR_MS)
#define APPROVAL_MS (90 * DAY_MS)   /* approvals that wait longer for funds are given again */

/* --- what the book remembers ------------------------------------------------------- */

/* What a person did on a reward or a case; bits. Two of them may exclude each other. */
enum book_part {
	PART_INTAKE = 1 << 0,      /* took the tip in */
	PART_VERIFIER = 1 << 1,
	PART_PROPOSER = 1 << 2,
	PART_APPROVER = 1 << 3,
	PART_FINANCE = 1 << 4,
	PART_HOLDER = 1 << 5,
	PART_PANEL = 1 << 6,       /* spoke for an informant who cannot */
	PART_DRAFTER = 1 << 7,     /* of a policy */
	PART_CASHIER = 1 << 8,     /* paid it out at the counter */
	PART_IMPORTER = 1 << 9,    /* brought the statement that says it came back */
};

struct part {
	char person[STAFF_NAME_MAX], deputy_of[STAFF_NAME_MAX];
	int64_t at_ms;             /* when; 0: before there was a register */
	unsigned did;              /* one book_part */
	unsigned round;            /* of the approval: those before a return are void */
	const struct part *next;
};

/* A case as the verifier recorded it last. */
struct book_case {
	char id[CASE_ID_MAX];
	char bureau[BUREAU_MAX];
	struct policy_tip *tips;
	size_t ntips;
	int64_t known_at_ms;
	const struct part *parts;
	size_t first_reward;       /* index; NO_INDEX: none */
};

/* A ledger book: one year of one programme of one bureau. */
struct fiscal {
	char name[LEDGER_BOOK_MAX];
	bool closed;
	char next[LEDGER_BOOK_MAX];        /* that took over what was open */
	unsigned posted[POSTINGS];         /* entries so far, by row */
};

/* Money of an account that live attempts will take. */
struct reserve {
	char book[LEDGER_BOOK_MAX];
	struct posting_account account;
	int64_t fen;
};

struct dossier {
	struct book_reward is;
	size_t index, next_in_case, next_of_claimant;
	struct book_attempt *attempts;     /* is.attempts is this */
	const struct policy *policy;
	struct policy_tip *tips;           /* what was calculated with */
	size_t ntips;
	int64_t external_fen, override_fen;
	char bureau[BUREAU_MAX], programme[PROGRAMME_MAX];
	unsigned char substance[RECORD_HASH_BYTES];   /* of the proposal; with the round it is the digest */
	unsigned member;                   /* of a joint tip, from 0 */
	unsigned round;                    /* of the approval, from 1 */
	int64_t review_ms;                 /* since when the present step waits */
	const struct part *parts;
	int64_t window_ms;                 /* claim window as published */
	bool extended;
	char holder[STAFF_NAME_MAX], holder_for[STAFF_NAME_MAX];
	int64_t held_ms, approved_ms, paid_ms, returned_ms;
	int64_t start_ms;                  /* no attempt before */
	struct posting_account source;     /* where finance wants it paid from */
	int64_t slice_fen;                 /* largest instalment; 0: all at once */
	unsigned failures;                 /* since the release */
	char payee_next[36], rail_next[RAIL_MAX];     /* confirmed for a reissue */
	char spent_in[LEDGER_BOOK_MAX];    /* budget book of the last success */
	unsigned posted[POSTINGS];
};

/* The first of two persons. */
struct vote {
	unsigned char digest[RECORD_HASH_BYTES];
	char person[STAFF_NAME_MAX], deputy_of[STAFF_NAME_MAX];
	unsigned role;
	int64_t at_ms;
	uint64_t seq;
	const char *act;                   /* kind of the command; in the table */
	char subject[SUBJECT_MAX];
};

struct draft {
	struct policy *policy;
	char person[STAFF_NAME_MAX], deputy_of[STAFF_NAME_MAX];
	int64_t at_ms;
	bool adopted;
	int64_t from_ms;           /* in force from then on */
};

struct rail_hold {
	char rail[RAIL_MAX], person[STAFF_NAME_MAX], deputy_of[STAFF_NAME_MAX];
	int64_t at_ms;
	bool held;
	uint64_t seq;              /* record of the hold or its end */
	int64_t since_ms;
	struct span why;           /* of a hold; in book->store */
};

/* An entry that a person posted by hand, for its correction. */
struct posted_entry {
	struct ledger_entry entry;
	uint64_t seq;
	bool corrected;
};

struct used_key {
	unsigned char print[RECORD_HASH_BYTES];
	uint64_t seq;
};

/* Imported, with what became of its lines. */
struct bank_statement {
	struct book_statement is;
	struct book_line *lines;           /* is.lines is this */
	size_t judged;                     /* so many from the start are taken */
	bool gap;                          /* does not follow the one before */
	bool gap_told;                     /* by a break */
	uint64_t seq;
	const struct part *importer;       /* who brought it; NULL: the rail itself */
};

/* What moved money of an account without an attempt; a line in suspense may turn out to be it. */
struct bank_entry {
	char id[LEDGER_ENTRY_ID_MAX], ledger[LEDGER_BOOK_MAX];
	struct posting_account account;
	int64_t fen;
	bool credit;                       /* the account got it */
};

/* A growing array; `at` of whatever it holds. */
struct list {
	void *at;
	size_t n, size;
};

struct book {
	unsigned char instruction_key[32];
	uint64_t seq;
	unsigned char head[RECORD_HASH_BYTES];
	int64_t last_ms;
	struct ledger *ledger;
	struct staff_register staff;
	struct arena store;                /* texts and parts that live as long as the book */
	struct list keys;                  /* struct used_key */
	struct list dossiers;              /* struct dossier * */
	struct list due;                   /* int64_t per dossier: when the system has something to do; INT64_MAX: never */
	struct list waiting;               /* size_t, dossiers that await funds, by final approval */
	struct list cases;                 /* struct book_case * */
	struct list fiscals, reserves, votes, drafts, rails, by_hand;
	struct list statements;            /* struct bank_statement * */
	struct list breaks;                /* struct book_break */
	struct list bank_entries;          /* struct bank_entry */
	struct list adopted;               /* uint64_t, attempts started for a debit that is not told of them yet */
	struct list unmatched;             /* uint64_t, payments without a line that no break tells of yet */
	struct mark_map by_reference;      /* of providers, to attempts */
	struct mark_map debits;            /* instruction ids that debits name, to statement << 16 | line */
	struct book_quarantine quarantine;
	struct mark_map by_key, by_case, by_claimant, by_instruction, nonces, lines;
};

/* --- lists and names: book_list.c ------------------------------------------------------ */

/* Room for one more element of that size; zeroes. */
void *list_add(struct list *list, size_t each);
void list_drop(struct list *list, size_t each, size_t index);

/* Copies a text that is known to fit. */
void name_put(char *to, size_t size, struct span text);
#define NAME_PUT(to, text) name_put((to), sizeof(to), (text))

/* --- plans: book_plan.c ------------------------------------------------------------------ */

struct plan;

enum subject_kind {
	SUBJECT_FREE,         /* any name, may be empty */
	SUBJECT_NEW_REWARD,   /* the record's own number names it */
	SUBJECT_REWARD,
	SUBJECT_ATTEMPT,
	SUBJECT_LEDGER,       /* "150600/anti-trafficking/2026" */
	SUBJECT_CASE,
	SUBJECT_POLICY,       /* hash of a draft, 64 hex digits */
	SUBJECT_ENTRY,        /* "L02:150600/anti-trafficking/2026:1" */
	SUBJECT_RAIL,         /* "voucher" */
};

/* What a row of the command table says to this module alone. */
struct command_rule {
	enum subject_kind subject;
	enum reward_event event;      /* REWARD_EV_PROPOSE: moves no reward by the table */
	unsigned apart;               /* book_part bits: nobody who did one of these may */
	unsigned part;                /* what one has done afterwards */
	unsigned persons;             /* 2: always two; 0 and 1: unless the guard asks for two */
	/* Checks what only this command asks for, fills in what will be; false after plan_refuse(). */
	bool (*guard)(struct plan *plan);
	/* What is beyond dossier, attempt and entry; may be NULL. Cannot fail. */
	void (*take)(struct book *book, const struct plan *plan);
	/* The same for the first of two persons. */
	void (*voted)(struct book *book, const struct plan *plan);
};

struct plan {
	const struct book *book;
	const struct book_command *command;
	const struct book_command_kind *kind;
	struct span field[BOOK_FIELDS_MAX];        /* in order of the table; checked and canonical */
	int64_t now_ms;
	uint64_t seq;
	struct arena *arena;
	struct book_refusal *refusal;
	unsigned char print[RECORD_HASH_BYTES];
	uint64_t repeated;                         /* record of the same command; 0: none */

	unsigned role;                             /* the one it is done in */
	struct staff_entry actor;                  /* names alone for system and claimant */
	struct dossier *dossier;                   /* as it is; NULL: of no reward */
	struct dossier after;                      /* as it will be */
	struct book_attempt *attempt;              /* as it is */
	enum attempt_state attempt_before;         /* its state, also after the plan was made true */
	struct book_attempt attempt_after;         /* number 0: untouched; one above the last: new */
	struct book_case *kase;
	struct fiscal *fiscal;                     /* of the entry, where its subject is a ledger */
	struct draft *draft;
	struct rail_hold *rail;                    /* NULL: was never held */
	const struct reward_move *move;
	char subject[SUBJECT_MAX];                 /* of the record */

	unsigned persons;                          /* how many are needed */
	const struct vote *vote;                   /* the other person's */
	bool voting;                               /* this is the first of two */
	unsigned char digest[RECORD_HASH_BYTES];   /* of what is voted on */

	struct json_out out;                       /* derived members of data */
	struct buf text;
	enum posting posting;
	struct ledger_entry entry;
	bool hold_claimant;                        /* all that is open for the claimant stops */
	int64_t reserve_fen;                       /* change of what live attempts will take */
	struct posting_account reserve_of;
	void *made;                                /* what guard leaves for take, in the arena */
};

/* Always false. */
bool plan_refuse(struct plan *plan, int status, const char *code, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* A field of the command; empty when it was not given. Asserts that the table has it. */
struct span plan_field(const struct plan *plan, const char *name);
int64_t plan_number(const struct plan *plan, const char *name);
bool plan_given(const struct plan *plan, const char *name);

/* The texts of a list field, in the arena. */
struct span *plan_list(const struct plan *plan, const char *name, size_t *n);

/* Derived members of the record's data. */
void plan_put(struct plan *plan, const char *name, struct span value);
void plan_put_number(struct plan *plan, const char *name, int64_t value);
void plan_put_hash(struct plan *plan, const char *name, const unsigned char hash[RECORD_HASH_BYTES]);

/* Whether the event is legal now for that role; false after a refusal. */
bool plan_may(struct plan *plan, enum reward_event event, unsigned role);

/* The reward goes there, as the move allows; told in the record. */
void plan_to(struct plan *plan, enum reward_state state);

/* Posts on the reward or, without one, on the plan's ledger book. A plan posts once. */
bool plan_post(struct plan *plan, enum posting posting, struct posting_facts *facts);

/* Works the whole command out. plan_release() afterwards, whatever the answer is. */
enum book_answer plan_make(struct plan *plan, const struct book *book, const struct book_command *command,
			   int64_t now_ms, struct arena *arena, struct book_refusal *refusal);
void plan_release(struct plan *plan);

/* The data of its record, in the arena. */
struct span plan_data(const struct plan *plan);

/* --- who: book_separation.c ------------------------------------------------------------------ */

/* Fills in role and actor. */
bool plan_actor(struct plan *plan);
/* The one place where separation of duties is decided, for every command. */
bool plan_apart(struct plan *plan);
/* Whether the plan's actor is the one who did something then, or stands for the same. */
bool same_person(const struct plan *plan, const char *person, const char *deputy_of, int64_t at_ms);
/* Copies the texts. */
const struct part *part_new(struct arena *store, const struct part *next, const struct staff_act *by, unsigned did,
			    unsigned round);
struct staff_act plan_act(const struct plan *plan);

/* --- two persons: book_vote.c ------------------------------------------------------------------ */

/* Finds out whether the plan is a vote or, with another person's, the act. */
bool plan_votes(struct plan *plan);
void vote_take(struct book *book, const struct plan *plan);
void vote_done(struct book *book, const struct plan *plan);

/* --- where it is posted: book_fiscal.c ------------------------------------------------------- */

struct fiscal *fiscal_find(const struct book *book, const char *name);
/* The open year that answers for the open items of a book: itself until it is closed. */
const char *fiscal_now(const struct book *book, const char *name);
/* "bureau/programme/year", the year of that time in China. */
void fiscal_name(char out[LEDGER_BOOK_MAX], const char *bureau, const char *programme, int64_t at_ms);
int64_t reserved(const struct book *book, const char *ledger_book, const struct posting_account *account);

/* What live attempts of others leave of an account. */
int64_t account_left(const struct book *book, const char *ledger_book, const struct posting_account *account);

/* --- finding: book_find.c ----------------------------------------------------------------------- */

struct dossier *dossier_find(const struct book *book, struct span id);
struct dossier *dossier_at(const struct book *book, size_t index);
struct book_attempt *attempt_find(const struct book *book, struct span id, struct dossier **dossier);
struct book_case *case_find(const struct book *book, struct span id);
struct draft *draft_find(const struct book *book, struct span hash);
/* The policy of that name that is in force then. */
struct draft *draft_in_force(const struct book *book, struct span name, int64_t at_ms);
struct rail_hold *rail_hold_find(const struct book *book, struct span rail);
size_t claimant_first(const struct book *book, const char *claimant);
/* Rewards of a case that were not taken back. */
bool dossier_counts(const struct dossier *dossier);

/* --- facts: book_facts.c ----------------------------------------------------------------------------- */

/* Reads "15-7K3MQ2X9RD at=1763748000000 bands=a+b new=1 ..." lines; `intake` gets the persons, or is NULL. */
bool facts_tips(struct plan *plan, const char *field, struct policy_tip *tips, struct span *intake, size_t *n);
/* Adds "15-7K3MQ2X9RD weight=6000 specificity=3" lines to the tips they name. */
bool facts_factors(struct plan *plan, const char *field, struct policy_tip *tips, size_t n);
void facts_put(struct plan *plan, const char *name, const struct policy_tip *tips, size_t n);
struct policy_tip *facts_keep(struct arena *store, const struct policy_tip *tips, size_t n);

/* --- when: book_due.c ------------------------------------------------------------------------------- */

/* When the system next has something to do for a reward; INT64_MAX: not by time. */
int64_t dossier_due(const struct book *book, const struct dossier *dossier);
/* When to ask the rail next about an attempt; 0: not any more. */
int64_t attempt_query_at(const struct book_attempt *attempt, int64_t now_ms);

/* --- commands: guards and what they take ---------------------------------------------------- */

bool guard_staff_set(struct plan *plan);          /* book_staff.c */
void take_staff_set(struct book *book, const struct plan *plan);
bool guard_policy_draft(struct plan *plan);
void take_policy_draft(struct book *book, const struct plan *plan);
bool guard_policy_adopt(struct plan *plan);
void take_policy_adopt(struct book *book, const struct plan *plan);

bool guard_case_verified(struct plan *plan);      /* book_case.c */
void take_case_verified(struct book *book, const struct plan *plan);
bool guard_propose(struct plan *plan);
void take_propose(struct book *book, const struct plan *plan);
/* Whether the informant may still be paid, by what was recorded of the case since; false after a refusal. */
bool case_still_eligible(struct plan *plan);

bool guard_submit(struct plan *plan);             /* book_review.c */
bool guard_approve(struct plan *plan);
bool guard_return(struct plan *plan);
bool guard_reject(struct plan *plan);
bool guard_withdraw(struct plan *plan);
bool guard_funds(struct plan *plan);
bool review_is_first(const struct book *book, const struct dossier *dossier);
bool review_has_funds(const struct book *book, const struct dossier *dossier, int64_t at_ms);
bool review_is_stale(const struct dossier *dossier, int64_t at_ms);
/* Reserves the budget (L03); false: not enough is available, and nothing is planned. */
bool review_reserve(struct plan *plan);

bool guard_publish(struct plan *plan);            /* book_claim.c */
bool guard_expire(struct plan *plan);
bool guard_extend(struct plan *plan);
bool guard_reinstate(struct plan *plan);
bool guard_claim(struct plan *plan);
bool guard_panel(struct plan *plan);
bool guard_decline(struct plan *plan);
bool guard_reissue(struct plan *plan);
bool guard_hold(struct plan *plan);
bool guard_lift(struct plan *plan);
void take_nonce(struct book *book, const struct plan *plan);
void take_reissue_vote(struct book *book, const struct plan *plan);
void claim_hold(struct dossier *dossier, const struct staff_entry *by, int64_t now_ms);

bool guard_release(struct plan *plan);            /* book_pay.c */
bool guard_start(struct plan *plan);
bool guard_send(struct plan *plan);
bool guard_query(struct plan *plan);
bool guard_attempt_cancel(struct plan *plan);
bool guard_rail_hold(struct plan *plan);
bool guard_rail_lift(struct plan *plan);
void take_rail(struct book *book, const struct plan *plan);

/* --- instruction ids: book_instruction.c -------------------------------------------------- */

/* The id of the next attempt of a reward, and whether a statement knows it already. */
struct instruction_next {
	unsigned ordinal;
	char id[INSTRUCTION_ID_LEN + 1];
	struct bank_statement *statement;         /* of a debit that names an id of this payment that the book does not */
	struct book_line *line;                   /* NULL: there is none */
	char line_id[BOOK_LINE_MAX];
};
void instruction_next(const struct book *book, const struct dossier *dossier, struct instruction_next *next);
/* Whether that debit is this payment in amount and account. */
bool instruction_fits(const struct instruction_next *next, int64_t fen, const struct posting_account *source);
/* A debit names an instruction, known or not. */
void instruction_debit(struct book *book, struct span id, size_t statement, size_t line);

/* --- after a restore: book_restored.c -------------------------------------------------------- */

bool guard_restored(struct plan *plan);
void take_restored(struct book *book, const struct plan *plan);
bool guard_reconciled(struct plan *plan);
void take_reconciled(struct book *book, const struct plan *plan);
/* Whether the command may be done while records may be missing; false after a refusal. */
bool quarantine_allows(struct plan *plan);

/* What the next attempt of a released reward is of. */
int64_t start_fen(const struct book *book, const struct dossier *dossier);
void take_start(struct book *book, const struct plan *plan);

bool guard_observe(struct plan *plan);            /* book_observe.c */
void take_observe(struct book *book, const struct plan *plan);

bool guard_revoke(struct plan *plan);             /* book_after.c */
bool guard_void(struct plan *plan);
bool guard_recover(struct plan *plan);
bool guard_write_off(struct plan *plan);
bool guard_offset(struct plan *plan);
bool guard_close(struct plan *plan);
/* Posts back what is neither paid nor on its way (L07). */
void pay_cancel_rest(struct plan *plan);
/* The part of the tax withheld that goes with so much of what was to be paid. */
int64_t pay_tax_of(const struct plan *plan, int64_t fen);
/* Whether what was expended in that book can be spent again: POSTING_SAME_YEAR, or _PRIOR_YEAR. */
unsigned pay_year_of(const struct plan *plan, const char *spent_in);
int64_t close_at(const struct book *book, const struct dossier *dossier);   /* INT64_MAX: something is missing */
int64_t pay_left(const struct book *book, const struct dossier *dossier);   /* owed and not on its way */
/* What the reward could take from its overpayment; 0: nothing. */
int64_t offset_fen(const struct book *book, const struct dossier *dossier);

bool guard_appropriate(struct plan *plan);        /* book_budget.c */
bool guard_receive(struct plan *plan);
bool guard_fund(struct plan *plan);
bool guard_fee(struct plan *plan);
bool guard_tax(struct plan *plan);
bool guard_open_year(struct plan *plan);
bool guard_close_year(struct plan *plan);
bool guard_correct(struct plan *plan);
void take_by_hand(struct book *book, const struct plan *plan);
void take_open_year(struct book *book, const struct plan *plan);
void take_close_year(struct book *book, const struct plan *plan);
void take_correct(struct book *book, const struct plan *plan);
struct fiscal *fiscal_open(struct book *book, const char *name);

const struct book_command_kind *command_find(struct span kind);
/* Reads and checks the fields by the table. */
bool command_read(struct plan *plan);
void command_put_fields(const struct plan *plan, struct json_out *json);

/* Looks again when the system has something to do for it. */
void dossier_wake(struct book *book, const struct dossier *dossier);

/* Takes a plan that was made from a record. */
void book_take(struct book *book, const struct plan *plan);

/* --- statements ------------------------------------------------------------------------------- */

bool statement_lines_fit(struct span text);       /* book_statement.c */
bool guard_import(struct plan *plan);
void take_import(struct book *book, const struct plan *plan);
/* "S12:3"; NULL: no such line. */
struct book_line *line_find(const struct book *book, struct span id, struct bank_statement **statement);
struct bank_statement *statement_at(const struct book *book, size_t index);
/* The last one of the account before that day, the first one after it. */
struct bank_statement *statement_before(const struct book *book, const struct book_statement *statement);
struct bank_statement *statement_after(const struct book *book, const struct book_statement *statement);
void statements_free(struct book *book);

/* What a line means now, and for which attempt. */
struct line_judgement {
	struct reconcile_judgement is;
	struct dossier *dossier;                  /* NULL: of no payment of ours */
	struct book_attempt *attempt;
};
void line_judge(const struct book *book, const struct bank_statement *statement, const struct statement_line *line,
		struct line_judgement *out);      /* book_match.c */
/* Whether the line that a report rests on is one of an imported statement and says the same. */
bool line_proves(struct plan *plan, enum attempt_state state);
/* Of a line that is no match: why. */
enum break_class line_break_class(const struct statement_line *line, const struct line_judgement *judgement);
/* The line was matched or is a break now. */
void line_done(struct bank_statement *statement, struct book_line *line, uint64_t seq);
/* A break tells that the payment has no line. */
void unmatched_drop(struct book *book, const struct dossier *dossier, const struct book_attempt *attempt);
/* The report was taken in: its line is matched, its reference known. */
void line_take(struct book *book, const struct plan *plan);
/* The next thing to do for statements. */
bool statement_due(const struct book *book, int64_t now_ms, struct arena *arena, struct book_command *command,
		   int64_t *next_ms);
/* Whether the command would be recorded. */
bool would_do(const struct book *book, const struct book_command *command, int64_t now_ms);

bool guard_break_open(struct plan *plan);         /* book_break.c */
void take_break_open(struct book *book, const struct plan *plan);
bool guard_break_resolve(struct plan *plan);
void take_break_resolve(struct book *book, const struct plan *plan);
bool guard_suspense_clear(struct plan *plan);
void take_suspense_clear(struct book *book, const struct plan *plan);
struct book_break *break_find(const struct book *book, struct span id);
/* Whether the money of that line, a break, is still in suspense: nobody has said what it was. */
bool break_holds_line(const struct book *book, const char *line);
bool same_place(const struct posting_account *a, const struct posting_account *b);
/* An open one, or one of any state, of that class about that. */
struct book_break *break_about(const struct book *book, enum break_class class, const char *about, bool open);
void take_bank_entry(struct book *book, const struct plan *plan);

#endif
