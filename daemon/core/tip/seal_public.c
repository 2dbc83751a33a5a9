/*
 * Sealing to public keys: data keys and identities; see seal.h.
 *
 * crypto_box_seal costs some hundred microseconds and is therefore done for a
 * key of some minutes, never for a tip.
 *
 *   data key  version 1 | (start of the public key 8 | box 80) once or twice
 *   identity  version 1 | box 80 | sealed blob
 */
#include "daemon/core/tip/seal.h"

#include "daemon/base/wipe.h"
#include "daemon/core/tip/content.h"

#include <assert.h>
#include <sodium.h>

#define VERSION 1
#define HINT_BYTES 8
#define ENTRY_BYTES (HINT_BYTES + SEAL_BOX_BYTES)
#define IDENTITY_HEAD (1 + SEAL_BOX_BYTES)

_Static_assert(IDENTITY_HEAD == SEAL_IDENTITY_HEAD_BYTES, "the head of a sealed identity");

static void data_key_id(const struct seal_key *key, unsigned char id[SEAL_DATA_KEY_ID_BYTES])
{
	unsigned char mark[16];

	seal_mark(key, "data key", (struct span){ 0 }, mark);
	memcpy(id, mark, SEAL_DATA_KEY_ID_BYTES);
}

void seal_data_key_make(const unsigned char random[SEAL_KEY_BYTES], struct data_key *out)
{
	memcpy(out->key.bytes, random, SEAL_KEY_BYTES);
	data_key_id(&out->key, out->id);
}

bool seal_data_key_is(const unsigned char id[SEAL_DATA_KEY_ID_BYTES], const struct seal_key *key)
{
	unsigned char right[SEAL_DATA_KEY_ID_BYTES];

	data_key_id(key, right);
	return memcmp(right, id, sizeof(right)) == 0;
}

/* Fails only for a public key of low order, which no key file can hold: sys/keys.c tries them. */
static void box_key(const struct seal_key *key, const unsigned char public_key[32], unsigned char *box)
{
	int rc = crypto_box_seal(box, key->bytes, SEAL_KEY_BYTES, public_key);

	assert(rc == 0);
	(void)rc;
}

static void add_entry(const struct seal_key *key, const unsigned char public_key[32], struct buf *out)
{
	unsigned char *entry = (unsigned char *)buf_reserve(out, ENTRY_BYTES);

	memcpy(entry, public_key, HINT_BYTES);
	box_key(key, public_key, entry + HINT_BYTES);
	out->len += ENTRY_BYTES;
}

void seal_data_key(const struct data_key *key, const unsigned char bureau_public[32],
		   const unsigned char *parent_public, struct buf *out)
{
	buf_add_byte(out, VERSION);
	add_entry(&key->key, bureau_public, out);
	if (parent_public != NULL)
		add_entry(&key->key, parent_public, out);
}

bool seal_open_data_key(struct span sealed, const unsigned char public_key[32],
			const unsigned char secret_key[32], struct seal_key *out)
{
	if (sealed.len < 1 || sealed.at[0] != VERSION)
		return false;
	for (size_t at = 1; at + ENTRY_BYTES <= sealed.len; at += ENTRY_BYTES) {
		const unsigned char *entry = (const unsigned char *)sealed.at + at;

		if (memcmp(entry, public_key, HINT_BYTES) == 0 &&
		    crypto_box_seal_open(out->bytes, entry + HINT_BYTES, SEAL_BOX_BYTES, public_key,
					 secret_key) == 0)
			return true;
	}
	return false;
}

/* Where the entry for a public key begins, or the length when there is none. */
static size_t entry_for(struct span sealed, const unsigned char public_key[32])
{
	if (sealed.len >= 1 && sealed.at[0] == VERSION)
		for (size_t at = 1; at + ENTRY_BYTES <= sealed.len; at += ENTRY_BYTES)
			if (memcmp(sealed.at + at, public_key, HINT_BYTES) == 0)
				return at;
	return sealed.len;
}

bool seal_data_key_for(struct span sealed, const unsigned char public_key[32])
{
	return entry_for(sealed, public_key) < sealed.len;
}

bool seal_data_key_again(struct span sealed, const struct seal_key *key, const unsigned char from_public[32],
			 const unsigned char to_public[32], struct buf *out)
{
	size_t at = entry_for(sealed, from_public);

	if (at >= sealed.len)
		return false;
	buf_add(out, sealed.at, at);
	add_entry(key, to_public, out);
	buf_add(out, sealed.at + at + ENTRY_BYTES, sealed.len - at - ENTRY_BYTES);
	return true;
}

/* --- identities ------------------------------------------------------------------ */

void seal_identity_box(const unsigned char identity_public[32], const unsigned char random[SEAL_KEY_BYTES],
		       struct identity_box *box)
{
	memcpy(box->key.bytes, random, SEAL_KEY_BYTES);
	box_key(&box->key, identity_public, box->sealed);
}

/* One key for one tip's identity, so that the blob binds the tip as well. */
static void identity_key(const struct tip_id *id, const struct seal_key *box_key_, struct seal_key *out)
{
	seal_derive(box_key_, "identity", span_from(id->text + 3, TIP_ID_LEN - 3), out);
}

void seal_identity(const struct tip_id *id, const struct identity_box *box, struct span contact,
		   struct span sender, struct buf *out)
{
	struct buf clear = { 0 };
	struct seal_key key;

	identity_key(id, &box->key, &key);
	buf_add_byte(out, VERSION);
	buf_add(out, box->sealed, SEAL_BOX_BYTES);
	identity_write(contact, sender, &clear);
	seal_blob(&key, "identity", buf_span(&clear), out);
	buf_release(&clear);
	wipe(&key, sizeof(key));
}

bool seal_open_identity(const struct tip_id *id, struct span sealed, const unsigned char identity_public[32],
			const unsigned char identity_secret[32], struct arena *arena, struct span *contact,
			struct span *sender)
{
	struct seal_key box, key;
	struct span clear;
	bool open;

	if (sealed.len < IDENTITY_HEAD || sealed.at[0] != VERSION)
		return false;
	if (crypto_box_seal_open(box.bytes, (const unsigned char *)sealed.at + 1, SEAL_BOX_BYTES,
				 identity_public, identity_secret) != 0)
		return false;
	identity_key(id, &box, &key);
	open = seal_open_blob(&key, "identity", span_from_offset(sealed, IDENTITY_HEAD), arena, &clear) &&
	       identity_read(clear, arena, contact, sender);
	wipe(&box, sizeof(box));
	wipe(&key, sizeof(key));
	return open;
}
