/*
 * What the fold says of clocks and levels, as the store keeps it.
 */
#include "daemon/cli/tipctl_replay.h"
#include "daemon/store/calls.h"

struct span replay_clock(const struct fold_tip *tip, struct arena *arena)
{
	const struct clock_face *face = &tip->clock;
	char text[CLOCK_TEXT_BYTES];

	if (face->hand == CLOCK_UNOPENED && face->since_ms == tip->received_ms && face->asked_ms == 0)
		return (struct span){ 0 };
	return arena_dup(arena, clock_write(*face, text));
}

struct span replay_raise(const struct fold_tip *tip, struct arena *arena)
{
	const struct fold_raise *raise = &tip->raise;

	if (raise->times == 0)
		return (struct span){ 0 };
	return span_of(arena_printf(arena, "%u %lld %s %s %lld", raise->times, (long long)raise->at_ms, raise->home,
				    clock_wait_name(raise->why), (long long)raise->waited_ms));
}

struct span replay_review(const struct fold *fold, const struct fold_tip *tip, struct arena *arena)
{
	struct span closer = fold_holder(fold, tip->closer);

	if (tip->reopens == 0 && closer.len == 0)
		return (struct span){ 0 };
	return span_of(arena_printf(arena, "%u %.*s", tip->reopens, (int)closer.len, closer.len > 0 ? closer.at : ""));
}

static bool has_clock(const struct fold_tip *tip)
{
	return tip->state != TIP_TRANSFERRED && strcmp(tip->region, "000000") != 0;
}

uint64_t replay_clock_rank(const struct fold_tip *tip)
{
	if (!has_clock(tip) || tip->clock.hand == CLOCK_STOPPED)
		return 0;
	return store_clock_rank(tip->clock.hand != CLOCK_UNOPENED, priority_of(tip->points), tip->clock.since_ms);
}

uint64_t replay_asked_rank(const struct fold_tip *tip)
{
	if (!has_clock(tip) || tip->clock.asked_ms == 0)
		return 0;
	return store_clock_rank(false, priority_of(tip->points), tip->clock.asked_ms);
}

struct span replay_escalated(const struct fold_tip *tip, struct arena *arena)
{
	if (tip->raise.times == 0 || !tip_state_open(tip->state))
		return (struct span){ 0 };
	return span_of(arena_printf(arena, "%s %s", tip->raise.home, tip->id.text));
}

struct span replay_end(const struct fold_tip *tip, struct arena *arena)
{
	if (tip->end.outcome[0] == '\0')
		return (struct span){ 0 };
	return span_of(arena_printf(arena, "%lld %s %u", (long long)tip->end.at_ms, tip->end.outcome, tip->end.erased));
}

struct span replay_hold(const struct fold *fold, const struct fold_tip *tip, struct arena *arena)
{
	struct span by = fold_holder(fold, tip->hold), asked = tip->lifter > 0 ? fold_holder(fold, tip->lifter) : SPAN("-");

	if (tip->hold == 0)
		return (struct span){ 0 };
	return span_of(arena_printf(arena, "%.*s %.*s", (int)by.len, by.at, (int)asked.len, asked.at));
}
