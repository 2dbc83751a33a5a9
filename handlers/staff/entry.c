/*
 * Sessions as they hold; see entry.h.
 *
 * A session stands on an account that is active, grants at its region that hold
 * now, and the password it was opened with. All three are looked at anew at each
 * request, and every few seconds, so that keys go soon after the right to them.
 */
#include "handlers/staff/entry.h"

#include "daemon/base/memory.h"
#include "daemon/jobs/trail.h"
#include "daemon/loop/loop.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/log.h"
#include "daemon/sys/random.h"

#include <stdlib.h>

#define THREADS 2
#define QUEUE 20
#define RESERVED 8            /* of the queue, for devices that signed in before */
#define OF_PLACE 6            /* of new devices at one address class, waiting or at work */
#define SWEEP_EVERY_MS 5000

const char *entry_result_name(enum entry_result result)
{
	static const char *const names[ENTRY_RESULTS] = {
		[ENTRY_SIGNED_IN] = "signed_in",
		[ENTRY_FAILED] = "failed",
		[ENTRY_SLOWED] = "slowed",
		[ENTRY_BUSY] = "busy",
	};

	return names[result];
}

/* --- what sessions stand on ------------------------------------------------------------ */

void entry_refresh(struct entry *entry)
{
	struct complaint why = { .text = "" };

	if (!accounts_refresh(entry->accounts, &why))
		log_rarely(LOG_LEVEL_ERROR, "staff.accounts_unreadable", why.text);
	if (!person_keys_refresh(entry->pairs, &why))
		log_rarely(LOG_LEVEL_ERROR, "staff.persons_unreadable", why.text);
}

static bool same_password(const struct entry *entry, const struct session *session)
{
	unsigned char mark[PERSON_PASSWORD_MARK_BYTES];

	if (!person_keys_password_mark(entry->pairs, span_of(session->person), mark))
		return false;
	return session->changing || memcmp(mark, session->password_mark, sizeof(mark)) == 0;
}

static unsigned roles_of(const struct entry *entry, const struct session *session)
{
	const struct account *person = accounts_find(entry->accounts, span_of(session->person));

	return person != NULL ? account_roles_at(person, session->region, clock_wall_ms()) : 0;
}

/* An administrator ended what was open then. The account knows seconds alone: one that began in that very second ends too. */
static bool was_signed_out(const struct entry *entry, const struct session *session)
{
	const struct account *person = accounts_find(entry->accounts, span_of(session->person));
	int64_t began_ms = clock_wall_ms() - (int64_t)(clock_steady_ms() - session->began_ms);

	return person != NULL && person->signed_out_ms > 0 && began_ms / 1000 <= person->signed_out_ms / 1000;
}

static bool holds(void *ctx, const struct session *session, const char **why)
{
	const struct entry *entry = ctx;

	if (was_signed_out(entry, session)) {
		*why = "signed_out";
		return false;
	}
	*why = roles_of(entry, session) == 0 ? "account" : same_password(entry, session) ? NULL : "password";
	return *why == NULL;
}

static void sweep(void *ctx)
{
	struct entry *entry = ctx;

	if (sessions_count(entry->sessions) == 0)
		return;
	entry_refresh(entry);
	sessions_sweep(entry->sessions, clock_steady_ms(), holds, entry);
}

static void ended(void *ctx, const struct session *session, const char *why)
{
	struct entry *entry = ctx;
	bool left = strcmp(why, "sign_out") == 0;

	if (entry->env.keyrings != NULL)
		keyrings_close(entry->env.keyrings, span_of(session->name));
	trail_note(entry->env.trail, &(struct trail_event){ .kind = left ? TRAIL_SIGN_OUT : TRAIL_SESSION_ENDED,
							    .by = span_of(session->person),
							    .token = span_of(session->name),
							    .region = span_of(session->region),
							    .call = span_of(left ? "" : why) });
}

void entry_note_changed(struct entry *entry, struct span person, struct span session, const char *change)
{
	trail_note(entry->env.trail, &(struct trail_event){ .kind = TRAIL_ACCOUNT_CHANGED, .by = person, .id = person,
							    .token = session, .call = span_of(change) });
}

/* --- requests ------------------------------------------------------------------------------ */

/* A ring that had to make room for others is made again. */
static struct keyring_ref keyring_of(const struct entry *entry, const struct session *session)
{
	struct keyrings *rings = entry->env.keyrings;
	uint64_t now_ms = clock_steady_ms();
	struct keyring_ref ref;

	if (rings == NULL)
		return (struct keyring_ref){ 0 };
	ref = keyrings_by_session(rings, span_of(session->name), now_ms);
	if (ref.generation != 0)
		return ref;
	return keyrings_by_pair(rings, span_of(session->name), span_of(session->person), &session->pair, now_ms);
}

/* What stands behind the session as of now; NULL, and it is ended, when that is gone. */
static struct session *stands(struct entry *entry, struct session *session, struct staff *staff)
{
	const char *why;

	if (session == NULL)
		return NULL;
	entry_refresh(entry);
	if (!holds(entry, session, &why)) {
		sessions_end(entry->sessions, session, why);
		return NULL;
	}
	memcpy(staff->person, session->person, sizeof(staff->person));
	memcpy(staff->token_id, session->name, sizeof(session->name));
	memcpy(staff->region, session->region, sizeof(staff->region));
	staff->roles = roles_of(entry, session);
	return session;
}

struct session *entry_session(struct entry *entry, struct span text, struct staff *staff)
{
	struct session *session = stands(entry, sessions_find(entry->sessions, text, clock_steady_ms()), staff);

	if (session != NULL)
		staff->keyring = keyring_of(entry, session);
	return session;
}

struct session *entry_session_unattended(struct entry *entry, struct span text, struct staff *staff)
{
	return stands(entry, sessions_look(entry->sessions, text, clock_steady_ms()), staff);
}

bool entry_still(struct entry *entry, struct staff *staff)
{
	struct session *session = sessions_named(entry->sessions, span_of(staff->token_id));
	uint64_t now_ms = clock_steady_ms();
	const char *why;

	if (session == NULL || now_ms >= session_end_ms(session))
		return false;
	entry_refresh(entry);
	if (!holds(entry, session, &why)) {
		sessions_end(entry->sessions, session, why);
		return false;
	}
	staff->roles = roles_of(entry, session);
	return true;
}

struct session *entry_session_of(struct entry *entry, const struct staff *staff)
{
	return entry != NULL ? sessions_named(entry->sessions, span_of(staff->token_id)) : NULL;
}

/* --- jobs --------------------------------------------------------------------------------- */

static void job_run(void *ctx)
{
	struct entry_job *job = ctx;

	job->run(job);
}

static void job_done(void *ctx)
{
	struct entry_job *job = ctx;

	LIST_REMOVE(job, link);
	job->finish(job, true);
}

static size_t jobs_of_place(const struct entry *entry, uint64_t place)
{
	const struct entry_job *job;
	size_t n = 0;

	LIST_FOREACH(job, &entry->jobs, link)
		n += job->place == place;
	return n;
}

bool entry_job_start(struct entry_job *job, const struct slowdown_try *of)
{
	const struct work_job task = { .run = job_run, .done = job_done, .ctx = job, .known = !span_empty(of->device) };

	job->place = task.known ? 0 : of->place;
	if (job->place != 0 && jobs_of_place(job->entry, job->place) >= OF_PLACE)
		return false;
	if (!work_submit(job->entry->work, &task))
		return false;
	LIST_INSERT_HEAD(&job->entry->jobs, job, link);
	return true;
}

/* --- life -------------------------------------------------------------------------------------- */

struct entry *entry_new(const struct entry_env *env, struct complaint *why)
{
	const struct work_plan plan = { .threads = THREADS, .queue = QUEUE, .reserved = RESERVED };
	struct entry *entry = memory_zeroes(1, sizeof(*entry));
	unsigned char seed[16];

	entry->env = *env;
	LIST_INIT(&entry->jobs);
	entry->accounts = env->accounts;
	entry->pairs = person_keys_load(env->state_dir, why);
	if (entry->pairs == NULL) {
		entry_free(entry);
		return NULL;
	}
	random_bytes(seed, sizeof(seed));
	entry->slowdown = slowdown_new(seed);
	entry->sessions = sessions_new(env->idle_ms, (struct sessions_watch){ .ended = ended, .ctx = entry });
	entry->work = work_new(env->loop, &plan);
	entry->timer = loop_every(env->loop, SWEEP_EVERY_MS, sweep, entry);
	return entry;
}

void entry_free(struct entry *entry)
{
	struct entry_job *job;

	if (entry == NULL)
		return;
	if (entry->timer != NULL)
		loop_timer_cancel(entry->timer);
	work_free(entry->work);
	while ((job = LIST_FIRST(&entry->jobs)) != NULL) {
		LIST_REMOVE(job, link);
		job->finish(job, false);
	}
	sessions_free(entry->sessions);
	slowdown_free(entry->slowdown);
	person_keys_free(entry->pairs);
	free(entry);
}
