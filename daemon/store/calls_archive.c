/*
 * Requests about the archive as commands: part of calls.c. Which keys and
 * arguments a function takes stands at its head in functions/trim.lua.
 */
#include "daemon/store/command.h"

#include <assert.h>

void command_archived(const struct store_request *request, struct command *command)
{
	struct span shard = span_from(request->shard, 2);

	assert(request->max > 0 && request->max <= STORE_SEGMENTS_MAX);
	command_begin(command, "journal_archived");
	command_shard_key(command, shard, KEY_JOURNAL);
	command_shard_key(command, shard, KEY_ARCHIVE);
	command_shard_key(command, shard, KEY_LOG);
	command_keys_end(command);
	command_number(command, request->from);
	command_number(command, request->max);
}

void command_journal_trim(const struct store_request *request, struct command *command)
{
	const struct store_segment *segment = request->segment;
	struct span shard = span_from(request->shard, 2);

	assert(segment->first > 0 && segment->first <= segment->last && request->max > 0);
	command_begin(command, "journal_trim");
	command_shard_key(command, shard, KEY_JOURNAL);
	command_word(command, key_of_job(command->arena, shard, request->job));
	command_shard_key(command, shard, KEY_ARCHIVE);
	command_shard_key(command, shard, KEY_LOG);
	command_keys_end(command);
	command_number(command, request->fence);
	command_number(command, segment->first);
	command_number(command, segment->last);
	command_word(command, span_from(segment->digest, sizeof(segment->digest)));
	command_number(command, request->max);
}
