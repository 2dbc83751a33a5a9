/*
 * Receipt codes; see receipt.h.
 *
 * The code is read before anything is looked up, so a slip of the pen costs
 * nothing; and it is secret, so buffers that held it are wiped.
 */
#include "daemon/core/tip/receipt.h"

#include "daemon/base/wipe.h"

#include <assert.h>
#include <sodium.h>

#define CHECK_AT 22 /* the digits before the check */
#define RANDOM_AT 2
#define GAP_MAX 3 /* blanks and dashes between two groups of one number in running text */

static const char personal_trace[crypto_generichash_blake2b_PERSONALBYTES] = "tipline trace 1";

/* --- making ------------------------------------------------------------------- */

static void put_digits(char *out, uint32_t number, unsigned n)
{
	while (n > 0) {
		out[--n] = (char)('0' + number % 10);
		number /= 10;
	}
}

/* The number becomes its quotient by 10^9; returns the remainder. */
static uint32_t divide(uint32_t number[4])
{
	uint64_t rest = 0;

	for (unsigned i = 0; i < 4; i++) {
		rest = rest << 32 | number[i];
		number[i] = (uint32_t)(rest / 1000000000u);
		rest %= 1000000000u;
	}
	return (uint32_t)rest;
}

/* Modulo 10^20 is nothing but the last twenty decimal digits. */
static void random_digits(const unsigned char random[16], char out[20])
{
	uint32_t number[4];

	for (size_t i = 0; i < 4; i++)
		number[i] = (uint32_t)random[4 * i] << 24 | (uint32_t)random[4 * i + 1] << 16 |
			    (uint32_t)random[4 * i + 2] << 8 | random[4 * i + 3];
	put_digits(out + 11, divide(number), 9);
	put_digits(out + 2, divide(number), 9);
	put_digits(out, divide(number) % 100, 2);
	wipe(number, sizeof(number));
}

/* ISO/IEC 7064 MOD 97-10: number and check digits together leave 1 modulo 97. */
static unsigned check_of(const char *digits)
{
	unsigned rest = 0;

	for (unsigned i = 0; i < CHECK_AT; i++)
		rest = (rest * 10 + (unsigned)(digits[i] - '0')) % 97;
	return 98 - rest * 100 % 97;
}

/* Only one of the two pairs that fit modulo 97 is ours: 02..98. */
static bool check_fits(const char *digits)
{
	unsigned check = (unsigned)(digits[CHECK_AT] - '0') * 10 + (unsigned)(digits[CHECK_AT + 1] - '0');

	return check == check_of(digits);
}

void receipt_make(const char shard[2], const unsigned char random[16], struct receipt_code *code)
{
	assert(span_digits(span_from(shard, 2)));
	memcpy(code->digits, shard, 2);
	random_digits(random, code->digits + RANDOM_AT);
	put_digits(code->digits + CHECK_AT, check_of(code->digits), 2);
	code->digits[RECEIPT_DIGITS] = '\0';
}

/* --- reading ------------------------------------------------------------------ */

enum { GLYPH_GAP = 10, GLYPH_OTHER = 11 }; /* 0..9: that digit */

/* Blanks, dashes and marks without ink of three UTF-8 bytes. */
static bool gap_of_three(unsigned char a, unsigned char b, unsigned char c)
{
	if (a == 0xe2 && b == 0x80) /* U+2000..2015 spaces and dashes, U+202F */
		return c <= 0x95 || c == 0xaf;
	return (a == 0xe2 && b == 0x88 && c == 0x92) || /* minus */
	       (a == 0xe3 && b == 0x80 && c == 0x80) || /* ideographic space */
	       (a == 0xef && b == 0xbc && c == 0x8d) || /* full-width and small hyphen */
	       (a == 0xef && b == 0xb9 && c == 0xa3);
}

static int glyph_of_three(const unsigned char *at)
{
	if (at[0] == 0xef && at[1] == 0xbc && at[2] >= 0x90 && at[2] <= 0x99)
		return at[2] - 0x90;
	return gap_of_three(at[0], at[1], at[2]) ? GLYPH_GAP : GLYPH_OTHER;
}

static int glyph_of_one(unsigned char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c == ' ' || c == '-' || (c >= '\t' && c <= '\r') ? GLYPH_GAP : GLYPH_OTHER;
}

/* Takes one character off the text. What is neither digit nor gap may be taken byte by byte. */
static int take_glyph(struct span *text)
{
	const unsigned char *at = (const unsigned char *)text->at;
	size_t n = 1;
	int glyph;

	if (at[0] < 0x80) {
		glyph = glyph_of_one(at[0]);
	} else if (text->len >= 3 && at[0] >= 0xe0) {
		glyph = glyph_of_three(at);
		n = glyph == GLYPH_OTHER ? 1 : 3;
	} else {
		glyph = text->len >= 2 && at[0] == 0xc2 && at[1] == 0xa0 ? GLYPH_GAP : GLYPH_OTHER;
		n = glyph == GLYPH_GAP ? 2 : 1;
	}
	*text = span_from(text->at + n, text->len - n);
	return glyph;
}

enum receipt_fault receipt_parse(struct span text, struct receipt_code *code)
{
	struct receipt_code read = { 0 };
	enum receipt_fault fault;
	size_t n = 0;

	while (text.len > 0) {
		int glyph = take_glyph(&text);

		if (glyph == GLYPH_OTHER) {
			wipe(&read, sizeof(read));
			return RECEIPT_NOT_DIGITS;
		}
		if (glyph != GLYPH_GAP && n++ < RECEIPT_DIGITS)
			read.digits[n - 1] = (char)('0' + glyph);
	}
	fault = n != RECEIPT_DIGITS ? RECEIPT_LENGTH : check_fits(read.digits) ? RECEIPT_FINE : RECEIPT_CHECK;
	if (fault == RECEIPT_FINE)
		*code = read;
	wipe(&read, sizeof(read));
	return fault;
}

void receipt_show(const struct receipt_code *code, char out[30])
{
	size_t n = 0;

	for (size_t i = 0; i < RECEIPT_DIGITS; i++) {
		if (i > 0 && i % 4 == 0)
			out[n++] = ' ';
		out[n++] = code->digits[i];
	}
	out[n] = '\0';
}

/* --- what the house knows of it ------------------------------------------------ */

/* The first fifty bits in Crockford's base 32: no I, L, O, U. */
static void tail_of(const unsigned char hash[7], char out[10])
{
	static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	uint64_t bits = 0;

	for (unsigned i = 0; i < 7; i++)
		bits = bits << 8 | hash[i];
	bits >>= 6;
	for (unsigned i = 10; i > 0; i--) {
		out[i - 1] = alphabet[bits & 31];
		bits >>= 5;
	}
}

void receipt_trace(const unsigned char key[RECEIPT_KEY_BYTES], const struct receipt_code *code,
		   struct receipt_trace *trace)
{
	unsigned char hash[16 + RECEIPT_MARK_BYTES];

	crypto_generichash_blake2b_salt_personal(hash, sizeof(hash), (const unsigned char *)code->digits,
						 RECEIPT_DIGITS, key, RECEIPT_KEY_BYTES, NULL,
						 (const unsigned char *)personal_trace);
	memcpy(trace->id.text, code->digits, 2);
	trace->id.text[2] = '-';
	tail_of(hash, trace->id.text + 3);
	trace->id.text[TIP_ID_LEN] = '\0';
	memcpy(trace->mark, hash + 16, RECEIPT_MARK_BYTES);
}

/* --- a code where it should not be ---------------------------------------------- */

/* The last digits of a number in running text. */
struct tail {
	char digits[RECEIPT_DIGITS];
	bool first[RECEIPT_DIGITS]; /* nothing but a gap or other text before this digit */
	size_t n;                   /* digits held */
	unsigned gap;               /* gaps since the last digit */
};

static void tail_add(struct tail *tail, int digit)
{
	if (tail->n == RECEIPT_DIGITS) {
		memmove(tail->digits, tail->digits + 1, RECEIPT_DIGITS - 1);
		memmove(tail->first, tail->first + 1, RECEIPT_DIGITS - 1);
		tail->n--;
	}
	tail->digits[tail->n] = (char)('0' + digit);
	tail->first[tail->n] = tail->n == 0 || tail->gap > 0;
	tail->n++;
	tail->gap = 0;
}

/*
 * A group ended here: do whole groups make a code? A window may not begin or
 * end inside a group, else an identity number next to a telephone number would
 * be taken for a code too often.
 */
static bool tail_is_code(const struct tail *tail)
{
	return tail->n == RECEIPT_DIGITS && tail->gap == 0 && tail->first[0] && check_fits(tail->digits);
}

bool receipt_hidden_in(struct span text)
{
	struct tail tail = { 0 };
	bool found = false;

	while (text.len > 0 && !found) {
		int glyph = take_glyph(&text);

		if (glyph < GLYPH_GAP) {
			tail_add(&tail, glyph);
			continue;
		}
		found = tail_is_code(&tail);
		tail.gap++;
		if (glyph == GLYPH_OTHER || tail.gap > GAP_MAX)
			tail.n = 0;
	}
	found = found || tail_is_code(&tail);
	wipe(&tail, sizeof(tail));
	return found;
}
