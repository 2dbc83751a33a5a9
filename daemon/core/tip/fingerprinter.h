/*
 * The key of fingerprints, made ready for hashing.
 *
 * All that the journal keeps of a text in order to find it again is hashed
 * under this key, so that a stolen store cannot be matched against guessed
 * texts or telephone numbers.
 */
#ifndef TIPLINE_CORE_FINGERPRINTER_H
#define TIPLINE_CORE_FINGERPRINTER_H

#define FINGERPRINT_KEY_BYTES 32
#define FINGERPRINT_SECRET_BYTES 192
#define FINGERPRINT_MARK_KEY_BYTES 16

struct fingerprint_key {
	unsigned char bytes[FINGERPRINT_KEY_BYTES];
};

/* What hashing needs, derived once. As secret as the key. */
struct fingerprinter {
	unsigned char secret[FINGERPRINT_SECRET_BYTES];      /* of XXH3, for the words of a text */
	unsigned char mark_key[FINGERPRINT_MARK_KEY_BYTES];  /* of SipHash, for entities */
};

/* Ready for any number of texts and threads; holds no memory, wipe it after use. */
void fingerprinter_init(struct fingerprinter *fingerprinter, const struct fingerprint_key *key);

#endif
