/*
 * Challenge and solution of the form as anybody may send them: what is read has one form, and
 * what was not made with the key is never taken.
 */
#include "handlers/intake/proof.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool well)
{
	if (!well)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const unsigned char key[PROOF_KEY_BYTES] = "known to nobody who sends a form";
	static const struct proof_rule rule = { .wait_s = 0, .keep_s = UINT32_MAX };
	size_t cut = size < PROOF_TEXT_BYTES ? size : PROOF_TEXT_BYTES;
	struct span text = span_from(data, cut), solution = span_from(data + cut, size - cut);
	struct proof_challenge read, made;
	char again[PROOF_TEXT_BYTES + 1];
	unsigned left_s;

	/* By age alone it would be taken: the key is all that stands between. */
	if (!proof_read(text, &read)) {
		must(proof_check(key, &rule, 1, UINT64_MAX, text, solution, &made, &left_s) == PROOF_NONE);
		return 0;
	}
	must(read.bits <= PROOF_BITS_MAX);
	must(!proof_solves(&read, solution) || (solution.len > 0 && solution.len <= PROOF_SOLUTION_MAX));
	proof_make(key, 1, read.at_s, read.bits, read.salt, again);
	must(proof_read(span_of(again), &made));
	must(made.at_s == read.at_s && made.bits == read.bits && memcmp(made.salt, read.salt, sizeof(made.salt)) == 0);
	must((proof_check(key, &rule, 1, read.at_s, text, solution, &read, &left_s) == PROOF_DONE) ==
	     (memcmp(read.name, made.name, sizeof(made.name)) == 0));
	return 0;
}
