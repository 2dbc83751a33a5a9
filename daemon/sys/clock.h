/*
 * Clocks. Wall time is for people and the journal; deadlines use the monotonic clock.
 */
#ifndef TIPLINE_SYS_CLOCK_H
#define TIPLINE_SYS_CLOCK_H

#include "daemon/base/json_out.h"

/* Milliseconds since 1970 (UTC). */
int64_t clock_wall_ms(void);

/* Milliseconds since some point in the past; never goes back. */
uint64_t clock_steady_ms(void);
uint64_t clock_steady_ns(void);

/* "2026-11-21T18:06:27Z" (RFC 3339) into 21 bytes. */
void clock_text(int64_t wall_ms, char out[21]);

/* The same as a member of an object; null for 0: no such time. */
void clock_put(struct json_out *json, const char *name, int64_t wall_ms);

/* The reverse: exactly that form, UTC, a day that exists. False when it is none. */
bool clock_parse(struct span text, int64_t *wall_ms);

#endif
