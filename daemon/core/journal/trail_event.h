/*
 * An event of the audit trail: who was shown what, who came in, what changed
 * in configuration, tokens and keys.
 *
 *   {"event":"read","at":1795363200000,"by":"zhang","token":"0f3c...","roles":"officer","call":"tip","id":"15-0123456789",...}
 *
 * Every member but `at`, `n`, `count` and `unattended` is a text, and absent when empty. No
 * text of a tip, no telephone number, receipt code or token belongs here, and
 * none gets in by a slip: a value that is not made like a name or an id stands
 * as "?" (trail_plain()).
 */
#ifndef TIPLINE_CORE_TRAIL_EVENT_H
#define TIPLINE_CORE_TRAIL_EVENT_H

#include "daemon/base/buf.h"

#define TRAIL_VALUE_MAX 96     /* bytes of a value; longer ones are "?" */
#define TRAIL_WORDS_MAX 640    /* bytes of roles, call and query each */
#define TRAIL_DIGITS_MAX 9     /* digits in a row, dashes left out; more are "?": a telephone number has eleven */
#define TRAIL_EVENT_MAX 4096   /* bytes of an event */

enum trail_kind {
	TRAIL_NOTHING,        /* of a route: it shows nothing of persons or money */
	TRAIL_VIEW,           /* a list was asked for */
	TRAIL_READ,           /* one thing, whole */
	TRAIL_READ_FILE,      /* the clean copy of an attachment */
	TRAIL_READ_ORIGINAL,  /* an attachment as it was sent */
	TRAIL_CLAIM,          /* the best of a queue, or one tip, with their words; what was handed out is in the tips' journal */
	TRAIL_LOOK_UP,        /* by a teller, with a voucher's word */
	TRAIL_EXPORT,         /* records as they stand */
	TRAIL_UNSEAL,         /* an identity is opened for its second approver, or a payee was, to be paid */
	TRAIL_SIGN_IN,        /* first use of a token in this process and hour; a session began: `token` is its name */
	TRAIL_SIGN_IN_FAILED, /* tokens that are none, or sign-ins that failed, `count` of them since the last such event */
	TRAIL_SIGN_OUT,       /* by the person */
	TRAIL_SESSION_ENDED,  /* not by the person; `call` says why: idle, over, room, account, password, replaced */
	TRAIL_STARTED,
	TRAIL_STOPPED,
	TRAIL_CONFIG_LOADED,  /* read again */
	TRAIL_CONFIG_CHANGED, /* one key of it */
	TRAIL_CONFIG_REFUSED, /* read again, with mistakes: nothing changed */
	TRAIL_TOKEN_ADDED,
	TRAIL_TOKEN_REVOKED,
	TRAIL_KEY_MADE,
	TRAIL_KEY_DESTROYED,
	TRAIL_ACCOUNT_CHANGED,  /* `call` names the change, `id` the person, `to` the role */
	TRAIL_TOOL,           /* a command of tipctl read the store itself */
	TRAIL_LOST,           /* `count` events found no room while the store was away */
	TRAIL_UNSEAL_ASKED,   /* an approver asks for an identity, the first one or the second */
	TRAIL_UNSEAL_WITHDRAWN,
	TRAIL_KEY_GRANTED,    /* `id` opens for the person `to` from now on: of a bureau, of a region, of the vault */
	TRAIL_KEY_REVOKED,    /* likewise no longer */
	TRAIL_KINDS,
};

/* Empty spans are left out. */
struct trail_event {
	enum trail_kind kind;
	int64_t at_ms;
	struct span by;       /* a person, as in tokens; of a tool the user of the operating system */
	struct span token;    /* its id */
	struct span roles;    /* words with a blank between them */
	struct span call;     /* name of the route, of the command */
	struct span id;       /* what was shown; of a change, what changed */
	struct span region;   /* six digits; anything else is left out */
	struct span query;    /* trail_filter(), one behind the other */
	bool unattended;      /* a page asked by itself: nobody need have looked */
	struct span version;  /* STARTED */
	struct span from, to; /* a change: hash or value before and after; STARTED: `to` is the hash; a file that is sent: `to` is its SHA-256 */
	uint64_t count;       /* of events, of rows of a file; 0: not said */
	struct span run;      /* names the life of a process */
	uint64_t n;           /* number of the event in it; an event that was sent twice has the same one. 0: not said */
};

/* "view", "read", ...; NULL for TRAIL_NOTHING and above the last. */
const char *trail_kind_name(enum trail_kind kind);

/* The kind of that name; TRAIL_NOTHING when there is none. */
enum trail_kind trail_kind_find(struct span name);

/* The value, or "?" where it is not made like a name or an id of ours. Empty stays empty. */
struct span trail_plain(struct span value);

/* Likewise for the filter of that name: of a seed a SHA-256 in hexadecimal is let through too, whatever digits it has. */
struct span trail_plain_filter(struct span name, struct span value);

/* Appends "name=value " for a filter whose values are names, ids or numbers, "? " for any other. */
void trail_filter(struct span name, struct span value, struct buf *to);

/* Appends the event as a JSON object. */
void trail_event_write(const struct trail_event *event, struct buf *to);

#endif
