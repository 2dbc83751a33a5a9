/*
 * Setup codes: on paper, from an administrator to a person, once. 24 letters of
 * Crockford's base 32, 120 random bits, so a plain hash of one is enough.
 */
#ifndef TIPLINE_SYS_SETUP_CODE_H
#define TIPLINE_SYS_SETUP_CODE_H

#include "daemon/base/span.h"

#define SETUP_CODE_LETTERS 24
#define SETUP_CODE_SHOWN_BYTES (SETUP_CODE_LETTERS + SETUP_CODE_LETTERS / 4)   /* the dashes and a NUL */
#define SETUP_CODE_HASH_BYTES 32

/* A new one; the caller wipes it. */
void setup_code_draw(char code[SETUP_CODE_LETTERS + 1]);

/* As it is shown, in groups of four; the caller wipes it. */
void setup_code_shown(const char code[SETUP_CODE_LETTERS + 1], char shown[SETUP_CODE_SHOWN_BYTES]);

/* The hash of a code as somebody typed it: case, dashes and blanks, O for 0, I and L for 1 do not matter. */
void setup_code_hash(struct span code, unsigned char sha256[SETUP_CODE_HASH_BYTES]);

#endif
