/*
 * How staff come in with a password: the accounts, their sessions, the waits
 * between tries, and the threads that calculate.
 *
 *   sign_in.c set_up.c new_password.c   what takes a thread: jobs
 *   session.c                           who one is, and leaving
 *   entry.c                             whether a session still holds, at every request
 */
#ifndef TIPLINE_HANDLERS_ENTRY_H
#define TIPLINE_HANDLERS_ENTRY_H

#include "daemon/loop/work.h"
#include "daemon/sys/keyrings.h"
#include "daemon/sys/accounts.h"
#include "handlers/endpoint.h"
#include "handlers/staff/sessions.h"
#include "handlers/staff/slowdown.h"

#include <sys/queue.h>

struct entry_job;
struct trail;

enum entry_result {
	ENTRY_SIGNED_IN,
	ENTRY_FAILED,
	ENTRY_SLOWED,     /* told to wait */
	ENTRY_BUSY,       /* no place in the queue */
	ENTRY_RESULTS,
};

struct entry_env {
	struct loop *loop;
	const char *state_dir;
	struct accounts *accounts;   /* outlives the entry */
	const struct seal_key *staff_key;
	struct keyrings *keyrings;   /* NULL: what sessions open stays closed */
	struct trail *trail;
	uint64_t idle_ms;            /* so long a session may rest */
};

struct entry {
	struct entry_env env;
	struct accounts *accounts;
	struct person_keys *pairs;
	struct sessions *sessions;
	struct slowdown *slowdown;
	struct work *work;
	struct loop_timer *timer;
	LIST_HEAD(entry_jobs, entry_job) jobs;      /* under way */
	uint64_t results[ENTRY_RESULTS];
};

/* NULL: a file cannot be read, and `why` names it. */
struct entry *entry_new(const struct entry_env *env, struct complaint *why);

/* Behind the listeners: what is under way is answered, to nobody. */
void entry_free(struct entry *entry);

/* "signed_in", ... */
const char *entry_result_name(enum entry_result result);

/* Accounts and pairs as their files are now. */
void entry_refresh(struct entry *entry);

/*
 * The session behind a cookie's value, with its staff as of now; NULL: there is
 * none, or what it stood on is gone (and with that the session).
 */
struct session *entry_session(struct entry *entry, struct span text, struct staff *staff);

/* The same for a request that nobody made by hand: neither session nor keys count as used, and nothing opens for it. */
struct session *entry_session_unattended(struct entry *entry, struct span text, struct staff *staff);

/*
 * Whether the session that the request came by still holds, some time later;
 * then its roles are in *staff as of now. Does not count as used. False: it ended.
 */
bool entry_still(struct entry *entry, struct staff *staff);

/* The session that this request came by; NULL: it came by a token. */
struct session *entry_session_of(struct entry *entry, const struct staff *staff);

/* A change of an account, for the audit trail. */
void entry_note_changed(struct entry *entry, struct span person, struct span session, const char *change);

/* --- jobs: what is calculated in a thread for one request -------------------------- */

struct entry_job {
	struct entry *entry;
	struct http_exchange *exchange;
	void (*run)(struct entry_job *job);      /* in a thread: touches what the job owns, and files */
	/* In the loop, once: wipes what the job holds, and answers. `ran` false: it was dropped, as the process ends. */
	void (*finish)(struct entry_job *job, bool ran);
	uint64_t place;        /* of a device that is new: hash of its address class; 0: of none */
	LIST_ENTRY(entry_job) link;
};

/*
 * False: there is no place, and nothing was begun. New devices at one address
 * class have less than half of the places, so that whoever fills them leaves
 * room for others. The job lives until finish(), as part of the exchange's arena.
 */
bool entry_job_start(struct entry_job *job, const struct slowdown_try *of);

#endif
