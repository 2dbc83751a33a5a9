/*
 * The rule about sms.route: whom it names is there.
 */
#ifndef TIPLINE_SYS_CONFIG_ROUTE_H
#define TIPLINE_SYS_CONFIG_ROUTE_H

#include "daemon/sys/config.h"

/* Adds a problem, at the place of sms.route, for each name that no link and no gateway that sends has. */
void config_route_check(const struct config *config, struct config_problems *problems);

#endif
