/*
 * Hours of the night; see hours.h.
 */
#include "daemon/core/sms/hours.h"

#define MINUTE_MS INT64_C(60000)
#define DAY_MINUTES 1440
#define CHINA_ZONE 480

/* Two digits below `limit` off the front. */
static bool take_two(struct span *rest, unsigned limit, unsigned *out)
{
	uint64_t number;

	if (rest->len < 2 || !span_u64(span_from(rest->at, 2), &number) || number >= limit)
		return false;
	*out = (unsigned)number;
	*rest = span_from_offset(*rest, 2);
	return true;
}

static bool take(struct span *rest, const char *text)
{
	if (!span_starts(*rest, span_of(text)))
		return false;
	*rest = span_from_offset(*rest, strlen(text));
	return true;
}

static bool take_clock(struct span *rest, unsigned *minutes)
{
	unsigned hour, minute;

	if (!take_two(rest, 24, &hour) || !take(rest, ":") || !take_two(rest, 60, &minute))
		return false;
	*minutes = hour * 60 + minute;
	return true;
}

static bool take_zone(struct span *rest, int *zone)
{
	bool west = take(rest, " -");
	unsigned hours, minutes;

	if (rest->len == 0) {
		*zone = CHINA_ZONE;
		return !west;
	}
	if ((!west && !take(rest, " +")) || !take_two(rest, 15, &hours) || !take_two(rest, 60, &minutes))
		return false;
	*zone = (int)(hours * 60 + minutes) * (west ? -1 : 1);
	return rest->len == 0;
}

bool sms_hours_parse(struct span text, struct sms_hours *out)
{
	struct sms_hours read = { 0 };

	if (text.len > 0 && (!take_clock(&text, &read.from) || !take(&text, "-") || !take_clock(&text, &read.to) ||
			     !take_zone(&text, &read.zone)))
		return false;
	*out = read;
	return true;
}

bool sms_clock_parse(struct span text, unsigned *minute, int *zone)
{
	unsigned of_day;
	int east;

	if (!take_clock(&text, &of_day) || !take_zone(&text, &east))
		return false;
	*minute = of_day;
	*zone = east;
	return true;
}

int64_t sms_hours_after(const struct sms_hours *hours, int64_t at_ms)
{
	int64_t local = at_ms / MINUTE_MS + hours->zone, of_day = local % DAY_MINUTES;
	unsigned length = (hours->to + DAY_MINUTES - hours->from) % DAY_MINUTES;
	unsigned into = ((unsigned)of_day + DAY_MINUTES - hours->from) % DAY_MINUTES;

	if (into >= length)
		return at_ms;
	return (at_ms / MINUTE_MS + length - into) * MINUTE_MS;
}
