/*
 * Keys of signed notes and how they are written; see note.h.
 */
#include "daemon/tlog/note.h"

#include "daemon/base/base64.h"
#include "daemon/base/hex.h"
#include "daemon/base/utf8.h"
#include "daemon/base/wipe.h"
#include "daemon/tlog/line.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>

#define ID_DIGITS 8
#define PRIVATE "PRIVATE+KEY+"

/* White_Space of the Unicode character database. */
static bool is_space(uint32_t c)
{
	return c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 ||
	       c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

bool note_name_valid(struct span name)
{
	size_t length;

	if (name.len == 0 || name.len > NOTE_NAME_MAX || !line_plain(name))
		return false;
	for (size_t i = 0; i < name.len; i += length) {
		uint32_t c = utf8_at(name, i, &length);

		if (c == '+' || is_space(c))
			return false;
	}
	return true;
}

struct span note_key_name(const struct note_key *key)
{
	return span_from(key->name, key->name_len);
}

/* The first four bytes of SHA-256(name, newline, kind, public key). */
static uint32_t key_id(const struct note_key *key)
{
	const unsigned char between[2] = { '\n', (unsigned char)key->kind };
	crypto_hash_sha256_state state;
	unsigned char hash[crypto_hash_sha256_BYTES];

	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, (const unsigned char *)key->name, key->name_len);
	crypto_hash_sha256_update(&state, between, sizeof(between));
	crypto_hash_sha256_update(&state, key->public_key, sizeof(key->public_key));
	crypto_hash_sha256_final(&state, hash);
	return (uint32_t)hash[0] << 24 | (uint32_t)hash[1] << 16 | (uint32_t)hash[2] << 8 | hash[3];
}

void note_key_make(struct span name, enum note_kind kind, const unsigned char public_key[NOTE_KEY_BYTES],
		   struct note_key *key)
{
	assert(note_name_valid(name));
	*key = (struct note_key){ .name_len = name.len, .kind = kind };
	memcpy(key->name, name.at, name.len);
	memcpy(key->public_key, public_key, NOTE_KEY_BYTES);
	key->id = key_id(key);
}

void note_signer_make(struct span name, enum note_kind kind, const unsigned char seed[NOTE_SEED_BYTES],
		      struct note_signer *signer)
{
	unsigned char public_key[NOTE_KEY_BYTES];

	crypto_sign_seed_keypair(public_key, signer->secret, seed);
	note_key_make(name, kind, public_key, &signer->key);
}

void note_signer_release(struct note_signer *signer)
{
	wipe(signer, sizeof(*signer));
}

/* --- as text ------------------------------------------------------------------------------------- */

/* NAME+ID+base64(KIND BYTES), of either kind of key. */
struct key_text {
	struct span name;
	uint32_t id;
	enum note_kind kind;
	unsigned char bytes[NOTE_KEY_BYTES];
};

static bool read_kind(unsigned char byte, enum note_kind *kind)
{
	*kind = byte == NOTE_ED25519 ? NOTE_ED25519 : NOTE_COSIGNATURE;
	return byte == NOTE_ED25519 || byte == NOTE_COSIGNATURE;
}

static bool read_key(struct span text, struct key_text *key)
{
	unsigned char id[ID_DIGITS / 2], bytes[1 + NOTE_KEY_BYTES];
	struct span rest = text, digits;
	size_t len;
	bool well;

	well = span_cut(&rest, '+', &key->name) && span_cut(&rest, '+', &digits) && note_name_valid(key->name) &&
	       digits.len == ID_DIGITS && hex_get(digits, id, sizeof(id)) && line_base64(rest, bytes, sizeof(bytes), &len) &&
	       len == sizeof(bytes) && read_kind(bytes[0], &key->kind);
	if (well) {
		key->id = (uint32_t)id[0] << 24 | (uint32_t)id[1] << 16 | (uint32_t)id[2] << 8 | id[3];
		memcpy(key->bytes, bytes + 1, NOTE_KEY_BYTES);
	}
	wipe(bytes, sizeof(bytes));
	return well;
}

static struct span write_key(const char *before, const struct note_key *key, const unsigned char *secret,
			     char out[NOTE_KEY_TEXT_MAX])
{
	unsigned char bytes[1 + NOTE_KEY_BYTES] = { (unsigned char)key->kind };
	struct buf base64 = { 0 };
	int len;

	memcpy(bytes + 1, secret, NOTE_KEY_BYTES);
	base64_add(&base64, bytes, sizeof(bytes));
	len = snprintf(out, NOTE_KEY_TEXT_MAX, "%s%s+%08lx+%.*s", before, key->name, (unsigned long)key->id,
		       (int)base64.len, base64.at);
	assert(len > 0 && len < NOTE_KEY_TEXT_MAX);
	buf_release(&base64);
	wipe(bytes, sizeof(bytes));
	return span_from(out, (size_t)len);
}

bool note_key_parse(struct span text, struct note_key *key)
{
	struct key_text read;

	if (!read_key(text, &read))
		return false;
	note_key_make(read.name, read.kind, read.bytes, key);
	return key->id == read.id;
}

struct span note_key_write(const struct note_key *key, char out[NOTE_KEY_TEXT_MAX])
{
	return write_key("", key, key->public_key, out);
}

bool note_signer_parse(struct span text, struct note_signer *signer)
{
	struct key_text read;
	bool well = span_starts(text, SPAN(PRIVATE)) && read_key(span_from_offset(text, sizeof(PRIVATE) - 1), &read);

	if (!well)
		return false;
	note_signer_make(read.name, read.kind, read.bytes, signer);
	well = signer->key.id == read.id;
	wipe(&read, sizeof(read));
	if (!well)
		note_signer_release(signer);
	return well;
}

/* The first half of libsodium's secret key is the seed. */
struct span note_signer_write(const struct note_signer *signer, char out[NOTE_KEY_TEXT_MAX])
{
	return write_key(PRIVATE, &signer->key, signer->secret, out);
}
