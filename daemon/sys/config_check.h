/*
 * Rules on the configuration that concern two values at once, or one that is
 * needed because of another: listeners, gateways, links, rails. What one value
 * may be is the options' table; the rules on notices and on the route are in
 * config_notices.h and config_route.h, and are looked at here as well.
 */
#ifndef TIPLINE_SYS_CONFIG_CHECK_H
#define TIPLINE_SYS_CONFIG_CHECK_H

#include "daemon/sys/config.h"

/* Adds what is wrong. */
void config_check(const struct config *config, struct config_problems *problems);

#endif
