/*
 * Reading and making the key files; see keys.h for what is in the directory.
 *
 * Order matters where a power cut may fall between two files: a private key is
 * on disk before its public key is, and a public key that is missing is made
 * from the private one. A public key without its private one is legal: the
 * private key lives elsewhere, and nothing here may replace the pair.
 */
#include "daemon/base/table.h"
#include "daemon/base/wipe.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/key_epochs.h"
#include "daemon/sys/key_files.h"
#include "daemon/sys/keys_inside.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

struct loader {
	struct keys *keys;
	struct key_dir dir;
	bool create;
	bool complete; /* the directory was whole once: its last key is there */
	struct complaint *why;
	int64_t pepper; /* epoch of the sender pepper to begin with; -1: none is there */
};

static bool to_be_made(struct loader *l, const char *name)
{
	return complain(l->why, 0, "%s/%s is missing; run: tipctl key --keys %s create", l->dir.path, name,
			l->dir.path);
}

/*
 * A key that was there is never replaced in silence: a new receipt key would
 * leave every receipt that was given out without its tip.
 */
static bool missing(struct loader *l, const char *name)
{
	if (l->complete)
		return complain(l->why, 0, "%s/%s is gone; bring it back from a copy", l->dir.path, name);
	return to_be_made(l, name);
}

/* --- single keys ------------------------------------------------------------------- */

/* The key in the file; made when it is missing and may be. */
static bool load_or_make(struct loader *l, const char *name, unsigned char key[KEY_FILE_BYTES])
{
	switch (key_file_read(&l->dir, name, key, l->why)) {
	case KEY_READ:
		return true;
	case KEY_REFUSED:
		return false;
	case KEY_ABSENT:
		break;
	}
	if (!l->create || l->complete)
		return missing(l, name);
	randombytes_buf(key, KEY_FILE_BYTES);
	return key_file_write(&l->dir, name, key, l->why);
}

static bool load_symmetric(struct loader *l)
{
	const struct {
		const char *name;
		unsigned char *key;
	} wanted[] = {
		{ "receipt.key", l->keys->receipt },
		{ "fingerprint.key", l->keys->fingerprint.bytes },
		{ "requests.key", l->keys->requests.bytes },
		{ "courier.key", l->keys->courier.bytes },
	};

	for (size_t i = 0; i < COUNT_OF(wanted); i++)
		if (!load_or_make(l, wanted[i].name, wanted[i].key))
			return false;
	return true;
}

static bool load_promise(struct loader *l)
{
	unsigned char seed[crypto_sign_SEEDBYTES];
	bool well = load_or_make(l, "promise.key", seed);

	if (well)
		crypto_sign_seed_keypair(l->keys->promise_public, l->keys->promise_secret, seed);
	wipe(seed, sizeof(seed));
	return well;
}

/* --- the sealed log ------------------------------------------------------------------ */

#define LOG_KEY "log.key"
#define LEAF_KEY "leaf.key"
#define LEAF_KEY_NEW "leaf-new.key" /* until log.key is there: then it is known that none of the two was lost */

static bool make_log_keys(struct loader *l)
{
	unsigned char key[KEY_FILE_BYTES];
	bool well;

	randombytes_buf(key, sizeof(key));
	well = key_file_write(&l->dir, LEAF_KEY_NEW, key, l->why);
	randombytes_buf(key, sizeof(key));
	well = well && key_file_write(&l->dir, LOG_KEY, key, l->why) &&
	       key_file_rename(&l->dir, LEAF_KEY_NEW, LEAF_KEY, l->why);
	wipe(key, sizeof(key));
	return well;
}

/* Which of the names are there; false: one cannot be read. */
static bool look_for(struct loader *l, const char *const names[], size_t n, bool there[])
{
	unsigned char key[KEY_FILE_BYTES];

	for (size_t i = 0; i < n; i++) {
		enum key_read read = key_file_read(&l->dir, names[i], key, l->why);

		wipe(key, sizeof(key));
		if (read == KEY_REFUSED)
			return false;
		there[i] = read == KEY_READ;
	}
	return true;
}

/* A directory that was whole before there was a sealed log gets its keys, and one where that was cut short. */
static bool add_log_keys(struct loader *l)
{
	static const char *const names[] = { LOG_KEY, LEAF_KEY, LEAF_KEY_NEW };
	bool there[COUNT_OF(names)];

	if (!look_for(l, names, COUNT_OF(names), there))
		return false;
	if (!there[0] && !there[1])
		return l->create ? make_log_keys(l) : to_be_made(l, LOG_KEY);
	if (there[0] && !there[1] && there[2])
		return l->create ? key_file_rename(&l->dir, LEAF_KEY_NEW, LEAF_KEY, l->why) :
				   to_be_made(l, LEAF_KEY);
	return true;
}

static bool load_log(struct loader *l)
{
	if (l->complete && !add_log_keys(l))
		return false;
	return load_or_make(l, LOG_KEY, l->keys->log_seed) && load_or_make(l, LEAF_KEY, l->keys->log_secret.bytes);
}

/* --- staff ------------------------------------------------------------------------------ */

#define STAFF_KEY "staff.key"

/* The desk's alone: who may not make keys goes without it. An earlier version's directory gets it. */
static bool load_staff(struct loader *l)
{
	struct keys *keys = l->keys;

	switch (key_file_read(&l->dir, STAFF_KEY, keys->staff.bytes, l->why)) {
	case KEY_READ:
		keys->staff_there = true;
		return true;
	case KEY_REFUSED:
		return false;
	case KEY_ABSENT:
		break;
	}
	if (!l->create)
		return true;
	randombytes_buf(keys->staff.bytes, sizeof(keys->staff.bytes));
	keys->staff_there = key_file_write(&l->dir, STAFF_KEY, keys->staff.bytes, l->why);
	return keys->staff_there;
}

/* --- pairs -------------------------------------------------------------------------- */

/* Points of small order give no shared secret; such a file was never made by us. */
static bool usable(struct loader *l, const char *name, const unsigned char public_key[32])
{
	static const unsigned char any[32] = { 9 };
	unsigned char shared[32];

	if (crypto_scalarmult(shared, any, public_key) == 0)
		return true;
	return complain(l->why, 0, "%s/%s is no usable public key; bring it back from a copy", l->dir.path,
			name);
}

static bool read_public(struct loader *l, const char *name, unsigned char public_key[32], bool *absent)
{
	enum key_read read = key_file_read(&l->dir, name, public_key, l->why);

	*absent = read == KEY_ABSENT;
	return read != KEY_REFUSED && (*absent || usable(l, name, public_key));
}

static bool make_identity(struct loader *l)
{
	unsigned char one[32], two[32];
	bool well =
		load_or_make(l, "identity-share-1.key", one) && load_or_make(l, "identity-share-2.key", two);

	if (well) {
		for (size_t i = 0; i < sizeof(one); i++)
			one[i] ^= two[i];
		crypto_scalarmult_base(l->keys->identity_public, one);
		well = key_file_write(&l->dir, "identity.pub", l->keys->identity_public, l->why);
	}
	wipe(one, sizeof(one));
	wipe(two, sizeof(two));
	return well;
}

static bool load_identity(struct loader *l)
{
	bool absent;

	if (!read_public(l, "identity.pub", l->keys->identity_public, &absent))
		return false;
	if (!absent)
		return true;
	return l->create && !l->complete ? make_identity(l) : missing(l, "identity.pub");
}

static void bureau_file(const char *code, const char *end, char name[KEY_NAME_MAX])
{
	snprintf(name, KEY_NAME_MAX, "bureau-%.6s.%s", code, end);
}

static bool make_bureau(struct loader *l, const char *code)
{
	char name[KEY_NAME_MAX];
	unsigned char private_key[32], public_key[32];
	bool absent, well;

	bureau_file(code, "pub", name);
	if (!read_public(l, name, public_key, &absent))
		return false;
	if (!absent)
		return true;
	bureau_file(code, "key", name);
	well = load_or_make(l, name, private_key);
	if (well) {
		crypto_scalarmult_base(public_key, private_key);
		bureau_file(code, "pub", name);
		well = key_file_write(&l->dir, name, public_key, l->why);
	}
	wipe(private_key, sizeof(private_key));
	return well;
}

/* The first-level regions of GB/T 2260, and the nation. */
static bool make_bureaus(struct loader *l)
{
	static const char first_level[] = "00"
					  "1112131415"
					  "212223"
					  "31323334353637"
					  "414243444546"
					  "5051525354"
					  "6162636465"
					  "71"
					  "8182";

	for (const char *at = first_level; *at != '\0'; at += 2) {
		char code[] = "000000";

		memcpy(code, at, 2);
		if (!make_bureau(l, code))
			return false;
	}
	return true;
}

/* A name of the directory: the bureau's public key, by its code. */
static bool load_bureau(void *ctx, const char *name)
{
	struct loader *l = ctx;
	struct keys *keys = l->keys;
	struct bureau *bureau = &keys->bureaus[keys->nbureaus];
	const char *end = strrchr(name, '.');
	bool absent;

	if (strncmp(name, "bureau-", 7) != 0 || strcmp(end, ".pub") != 0 || key_file_kind(name) == NULL)
		return true;
	if (keys->nbureaus == KEYS_BUREAUS_MAX)
		return complain(l->why, 0, "%s has more than %d bureaus", l->dir.path, KEYS_BUREAUS_MAX);
	snprintf(bureau->code, sizeof(bureau->code), "%.6s", name + 7);
	if (!read_public(l, name, bureau->public_key, &absent) || absent)
		return false;
	keys->nbureaus++;
	return true;
}

static bool load_bureaus(struct loader *l)
{
	if (l->create && !make_bureaus(l))
		return false;
	if (!key_dir_each(&l->dir, load_bureau, l, l->why)) /* in order of names, so of codes */
		return false;
	if (l->keys->nbureaus == 0 || strcmp(l->keys->bureaus[0].code, REGION_NATIONAL) != 0)
		return missing(l, "bureau-" REGION_NATIONAL ".pub");
	return true;
}

/* --- peppers of the sender marks ------------------------------------------------------- */

static void sender_file(int64_t epoch, char name[KEY_NAME_MAX])
{
	snprintf(name, KEY_NAME_MAX, "sender-%04lld.key", (long long)epoch);
}

/* Newest not after the wanted one; when all are newer (the clock went back), the oldest. */
static bool choose_pepper(void *ctx, const char *name)
{
	struct loader *l = ctx;
	int64_t epoch, wanted = key_epochs_oldest(clock_wall_ms());

	if (key_epochs_of(name, &epoch) && (l->pepper < 0 || epoch <= wanted))
		l->pepper = epoch; /* names come in order */
	return true;
}

static bool destroy_older(void *ctx, const char *name)
{
	struct loader *l = ctx;
	int64_t epoch;

	if (!key_epochs_of(name, &epoch) || epoch >= l->keys->sender_epoch)
		return true;
	return key_file_destroy(&l->dir, name, l->why);
}

/* The wanted epoch's pepper out of the file's; then the file's is destroyed. */
static bool advance_pepper(struct loader *l)
{
	struct keys *keys = l->keys;
	int64_t wanted = key_epochs_oldest(clock_wall_ms());
	char name[KEY_NAME_MAX];

	if (keys->sender_epoch < wanted) {
		for (; keys->sender_epoch < wanted; keys->sender_epoch++)
			keys_next_pepper(&keys->sender);
		sender_file(wanted, name);
		if (l->create && !key_file_write(&l->dir, name, keys->sender.bytes, l->why))
			return false;
	}
	return !l->create || key_dir_each(&l->dir, destroy_older, l, l->why);
}

static bool load_sender(struct loader *l)
{
	char name[KEY_NAME_MAX];

	l->keys->sender_epoch = l->pepper >= 0 ? l->pepper : key_epochs_oldest(clock_wall_ms());
	sender_file(l->keys->sender_epoch, name);
	return load_or_make(l, name, l->keys->sender.bytes) && advance_pepper(l);
}

bool keys_load(struct keys *keys, const char *dir, bool create, struct complaint *why)
{
	struct loader l = { .keys = keys, .why = why, .pepper = -1 };
	bool well;

	if (!key_dir_open(&l.dir, dir, create, why))
		return false;
	l.create = create && !l.dir.credentials;
	well = key_dir_each(&l.dir, choose_pepper, &l, why);
	l.complete = l.pepper >= 0; /* peppers are made last */
	well = well && load_symmetric(&l) && load_promise(&l) && load_log(&l) && load_staff(&l) && load_identity(&l) && load_bureaus(&l) &&
	       load_sender(&l);
	key_dir_close(&l.dir);
	return well;
}
