/*
 * The inside of a policy and of one calculation; for the files of the module
 * alone (policy*.c). What it is for stands in policy.h.
 */
#ifndef TIPLINE_MONEY_POLICY_PARTS_H
#define TIPLINE_MONEY_POLICY_PARTS_H

#include "daemon/base/json_out.h"
#include "daemon/money/policy.h"

#define POLICY_NAME_MAX 48           /* of the programme, a band, a factor, a title; with NUL */
#define POLICY_APPROVAL_BANDS_MAX 16
#define POLICY_LANGS_MAX 16
#define POLICY_LANG_MAX 24           /* of a language tag; with NUL */

enum policy_split {
	POLICY_FIRST_ONLY,
	POLICY_FIRST_PLUS_NEW_FACTS,
	POLICY_WEIGHTED,
	POLICY_SPLITS,
};

extern const char *const policy_split_names[POLICY_SPLITS];

/* Who gets nothing, whatever the tip is worth; bits. */
enum policy_exclusion {
	POLICY_NO_OFFENDER = 1 << 0,
	POLICY_NO_VICTIM = 1 << 1,
	POLICY_NO_DUTY = 1 << 2,
};

struct policy_band {
	char name[POLICY_NAME_MAX];
	int64_t fen;
};

struct policy_range {
	char name[POLICY_NAME_MAX];
	int64_t least, most;             /* points */
};

struct policy_level {
	int64_t limit;                   /* fen, inclusive; INT64_MAX on the last one */
	char titles[POLICY_STEPS_MAX][POLICY_NAME_MAX];
	size_t n;
};

/* What the public is told, in one language. */
struct policy_said {
	char lang[POLICY_LANG_MAX];
	char *text;                      /* owned */
};

struct policy_public {
	struct policy_said at[POLICY_LANGS_MAX];
	size_t n;
};

/* Days since 1970-01-01, in order, each once. */
struct policy_days {
	int64_t at[POLICY_DAYS_MAX];
	size_t n;
};

struct policy {
	char name[POLICY_NAME_MAX];
	char effective_from[sizeof("2026-01-01")];
	int64_t version;
	int64_t min, max, case_cap;      /* fen; 1 <= min <= max <= case_cap */
	int64_t round_to;                /* fen, from 1 */
	int64_t per_point;               /* fen, not negative: more points are never less money */
	struct policy_band bands[POLICY_BANDS_MAX];
	size_t nbands;
	struct policy_range factors[POLICY_FACTORS_MAX];
	size_t nfactors;
	enum policy_split split;
	int64_t supplement_bp;           /* of the pool; rule first_plus_new_facts */
	bool min_per_recipient;          /* else the minimum is one of the pool alone */
	bool net_external;               /* else an award from outside blocks */
	unsigned excludes;               /* policy_exclusion bits */
	struct policy_level levels[POLICY_APPROVAL_BANDS_MAX];
	size_t nlevels;
	int64_t claim_days, tax_bp, instalments_max;
	int64_t payee_cooling_hours, panel_wait_days;
	int64_t release_two_persons_above;   /* fen */
	struct policy_days holidays, workdays;   /* from Monday to Friday; on Saturdays and Sundays */
	struct policy_public public_title, public_text;
	unsigned char hash[POLICY_HASH_BYTES];
	struct span bytes;               /* owned */
};

void policy_public_release(struct policy_public *said);

/* One tip on its way through the steps, in order of time. */
struct policy_candidate {
	const struct policy_tip *tip;
	const char *reason;              /* why it gets what it gets; NOT_ELIGIBLE_*: excluded */
	bool eligible;
	bool takes;                      /* is to get something */
	int64_t amount;                  /* by its own bands and points, after the clamp */
	int64_t fen;                     /* what it gets */
};

struct policy_calculation {
	const struct policy *policy;
	const struct policy_case *facts;
	struct policy_candidate at[POLICY_SHARES_MAX];
	size_t n;
	struct policy_candidate *first;  /* the earliest eligible one */
	int64_t left;                    /* of the case cap, after what was decided before */
	int64_t floor;                   /* minimum of a share; 0: none */
	struct buf text;
	struct json_out trace;
	const char *refused;
};

/* Of a day since 1970-01-01: policy.c. */
bool policy_is_weekend(int64_t day);

/* Ends the calculation with that code. Always false. */
bool policy_refuse(struct policy_calculation *c, const char *code);

/* --- the trace: policy_trace.c ---------------------------------------------------------- */

/* A step: open, the inputs, then the outcome. `tip` NULL: a step of the whole case. */
void policy_step(struct policy_calculation *c, const char *step, const struct policy_tip *tip);
void policy_step_text(struct policy_calculation *c, const char *name, struct span value);
void policy_step_number(struct policy_calculation *c, const char *name, int64_t value);
void policy_step_yes(struct policy_calculation *c, const char *name, bool value);
void policy_step_out(struct policy_calculation *c, const char *out);
void policy_step_out_number(struct policy_calculation *c, int64_t out);
/* Out is the number; or the fault, which ends the calculation: false. */
bool policy_step_end(struct policy_calculation *c, const char *fault, int64_t out);

/* --- one tip by itself, steps 2 to 6: policy_amount.c -------------------------------------- */

/* Sets the candidate's amount; false: refused. */
bool policy_amount(struct policy_calculation *c, struct policy_candidate *candidate);

/* --- all tips together, step 7: policy_split.c ----------------------------------------------- */

/* Sets what each candidate takes, external award and case cap included; false: refused. */
bool policy_split(struct policy_calculation *c);

/*
 * Divides `total` by weights so that the parts sum to it exactly: each its
 * whole part, then one fen each to the largest remainders, ties to the lowest
 * index. Everything 0..MONEY_MAX, n at most POLICY_SHARES_MAX, one weight
 * above zero. When total is not above the sum of weights, no part is above its weight.
 */
void policy_divide(int64_t total, const int64_t *weights, size_t n, int64_t *parts);

#endif
