/*
 * Bytes as lower-case hexadecimal digits.
 */
#ifndef TIPLINE_BASE_HEX_H
#define TIPLINE_BASE_HEX_H

#include "daemon/base/arena.h"

/* 2 * n digits, no terminator. */
void hex_put(const void *bytes, size_t n, char *out);

/* The digits as a string in the arena. */
char *hex_text(struct arena *arena, const void *bytes, size_t n);

/* The value of a digit of either case, or -1. */
int hex_digit(char c);

/* Exactly n bytes from 2 * n digits of either case; false otherwise. */
bool hex_get(struct span digits, void *bytes, size_t n);

#endif
