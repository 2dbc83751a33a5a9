/*
 * The key pairs of persons, as last read; see person_keys.h. Making and
 * wrapping is person_keys_change.c.
 *
 * A password is tried in a worker thread while the loop's thread may read the
 * file again; so what is tried is copied under a mutex first, and nothing is
 * held while Argon2id runs.
 */
#include "daemon/sys/person_keys.h"

#include "daemon/base/memory.h"
#include "daemon/sys/keys_inside.h"
#include "daemon/sys/person_keys_file.h"

#include <errno.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

_Static_assert(PERSON_KEY_BYTES == PERSON_WRAP_KEY_BYTES && PERSON_KEY_BYTES == crypto_box_SECRETKEYBYTES, "keys of one length");

struct person_keys {
	char path[PATH_MAX];
	struct stat seen;            /* of the file that was read; zero: there was none */
	pthread_mutex_t *lock;       /* of `rows`; own memory, as who only looks something up takes it too */
	struct person_rows rows;
};

/* --- the file ------------------------------------------------------------------ */

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_dev == b->st_dev && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static void take_rows(struct person_keys *keys, struct person_rows fresh)
{
	struct person_rows old;

	pthread_mutex_lock(keys->lock);
	old = keys->rows;
	keys->rows = fresh;
	pthread_mutex_unlock(keys->lock);
	person_rows_release(&old);
}

bool person_keys_refresh(struct person_keys *keys, struct complaint *why)
{
	struct person_rows fresh = { 0 };
	struct stat now = { 0 };

	if (stat(keys->path, &now) != 0) {
		if (errno != ENOENT)
			return complain(why, 0, "cannot look at %s: %s", keys->path, strerror(errno));
		now = (struct stat){ 0 };
	}
	if (same_file(&now, &keys->seen))
		return true;
	if (now.st_ino != 0 && !person_rows_read(&fresh, keys->path, why)) {
		person_rows_release(&fresh);
		return false;
	}
	take_rows(keys, fresh);
	keys->seen = now;
	return true;
}

struct person_keys *person_keys_load(const char *state_dir, struct complaint *why)
{
	struct person_keys *keys = memory_zeroes(1, sizeof(*keys));

	keys->lock = memory_zeroes(1, sizeof(pthread_mutex_t));
	pthread_mutex_init(keys->lock, NULL);
	if (sodium_init() < 0)
		complain(why, 0, "libsodium does not start");
	else if (snprintf(keys->path, sizeof(keys->path), "%s/" PERSON_KEYS_FILE, state_dir) >= PATH_MAX)
		complain(why, 0, "path too long: %.180s", state_dir);
	else if (person_keys_refresh(keys, why))
		return keys;
	person_keys_free(keys);
	return NULL;
}

void person_keys_free(struct person_keys *keys)
{
	if (keys == NULL)
		return;
	person_rows_release(&keys->rows);
	pthread_mutex_destroy(keys->lock);
	free(keys->lock);
	free(keys);
}

const unsigned char *person_keys_public(const struct person_keys *keys, struct span person)
{
	const struct person_row *row = person_rows_find(&keys->rows, person);

	return row != NULL ? row->public_key : NULL;
}

bool person_keys_password_mark(const struct person_keys *keys, struct span person, unsigned char mark[PERSON_PASSWORD_MARK_BYTES])
{
	const struct person_row *row = person_rows_find(&keys->rows, person);
	const struct person_wrap *wrap = row != NULL ? person_row_wrap(row, SPAN(PERSON_WRAP_PASSWORD)) : NULL;
	crypto_generichash_state hash;

	if (wrap == NULL)
		return false;
	crypto_generichash_init(&hash, NULL, 0, PERSON_PASSWORD_MARK_BYTES);
	crypto_generichash_update(&hash, row->public_key, sizeof(row->public_key));
	crypto_generichash_update(&hash, wrap->salt, sizeof(wrap->salt));
	crypto_generichash_update(&hash, wrap->box, sizeof(wrap->box));
	crypto_generichash_final(&hash, mark, PERSON_PASSWORD_MARK_BYTES);
	return true;
}

/* --- opening ------------------------------------------------------------------- */

/* What is tried: a copy, so that it outlives a refresh. */
struct trial {
	struct span person, by, secret;
	bool there;
	unsigned char public_key[PERSON_KEY_BYTES];
	struct person_wrap wrap;
};

static void look_up(const struct person_keys *keys, struct trial *t)
{
	const struct person_row *row;
	const struct person_wrap *wrap;

	pthread_mutex_lock(keys->lock);
	row = person_rows_find(&keys->rows, t->person);
	wrap = row != NULL ? person_row_wrap(row, t->by) : NULL;
	t->there = wrap != NULL;
	if (t->there) {
		memcpy(t->public_key, row->public_key, sizeof(t->public_key));
		t->wrap = *wrap;
	}
	pthread_mutex_unlock(keys->lock);
}

static enum person_wrap_opened try_open(const struct trial *t, unsigned char secret_key[PERSON_KEY_BYTES])
{
	const struct person_wrap_of of = { .person = t->person, .public_key = t->public_key };

	if (!t->there)
		return person_wrap_nothing(t->by, t->secret);
	return person_wrap_open(&of, &t->wrap, t->secret, secret_key);
}

static enum person_key_outcome opened(const struct trial *t, struct person_pair *out)
{
	unsigned char check[PERSON_KEY_BYTES];

	crypto_scalarmult_base(check, out->secret_key);
	if (memcmp(check, t->public_key, sizeof(check)) != 0) {
		person_pair_release(out);
		return PERSON_KEY_WRONG;
	}
	memcpy(out->public_key, t->public_key, sizeof(out->public_key));
	return PERSON_KEY_OPENED;
}

static enum person_key_outcome open_pair(const struct person_keys *keys, struct trial *t, struct person_pair *out)
{
	enum person_key_outcome outcome = PERSON_KEY_BROKEN;

	*out = (struct person_pair){ .secret_key = sodium_malloc(PERSON_KEY_BYTES) };
	if (out->secret_key == NULL)
		return PERSON_KEY_BROKEN;
	look_up(keys, t);
	switch (try_open(t, out->secret_key)) {
	case PERSON_WRAP_OPENED:
		outcome = opened(t, out);
		break;
	case PERSON_WRAP_SHUT:
		outcome = PERSON_KEY_WRONG;
		break;
	case PERSON_WRAP_NO_MEMORY:
		break;
	}
	if (outcome != PERSON_KEY_OPENED)
		person_pair_release(out);
	return outcome;
}

enum person_key_outcome person_keys_open_password(const struct person_keys *keys, struct span person, struct span password,
						  struct person_pair *out)
{
	struct trial t = { .person = person, .by = SPAN(PERSON_WRAP_PASSWORD), .secret = password };

	return open_pair(keys, &t, out);
}

enum person_key_outcome person_keys_open_token(const struct person_keys *keys, struct span person, struct span token_id,
					       struct span token, struct person_pair *out)
{
	char by[PERSON_WRAP_BY_MAX + 1];
	struct trial t = { .person = person, .by = { .at = by }, .secret = token };

	*out = (struct person_pair){ .secret_key = NULL };
	if (!person_wrap_name(token_id, by))
		return PERSON_KEY_WRONG;
	t.by = span_of(by);
	return open_pair(keys, &t, out);
}

void person_pair_copy(const struct person_pair *from, struct person_pair *to)
{
	*to = *from;
	to->secret_key = keys_secret_memory(PERSON_KEY_BYTES);
	memcpy(to->secret_key, from->secret_key, PERSON_KEY_BYTES);
}

void person_pair_release(struct person_pair *pair)
{
	sodium_free(pair->secret_key);
	*pair = (struct person_pair){ .secret_key = NULL };
}
