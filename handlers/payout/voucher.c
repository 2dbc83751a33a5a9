/*
 * Vouchers; see voucher.h.
 */
#include "handlers/payout/voucher.h"

#include "daemon/base/wipe.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>

#define RANDOM_DIGITS 10
#define TEN_DIGITS UINT64_C(10000000000)

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/* --- number and word ------------------------------------------------------------------ */

static uint64_t big_endian(const unsigned char *bytes, size_t n)
{
	uint64_t number = 0;

	for (size_t i = 0; i < n; i++)
		number = number << 8 | bytes[i];
	return number;
}

/* Check digits that make the whole number 1 modulo 97. */
static unsigned check_of(uint64_t number)
{
	return (unsigned)(98 - number % 97 * 100 % 97);
}

static void hash_word(const unsigned char key[32], const char *number, const struct voucher_word *word,
		      unsigned char out[VOUCHER_HASH_BYTES])
{
	static const char domain[] = "tipline voucher";
	crypto_generichash_state state;

	crypto_generichash_init(&state, key, 32, VOUCHER_HASH_BYTES);
	crypto_generichash_update(&state, (const unsigned char *)domain, sizeof(domain));
	crypto_generichash_update(&state, (const unsigned char *)number, VOUCHER_NUMBER_LEN);
	crypto_generichash_update(&state, (const unsigned char *)word->text, VOUCHER_WORD_LEN);
	crypto_generichash_final(&state, out, VOUCHER_HASH_BYTES);
	sodium_memzero(&state, sizeof(state));
}

void voucher_make(const unsigned char random[VOUCHER_RANDOM_BYTES], const unsigned char key[32], int64_t fen,
		  int64_t now_ms, struct voucher *voucher, struct voucher_word *word)
{
	uint64_t number = big_endian(random, 8) % TEN_DIGITS;
	uint64_t bits = big_endian(random + 8, 5);

	assert(fen > 0 && fen <= MONEY_MAX);
	*voucher = (struct voucher){ .fen = fen, .made_ms = now_ms, .expires_ms = now_ms + VOUCHER_LIFE_MS };
	snprintf(voucher->number, sizeof(voucher->number), "%010llu%02u", (unsigned long long)number,
		 check_of(number) % 100);
	for (size_t i = 0; i < VOUCHER_WORD_LEN; i++)
		word->text[i] = alphabet[bits >> (5 * (VOUCHER_WORD_LEN - 1 - i)) & 31];
	word->text[VOUCHER_WORD_LEN] = '\0';
	hash_word(key, voucher->number, word, voucher->word);
}

void voucher_word_show(const struct voucher_word *word, char out[VOUCHER_SHOWN_MAX])
{
	snprintf(out, VOUCHER_SHOWN_MAX, "%.4s-%.4s", word->text, word->text + 4);
}

static bool is_gap(char c)
{
	return c == ' ' || c == '-';
}

/* The letter of the alphabet that is meant, or NUL. */
static char letter(char c)
{
	if (c >= 'a' && c <= 'z')
		c = (char)(c - 'a' + 'A');
	if (c == 'O')
		return '0';
	if (c == 'I' || c == 'L')
		return '1';
	return c != '\0' && strchr(alphabet, c) != NULL ? c : '\0';
}

bool voucher_word_parse(struct span text, struct voucher_word *word)
{
	size_t n = 0;

	for (size_t i = 0; i < text.len; i++) {
		char c = letter(text.at[i]);

		if (is_gap(text.at[i]))
			continue;
		if (c == '\0' || n == VOUCHER_WORD_LEN)
			return false;
		word->text[n++] = c;
	}
	word->text[n] = '\0';
	return n == VOUCHER_WORD_LEN;
}

bool voucher_number_parse(struct span text, char number[VOUCHER_NUMBER_LEN + 1])
{
	uint64_t whole = 0;
	size_t n = 0;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i];

		if (is_gap(c))
			continue;
		if (c < '0' || c > '9' || n == VOUCHER_NUMBER_LEN)
			return false;
		number[n++] = c;
		whole = whole * 10 + (uint64_t)(c - '0');
	}
	number[n] = '\0';
	return n == VOUCHER_NUMBER_LEN && whole % 97 == 1;
}

/* --- at the counter ---------------------------------------------------------------------- */

/* A word that can be none is hashed all the same, so that the time does not tell. */
static bool word_fits(const struct voucher *voucher, const unsigned char key[32], const struct voucher_claim *claim)
{
	char number[VOUCHER_NUMBER_LEN + 1] = { 0 };
	struct voucher_word word = { { 0 } };
	unsigned char hash[VOUCHER_HASH_BYTES];
	bool fits = voucher_number_parse(claim->number, number);

	fits = voucher_word_parse(claim->word, &word) && fits;
	hash_word(key, number, &word, hash);
	fits = sodium_memcmp(number, voucher->number, sizeof(number)) == 0 && fits;
	fits = sodium_memcmp(hash, voucher->word, sizeof(hash)) == 0 && fits;
	wipe(&word, sizeof(word));
	return fits;
}

enum voucher_verdict voucher_judge(const struct voucher *voucher, const unsigned char key[32],
				   const struct voucher_claim *claim, int64_t now_ms)
{
	static const enum voucher_verdict closed[VOUCHER_STATES] = {
		[VOUCHER_OPEN] = VOUCHER_PAY,
		[VOUCHER_REDEEMED] = VOUCHER_SPENT,
		[VOUCHER_VOID] = VOUCHER_VOIDED,
		[VOUCHER_EXPIRED] = VOUCHER_LATE,
	};
	bool fits = word_fits(voucher, key, claim);

	if (voucher->failures >= VOUCHER_FAILURES_MAX)
		return VOUCHER_LOCKED;
	if (!fits)
		return VOUCHER_WRONG;
	if (voucher_state_at(voucher, now_ms) != VOUCHER_OPEN)
		return closed[voucher_state_at(voucher, now_ms)];
	if (claim->fen != voucher->fen)
		return VOUCHER_PARTIAL;
	return claim->branch_fen < voucher->fen ? VOUCHER_NO_CASH : VOUCHER_PAY;
}

enum voucher_state voucher_state_at(const struct voucher *voucher, int64_t now_ms)
{
	return voucher->state == VOUCHER_OPEN && now_ms >= voucher->expires_ms ? VOUCHER_EXPIRED : voucher->state;
}

bool voucher_may(enum voucher_state from, enum voucher_state to)
{
	return from == VOUCHER_OPEN && to != VOUCHER_OPEN && to < VOUCHER_STATES;
}

/* --- names ---------------------------------------------------------------------------------- */

static const char *const state_names[VOUCHER_STATES] = {
	[VOUCHER_OPEN] = "open",
	[VOUCHER_REDEEMED] = "redeemed",
	[VOUCHER_VOID] = "void",
	[VOUCHER_EXPIRED] = "expired",
};

static const char *const verdict_names[VOUCHER_VERDICTS] = {
	[VOUCHER_PAY] = "pay",       [VOUCHER_WRONG] = "wrong", [VOUCHER_LOCKED] = "locked",
	[VOUCHER_SPENT] = "spent",   [VOUCHER_VOIDED] = "void", [VOUCHER_LATE] = "expired",
	[VOUCHER_PARTIAL] = "partial", [VOUCHER_NO_CASH] = "no_cash",
};

const char *voucher_state_name(enum voucher_state state)
{
	return state < VOUCHER_STATES ? state_names[state] : NULL;
}

bool voucher_state_parse(struct span name, enum voucher_state *state)
{
	for (size_t i = 0; i < VOUCHER_STATES; i++) {
		if (span_is(name, state_names[i])) {
			*state = (enum voucher_state)i;
			return true;
		}
	}
	return false;
}

const char *voucher_verdict_name(enum voucher_verdict verdict)
{
	return verdict < VOUCHER_VERDICTS ? verdict_names[verdict] : NULL;
}
