/*
 * Base 64 with padding (RFC 4648, 4), of public bytes: not in constant time.
 */
#ifndef TIPLINE_BASE_BASE64_H
#define TIPLINE_BASE_BASE64_H

#include "daemon/base/buf.h"

#define BASE64_LEN(bytes) (((bytes) + 2) / 3 * 4)

void base64_add(struct buf *to, const void *bytes, size_t n);

#endif
