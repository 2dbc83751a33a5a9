/*
 * Hours of the night in which no answer goes out. Pure.
 */
#ifndef TIPLINE_CORE_SMS_HOURS_H
#define TIPLINE_CORE_SMS_HOURS_H

#include "daemon/base/span.h"

struct sms_hours {
	unsigned from, to;     /* minutes of the local day; equal: none */
	int zone;              /* minutes east of Greenwich */
};

/*
 * "22:00-07:00", with a zone "22:00-07:00 +0800" (without: +0800); empty: none.
 * False leaves *out untouched.
 */
bool sms_hours_parse(struct span text, struct sms_hours *out);

/* A time of the local day, "08:00" with a zone or without. False leaves both untouched. */
bool sms_clock_parse(struct span text, unsigned *minute, int *zone);

/* The time itself, or the end of the hours in which it lies. */
int64_t sms_hours_after(const struct sms_hours *hours, int64_t at_ms);

#endif
