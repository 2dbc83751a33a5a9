/*
 * Where each option of a configuration was set: in which line of the file, or
 * at the command line. An option that nobody set has its preset.
 *
 * The list lies in the configuration's memory. Of an option that was set twice
 * (in the file, then at the command line) the last is kept: it is the one that holds.
 */
#ifndef TIPLINE_SYS_CONFIG_SAID_H
#define TIPLINE_SYS_CONFIG_SAID_H

#include "daemon/base/span.h"
#include "daemon/sys/config.h"

/* The key was set there, with a free name in it where its row has one. Key and place are copied, the name of the source is not. */
void config_said_note(struct config *config, struct span key, const struct config_place *place);

/* Where it was set; NULL: nowhere. `name` is the section's, "" for a plain option. */
const struct config_place *config_said_find(const struct config *config, const struct option_row *row, const char *name);

/* A reload: the places of what takes effect without a restart are those of `fresh` from now on. */
void config_said_adopt(struct config *running, const struct config *fresh);

#endif
