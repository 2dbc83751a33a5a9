/*
 * Keyrings; see keyring.h.
 */
#include "daemon/sys/keyring.h"

#include "daemon/base/wipe.h"
#include "daemon/sys/key_box.h"
#include "daemon/sys/keys_inside.h"

#include <sodium.h>
#include <stdio.h>

#define OPENED_SETS 512   /* with the ways: 4,096 keys, 160 KiB; a claim of 500 tips with a key each fits all but surely */
#define OPENED_WAYS 8

struct held_key {
	char code[REGION_DIGITS + 1];
	unsigned char public_key[32];
	unsigned char private_key[32];
	bool earlier;             /* what was sealed to it before a rotation; nothing is any more */
};

/* Data keys that were opened, in sets by id; the oldest of a set makes room. */
struct opened_keys {
	struct data_key keys[OPENED_SETS * OPENED_WAYS];
	unsigned char next[OPENED_SETS];
};

struct keyring {
	struct held_key held[KEYS_BUREAUS_MAX];   /* by code */
	size_t n;
	struct opened_keys opened;
};

struct keyring *keyring_new(void)
{
	return keys_secret_memory(sizeof(struct keyring));
}

void keyring_free(struct keyring *ring)
{
	sodium_free(ring);
}

/* --- private keys ------------------------------------------------------------------ */

static const struct held_key *find(const struct keyring *ring, const char *code)
{
	for (size_t i = 0; i < ring->n; i++)
		if (!ring->held[i].earlier && memcmp(ring->held[i].code, code, REGION_DIGITS) == 0)
			return &ring->held[i];
	return NULL;
}

/* The next free place, filled by the caller, which counts it in; NULL: the bureau is there, or the ring is full. */
static struct held_key *place_for(struct keyring *ring, const char *code)
{
	struct held_key *place = &ring->held[ring->n];

	if (ring->n == KEYS_BUREAUS_MAX || find(ring, code) != NULL)
		return NULL;
	memcpy(place->code, code, REGION_DIGITS);
	place->code[REGION_DIGITS] = '\0';
	place->earlier = false;
	return place;
}

size_t keyring_count(const struct keyring *ring)
{
	size_t n = 0;

	for (size_t i = 0; i < ring->n; i++)
		n += !ring->held[i].earlier;
	return n;
}

const unsigned char *keyring_private(const struct keyring *ring, const char code[7])
{
	const struct held_key *held = find(ring, code);

	return held != NULL ? held->private_key : NULL;
}

/* --- from files ---------------------------------------------------------------------- */

struct adding {
	struct keyring *ring;
	const struct key_dir *dir;
	struct span person;
	const struct person_pair *pair;
	struct complaint *why;
};

static bool read_public(const struct adding *a, struct held_key *place)
{
	char name[KEY_NAME_MAX];

	snprintf(name, sizeof(name), "bureau-%s.pub", place->code);
	switch (key_file_read(a->dir, name, place->public_key, a->why)) {
	case KEY_READ:
		return true;
	case KEY_ABSENT:
		return complain(a->why, 0, "%s/%s is gone; bring it back from a copy", a->dir->path, name);
	case KEY_REFUSED:
		break;
	}
	return false;
}

static void add_pair(struct keyring *ring, const struct held_key *current, const struct key_box_pair *pair)
{
	struct held_key *place = &ring->held[ring->n];

	if (ring->n == KEYS_BUREAUS_MAX || memcmp(pair->public_key, current->public_key, 32) == 0)
		return;
	*place = *current;
	place->earlier = true;
	memcpy(place->public_key, pair->public_key, 32);
	memcpy(place->private_key, pair->private_key, 32);
	ring->n++;
}

/* What else the box opens for the person: keys from before a rotation. One that does not open is passed over. */
static void add_earlier(const struct adding *a, const struct key_box *box, const struct held_key *current)
{
	struct key_box_pair rows, also;

	if (box->nalso == 0 || !key_box_open_pair(box, a->person, a->pair, &rows))
		return;
	add_pair(a->ring, current, &rows);
	for (size_t i = 0; i < box->nalso; i++)
		if (key_box_open_also(&box->also[i], &rows, &also))
			add_pair(a->ring, current, &also);
	wipe(&rows, sizeof(rows));
	wipe(&also, sizeof(also));
}

static bool add_box(void *ctx, const char *name)
{
	struct adding *a = ctx;
	struct key_box box = { .n = 0 };
	char code[REGION_DIGITS + 1];
	struct held_key *place;
	bool well;

	if (!key_box_name(name, code) || (place = place_for(a->ring, code)) == NULL)
		return true;
	well = read_public(a, place) && key_box_read(a->dir, code, &box, a->why) == KEY_READ;
	if (well && key_box_open(&box, a->person, a->pair, place->public_key, place->private_key)) {
		a->ring->n++;
		add_earlier(a, &box, place);
	}
	key_box_release(&box);
	return well;
}

bool keyring_add_boxes(struct keyring *ring, const char *path, struct span person, const struct person_pair *pair,
		       struct complaint *why)
{
	struct key_dir dir;
	struct adding adding = { .ring = ring, .dir = &dir, .person = person, .pair = pair, .why = why };
	bool well;

	if (!key_dir_open(&dir, path, false, why))
		return false;
	well = key_dir_each(&dir, add_box, &adding, why);
	key_dir_close(&dir);
	return well;
}

static bool add_plain(void *ctx, const char *name)
{
	struct adding *a = ctx;
	struct held_key *place;
	unsigned char check[32];
	char code[REGION_DIGITS + 1];

	if (!key_box_plain_name(name, code) || (place = place_for(a->ring, code)) == NULL)
		return true;
	if (!read_public(a, place) || key_file_read(a->dir, name, place->private_key, a->why) != KEY_READ)
		return false;
	crypto_scalarmult_base(check, place->private_key);
	if (memcmp(check, place->public_key, sizeof(check)) != 0)
		return complain(a->why, 0, "%s/%s does not belong to the public key beside it; bring back the pair from one copy",
				a->dir->path, name);
	a->ring->n++;
	return true;
}

bool keyring_add_plain(struct keyring *ring, const char *path, struct complaint *why)
{
	struct key_dir dir;
	struct adding adding = { .ring = ring, .dir = &dir, .why = why };
	bool well;

	if (!key_dir_open(&dir, path, false, why))
		return false;
	well = key_dir_each(&dir, add_plain, &adding, why);
	key_dir_close(&dir);
	return well;
}

/* --- opened data keys ----------------------------------------------------------------- */

/* The few places an id may stand at; ids are hashes and spread by themselves. */
static size_t first_place(const unsigned char id[SEAL_DATA_KEY_ID_BYTES])
{
	return ((size_t)id[0] << 8 | id[1]) % OPENED_SETS * OPENED_WAYS;
}

static void keep_opened(struct opened_keys *opened, const struct data_key *key)
{
	size_t first = first_place(key->id);
	unsigned char *next = &opened->next[first / OPENED_WAYS];

	opened->keys[first + *next] = *key;
	*next = (unsigned char)((*next + 1) % OPENED_WAYS);
}

const struct data_key *keyring_data_key_known(const struct keyring *ring, const unsigned char id[SEAL_DATA_KEY_ID_BYTES])
{
	static const unsigned char none[SEAL_DATA_KEY_ID_BYTES];
	size_t first = first_place(id);

	if (ring == NULL || memcmp(id, none, sizeof(none)) == 0)
		return NULL;
	for (size_t i = first; i < first + OPENED_WAYS; i++)
		if (memcmp(ring->opened.keys[i].id, id, SEAL_DATA_KEY_ID_BYTES) == 0)
			return &ring->opened.keys[i];
	return NULL;
}

bool keyring_open_data_key(struct keyring *ring, const unsigned char id[SEAL_DATA_KEY_ID_BYTES], struct span sealed,
			   struct data_key *out)
{
	for (size_t i = 0; i < ring->n; i++) {
		const struct held_key *held = &ring->held[i];

		if (!seal_open_data_key(sealed, held->public_key, held->private_key, &out->key))
			continue;
		if (!seal_data_key_is(id, &out->key)) {
			wipe(out, sizeof(*out));
			return false;
		}
		memcpy(out->id, id, SEAL_DATA_KEY_ID_BYTES);
		if (keyring_data_key_known(ring, id) == NULL)
			keep_opened(&ring->opened, out);
		return true;
	}
	return false;
}
