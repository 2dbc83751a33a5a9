/*
 * Past weeks; see old_weeks.h.
 */
#include "daemon/core/old_weeks.h"

/* Its place; weeks->n: it is not among them. */
static size_t place_of(const struct old_weeks *weeks, unsigned week)
{
	size_t i = 0;

	while (i < weeks->n && weeks->at[i].week != week)
		i++;
	return i;
}

void old_weeks_choose(struct old_weeks *weeks, const struct old_weeks_rules *rules, const unsigned *here, size_t n, unsigned present)
{
	struct old_weeks chosen = { .n = 0 };

	for (size_t i = 0; i < n && chosen.n < OLD_WEEKS_MAX; i++) {
		size_t known = place_of(weeks, here[i]);

		if (rules->after_weeks == 0 || here[i] + rules->after_weeks >= present)
			continue;
		chosen.at[chosen.n++] = known < weeks->n ? weeks->at[known] : (struct old_week){ .week = here[i] };
	}
	*weeks = chosen;
}

void old_weeks_clear(struct old_weeks *weeks)
{
	for (size_t i = 0; i < weeks->n; i++)
		weeks->at[i].tips = 0;
}

void old_weeks_count(struct old_weeks *weeks, unsigned week)
{
	size_t i = place_of(weeks, week);

	if (i < weeks->n)
		weeks->at[i].tips++;
}

void old_weeks_judge(struct old_weeks *weeks, bool blind, uint64_t steady_ms)
{
	for (size_t i = 0; i < weeks->n; i++) {
		struct old_week *old = &weeks->at[i];

		if (blind || old->tips > 0)
			old->empty_ms = 0;
		else if (old->empty_ms == 0)
			old->empty_ms = steady_ms;
	}
}

bool old_weeks_moves(const struct old_weeks *weeks, const struct old_weeks_rules *rules, unsigned week)
{
	size_t i = place_of(weeks, week);

	return i < weeks->n && weeks->at[i].tips > 0 && weeks->at[i].tips <= rules->max_tips;
}

unsigned old_weeks_doomed(const struct old_weeks *weeks, uint64_t steady_ms, uint64_t sure_ms)
{
	for (size_t i = 0; i < weeks->n; i++)
		if (weeks->at[i].empty_ms > 0 && steady_ms - weeks->at[i].empty_ms >= sure_ms)
			return weeks->at[i].week;
	return 0;
}

uint64_t old_weeks_tips(const struct old_weeks *weeks)
{
	uint64_t tips = 0;

	for (size_t i = 0; i < weeks->n; i++)
		tips += weeks->at[i].tips;
	return tips;
}
