/*
 * Notices to bureaus: which channel hears of what, and the signed webhook
 * (notice_mail.h: the mail).
 *
 * A notice tells that there is something to look at: how many, of what kind, in
 * which region, and the address of the desk. A digest has the figures of a day.
 * Never a text, a place, who wrote or the id of a tip.
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
	NOTICE_DIGEST,
	NOTICE_KINDS,
};

#define NOTICE_TOLD 3     /* kinds that events give */

/* What a digest has, of a channel's region and all beneath it. */
enum digest_figure {
	DIGEST_NEW,           /* came in, since the last one */
	DIGEST_OPEN,          /* now: waiting or held */
	DIGEST_UNSEEN,        /* now: nobody opened them where they are */
	DIGEST_OVERDUE,       /* now: a limit is over, and they are still there */
	DIGEST_ESCALATED,     /* passed to it, since */
	DIGEST_VERIFIED,      /* since */
	DIGEST_CLOSED,        /* since */
	DIGEST_FIGURES,
};

/* "new", "open", ... */
const char *digest_figure_name(enum digest_figure figure);

/* "immediate", "urgent", "escalated", "test", "digest": the first three are bits in channels, in this order. */
const char *notice_kind_name(enum notice_kind kind);

/* One section under `notices`. */
struct notice_channel {
	const char *name;
	const char *region;       /* hears of it and of all beneath it */
	const char *url;
	const char *secret;       /* "whsec_<base64>" */
	unsigned kinds;           /* bit 1 << enum notice_kind */
	const char *desk_url;     /* of the link in it; "": none */
	const char *mail_to;      /* addresses, joined by commas; NULL or "": the webhook */
	const char *mail_from, *mail_name;
	bool english;             /* else Chinese */
	unsigned pause_s;         /* from one to the next */
	const char *digest;       /* "08:00 +0800"; NULL or "": none */
};

static inline bool notice_by_mail(const struct notice_channel *channel)
{
	return channel->mail_to != NULL && channel->mail_to[0] != '\0';
}


#define NOTICE_CHANNELS_MAX 64    /* as many as the configuration takes */
#define NOTICE_SECRET_MAX 64      /* bytes of key */
#define NOTICE_FIELDS 4
#define NOTICE_LIVES_MS INT64_C(86400000)   /* tried as long */

#define NOTICE_COUNTS 7
_Static_assert(DIGEST_FIGURES <= NOTICE_COUNTS && NOTICE_TOLD <= NOTICE_COUNTS, "room for both");

struct notice {
	enum notice_kind kind;    /* where it tells of several: the first of them */
	char region[7];           /* ...and the region that has them all */
	int64_t at_ms;            /* of what it tells; of a digest its end */
	int64_t from_ms;          /* of a digest its beginning */
	uint32_t count[NOTICE_COUNTS];   /* by kind; of a digest by enum digest_figure */
};

/* How many it tells of; a test and a digest are one. */
uint64_t notice_count(const struct notice *notice);

/*
 * What a journal event gives a notice of; false: nothing. `event` is the JSON
 * of an accepted, received or escalated tip.
 */
bool notice_of_event(struct span event, struct notice *out);

/* "0 2 0 0 0 0 0" */
#define NOTICE_COUNTS_TEXT (NOTICE_COUNTS * 11 + 1)
void notice_counts_write(const struct notice *notice, char text[NOTICE_COUNTS_TEXT]);
bool notice_counts_read(struct span text, struct notice *notice);

/* The smallest region that has both; `into` becomes it. */
void notice_join_region(char into[7], const char other[7]);

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
