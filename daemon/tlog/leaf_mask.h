/*
 * The seed of a tip's leaves, as it is kept beside the tip.
 *
 * Who acts on a tip later has no receipt code, and the leaf of that act needs
 * the same seed. So intake leaves it with the tip: XORed with
 * BLAKE2b-128(key = mask key, "tipline leaf mask v1" NUL, id of the tip).
 * The mask depends on the id, so a tip that gets another id is masked anew.
 */
#ifndef TIPLINE_TLOG_LEAF_MASK_H
#define TIPLINE_TLOG_LEAF_MASK_H

#include "daemon/core/tip/tip.h"
#include "daemon/tlog/leaf.h"

/* Masks a seed, and the masked one gives the seed back. `from` and `to` may be the same. */
void leaf_mask(const unsigned char mask_key[LEAF_KEY_BYTES], const struct tip_id *id,
	       const unsigned char from[LEAF_SEED_BYTES], unsigned char to[LEAF_SEED_BYTES]);

#endif
