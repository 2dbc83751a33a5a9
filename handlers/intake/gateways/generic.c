/*
 * A gateway that has no driver of its own: its messages, signature, answers
 * and requests are described by configuration alone (docs/OPERATIONS.md,
 * "Any other gateway"). scripts/tipline-sms-spool posts to one of these.
 */
#include "handlers/intake/sms_shape.h"

static bool generic_fits(const struct gateway_config *config, struct complaint *why)
{
	return sms_shape_auth_fits(config, why) && sms_shape_in_fits(config, why) && sms_shape_answer_fits(config, why) &&
	       sms_shape_send_fits(config, why);
}

static struct span generic_receipts(const struct gateway_config *config, struct arena *arena)
{
	return sms_shape_secret_in_path(config) ? sms_receipts_in_path(config, arena) : sms_receipts_plain(config, arena);
}

extern const struct gateway gateway_generic;
const struct gateway gateway_generic = {
	.driver = "generic",
	.fits = generic_fits,
	.receipts_at = generic_receipts,
	.verify = sms_shape_verify,
	.decode = sms_shape_decode,
	.answer = sms_shape_answer,
	.encode = sms_shape_encode,
	.outcome = sms_shape_outcome,
};
