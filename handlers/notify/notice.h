/*
 * Notices to bureaus: which channel hears of what, and the signed webhook.
 *
 * A notice tells that there is something to look at: kind, region, priority and
 * the address of the desk. Never a text, a place, who wrote or the id of a tip.
 *
 * Signed as Standard Webhooks has it: HMAC-SHA256 over "id.timestamp.body",
 * headers webhook-id, webhook-timestamp and webhook-signature ("v1,<base64>").
 * The id stays the same when a notice is sent again. Pure.
 */
#ifndef TIPLINE_HANDLERS_NOTIFY_NOTICE_H
#define TIPLINE_HANDLERS_NOTIFY_NOTICE_H

#include "daemon/base/arena.h"
#include "daemon/base/buf.h"
#include "daemon/core/score/score.h"

enum notice_kind {
	NOTICE_IMMEDIATE,
	NOTICE_URGENT,
	NOTICE_ESCALATED,
	NOTICE_TEST,          /* to every channel of the region */
	NOTICE_KINDS,
};

/* "immediate", "urgent", "escalated", "test": the first three are bits in channels, in this order. */
const char *notice_kind_name(enum notice_kind kind);

/* One section under `notices`. */
struct notice_channel {
	const char *name;
	const char *region;       /* hears of it and of all beneath it */
	const char *url;
	const char *secret;       /* "whsec_<base64>" */
	unsigned kinds;           /* bit 1 << enum notice_kind */
	const char *desk_url;     /* of the link in it; "": none */
};

#define NOTICE_SECRET_MAX 64      /* bytes of key */
#define NOTICE_FIELDS 4
#define NOTICE_LIVES_MS INT64_C(86400000)   /* tried as long */

struct notice {
	enum notice_kind kind;
	char region[7];
	int64_t at_ms;            /* of what it tells */
};

/*
 * What a journal event gives a notice of; false: nothing. `event` is the JSON
 * of an accepted, received or escalated tip.
 */
bool notice_of_event(struct span event, struct notice *out);

/* The channel is to hear of it. */
bool notice_for(const struct notice_channel *channel, const struct notice *notice);

/* False: not "whsec_" and the base64 of 24 to 64 bytes. */
bool notice_secret_fits(const char *secret);

/* The body, in the arena. */
struct span notice_body(const struct notice_channel *channel, const struct notice *notice, struct arena *arena);

/* "Name: value" of the signed request, with a NULL behind them; `id` as in webhook-id. The secret fits. */
void notice_sign(const char *secret, struct span id, int64_t now_ms, struct span body, struct arena *arena,
		 const char *fields[NOTICE_FIELDS + 1]);

#endif
