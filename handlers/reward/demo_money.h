/*
 * Money for trying out: the demo accounts as registered staff, a policy in
 * force whose payees do not cool, a budget and money in the bank. Each is an ordinary command under a
 * key of its own, so a later start changes nothing.
 */
#ifndef TIPLINE_HANDLERS_REWARD_DEMO_MONEY_H
#define TIPLINE_HANDLERS_REWARD_DEMO_MONEY_H

#include "daemon/jobs/treasury.h"

#define DEMO_BUREAU "150600"
#define DEMO_PROGRAMME "ordos-anti-trafficking"

struct demo_money;

/* Goes on by itself until all is recorded. */
struct demo_money *demo_money_new(struct loop *loop, struct treasury *treasury);

/* stop() before the treasury is freed, free() after it. NULL is fine. */
void demo_money_stop(struct demo_money *demo);
void demo_money_free(struct demo_money *demo);

bool demo_money_done(const struct demo_money *demo);

#endif
