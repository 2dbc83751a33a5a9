/*
 * What a teller may type, and fields that may be signed: number and word as
 * text of any kind, X-Sig of any kind. Nothing but the very word of the very
 * voucher pays; nothing but a right signature passes; what is read is read the
 * same way again.
 */
#include "handlers/payout/voucher.h"
#include "handlers/payout/x_sig.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void at_the_counter(struct span number, struct span text)
{
	static const unsigned char key[32] = { 1 }, random[VOUCHER_RANDOM_BYTES] = { 2, 3, 4 };
	struct voucher_word word, typed, again;
	char plain[VOUCHER_NUMBER_LEN + 1], shown[VOUCHER_SHOWN_MAX];
	struct voucher voucher;
	bool right;

	voucher_make(random, key, 100, 0, &voucher, &word);
	struct voucher_claim claim = { .number = number, .word = text, .fen = 100, .branch_fen = 100 };

	right = voucher_number_parse(number, plain) && strcmp(plain, voucher.number) == 0 && voucher_word_parse(text, &typed) &&
		strcmp(typed.text, word.text) == 0;
	assert((voucher_judge(&voucher, key, &claim, 0) == VOUCHER_PAY) == right);
	if (!voucher_word_parse(text, &typed))
		return;
	voucher_word_show(&typed, shown);
	assert(voucher_word_parse(span_of(shown), &again) && strcmp(again.text, typed.text) == 0);
}

static void as_signature(struct span field, struct span body)
{
	static const struct x_sig_key key = { .id = "test-1", .secret = SPAN_INIT("0123456789abcdef0123456789abcdef") };
	struct x_sig_parts parts = { .first = SPAN("POST"), .path = SPAN("/hooks/a"), .body = body };
	struct arena arena = { 0 };
	struct span nonce;

	/* Who has no key writes no signature; the one that passes would be ours again. */
	if (x_sig_check(&key, 1, field, &parts, 0, &nonce) == X_SIG_FINE) {
		parts.nonce = nonce;
		assert(x_sig_check(&key, 1, field, &parts, 0, NULL) == X_SIG_FINE);
	}
	parts.nonce = SPAN("0123456789abcdef");
	assert(x_sig_check(&key, 1, span_of(x_sig_write(&key, &parts, 0, &arena)), &parts, 0, &nonce) == X_SIG_FINE);
	arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span all = span_from(data, size), first = { 0 };

	span_cut(&all, '\n', &first);
	at_the_counter(first, all);
	as_signature(first, all);
	return 0;
}
