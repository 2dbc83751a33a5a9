/*
 * The amount of a reward: a policy (data) applied to the facts of a case.
 *
 * A policy file is JSON with the members of config/policy/README.md; it is
 * pinned to each decision by the SHA-256 of its bytes. The calculation is
 * whole-number arithmetic in fixed steps, each of which is told in the trace:
 * eligibility, band, points, raw, round, clamp, external award, case cap,
 * split, override.
 *
 * Pure: the same policy and facts give the same result, bit for bit; the order
 * in which the tips are named changes nothing.
 */
#ifndef TIPLINE_MONEY_POLICY_H
#define TIPLINE_MONEY_POLICY_H

#include "daemon/base/arena.h"
#include "daemon/base/complaint.h"
#include "daemon/base/money.h"

#define POLICY_HASH_BYTES 32
#define POLICY_BYTES_MAX 16384     /* of a file; escaped it still fits into one record */
#define POLICY_SHARES_MAX 32       /* tips of a case, and shares of a result */
#define POLICY_STEPS_MAX 12        /* of one approval: persons in a row */
#define POLICY_FACTORS_MAX 16
#define POLICY_BANDS_MAX 32
#define POLICY_MEMBERS_MAX 8       /* of a joint tip */
#define POLICY_BP 10000            /* basis points in a whole */
#define POLICY_DAYS_MAX 256        /* public holidays, and likewise days worked instead */

struct policy;

/*
 * Reads a whole file. `name` stands in complaints: file, line, member, what is
 * expected. NULL with a complaint for anything that is not understood whole,
 * unknown members included. The bytes are copied.
 */
struct policy *policy_load(const char *name, struct span bytes, struct complaint *why);
void policy_free(struct policy *policy);

const char *policy_name(const struct policy *policy);       /* "anti-trafficking" */
unsigned policy_version(const struct policy *policy);       /* from 1 */
const char *policy_effective_from(const struct policy *policy);   /* "2026-01-01" */

/*
 * What the public is told of it (policy_public.c), plain text, not escaped: in
 * that language, or in another of the same first part ("zh" for "zh-TW"); empty
 * where the file says nothing in it. The text may have several lines.
 */
struct span policy_public_title(const struct policy *policy, const char *lang);
struct span policy_public_text(const struct policy *policy, const char *lang);

const unsigned char *policy_hash(const struct policy *policy);
struct span policy_bytes(const struct policy *policy);
unsigned policy_claim_days(const struct policy *policy);
unsigned policy_tax_bp(const struct policy *policy);
unsigned policy_instalments_max(const struct policy *policy);
unsigned policy_payee_cooling_hours(const struct policy *policy); /* from a claim to the earliest release */
unsigned policy_panel_wait_days(const struct policy *policy);     /* the same where a panel spoke for the informant */
int64_t policy_release_two_persons_above(const struct policy *policy);   /* fen; up to it one of finance releases */
/* Days, counted since 1970-01-01, after one and up to another on which people work: Monday to Friday, less holidays, and workdays. */
unsigned policy_working_days(const struct policy *policy, int64_t after, int64_t to);
int64_t policy_min(const struct policy *policy);
int64_t policy_max(const struct policy *policy);
int64_t policy_case_cap(const struct policy *policy);
const char *policy_split_rule(const struct policy *policy); /* "first_only", "first_plus_new_facts", "weighted" */

struct policy_factor { struct span name; int64_t points; };

/* One tip that takes part in a case. Several tips of one informant are one of these, with the bands of all. */
struct policy_tip {
	struct span tip;               /* its id; not empty, not twice in a case */
	int64_t decisive_ms;           /* server's receive time of the decisive fact; equal times: lowest id */
	bool new_facts;                /* brought effective facts that were not known before it */
	bool more_detailed;            /* signed by the verifier: known before, but told in more detail */
	bool offender, victim, duty;   /* the informant is one of those: excluded, where the policy says so */
	struct span bands[POLICY_BANDS_MAX];   /* "victim_located": all that apply; the highest counts, never a sum */
	size_t nbands;
	struct policy_factor factors[POLICY_FACTORS_MAX];   /* one that is left out has 0 points */
	size_t nfactors;
	unsigned weight_bp;            /* rule `weighted`; those of the eligible tips sum to POLICY_BP */
	unsigned members;              /* of a joint tip; 0 and 1: one */
	unsigned member_bp[POLICY_MEMBERS_MAX];   /* ratio of the members, sum POLICY_BP; all zero: equal */
};

struct policy_case {
	const struct policy_tip *tips;
	size_t ntips;
	int64_t known_at_ms;           /* when the police knew of it by themselves; 0: they did not */
	int64_t external_award;        /* fen already paid by another department; 0: none */
	int64_t paid_in_case;          /* fen decided for this case before */
	int64_t override_fen;          /* 0: none; else what a person set by hand for all shares together, with reason */
};

struct policy_share {
	struct span tip;
	unsigned member;               /* from 0 */
	int64_t fen;
	/*
	 * "first", "new_facts", "weight"; with 0 fen one of "not_first",
	 * "known_already", "no_weight", "supplement_pool", "case_cap",
	 * "NOT_ELIGIBLE_KNOWN", "NOT_ELIGIBLE_OFFENDER", "NOT_ELIGIBLE_VICTIM",
	 * "NOT_ELIGIBLE_DUTY". A share so small that a member gets 0 keeps its reason.
	 */
	const char *reason;
};

struct policy_result {
	/*
	 * NULL: an amount was found. Else a stable code, and neither total nor shares:
	 *   MANUAL            caps and minimum contradict each other: a person decides (override)
	 *   CASE_CAP          nothing is left of the case cap, or the override goes above what is left
	 *   NOT_ELIGIBLE_*    every tip is excluded; the code of the earliest
	 *   EXTERNAL_AWARD    another department has paid, and the policy blocks or nothing is left
	 *   FACTOR_RANGE, FACTOR_UNKNOWN, FACTOR_TWICE, BAND_NONE, BAND_UNKNOWN, BAND_TWICE
	 *   WEIGHTS, MEMBER_RATIO    do not sum to a whole
	 *   TIPS_NONE, TIPS_TOO_MANY, TIP_TWICE, BAD_FACTS (a number out of its range), OVERFLOW
	 */
	const char *refused;
	int64_t total;                 /* of all shares */
	struct policy_share shares[POLICY_SHARES_MAX];   /* by time, then id, then member; reasons of all tips */
	size_t nshares;
	struct span trace;             /* canonical JSON array of steps: {"step","in":{...},"out":"..."}; amounts as text */
};

/* The arena keeps the trace; ids in the shares are those of the facts. */
void policy_calculate(const struct policy *policy, const struct policy_case *facts, struct arena *arena,
		      struct policy_result *out);

/*
 * Titles that have to approve an amount, one person each, in order ("meeting:3"
 * is three times "meeting"). By the total of the case for that claimant. An
 * override takes the next level; on the highest level one more person of its
 * last title. Returns how many, at least 1. The titles live as long as the policy.
 */
size_t policy_approvals(const struct policy *policy, int64_t case_total, bool overridden,
			const char *titles[POLICY_STEPS_MAX]);

/* The highest amount that the same persons approve; INT64_MAX where there is no limit. */
int64_t policy_approval_limit(const struct policy *policy, int64_t case_total);

#endif
