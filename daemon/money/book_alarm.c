/*
 * Alarms; see book_alarm.h. Public holidays are not known here: an alarm in a
 * week of them comes some days early.
 */
#include "daemon/money/book_alarm.h"

#include "daemon/base/table.h"
#include "daemon/money/book_state.h"

#define CHINA_MS (8 * HOUR_MS)
#define THURSDAY 4              /* 1970-01-01; Sunday is 0 */

static const char *const names[BOOK_ALARMS] = {
	[BOOK_ALARM_REVIEW] = "review",
	[BOOK_ALARM_NOTICE] = "notice",
	[BOOK_ALARM_UNKNOWN_WARN] = "unknown_warn",
	[BOOK_ALARM_UNKNOWN_PAGE] = "unknown_page",
	[BOOK_ALARM_UNKNOWN_FROZEN] = "unknown_frozen",
	[BOOK_ALARM_UNKNOWN_LAST] = "unknown_last",
	[BOOK_ALARM_RETURNED] = "returned",
};

const char *book_alarm_name(enum book_alarm_kind kind)
{
	return kind < BOOK_ALARMS ? names[kind] : NULL;
}

static bool is_working(int64_t day)
{
	int64_t weekday = (day + THURSDAY) % 7;

	return weekday != 0 && weekday != 6;
}

unsigned book_working_days(int64_t from_ms, int64_t to_ms)
{
	int64_t from = (from_ms + CHINA_MS) / DAY_MS, to = (to_ms + CHINA_MS) / DAY_MS;
	int64_t weeks = to > from ? (to - from) / 7 : 0;
	unsigned days = (unsigned)(5 * weeks);

	for (int64_t day = from + 7 * weeks + 1; day <= to; day++)
		days += is_working(day);
	return days;
}

/* The worst by age since it was first sent: sending it again makes it no younger. False: none yet. */
static bool unknown_for(const struct book_attempt *attempt, int64_t now_ms, struct book_alarm *alarm)
{
	static const struct {
		int64_t age_ms;
		enum book_alarm_kind kind;
	} ages[] = {
		{ .age_ms = 25 * DAY_MS, .kind = BOOK_ALARM_UNKNOWN_LAST },
		{ .age_ms = 72 * HOUR_MS, .kind = BOOK_ALARM_UNKNOWN_FROZEN },
		{ .age_ms = 24 * HOUR_MS, .kind = BOOK_ALARM_UNKNOWN_PAGE },
		{ .age_ms = 15 * MINUTE_MS, .kind = BOOK_ALARM_UNKNOWN_WARN },
	};

	alarm->since_ms = attempt->sent_ms;
	for (size_t i = 0; i < COUNT_OF(ages) && attempt->state == ATTEMPT_UNKNOWN; i++)
		if (now_ms >= attempt->sent_ms + ages[i].age_ms) {
			alarm->kind = ages[i].kind;
			return true;
		}
	return false;
}

static bool waits(struct book_alarm *alarm, enum book_alarm_kind kind, int64_t since_ms, bool long_enough)
{
	alarm->kind = kind;
	alarm->since_ms = since_ms;
	return long_enough;
}

static bool alarm_of(const struct dossier *dossier, int64_t now_ms, struct book_alarm *alarm)
{
	const struct book_reward *reward = &dossier->is;

	alarm->reward = reward->id;
	if (reward->state == REWARD_PAYING)
		return unknown_for(&reward->attempts[reward->nattempts - 1], now_ms, alarm);
	if (reward->state == REWARD_IN_REVIEW)
		return waits(alarm, BOOK_ALARM_REVIEW, dossier->review_ms,
			     book_working_days(dossier->review_ms, now_ms) >= 10);
	if (reward->state == REWARD_APPROVED)
		return waits(alarm, BOOK_ALARM_NOTICE, dossier->approved_ms,
			     book_working_days(dossier->approved_ms, now_ms) >= 15);
	return reward->state == REWARD_RETURNED && waits(alarm, BOOK_ALARM_RETURNED, dossier->returned_ms,
							 now_ms >= dossier->returned_ms + 60 * DAY_MS);
}

size_t book_alarms(const struct book *book, int64_t now_ms, struct book_alarm *out, size_t max)
{
	struct book_alarm alarm;
	size_t n = 0;

	for (size_t i = 0; i < book->dossiers.n; i++) {
		if (!alarm_of(dossier_at(book, i), now_ms, &alarm))
			continue;
		if (n < max)
			out[n] = alarm;
		n++;
	}
	return n;
}
