/*
 * All configured links to carriers, and the way to them.
 *
 * A link is one section under sms.links: one or more sessions
 * (daemon/link/session.h) to one carrier. Messages out wait here, in order, for a session
 * with room; when the carrier says that we are too fast, the link waits, not the
 * message. A message in is handed on, and answered to the carrier when its
 * taker says so.
 *
 * Knows nothing of texts, tips and the store.
 */
#ifndef TIPLINE_LINK_LINKS_H
#define TIPLINE_LINK_LINKS_H

#include "daemon/core/sms/link_protocol.h"

#define LINKS_MAX 16

struct loop;
struct links;

/* Names one message in; by value, good for ever, of no use once its connection is gone. */
struct link_ref {
	uint64_t session;      /* number of the connection; none is used twice */
	uint64_t message;      /* and of the message on it */
};

struct links_env {
	struct loop *loop;
	/*
	 * A message, or a delivery report, came. links_answer() must follow once,
	 * now or later, in any order. Spans live until this returns.
	 */
	void (*message)(void *ctx, const struct link_config *link, const struct link_message *message,
			struct link_ref ref);
	void (*report)(void *ctx, const struct link_config *link, const struct link_report *report, struct link_ref ref);
	void *ctx;
};

enum link_end {
	LINK_END_SENT,      /* the carrier took it: `id` */
	LINK_END_LATER,     /* it was not sent, or the carrier wants it later */
	LINK_END_REFUSED,   /* for good: `status` */
	LINK_END_UNKNOWN,   /* the connection ended in between: it may have been sent */
};

struct link_sent {
	enum link_end end;
	struct span id;     /* the carrier's, for its reports; lives until the callback returns; may be empty */
	unsigned status;    /* the protocol's own, for the log */
};

typedef void link_done(void *who, const struct link_sent *sent);

/* `configs` and its texts must live until links_set() gave others and those sessions ended. */
struct links *links_new(const struct links_env *env);

/* Starts, changes and ends links so that they are these. One that did not change keeps its connections. */
void links_set(struct links *links, const struct link_config *configs, size_t n);

/* Says goodbye to the carriers and takes no more from them; links_idle() tells when all have ended. */
void links_drain(struct links *links);
bool links_idle(const struct links *links);

/* What is open gets its end, from within this call; late answers to carriers are dropped. */
void links_free(struct links *links);

/*
 * Sends one part through that link. `done` is called once, never from within
 * this call. The submit's octets are copied. A message waits up to
 * LINKS_WAIT_MS for a session with room. LINK_END_LATER is given by a full
 * queue, and by a link that has had nobody logged in who sends for
 * LINKS_DOWN_MS, so that another connector may stand in. What was sent and not
 * answered is LINK_END_UNKNOWN when its connection ends; it is not sent again.
 */
#define LINKS_WAIT_MS 60000
#define LINKS_DOWN_MS 5000
void links_submit(struct links *links, struct span link, const struct link_submit *submit, link_done *done, void *who);

/* Is there a link of that name? */
bool links_sends(const struct links *links, struct span link);

/*
 * Can that link send it as it is? If not, its text has to be split as SMS_UTF16.
 */
bool links_fits(const struct links *links, struct span link, const struct link_submit *submit);

/* How many more links_submit() would be queued now. */
size_t links_room(const struct links *links, struct span link);

void links_answer(struct links *links, struct link_ref ref, enum link_answer answer);

struct link_figures {
	const char *name;
	unsigned sessions, up;    /* configured, logged in */
	uint64_t logins;          /* tried */
	uint64_t logins_refused;
	uint64_t losses;          /* connections that ended without our wish */
	uint64_t in, reports;     /* taken, and answered so */
	uint64_t again;           /* answered with "later" */
	uint64_t broken;          /* PDUs that could not be read */
	uint64_t out[4];          /* by enum link_end */
	uint64_t throttled;       /* times that the carrier was too slow for us */
	size_t queued, open;      /* waiting here; waiting for the carrier's answer */
};

/* Fills up to `max`; returns how many links there are. */
size_t links_figures(const struct links *links, struct link_figures *figures, size_t max);

#endif
