/*
 * From the configuration ("payout.rails") to rails that can be used: texts,
 * limits, codes, and keys out of their files. Keys stand nowhere else.
 */
#ifndef TIPLINE_HANDLERS_PAYOUT_RAIL_SETTINGS_H
#define TIPLINE_HANDLERS_PAYOUT_RAIL_SETTINGS_H

#include "handlers/payout/rail_set.h"

struct config;

/* Fills an empty set. False: `why` names the rail and what is wrong; the set is to be released all the same. */
bool rail_settings_read(const struct config *config, struct rail_set *set, struct complaint *why);

/*
 * One rail alone, as a start would find it: its keys are read, and its driver
 * looks at all of it. False: `why` names file, line and key and what is to be done.
 */
bool rail_settings_check(const struct config *config, size_t index, struct complaint *why);

#endif
