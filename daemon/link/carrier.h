/*
 * One link to a carrier: its messages out, its pace, its sessions. For
 * links.c, which has them all; nobody else includes it.
 */
#ifndef TIPLINE_LINK_CARRIER_H
#define TIPLINE_LINK_CARRIER_H

#include "daemon/link/links.h"
#include "daemon/link/pace.h"
#include "daemon/link/session.h"

#include <sys/queue.h>

#define CARRIER_QUEUE_MAX 256        /* messages out of one link that wait for a session */
#define CARRIER_SESSIONS_MAX 32      /* of one link; leaving ones among them */

struct carrier;

/* A message out, from links_submit() to its end. */
struct carrier_letter {
	TAILQ_ENTRY(carrier_letter) at;
	struct carrier *link;
	uint64_t serial;         /* their order */
	uint64_t until_ms;       /* waits no longer for a session */
	struct link_submit submit;
	struct buf octets;       /* to, header, octets of it */
	link_done *done;
	void *who;
};

TAILQ_HEAD(carrier_letters, carrier_letter);

struct carrier {
	struct links *links;
	struct carrier *next;
	struct link_config config;
	const struct link_protocol *protocol;
	struct session *sessions[CARRIER_SESSIONS_MAX];
	size_t nsessions;
	struct carrier_letters waiting, sent;
	size_t nwaiting, nsent;
	size_t turn;             /* the session that is asked first */
	uint64_t down_ms;        /* since when no session can send; 0: one can */
	struct pace pace;
	bool leaving;
	struct link_figures figures;
	struct session_figures session_figures;
};

struct links {
	struct links_env env;
	struct evdns_base *dns;
	struct loop_timer *timer;
	struct carrier *first;
	uint64_t connections, serials;
	bool posted, draining, ending;
	struct carrier_letters refused;  /* by links_submit() itself; told in the next turn */
};

/* --- carrier_letter.c ------------------------------------------------------------------ */

struct carrier_letter *carrier_letter_new(struct carrier *link, const struct link_submit *submit, link_done *done, void *who);
/* Tells its owner, and frees it. */
void carrier_letter_end(struct carrier_letter *e, const struct link_sent *sent);
/* To its place among those that wait, by its serial. */
void carrier_letter_wait(struct carrier *link, struct carrier_letter *e);
struct carrier_letter *carrier_letter_unwait(struct carrier *link, struct carrier_letter *e);
/* Those whose time is up at `now_ms`, or all when the link is down for too long, end as "later". */
void carrier_letters_give_up(struct carrier *link, uint64_t now_ms);

/* --- carrier.c ---------------------------------------------------------------------- */

/* Begins with these settings. */
void carrier_start(struct carrier *link, const struct link_config *config);
/* Goes on with these; new connections when something changed. */
void carrier_change(struct carrier *link, const struct link_config *config);
/* Says goodbye; what waits ends as "later". */
void carrier_leave(struct carrier *link);
void carrier_free(struct carrier *link);
/* Keepalives, reconnects, deadlines. */
void carrier_tick(struct carrier *link, uint64_t now_ms);
/* Sends as much of what waits as sessions and pace allow. */
void carrier_send(struct carrier *link);
bool carrier_answer(struct carrier *link, struct link_ref ref, enum link_answer answer);
struct link_figures carrier_figures_of(const struct carrier *link);

#endif
