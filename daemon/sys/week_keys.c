/*
 * The weekly keys in memory, and the rules on them; see week_keys.h. Their files: week_files.c.
 */
#include "daemon/sys/week_keys.h"

#include "daemon/base/wipe.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/week_files.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#define FIRST_MONDAY_MS (4 * 86400000LL)
#define LOOK_EVERY_MS 1000
#define HELD_MAX 512             /* ten years of keys; the oldest that were read leave first */

struct held_key {
	unsigned week;           /* 0: free */
	struct seal_key key;
};

struct week_keys {
	struct week_dir dir;
	struct held_key *held;   /* HELD_MAX, guarded memory */
	size_t next;             /* where the next one goes */
	uint64_t look_ms;        /* steady time from which the list is looked at again */
	uint64_t make_ms;        /* the same for making a key that could not be made */
	struct complaint trouble;
	unsigned missed;
};

unsigned week_of(int64_t at_ms)
{
	int64_t week = (at_ms - FIRST_MONDAY_MS) / WEEK_MS;

	return week < 1 ? 1 : week > WEEK_NUMBER_MAX ? WEEK_NUMBER_MAX : (unsigned)week;
}

int64_t week_begins(unsigned week)
{
	return FIRST_MONDAY_MS + week * WEEK_MS;
}

/* --- what is held ------------------------------------------------------------------- */

static struct held_key *held_find(const struct week_keys *weeks, unsigned week)
{
	for (size_t i = 0; i < HELD_MAX; i++)
		if (weeks->held[i].week == week)
			return &weeks->held[i];
	return NULL;
}

static void hold(struct week_keys *weeks, unsigned week, const struct seal_key *key)
{
	struct held_key *to = held_find(weeks, week);

	if (to == NULL) {
		to = &weeks->held[weeks->next];
		weeks->next = (weeks->next + 1) % HELD_MAX;
	}
	to->week = week;
	to->key = *key;
}

static void forget_destroyed(struct week_keys *weeks)
{
	for (size_t i = 0; i < HELD_MAX; i++)
		if (weeks->held[i].week > 0 && week_dir_destroyed(&weeks->dir, weeks->held[i].week))
			wipe(&weeks->held[i], sizeof(weeks->held[i]));
}

/* What others destroyed meanwhile leaves this memory too. */
static void look(struct week_keys *weeks, bool now)
{
	uint64_t steady_ms = clock_steady_ms();
	struct complaint why;
	bool changed;

	if (!now && steady_ms < weeks->look_ms)
		return;
	weeks->look_ms = steady_ms + LOOK_EVERY_MS;
	if (week_dir_look(&weeks->dir, &changed, &why) && changed)
		forget_destroyed(weeks);
}

/* --- life ----------------------------------------------------------------------------- */

/* A line without the end of its file: the power went between the two. */
static bool end_what_was_cut(struct week_keys *weeks, struct complaint *why)
{
	unsigned *here;
	size_t n = week_dir_list(&weeks->dir, &here);
	bool well = true;

	for (size_t i = 0; well && i < n; i++)
		if (week_dir_destroyed(&weeks->dir, here[i]))
			well = week_dir_shred(&weeks->dir, here[i], why);
	free(here);
	return well;
}

struct week_keys *week_keys_open(const char *dir, bool create, struct complaint *why)
{
	struct week_keys *weeks;

	if (sodium_init() < 0) {
		complain(why, 0, "the cryptographic library does not start");
		return NULL;
	}
	weeks = calloc(1, sizeof(*weeks));
	if (weeks == NULL)
		abort();
	weeks->held = sodium_allocarray(HELD_MAX, sizeof(*weeks->held));
	if (weeks->held == NULL)
		abort();
	memset(weeks->held, 0, HELD_MAX * sizeof(*weeks->held));
	if (week_dir_open(&weeks->dir, dir, create, why) && (!create || end_what_was_cut(weeks, why)))
		return weeks;
	week_keys_free(weeks);
	return NULL;
}

void week_keys_free(struct week_keys *weeks)
{
	if (weeks == NULL)
		return;
	week_dir_release(&weeks->dir);
	sodium_free(weeks->held);
	free(weeks);
}

/* --- finding ---------------------------------------------------------------------------- */

static enum week_key_outcome find(struct week_keys *weeks, unsigned week, struct seal_key *key, struct complaint *why)
{
	const struct held_key *held = held_find(weeks, week);

	if (week_dir_destroyed(&weeks->dir, week))
		return WEEK_KEY_GONE;
	if (held != NULL) {
		*key = held->key;
		return WEEK_KEY_FOUND;
	}
	if (week == 0 || week > WEEK_NUMBER_MAX || week_dir_read(&weeks->dir, week, key, why) != WEEK_READ)
		return WEEK_KEY_MISSING;
	hold(weeks, week, key);
	return WEEK_KEY_FOUND;
}

enum week_key_outcome week_keys_find(struct week_keys *weeks, unsigned week, struct seal_key *key)
{
	enum week_key_outcome outcome;
	struct complaint why;

	look(weeks, false);
	outcome = find(weeks, week, key, &why);
	if (outcome == WEEK_KEY_MISSING) {
		look(weeks, true); /* the file may have gone since the list was read */
		outcome = week_dir_destroyed(&weeks->dir, week) ? WEEK_KEY_GONE : WEEK_KEY_MISSING;
	}
	if (outcome == WEEK_KEY_MISSING)
		weeks->missed = week;
	else if (weeks->missed == week)
		weeks->missed = 0;
	return outcome;
}

enum week_key_outcome week_keys_uncover(struct week_keys *weeks, const struct tip_id *id, enum cover_kind kind, struct span stored,
					struct arena *arena, struct span *sealed)
{
	enum week_key_outcome outcome = WEEK_KEY_MISSING;
	struct buf out = { 0 };
	struct seal_key key;
	unsigned week;

	*sealed = stored;
	if (!cover_week(stored, &week) || week == 0)
		return WEEK_KEY_FOUND; /* whoever opens it sees what it is */
	if (weeks != NULL)
		outcome = week_keys_find(weeks, week, &key);
	if (outcome == WEEK_KEY_FOUND && !cover_open(id, kind, &key, stored, &out)) {
		outcome = WEEK_KEY_MISSING;
		weeks->missed = week;
	}
	if (outcome == WEEK_KEY_FOUND)
		*sealed = arena_dup(arena, buf_span(&out));
	wipe(&key, sizeof(key));
	buf_release(&out);
	return outcome;
}

unsigned week_keys_missed(const struct week_keys *weeks)
{
	return weeks->missed;
}

/* --- the present week ---------------------------------------------------------------------- */

/* What is there, or a new one; a failure is not tried again within the second. */
static bool find_or_make(struct week_keys *weeks, unsigned week, struct seal_key *key, struct complaint *why)
{
	uint64_t steady_ms = clock_steady_ms();

	if (find(weeks, week, key, why) == WEEK_KEY_FOUND)
		return true;
	if (steady_ms < weeks->make_ms) {
		*why = weeks->trouble;
		return false;
	}
	look(weeks, true);
	if (week_dir_destroyed(&weeks->dir, week))
		return complain(why, 0, "the clock says week %u, whose key was destroyed", week);
	if (week_dir_make(&weeks->dir, week, key, why)) {
		hold(weeks, week, key);
		weeks->make_ms = 0;
		return true;
	}
	weeks->trouble = *why;
	weeks->make_ms = steady_ms + LOOK_EVERY_MS;
	return false;
}

/* The clock went back into a destroyed week: tips are still taken, under a key that can be destroyed. */
static bool next_later(struct week_keys *weeks, unsigned *week, struct seal_key *key, struct complaint *why)
{
	unsigned *here;
	size_t n = week_dir_list(&weeks->dir, &here);
	bool found = false;

	for (size_t i = 0; !found && i < n; i++)
		if (here[i] > *week && find(weeks, here[i], key, why) == WEEK_KEY_FOUND) {
			*week = here[i];
			found = true;
		}
	free(here);
	return found || complain(why, 0, "the clock says week %u, whose key was destroyed, and there is no later key", *week);
}

bool week_keys_present(struct week_keys *weeks, int64_t now_ms, unsigned *week, struct seal_key *key, struct complaint *why)
{
	struct complaint unused;

	*week = week_of(now_ms);
	look(weeks, false);
	if (week_dir_destroyed(&weeks->dir, *week))
		return next_later(weeks, week, key, why);
	if (find_or_make(weeks, *week, key, why))
		return true;
	if (*week > 1 && now_ms - week_begins(*week) < WEEK_KEYS_GRACE_MS && find(weeks, *week - 1, key, &unused) == WEEK_KEY_FOUND) {
		--*week;
		return true;
	}
	return false;
}

bool week_keys_ahead(struct week_keys *weeks, int64_t now_ms, struct complaint *why)
{
	unsigned week;
	struct seal_key key;
	bool well = week_keys_present(weeks, now_ms, &week, &key, why);

	if (well && week_of(now_ms + WEEK_KEYS_AHEAD_MS) > week)
		well = week_keys_present(weeks, now_ms + WEEK_KEYS_AHEAD_MS, &week, &key, why);
	wipe(&key, sizeof(key));
	return well;
}

/* --- lists and the end --------------------------------------------------------------------- */

size_t week_keys_list(struct week_keys *weeks, unsigned **out)
{
	return week_dir_list(&weeks->dir, out);
}

size_t week_keys_list_destroyed(struct week_keys *weeks, unsigned **out)
{
	size_t bytes;

	look(weeks, true);
	bytes = weeks->dir.ndestroyed * sizeof(**out);
	*out = NULL;
	if (bytes == 0)
		return 0;
	*out = malloc(bytes);
	if (*out == NULL)
		abort();
	memcpy(*out, weeks->dir.destroyed, bytes);
	return weeks->dir.ndestroyed;
}

bool week_keys_destroy(struct week_keys *weeks, unsigned week, int64_t now_ms, struct complaint *why)
{
	struct held_key *held;

	if (week == 0 || week > WEEK_NUMBER_MAX)
		return complain(why, 0, "there is no week %u", week);
	if (week >= week_of(now_ms - WEEK_KEYS_GRACE_MS))
		return complain(why, 0, "week %u is still in use: tips are covered under its key", week);
	if (!week_dir_write_down(&weeks->dir, week, now_ms, why) || !week_dir_shred(&weeks->dir, week, why))
		return false;
	held = held_find(weeks, week);
	if (held != NULL)
		wipe(held, sizeof(*held));
	return true;
}
