/*
 * X-Sig: signatures of the generic connector, both ways.
 *
 *   X-Sig: v1,<key id>,<Unix seconds>,<nonce>,<64 hex>
 *
 * The digits are HMAC-SHA256(key, FIRST\nPATH\nSECONDS\nNONCE\nBODY\n). FIRST is
 * the method of a request ("POST") and the status of an answer ("200"); PATH is
 * path and query as sent, of an answer that of its request. An answer carries
 * the nonce of its request, so it fits no other one, nor the request itself;
 * its status cannot be changed on the way either.
 *
 * Pure: time and nonce are given. Who verifies requests keeps their nonces for
 * ten minutes (nonces.h); a second use is refused there.
 */
#ifndef TIPLINE_HANDLERS_PAYOUT_X_SIG_H
#define TIPLINE_HANDLERS_PAYOUT_X_SIG_H

#include "daemon/base/arena.h"

#define X_SIG_SKEW_S 300
#define X_SIG_NONCE_MIN 16
#define X_SIG_NONCE_MAX 64

struct x_sig_key {
	const char *id;       /* 1..32 of [0-9A-Za-z._-]; NULL: there is none */
	struct span secret;   /* 32 bytes or more */
};

/* What is signed. */
struct x_sig_parts {
	struct span first, path, nonce, body;
};

/* The value of the field, in the arena. */
const char *x_sig_write(const struct x_sig_key *key, const struct x_sig_parts *parts, int64_t now_ms,
			struct arena *arena);

enum x_sig_fault {
	X_SIG_FINE,
	X_SIG_MISSING,
	X_SIG_FORM,       /* not the five parts */
	X_SIG_KEY,        /* of no key we know */
	X_SIG_TIME,       /* more than 300 s off */
	X_SIG_NONCE,      /* an answer to something else */
	X_SIG_WRONG,
};

/*
 * Verifies a field. parts->nonce is the one that is expected; when it is empty,
 * as for requests, *nonce is the one that came (valid when X_SIG_FINE).
 */
enum x_sig_fault x_sig_check(const struct x_sig_key *keys, size_t nkeys, struct span field,
			     const struct x_sig_parts *parts, int64_t now_ms, struct span *nonce);

/* "fine", "missing", ...: for codes and log. */
const char *x_sig_fault_name(enum x_sig_fault fault);

#endif
