/*
 * Texts by SMS: what is about a receipt code, and that none is left in what becomes a tip.
 */
#include "handlers/intake/sms_claim.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool well)
{
	if (!well)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = span_from(data, size);
	struct arena arena = { 0 };
	struct sms_claim claim, rest;
	struct receipt_code again;

	sms_claim_read(text, &arena, &claim);
	if (claim.kind == SMS_CLAIM_NOT) {
		must(claim.code.digits[0] == '\0');
		/* What is left of a tip that had a code has none any more. */
		sms_claim_read(claim.tip, &arena, &rest);
		must(rest.tip.len == 0 && rest.code.digits[0] == '\0');
	} else if (claim.readable) {
		must(receipt_parse(span_of(claim.code.digits), &again) == RECEIPT_FINE);
		must(claim.tip.len == 0 || span_find(claim.tip, span_of(claim.code.digits)) == claim.tip.len);
	}
	arena_release(&arena);
	return 0;
}
