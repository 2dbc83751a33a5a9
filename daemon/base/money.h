/*
 * Money: whole fen of one currency (CNY; 100 fen are a yuan) in 64 bits,
 * never a floating number. Amounts stay below MONEY_MAX, so that every reader
 * of JSON and Lua keeps them whole.
 */
#ifndef TIPLINE_BASE_MONEY_H
#define TIPLINE_BASE_MONEY_H

#include "daemon/base/span.h"

#include <stdint.h>

#define MONEY_MAX INT64_C(9007199254740991)   /* 2^53 - 1 */
#define MONEY_TEXT_MAX 24                     /* any amount as text, with NUL */

/* Sum, difference, product; false when the result leaves -MONEY_MAX..MONEY_MAX: *out is untouched then. */
bool money_add(int64_t a, int64_t b, int64_t *out);
bool money_subtract(int64_t a, int64_t b, int64_t *out);
bool money_multiply(int64_t a, int64_t b, int64_t *out);

/*
 * a * numerator / denominator without leaving 64 bits in between, rounded half
 * up (away from zero); denominator > 0. False when the result is out of range.
 */
bool money_scale(int64_t a, int64_t numerator, int64_t denominator, int64_t *out);

/* Fen as decimal digits: "0" or no leading zero, a minus sign where `negative` allows. */
bool money_read(struct span text, bool negative, int64_t *fen);
struct span money_write(int64_t fen, char out[MONEY_TEXT_MAX]);

/* Yuan as statements print them: 1 to 13 digits, then at most two decimals behind a point; one backtick before is passed over. */
bool money_read_yuan(struct span text, int64_t *fen);
/* "8500.00" */
struct span money_write_yuan(int64_t fen, char out[MONEY_TEXT_MAX]);

#endif
