/*
 * What the text formats of the log are made of: lines, numbers, hashes.
 *
 * Strict, because a text that two readers could read in two ways could be
 * signed for one and shown to the other: each value has one way to be written
 * (RFC 4648 section 4 for base 64, with padding and zero bits behind the end;
 * decimal numbers without sign and leading zeroes).
 */
#ifndef TIPLINE_TLOG_LINE_H
#define TIPLINE_TLOG_LINE_H

#include "daemon/base/buf.h"
#include "daemon/core/tip/merkle.h"

/* No size or index is above it: other programs read them as signed numbers. */
#define LINE_NUMBER_MAX INT64_MAX

/* Takes the next line off `rest`, without its newline; false when there is no newline any more. */
bool line_next(struct span *rest, struct span *line);

/* 0 to LINE_NUMBER_MAX, in the one way to write it. */
bool line_number(struct span text, uint64_t *number);

/* At most `max` bytes of base 64 in the one way to write them; none is a fault. */
bool line_base64(struct span text, void *bytes, size_t max, size_t *len);

/* Exactly one hash in base 64. */
bool line_hash(struct span text, struct merkle_hash *hash);

/* Base 64 and a newline. */
void line_add_hash(struct buf *out, const struct merkle_hash *hash);

/* UTF-8 without control characters below U+0020. */
bool line_plain(struct span text);

/* Big-endian, as all numbers in binary forms of the log. */
void line_put_u64(unsigned char out[8], uint64_t number);
uint64_t line_get_u64(const unsigned char bytes[8]);

#endif
