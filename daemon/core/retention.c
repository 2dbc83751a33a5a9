/*
 * What is to be deleted, and when; see retention.h.
 */
#include "daemon/core/retention.h"

#include "daemon/base/table.h"

#define DAY_MS INT64_C(86400000)

static const char *const part_words[RETENTION_PARTS] = {
	[RETENTION_IDENTITY] = "identity",
	[RETENTION_FILES] = "files",
	[RETENTION_TEXT] = "text",
	[RETENTION_ROW] = "row",
};

static const char *const outcome_words[RETENTION_OUTCOMES] = {
	[RETENTION_VERIFIED] = "verified",         [RETENTION_UNFOUNDED] = "unfounded",
	[RETENTION_DUPLICATE] = "duplicate",       [RETENTION_INSUFFICIENT] = "insufficient",
	[RETENTION_REFERRED] = "referred",         [RETENTION_PRANK] = "prank",
	[RETENTION_TRANSFERRED] = "transferred",
};

const char *retention_part_word(enum retention_part part)
{
	return part < RETENTION_PARTS ? part_words[part] : NULL;
}

const char *retention_outcome_word(enum retention_outcome outcome)
{
	return outcome < RETENTION_OUTCOMES ? outcome_words[outcome] : NULL;
}

bool retention_part_parse(struct span word, enum retention_part *part)
{
	for (size_t i = 0; i < RETENTION_PARTS; i++) {
		if (span_is(word, part_words[i])) {
			*part = (enum retention_part)i;
			return true;
		}
	}
	return false;
}

bool retention_outcome_parse(struct span word, enum retention_outcome *outcome)
{
	for (size_t i = 0; i < RETENTION_OUTCOMES; i++) {
		if (span_is(word, outcome_words[i])) {
			*outcome = (enum retention_outcome)i;
			return true;
		}
	}
	return false;
}

struct span retention_parts_write(unsigned parts, char text[RETENTION_PARTS_TEXT])
{
	size_t n = 0;

	for (size_t part = 0; part < RETENTION_PARTS; part++) {
		size_t len = strlen(part_words[part]);

		if ((parts & RETENTION_BIT(part)) == 0)
			continue;
		if (n > 0)
			text[n++] = ',';
		memcpy(text + n, part_words[part], len);
		n += len;
	}
	return span_from(text, n);
}

static bool outlasts(int days, int others)
{
	return others != RETENTION_NEVER && (days == RETENTION_NEVER || days > others);
}

const char *retention_rule_check(enum retention_outcome outcome, const int days[RETENTION_PARTS])
{
	for (size_t part = 0; part < RETENTION_ROW; part++)
		if (outlasts(days[part], days[RETENTION_ROW]))
			return "no part stays longer than row";
	if (days[RETENTION_ROW] == 0)
		return "row stays for one day at least";
	if (outcome == RETENTION_TRANSFERRED &&
	    (days[RETENTION_ROW] != RETENTION_NEVER || days[RETENTION_FILES] != RETENTION_NEVER))
		return "files and row of a tip that was transferred are needed where it is: write never";
	if (outcome != RETENTION_TRANSFERRED && outlasts(days[RETENTION_FILES], days[RETENTION_TEXT]))
		return "files stay no longer than text, with which their key lies";
	return NULL;
}

struct retention_plan retention_plan(const struct retention_rules *rules, const struct retention_case *tip, int64_t now_ms)
{
	struct retention_plan plan = { .due = 0 };

	if (tip->held || tip->unpaid)
		return plan;
	for (size_t part = 0; part < RETENTION_PARTS; part++) {
		int days = rules->days[tip->outcome][part];
		int64_t at_ms = tip->ended_ms + days * DAY_MS;

		if (days == RETENTION_NEVER || (tip->erased & RETENTION_BIT(part)) != 0)
			continue;
		if (at_ms <= now_ms)
			plan.due |= RETENTION_BIT(part);
		else if (plan.next_ms == 0 || at_ms < plan.next_ms)
			plan.next_ms = at_ms;
	}
	return plan;
}

/* Ahead of what is trusted: how much of it is believed by now. */
static void trust_jump(struct retention_clock *clock, int64_t wall_ms, uint64_t steady_ms, int64_t settle_ms)
{
	if (clock->jumped_ms == 0)
		clock->jumped_ms = steady_ms;
	if (clock->steady_ms > 0)
		clock->trusted_ms += (int64_t)(steady_ms - clock->steady_ms);
	if (steady_ms - clock->jumped_ms >= (uint64_t)settle_ms)
		clock->trusted_ms = wall_ms;
}

int64_t retention_clock_turn(struct retention_clock *clock, int64_t wall_ms, uint64_t steady_ms, int64_t settle_ms)
{
	if (clock->trusted_ms > 0 && wall_ms - clock->trusted_ms > settle_ms)
		trust_jump(clock, wall_ms, steady_ms, settle_ms);
	else
		clock->trusted_ms = wall_ms;
	if (clock->trusted_ms >= wall_ms - settle_ms)
		clock->jumped_ms = 0;
	clock->steady_ms = steady_ms;
	return clock->trusted_ms;
}
