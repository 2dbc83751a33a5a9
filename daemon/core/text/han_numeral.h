/*
 * Numbers in Han characters, one character at a time.
 */
#ifndef TIPLINE_CORE_HAN_NUMERAL_H
#define TIPLINE_CORE_HAN_NUMERAL_H

#include <stdint.h>

/* The digit of a Han numeral (〇 and 零 are 0, 两 is 2), 10, 100, 1000 for a unit, -1 for another character. */
int han_numeral(uint32_t c);

#endif
