/*
 * MD5 (RFC 1321), for protocols of others that log in with it. It protects
 * nothing: what is ours to choose uses libsodium.
 */
#ifndef TIPLINE_BASE_MD5_H
#define TIPLINE_BASE_MD5_H

#include "daemon/base/span.h"

#define MD5_LEN 16

/* The digest of all the spans, one after the other. Copies of them are wiped. */
void md5_of(const struct span *parts, size_t n, unsigned char digest[MD5_LEN]);

#endif
