/*
 * Nonces; see nonces.h. An open table of 128-bit keyed hashes. A nonce
 * lies within PROBES places from its home place; a look goes over all of them,
 * so places may become free in any order.
 */
#include "handlers/payout/nonces.h"

#include "daemon/base/memory.h"

#include <sodium.h>
#include <stdlib.h>

#define PROBES 64

struct place {
	uint64_t mark[2];
	int64_t until_ms;   /* 0: never used */
};

struct nonces {
	unsigned char key[crypto_generichash_KEYBYTES_MIN];
	size_t size;
	struct place *places;
};

struct nonces *nonces_new(size_t size, const unsigned char key[16])
{
	struct nonces *nonces = memory_zeroes(1, sizeof(*nonces));

	/* Half of the places stay free, so that runs stay short. */
	nonces->size = size * 2 + PROBES;
	nonces->places = memory_zeroes(nonces->size, sizeof(*nonces->places));
	memcpy(nonces->key, key, sizeof(nonces->key));
	return nonces;
}

void nonces_free(struct nonces *nonces)
{
	if (nonces == NULL)
		return;
	free(nonces->places);
	free(nonces);
}

static void mark_of(const struct nonces *nonces, struct span who, struct span nonce, uint64_t mark[2])
{
	crypto_generichash_state state;
	uint64_t len = who.len;

	crypto_generichash_init(&state, nonces->key, sizeof(nonces->key), 16);
	crypto_generichash_update(&state, (const unsigned char *)&len, sizeof(len));
	crypto_generichash_update(&state, (const unsigned char *)who.at, who.len);
	crypto_generichash_update(&state, (const unsigned char *)nonce.at, nonce.len);
	crypto_generichash_final(&state, (unsigned char *)mark, 16);
}

static struct place *place_at(struct nonces *nonces, const uint64_t mark[2], size_t probe)
{
	return &nonces->places[(mark[0] % nonces->size + probe) % nonces->size];
}

static bool holds(const struct place *place, const uint64_t mark[2])
{
	return place->mark[0] == mark[0] && place->mark[1] == mark[1];
}

enum nonces_answer nonces_take(struct nonces *nonces, struct span who, struct span nonce, int64_t now_ms)
{
	struct place *empty = NULL;
	uint64_t mark[2];

	mark_of(nonces, who, nonce, mark);
	for (size_t i = 0; i < PROBES; i++) {
		struct place *place = place_at(nonces, mark, i);

		if (place->until_ms <= now_ms)
			empty = empty != NULL ? empty : place;
		else if (holds(place, mark))
			return NONCES_SEEN;
	}
	if (empty == NULL)
		return NONCES_FULL;
	*empty = (struct place){ .mark = { mark[0], mark[1] }, .until_ms = now_ms + NONCES_KEEP_MS };
	return NONCES_NEW;
}

void nonces_drop(struct nonces *nonces, struct span who, struct span nonce)
{
	uint64_t mark[2];

	mark_of(nonces, who, nonce, mark);
	for (size_t i = 0; i < PROBES; i++)
		if (holds(place_at(nonces, mark, i), mark))
			*place_at(nonces, mark, i) = (struct place){ 0 };
}
