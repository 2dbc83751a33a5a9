/*
 * The digest of a channel: when it is due, and what an event adds to it. Pure.
 */
#ifndef TIPLINE_HANDLERS_NOTIFY_DIGEST_H
#define TIPLINE_HANDLERS_NOTIFY_DIGEST_H

#include "handlers/notify/notice.h"

#define DIGEST_DAY_MS INT64_C(86400000)
#define DIGEST_LATE_MS INT64_C(43200000)   /* later than that it is left out */

/* The last time at which it was due, "08:00 +0800"; false: there is none, or it is too long ago. */
bool digest_due(const char *at, int64_t now_ms, int64_t *due_ms);

/* An empty digest of a region, of the day that ends then. */
struct notice digest_begin(const char *region, int64_t due_ms);

/* When that happened; 0: nobody knows. */
int64_t digest_event_ms(struct span event);

/* What a journal event adds: new, escalated, verified, closed. */
void digest_add_event(struct notice *digest, struct span event);

#endif
