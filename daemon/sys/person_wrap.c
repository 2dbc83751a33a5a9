/*
 * Wraps of private keys; see person_wrap.h.
 */
#include "daemon/sys/person_wrap.h"

#include "daemon/base/wipe.h"

#include <sodium.h>
#include <stdio.h>

#define VERSION 1
#define NONCE_AT 1
#define SEALED_AT (NONCE_AT + crypto_aead_xchacha20poly1305_ietf_NPUBBYTES)
#define TOKEN_ID_MAX 16

_Static_assert(PERSON_WRAP_BOX_BYTES == SEALED_AT + PERSON_WRAP_KEY_BYTES + crypto_aead_xchacha20poly1305_ietf_ABYTES,
	       "room for nonce and tag");
_Static_assert(PERSON_WRAP_SALT_BYTES == crypto_pwhash_SALTBYTES && PERSON_WRAP_SALT_BYTES >= crypto_generichash_KEYBYTES_MIN,
	       "one salt for both kinds");

bool person_wrap_name(struct span token_id, char by[PERSON_WRAP_BY_MAX + 1])
{
	if (token_id.len == 0 || token_id.len > TOKEN_ID_MAX)
		return false;
	snprintf(by, PERSON_WRAP_BY_MAX + 1, "token:%.*s", (int)token_id.len, token_id.at);
	return true;
}

/* --- the key that wraps ------------------------------------------------------------ */

static bool from_password(const struct person_wrap *wrap, struct span password, unsigned char key[PERSON_WRAP_KEY_BYTES])
{
	static const unsigned char label[] = "tipline person key by password";
	unsigned char stretched[crypto_generichash_KEYBYTES];
	bool well = crypto_pwhash(stretched, sizeof(stretched), password.at != NULL ? password.at : "", password.len, wrap->salt,
				  wrap->ops, (size_t)wrap->mem_kib * 1024, crypto_pwhash_ALG_ARGON2ID13) == 0;

	if (well)
		crypto_generichash(key, PERSON_WRAP_KEY_BYTES, label, sizeof(label), stretched, sizeof(stretched));
	wipe(stretched, sizeof(stretched));
	return well;
}

static void from_token(const struct person_wrap *wrap, struct span token, unsigned char key[PERSON_WRAP_KEY_BYTES])
{
	static const unsigned char label[] = "tipline person key by token";
	crypto_generichash_state state;

	crypto_generichash_init(&state, wrap->salt, sizeof(wrap->salt), PERSON_WRAP_KEY_BYTES);
	crypto_generichash_update(&state, label, sizeof(label));
	crypto_generichash_update(&state, (const unsigned char *)token.at, token.len);
	crypto_generichash_final(&state, key, PERSON_WRAP_KEY_BYTES);
	wipe(&state, sizeof(state));
}

static bool wrapping_key(const struct person_wrap *wrap, struct span secret, unsigned char key[PERSON_WRAP_KEY_BYTES])
{
	if (strcmp(wrap->by, PERSON_WRAP_PASSWORD) == 0)
		return from_password(wrap, secret, key);
	from_token(wrap, secret, key);
	return true;
}

/* --- the box ----------------------------------------------------------------------- */

/* A hash of all that the box is bound to: one length, whatever the name's. */
static void bound(const struct person_wrap_of *of, const struct person_wrap *wrap, unsigned char out[32])
{
	const unsigned char costs[] = {
		VERSION,
		(unsigned char)wrap->ops,
		(unsigned char)(wrap->mem_kib >> 16),
		(unsigned char)(wrap->mem_kib >> 8),
		(unsigned char)wrap->mem_kib,
	};
	crypto_generichash_state state;

	crypto_generichash_init(&state, NULL, 0, 32);
	crypto_generichash_update(&state, costs, sizeof(costs));
	crypto_generichash_update(&state, (const unsigned char *)wrap->by, sizeof(wrap->by));
	crypto_generichash_update(&state, wrap->salt, sizeof(wrap->salt));
	crypto_generichash_update(&state, of->public_key, PERSON_WRAP_KEY_BYTES);
	crypto_generichash_update(&state, (const unsigned char *)of->person.at, of->person.len);
	crypto_generichash_final(&state, out, 32);
}

static void describe(struct person_wrap *wrap, struct span by)
{
	bool password = span_is(by, PERSON_WRAP_PASSWORD);

	*wrap = (struct person_wrap){
		.ops = password ? PERSON_WRAP_OPS : 0,
		.mem_kib = password ? PERSON_WRAP_MEM_KIB : 0,
	};
	snprintf(wrap->by, sizeof(wrap->by), "%.*s", (int)by.len, by.at);
}

bool person_wrap_seal(const struct person_wrap_of *of, struct span by, struct span secret,
		      const unsigned char key[PERSON_WRAP_KEY_BYTES], struct person_wrap *out)
{
	unsigned char under[PERSON_WRAP_KEY_BYTES], what[32];

	describe(out, by);
	randombytes_buf(out->salt, sizeof(out->salt));
	if (!wrapping_key(out, secret, under))
		return false;
	bound(of, out, what);
	out->box[0] = VERSION;
	randombytes_buf(out->box + NONCE_AT, SEALED_AT - NONCE_AT);
	crypto_aead_xchacha20poly1305_ietf_encrypt(out->box + SEALED_AT, NULL, key, PERSON_WRAP_KEY_BYTES, what, sizeof(what), NULL,
						   out->box + NONCE_AT, under);
	wipe(under, sizeof(under));
	return true;
}

enum person_wrap_opened person_wrap_open(const struct person_wrap_of *of, const struct person_wrap *wrap, struct span secret,
					 unsigned char key[PERSON_WRAP_KEY_BYTES])
{
	unsigned char under[PERSON_WRAP_KEY_BYTES], what[32];
	bool fits;

	if (!wrapping_key(wrap, secret, under))
		return PERSON_WRAP_NO_MEMORY;
	bound(of, wrap, what);
	fits = wrap->box[0] == VERSION &&
	       crypto_aead_xchacha20poly1305_ietf_decrypt(key, NULL, NULL, wrap->box + SEALED_AT,
							  sizeof(wrap->box) - SEALED_AT, what, sizeof(what),
							  wrap->box + NONCE_AT, under) == 0;
	wipe(under, sizeof(under));
	return fits ? PERSON_WRAP_OPENED : PERSON_WRAP_SHUT;
}

enum person_wrap_opened person_wrap_nothing(struct span by, struct span secret)
{
	static const unsigned char nobody[PERSON_WRAP_KEY_BYTES];
	const struct person_wrap_of of = { .public_key = nobody };
	unsigned char key[PERSON_WRAP_KEY_BYTES];
	struct person_wrap wrap;

	describe(&wrap, by);
	wrap.box[0] = VERSION;
	if (person_wrap_open(&of, &wrap, secret, key) == PERSON_WRAP_NO_MEMORY)
		return PERSON_WRAP_NO_MEMORY;
	wipe(key, sizeof(key));
	return PERSON_WRAP_SHUT;
}
