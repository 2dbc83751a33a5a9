/*
 * Vouchers: number and word, and what a teller is told.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "handlers/payout/voucher.h"

#include <stdio.h>

#define FEN 850000
#define NOW INT64_C(1763740800000)

static const unsigned char key[32] = { 7, 7, 7 };
static const unsigned char random_bytes[VOUCHER_RANDOM_BYTES] = { 9, 8, 7, 6, 5, 4, 3, 2, 1, 2, 3, 4, 5 };

struct fixture {
	struct voucher voucher;
	struct voucher_word word;
	struct voucher_claim claim;
};

static void make(struct fixture *f)
{
	voucher_make(random_bytes, key, FEN, NOW, &f->voucher, &f->word);
	f->claim = (struct voucher_claim){ .number = span_of(f->voucher.number), .word = span_of(f->word.text), .fen = FEN,
					   .branch_fen = FEN };
}

static enum voucher_verdict judge(const struct fixture *f)
{
	return voucher_judge(&f->voucher, key, &f->claim, NOW);
}

static void a_voucher_has_number_and_word(void **state)
{
	char shown[VOUCHER_SHOWN_MAX], number[VOUCHER_NUMBER_LEN + 1];
	struct voucher_word again;
	struct fixture f;

	(void)state;
	make(&f);
	/* 0x0908070605040302 modulo 10^10, and 98 - (that * 100) % 97. */
	assert_string_equal(f.voucher.number, "859038387451");
	assert_true(voucher_number_parse(span_of(f.voucher.number), number));
	assert_string_equal(number, f.voucher.number);
	assert_string_equal(f.word.text, "04106105");
	voucher_word_show(&f.word, shown);
	assert_string_equal(shown, "0410-6105");
	assert_true(voucher_word_parse(span_of(shown), &again));
	assert_string_equal(again.text, f.word.text);
	assert_int_equal(f.voucher.expires_ms - NOW, VOUCHER_LIFE_MS);
	assert_int_equal(f.voucher.state, VOUCHER_OPEN);
}

/* Neither number nor record tells the word; another key, number or word, another hash. */
static void the_word_is_kept_as_a_hash(void **state)
{
	unsigned char other_key[32] = { 7, 7, 8 };
	unsigned char other_random[VOUCHER_RANDOM_BYTES];
	struct fixture f, g;

	(void)state;
	make(&f);
	assert_null(memmem(&f.voucher, sizeof(f.voucher), f.word.text, VOUCHER_WORD_LEN));
	g = f;
	voucher_make(random_bytes, other_key, FEN, NOW, &g.voucher, &g.word);
	assert_memory_not_equal(f.voucher.word, g.voucher.word, VOUCHER_HASH_BYTES);
	for (size_t byte = 0; byte < 13; byte++) {
		memcpy(other_random, random_bytes, sizeof(other_random));
		other_random[byte] ^= 1;
		voucher_make(other_random, key, FEN, NOW, &g.voucher, &g.word);
		assert_memory_not_equal(f.voucher.word, g.voucher.word, VOUCHER_HASH_BYTES);
	}
}

static void words_are_read_as_people_type_them(void **state)
{
	static const char *const same[] = { "K7QF2M9D", "k7qf-2m9d", " K7QF 2M9D ", "k-7-q-f-2-m-9-d" };
	static const char *const bad[] = { "", "K7QF2M9", "K7QF2M9DX", "K7QF2M9U", "K7QF2M9\xC3\xA9", "K7QF_2M9D", "K7QF2M9\n" };
	struct voucher_word word;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(same); i++) {
		assert_true(voucher_word_parse(span_of(same[i]), &word));
		assert_string_equal(word.text, "K7QF2M9D");
	}
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_false(voucher_word_parse(span_of(bad[i]), &word));
	assert_true(voucher_word_parse(SPAN("oOiIlL00"), &word));
	assert_string_equal(word.text, "00111100");
	assert_false(voucher_word_parse(span_from("K7QF2M9\0", 8), &word));
}

/* Every slip in one digit and every swap of neighbours is seen. */
static void slips_in_the_number_are_seen(void **state)
{
	char number[VOUCHER_NUMBER_LEN + 1], out[VOUCHER_NUMBER_LEN + 1];
	struct fixture f;

	(void)state;
	make(&f);
	for (size_t i = 0; i < VOUCHER_NUMBER_LEN; i++) {
		for (char c = '0'; c <= '9'; c++) {
			memcpy(number, f.voucher.number, sizeof(number));
			number[i] = c;
			assert_int_equal(voucher_number_parse(span_of(number), out), c == f.voucher.number[i]);
		}
		memcpy(number, f.voucher.number, sizeof(number));
		if (i > 0 && number[i] != number[i - 1]) {
			number[i] = number[i - 1];
			number[i - 1] = f.voucher.number[i];
			assert_false(voucher_number_parse(span_of(number), out));
		}
	}
	assert_false(voucher_number_parse(SPAN("12345"), out));
}

static void number_and_word_together_are_paid(void **state)
{
	struct fixture f;
	char wrong[VOUCHER_WORD_LEN + 1];

	(void)state;
	make(&f);
	assert_int_equal(judge(&f), VOUCHER_PAY);
	for (size_t i = 0; i < VOUCHER_WORD_LEN; i++) {
		memcpy(wrong, f.word.text, sizeof(wrong));
		wrong[i] = wrong[i] == 'Z' ? 'Y' : 'Z';
		f.claim.word = span_of(wrong);
		assert_int_equal(judge(&f), VOUCHER_WRONG);
	}
	f.claim.word = SPAN("");
	assert_int_equal(judge(&f), VOUCHER_WRONG);
	f.claim.word = span_of(f.word.text);
	f.claim.number = SPAN("000000000098");
	assert_int_equal(judge(&f), VOUCHER_WRONG);
}

static void all_or_nothing_and_within_the_branch(void **state)
{
	struct fixture f;

	(void)state;
	make(&f);
	f.claim.fen = FEN - 1;
	assert_int_equal(judge(&f), VOUCHER_PARTIAL);
	f.claim.fen = FEN + 1;
	assert_int_equal(judge(&f), VOUCHER_PARTIAL);
	f.claim.fen = FEN;
	f.claim.branch_fen = FEN - 1;
	assert_int_equal(judge(&f), VOUCHER_NO_CASH);
}

/* Without the word nothing is told of a voucher but that it is locked. */
static void states_are_told_to_the_word_alone(void **state)
{
	static const enum voucher_verdict verdicts[] = {
		[VOUCHER_OPEN] = VOUCHER_PAY,
		[VOUCHER_REDEEMED] = VOUCHER_SPENT,
		[VOUCHER_VOID] = VOUCHER_VOIDED,
		[VOUCHER_EXPIRED] = VOUCHER_LATE,
	};
	struct fixture f;

	(void)state;
	make(&f);
	for (int s = 0; s < VOUCHER_STATES; s++) {
		f.voucher.state = (enum voucher_state)s;
		f.claim.word = span_of(f.word.text);
		assert_int_equal(judge(&f), verdicts[s]);
		f.claim.word = SPAN("ZZZZZZZZ");
		assert_int_equal(judge(&f), VOUCHER_WRONG);
		f.claim.fen = 1;
		assert_int_equal(judge(&f), VOUCHER_WRONG);
		f.claim.fen = FEN;
	}
}

static void time_runs_out_exactly(void **state)
{
	struct fixture f;

	(void)state;
	make(&f);
	assert_int_equal(voucher_judge(&f.voucher, key, &f.claim, f.voucher.expires_ms - 1), VOUCHER_PAY);
	assert_int_equal(voucher_judge(&f.voucher, key, &f.claim, f.voucher.expires_ms), VOUCHER_LATE);
	f.voucher.state = VOUCHER_REDEEMED;
	assert_int_equal(voucher_judge(&f.voucher, key, &f.claim, f.voucher.expires_ms), VOUCHER_SPENT);
}

static void guessing_locks(void **state)
{
	struct fixture f;

	(void)state;
	make(&f);
	f.voucher.failures = VOUCHER_FAILURES_MAX - 1;
	assert_int_equal(judge(&f), VOUCHER_PAY);
	f.voucher.failures = VOUCHER_FAILURES_MAX;
	assert_int_equal(judge(&f), VOUCHER_LOCKED);
}

static void what_is_closed_stays_closed(void **state)
{
	enum voucher_state parsed;

	(void)state;
	for (int from = 0; from < VOUCHER_STATES; from++) {
		for (int to = 0; to < VOUCHER_STATES; to++)
			assert_int_equal(voucher_may((enum voucher_state)from, (enum voucher_state)to),
					 from == VOUCHER_OPEN && to != VOUCHER_OPEN);
		assert_true(voucher_state_parse(span_of(voucher_state_name((enum voucher_state)from)), &parsed));
		assert_int_equal(parsed, from);
	}
	assert_false(voucher_state_parse(SPAN("paid"), &parsed));
	assert_null(voucher_state_name(VOUCHER_STATES));
	assert_string_equal(voucher_verdict_name(VOUCHER_NO_CASH), "no_cash");
	assert_null(voucher_verdict_name(VOUCHER_VERDICTS));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_voucher_has_number_and_word),
		cmocka_unit_test(the_word_is_kept_as_a_hash),
		cmocka_unit_test(words_are_read_as_people_type_them),
		cmocka_unit_test(slips_in_the_number_are_seen),
		cmocka_unit_test(number_and_word_together_are_paid),
		cmocka_unit_test(all_or_nothing_and_within_the_branch),
		cmocka_unit_test(states_are_told_to_the_word_alone),
		cmocka_unit_test(time_runs_out_exactly),
		cmocka_unit_test(guessing_locks),
		cmocka_unit_test(what_is_closed_stays_closed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
