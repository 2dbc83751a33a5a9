/*
 * Of which letters a value in the store may be made: what the tables of
 * shapes, values and events share.
 */
#ifndef TIPLINE_CLI_VERIFY_LETTERS_H
#define TIPLINE_CLI_VERIFY_LETTERS_H

#include "daemon/base/span.h"

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

/* 1 to `max` bytes, each one of `allowed`. */
bool verify_letters(struct span text, const char *allowed, size_t max);

/* So many lower-case hexadecimal digits. */
bool verify_is_hex(struct span text, size_t digits);

/* The id of a tip. */
bool verify_is_id(struct span text);

/* Six digits. */
bool verify_is_region(struct span text);

#endif
