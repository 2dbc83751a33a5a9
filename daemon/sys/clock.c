/*
 * Clocks; see clock.h.
 */
#include "daemon/sys/clock.h"

#include <stdio.h>
#include <time.h>

#define MS_PER_S INT64_C(1000)
#define NS_PER_MS 1000000
#define FIRST_S INT64_C(-62135596800)  /* 0001-01-01T00:00:00Z */
#define LAST_S INT64_C(253402300799)   /* 9999-12-31T23:59:59Z */

int64_t clock_wall_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * MS_PER_S + now.tv_nsec / NS_PER_MS;
}

uint64_t clock_steady_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t clock_steady_ms(void)
{
	return clock_steady_ns() / NS_PER_MS;
}

/* Seconds, rounded down also before 1970, kept within years of four digits. */
static time_t whole_seconds(int64_t wall_ms)
{
	int64_t s = wall_ms / MS_PER_S - (wall_ms % MS_PER_S < 0);

	if (s < FIRST_S)
		return FIRST_S;
	return s > LAST_S ? LAST_S : s;
}

void clock_text(int64_t wall_ms, char out[21])
{
	time_t seconds = whole_seconds(wall_ms);
	struct tm day;

	gmtime_r(&seconds, &day);
	/* The moduli change nothing; they tell the compiler that 21 bytes suffice. */
	snprintf(out, 21, "%04u-%02u-%02uT%02u:%02u:%02uZ", (unsigned)(day.tm_year + 1900) % 10000u,
		 (unsigned)(day.tm_mon + 1) % 100u, (unsigned)day.tm_mday % 100u, (unsigned)day.tm_hour % 100u,
		 (unsigned)day.tm_min % 100u, (unsigned)day.tm_sec % 100u);
}

static bool number_at(struct span text, size_t at, size_t len, int *number)
{
	uint64_t n;

	if (!span_u64(span_from(text.at + at, len), &n))
		return false;
	*number = (int)n;
	return true;
}

void clock_put(struct json_out *json, const char *name, int64_t wall_ms)
{
	char text[21];

	if (wall_ms == 0) {
		json_none(json, name);
		return;
	}
	clock_text(wall_ms, text);
	json_text(json, name, span_of(text));
}

bool clock_parse(struct span text, int64_t *wall_ms)
{
	struct tm day = { 0 };
	char again[21];

	if (text.len != 20 || !number_at(text, 0, 4, &day.tm_year) || !number_at(text, 5, 2, &day.tm_mon) ||
	    !number_at(text, 8, 2, &day.tm_mday) || !number_at(text, 11, 2, &day.tm_hour) ||
	    !number_at(text, 14, 2, &day.tm_min) || !number_at(text, 17, 2, &day.tm_sec))
		return false;
	day.tm_year -= 1900;
	day.tm_mon -= 1;
	*wall_ms = (int64_t)timegm(&day) * MS_PER_S;
	/* Writing it again finds wrong separators and days like the 30th of February. */
	clock_text(*wall_ms, again);
	return span_is(text, again);
}
