/*
 * Requests to a witness, of any bytes.
 */
#include "daemon/tlog/cosign.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const unsigned char seed[NOTE_SEED_BYTES] = { 1 };
	struct span bytes = span_from(data, size);
	struct cosign_request request;
	struct quorum known = { .nlogs = 1, .none = true };
	struct tree_head none = { .size = 0 };
	struct note_signer signer;

	if (!cosign_parse(bytes, &request))
		return 0;
	assert(request.proof.n <= COSIGN_PROOF_MAX && request.checkpoint.origin.len > 0);
	note_signer_make(SPAN("tips.example/log/15"), NOTE_ED25519, seed, &signer);
	known.logs[0].key = signer.key;
	if (cosign_judge(&request, &known, &none) == COSIGN_SIGN)
		assert(request.old == 0 && span_is(request.checkpoint.origin, "tips.example/log/15"));
	return 0;
}
