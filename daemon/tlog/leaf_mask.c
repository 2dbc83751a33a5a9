/*
 * Masked seeds; see leaf_mask.h.
 */
#include "daemon/tlog/leaf_mask.h"

#include "daemon/base/wipe.h"

#include <sodium.h>

void leaf_mask(const unsigned char mask_key[LEAF_KEY_BYTES], const struct tip_id *id,
	       const unsigned char from[LEAF_SEED_BYTES], unsigned char to[LEAF_SEED_BYTES])
{
	static const char context[] = "tipline leaf mask v1";
	unsigned char mask[LEAF_SEED_BYTES];
	crypto_generichash_state state;

	crypto_generichash_init(&state, mask_key, LEAF_KEY_BYTES, sizeof(mask));
	crypto_generichash_update(&state, (const unsigned char *)context, sizeof(context));
	crypto_generichash_update(&state, (const unsigned char *)id->text, TIP_ID_LEN);
	crypto_generichash_final(&state, mask, sizeof(mask));
	for (size_t i = 0; i < sizeof(mask); i++)
		to[i] = from[i] ^ mask[i];
	wipe(&state, sizeof(state));
	wipe(mask, sizeof(mask));
}
