/*
 * A gateway that is described by configuration alone: what the driver
 * `generic` is made of. struct gateway_shape is the description.
 *
 * Pure. Names of fields may be paths into JSON: "data.0.text".
 */
#ifndef TIPLINE_HANDLERS_INTAKE_SMS_SHAPE_H
#define TIPLINE_HANDLERS_INTAKE_SMS_SHAPE_H

#include "handlers/intake/sms_door.h"

/* --- sms_shape_auth.c: who calls ----------------------------------------------- */

bool sms_shape_auth_fits(const struct gateway_config *config, struct complaint *why);
bool sms_shape_verify(const struct gateway_config *config, const struct http_request *request, int64_t now_ms);

/* The path carries the secret. */
bool sms_shape_secret_in_path(const struct gateway_config *config);

/* --- sms_shape_in.c: what was sent ------------------------------------------------ */

bool sms_shape_in_fits(const struct gateway_config *config, struct complaint *why);
bool sms_shape_decode(const struct gateway_config *config, const struct http_request *request, struct arena *arena,
		      struct sms_batch *batch, struct complaint *why);

/* --- sms_shape_send.c: what is sent ------------------------------------------------- */

bool sms_shape_send_fits(const struct gateway_config *config, struct complaint *why);
bool sms_shape_encode(const struct gateway_config *config, const struct sms_outgoing *sms, struct arena *arena,
		      struct sms_request *out);
enum sms_outcome sms_shape_outcome(const struct gateway_config *config, int status, struct span body, struct arena *arena,
				   struct span *their_id);

/* --- sms_shape_answer.c: what the gateway is told -------------------------------------- */

bool sms_shape_answer_fits(const struct gateway_config *config, struct complaint *why);
void sms_shape_answer(const struct gateway_config *config, enum sms_result result, struct http_reply *reply);

#endif
