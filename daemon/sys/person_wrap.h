/*
 * One wrap of a person's private key: 32 bytes under a key made from a password
 * or a token's text (XChaCha20-Poly1305).
 *
 *   password   Argon2id over the password with the wrap's salt, then keyed
 *              BLAKE2b with a label of its own
 *   token      BLAKE2b over label and token, keyed with the salt
 *
 * Person, public half, kind, salt and costs are bound to the box, so a wrap
 * that stands elsewhere, or with other costs, does not open. Pure but for
 * libsodium's random bytes; no shared state, so any thread may call.
 */
#ifndef TIPLINE_SYS_PERSON_WRAP_H
#define TIPLINE_SYS_PERSON_WRAP_H

#include "daemon/base/span.h"

#define PERSON_WRAP_BY_MAX 22         /* "token:" and an id */
#define PERSON_WRAP_KEY_BYTES 32
#define PERSON_WRAP_SALT_BYTES 16
#define PERSON_WRAP_BOX_BYTES (1 + 24 + PERSON_WRAP_KEY_BYTES + 16)   /* version, nonce, key, tag */
#define PERSON_WRAP_PASSWORD "password"
#define PERSON_WRAP_OPS 2
#define PERSON_WRAP_MEM_KIB 19456
#define PERSON_WRAP_OPS_MAX 16
#define PERSON_WRAP_MEM_MIN_KIB 8
#define PERSON_WRAP_MEM_MAX_KIB 262144

struct person_wrap {
	char by[PERSON_WRAP_BY_MAX + 1];   /* "password" or "token:ID" */
	unsigned char salt[PERSON_WRAP_SALT_BYTES];
	unsigned ops, mem_kib;             /* of Argon2id; both 0 for a token */
	unsigned char box[PERSON_WRAP_BOX_BYTES];
};

/* What a wrap belongs to. */
struct person_wrap_of {
	struct span person;
	const unsigned char *public_key;   /* PERSON_WRAP_KEY_BYTES */
};

/* "token:ID" of an id of 1 to 16 characters; false: it has another length. */
bool person_wrap_name(struct span token_id, char by[PERSON_WRAP_BY_MAX + 1]);

/* Wraps the key under a secret, as the kind that `by` says. False: there is no memory for Argon2id. */
bool person_wrap_seal(const struct person_wrap_of *of, struct span by, struct span secret,
		      const unsigned char key[PERSON_WRAP_KEY_BYTES], struct person_wrap *out);

enum person_wrap_opened {
	PERSON_WRAP_OPENED,
	PERSON_WRAP_SHUT,        /* another secret, or changed bytes */
	PERSON_WRAP_NO_MEMORY,
};

enum person_wrap_opened person_wrap_open(const struct person_wrap_of *of, const struct person_wrap *wrap, struct span secret,
					 unsigned char key[PERSON_WRAP_KEY_BYTES]) __attribute__((warn_unused_result));

/* Costs as much as opening one of that kind, and opens nothing: for names that nobody has. */
enum person_wrap_opened person_wrap_nothing(struct span by, struct span secret) __attribute__((warn_unused_result));

#endif
