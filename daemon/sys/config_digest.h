/*
 * A configuration in one hash, and single values of it: what the audit trail
 * tells of it. Secrets go into neither.
 */
#ifndef TIPLINE_SYS_CONFIG_DIGEST_H
#define TIPLINE_SYS_CONFIG_DIGEST_H

#include "daemon/base/buf.h"
#include "daemon/sys/config.h"

#define CONFIG_DIGEST_LEN 64

/* SHA-256, in hex, of a line for every option that is no secret, in the order of the table: its key, the name of its item, its value. */
void config_digest(const struct config *config, char digits[CONFIG_DIGEST_LEN + 1]);

/* Appends the value of a key as one would write it after --set; nothing for secrets, sections and unknown keys. */
void config_value(const struct config *config, const char *key, struct buf *to);

#endif
