/*
 * Times as people and providers write them, to Unix milliseconds and back.
 * Proleptic Gregorian calendar, years 1970 to 9999; no time zone data, only
 * the offset that is written or given.
 */
#ifndef TIPLINE_BASE_CIVIL_TIME_H
#define TIPLINE_BASE_CIVIL_TIME_H

#include "daemon/base/span.h"

#define CIVIL_BEIJING_MINUTES 480
#define CIVIL_TEXT_MAX 21   /* "2026-11-21T18:06:27Z" with NUL */
#define CIVIL_DATE_MAX 11   /* "2026-11-21" with NUL */

/* RFC 3339: "2026-11-21T18:06:27+08:00", with or without a fraction, of which milliseconds are kept. */
bool civil_read(struct span text, int64_t *unix_ms);

/* "2026-11-21 18:06:27" of a clock so many minutes ahead of UTC. */
bool civil_read_local(struct span text, int ahead_minutes, int64_t *unix_ms);

/* "2026-11-21": its first millisecond of a clock so many minutes ahead of UTC. */
bool civil_read_date(struct span text, int ahead_minutes, int64_t *unix_ms);

/* RFC 3339 in UTC, whole seconds. The time is asserted to lie in the range. */
struct span civil_write(int64_t unix_ms, char out[CIVIL_TEXT_MAX]);

/* The day on a clock so many minutes ahead of UTC. */
struct span civil_write_date(int64_t unix_ms, int ahead_minutes, char out[CIVIL_DATE_MAX]);

#endif
