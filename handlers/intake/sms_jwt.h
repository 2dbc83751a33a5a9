/*
 * JSON Web Tokens as gateways send them (RFC 7519, compact form).
 *
 * HS256 alone: a verifier that lets the token choose its algorithm takes "none",
 * or takes a public key for a secret.
 */
#ifndef TIPLINE_HANDLERS_INTAKE_SMS_JWT_H
#define TIPLINE_HANDLERS_INTAKE_SMS_JWT_H

#include "handlers/intake/sms_door.h"

/*
 * True: the token is signed with the secret and its claims, read into `claims`,
 * are in time: iat within the window (sms_door.h), exp and nbf as they say.
 */
bool sms_jwt_read(struct span token, const char *secret, int64_t now_ms, struct arena *arena, struct sms_fields *claims);

#endif
