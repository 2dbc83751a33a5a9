/*
 * The rules of retention as a file (config/retention.yaml): for each outcome how
 * many days each part of a tip stays after its end, or "never".
 */
#ifndef TIPLINE_SYS_RETENTION_FILE_H
#define TIPLINE_SYS_RETENTION_FILE_H

#include "daemon/base/complaint.h"
#include "daemon/core/retention.h"

#define RETENTION_FILE_MAX 65536

/* Every outcome with every part, once. False: `why` has line, column and what to write. */
bool retention_rules_parse(struct span yaml, struct retention_rules *rules, struct complaint *why);

/* The file; "": the one that is built in. */
bool retention_rules_read(const char *file, struct retention_rules *rules, struct complaint *why);

#endif
