/*
 * Requests about tips that have ended as commands: part of calls.c. Which keys
 * and arguments a function takes stands at the head of functions/tip_erase.lua.
 */
#include "daemon/base/civil_time.h"
#include "daemon/core/retention.h"
#include "daemon/store/command.h"

#include <assert.h>

#define MONTH_CHARS 7   /* "2026-11" */

void command_end(struct command *command, const struct store_end *end)
{
	if (span_empty(end->outcome))
		command_text(command, "");
	else if (end->at_ms == CLOCK_NOW)
		command_text(command, arena_printf(command->arena, "now %.*s %u", (int)end->outcome.len, end->outcome.at, end->erased));
	else
		command_text(command, arena_printf(command->arena, "%lld %.*s %u", (long long)end->at_ms, (int)end->outcome.len,
						   end->outcome.at, end->erased));
}

void command_hold(struct command *command, const struct store_hold *hold)
{
	struct span asked = span_empty(hold->asked) ? SPAN("-") : hold->asked;

	if (span_empty(hold->by))
		command_text(command, "");
	else
		command_text(command, arena_printf(command->arena, "%.*s %.*s", (int)hold->by.len, hold->by.at, (int)asked.len,
						   asked.at));
}

void command_ended(const struct store_request *request, struct command *command)
{
	struct span shard = span_from(request->shard, 2);

	command_begin(command, "tip_ended");
	command_shard_key(command, shard, KEY_ENDED);
	command_word(command, key_prefix_of_tips(command->arena, shard, KEY_STATE));
	command_keys_end(command);
	command_number(command, request->from);
	command_text(command, request->id.text);
	command_number(command, request->max);
	command_number(command, request->until_ms > 0 ? (uint64_t)request->until_ms : 0);
}

static void erase_keys(struct command *command, const struct store_request *request)
{
	static const enum tip_key tip_keys[] = { KEY_STATE, KEY_TIP, KEY_MESSAGES, KEY_IDENTITY, KEY_FILES, KEY_CHILDREN };
	static const enum shard_key shard_keys[] = { KEY_JOURNAL, KEY_ENDED, KEY_CLOCKS, KEY_ASKED, KEY_ERASED, KEY_DOOMED };
	const struct tip_id *id = &request->erasure->id;

	for (size_t i = 0; i < sizeof(tip_keys) / sizeof(tip_keys[0]); i++)
		command_tip_key(command, id, tip_keys[i]);
	for (size_t i = 0; i < sizeof(shard_keys) / sizeof(shard_keys[0]); i++)
		command_shard_key(command, tip_id_shard(id), shard_keys[i]);
	command_word(command, key_of_job(command->arena, tip_id_shard(id), request->job));
	command_keys_end(command);
}

static const char *part_letters(unsigned parts, struct arena *arena)
{
	return arena_printf(arena, "%s%s%s%s", (parts & RETENTION_BIT(RETENTION_IDENTITY)) != 0 ? "i" : "",
			    (parts & RETENTION_BIT(RETENTION_FILES)) != 0 ? "f" : "",
			    (parts & RETENTION_BIT(RETENTION_TEXT)) != 0 ? "t" : "",
			    (parts & RETENTION_BIT(RETENTION_ROW)) != 0 ? "r" : "");
}

void command_erase(const struct store_request *request, struct command *command)
{
	const struct store_erasure *what = request->erasure;
	char day[CIVIL_DATE_MAX];

	assert(what->state < TIP_STATES && what->parts != 0 && what->end.outcome.len > 0 && what->due_ms >= 0);
	civil_write_date(what->at_ms, 0, day);
	command_begin(command, "tip_erase");
	erase_keys(command, request);
	command_text(command, what->id.text);
	command_number(command, what->expect_rev);
	command_word(command, what->event);
	command_number(command, request->fence);
	command_text(command, part_letters(what->parts, command->arena));
	command_text(command, tip_state_name(what->state));
	command_end(command, &what->end);
	command_number(command, (uint64_t)what->due_ms);
	command_text(command, arena_printf(command->arena, "%.*s %s %.*s", MONTH_CHARS, day, what->region,
					   (int)what->end.outcome.len, what->end.outcome.at));
}

void command_doomed(const struct store_request *request, struct command *command)
{
	command_begin(command, "files_doomed");
	command_shard_key(command, span_from(request->shard, 2), KEY_DOOMED);
	command_keys_end(command);
	command_number(command, request->max);
}

void command_doomed_end(const struct store_request *request, struct command *command)
{
	command_text(command, "HDEL");
	command_shard_key(command, tip_id_shard(&request->id), KEY_DOOMED);
	command_text(command, request->id.text);
}

void command_erased(const struct store_request *request, struct command *command)
{
	command_text(command, "HGETALL");
	command_shard_key(command, span_from(request->shard, 2), KEY_ERASED);
}
