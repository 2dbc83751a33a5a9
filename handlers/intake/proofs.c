/*
 * Challenges and their answers; see proofs.h.
 */
#include "handlers/intake/proofs.h"

#include "daemon/base/mark_ring.h"
#include "daemon/base/memory.h"
#include "daemon/sys/random.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define USED_MAX 65536   /* with the marks of their requests 3 MiB */

struct proofs {
	unsigned char key[PROOF_KEY_BYTES];
	struct mark_ring used;
	unsigned char (*requests)[MARK_BYTES];   /* at the places of the ring; zeros: of none that has a name */
	struct proofs_figures figures;
};

struct proofs *proofs_new(void)
{
	struct proofs *proofs = memory_zeroes(1, sizeof(*proofs));
	uint64_t seed;

	_Static_assert(MARK_BYTES == PROOF_NAME_BYTES, "a challenge's name is its mark");
	random_bytes(proofs->key, sizeof(proofs->key));
	random_bytes(&seed, sizeof(seed));
	mark_ring_init(&proofs->used, USED_MAX, seed);
	proofs->requests = memory_zeroes(USED_MAX, sizeof(*proofs->requests));
	return proofs;
}

void proofs_free(struct proofs *proofs)
{
	if (proofs == NULL)
		return;
	sodium_memzero(proofs->key, sizeof(proofs->key));
	mark_ring_release(&proofs->used);
	free(proofs->requests);
	free(proofs);
}

struct span proofs_ask(struct proofs *proofs, uint64_t network, uint64_t now_s, unsigned bits, struct arena *arena)
{
	char *text = arena_alloc(arena, PROOF_TEXT_BYTES + 1);
	unsigned char salt[8];

	random_bytes(salt, sizeof(salt));
	proof_make(proofs->key, network, now_s, bits, salt, text);
	proofs->figures.asked++;
	return span_from(text, PROOF_TEXT_BYTES);
}

static void request_mark(const struct proofs *proofs, struct span request, unsigned char mark[MARK_BYTES])
{
	memset(mark, 0, MARK_BYTES);
	if (request.len > 0)
		crypto_generichash(mark, MARK_BYTES, (const unsigned char *)request.at, request.len, proofs->key,
				   sizeof(proofs->key));
}

/* By another request, or by one without a name, which is nobody's again. */
static bool used_elsewhere(const struct proofs *proofs, const struct proof_challenge *challenge, struct span request)
{
	unsigned char mark[MARK_BYTES];
	size_t place;

	if (!mark_ring_find(&proofs->used, challenge->name, &place))
		return false;
	request_mark(proofs, request, mark);
	return request.len == 0 || memcmp(proofs->requests[place], mark, MARK_BYTES) != 0;
}

enum proof_verdict proofs_check(const struct proofs *proofs, const struct proof_rule *rule, uint64_t network, uint64_t now_s,
				const struct proof_brought *brought, unsigned *left_s)
{
	struct proof_challenge challenge;
	enum proof_verdict verdict = proof_check(proofs->key, rule, network, now_s, brought->challenge,
						 brought->solution, &challenge, left_s);

	return verdict != PROOF_NONE && used_elsewhere(proofs, &challenge, brought->request) ? PROOF_NONE : verdict;
}

bool proofs_use(struct proofs *proofs, const struct proof_brought *brought)
{
	struct proof_challenge challenge;
	size_t place;
	bool fresh;

	if (!proof_read(brought->challenge, &challenge))
		return false;
	place = mark_ring_take(&proofs->used, challenge.name, &fresh);
	request_mark(proofs, brought->request, proofs->requests[place]);
	if (fresh && proof_solves(&challenge, brought->solution))
		proofs->figures.worked++;
	else if (fresh)
		proofs->figures.waited++;
	return fresh;
}

void proofs_refuse(struct proofs *proofs)
{
	proofs->figures.refused++;
}

const struct proofs_figures *proofs_figures(const struct proofs *proofs)
{
	return &proofs->figures;
}
