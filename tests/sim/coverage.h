/*
 * Which rows of the reward's and the attempt's tables a run has reached.
 */
#ifndef TIPLINE_TESTS_SIM_COVERAGE_H
#define TIPLINE_TESTS_SIM_COVERAGE_H

#include "daemon/money/attempt.h"
#include "daemon/money/reward.h"

/* Plain counters, so that runs in several processes are added up. */
struct coverage {
	uint64_t rewards[REWARD_STATES][REWARD_EVENTS][REWARD_STATES];
	uint64_t attempts[ATTEMPT_STATES][ATTEMPT_STATES];
	uint64_t refused[REWARD_STATES][REWARD_EVENTS];      /* asked for where the table has no row */
};

/* Prints how many of the legal moves were reached, and each that was not. Returns how many were not. */
size_t coverage_print(const struct coverage *coverage, bool all);
/* The event of a command by its name; REWARD_EVENTS: none. */
enum reward_event coverage_event(struct span kind);

#endif
