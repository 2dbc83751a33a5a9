/*
 * The key pair of each person of staff: what opens for a person is sealed to it.
 *
 * STATE/person-keys.jsonl has one JSON object a line:
 *   {"person","public","made","wraps":[{"by","salt","ops","mem","box"}]}
 * The private half stands there only wrapped (XChaCha20-Poly1305): under a key
 * from the person's password (Argon2id, "by":"password") and under one from each
 * token ("by":"token:ID", keyed BLAKE2b: a token has 256 random bits). So a
 * password is right when it opens the box; no other hash of it is kept anywhere.
 *
 * Private halves live in guarded memory (sodium_malloc) and are wiped when
 * released. Every change locks the file and replaces it as a whole. The calls
 * with a password take some 30 ms of a core (2 passes, 19 MiB) and may run in
 * any thread; the others are for the loop's thread.
 */
#ifndef TIPLINE_SYS_PERSON_KEYS_H
#define TIPLINE_SYS_PERSON_KEYS_H

#include "daemon/base/complaint.h"
#include "daemon/base/span.h"

#define PERSON_KEY_BYTES 32
#define PERSON_PASSWORD_MIN 12     /* characters; what else: password_rule.h */
#define PERSON_PASSWORD_MAX 256    /* bytes */

struct person_keys;     /* the file, as last read */

struct person_pair {
	unsigned char public_key[PERSON_KEY_BYTES];
	unsigned char *secret_key;      /* PERSON_KEY_BYTES, guarded; person_pair_release() */
};

enum person_key_outcome {
	PERSON_KEY_OPENED,
	PERSON_KEY_WRONG,       /* nobody of that name, no such wrap, or it does not open: not told apart, same cost */
	PERSON_KEY_BROKEN,      /* the file cannot be read or written: `why` */
};

/* One that is missing holds nobody. NULL: `why` names line and mend. */
struct person_keys *person_keys_load(const char *state_dir, struct complaint *why);
void person_keys_free(struct person_keys *keys);

/* Reads the file again when it changed; false and `why`: it stays as it was. One stat(). */
bool person_keys_refresh(struct person_keys *keys, struct complaint *why);

/* The public half, or NULL: the person has no pair yet. Valid until the next refresh. */
const unsigned char *person_keys_public(const struct person_keys *keys, struct span person);

/*
 * What changes when the person gets another password, another pair or loses
 * either: a hash of the wrapped key, of no use to anybody. False: there is no
 * password.
 */
#define PERSON_PASSWORD_MARK_BYTES 16
bool person_keys_password_mark(const struct person_keys *keys, struct span person, unsigned char mark[PERSON_PASSWORD_MARK_BYTES]);

/* A pair for a person who has none, wrapped under the password or the token's text (one of the two is empty). */
bool person_keys_make(const char *state_dir, struct span person, struct span password, struct span token_id,
		      struct span token, struct person_pair *out, struct complaint *why);

/* One more way to open a pair that is open: replaces the wrap of that kind, or of that token. */
bool person_keys_wrap_password(const char *state_dir, struct span person, const struct person_pair *pair, struct span password,
			       struct complaint *why);
bool person_keys_wrap_token(const char *state_dir, struct span person, const struct person_pair *pair, struct span token_id,
			    struct span token, struct complaint *why);

/* Takes a wrap away ("password", or "token:ID"); true also when there was none. The last one may go: the pair is then of use to nobody. */
bool person_keys_unwrap(const char *state_dir, struct span person, struct span by, struct complaint *why);

/* Takes the whole pair away, so that a new one can be made: what was sealed to it opens no more. True also when there was none. */
bool person_keys_drop(const char *state_dir, struct span person, struct complaint *why);

enum person_key_outcome person_keys_open_password(const struct person_keys *keys, struct span person, struct span password,
						  struct person_pair *out);
enum person_key_outcome person_keys_open_token(const struct person_keys *keys, struct span person, struct span token_id,
					       struct span token, struct person_pair *out);
/* The same pair in guarded memory of its own. */
void person_pair_copy(const struct person_pair *from, struct person_pair *to);
void person_pair_release(struct person_pair *pair);

#endif
