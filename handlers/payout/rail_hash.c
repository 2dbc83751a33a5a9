/*
 * SHA-256 of what is sent and received; see rail_hash.h.
 */
#include "handlers/payout/rail_hash.h"

#include <sodium.h>

void rail_hash(struct span bytes, unsigned char out[RAIL_HASH_BYTES])
{
	crypto_hash_sha256(out, (const unsigned char *)bytes.at, bytes.len);
}
