/*
 * The sessions of staff: who signed in with a password, until when. In memory
 * alone, so they end with the process, as do the keys they opened.
 *
 * The cookie's value is 256 random bits; kept is its SHA-256. A session has a
 * public name ("s-" and 16 hex digits) for the audit trail and the keyring, and
 * a word that writes must bring with them (CSRF), 256 bits too. It ends after 15
 * minutes without a request, after 8 hours in any case, and when somebody ends
 * it. Times are of the steady clock, so that setting the clock moves none.
 *
 * A session keeps its person's open key pair, for a keyring that had to make room.
 */
#ifndef TIPLINE_HANDLERS_SESSIONS_H
#define TIPLINE_HANDLERS_SESSIONS_H

#include "daemon/sys/person_keys.h"
#include "daemon/sys/tokens.h"

#define SESSIONS_MAX 256              /* beyond it the one without a request for longest ends */
#define SESSIONS_OF_PERSON 8          /* likewise */
#define SESSION_TOTAL_MS (8 * 3600000ull)
#define SESSION_TEXT 43               /* letters of 32 bytes, URL-safe base 64 */
#define SESSION_NAME 18               /* "s-" and 16 hex digits */

struct sessions;

struct session {
	char name[SESSION_NAME + 1];
	char person[TOKEN_PERSON_MAX + 1];
	char region[7];                   /* it stands there */
	char csrf[SESSION_TEXT + 1];
	unsigned char sha256[32];         /* of the cookie's value */
	unsigned char password_mark[PERSON_PASSWORD_MARK_BYTES];   /* as it was at the sign-in */
	uint64_t began_ms, used_ms;
	struct person_pair pair;          /* the session's own */
	bool changing;                    /* it is just changing its password: another one is no reason to end it */
};

/* Told of each that ends, before it is wiped; may ask, and may not begin or end others. */
struct sessions_watch {
	void (*ended)(void *ctx, const struct session *session, const char *why);
	void *ctx;
};

struct sessions *sessions_new(uint64_t idle_ms, struct sessions_watch watch);

/* Wipes all; nobody is told. */
void sessions_free(struct sessions *sessions);

struct session_begin {
	struct span person;
	const char *region;
	const unsigned char *password_mark;
	const struct person_pair *pair;   /* is copied */
	uint64_t now_ms;
};

/* `text` gets the cookie's value, to be wiped. The session is good until the next call that may end one. */
struct session *sessions_begin(struct sessions *sessions, const struct session_begin *of, char text[SESSION_TEXT + 1]);

/*
 * The living session of a cookie, NULL when there is none (any more). It counts
 * as used. The hash is looked for, so time tells nothing of the value.
 */
struct session *sessions_find(struct sessions *sessions, struct span text, uint64_t now_ms);

/* The same for a request that nobody made by hand: it does not count as used. */
struct session *sessions_look(struct sessions *sessions, struct span text, uint64_t now_ms);

/* Whether it is made like the public name of a session; no token's id is. */
bool sessions_is_name(struct span name);

/* The session of that public name, used or not; NULL. */
struct session *sessions_named(struct sessions *sessions, struct span name);

/* `why` is a word for the audit trail: "sign_out", "idle", "over", "room", "account", "password", "signed_out". */
void sessions_end(struct sessions *sessions, struct session *session, const char *why);

/* Ends all of a person but one (NULL: all). */
void sessions_end_of(struct sessions *sessions, struct span person, const struct session *but, const char *why);

/* Ends those that are over; and those for which `holds` is false, with the reason that it gives. */
void sessions_sweep(struct sessions *sessions, uint64_t now_ms, bool (*holds)(void *ctx, const struct session *session, const char **why),
		    void *ctx);

/* When it ends if nothing is asked any more, and in any case. */
uint64_t session_idle_end_ms(const struct sessions *sessions, const struct session *session);
uint64_t session_end_ms(const struct session *session);

/* Whether the word is the session's; takes the same time for all of that length. */
bool session_csrf_is(const struct session *session, struct span word);

size_t sessions_count(const struct sessions *sessions);

/* Those of one person. */
size_t sessions_count_of(const struct sessions *sessions, struct span person);

#endif
