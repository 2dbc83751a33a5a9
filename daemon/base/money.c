/*
 * Whole fen; see money.h. Every result is checked before it is handed out.
 */
#include "daemon/base/money.h"

#include <assert.h>
#include <stdio.h>

#define FACTOR_MAX INT64_C(2147483647)
#define YUAN_DIGITS_MAX 13

static bool in_range(int64_t fen)
{
	return fen >= -MONEY_MAX && fen <= MONEY_MAX;
}

static bool give(int64_t fen, int64_t *out)
{
	if (!in_range(fen))
		return false;
	*out = fen;
	return true;
}

/* --- arithmetic ------------------------------------------------------------------- */

bool money_add(int64_t a, int64_t b, int64_t *out)
{
	return in_range(a) && in_range(b) && give(a + b, out);
}

bool money_subtract(int64_t a, int64_t b, int64_t *out)
{
	return in_range(a) && in_range(b) && give(a - b, out);
}

bool money_multiply(int64_t a, int64_t b, int64_t *out)
{
	int64_t product;

	return in_range(a) && in_range(b) && !__builtin_mul_overflow(a, b, &product) && give(product, out);
}

/* a * n / d = (a / d) * n + (a % d) * n / d; the second product stays below 2^62. */
bool money_scale(int64_t a, int64_t numerator, int64_t denominator, int64_t *out)
{
	int64_t size = a < 0 ? -a : a;
	int64_t whole, part, sum;

	assert(denominator > 0 && denominator <= FACTOR_MAX && numerator >= 0 && numerator <= FACTOR_MAX);
	if (!in_range(a) || !money_multiply(size / denominator, numerator, &whole))
		return false;
	part = size % denominator * numerator;
	part = part / denominator + (part % denominator >= denominator - part % denominator);
	if (!money_add(whole, part, &sum))
		return false;
	return give(a < 0 ? -sum : sum, out);
}

/* --- text ------------------------------------------------------------------------- */

bool money_read(struct span text, bool negative, int64_t *fen)
{
	bool below = negative && text.len > 0 && text.at[0] == '-';
	struct span digits = span_from_offset(text, below ? 1 : 0);
	uint64_t number;

	if (!span_digits(digits) || (digits.at[0] == '0' && (digits.len > 1 || below)))
		return false;
	if (!span_u64(digits, &number) || number > (uint64_t)MONEY_MAX)
		return false;
	*fen = below ? -(int64_t)number : (int64_t)number;
	return true;
}

struct span money_write(int64_t fen, char out[MONEY_TEXT_MAX])
{
	int len = snprintf(out, MONEY_TEXT_MAX, "%lld", (long long)fen);

	return span_from(out, (size_t)len);
}

/* Hundredths out of "5", "50" or nothing. */
static bool read_decimals(struct span decimals, uint64_t *fen)
{
	if (!span_digits(decimals) || decimals.len > 2 || !span_u64(decimals, fen))
		return false;
	if (decimals.len == 1)
		*fen *= 10;
	return true;
}

bool money_read_yuan(struct span text, int64_t *fen)
{
	struct span rest = span_starts(text, SPAN("`")) ? span_from_offset(text, 1) : text;
	size_t point = span_find(rest, SPAN("."));
	struct span whole = span_from(rest.at, point);
	uint64_t yuan, decimals = 0;

	if (!span_digits(whole) || whole.len > YUAN_DIGITS_MAX || !span_u64(whole, &yuan))
		return false;
	if (point < rest.len && !read_decimals(span_from_offset(rest, point + 1), &decimals))
		return false;
	return give((int64_t)(yuan * 100 + decimals), fen);
}

struct span money_write_yuan(int64_t fen, char out[MONEY_TEXT_MAX])
{
	int64_t size = fen < 0 ? -fen : fen;
	int len = snprintf(out, MONEY_TEXT_MAX, "%s%lld.%02lld", fen < 0 ? "-" : "", (long long)(size / 100),
			   (long long)(size % 100));

	return span_from(out, (size_t)len);
}
