/*
 * The calls of a bureau's desk: queues, claims, work on a tip.
 */
#ifndef TIPLINE_HANDLERS_BUREAU_BUREAU_H
#define TIPLINE_HANDLERS_BUREAU_BUREAU_H

#include "handlers/endpoint.h"

/* GET /api/v1/queues: the queues of the person's region, with counts. */
void queue_list(const struct call *args, struct http_exchange *exchange);

/* GET /api/v1/changes: the regions whose figures changed; waits until some do. */
void queue_changes(const struct call *args, struct http_exchange *exchange);

/* POST /api/v1/queues/{region}/claim {max, lease_s, wait_s}: the best tips of a region and beneath it. */
void queue_claim(const struct call *args, struct http_exchange *exchange);

/* GET /api/v1/queues/{region}/tips: a page of the open tips of a region and beneath it, without their words. */
void queue_tips(const struct call *args, struct http_exchange *exchange);

/* GET /api/v1/tips?held=me: what the person holds; ?escalated=from_here: what passed from there to a level above. */
void tips_held(const struct call *args, struct http_exchange *exchange);

/* GET /api/v1/tips/{id} */
void tip_read(const struct call *args, struct http_exchange *exchange);

/* GET /api/v1/tips/{id}/files/{n}: the clean copy of an attachment; 409 no_clean_copy where there is none. */
void tip_file(const struct call *args, struct http_exchange *exchange);
/* GET /api/v1/tips/{id}/files/{n}/original: as it was sent. */
void tip_file_original(const struct call *args, struct http_exchange *exchange);

/* GET / and the files of the desk's browser program. */
void desk_file(const struct call *call, struct http_exchange *exchange);

/* POST /api/v1/tips/{id}/{action}: renew, release, transfer, message, note, verify, close, reopen. */
void tip_work(const struct call *args, struct http_exchange *exchange);

/* POST /api/v1/tips/{id}/claim {lease_s}: that very tip. */
void tip_claim(const struct call *args, struct http_exchange *exchange);

/*
 * POST /api/v1/tips/{id}/link {tip}: both are the same incident; unlink {tip}: the tip is not part of its
 * incident; decline {tip}: what was suggested is wrong.
 */
void tip_link(const struct call *args, struct http_exchange *exchange);
void tip_unlink(const struct call *args, struct http_exchange *exchange);
void tip_decline(const struct call *args, struct http_exchange *exchange);

/*
 * POST /api/v1/tips/{id}/unseal {reason}: an approver's half of what opens the informant's identity; the second
 * approver's call shows it, once. /unseal/cancel takes one's own back.
 */
void tip_unseal(const struct call *args, struct http_exchange *exchange);
void tip_unseal_cancel(const struct call *args, struct http_exchange *exchange);

/* GET /api/v1/outbox?state=dead: what was given up; POST /api/v1/outbox/{item}/retry|drop. */
void outbox_list(const struct call *args, struct http_exchange *exchange);
void outbox_act(const struct call *args, struct http_exchange *exchange);

/* POST /api/v1/notices/{region}/test */
void notice_test(const struct call *args, struct http_exchange *exchange);

/* POST /api/v1/incidents/{id}/copies {tips, note}: each of the tips is a copy, and closed as a duplicate. */
void incident_copies(const struct call *args, struct http_exchange *exchange);

/* GET /api/v1/incidents/{id}: all tips of the incident that a tip belongs to. */
void incident_read(const struct call *args, struct http_exchange *exchange);

#endif
