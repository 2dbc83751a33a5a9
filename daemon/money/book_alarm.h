/*
 * What takes too long, for people: no alarm changes anything by itself.
 */
#ifndef TIPLINE_MONEY_BOOK_ALARM_H
#define TIPLINE_MONEY_BOOK_ALARM_H

#include "daemon/money/book.h"

enum book_alarm_kind {
	BOOK_ALARM_REVIEW,         /* a step of the review waits for 10 working days */
	BOOK_ALARM_NOTICE,         /* approved for 15 working days and not published */
	BOOK_ALARM_UNKNOWN_WARN,   /* an attempt is unknown for 15 minutes */
	BOOK_ALARM_UNKNOWN_PAGE,   /* for 24 hours */
	BOOK_ALARM_UNKNOWN_FROZEN, /* for 72 hours: nothing more to that claimant on that rail */
	BOOK_ALARM_UNKNOWN_LAST,   /* for 25 days: the rail's memory is about to end */
	BOOK_ALARM_RETURNED,       /* the money came back 60 days ago: revoke or reissue */
	BOOK_ALARM_OVERDRAWN,      /* the bank's last statement of an account closes below zero */
	BOOK_ALARMS,
};

struct book_alarm {
	enum book_alarm_kind kind;
	const char *reward;        /* id, or that of the statement; good until the next book_apply() */
	int64_t since_ms;          /* when it began to wait */
};

/*
 * Alarms at that time: in order of proposal the worst of each reward, then
 * accounts that are overdrawn; how many there are, `max` of them written.
 */
size_t book_alarms(const struct book *book, int64_t now_ms, struct book_alarm *out, size_t max);

/* "review", "unknown_page", ... */
const char *book_alarm_name(enum book_alarm_kind kind);

/* Working days in China, by the policy's table, that have begun after one time and up to another. */
unsigned book_working_days(const struct policy *policy, int64_t from_ms, int64_t to_ms);

#endif
