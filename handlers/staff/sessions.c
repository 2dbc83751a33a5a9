/*
 * Sessions; see sessions.h.
 */
#include "handlers/staff/sessions.h"

#include "daemon/base/hex.h"
#include "daemon/base/memory.h"
#include "daemon/base/wipe.h"
#include "daemon/sys/random.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#define SECRET_BYTES 32
#define TEXT_FORM sodium_base64_VARIANT_URLSAFE_NO_PADDING

_Static_assert(sodium_base64_ENCODED_LEN(SECRET_BYTES, TEXT_FORM) == SESSION_TEXT + 1, "the length of a cookie's value");

struct sessions {
	struct session at[SESSIONS_MAX];   /* free where the name is empty */
	uint64_t idle_ms;
	struct sessions_watch watch;
};

struct sessions *sessions_new(uint64_t idle_ms, struct sessions_watch watch)
{
	struct sessions *sessions = memory_zeroes(1, sizeof(*sessions));

	sessions->idle_ms = idle_ms;
	sessions->watch = watch;
	return sessions;
}

static bool is_free(const struct session *session)
{
	return session->name[0] == '\0';
}

static void clear(struct session *session)
{
	if (is_free(session))
		return;
	person_pair_release(&session->pair);
	wipe(session, sizeof(*session));
}

void sessions_free(struct sessions *sessions)
{
	if (sessions == NULL)
		return;
	for (size_t i = 0; i < SESSIONS_MAX; i++)
		clear(&sessions->at[i]);
	free(sessions);
}

void sessions_end(struct sessions *sessions, struct session *session, const char *why)
{
	if (is_free(session))
		return;
	if (sessions->watch.ended != NULL)
		sessions->watch.ended(sessions->watch.ctx, session, why);
	clear(session);
}

/* --- beginning ------------------------------------------------------------------------ */

/* Of all, or of one person (empty: all): how many there are, and which was used longest ago. */
static size_t look(struct sessions *sessions, struct span person, struct session **oldest)
{
	size_t n = 0;

	*oldest = NULL;
	for (size_t i = 0; i < SESSIONS_MAX; i++) {
		struct session *session = &sessions->at[i];

		if (is_free(session) || (!span_empty(person) && !span_is(person, session->person)))
			continue;
		n++;
		if (*oldest == NULL || session->used_ms < (*oldest)->used_ms)
			*oldest = session;
	}
	return n;
}

static struct session *room_for(struct sessions *sessions, struct span person)
{
	struct session *oldest;

	if (look(sessions, person, &oldest) >= SESSIONS_OF_PERSON)
		sessions_end(sessions, oldest, "room");
	if (look(sessions, (struct span){ 0 }, &oldest) >= SESSIONS_MAX)
		sessions_end(sessions, oldest, "room");
	for (size_t i = 0; i < SESSIONS_MAX; i++)
		if (is_free(&sessions->at[i]))
			return &sessions->at[i];
	abort();
}

static void draw_text(char text[SESSION_TEXT + 1])
{
	unsigned char secret[SECRET_BYTES];

	random_bytes(secret, sizeof(secret));
	sodium_bin2base64(text, SESSION_TEXT + 1, secret, sizeof(secret), TEXT_FORM);
	wipe(secret, sizeof(secret));
}

struct session *sessions_begin(struct sessions *sessions, const struct session_begin *of, char text[SESSION_TEXT + 1])
{
	struct session *session = room_for(sessions, of->person);
	unsigned char name[(SESSION_NAME - 2) / 2];

	random_bytes(name, sizeof(name));
	memcpy(session->name, "s-", 2);
	hex_put(name, sizeof(name), session->name + 2);
	snprintf(session->person, sizeof(session->person), "%.*s", (int)of->person.len, of->person.at);
	snprintf(session->region, sizeof(session->region), "%s", of->region);
	draw_text(session->csrf);
	draw_text(text);
	crypto_hash_sha256(session->sha256, (const unsigned char *)text, SESSION_TEXT);
	memcpy(session->password_mark, of->password_mark, sizeof(session->password_mark));
	session->began_ms = session->used_ms = of->now_ms;
	person_pair_copy(of->pair, &session->pair);
	return session;
}

/* --- finding ----------------------------------------------------------------------------- */

uint64_t session_idle_end_ms(const struct sessions *sessions, const struct session *session)
{
	return session->used_ms + sessions->idle_ms;
}

uint64_t session_end_ms(const struct session *session)
{
	return session->began_ms + SESSION_TOTAL_MS;
}

/* Why it is over at that time; NULL: it is not. */
static const char *is_over(const struct sessions *sessions, const struct session *session, uint64_t now_ms)
{
	if (now_ms >= session_end_ms(session))
		return "over";
	return now_ms >= session_idle_end_ms(sessions, session) ? "idle" : NULL;
}

struct session *sessions_look(struct sessions *sessions, struct span text, uint64_t now_ms)
{
	unsigned char sha256[32];

	if (text.len != SESSION_TEXT)
		return NULL;
	crypto_hash_sha256(sha256, (const unsigned char *)text.at, text.len);
	for (size_t i = 0; i < SESSIONS_MAX; i++) {
		struct session *session = &sessions->at[i];
		const char *why;

		if (is_free(session) || memcmp(session->sha256, sha256, sizeof(sha256)) != 0)
			continue;
		why = is_over(sessions, session, now_ms);
		if (why != NULL) {
			sessions_end(sessions, session, why);
			return NULL;
		}
		return session;
	}
	return NULL;
}

struct session *sessions_find(struct sessions *sessions, struct span text, uint64_t now_ms)
{
	struct session *session = sessions_look(sessions, text, now_ms);

	if (session != NULL)
		session->used_ms = now_ms;
	return session;
}

bool sessions_is_name(struct span name)
{
	return name.len == SESSION_NAME && span_starts(name, SPAN("s-"));
}

struct session *sessions_named(struct sessions *sessions, struct span name)
{
	for (size_t i = 0; i < SESSIONS_MAX; i++)
		if (!is_free(&sessions->at[i]) && span_is(name, sessions->at[i].name))
			return &sessions->at[i];
	return NULL;
}

bool session_csrf_is(const struct session *session, struct span word)
{
	return word.len == SESSION_TEXT && sodium_memcmp(word.at, session->csrf, SESSION_TEXT) == 0;
}

/* --- ending many ---------------------------------------------------------------------------- */

void sessions_end_of(struct sessions *sessions, struct span person, const struct session *but, const char *why)
{
	for (size_t i = 0; i < SESSIONS_MAX; i++)
		if (&sessions->at[i] != but && !is_free(&sessions->at[i]) && span_is(person, sessions->at[i].person))
			sessions_end(sessions, &sessions->at[i], why);
}

void sessions_sweep(struct sessions *sessions, uint64_t now_ms, bool (*holds)(void *ctx, const struct session *session, const char **why),
		    void *ctx)
{
	for (size_t i = 0; i < SESSIONS_MAX; i++) {
		struct session *session = &sessions->at[i];
		const char *why;

		if (is_free(session))
			continue;
		why = is_over(sessions, session, now_ms);
		if (why != NULL || !holds(ctx, session, &why))
			sessions_end(sessions, session, why);
	}
}

size_t sessions_count(const struct sessions *sessions)
{
	size_t n = 0;

	for (size_t i = 0; i < SESSIONS_MAX; i++)
		n += !is_free(&sessions->at[i]);
	return n;
}

size_t sessions_count_of(const struct sessions *sessions, struct span person)
{
	size_t n = 0;

	for (size_t i = 0; i < SESSIONS_MAX; i++)
		n += !is_free(&sessions->at[i]) && span_is(person, sessions->at[i].person);
	return n;
}
