/*
 * The log: one JSON object a line on standard error, with journald's priority
 * prefix when the service manager reads it.
 *
 *   log_event(LOG_LEVEL_NOTICE, "tip.accepted", "id", id.text, "region", code, NULL);
 *
 * Names of events are stable and listed in docs/OPERATIONS.md. Never text,
 * telephone number, receipt code, token or address: ids and counts only.
 */
#ifndef TIPLINE_SYS_LOG_H
#define TIPLINE_SYS_LOG_H

#include <stdbool.h>
#include <stdint.h>

enum log_level {
	LOG_LEVEL_ERROR = 3,
	LOG_LEVEL_WARNING = 4,
	LOG_LEVEL_NOTICE = 5,
	LOG_LEVEL_INFO = 6,
	LOG_LEVEL_DEBUG = 7,
};

/* Lines above this level are dropped. `journald`: put "<N>" in front. */
void log_open(enum log_level level, bool journald);
enum log_level log_level(void);

/* Pairs of name and text, ended by NULL. A NULL text is left out. */
void log_event(enum log_level level, const char *event, ...) __attribute__((sentinel));

/* A number for log_event(), in one of eight rotating static buffers. */
const char *log_u64(uint64_t number);

/* At most one line a minute of that event; the others are counted and told with the next. */
void log_rarely(enum log_level level, const char *event, const char *reason);

#endif
