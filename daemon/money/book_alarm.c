/*
 * Alarms; see book_alarm.h. Public holidays are those of the policy that the
 * reward was decided by; of days that it does not name, an alarm in a week of
 * them comes some days early.
 */
#include "daemon/money/book_alarm.h"

#include "daemon/base/table.h"
#include "daemon/money/book_state.h"

#define CHINA_MS (8 * HOUR_MS)

static const char *const names[BOOK_ALARMS] = {
	[BOOK_ALARM_REVIEW] = "review",
	[BOOK_ALARM_NOTICE] = "notice",
	[BOOK_ALARM_UNKNOWN_WARN] = "unknown_warn",
	[BOOK_ALARM_UNKNOWN_PAGE] = "unknown_page",
	[BOOK_ALARM_UNKNOWN_FROZEN] = "unknown_frozen",
	[BOOK_ALARM_UNKNOWN_LAST] = "unknown_last",
	[BOOK_ALARM_RETURNED] = "returned",
	[BOOK_ALARM_OVERDRAWN] = "overdrawn",
};

const char *book_alarm_name(enum book_alarm_kind kind)
{
	return kind < BOOK_ALARMS ? names[kind] : NULL;
}

unsigned book_working_days(const struct policy *policy, int64_t from_ms, int64_t to_ms)
{
	return policy_working_days(policy, (from_ms + CHINA_MS) / DAY_MS, (to_ms + CHINA_MS) / DAY_MS);
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
			     book_working_days(dossier->policy, dossier->review_ms, now_ms) >= 10);
	if (reward->state == REWARD_APPROVED)
		return waits(alarm, BOOK_ALARM_NOTICE, dossier->approved_ms,
			     book_working_days(dossier->policy, dossier->approved_ms, now_ms) >= 15);
	return reward->state == REWARD_RETURNED && waits(alarm, BOOK_ALARM_RETURNED, dossier->returned_ms,
							 now_ms >= dossier->returned_ms + 60 * DAY_MS);
}

/* By the last statement of its account. */
static bool is_overdrawn(const struct book *book, const struct book_statement *statement, struct book_alarm *alarm)
{
	*alarm = (struct book_alarm){ .kind = BOOK_ALARM_OVERDRAWN, .reward = statement->id,
				      .since_ms = statement->ends.day * DAY_MS - CHINA_MS };
	return statement->ends.closing < 0 && statement_after(book, statement) == NULL;
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
	for (size_t i = 0; i < book->statements.n; i++) {
		if (!is_overdrawn(book, &statement_at(book, i)->is, &alarm))
			continue;
		if (n < max)
			out[n] = alarm;
		n++;
	}
	return n;
}
