/*
 * What a device carries that signed in before: not a right, but a count of its
 * own among those who try passwords (slowdown.h).
 *
 *   the 16 random bytes of its name, the day (4 bytes), and a keyed BLAKE2b of
 *   both, the account and the account's key pair: 52 bytes, in URL-safe base 64
 *
 * It holds for one account, 90 days, and until the account has another key pair.
 */
#ifndef TIPLINE_HANDLERS_DEVICE_H
#define TIPLINE_HANDLERS_DEVICE_H

#include "daemon/core/tip/seal.h"

#define DEVICE_TEXT 70      /* letters of 52 bytes */
#define DEVICE_NAME 16      /* bytes */
#define DEVICE_DAYS 90

struct device_of {
	const struct seal_key *key;
	struct span account;
	const unsigned char *pair;    /* the public half, 32 bytes; NULL: the account has none */
	int64_t now_ms;
};

/* A mark for a device; `name` is that which it had, or empty for a new one. */
void device_write(const struct device_of *of, struct span name, char text[DEVICE_TEXT + 1]);

/* Whether the mark is ours, for that account, and not too old; then its name. */
bool device_read(const struct device_of *of, struct span text, unsigned char name[DEVICE_NAME]);

#endif
