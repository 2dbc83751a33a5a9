/*
 * What has to fit together in notices and mail; a part of config_load().
 */
#ifndef TIPLINE_SYS_CONFIG_NOTICES_H
#define TIPLINE_SYS_CONFIG_NOTICES_H

#include "daemon/sys/config.h"

void config_check_notices(const struct config *config, struct config_problems *problems);

#endif
