/*
 * The tables of the GSM 7-bit alphabet; see gsm7_tables.c. For gsm7.c and the
 * tests: all others ask gsm7.h.
 */
#ifndef TIPLINE_CORE_SMS_GSM7_TABLES_H
#define TIPLINE_CORE_SMS_GSM7_TABLES_H

#include <stddef.h>
#include <stdint.h>

#define GSM7_SEPTETS 128
#define GSM7_LANGUAGES 14  /* 0 is the default alphabet; 1..13 as TS 23.038 numbers them in 6.2.1.2.4 */

/* What a septet means when none is before it; 0: no character. */
extern const uint16_t *const gsm7_locking[GSM7_LANGUAGES];

struct gsm7_shifted {
	uint16_t septet;     /* behind an escape */
	uint16_t character;
};

struct gsm7_single {
	const struct gsm7_shifted *at;
	size_t n;
};

extern const struct gsm7_single gsm7_single[GSM7_LANGUAGES];

#endif
