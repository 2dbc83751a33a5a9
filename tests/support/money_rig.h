/*
 * All handlers with a treasury on the store in memory, staff, policy and
 * budget as in the demo, and its clock in 2026: what is called over HTTP moves
 * money in the real book.
 */
#ifndef TIPLINE_TESTS_MONEY_RIG_H
#define TIPLINE_TESTS_MONEY_RIG_H

#include "daemon/jobs/treasury.h"
#include "handlers/reward/demo_money.h"
#include "handlers/reward/office.h"
#include "tests/support/app_rig.h"

#define RIG_LEDGER DEMO_BUREAU "/" DEMO_PROGRAMME "/2026"
#define RIG_LEDGER_PATH "/api/v1/ledger/" RIG_LEDGER
#define RIG_DAY_MS 86400000u

struct money_rig {
	struct app_rig app;
	struct demo_money *demo;
	struct arena arena;
	unsigned nkeys, ncases;
	char home[64];
};

/* `sets` as in app_rig_open(). */
void money_rig_open(struct money_rig *m, const char *const *sets);
void money_rig_close(struct money_rig *m);

/* Lets time pass on the store's clock, and the treasury notice. */
void money_rig_pass(struct money_rig *m, int64_t ms);
void money_rig_days(struct money_rig *m, unsigned days);

/* Runs the loop until the book says so; fails after half a minute. */
#define money_rig_until(m, condition) \
	do { \
		for (int turns_ = 0; !(condition); turns_++) { \
			if (turns_ > 3000) \
				money_rig_never(#condition); \
			app_rig_run(&(m)->app, 10); \
		} \
	} while (0)
void money_rig_never(const char *condition) __attribute__((noreturn));

/* "Authorization: ..." of a demo account; roles as told by the name up to a dash ("finance-2"). */
const char *money_rig_who(struct money_rig *m, const char *account);

/* A staff call as that account; `key` NULL: a new one, "": none. */
struct rig_answer money_rig_call(struct money_rig *m, const char *account, const char *method, const char *path,
				 const char *json, const char *key);

/* A tip that is the only one of a verified case; its receipt code in `code`. */
struct rig_case {
	char name[32];
	struct tip_id tip;
	struct receipt_code code;
};
void money_rig_case(struct money_rig *m, struct rig_case *out);

/* A reward of 8,600 yuan for such a case, up to a state; its id. */
const char *money_rig_proposed(struct money_rig *m, struct rig_case *about);
const char *money_rig_claimable(struct money_rig *m, struct rig_case *about);

const struct book_reward *money_rig_reward(struct money_rig *m, const char *id);
const char *money_rig_text(struct money_rig *m, const char *format, ...) __attribute__((format(printf, 2, 3)));
const char *money_rig_digest(struct money_rig *m, const char *id);

#endif
