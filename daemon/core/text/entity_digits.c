/*
 * Numbers in a text: resident IDs, cards, telephones, ages, dates and clocks.
 *
 * The run of digits is gathered once, across single blanks and dashes as
 * people write them; each form then looks at a prefix of it. A form takes a
 * prefix only where the written number may end, never half a run.
 */
#include "daemon/core/text/entity_digits.h"

#include "daemon/base/table.h"

#include <stdio.h>

#define GATHERED_MAX 20 /* 19 digits of the longest card and one to see that it goes on */

struct digits {
	struct span text;
	size_t from; /* of the whole, '+' included */
	bool plus;
	char value[GATHERED_MAX];
	size_t end[GATHERED_MAX]; /* offset behind each digit */
	size_t n;
	size_t run; /* digits before the first blank or dash */
};

static bool separator(char c)
{
	return c == ' ' || c == '-';
}

static void gather(struct span text, size_t at, struct digits *d)
{
	*d = (struct digits){ .text = text, .from = at, .plus = text.at[at] == '+' };
	if (d->plus)
		at++;
	while (d->n < GATHERED_MAX && entity_is_digit(entity_byte(text, at))) {
		d->value[d->n] = text.at[at++];
		d->end[d->n++] = at;
		if (separator(entity_byte(text, at)) && entity_is_digit(entity_byte(text, at + 1))) {
			if (d->run == 0)
				d->run = d->n;
			at++;
		}
	}
	if (d->run == 0)
		d->run = d->n;
}

/* The number may be over after n digits: what follows is no further digit. */
static bool ends_after(const struct digits *d, size_t n)
{
	return n > 0 && d->n >= n && !entity_is_digit(entity_byte(d->text, d->end[n - 1]));
}

/* Takes the digits [skip, n) as the value. */
static bool take(const struct digits *d, enum entity_kind kind, size_t skip, size_t n, struct entity *found)
{
	found->kind = kind;
	found->from = (uint32_t)d->from;
	found->to = (uint32_t)d->end[n - 1];
	memcpy(found->value, d->value + skip, n - skip);
	found->value[n - skip] = '\0';
	return true;
}

static unsigned two_digits(const char *at)
{
	return (unsigned)(at[0] - '0') * 10 + (unsigned)(at[1] - '0');
}

static bool month_and_day(const char *mmdd)
{
	unsigned month = two_digits(mmdd);
	unsigned day = two_digits(mmdd + 2);

	return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

/* The first two digits of GB/T 2260, a bit each. */
static bool province_digits(const char *at)
{
	static const unsigned char last[10] = { 0, 5, 3, 7, 6, 4, 5, 1, 3, 1 };
	unsigned area = (unsigned)(at[0] - '0');
	unsigned digit = (unsigned)(at[1] - '0');

	if (area == 5 && digit == 0)
		return true;
	return digit >= 1 && digit <= last[area];
}

bool entity_id_number_valid(struct span number)
{
	static const unsigned char weights[17] = { 7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2 };
	static const char checks[] = "10X98765432";
	unsigned sum = 0;

	if (number.len != 18 || !span_digits(span_from(number.at, 17)))
		return false;
	for (size_t i = 0; i < 17; i++)
		sum += weights[i] * (unsigned)(number.at[i] - '0');
	return number.at[17] == checks[sum % 11] && province_digits(number.at) &&
	       month_and_day(number.at + 10) &&
	       (two_digits(number.at + 6) == 19 || two_digits(number.at + 6) == 20);
}

static bool id_number(const struct digits *d, struct entity *found)
{
	char number[18];

	if (d->n < 17)
		return false;
	memcpy(number, d->value, 17);
	if (ends_after(d, 18)) {
		number[17] = d->value[17];
		return entity_id_number_valid(span_from(number, 18)) &&
		       take(d, ENTITY_ID_NUMBER, 0, 18, found);
	}
	number[17] = 'X';
	if (d->n != 17 || entity_byte(d->text, d->end[16]) != 'x' ||
	    entity_is_alnum(entity_byte(d->text, d->end[16] + 1)) ||
	    !entity_id_number_valid(span_from(number, 18)))
		return false;
	take(d, ENTITY_ID_NUMBER, 0, 17, found);
	found->to++;
	memcpy(found->value + 17, "X", 2);
	return true;
}

/* Until 1999: six digits of the place, yymmdd, three digits; no check. */
static bool old_id_number(const struct digits *d, struct entity *found)
{
	return ends_after(d, 15) && province_digits(d->value) && month_and_day(d->value + 8) &&
	       take(d, ENTITY_ID_NUMBER, 0, 15, found);
}

bool entity_luhn_valid(struct span digits)
{
	unsigned sum = 0;

	for (size_t i = 0; i < digits.len; i++) {
		unsigned digit = (unsigned)(digits.at[digits.len - 1 - i] - '0');

		if (i % 2 == 1)
			digit = digit < 5 ? digit * 2 : digit * 2 - 9;
		sum += digit;
	}
	return digits.len > 0 && sum % 10 == 0;
}

/* Banks issue from 3 to 6 and 9 (ISO/IEC 7812-1, major industry). */
static bool bank_card(const struct digits *d, struct entity *found)
{
	if (d->n < 16 || strchr("34569", d->value[0]) == NULL)
		return false;
	for (size_t n = 19; n >= 16; n--)
		if (ends_after(d, n) && entity_luhn_valid(span_from(d->value, n)))
			return take(d, ENTITY_BANK_CARD, 0, n, found);
	return false;
}

/* Digits of a country prefix for China in front: 0086, +86 or 86. */
static size_t country_digits(const struct digits *d)
{
	if (d->n > 4 && memcmp(d->value, "0086", 4) == 0)
		return 4;
	return d->n > 2 && memcmp(d->value, "86", 2) == 0 ? 2 : 0;
}

static bool mobile(const struct digits *d, struct entity *found)
{
	size_t skip = country_digits(d);

	return ends_after(d, skip + 11) && d->value[skip] == '1' && d->value[skip + 1] >= '3' &&
	       take(d, ENTITY_PHONE, skip, skip + 11, found);
}

/* 010 and 02x have eight digits behind them, the other areas seven or eight. */
static bool fixed_line(const struct digits *d, struct entity *found)
{
	bool big_city;

	if (d->n < 10 || d->value[0] != '0' || d->value[1] == '0')
		return false;
	big_city = d->value[1] == '2' || (d->value[1] == '1' && d->value[2] == '0');
	if (big_city || d->value[1] == '1')
		return big_city && ends_after(d, 11) && take(d, ENTITY_PHONE, 0, 11, found);
	for (size_t n = 12; n >= 11; n--)
		if (ends_after(d, n))
			return take(d, ENTITY_PHONE, 0, n, found);
	return false;
}

/* E.164 of another country, told by its '+'. */
static bool foreign_phone(const struct digits *d, struct entity *found)
{
	if (!d->plus || country_digits(d) != 0)
		return false;
	for (size_t n = 15; n >= 8; n--)
		if (ends_after(d, n)) {
			take(d, ENTITY_PHONE, 0, n, found);
			memmove(found->value + 1, found->value, n + 1);
			found->value[0] = '+';
			return true;
		}
	return false;
}

/* Up to `max` digits at *at as a number; moves *at behind them. False: none, or more digits follow. */
static bool number_at(struct span text, size_t *at, size_t max, unsigned *number)
{
	size_t from = *at;

	*number = 0;
	while (*at - from < max && entity_is_digit(entity_byte(text, *at)))
		*number = *number * 10 + (unsigned)(text.at[(*at)++] - '0');
	return *at > from && !entity_is_digit(entity_byte(text, *at));
}

/* One of the words at *at; moves *at behind it. */
static bool word_at(struct span text, size_t *at, const struct span *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (entity_says(text, *at, words[i])) {
			*at += words[i].len;
			return true;
		}
	return false;
}

static void blank_at(struct span text, size_t *at)
{
	if (entity_byte(text, *at) == ' ')
		++*at;
}

static bool age(const struct digits *d, struct entity *found)
{
	static const struct span years[] = {
		SPAN_INIT("岁"),       SPAN_INIT("周岁"),      SPAN_INIT("years old"),
		SPAN_INIT("year old"), SPAN_INIT("-year-old"), SPAN_INIT("-years-old"),
		SPAN_INIT("year-old"), SPAN_INIT("yrs old"),   SPAN_INIT("yr old"),
		SPAN_INIT("y/o"),      SPAN_INIT("yo "),
	};
	static const struct span months[] = { SPAN_INIT("个月大"), SPAN_INIT("months old"),
					      SPAN_INIT("month old"), SPAN_INIT("-month-old") };
	size_t at = d->from;
	unsigned number;

	if (d->run > 3 || !number_at(d->text, &at, 3, &number) || number > 120)
		return false;
	blank_at(d->text, &at);
	if (word_at(d->text, &at, months, COUNT_OF(months)))
		number /= 12;
	else if (!word_at(d->text, &at, years, COUNT_OF(years)))
		return false;
	found->kind = ENTITY_AGE;
	found->from = (uint32_t)d->from;
	found->to = (uint32_t)at;
	snprintf(found->value, sizeof(found->value), "%u", number);
	return true;
}

/* A month and a day behind an optional year; year 0 when there is none. */
static bool date_parts(struct span text, size_t *at, unsigned *year, unsigned *month, unsigned *day)
{
	static const struct span months[] = { SPAN_INIT("月"), SPAN_INIT("-"), SPAN_INIT("/"),
					      SPAN_INIT(".") };
	static const struct span years[] = { SPAN_INIT("年"), SPAN_INIT("-"), SPAN_INIT("/"),
					     SPAN_INIT(".") };
	static const struct span days[] = { SPAN_INIT("日"), SPAN_INIT("号") };
	bool said;

	*year = 0;
	if (!number_at(text, at, 4, month))
		return false;
	if (*month > 12) {
		*year = *month;
		if (*year < 1900 || *year > 2099 || !word_at(text, at, years, COUNT_OF(years)) ||
		    !number_at(text, at, 2, month))
			return false;
	}
	said = entity_says(text, *at, months[0]);
	if (!word_at(text, at, months, COUNT_OF(months)) || !number_at(text, at, 2, day))
		return false;
	/* "3-4" alone is no date: it needs the year or the words. */
	return word_at(text, at, days, COUNT_OF(days)) || said || *year != 0;
}

static bool date(const struct digits *d, struct entity *found)
{
	size_t at = d->from;
	unsigned year, month, day;

	if (d->run > 4 || !date_parts(d->text, &at, &year, &month, &day) || month < 1 || month > 12 ||
	    day < 1 || day > 31)
		return false;
	found->kind = ENTITY_TIME;
	found->from = (uint32_t)d->from;
	found->to = (uint32_t)at;
	if (year != 0)
		snprintf(found->value, sizeof(found->value), "%04u-%02u-%02u", year, month, day);
	else
		snprintf(found->value, sizeof(found->value), "--%02u-%02u", month, day);
	return true;
}

/* "下午3点" and "3 pm" are hours past noon. */
static bool past_noon(struct span text, size_t from, size_t *to)
{
	static const struct span before[] = { SPAN_INIT("下午"), SPAN_INIT("晚上"), SPAN_INIT("傍晚"),
					      SPAN_INIT("夜里") };
	static const struct span behind[] = { SPAN_INIT("pm"), SPAN_INIT("p.m.") };
	size_t at = *to;

	for (size_t i = 0; i < COUNT_OF(before); i++)
		if (from >= before[i].len && entity_says(text, from - before[i].len, before[i]))
			return true;
	blank_at(text, &at);
	if (!word_at(text, &at, behind, COUNT_OF(behind)) || entity_is_alnum(entity_byte(text, at)))
		return false;
	*to = at;
	return true;
}

/* The minutes behind the hour at *at: ":30", "点30分", "点半", "点", or "pm" to come. */
static bool minutes_at(struct span text, size_t *at, unsigned *minute)
{
	static const struct span hours[] = { SPAN_INIT("点钟"), SPAN_INIT("点"), SPAN_INIT("时") };
	size_t behind;

	*minute = 0;
	if (entity_byte(text, *at) == ':') {
		++*at;
		return number_at(text, at, 2, minute);
	}
	if (!word_at(text, at, hours, COUNT_OF(hours))) {
		behind = *at;
		return past_noon(text, 0, &behind) || entity_says(text, *at, SPAN("am"));
	}
	if (entity_says(text, *at, SPAN("半"))) {
		*at += SPAN("半").len;
		*minute = 30;
		return true;
	}
	behind = *at;
	if (number_at(text, &behind, 2, minute) && entity_says(text, behind, SPAN("分")))
		*at = behind + SPAN("分").len;
	else
		*minute = 0;
	return true;
}

static bool clock_time(const struct digits *d, struct entity *found)
{
	size_t at = d->from;
	unsigned hour, minute;

	if (d->run > 2 || !number_at(d->text, &at, 2, &hour) || !minutes_at(d->text, &at, &minute) ||
	    hour > 24 || minute > 59)
		return false;
	if (past_noon(d->text, d->from, &at) && hour < 12)
		hour += 12;
	found->kind = ENTITY_TIME;
	found->from = (uint32_t)d->from;
	found->to = (uint32_t)at;
	snprintf(found->value, sizeof(found->value), "%02u:%02u", hour, minute);
	return true;
}

bool entity_digits_at(struct span folded, size_t at, struct entity *found)
{
	static bool (*const forms[])(const struct digits *, struct entity *) = {
		id_number, old_id_number, bank_card, mobile, fixed_line, foreign_phone,
	};
	static bool (*const short_forms[])(const struct digits *, struct entity *) = { age, date,
										       clock_time };
	struct digits d;

	gather(folded, at, &d);
	for (size_t i = 0; d.n >= 8 && i < COUNT_OF(forms); i++)
		if (forms[i](&d, found))
			return true;
	for (size_t i = 0; !d.plus && d.run <= 4 && i < COUNT_OF(short_forms); i++)
		if (short_forms[i](&d, found))
			return true;
	return false;
}
