/*
 * Requests about clocks and levels as commands: part of calls.c. Which keys and
 * arguments a function takes stands at the head of its file in functions/.
 */
#include "daemon/store/command.h"
#include "daemon/store/keys.h"

#include <assert.h>

void command_clock(struct command *command, struct clock_face face)
{
	char text[CLOCK_TEXT_BYTES];

	command_word(command, arena_dup(command->arena, clock_write(face, text)));
}

void command_review(struct command *command, unsigned reopens, struct span closer)
{
	if (reopens == 0 && span_empty(closer)) {
		command_text(command, "");
		return;
	}
	command_text(command, arena_printf(command->arena, "%u %.*s", reopens, (int)closer.len,
					   closer.len > 0 ? closer.at : ""));
}

void command_limits(struct command *command, const struct clock_limits *limits)
{
	static const enum clock_wait order[CLOCK_WAITS] = { WAIT_UNOPENED, WAIT_STALLED, WAIT_UNANSWERED };

	for (size_t i = 0; i < CLOCK_WAITS; i++)
		for (size_t band = 0; band < CLOCK_BANDS; band++)
			command_number(command, (uint64_t)limits->ms[order[i]][band]);
}

void command_overdue(const struct store_request *request, struct command *command)
{
	struct span shard = span_from(request->shard, 2);

	command_begin(command, "tip_overdue");
	command_shard_key(command, shard, KEY_CLOCKS);
	command_shard_key(command, shard, KEY_ASKED);
	command_word(command, key_prefix_of_tips(command->arena, shard, KEY_STATE));
	command_keys_end(command);
	command_number(command, request->max);
	command_limits(command, request->limits);
}

static void escalate_keys(struct command *command, const struct store_request *request)
{
	const struct store_escalation *what = request->escalation;
	struct span shard = tip_id_shard(&what->id);

	command_tip_key(command, &what->id, KEY_STATE);
	command_shard_key(command, shard, KEY_JOURNAL);
	command_word(command, key_prefix_of_queues(command->arena, shard));
	command_shard_key(command, shard, KEY_QUEUES);
	command_shard_key(command, shard, KEY_LEASES);
	command_shard_key(command, shard, KEY_HELD);
	command_shard_key(command, shard, KEY_HOLDERS);
	command_shard_key(command, shard, KEY_CLOCKS);
	command_shard_key(command, shard, KEY_ASKED);
	command_shard_key(command, shard, KEY_ESCALATED);
	command_word(command, key_of_job(command->arena, shard, request->job));
	command_shard_key(command, shard, KEY_ENDED);
	command_keys_end(command);
}

void command_escalate(const struct store_request *request, struct command *command)
{
	const struct store_escalation *what = request->escalation;

	assert(what->state < TIP_STATES && what->limit_ms > 0 && what->since_ms >= 0);
	command_begin(command, "tip_escalate");
	escalate_keys(command, request);
	command_text(command, what->id.text);
	command_number(command, what->expect_rev);
	command_word(command, what->event);
	command_number(command, request->fence);
	command_text(command, tip_state_name(what->state));
	command_text(command, what->region);
	command_number(command, what->points);
	command_number(command, priority_of(what->points));
	command_clock(command, what->clock);
	command_number(command, (uint64_t)what->since_ms);
	command_number(command, (uint64_t)what->limit_ms);
	command_number(command, what->raise.times);
	command_text(command, what->raise.home);
	command_text(command, clock_wait_name(what->why));
	command_review(command, what->reopens, what->closer);
}

struct span command_region_digits(const char region[7])
{
	size_t n = 6;

	while (n > 0 && region[n - 1] == '0' && region[n - 2] == '0')
		n -= 2;
	return span_from(region, n);
}

void command_escalated(const struct store_request *request, struct command *command)
{
	struct span shard = span_from(request->shard, 2);

	command_begin(command, "tip_escalated");
	command_shard_key(command, shard, KEY_ESCALATED);
	command_word(command, key_prefix_of_tips(command->arena, shard, KEY_STATE));
	command_word(command, key_prefix_of_tips(command->arena, shard, KEY_TIP));
	command_keys_end(command);
	command_word(command, command_region_digits(request->region));
	command_number(command, request->max);
}

void command_holders(const struct store_request *request, struct command *command)
{
	command_begin(command, "tip_holders");
	command_shard_key(command, span_from(request->shard, 2), KEY_HOLDERS);
	command_keys_end(command);
	command_number(command, request->max);
}
