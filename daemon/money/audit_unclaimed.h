/*
 * Rewards that nobody claimed, that were claimed late, or came back after they
 * had expired; and how many days claims take.
 */
#ifndef TIPLINE_MONEY_AUDIT_UNCLAIMED_H
#define TIPLINE_MONEY_AUDIT_UNCLAIMED_H

#include "daemon/money/audit_view.h"

enum audit_unclaimed_why { AUDIT_OPEN, AUDIT_NEAR, AUDIT_EXPIRED, AUDIT_REINSTATED, AUDIT_LATE, AUDIT_WHYS };
const char *audit_unclaimed_name(enum audit_unclaimed_why why);

struct audit_unclaimed {
	const struct audit_reward *reward;
	enum audit_unclaimed_why why;   /* the last one that applies */
	bool waits;                     /* its deadline counts: days_left */
	int64_t days_left;              /* whole days; below zero: over */
	struct audit_seqs seqs;
};

/* Claims that came so many whole days after the publication. */
struct audit_days {
	int64_t days;
	size_t claims;
	int64_t fen;
	struct audit_seqs seqs;
};

struct audit_unclaimed_all {
	struct audit_unclaimed *rewards;   /* in the order of proposal */
	struct audit_days *days;           /* fewest first */
	size_t nrewards, ndays;
};

/* A deadline within `soon_days` is near; a claim in the last `late_percent` of the window is late. */
struct audit_unclaimed_all audit_unclaimed(const struct audit_view *view, int64_t soon_days, int64_t late_percent);

/* Whether it was claimed in that last part. */
bool audit_claimed_late(const struct audit_reward *reward, int64_t late_percent);

#endif
