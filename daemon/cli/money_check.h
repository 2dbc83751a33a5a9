/*
 * The checker of a money journal: a second opinion, offline.
 *
 * In:  an exported journal, line by line; what else the auditor has (anchored
 *      heads, policies, statements, the key of instruction ids).
 * Out: for each invariant I01 to I20 that it holds, or the sequence number of
 *      the first record that breaks it and why, or that it could not be looked
 *      at for want of something.
 * It shares no code with those who write: rules, chart of accounts, postings,
 * amounts and separation of duties are written here once more, from
 * docs/REWARDS.md. Pure but for memory: files are read by tipctl_verify.c.
 */
#ifndef TIPLINE_CLI_MONEY_CHECK_H
#define TIPLINE_CLI_MONEY_CHECK_H

#include "daemon/base/complaint.h"
#include "daemon/base/span.h"

enum money_invariant {
	MONEY_I01_BALANCE,
	MONEY_I02_LIMITS,
	MONEY_I03_BUDGET,
	MONEY_I04_REWARD,
	MONEY_I05_PAID_ONCE,
	MONEY_I06_ONE_ATTEMPT,
	MONEY_I07_INFLIGHT,
	MONEY_I08_ENCUMBERED,
	MONEY_I09_STATEMENTS,
	MONEY_I10_SEPARATION,
	MONEY_I11_AMOUNT,
	MONEY_I12_TRANSITIONS,
	MONEY_I13_CHAIN,
	MONEY_I14_IDEMPOTENCY,
	MONEY_I15_CAPS,
	MONEY_I16_SUMS,
	MONEY_I17_PRIVACY,
	MONEY_I18_EXPIRY,
	MONEY_I19_KNOWN,
	MONEY_I20_INSTRUCTIONS,
	MONEY_INVARIANTS,
};

struct money_finding {
	bool looked_at;
	bool broken;
	uint64_t seq;      /* first record that breaks it; 0: the journal as a whole */
	char why[240];     /* or what is missing to look at it */
};

/* "I07", and what it says in a few words. */
const char *money_invariant_id(enum money_invariant invariant);
const char *money_invariant_help(enum money_invariant invariant);

struct money_check;
struct money_check *money_check_new(void);
void money_check_free(struct money_check *check);

/* --- what else is known; before the first line ------------------------------------- */

/* Record `seq` was published with that hash. */
void money_check_head(struct money_check *check, uint64_t seq, const unsigned char hash[32]);

/* A policy that the auditor has; from then on a policy of the journal has to be one of them. */
void money_check_policy(struct money_check *check, struct span bytes);

/* A statement that the auditor has from the bank; `why` when it cannot be read. */
bool money_check_statement(struct money_check *check, struct span bytes, struct complaint *why);

/* What instruction ids are derived from. */
void money_check_instruction_key(struct money_check *check, const unsigned char key[32]);

/* Only this key (Ed25519, public) may have signed the trailer, and somebody has to. */
void money_check_signer(struct money_check *check, const unsigned char key[32]);

/* --- the journal ------------------------------------------------------------------------ */

/* The next line, without its newline. False: it cannot be read, and nothing behind it is looked at; that is a finding. */
bool money_check_line(struct money_check *check, struct span line);

/* The journal ends here. */
void money_check_end(struct money_check *check);

uint64_t money_check_records(const struct money_check *check);
const unsigned char *money_check_last_hash(const struct money_check *check);
const struct money_finding *money_check_finding(const struct money_check *check, enum money_invariant invariant);
bool money_check_well(const struct money_check *check);

#endif
