/*
 * Reading the YAML file: a mapping of sections to options, nothing else.
 *
 * Anchors, aliases, tags, several documents and keys given twice are refused:
 * a configuration is read by people, and each of these hides something.
 */
#ifndef TIPLINE_SYS_CONFIG_YAML_H
#define TIPLINE_SYS_CONFIG_YAML_H

#include "daemon/sys/config.h"

/* Adds "SOURCE:LINE:COLUMN: ..." unless the list is full. Always false. */
int config_problem(struct config_problems *problems, const struct config_place *place, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Sets one option by its whole key; complains about unknown keys and values that do not fit. */
bool config_set(struct config *config, struct span key, struct span value, const struct config_place *place,
		struct config_problems *problems);

/* Applies a whole file; `name` stands in the complaints. False when there was any. */
bool config_yaml_read(struct config *config, const char *name, struct span yaml, struct config_problems *problems);

#endif
