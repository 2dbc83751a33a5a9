/*
 * The past weeks whose keys are to go, and how far each is. Pure.
 *
 * In:  which weeks have a key, how many tips lie under each as a look over the
 *      whole store found, whether something could not be seen.
 * Out: which week's tips are moved to the present week, which key is destroyed.
 *
 * A key goes only when two looks that are `sure_ms` apart found nothing under
 * it and nothing out of sight in between: what somebody read of a tip before it
 * was moved may be written back behind the first look, and is seen by the second.
 */
#ifndef TIPLINE_CORE_OLD_WEEKS_H
#define TIPLINE_CORE_OLD_WEEKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OLD_WEEKS_MAX 256

struct old_weeks_rules {
	unsigned after_weeks;    /* older ones are old; 0: none ever is */
	uint64_t max_tips;       /* of a week with more none is moved */
};

struct old_week {
	unsigned week;
	uint64_t tips;           /* under it, in this look */
	uint64_t empty_ms;       /* steady time of the first of the looks that found none; 0: the last one found some */
};

struct old_weeks {
	struct old_week at[OLD_WEEKS_MAX];   /* ascending */
	size_t n;
};

/* The old ones among the weeks `here` (ascending), the oldest first; what is known of those that stay is kept. */
void old_weeks_choose(struct old_weeks *weeks, const struct old_weeks_rules *rules, const unsigned *here, size_t n, unsigned present);

/* Before a look, and for each tip of it. */
void old_weeks_clear(struct old_weeks *weeks);
void old_weeks_count(struct old_weeks *weeks, unsigned week);

/* After it. `blind`: there are tips of which nobody knows where they lie. */
void old_weeks_judge(struct old_weeks *weeks, bool blind, uint64_t steady_ms);

/* The tips of that week are moved. */
bool old_weeks_moves(const struct old_weeks *weeks, const struct old_weeks_rules *rules, unsigned week);

/* A week whose key is destroyed now; 0: none. */
unsigned old_weeks_doomed(const struct old_weeks *weeks, uint64_t steady_ms, uint64_t sure_ms);

uint64_t old_weeks_tips(const struct old_weeks *weeks);

#endif
