/*
 * Receipt codes as people write them, and codes hidden in text.
 */
#include "daemon/core/tip/receipt.h"

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
	struct receipt_code code, again, made;
	char shown[30];

	receipt_hidden_in(text);
	if (size >= 16) {
		receipt_make("15", data, &made);
		must(receipt_parse(span_of(made.digits), &again) == RECEIPT_FINE);
	}
	if (receipt_parse(text, &code) != RECEIPT_FINE)
		return 0;
	receipt_show(&code, shown);
	must(receipt_parse(span_of(shown), &again) == RECEIPT_FINE);
	must(strcmp(code.digits, again.digits) == 0);
	must(receipt_hidden_in(span_of(shown)));
	must(receipt_hidden_in(span_of(code.digits)));
	return 0;
}
