/*
 * The register of staff, as of any time.
 *
 * Entries are never changed: a later entry of the same account takes its
 * place. Whether two acts were done by different people is a question of
 * persons; an account is only how somebody signed in.
 */
#ifndef TIPLINE_MONEY_STAFF_H
#define TIPLINE_MONEY_STAFF_H

#include "daemon/money/reward.h"

#define STAFF_NAME_MAX 36      /* person, account; with NUL */
#define STAFF_TITLES_MAX 8
#define STAFF_TITLE_MAX 24
#define STAFF_REGION_MAX 16

struct staff_entry {
	char account[STAFF_NAME_MAX], person[STAFF_NAME_MAX];
	char deputy_of[STAFF_NAME_MAX];          /* person whose exclusions are this one's too; empty: nobody's */
	unsigned roles;                          /* money_role bits; 0: may nothing any more */
	char titles[STAFF_TITLES_MAX][STAFF_TITLE_MAX];
	size_t ntitles;
	char region[STAFF_REGION_MAX];           /* division code, "150600"; empty: everywhere */
	int64_t from_ms, until_ms;               /* until: 0 is open; at `until` it is over */
	uint64_t seq;                            /* record that set it */
};

struct staff_register {
	struct staff_entry *entries;             /* oldest first */
	size_t n, size;
};

void staff_free(struct staff_register *staff);
void staff_add(struct staff_register *staff, const struct staff_entry *entry);

/* The entry that holds for the account at that time, or NULL. */
const struct staff_entry *staff_find(const struct staff_register *staff, struct span account, int64_t at_ms);

/* Whoever did something: the person, whose place the account took, and when. */
struct staff_act {
	const char *person, *deputy_of;          /* deputy_of: empty, or NULL: nobody's */
	int64_t at_ms;
};

/*
 * Whether one person may have done both, or two who stand for the same: a
 * person stands for whoever is named as deputy_of by any of the accounts that
 * person had then, and for whom those stood. So what was done keeps its
 * persons when accounts change, and a deputy who signs in with an account of
 * his own stays a deputy.
 */
bool staff_same(const struct staff_register *staff, const struct staff_act *a, const struct staff_act *b);

/*
 * A role that does not go with those of the entry, of another account of the
 * same person, or of one who stands for the same, at any time at which both
 * hold; or 0. Whoever audits, keeps the accounts or stands at the counter has
 * no other part in money.
 */
unsigned staff_conflict(const struct staff_register *staff, const struct staff_entry *entry);

bool staff_titled(const struct staff_entry *entry, const char *title);

/* Whether the bureau lies in the entry's region: "150000" covers "150600". */
bool staff_covers(const struct staff_entry *entry, struct span bureau);

/* Bit of "approver"; 0 for a word that is no role. */
unsigned staff_role(struct span name);

#endif
