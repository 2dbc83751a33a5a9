/*
 * Which region a record belongs to that posts nothing and is about no reward: by its subject.
 *
 *   150600/anti-trafficking/2026   a ledger, its bureau; also L15:150600/anti-trafficking/2026:3, an entry of it
 *   S19, S19:2, B21                a statement, its line, a break: as the record of that number
 *   bank:main/2026-11-20           a file that was refused: as the one that was taken for that day, if any
 *
 * All else (rails, policies, staff) belongs to everybody.
 */
#include "daemon/money/audit_log_state.h"

#define BUREAU_DIGITS 6

/* The ledger that an entry names, or the subject itself. */
static struct span ledger_of(struct span subject)
{
	struct span rest = subject, name;

	if (span_starts(subject, SPAN("L")) && span_cut(&rest, ':', &name) && span_digits(span_from_offset(name, 1)))
		return rest;
	return subject;
}

static uint32_t bureau_of(struct audit_log *log, struct span ledger)
{
	struct span bureau = span_from(ledger.at, span_find(ledger, SPAN("/")));

	if (bureau.len != BUREAU_DIGITS || bureau.len == ledger.len || !span_digits(bureau))
		return 0;
	return audit_log_keep(log, bureau);
}

/* Of the record whose number stands behind the letter. */
static uint32_t region_of_record(const struct audit_log *log, struct span subject)
{
	struct span number = span_from_offset(subject, 1);
	uint64_t seq;

	number = span_from(number.at, span_find(number, SPAN(":")));
	if (!span_digits(number) || !span_u64(number, &seq) || seq == 0 || seq > log->nrows)
		return 0;
	return log->rows[seq - 1].region;
}

static uint32_t region_of_day(const struct audit_log *log, struct span subject)
{
	unsigned char mark[MARK_BYTES];
	uint64_t region = 0;

	name_mark("day", subject, mark);
	return mark_map_get(&log->by_day, mark, &region) ? (uint32_t)region : 0;
}

void audit_log_day(struct audit_log *log, struct span account, struct span date, uint32_t region)
{
	unsigned char mark[MARK_BYTES];
	struct arena arena = { 0 };

	name_mark("day", span_of(arena_printf(&arena, "%.*s/%.*s", (int)account.len, account.at, (int)date.len, date.at)), mark);
	mark_map_set(&log->by_day, mark, region);
	log->ndays++;
	arena_release(&arena);
}

uint32_t audit_log_region(struct audit_log *log, struct span subject)
{
	uint32_t region = bureau_of(log, ledger_of(subject));

	if (region == 0 && subject.len > 1 && (subject.at[0] == 'S' || subject.at[0] == 'B'))
		region = region_of_record(log, subject);
	return region != 0 ? region : region_of_day(log, subject);
}
