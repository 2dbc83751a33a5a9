/*
 * Payments in tests: a fake provider, a store with a journal in which rewards
 * have been released to it, and daemons (treasury and dispatcher) that live on
 * them and may die at any step. Run from the root of the repository.
 */
#ifndef TIPLINE_TESTS_PAYOUT_RIG_H
#define TIPLINE_TESTS_PAYOUT_RIG_H

#include "handlers/payout/dispatch.h"
#include "tests/support/money_book.h"
#include "tests/support/private_redis.h"
#include "tests/support/store_double.h"

#include <sys/types.h>

#define PAYOUT_RIG_FEN 850000   /* of each reward */

struct payout_rig {
	struct arena arena;
	struct money_book money;         /* as it was seeded */
	bool memory;
	struct private_redis redis;
	char dir[64];
	unsigned mirrors;
	pid_t provider;
	int provider_input;
	unsigned port, control;
	char url[64];
};

struct payout_daemon {
	struct payout_rig *rig;
	struct loop *loop;
	struct store *store;
	struct store_double *twin;       /* of a store in memory */
	struct http_client *http;
	struct treasury *treasury;
	struct dispatch *dispatch;
	struct rail_set rails;
	struct seal_key payees, vouchers;
	uint64_t moved_ms;               /* the store's clock was moved at */
	unsigned steps[DISPATCH_STEPS];  /* how often each was told */
	enum dispatch_step die_at;       /* SIGKILL there; DISPATCH_STEPS: nowhere */
};

/*
 * `memory`: a store whose clock is moved by payout_daemon_pass(), for one daemon at
 * a time in one process; else a private Redis, which outlives daemons.
 * `driver` of the rail, whose name is "voucher". So many rewards are released.
 */
void payout_rig_open(struct payout_rig *rig, bool memory, const char *driver, unsigned rewards);
void payout_rig_close(struct payout_rig *rig);

/* The provider's control port: path "/mode", body JSON; the answer's body in the arena. */
const char *payout_rig_control(struct payout_rig *rig, const char *path, const char *body);

/* How often money went out for an instruction (NULL: in all), as the provider counts it. */
unsigned payout_rig_sent(struct payout_rig *rig, const char *instruction);

/* A daemon on it; `holder` names it in leases. In memory the journal is put into a store of its own. */
void payout_daemon_open(struct payout_daemon *daemon, struct payout_rig *rig, const char *driver, const char *holder);
void payout_daemon_close(struct payout_daemon *daemon);

/* Runs the loop until it is so, or eight seconds are over; whether it is so. */
bool payout_daemon_until(struct payout_daemon *daemon, bool (*so)(struct payout_daemon *daemon));
void payout_daemon_run(struct payout_daemon *daemon, unsigned ms);

/* The store's clock goes on by that much; in memory only. */
void payout_daemon_pass(struct payout_daemon *daemon, int64_t ms);

/* A daemon in a process of its own that dies at that step, or after eight seconds; its exit status. */
int payout_rig_die(struct payout_rig *rig, const char *driver, const char *holder, enum dispatch_step at);

/* The first attempt of the nth reward, or NULL. */
const struct book_attempt *payout_daemon_attempt(const struct payout_daemon *daemon, size_t n);

#endif
