/*
 * tipctl reward, inside: a reward as a person reads it.
 */
#ifndef TIPLINE_CLI_TIPCTL_REWARD_H
#define TIPLINE_CLI_TIPCTL_REWARD_H

#include "daemon/cli/tipctl_api.h"

/* The whole answer of GET /api/v1/rewards/{id}. */
void ctl_reward_print(const json_t *file);

#endif
