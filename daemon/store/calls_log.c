/*
 * Requests about the sealed log and the audit trail as commands: part of
 * calls.c. Which keys and arguments a function takes stands at the head of its
 * file in functions/.
 */
#include "daemon/base/hex.h"
#include "daemon/store/command.h"
#include "daemon/store/keys.h"

#include <assert.h>

static void log_keys(const struct store_request *request, struct command *command)
{
	struct span shard = span_from(request->shard, 2);

	command_shard_key(command, shard, KEY_LOG);
	command_shard_key(command, shard, KEY_JOURNAL);
	if (request->op == STORE_LOG_SEAL)
		command_word(command, key_of_job(command->arena, shard, request->job));
	command_keys_end(command);
}

void command_log_seal(const struct store_request *request, struct command *command)
{
	const struct store_batch *batch = request->batch;

	assert(batch->at_ms >= 0 && batch->note.len > 0 && batch->note.len <= STORE_NOTE_MAX);
	command_begin(command, "log_seal");
	log_keys(request, command);
	command_number(command, batch->number);
	command_number(command, batch->before);
	command_number(command, batch->size);
	command_number(command, batch->journal);
	command_number(command, (uint64_t)batch->at_ms);
	command_text(command, hex_text(command->arena, batch->root, STORE_HASH_BYTES));
	command_word(command, batch->note);
	command_number(command, request->fence);
}

void command_log_read(const struct store_request *request, struct command *command)
{
	assert(request->max > 0 && request->max <= STORE_LOG_READ_MAX);
	command_begin(command, "log_read");
	log_keys(request, command);
	command_number(command, request->from);
	command_number(command, request->max);
}

void command_audit(const struct store_request *request, struct command *command)
{
	assert(request->nmessages > 0 && request->nmessages <= STORE_AUDIT_MAX);
	command_begin(command, "audit_append");
	command_shard_key(command, SPAN(STORE_AUDIT_SHARD), KEY_JOURNAL);
	command_keys_end(command);
	for (size_t i = 0; i < request->nmessages; i++)
		command_word(command, request->messages[i]);
}
