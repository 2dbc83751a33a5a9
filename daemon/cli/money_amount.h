/*
 * The amount of a reward, calculated a second time: policies as they stand in
 * the journal, facts as they stand in a proposal. Nothing here is taken from
 * the module that decides; what both have to agree on is docs/REWARDS.md.
 */
#ifndef TIPLINE_CLI_MONEY_AMOUNT_H
#define TIPLINE_CLI_MONEY_AMOUNT_H

#include "daemon/base/arena.h"
#include "daemon/base/complaint.h"

#define MONEY_TIPS_MAX 32
#define MONEY_MEMBERS_MAX 8
#define MONEY_BANDS_MAX 32
#define MONEY_FACTORS_MAX 16
#define MONEY_LEVELS_MAX 16
#define MONEY_STEPS_MAX 12
#define MONEY_WHOLE_BP 10000

struct money_named {
	struct span name;
	int64_t least, most;   /* a band's fen is `most` */
};

struct money_level {
	int64_t limit;         /* inclusive; INT64_MAX: none */
	struct span titles[MONEY_STEPS_MAX];
	size_t n;
};

enum money_split { MONEY_FIRST_ONLY, MONEY_FIRST_PLUS, MONEY_WEIGHTED };

struct money_policy {
	unsigned char hash[32];        /* SHA-256 of its bytes */
	struct span name;
	int64_t version;
	int64_t min, max, case_cap, round_to, per_point;
	struct money_named bands[MONEY_BANDS_MAX], factors[MONEY_FACTORS_MAX];
	size_t nbands, nfactors;
	enum money_split split;
	int64_t supplement_bp;
	bool min_per_recipient, nets_external;
	bool excludes_offender, excludes_victim, excludes_duty;
	struct money_level levels[MONEY_LEVELS_MAX];
	size_t nlevels;
	int64_t claim_days, tax_bp, instalments_max;
	int64_t cooling_hours, panel_days, alone_fen;   /* as told, or what holds where the file is silent */
};

/* Reads what is needed of a policy; spans lie in the arena or point into the text, which outlives it. False: it is none. */
bool money_policy_read(struct span text, struct arena *arena, struct money_policy *policy, struct complaint *why);

struct money_tip {
	struct span id;
	int64_t decisive_ms;
	struct span bands[MONEY_BANDS_MAX];
	size_t nbands;
	struct money_named points[MONEY_FACTORS_MAX];   /* in `most` */
	size_t npoints;
	bool new_facts, more_detailed, offender, victim, duty;
	int64_t weight_bp;
	int64_t members;                 /* 0 and 1: one */
	int64_t ratio[MONEY_MEMBERS_MAX];
	size_t nratio;
	struct span intake;              /* person who took it in; of a case's tips alone */
};

/* "15-7K3MQ2X9RD at=1763748000000 bands=a+b new=1 weight=6000 specificity=3": facts and points of a tip. */
bool money_tip_read(struct span text, struct money_tip *tip);

struct money_facts {
	const struct money_tip *tips;
	size_t ntips;
	int64_t known_at_ms, external_fen, decided_fen, override_fen;
};

struct money_amounts {
	const char *refused;             /* NULL: an amount was found */
	int64_t fen[MONEY_TIPS_MAX][MONEY_MEMBERS_MAX];   /* by place in the facts, then member */
	int64_t total;
};

void money_amounts_of(const struct money_policy *policy, const struct money_facts *facts, struct money_amounts *out);

/* Who has to approve: titles in order, at most MONEY_STEPS_MAX. */
size_t money_approvals(const struct money_policy *policy, int64_t total, bool overridden,
		       struct span titles[MONEY_STEPS_MAX]);

/* Whether a tip is excluded for being late: I19. */
bool money_tip_known_before(const struct money_tip *tip, int64_t known_at_ms);

#endif
