/*
 * The inside of the checker; for money_check*.c alone. What it is for stands
 * in money_check.h.
 *
 * Each part folds what it needs from the records and tells what is broken with
 * money_broken(); only the first record that breaks an invariant counts.
 */
#ifndef TIPLINE_CLI_MONEY_CHECK_PARTS_H
#define TIPLINE_CLI_MONEY_CHECK_PARTS_H

#include "daemon/base/money.h"
#include "daemon/cli/money_amount.h"
#include "daemon/cli/money_check.h"
#include "daemon/cli/money_line.h"
#include "daemon/cli/money_map.h"

#include <sodium.h>

struct money_check;
struct money_act;

/* A growing array of one kind of thing. */
struct money_list {
	void *at;
	size_t n, size;
};
void *money_list_add(struct money_list *list, size_t each);
/* The same of a list of pointers. */
void money_list_push(struct money_list *list, void *pointer);
void money_list_release(struct money_list *list);

#define NO_SPAN ((struct span){ .at = "", .len = 0 })
#define MONEY_DAY_MS INT64_C(86400000)

/* --- the ledger: money_check_ledger.c ---------------------------------------------------- */

enum money_code {
	MONEY_BANK = 1010,
	MONEY_FLOAT = 1020,
	MONEY_CASH = 1030,
	MONEY_OVERPAID = 1210,
	MONEY_CLAWBACK = 1220,
	MONEY_SUSPENSE_DEBIT = 1310,
	MONEY_PAYABLE = 2010,
	MONEY_INFLIGHT = 2020,
	MONEY_TAX = 2030,
	MONEY_RETURNED = 2040,
	MONEY_SUSPENSE_CREDIT = 2050,
	MONEY_EXPENSE = 5010,
	MONEY_BUDGET = 8000,          /* from here on: the budget */
	MONEY_AUTHORISED = 8010,
	MONEY_ENCUMBERED = 8030,
};

struct money_account {
	unsigned code;
	struct span detail;
	int64_t balance;        /* debits less credits */
	uint64_t seq;           /* last record that moved it */
};

#define MONEY_BUDGET_ROWS 5

struct money_book {
	struct span name;                     /* "150600/anti-trafficking/2026" */
	int64_t budget[MONEY_BUDGET_ROWS];    /* 8010 8020 8030 8040 8050, each on its normal side */
	int64_t owed;                         /* 2010 + 2020 + 2030 + 2040 of the books it answers for */
	size_t answers;                       /* book that answers for what is open: itself, or a later year */
};

struct money_ledger {
	struct money_list accounts, books;
	struct money_map by_account, by_book, entries;
	int64_t fin, bgt;       /* debits so far */
	bool lost;              /* a sum left its range: balances mean nothing any more */
};

/* Posts the current record: I01, I02, I03, I08, and that no entry is posted twice. */
void money_ledger_take(struct money_check *check);

/* Debits less credits of an account, of all books together; what is not detailed has an empty detail. */
int64_t money_ledger_balance(const struct money_check *check, unsigned code, struct span detail);

/* What the record adds to accounts of that code, debits less credits; NULL: of any detail. */
int64_t money_legs_sum(const struct money_line *line, unsigned code, const struct span *detail);

/* --- staff: money_check_staff.c ------------------------------------------------------------- */

/* What somebody did; bits. */
enum money_part {
	MONEY_PART_INTAKE = 1 << 0,
	MONEY_PART_VERIFIER = 1 << 1,
	MONEY_PART_PROPOSER = 1 << 2,
	MONEY_PART_APPROVER = 1 << 3,
	MONEY_PART_FINANCE = 1 << 4,
	MONEY_PART_PANEL = 1 << 5,
	MONEY_PART_CASHIER = 1 << 6,
	MONEY_PART_IMPORTER = 1 << 7,   /* of the statement that says that the money came back */
};

/* One who did something: the person, in whose place, and when. */
struct money_actor {
	struct span person, deputy_of;
	int64_t at_ms;
};

struct money_did {
	struct money_actor who;
	unsigned part;
	int64_t round;          /* of an approval: those of earlier rounds are void */
};

#define MONEY_TITLES_MAX 8
#define MONEY_ROLES_MAX 64      /* as long as a list of a record may be */

struct money_staff {
	struct span account;
	struct money_actor who;
	struct span roles[MONEY_ROLES_MAX], titles[MONEY_TITLES_MAX];
	size_t nroles, ntitles;
	struct span region;
	int64_t from_ms, until_ms;
	int64_t end_ms;         /* until then it is what counts for the account: its end, or a later entry's beginning */
	size_t before;          /* earlier entry of the account; MONEY_MAP_NONE: none */
};

/*
 * Who acts in the current record: false and I10 when the registry of that time
 * does not have the account for this person in this role, or the role is not
 * one of `roles` ("approver finance"). Nobody signed in as "system" and
 * "claimant"; they have the name alone, and *staff is NULL.
 */
bool money_staff_actor(struct money_check *check, const char *roles, struct money_actor *actor,
		       const struct money_staff **staff);
bool money_staff_titled(const struct money_staff *staff, struct span title);
void money_staff_region(struct money_check *check, const struct money_staff *staff, struct span bureau);
/* Each with all whose place was taken at the time, whatever the account. */
bool money_same_person(struct money_check *check, const struct money_actor *a, const struct money_actor *b);

/* Whoever did one of `parts` may not be the actor. */
void money_staff_apart(struct money_check *check, const struct money_actor *actor, const struct money_list *did,
		       unsigned parts, int64_t round);
void money_staff_did(struct money_list *did, const struct money_actor *actor, unsigned part, int64_t round);

/* --- cases and rewards ------------------------------------------------------------------------- */

struct money_case {
	struct span id, bureau;
	int64_t known_at_ms;
	struct money_tip *tips;
	size_t ntips;
	struct money_list did;      /* intake, verifiers */
	struct money_list rewards;  /* size_t */
};

enum money_state {
	MONEY_NONE = -1,
	MONEY_DRAFT,
	MONEY_IN_REVIEW,
	MONEY_AWAITING_FUNDS,
	MONEY_APPROVED,
	MONEY_CLAIMABLE,
	MONEY_CLAIMED,
	MONEY_RELEASED,
	MONEY_PAYING,
	MONEY_PAID,
	MONEY_RETURNED_TO_US,
	MONEY_EXPIRED,
	MONEY_REJECTED,             /* terminal from here */
	MONEY_WITHDRAWN,
	MONEY_DECLINED,
	MONEY_REVOKED,
	MONEY_REVERSED,
	MONEY_CLOSED,
	MONEY_STATES,
};

struct money_attempt {
	struct span id, rail, instruction;   /* "R7-1" */
	unsigned ordinal;                    /* of the instruction */
	bool sent;                           /* it may have gone out */
	struct span seen;                    /* debit that it was begun for; empty: none */
	struct span source, back;            /* "bank:main": where it is taken from, where it came back to */
	int64_t number, fen;
	struct span state;                   /* "SENDING"; points to a literal */
	size_t reward;
	int rank;                            /* how sure its state is: 0 answer, webhook, query, 3 statement */
	bool overpaid;                       /* paid, and not owed */
	int64_t paid_ms;                     /* when its success was told; 0: it was not */
	uint64_t paid_seq;
	bool debited, credited;              /* a statement line for the payment, for its return */
};

struct money_reward {
	struct span id, case_id, claimant, tip, bureau, programme;
	int64_t member;
	size_t kase, next_of_claimant;       /* MONEY_MAP_NONE: none */
	enum money_state state;
	bool held;
	int64_t held_ms;
	struct money_actor holder;
	int64_t fen, tax_fen;
	const struct money_policy *policy;
	bool overridden;
	struct money_tip *tips;              /* what was calculated with */
	size_t ntips;
	unsigned char substance[MONEY_HASH_BYTES], digest[MONEY_HASH_BYTES];
	int64_t round, step;
	struct span titles[MONEY_STEPS_MAX];
	size_t ntitles;
	struct span source;                  /* as released */
	int64_t approved_ms, deadline_ms, window_ms, cooling_ms, paid_ms;
	bool extended;
	struct money_list did;
	struct money_list attempts;          /* size_t */
	struct money_actor seconder;         /* other person of the last act of two */
	uint64_t last_seq;

	/* What the ledger has to hold for it, worked out from what happened. */
	int64_t accrued, payable, returned, tax_left, tax_paid, paid, cancelled, overpaid, clawback;
	int64_t succeeded;                   /* of all attempts, less what came back */
};

struct money_vote {
	struct span act, subject, fields;    /* fields as they stand in data */
	struct money_actor who;
	struct span role;
	int64_t at_ms;
	uint64_t seq, after;                 /* last record of the reward then */
	bool used;
};

struct money_draft {
	struct money_policy policy;
	struct money_actor by;
	bool adopted;
	int64_t from_ms;
};

struct money_reward *money_reward_at(struct money_check *check, size_t index);
struct money_attempt *money_attempt_at(struct money_check *check, size_t index);
struct money_case *money_case_at(struct money_check *check, size_t index);
const char *money_state_name(enum money_state state);
enum money_state money_state_read(struct span name);

/* Whether the amount is still given, or may be. */
bool money_reward_counts(const struct money_reward *reward);

/* Last live attempt, or NULL. */
struct money_attempt *money_live_attempt(struct money_check *check, const struct money_reward *reward);
bool money_attempt_is_live(const struct money_attempt *attempt);

/* --- the whole ---------------------------------------------------------------------------- */

struct money_check {
	struct money_finding findings[MONEY_INVARIANTS];
	struct arena arena;              /* of the current record */
	struct arena store;              /* of the whole journal */
	struct money_line *line;         /* the current record */
	uint64_t n, seq;                 /* records so far; number of the current one, as it says */
	int64_t last_ms;
	int64_t work_ms;                 /* time at which a daemon was at work, as far as records tell */
	unsigned char head[MONEY_HASH_BYTES];
	bool unreadable, ended;

	crypto_hash_sha256_state sha;    /* of all lines before the trailer */
	bool trailer_seen;
	struct money_trailer trailer;
	unsigned char signer[MONEY_KEY_BYTES], instruction_key[32];
	bool has_signer, has_instruction_key, has_policies, has_statements;
	uint64_t last_published;

	struct money_map heads, known_policies, keys;
	struct money_list published;     /* hashes of `heads` */
	struct money_ledger ledger;
	struct money_list staff, cases, rewards, attempts, votes, drafts, deadlines, overdue, sums;
	struct money_list statements, lines, imports;
	struct money_map by_account, by_case, by_reward, by_attempt, by_claimant, by_instruction, by_nonce, by_vote, by_detail;
	struct money_map by_statement, by_line, breaks, by_break, by_debit;
	struct span quarantine;          /* "Q57"; empty: there is none */
	int64_t restored_ms;
};

/* The current record breaks the invariant. */
void money_broken(struct money_check *check, enum money_invariant invariant, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* An amount of a reward; one beyond all reason is I02 and counts as zero, so that sums stay in range. False: there is none. */
bool money_fen(struct money_check *check, const char *name, int64_t *fen);

/* A copy that lives as long as the checker. */
struct span money_keep(struct money_check *check, struct span text);

/* --- what a record means ---------------------------------------------------------------------- */

/* What a kind of record needs before its own rules are looked at. */
struct money_kind {
	const char *kind;
	const char *roles;        /* words; who may */
	unsigned from;            /* states of the reward in which it may come, bits; 0: it is about no reward */
	unsigned to;              /* and those it may lead to; 0: it leads nowhere */
	bool of_attempt;          /* the subject is an attempt */
	bool stops;               /* not while on hold */
	bool two;                 /* always two persons */
	unsigned apart, part;     /* money_part bits */
	void (*take)(struct money_check *check, struct money_act *act);
};

/* A record being taken. */
struct money_act {
	const struct money_kind *kind;
	struct money_actor actor;
	const struct money_staff *staff;     /* NULL: system, claimant */
	struct money_reward *reward;         /* NULL: of none */
	struct money_attempt *attempt;
	enum money_state from, to;
	struct money_vote *vote;             /* the other person's; NULL: none */
};

void money_record_take(struct money_check *check);
const struct money_kind *money_kind_find(struct span kind);

/* An act of two: finds the first person's vote, or I10. */
void money_vote_needed(struct money_check *check, struct money_act *act);
void money_vote_take(struct money_check *check);

void money_privacy_look(struct money_check *check);

/* I18: what is open past its deadline when the record is written; and a deadline that was set. */
void money_look_expired(struct money_check *check);
void money_deadline(struct money_check *check, const struct money_reward *reward);

/* What was not paid of a reward is taken back: L07. */
void money_cancel_rest(struct money_check *check, struct money_reward *reward);
/* What was paid came back, and nothing is owed any more: L22. */
void money_cancel_paid(struct money_check *check, struct money_reward *reward, int64_t fen);

/* I04, I05, I07: whether the ledger holds for the reward what it has to. */
void money_owed_look(struct money_check *check, const struct money_act *act);

/* I20; and I05, I09 of a debit that came before its attempt. */
void money_instruction_look(struct money_check *check, const struct money_reward *reward, struct money_attempt *attempt);

/* A debit that names this instruction, of which nobody has told yet what it was. */
struct money_debit {
	struct span id, account;             /* "S12:3", "bank:main" */
	int64_t fen;
};
bool money_debit_find(const struct money_check *check, struct span instruction, struct money_debit *out);

/* After a restore: what has to wait; and the statements that have to be there up to that day. */
void money_quarantine_look(struct money_check *check, const struct money_act *act);
void money_statements_until(struct money_check *check, struct span date);

/* I11, I15, I19 of a proposal. */
void money_proposal_look(struct money_check *check, struct money_reward *reward);
/* Exclusions as recorded by now. */
void money_still_eligible(struct money_check *check, const struct money_reward *reward);

/* The policy of that hash, if it is the one in force; else I11. NULL: there is no such policy. */
const struct money_policy *money_policy_in_force(struct money_check *check, struct span hash);

/* The kinds: money_check_policy.c, _case.c, _review.c, _claim.c, _pay.c, _after.c */
void money_take_staff(struct money_check *check, struct money_act *act);
void money_take_draft(struct money_check *check, struct money_act *act);
void money_take_adopt(struct money_check *check, struct money_act *act);
void money_take_case(struct money_check *check, struct money_act *act);
void money_take_propose(struct money_check *check, struct money_act *act);
void money_take_submit(struct money_check *check, struct money_act *act);
void money_take_approve(struct money_check *check, struct money_act *act);
void money_take_funds(struct money_check *check, struct money_act *act);
void money_take_publish(struct money_check *check, struct money_act *act);
void money_take_claim(struct money_check *check, struct money_act *act);
void money_take_panel(struct money_check *check, struct money_act *act);
void money_take_end(struct money_check *check, struct money_act *act);
void money_take_expire(struct money_check *check, struct money_act *act);
void money_take_extend(struct money_check *check, struct money_act *act);
void money_take_reinstate(struct money_check *check, struct money_act *act);
void money_take_hold(struct money_check *check, struct money_act *act);
void money_take_lift(struct money_check *check, struct money_act *act);
void money_take_release(struct money_check *check, struct money_act *act);
void money_take_start(struct money_check *check, struct money_act *act);
void money_take_send(struct money_check *check, struct money_act *act);
void money_take_observe(struct money_check *check, struct money_act *act);
void money_take_cancel(struct money_check *check, struct money_act *act);
void money_take_reissue(struct money_check *check, struct money_act *act);
void money_take_void(struct money_check *check, struct money_act *act);
void money_take_recover(struct money_check *check, struct money_act *act);
void money_take_write_off(struct money_check *check, struct money_act *act);
void money_take_offset(struct money_check *check, struct money_act *act);
void money_take_close(struct money_check *check, struct money_act *act);
void money_take_tax(struct money_check *check, struct money_act *act);
void money_take_import(struct money_check *check, struct money_act *act);
void money_take_restored(struct money_check *check, struct money_act *act);
void money_take_reconciled(struct money_check *check, struct money_act *act);

void money_take_break(struct money_check *check, struct money_act *act);
void money_take_clear(struct money_check *check, struct money_act *act);

/* I09: of the line that a report rests on; and when all was read. */
void money_line_look(struct money_check *check, struct money_attempt *attempt);
/* Who brought the statement of the line that the record names; NULL: nobody by hand. */
const struct money_actor *money_line_importer(struct money_check *check);
void money_statement_end(struct money_check *check);

#endif
