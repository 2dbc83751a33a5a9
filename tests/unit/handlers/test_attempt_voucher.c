/*
 * Vouchers of attempts: the same attempt makes the same voucher for ever, two
 * attempts or two houses never the same; its state is that of the attempt.
 */
#include "handlers/payout/attempt_voucher.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static const struct seal_key requests = { .bytes = { 1, 2, 3 } }, others = { .bytes = { 1, 2, 4 } };

static struct book_attempt attempt(const char *instruction, enum attempt_state state)
{
	struct book_attempt made = { .state = state, .fen = 850000, .started_ms = 1772323200000 };

	memcpy(made.instruction, instruction, INSTRUCTION_ID_LEN);
	return made;
}

static void it_follows_from_instruction_and_key(void **unused)
{
	const struct book_attempt a = attempt("AAAAAAAAAAAAAAAAAAAAAAAAAA", ATTEMPT_CREATED);
	const struct book_attempt b = attempt("BAAAAAAAAAAAAAAAAAAAAAAAAA", ATTEMPT_CREATED);
	struct voucher first, again, other, elsewhere;
	struct voucher_word word, word_again, word_other, word_elsewhere;
	struct seal_key key, foreign;

	(void)unused;
	attempt_voucher_key(&requests, &key);
	attempt_voucher_key(&others, &foreign);
	attempt_voucher(&key, &a, &first, &word);
	attempt_voucher(&key, &a, &again, &word_again);
	attempt_voucher(&key, &b, &other, &word_other);
	attempt_voucher(&foreign, &a, &elsewhere, &word_elsewhere);
	assert_string_equal(first.number, again.number);
	assert_string_equal(word.text, word_again.text);
	assert_string_not_equal(first.number, other.number);
	assert_string_not_equal(word.text, word_other.text);
	assert_string_not_equal(first.number, elsewhere.number);
	assert_string_not_equal(word.text, word_elsewhere.text);
	assert_int_equal(first.fen, 850000);
	assert_int_equal(first.expires_ms, a.started_ms + VOUCHER_LIFE_MS);
	assert_int_equal(first.failures, 0);
}

/* Who does not ask for the word gets the same voucher. */
static void the_word_may_be_left_out(void **unused)
{
	const struct book_attempt a = attempt("AAAAAAAAAAAAAAAAAAAAAAAAAA", ATTEMPT_NEEDS_PAYEE);
	struct voucher with, without;
	struct voucher_word word;

	(void)unused;
	attempt_voucher(&requests, &a, &with, &word);
	attempt_voucher(&requests, &a, &without, NULL);
	assert_string_equal(with.number, without.number);
	assert_memory_equal(with.word, without.word, sizeof(with.word));
}

static void its_word_opens_it(void **unused)
{
	const struct book_attempt a = attempt("AAAAAAAAAAAAAAAAAAAAAAAAAA", ATTEMPT_NEEDS_PAYEE);
	struct voucher voucher;
	struct voucher_word word;

	(void)unused;
	attempt_voucher(&requests, &a, &voucher, &word);
	struct voucher_claim claim = { .number = span_of(voucher.number), .word = span_of(word.text), .fen = 850000,
				       .branch_fen = 900000 };

	assert_int_equal(voucher_judge(&voucher, requests.bytes, &claim, a.started_ms), VOUCHER_PAY);
	assert_int_equal(voucher_judge(&voucher, others.bytes, &claim, a.started_ms), VOUCHER_WRONG);
}

static void its_state_is_that_of_the_attempt(void **unused)
{
	static const enum voucher_state states[ATTEMPT_STATES] = {
		[ATTEMPT_CREATED] = VOUCHER_OPEN,       [ATTEMPT_SENDING] = VOUCHER_OPEN,
		[ATTEMPT_ACCEPTED] = VOUCHER_OPEN,      [ATTEMPT_NEEDS_PAYEE] = VOUCHER_OPEN,
		[ATTEMPT_PROCESSING] = VOUCHER_OPEN,    [ATTEMPT_UNKNOWN] = VOUCHER_OPEN,
		[ATTEMPT_SUCCEEDED] = VOUCHER_REDEEMED, [ATTEMPT_RETURNED] = VOUCHER_REDEEMED,
		[ATTEMPT_CANCELLING] = VOUCHER_VOID,    [ATTEMPT_CANCELLED] = VOUCHER_VOID,
		[ATTEMPT_FAILED] = VOUCHER_EXPIRED,
	};
	struct voucher voucher;

	(void)unused;
	for (enum attempt_state state = 0; state < ATTEMPT_STATES; state++) {
		const struct book_attempt a = attempt("AAAAAAAAAAAAAAAAAAAAAAAAAA", state);

		attempt_voucher(&requests, &a, &voucher, NULL);
		assert_int_equal(voucher.state, states[state]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_follows_from_instruction_and_key),
		cmocka_unit_test(the_word_may_be_left_out),
		cmocka_unit_test(its_word_opens_it),
		cmocka_unit_test(its_state_is_that_of_the_attempt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
