/*
 * Proof texts and quorum files of any bytes.
 */
#include "daemon/tlog/proof.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_proof(struct span text, struct arena *arena)
{
	struct merkle_hash leaf = merkle_leaf(SPAN(""));
	struct quorum none = { .none = true };
	struct quorum_finding finding;
	struct proof proof;
	struct buf again = { 0 };

	if (!proof_parse(text, arena, &proof))
		return;
	proof_write(&proof, &again);
	assert(span_eq(buf_span(&again), text));
	assert(proof_verify(&proof, &leaf, &none, &finding) == PROOF_CHECKPOINT);
	buf_release(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = { 0 };
	struct span bytes = span_from(data, size);
	struct complaint why = { .text = "" };
	const struct quorum *quorum = quorum_parse(bytes, &arena, &why);

	if (quorum != NULL) {
		assert(quorum->none || !quorum_met(quorum, 0));
		assert(quorum_met(quorum, UINT64_MAX));
	} else {
		assert(why.text[0] != '\0');
	}
	try_proof(bytes, &arena);
	arena_release(&arena);
	return 0;
}
