/*
 * The money journal as auditors need it: a short row for each record, and what
 * each proposal said. A fold of the same records as the book, kept beside it,
 * so that what was known after any of them is a walk over the first rows.
 *
 * Rows are never changed; nothing here depends on a clock. Texts are kept once
 * and named by number. A row takes some hundred bytes.
 */
#ifndef TIPLINE_MONEY_AUDIT_LOG_H
#define TIPLINE_MONEY_AUDIT_LOG_H

#include "daemon/money/record.h"
#include "daemon/money/reward.h"

struct audit_log;

/* What auditors tell apart; all else is AUDIT_OTHER. */
enum audit_act {
	AUDIT_OTHER,
	AUDIT_VOTE,              /* the first of two persons */
	AUDIT_CASE,              /* case.verified */
	AUDIT_PROPOSE,
	AUDIT_SUBMIT,
	AUDIT_APPROVE,
	AUDIT_RETURN,
	AUDIT_PUBLISH,
	AUDIT_CLAIM,
	AUDIT_CHANGE_PAYEE,
	AUDIT_PANEL,
	AUDIT_EXPIRE,
	AUDIT_EXTEND,
	AUDIT_REINSTATE,
	AUDIT_HOLD,
	AUDIT_LIFT,
	AUDIT_RELEASE,
	AUDIT_REISSUE,
	AUDIT_START,
	AUDIT_SEND,
	AUDIT_ATTEMPT,           /* attempt.cancel, attempt.query */
	AUDIT_OBSERVE,
	AUDIT_TAX,               /* budget.tax */
	AUDIT_STATEMENT,
	AUDIT_BREAK_OPEN,
	AUDIT_BREAK_RESOLVE,
	AUDIT_BREAK_CLEAR,       /* suspense.clear */
	AUDIT_RAIL_HOLD,
	AUDIT_RAIL_LIFT,
	AUDIT_RESTORED,
	AUDIT_RECONCILED,
	AUDIT_EXPORT,
	AUDIT_ACTS,
};

#define AUDIT_NO_STATE 0xff

struct audit_leg {
	int64_t fen;
	uint32_t book, detail;
	uint16_t code;
	bool debit;
};

/* Its number is its place: row 0 is record 1. Names are numbers of audit_text(); 0 is the empty one. */
struct audit_row {
	unsigned char hash[RECORD_HASH_BYTES];
	int64_t at_ms;
	int64_t fen;             /* of a proposal, a payment, a posting by hand; 0: none */
	int64_t until_ms;        /* deadline that it sets; 0: none */
	uint32_t kind, subject, person, role, entry;
	uint32_t with;           /* the first of two persons */
	uint32_t with_seq;       /* and the number of that vote */
	uint32_t reward;         /* from 1, see audit_log_proposal(); 0: about none */
	uint32_t word;           /* title of an approval, class of a break, payee of a claim, date of a statement, id of a payment that starts */
	uint32_t name;           /* id of a break, account of a statement, rail of a payment */
	uint32_t holds;          /* rail that a break put on hold; of a payment: "overpaid", all of the claimant's are held */
	uint32_t settles;        /* break that a statement fills, or payment whose missing line came; 0: none */
	uint32_t region;         /* bureau that it belongs to; 0: to all */
	uint32_t first_leg;
	uint8_t nlegs, act, state, attempt_state;   /* AUDIT_NO_STATE: stays */
};

struct audit_proposal {
	uint64_t seq;
	int64_t fen, tip_ms, known_ms;   /* known_ms 0: the police did not know */
	uint32_t id, case_id, tip, claimant, region, programme;
	uint32_t intake, verifier;       /* persons */
	uint32_t case_seq;               /* record of the case that it rests on */
	unsigned char policy[32];
	bool detailed, overridden, clamped_min, clamped_max;
};

struct audit_log *audit_log_new(uint64_t seed);
void audit_log_free(struct audit_log *log);

/* The next record; one that was taken in before is passed over. */
void audit_log_take(struct audit_log *log, const struct record *record);

/* Good until the next record. */
size_t audit_log_n(const struct audit_log *log);
const struct audit_row *audit_log_row(const struct audit_log *log, size_t index);
const struct audit_leg *audit_log_legs(const struct audit_log *log, const struct audit_row *row);
size_t audit_log_proposals(const struct audit_log *log);
const struct audit_proposal *audit_log_proposal(const struct audit_log *log, uint32_t reward);   /* from 1 */

/* Good as long as the log. */
const char *audit_text(const struct audit_log *log, uint32_t name);
/* How many there are; numbers are below that. */
size_t audit_log_texts(const struct audit_log *log);

/* How many rows there were at that time: those of that millisecond too. */
size_t audit_log_until(const struct audit_log *log, int64_t at_ms);

/* Bytes that it takes. */
size_t audit_log_bytes(const struct audit_log *log);

#endif
