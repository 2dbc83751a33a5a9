/*
 * Base 64 with padding (RFC 4648, 4), of public bytes: not in constant time.
 *
 * Reading is our own because libsodium 1.0.18 takes some bytes above 0x7F for
 * letters where char is signed, so that one value had many texts.
 */
#ifndef TIPLINE_BASE_BASE64_H
#define TIPLINE_BASE_BASE64_H

#include "daemon/base/buf.h"

#define BASE64_LEN(bytes) (((bytes) + 2) / 3 * 4)

void base64_add(struct buf *to, const void *bytes, size_t n);

/*
 * The bytes of a text, at most `max`. True for exactly the texts that
 * base64_add() writes: whole groups of four, padded, zero bits behind the end.
 */
bool base64_get(struct span text, void *bytes, size_t max, size_t *n);

#endif
