/*
 * How fast passwords may be tried: waits that grow, so that guessing is slow and
 * nobody is locked out. Pure over time; in memory, of fixed size.
 *
 *   device that signed in before   a count of its own, that nobody else can touch
 *   any other                      a count for account and address class, and a bucket for the
 *                                  account over all of them
 *
 * A count: from the third failure on each makes the next try wait longer, 1 s,
 * 2 s, ... 60 s; a success, or a quarter of an hour without a try, wipes it.
 * The bucket: where it is empty, whoever comes from an address class is told to
 * wait a minute, and is let in after it whatever the bucket says. So one who
 * signs in with a new device waits a minute at most, however many addresses are
 * trying; and each of those has one try a minute.
 *
 * Nothing here knows whether an account exists: it stands under a keyed hash.
 * Who chooses both may displace the oldest rows; the hash is secret, so not those
 * of a certain account.
 */
#ifndef TIPLINE_HANDLERS_SLOWDOWN_H
#define TIPLINE_HANDLERS_SLOWDOWN_H

#include "daemon/base/span.h"

#define SLOWDOWN_FREE 3             /* tries without a wait */
#define SLOWDOWN_WAIT_MAX_S 60
#define SLOWDOWN_FORGET_MS (15 * 60000)
#define SLOWDOWN_BUCKET 20          /* tries of an account by devices that are new, at once */
#define SLOWDOWN_REFILL_MS 6000     /* one more in so long */
#define SLOWDOWN_TURN_MS 300000     /* so long one who waited may come back and be let in */

struct slowdown;

struct slowdown_try {
	struct span account;      /* as it was typed */
	uint64_t place;           /* hash of the address class; 0: a local socket */
	struct span device;       /* names the device that signed in before, for this account; empty: it is new */
};

/* `seed`: secret, of this process. */
struct slowdown *slowdown_new(const unsigned char seed[16]);
void slowdown_free(struct slowdown *slowdown);

/*
 * True: go on, and it counts as a failure until slowdown_succeeded(), so that
 * tries at the same time do not slip through. False: *wait_s, 1 to
 * SLOWDOWN_WAIT_MAX_S; nothing is counted.
 */
bool slowdown_begin(struct slowdown *slowdown, const struct slowdown_try *of, uint64_t now_ms, unsigned *wait_s);

/* The last one begun was right: its count is wiped. */
void slowdown_succeeded(struct slowdown *slowdown, const struct slowdown_try *of);

/* The last one begun was not tried at all, because we had no time for it: it does not count. */
void slowdown_take_back(struct slowdown *slowdown, const struct slowdown_try *of);

#endif
