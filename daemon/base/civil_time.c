/*
 * Times as text; see civil_time.h. Days are counted in eras of 400 years that
 * begin on the first of March, so that the leap day is the last of its year.
 */
#include "daemon/base/civil_time.h"

#include <assert.h>
#include <stdio.h>

#define MS_PER_S 1000
#define MS_PER_MINUTE 60000
#define MS_PER_DAY 86400000
#define LAST_MS INT64_C(253402300799999)   /* 9999-12-31T23:59:59.999Z */
#define DAYS_PER_ERA 146097
#define DAYS_TO_1970 719468                /* from 0000-03-01 */

struct civil {
	unsigned year, month, day;
};

static bool leap(unsigned year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static unsigned days_in(unsigned year, unsigned month)
{
	static const unsigned char days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return days[month - 1] + (month == 2 && leap(year) ? 1u : 0u);
}

/* Days from 1970-01-01. */
static int64_t day_number(struct civil c)
{
	unsigned year = c.year - (c.month <= 2);
	unsigned in_era = year % 400;
	unsigned month = (c.month + 9) % 12;   /* from March */
	unsigned in_year = (153 * month + 2) / 5 + c.day - 1;

	return (int64_t)(year / 400) * DAYS_PER_ERA + in_era * 365 + in_era / 4 - in_era / 100 + in_year - DAYS_TO_1970;
}

static struct civil day_of(int64_t number)
{
	unsigned all = (unsigned)(number + DAYS_TO_1970);
	unsigned of_era = all % DAYS_PER_ERA;
	unsigned in_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	unsigned in_year = of_era - (365 * in_era + in_era / 4 - in_era / 100);
	unsigned month = (5 * in_year + 2) / 153;
	struct civil c = { .year = all / DAYS_PER_ERA * 400 + in_era, .day = in_year - (153 * month + 2) / 5 + 1 };

	c.month = month < 10 ? month + 3 : month - 9;
	c.year += c.month <= 2;
	return c;
}

/* Takes `digits` digits and the separator behind them (0: none) off the front. */
static bool take(struct span *rest, size_t digits, char separator, unsigned *number)
{
	uint64_t n;

	if (rest->len < digits + (separator != 0) || !span_u64(span_from(rest->at, digits), &n))
		return false;
	if (separator != 0 && rest->at[digits] != separator)
		return false;
	*number = (unsigned)n;
	*rest = span_from_offset(*rest, digits + (separator != 0));
	return true;
}

static bool take_day(struct span *rest, char behind, int64_t *ms)
{
	struct civil c = { 0 };

	if (!take(rest, 4, '-', &c.year) || !take(rest, 2, '-', &c.month) || !take(rest, 2, behind, &c.day))
		return false;
	if (c.year < 1970 || c.month < 1 || c.month > 12 || c.day < 1 || c.day > days_in(c.year, c.month))
		return false;
	*ms = day_number(c) * MS_PER_DAY;
	return true;
}

static bool take_clock(struct span *rest, int64_t *ms)
{
	unsigned hour, minute, second;

	if (!take(rest, 2, ':', &hour) || !take(rest, 2, ':', &minute) || !take(rest, 2, 0, &second))
		return false;
	*ms += ((int64_t)hour * 60 + minute) * MS_PER_MINUTE + (int64_t)second * MS_PER_S;
	return hour < 24 && minute < 60 && second < 60;
}

/* ".123456": what is finer than a millisecond is dropped. */
static bool take_fraction(struct span *rest, int64_t *ms)
{
	int64_t worth = 100;
	size_t n = 1;

	if (rest->len == 0 || rest->at[0] != '.')
		return true;
	for (; n < rest->len && rest->at[n] >= '0' && rest->at[n] <= '9'; n++, worth /= 10)
		*ms += worth * (rest->at[n] - '0');
	*rest = span_from_offset(*rest, n);
	return n > 1;
}

static bool take_zone(struct span *rest, int64_t *ms)
{
	unsigned hours, minutes;
	bool behind = rest->len > 0 && rest->at[0] == '-';

	if (span_is(*rest, "Z"))
		return true;
	if (rest->len != 6 || (rest->at[0] != '+' && !behind))
		return false;
	*rest = span_from_offset(*rest, 1);
	if (!take(rest, 2, ':', &hours) || !take(rest, 2, 0, &minutes) || hours > 23 || minutes > 59)
		return false;
	*ms += (behind ? 1 : -1) * ((int64_t)hours * 60 + minutes) * MS_PER_MINUTE;
	return true;
}

static bool keep(bool fine, int64_t ms, int64_t *unix_ms)
{
	if (!fine || ms < 0 || ms > LAST_MS)
		return false;
	*unix_ms = ms;
	return true;
}

bool civil_read(struct span text, int64_t *unix_ms)
{
	int64_t ms = 0;
	bool fine = take_day(&text, 'T', &ms) && take_clock(&text, &ms) && take_fraction(&text, &ms) &&
		    take_zone(&text, &ms);

	return keep(fine, ms, unix_ms);
}

bool civil_read_local(struct span text, int ahead_minutes, int64_t *unix_ms)
{
	int64_t ms = 0;
	bool fine = take_day(&text, ' ', &ms) && take_clock(&text, &ms) && text.len == 0;

	return keep(fine, ms - (int64_t)ahead_minutes * MS_PER_MINUTE, unix_ms);
}

bool civil_read_date(struct span text, int ahead_minutes, int64_t *unix_ms)
{
	int64_t ms = 0;
	bool fine = take_day(&text, 0, &ms) && text.len == 0;

	return keep(fine, ms - (int64_t)ahead_minutes * MS_PER_MINUTE, unix_ms);
}

/* The moduli change nothing; they tell the compiler that the room suffices. */
struct span civil_write_date(int64_t unix_ms, int ahead_minutes, char out[CIVIL_DATE_MAX])
{
	int64_t local = unix_ms + (int64_t)ahead_minutes * MS_PER_MINUTE;

	assert(local >= 0 && local <= LAST_MS);
	struct civil c = day_of(local / MS_PER_DAY);

	snprintf(out, CIVIL_DATE_MAX, "%04u-%02u-%02u", c.year % 10000, c.month % 100, c.day % 100);
	return span_from(out, CIVIL_DATE_MAX - 1);
}

struct span civil_write(int64_t unix_ms, char out[CIVIL_TEXT_MAX])
{
	unsigned second = (unsigned)(unix_ms % MS_PER_DAY / MS_PER_S);

	civil_write_date(unix_ms, 0, out);
	snprintf(out + CIVIL_DATE_MAX - 1, CIVIL_TEXT_MAX - CIVIL_DATE_MAX + 1, "T%02u:%02u:%02uZ", second / 3600 % 100,
		 second / 60 % 60, second % 60);
	return span_from(out, CIVIL_TEXT_MAX - 1);
}
