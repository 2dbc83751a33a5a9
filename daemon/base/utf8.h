/*
 * UTF-8 (RFC 3629): is it, and how many characters?
 */
#ifndef TIPLINE_BASE_UTF8_H
#define TIPLINE_BASE_UTF8_H

#include "daemon/base/span.h"

/* Well formed: no overlong form, no surrogate, nothing above U+10FFFF. */
bool utf8_valid(struct span text);

/* Characters (code points) of a valid text. */
size_t utf8_count(struct span text);

/* The longest start of a valid text that has at most `max` bytes and cuts no character. */
struct span utf8_cut(struct span text, size_t max);

#endif
