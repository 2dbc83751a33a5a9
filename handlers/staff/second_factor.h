/*
 * The secret of a person's second factor: sealed in the register, shown once.
 */
#ifndef TIPLINE_HANDLERS_SECOND_FACTOR_H
#define TIPLINE_HANDLERS_SECOND_FACTOR_H

#include "daemon/core/tip/seal.h"
#include "daemon/sys/totp.h"

#define SECOND_FACTOR_TEXT 32   /* letters of 20 bytes in base 32 */

/* Appends the secret sealed under staff.key, for that person alone. */
void second_factor_seal(const struct seal_key *staff, struct span person, const unsigned char secret[TOTP_SECRET_BYTES], struct buf *sealed);

/* False: it is none of ours, or another person's; `secret` is then random bytes, so that what is compared with it fails. */
bool second_factor_open(const struct seal_key *staff, struct span person, struct span sealed, unsigned char secret[TOTP_SECRET_BYTES]);

/* Base 32 (RFC 4648), as programs for codes take it; and a NUL. The caller wipes it. */
void second_factor_text(const unsigned char secret[TOTP_SECRET_BYTES], char text[SECOND_FACTOR_TEXT + 1]);

/* Appends "otpauth://totp/Tipline:PERSON?secret=...&issuer=Tipline". */
void second_factor_uri(struct span person, const char text[SECOND_FACTOR_TEXT + 1], struct buf *to);

#endif
