/*
 * SMS in: what sms.c (the one door, messages to their end) and sms_request.c
 * (gateways that come by HTTP) share.
 */
#ifndef TIPLINE_HANDLERS_INTAKE_SMS_INSIDE_H
#define TIPLINE_HANDLERS_INTAKE_SMS_INSIDE_H

#include "handlers/intake/sms.h"
#include "handlers/intake/sms_seen.h"

struct sms_repeats;

struct sms {
	struct sms_env env;
	struct sms_hear *hear;
	struct sms_parts *parts;
	struct sms_repeats *repeats;
	size_t open;             /* deliveries and requests */
	bool leaving;
	struct sms_figures figures;
	struct sms_sightings seen;
};

/* One that was open has ended: the whole is freed when it was the last and sms_free() was called. */
void sms_free_when_alone(struct sms *sms);

int64_t sms_wall_ms(const struct sms *sms);

#endif
