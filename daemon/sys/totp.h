/*
 * The second factor: codes of RFC 6238 (HMAC-SHA-1, 6 digits, 30 s), as every
 * authenticator program makes them. Pure; a code that was used is refused by
 * account_take_step().
 */
#ifndef TIPLINE_SYS_TOTP_H
#define TIPLINE_SYS_TOTP_H

#include "daemon/base/span.h"

#define TOTP_SECRET_BYTES 20
#define TOTP_DIGITS 6
#define TOTP_STEP_MS 30000
#define TOTP_STEPS_AROUND 1    /* so far may the clocks of the two be apart */

/* The code of a step (RFC 4226 over the step's number), and a NUL. The caller wipes it. */
void totp_code(const unsigned char secret[TOTP_SECRET_BYTES], int64_t step, char code[TOTP_DIGITS + 1]);

/* The step whose code this is, of the one now and its two neighbours; -1: none. Same time whatever the code. */
int64_t totp_step_of(const unsigned char secret[TOTP_SECRET_BYTES], struct span code, int64_t now_ms);

#endif
