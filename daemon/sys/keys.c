/*
 * The keys in use; see keys.h. How they come from files: keys_load.c.
 *
 * All secrets stand in memory from sodium_malloc(): locked, between guard
 * pages, left out of core dumps, wiped when freed.
 */
#include "daemon/sys/keys.h"

#include "daemon/base/wipe.h"
#include "daemon/sys/key_files.h"
#include "daemon/sys/keys_inside.h"
#include "daemon/tlog/leaf.h"

#include <assert.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#define NATION "000000"
#define LOG_CLOCK_AHEAD_MS (8 * 3600000LL)   /* weeks begin at midnight on the clock of leaves' days */
#define WEEK_MS (7 * 86400000LL)

_Static_assert(LEAF_KEY_BYTES == SEAL_KEY_BYTES && NOTE_SEED_BYTES == SEAL_KEY_BYTES, "keys of one length");

static atomic_size_t unlocked;

size_t keys_memory_unlocked(void)
{
	return unlocked;
}

void *keys_secret_memory(size_t size)
{
	void *at = sodium_malloc(size);

	if (at == NULL) {
		fputs("out of memory for keys\n", stderr);
		exit(EXIT_FAILURE);
	}
	/* sodium_malloc() did it already and keeps silent when it may not; a second time costs nothing. */
	if (mlock(at, size) != 0)
		unlocked += size;
	return memset(at, 0, size);
}

/* No file of its own: what is learned is of no use without the key that its features are hashed under. */
static void derive_learning(struct keys *keys)
{
	struct seal_key from;

	_Static_assert(sizeof(from.bytes) == sizeof(keys->fingerprint.bytes), "keys of one length");
	memcpy(from.bytes, keys->fingerprint.bytes, sizeof(from.bytes));
	seal_derive(&from, "learning", (struct span){ 0 }, &keys->learning);
	wipe(&from, sizeof(from));
}

/* Who may see the seeds of tips that stand with them need not be able to make salts and dummies. */
static void derive_log_mask(struct keys *keys)
{
	seal_derive(&keys->log_secret, "leaf mask", (struct span){ 0 }, &keys->log_mask);
}

struct keys *keys_open(const char *dir, bool create, struct complaint *why)
{
	struct keys *keys;

	if (sodium_init() < 0) {
		complain(why, 0, "the cryptographic library does not start");
		return NULL;
	}
	keys = keys_secret_memory(sizeof(*keys));
	keys->bureaus = keys_secret_memory(sizeof(*keys->bureaus) * KEYS_BUREAUS_MAX);
	if (!keys_load(keys, dir, create, why)) {
		keys_free(keys);
		return NULL;
	}
	derive_learning(keys);
	derive_log_mask(keys);
	return keys;
}

void keys_free(struct keys *keys)
{
	if (keys == NULL)
		return;
	for (size_t i = 0; i < keys->nbureaus; i++)
		buf_release(&keys->bureaus[i].sealed);
	sodium_free(keys->bureaus);
	sodium_free(keys);
}

const unsigned char *keys_receipt(const struct keys *keys)
{
	return keys->receipt;
}

const struct fingerprint_key *keys_fingerprint(const struct keys *keys)
{
	return &keys->fingerprint;
}

const struct seal_key *keys_requests(const struct keys *keys)
{
	return &keys->requests;
}

const struct seal_key *keys_courier(const struct keys *keys)
{
	return &keys->courier;
}

const struct seal_key *keys_staff(const struct keys *keys)
{
	return keys->staff_there ? &keys->staff : NULL;
}

const struct seal_key *keys_learning(const struct keys *keys)
{
	return &keys->learning;
}

const unsigned char *keys_identity_public(const struct keys *keys)
{
	return keys->identity_public;
}

const unsigned char *keys_promise_public(const struct keys *keys)
{
	return keys->promise_public;
}

void keys_sign_promise(const struct keys *keys, struct span bytes, unsigned char signature[64])
{
	crypto_sign_detached(signature, NULL, (const unsigned char *)bytes.at, bytes.len,
			     keys->promise_secret);
}

/* --- the sealed log ------------------------------------------------------------------- */

void keys_log_signer(const struct keys *keys, struct span origin, struct note_signer *signer)
{
	note_signer_make(origin, NOTE_ED25519, keys->log_seed, signer);
}

const unsigned char *keys_log_secret(const struct keys *keys)
{
	return keys->log_secret.bytes;
}

const unsigned char *keys_log_mask(const struct keys *keys)
{
	return keys->log_mask.bytes;
}

void keys_log_week(const struct keys *keys, int64_t at_ms, unsigned char week_key[LEAF_KEY_BYTES])
{
	int64_t local_ms = at_ms + LOG_CLOCK_AHEAD_MS;
	int64_t week = local_ms > 0 ? local_ms / WEEK_MS : 0;
	unsigned char number[8];
	struct seal_key derived;

	for (size_t i = 0; i < sizeof(number); i++)
		number[i] = (unsigned char)((uint64_t)week >> (56 - 8 * i));
	seal_derive(&keys->log_secret, "log week", span_from(number, sizeof(number)), &derived);
	memcpy(week_key, derived.bytes, sizeof(derived.bytes));
	wipe(&derived, sizeof(derived));
}

/* --- epochs of the sender marks --------------------------------------------------- */

void keys_next_pepper(struct seal_key *pepper)
{
	seal_derive(pepper, "next epoch", (struct span){ 0 }, pepper);
}

void keys_sender_mark(const struct keys *keys, int64_t at_ms, struct seal_key *out)
{
	int64_t epoch = at_ms / KEYS_EPOCH_MS;
	struct seal_key pepper = keys->sender;

	if (epoch > KEYS_EPOCH_MAX)
		epoch = KEYS_EPOCH_MAX;
	for (int64_t e = keys->sender_epoch; e < epoch; e++)
		keys_next_pepper(&pepper);
	/* Not the pepper itself: who has one epoch's marks has not the next epoch's. */
	seal_derive(&pepper, "sender marks", (struct span){ 0 }, out);
	wipe(&pepper, sizeof(pepper));
}

/* --- bureaus ------------------------------------------------------------------------ */

static int by_code(const void *code, const void *bureau)
{
	return memcmp(code, ((const struct bureau *)bureau)->code, REGION_DIGITS);
}

static struct bureau *bureau_find(const struct keys *keys, const char code[REGION_DIGITS])
{
	return bsearch(code, keys->bureaus, keys->nbureaus, sizeof(*keys->bureaus), by_code);
}

/* The region itself when `own`, else its nearest ancestor with a key pair; keys_load() made sure of the
 * nation's. */
static struct bureau *bureau_above(const struct keys *keys, const char region[REGION_DIGITS], bool own)
{
	char code[] = NATION;

	for (size_t digits = REGION_DIGITS; digits > 0; digits -= 2) {
		struct bureau *found;

		memset(code, '0', REGION_DIGITS);
		memcpy(code, region, digits);
		if (!own && memcmp(code, region, REGION_DIGITS) == 0)
			continue;
		found = bureau_find(keys, code);
		if (found != NULL)
			return found;
	}
	return bureau_find(keys, NATION);
}

static struct bureau *bureau_of(const struct keys *keys, struct span region)
{
	if (region.len != REGION_DIGITS || !span_digits(region))
		return bureau_find(keys, NATION);
	return bureau_above(keys, region.at, true);
}

void keys_bureau_of(const struct keys *keys, struct span region, char code[7])
{
	memcpy(code, bureau_of(keys, region)->code, REGION_DIGITS + 1);
}

static void new_data_key(const struct keys *keys, struct bureau *bureau)
{
	const struct bureau *parent = bureau_above(keys, bureau->code, false);
	unsigned char random[SEAL_KEY_BYTES];

	randombytes_buf(random, sizeof(random));
	seal_data_key_make(random, &bureau->data_key);
	wipe(random, sizeof(random));
	buf_clear(&bureau->sealed);
	seal_data_key(&bureau->data_key, bureau->public_key, parent == bureau ? NULL : parent->public_key,
		      &bureau->sealed);
}

const struct data_key *keys_data_key(struct keys *keys, struct span region, int64_t now_ms,
				     struct span *sealed)
{
	struct bureau *bureau = bureau_of(keys, region);
	int64_t period = now_ms / KEYS_PERIOD_MS;

	if (bureau->sealed.len == 0 || bureau->period != period) {
		new_data_key(keys, bureau);
		bureau->period = period;
	}
	*sealed = buf_span(&bureau->sealed);
	return &bureau->data_key;
}

const struct identity_box *keys_identity_box(struct keys *keys, int64_t now_ms)
{
	int64_t period = now_ms / KEYS_PERIOD_MS;
	unsigned char random[SEAL_KEY_BYTES];

	if (!keys->identity_made || keys->identity_period != period) {
		randombytes_buf(random, sizeof(random));
		seal_identity_box(keys->identity_public, random, &keys->identity);
		wipe(random, sizeof(random));
		keys->identity_made = true;
		keys->identity_period = period;
	}
	return &keys->identity;
}

/* --- new pairs ------------------------------------------------------------------------ */

static bool refresh_bureau(const struct key_dir *dir, struct bureau *bureau, struct complaint *why)
{
	unsigned char public_key[32], tried[crypto_box_SEALBYTES];
	char name[KEY_NAME_MAX];

	snprintf(name, sizeof(name), "bureau-%s.pub", bureau->code);
	if (key_file_read(dir, name, public_key, why) != KEY_READ || memcmp(public_key, bureau->public_key, sizeof(public_key)) == 0)
		return false;
	if (crypto_box_seal(tried, NULL, 0, public_key) != 0)
		return complain(why, 0, "%s/%s is no public key", dir->path, name);
	memcpy(bureau->public_key, public_key, sizeof(public_key));
	return true;
}

size_t keys_refresh_bureaus(struct keys *keys, const char *path, struct complaint *why)
{
	struct key_dir dir;
	size_t changed = 0;

	if (!key_dir_open(&dir, path, false, why))
		return 0;
	for (size_t i = 0; i < keys->nbureaus; i++)
		changed += refresh_bureau(&dir, &keys->bureaus[i], why);
	key_dir_close(&dir);
	/* A data key is sealed to the bureau above as well. */
	for (size_t i = 0; changed > 0 && i < keys->nbureaus; i++) {
		wipe(&keys->bureaus[i].data_key, sizeof(keys->bureaus[i].data_key));
		buf_clear(&keys->bureaus[i].sealed);
	}
	return changed;
}

/* --- what is over --------------------------------------------------------------------- */

void keys_forget(struct keys *keys, int64_t now_ms)
{
	int64_t period = now_ms / KEYS_PERIOD_MS;

	for (size_t i = 0; i < keys->nbureaus; i++) {
		struct bureau *bureau = &keys->bureaus[i];

		if (bureau->sealed.len == 0 || bureau->period == period)
			continue;
		wipe(&bureau->data_key, sizeof(bureau->data_key));
		buf_clear(&bureau->sealed);
	}
	if (keys->identity_made && keys->identity_period != period) {
		wipe(&keys->identity, sizeof(keys->identity));
		keys->identity_made = false;
	}
}
